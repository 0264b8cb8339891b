"""Tables of the planning room."""

from stellwerk.planning.models.baselines import Baseline, BaselineRow, MilestoneForecast
from stellwerk.planning.models.calendars import CalendarException, WorkingCalendar
from stellwerk.planning.models.plans import (
    Activity,
    Assignment,
    Link,
    Plan,
    PlanResource,
)

__all__ = [
    "Activity",
    "Assignment",
    "Baseline",
    "BaselineRow",
    "CalendarException",
    "Link",
    "MilestoneForecast",
    "Plan",
    "PlanResource",
    "WorkingCalendar",
]
