"""A real portfolio in: from a file as people have it to projects, dated statuses and figures.

The order of use::

    plan = plan_import(file=path, portfolio_key="GMPP", by=user)   # reads and compares, writes nothing
    plan.result()                                                  # counts, questions, rejections
    change_set = apply_import(plan=plan, by=user)                  # everything or nothing; undo by core.changesets.undo

``fields`` is the catalogue of what a column can become, ``mapping`` decides for each column, ``records`` reads the rows,
``recognition`` finds the projects that they mean, ``changes`` compares, ``writing`` writes, ``runs`` holds it together.
"""

from stellwerk.portfolio.importing.options import Options, Wishes, read_wishes
from stellwerk.portfolio.importing.plan import Plan
from stellwerk.portfolio.importing.runs import NothingTaken, apply_import, plan_import, portfolio_for
from stellwerk.portfolio.importing.writing import StalePlan

__all__ = [
    "NothingTaken",
    "Options",
    "Plan",
    "StalePlan",
    "Wishes",
    "apply_import",
    "plan_import",
    "portfolio_for",
    "read_wishes",
]
