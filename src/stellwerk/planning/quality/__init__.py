"""The quality of a schedule: the 14 points of the DCMA assessment and more, as pure functions.

Exact definitions with a worked example: ``docs/algorithms/schedule-quality.md``. The order of use::

    plan = plan_of(read_schedule(path, strict=False))
    results = assess(plan, plan.computed())
"""

from stellwerk.planning.quality.case import Case, Item, Limits, Measure
from stellwerk.planning.quality.rules import RULES, Result, Rule, assess

__all__ = ["RULES", "Case", "Item", "Limits", "Measure", "Result", "Rule", "assess"]
