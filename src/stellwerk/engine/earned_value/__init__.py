"""Earned value, earned schedule, phasing, curves and forecasts (worked numbers: ``docs/algorithms/earned-value.md``).

Amounts are whole minor units of one currency, ratios exact fractions; what is undefined is None and has a :class:`Reason`. To show a figure:
``minor`` and ``decimal`` of :mod:`stellwerk.engine.money`. ``many`` holds the same for many projects in NumPy.
"""

from stellwerk.engine.earned_value.curves import Entry, IndexTrend, Move, SCurve, cumulative, index_trend, s_curve
from stellwerk.engine.earned_value.forecast import (
    Bridge,
    BridgeStep,
    RollingForecast,
    bridge,
    bridge_of_parts,
    forecast_to_total,
    rolling_forecast,
)
from stellwerk.engine.earned_value.measures import Forecast, Measures, Reason, RollUp, Variant, roll_up
from stellwerk.engine.earned_value.methods import DEFAULT_CAP, EFFORT_LIMIT, Earned, Method, Step, WorkPackage, earned
from stellwerk.engine.earned_value.phasing import Profile, by_month, phase, phase_days, stretched, weights_of
from stellwerk.engine.earned_value.schedule import (
    DatedPlan,
    DatedSchedule,
    EarnedSchedule,
    dated_schedule,
    sum_curves,
    sum_plans,
)

__all__ = [
    "DEFAULT_CAP", "EFFORT_LIMIT", "Bridge", "BridgeStep", "DatedPlan", "DatedSchedule", "Earned", "EarnedSchedule", "Entry", "Forecast",
    "IndexTrend", "Measures", "Method", "Move", "Profile", "Reason", "RollUp", "RollingForecast", "SCurve", "Step", "Variant", "WorkPackage",
    "bridge", "bridge_of_parts", "by_month", "cumulative", "dated_schedule", "earned", "forecast_to_total", "index_trend", "phase", "phase_days",
    "roll_up", "rolling_forecast", "s_curve", "stretched", "sum_curves", "sum_plans", "weights_of",
]  # fmt: skip
