"""Demand, allocation, time sheets, levelling runs."""

from stellwerk.resources.models.agency import AgencyAssignment
from stellwerk.resources.models.allocations import Allocation, AllocationWeek
from stellwerk.resources.models.demands import Demand, DemandSkill, DemandWeek
from stellwerk.resources.models.levelling import LevellingMove, LevellingRun
from stellwerk.resources.models.timesheets import HoursAgreement, HoursMonth, TimeEntry, TimeSheet

__all__ = [
    "AgencyAssignment",
    "Allocation",
    "AllocationWeek",
    "Demand",
    "DemandSkill",
    "DemandWeek",
    "HoursAgreement",
    "HoursMonth",
    "LevellingMove",
    "LevellingRun",
    "TimeEntry",
    "TimeSheet",
]
