"""Investment appraisal: NPV, all IRRs, payback, BCR, sensitivities, options, follow-up, WiBe (worked numbers: ``docs/algorithms/investment.md``).

Amounts are whole minor units of one currency by year (year 0 is not discounted), rates exact ratios; what is undefined is None and has a :class:`Reason`.
"""

from stellwerk.engine.investment.case import (
    RATE,
    Bar,
    Case,
    Comparison,
    Effect,
    FollowUp,
    Kind,
    Line,
    Option,
    compare,
    delayed,
    follow_up,
    tornado,
    total,
    with_actuals,
)
from stellwerk.engine.investment.figures import Appraisal, Flows, annuity, dated_npv, discounted, npv, payback
from stellwerk.engine.investment.rates import Irr, Reason, irr, sign_changes
from stellwerk.engine.investment.wibe import Verdict, Wibe, wibe

__all__ = [
    "RATE", "Appraisal", "Bar", "Case", "Comparison", "Effect", "Flows", "FollowUp", "Irr", "Kind", "Line", "Option", "Reason", "Verdict",
    "Wibe", "annuity", "compare", "dated_npv", "delayed", "discounted", "follow_up", "irr", "npv", "payback", "sign_changes", "tornado",
    "total", "wibe", "with_actuals",
]  # fmt: skip
