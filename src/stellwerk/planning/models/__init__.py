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
from stellwerk.planning.models.quality import PlanCheck

__all__ = [
    "Activity",
    "Assignment",
    "Baseline",
    "BaselineRow",
    "CalendarException",
    "Link",
    "MilestoneForecast",
    "Plan",
    "PlanCheck",
    "PlanResource",
    "WorkingCalendar",
]
