"""Microsoft Project XML as data: which element is which field, its code, and the order that the schema demands."""

from __future__ import annotations

from typing import Final, NamedTuple

from stellwerk.planning.exchange.document import Constraint, LinkType, ResourceType, TaskType, Unit

NAMESPACE: Final = "http://schemas.microsoft.com/project"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Field(NamedTuple):
    """``element`` holds ``attribute`` in the code ``codec`` (see ``mspdi_reader`` and ``mspdi_writer``)."""

    element: str
    attribute: str
    codec: str


PROJECT: Final = (
    Field("Name", "name", "text"),
    Field("Title", "title", "text"),
    Field("Subject", "subject", "text"),
    Field("Category", "category", "text"),
    Field("Company", "company", "text"),
    Field("Manager", "manager", "text"),
    Field("Author", "author", "text"),
    Field("CreationDate", "created", "date"),
    Field("LastSaved", "saved", "date"),
    Field("ScheduleFromStart", "from_start", "flag"),
    Field("HonorConstraints", "dates_win", "flag"),
    Field("StartDate", "start", "date"),
    Field("FinishDate", "finish", "date"),
    Field("CurrencySymbol", "currency_symbol", "text"),
    Field("CurrencyCode", "currency", "text"),
    Field("CalendarUID", "calendar", "reference"),
    Field("DefaultStartTime", "default_start", "time"),
    Field("DefaultFinishTime", "default_finish", "time"),
    Field("MinutesPerDay", "minutes_per_day", "int"),
    Field("MinutesPerWeek", "minutes_per_week", "int"),
    Field("DaysPerMonth", "days_per_month", "int"),
    Field("StatusDate", "data_date", "date"),
)
TASK: Final = (
    Field("UID", "uid", "int"),
    Field("ID", "id", "int"),
    Field("Name", "name", "text"),
    Field("Active", "active", "flag"),
    Field("Manual", "manual", "flag"),
    Field("Type", "type", "task_type"),
    Field("IsNull", "blank", "flag"),
    Field("WBS", "wbs", "text"),
    Field("OutlineLevel", "level", "int"),
    Field("Priority", "priority", "int"),
    Field("Start", "start", "date"),
    Field("Finish", "finish", "date"),
    Field("Duration", "duration", "duration"),
    Field("Work", "work", "hours"),
    Field("Stop", "stop", "date"),
    Field("Resume", "resume", "date"),
    Field("EffortDriven", "effort_driven", "flag"),
    Field("Milestone", "milestone", "flag"),
    Field("Summary", "summary", "flag"),
    Field("Critical", "critical", "flag"),
    Field("ExternalTask", "external", "flag"),
    Field("EarlyStart", "early_start", "date"),
    Field("EarlyFinish", "early_finish", "date"),
    Field("LateStart", "late_start", "date"),
    Field("LateFinish", "late_finish", "date"),
    Field("FixedCost", "fixed_cost", "cents"),
    Field("PercentComplete", "percent_complete", "number"),
    Field("PercentWorkComplete", "percent_work", "number"),
    Field("Cost", "cost", "cents"),
    Field("ActualStart", "actual_start", "date"),
    Field("ActualFinish", "actual_finish", "date"),
    Field("ActualDuration", "actual_duration", "duration"),
    Field("ActualCost", "actual_cost", "cents"),
    Field("ActualWork", "actual_work", "hours"),
    Field("RemainingDuration", "remaining_duration", "duration"),
    Field("RemainingCost", "remaining_cost", "cents"),
    Field("RemainingWork", "remaining_work", "hours"),
    Field("ConstraintType", "constraint", "constraint"),
    Field("CalendarUID", "calendar", "reference"),
    Field("ConstraintDate", "constraint_date", "date"),
    Field("Deadline", "deadline", "date"),
    Field("Notes", "notes", "text"),
    Field("PhysicalPercentComplete", "percent_physical", "number"),
)
RESOURCE: Final = (
    Field("UID", "uid", "int"),
    Field("ID", "id", "int"),
    Field("Name", "name", "text"),
    Field("Type", "type", "resource_type"),
    Field("IsNull", "blank", "flag"),
    Field("Initials", "initials", "text"),
    Field("Code", "code", "text"),
    Field("Group", "group", "text"),
    Field("EmailAddress", "email", "text"),
    Field("MaxUnits", "max_units", "number"),
    Field("Work", "work", "hours"),
    Field("ActualWork", "actual_work", "hours"),
    Field("RemainingWork", "remaining_work", "hours"),
    Field("StandardRate", "standard_rate", "number"),
    Field("StandardRateFormat", "standard_unit", "rate_unit"),
    Field("Cost", "cost", "cents"),
    Field("OvertimeRate", "overtime_rate", "number"),
    Field("OvertimeRateFormat", "overtime_unit", "rate_unit"),
    Field("CostPerUse", "per_use", "cents"),
    Field("ActualCost", "actual_cost", "cents"),
    Field("RemainingCost", "remaining_cost", "cents"),
    Field("CalendarUID", "calendar", "reference"),
    Field("Notes", "notes", "text"),
    Field("IsGeneric", "generic", "flag"),
    Field("IsInactive", "active", "not_flag"),
)
ASSIGNMENT: Final = (
    Field("UID", "uid", "int"),
    Field("TaskUID", "task", "int"),
    Field("ResourceUID", "resource", "reference"),
    Field("PercentWorkComplete", "percent_work", "number"),
    Field("ActualCost", "actual_cost", "cents"),
    Field("ActualFinish", "actual_finish", "date"),
    Field("ActualStart", "actual_start", "date"),
    Field("ActualWork", "actual_work", "hours"),
    Field("Cost", "cost", "cents"),
    Field("CostRateTable", "rate_table", "int"),
    Field("Delay", "delay", "tenths"),
    Field("Finish", "finish", "date"),
    Field("Notes", "notes", "text"),
    Field("RemainingCost", "remaining_cost", "cents"),
    Field("RemainingWork", "remaining_work", "hours"),
    Field("Start", "start", "date"),
    Field("Units", "units", "number"),
    Field("Work", "work", "hours"),
    Field("WorkContour", "contour", "int"),
)
BASELINE: Final = (
    Field("Number", "number", "int"),
    Field("Start", "start", "date"),
    Field("Finish", "finish", "date"),
    Field("Duration", "duration", "duration"),
    Field("Work", "work", "hours"),
    Field("Cost", "cost", "cents"),
)
RATE: Final = (
    Field("RatesFrom", "start", "loose_date"),
    Field("RatesTo", "finish", "loose_date"),
    Field("RateTable", "table", "int"),
    Field("StandardRate", "standard", "number"),
    Field("StandardRateFormat", "standard_unit", "rate_unit"),
    Field("OvertimeRate", "overtime", "number"),
    Field("OvertimeRateFormat", "overtime_unit", "rate_unit"),
    Field("CostPerUse", "per_use", "cents"),
)
AVAILABILITY: Final = (
    Field("AvailableFrom", "start", "loose_date"),
    Field("AvailableTo", "finish", "loose_date"),
    Field("AvailableUnits", "units", "number"),
)
DEFINITION: Final = (
    Field("FieldID", "id", "text"),
    Field("FieldName", "name", "text"),
    Field("ElemType", "entity", "text"),
    Field("Alias", "alias", "text"),
    Field("CFType", "kind", "text"),
)

PROJECT_ORDER: Final = _words(
    """SaveVersion UID Name GUID Title Subject Category Company Manager Author CreationDate Revision LastSaved
    ScheduleFromStart StartDate FinishDate FYStartDate CriticalSlackLimit CurrencyDigits CurrencySymbol CurrencyCode
    CurrencySymbolPosition CalendarUID DefaultStartTime DefaultFinishTime MinutesPerDay MinutesPerWeek DaysPerMonth
    DefaultTaskType DefaultFixedCostAccrual DefaultStandardRate DefaultOvertimeRate DurationFormat WorkFormat
    EditableActualCosts HonorConstraints EarnedValueMethod InsertedProjectsLikeSummary MultipleCriticalPaths
    NewTasksEffortDriven NewTasksEstimated SplitsInProgressTasks SpreadActualCost SpreadPercentComplete
    TaskUpdatesResource FiscalYearStart WeekStartDay MoveCompletedEndsBack MoveRemainingStartsBack
    MoveRemainingStartsForward MoveCompletedEndsForward BaselineForEarnedValue AutoAddNewResourcesAndTasks StatusDate
    CurrentDate MicrosoftProjectServerURL Autolink NewTaskStartDate NewTasksAreManual DefaultTaskEVMethod
    ProjectExternallyEdited ExtendedCreationDate ActualsInSync RemoveFileProperties AdminProject BaselineCalendar
    UpdateManuallyScheduledTasksWhenEditingLinks KeepTaskOnNearestWorkingTimeWhenMadeAutoScheduled OutlineCodes
    WBSMasks ExtendedAttributes Calendars Tasks Resources Assignments"""
)
TASK_ORDER: Final = _words(
    """UID GUID ID Name Active Manual Type IsNull CreateDate Contact WBS WBSLevel OutlineNumber OutlineLevel Priority
    Start Finish Duration DurationFormat Work Stop Resume ResumeValid EffortDriven Recurring OverAllocated Estimated
    Milestone Summary DisplayAsSummary Critical IsSubproject IsSubprojectReadOnly SubprojectName ExternalTask
    ExternalTaskProject EarlyStart EarlyFinish LateStart LateFinish StartVariance FinishVariance WorkVariance FreeSlack
    TotalSlack StartSlack FinishSlack FixedCost FixedCostAccrual PercentComplete PercentWorkComplete Cost OvertimeCost
    OvertimeWork ActualStart ActualFinish ActualDuration ActualCost ActualOvertimeCost ActualWork ActualOvertimeWork
    RegularWork RemainingDuration RemainingCost RemainingWork RemainingOvertimeCost RemainingOvertimeWork ACWP CV
    ConstraintType CalendarUID ConstraintDate Deadline LevelAssignments LevelingCanSplit LevelingDelay
    LevelingDelayFormat PreLeveledStart PreLeveledFinish Hyperlink HyperlinkAddress HyperlinkSubAddress
    IgnoreResourceCalendar Notes HideBar Rollup BCWS BCWP PhysicalPercentComplete EarnedValueMethod PredecessorLink
    ActualWorkProtected ActualOvertimeWorkProtected ExtendedAttribute Baseline OutlineCode IsPublished StatusManager
    CommitmentStart CommitmentFinish CommitmentType StartText FinishText DurationText ManualStart ManualFinish
    ManualDuration TimephasedData"""
)
RESOURCE_ORDER: Final = _words(
    """UID GUID ID Name Type IsNull Initials Phonetics NTAccount MaterialLabel Code Group WorkGroup EmailAddress Hyperlink
    HyperlinkAddress HyperlinkSubAddress MaxUnits PeakUnits OverAllocated AvailableFrom AvailableTo Start Finish CanLevel
    AccrueAt Work RegularWork OvertimeWork ActualWork RemainingWork ActualOvertimeWork RemainingOvertimeWork
    PercentWorkComplete StandardRate StandardRateFormat Cost OvertimeRate OvertimeRateFormat OvertimeCost CostPerUse
    ActualCost ActualOvertimeCost RemainingCost RemainingOvertimeCost WorkVariance CostVariance SV CV ACWP CalendarUID
    Notes BCWS BCWP IsGeneric IsInactive IsEnterprise BookingType ActualWorkProtected ActualOvertimeWorkProtected
    ActiveDirectoryGUID CreationDate ExtendedAttribute Baseline OutlineCode CostCenter IsCostResource AssnOwner
    AssnOwnerGuid IsBudget AvailabilityPeriods Rates TimephasedData"""
)
ASSIGNMENT_ORDER: Final = _words(
    """UID GUID TaskUID ResourceUID PercentWorkComplete ActualCost ActualFinish ActualOvertimeCost ActualOvertimeWork
    ActualStart ActualWork ACWP Confirmed Cost CostRateTable CostVariance CV Delay Finish FinishVariance Hyperlink
    HyperlinkAddress HyperlinkSubAddress WorkVariance HasFixedRateUnits FixedMaterial LevelingDelay LevelingDelayFormat
    LinkedFields Milestone Notes Overallocated OvertimeCost OvertimeWork PeakUnits RateScale RegularWork RemainingCost
    RemainingOvertimeCost RemainingOvertimeWork RemainingWork ResponsePending Start Stop Resume StartVariance Summary SV
    Units UpdateNeeded VAC Work WorkContour BCWS BCWP BookingType ActualWorkProtected ActualOvertimeWorkProtected
    CreationDate AssnOwner AssnOwnerGuid BudgetCost BudgetWork ExtendedAttribute Baseline TimephasedData"""
)
BASELINE_ORDER: Final = _words(
    """TimephasedData Number Interim Start Finish Duration DurationFormat EstimatedDuration Work Cost BCWS BCWP
    FixedCost"""
)
DEFINITION_ORDER: Final = _words(
    """FieldID FieldName CFType Guid ElemType MaxMultiValues UserDef Alias SecondaryPID AutoRollDown DefaultGuid Ltuid
    SecondaryGuid PhoneticAlias RollupType CalculationType Formula RestrictValues ValuelistSortOrder AppendNewValues
    Default ValueList"""
)

CONSTRAINTS: Final[dict[str, Constraint]] = {
    "0": "asap",
    "1": "alap",
    "2": "must_start_on",
    "3": "must_finish_on",
    "4": "start_no_earlier",
    "5": "start_no_later",
    "6": "finish_no_earlier",
    "7": "finish_no_later",
}
CONSTRAINT_NUMBERS: Final[dict[str, str]] = {
    **{name: number for number, name in CONSTRAINTS.items()},
    "start_on": "2",
    "finish_on": "3",
}
TASK_TYPES: Final[dict[str, TaskType]] = {"0": "fixed_units", "1": "fixed_duration", "2": "fixed_work"}
TASK_TYPE_NUMBERS: Final[dict[str, str]] = {
    **{name: number for number, name in TASK_TYPES.items()},
    "fixed_duration_and_units": "1",
}
RESOURCE_TYPES: Final[dict[str, ResourceType]] = {"0": "material", "1": "work", "2": "cost"}
LINK_TYPES: Final[dict[str, LinkType]] = {"0": "FF", "1": "FS", "2": "SF", "3": "SS"}
DURATION_UNITS: Final[dict[int, Unit]] = {3: "m", 5: "h", 7: "d", 9: "w", 11: "mo", 13: "y"}
"""Even numbers are elapsed, 32 more is an estimate; 19 and 20 are per cent."""
RATE_UNITS: Final[dict[str, Unit]] = {"1": "m", "2": "h", "3": "d", "4": "w", "5": "mo", "7": "y"}
RECURRENCES: Final = {
    "2": "yearly_day",
    "3": "yearly_position",
    "4": "monthly_day",
    "5": "monthly_position",
    "6": "weekly",
    "7": "daily",
}
UNASSIGNED: Final = {"-65535", "-65534"}


def _numbers(*runs: tuple[int, int]) -> tuple[int, ...]:
    """First and last of each run."""
    return tuple(number for first, last in runs for number in range(first, last + 1))


TEXT_FIELDS: Final[dict[str, tuple[int, ...]]] = {
    "task": (
        188743731,
        188743734,
        188743737,
        188743740,
        188743743,
        *_numbers((188743746, 188743750), (188743997, 188744016)),
    ),
    "resource": _numbers(
        (205520904, 205520905), (205520926, 205520928), (205520993, 205520997), (205521121, 205521140)
    ),
    "assignment": _numbers((255852632, 255852641), (255852762, 255852781)),
}
"""The numbers of the fields Text1 to Text30 of each kind of thing."""
ELEMENT_TYPES: Final = {"task": "20", "resource": "21", "assignment": "23"}
