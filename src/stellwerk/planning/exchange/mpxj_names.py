"""How MPXJ calls what the document calls otherwise, and which of its methods gives which field; imports nothing."""

from __future__ import annotations

UNITS = {"MINUTES": "m", "HOURS": "h", "DAYS": "d", "WEEKS": "w", "MONTHS": "mo", "YEARS": "y"}
CONSTRAINTS = {
    "AS_SOON_AS_POSSIBLE": "asap",
    "AS_LATE_AS_POSSIBLE": "alap",
    "MUST_START_ON": "must_start_on",
    "MUST_FINISH_ON": "must_finish_on",
    "START_NO_EARLIER_THAN": "start_no_earlier",
    "START_NO_LATER_THAN": "start_no_later",
    "FINISH_NO_EARLIER_THAN": "finish_no_earlier",
    "FINISH_NO_LATER_THAN": "finish_no_later",
    "START_ON": "start_on",
    "FINISH_ON": "finish_on",
}
KINDS = {
    "RESOURCE_DEPENDENT": "resource",
    "LEVEL_OF_EFFORT": "level_of_effort",
    "HAMMOCK": "level_of_effort",
    "START_MILESTONE": "start_milestone",
    "START_FLAG": "start_milestone",
    "FINISH_MILESTONE": "finish_milestone",
    "FINISH_FLAG": "finish_milestone",
    "WBS_SUMMARY": "wbs_summary",
}
LINKS = {"FINISH_START": "FS", "START_START": "SS", "FINISH_FINISH": "FF", "START_FINISH": "SF"}
CUSTOM = ("TEXT", "NUMBER", "COST", "DATE", "DURATION", "FLAG", "START", "FINISH", "OUTLINE_CODE", "ENTERPRISE_")
CONTOURS = {
    "FLAT": 0,
    "BACK_LOADED": 1,
    "FRONT_LOADED": 2,
    "DOUBLE_PEAK": 3,
    "EARLY_PEAK": 4,
    "LATE_PEAK": 5,
    "BELL": 6,
    "TURTLE": 7,
    "CONTOURED": 8,
}
MPX_LANGUAGES = ("en", "de", "fr", "it", "es", "pt", "sv", "ru", "zh")
HONOURING = {"MPP", "MSPDI"}
"""Formats with the option that dates win over links; MPXJ answers for the others too."""
TASK_GETTERS = {
    "start": ("getStart", "text"),
    "finish": ("getFinish", "text"),
    "planned_start": ("getPlannedStart", "text"),
    "planned_finish": ("getPlannedFinish", "text"),
    "planned_duration": ("getPlannedDuration", "duration"),
    "early_start": ("getEarlyStart", "text"),
    "early_finish": ("getEarlyFinish", "text"),
    "late_start": ("getLateStart", "text"),
    "late_finish": ("getLateFinish", "text"),
    "constraint_date": ("getConstraintDate", "text"),
    "constraint2_date": ("getSecondaryConstraintDate", "text"),
    "deadline": ("getDeadline", "text"),
    "percent_complete": ("getPercentageComplete", "number"),
    "percent_work": ("getPercentageWorkComplete", "number"),
    "percent_physical": ("getPhysicalPercentComplete", "number"),
    "actual_start": ("getActualStart", "text"),
    "actual_finish": ("getActualFinish", "text"),
    "actual_duration": ("getActualDuration", "duration"),
    "remaining_duration": ("getRemainingDuration", "duration"),
    "stop": ("getStop", "text"),
    "resume": ("getResume", "text"),
    "work": ("getWork", "hours"),
    "actual_work": ("getActualWork", "hours"),
    "remaining_work": ("getRemainingWork", "hours"),
    "cost": ("getCost", "number"),
    "actual_cost": ("getActualCost", "number"),
    "remaining_cost": ("getRemainingCost", "number"),
    "fixed_cost": ("getFixedCost", "number"),
}
RESOURCE_GETTERS = {
    "per_use": ("getCostPerUse", "number"),
    "work": ("getWork", "hours"),
    "actual_work": ("getActualWork", "hours"),
    "remaining_work": ("getRemainingWork", "hours"),
    "cost": ("getCost", "number"),
    "actual_cost": ("getActualCost", "number"),
    "remaining_cost": ("getRemainingCost", "number"),
}
ASSIGNMENT_GETTERS = {
    "start": ("getStart", "text"),
    "finish": ("getFinish", "text"),
    "actual_start": ("getActualStart", "text"),
    "actual_finish": ("getActualFinish", "text"),
    "percent_work": ("getPercentageWorkComplete", "number"),
    "work": ("getWork", "hours"),
    "actual_work": ("getActualWork", "hours"),
    "remaining_work": ("getRemainingWork", "hours"),
    "cost": ("getCost", "number"),
    "actual_cost": ("getActualCost", "number"),
    "remaining_cost": ("getRemainingCost", "number"),
    "delay": ("getDelay", "duration"),
    "rate_table": ("getCostRateTableIndex", "number"),
}
