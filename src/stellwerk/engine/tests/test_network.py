"""Dates, floats and reasons against the worked numbers of ``docs/algorithms/network.md``."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from stellwerk.engine.calendars import HORIZON, Calendar, CalendarSet, holidays, instant, moment
from stellwerk.engine.network import (
    NONE,
    Activities,
    ConstraintKind,
    Constraints,
    CycleError,
    FaultCode,
    Finding,
    HorizonError,
    LagCalendar,
    LinkKind,
    Links,
    Network,
    NetworkError,
    Options,
    Projects,
    Reason,
    Schedule,
    schedule,
    with_summaries,
)

FS, SS, FF, SF = LinkKind
OFFICE = Calendar(
    "office", (((480, 720), (780, 1020)),) * 5 + ((), ()), holidays([dt.date(2027, 3, 26), dt.date(2027, 3, 29)])
)
PLANT = Calendar("plant", (((0, 1440),),) * 6 + ((),))
CALENDARS = CalendarSet([OFFICE, PLANT])
DAY = 480


def at(text: str) -> int:
    return instant(dt.datetime.fromisoformat(f"2027-{text}"))


def said(minutes: int) -> str:
    return f"{moment(int(minutes)):%m-%d %H:%M}"


def spans(result: Schedule) -> list[str]:
    return [f"{said(a)} – {said(b)}" for a, b in zip(result.start, result.finish, strict=True)]


def plan(durations: list[int], *links: tuple[int, ...], start: str = "03-22 08:00", **tables: object) -> Network:
    """Activities of the office calendar; links as (before, after, kind, lag, lag calendar)."""
    whole = [(*link, *(FS, 0, LagCalendar.SUCCESSOR)[len(link) - 2 :]) for link in links]
    columns = [list(column) for column in zip(*whole, strict=True)] or [[], [], [], [], []]
    activities = tables.pop("activities", {})
    projects = {"start": [at(start)], **tables.pop("projects", {})}  # type: ignore[dict-item]
    constraints = Constraints(*zip(*tables.pop("constraints", []), strict=True))  # type: ignore[call-overload]
    assert not tables
    calendar = activities.pop("calendar", [1] * len(durations))  # type: ignore[attr-defined]
    return Network(
        Activities(durations, calendar, **activities),  # type: ignore[arg-type]
        Links(*columns), Projects(**projects), constraints, CALENDARS,
    )  # fmt: skip


def test_the_worked_example_of_five_activities_and_all_kinds_of_links() -> None:
    links = Links([0, 0, 1, 2, 1], [1, 2, 3, 3, 4], [FS, SS, FF, FS, SF], [2, 1, 1, 0, 5])
    result = schedule(Network(Activities([5, 3, 4, 2, 3]), links))
    assert result.start.tolist() == [0, 7, 1, 9, 9]
    assert result.project_end.tolist() == [12]
    assert result.total_float.tolist() == [0, 0, 5, 1, 0]
    assert result.free_float.tolist() == [0, 0, 4, 1, 0]
    assert result.late_start.tolist() == [0, 7, 6, 10, 9]
    assert result.longest_path() == [0, 1, 4]
    assert result.critical().tolist() == [True, True, False, False, True]
    assert result.critical(near=1).tolist() == [True, True, False, True, True]
    assert result.start_cause.tolist() == [NONE, 0, 1, 2, 4]


# A: Monday to Wednesday, three days. Good Friday (26) and Easter Monday (29) are free.
@pytest.mark.parametrize(
    ("kind", "lag", "expected"),
    [
        (FS, 0, "03-25 08:00 – 03-30 17:00"),
        (FS, DAY, "03-30 08:00 – 03-31 17:00"),
        (FS, -DAY, "03-24 08:00 – 03-25 17:00"),
        (SS, 0, "03-22 08:00 – 03-23 17:00"),
        (SS, DAY, "03-23 08:00 – 03-24 17:00"),
        (SS, -DAY, "03-22 08:00 – 03-23 17:00"),
        (FF, 0, "03-23 08:00 – 03-24 17:00"),
        (FF, DAY, "03-24 08:00 – 03-25 17:00"),
        (FF, -DAY, "03-22 08:00 – 03-23 17:00"),
        (SF, 0, "03-22 08:00 – 03-23 17:00"),
        (SF, 3 * DAY, "03-23 08:00 – 03-24 17:00"),
        (SF, -DAY, "03-22 08:00 – 03-23 17:00"),
    ],
)
def test_each_kind_of_link_with_lag_and_lead(kind: LinkKind, lag: int, expected: str) -> None:
    assert spans(schedule(plan([3 * DAY, 2 * DAY], (0, 1, kind, lag))))[1] == expected


def test_a_lag_counts_in_the_calendar_that_it_names() -> None:
    def start(calendar: int) -> str:
        network = plan(
            [DAY, DAY], (0, 1, FS, 1440, calendar), start="03-25 08:00",
            activities={"calendar": [1, 2]}, projects={"calendar": [1]},
        )  # fmt: skip
        return said(schedule(network).start[1])

    # A ends on Thursday 25 at 17:00. 24 hours: elapsed and plant until Friday 17:00, office (8 h a day) until Thursday.
    assert start(0) == "03-26 17:00"
    assert start(LagCalendar.SUCCESSOR) == "03-26 17:00"
    assert start(LagCalendar.PREDECESSOR) == "04-01 17:00"
    assert start(LagCalendar.PROJECT) == "04-01 17:00"
    assert start(1) == "04-01 17:00"


def test_an_elapsed_duration_runs_through_the_weekend() -> None:
    result = schedule(plan([2 * DAY, 3 * 1440, DAY], (0, 1), (1, 2), activities={"calendar": [1, 0, 1]}))
    assert spans(result)[1:] == ["03-23 17:00 – 03-26 17:00", "03-30 08:00 – 03-30 17:00"]
    assert result.start_reason[2] == Reason.LINK
    assert said(result.start_bound[2]) == "03-26 17:00"


def test_a_milestone_lies_at_the_end_of_what_it_closes_and_never_at_night() -> None:
    assert spans(schedule(plan([4 * DAY, 0], (0, 1))))[1] == "03-25 17:00 – 03-25 17:00"
    assert spans(schedule(plan([0], start="03-27 12:00"))) == ["03-30 08:00 – 03-30 08:00"]


@pytest.mark.parametrize(
    ("kind", "date"), [(ConstraintKind.MUST_START, "03-23 08:00"), (ConstraintKind.MUST_FINISH, "03-24 17:00")]
)
def test_a_date_that_wins_breaks_its_link_and_shows_where(kind: ConstraintKind, date: str) -> None:
    """The worked numbers: B lies where its date says; A must be done two days earlier than it can."""
    result = schedule(plan([3 * DAY, 2 * DAY, DAY], (0, 1), (1, 2), constraints=[(1, kind, at(date))]))
    assert spans(result) == [
        "03-22 08:00 – 03-24 17:00", "03-23 08:00 – 03-24 17:00", "03-25 08:00 – 03-25 17:00",
    ]  # fmt: skip
    assert result.total_float.tolist() == [-2 * DAY, 0, 0]
    assert result.free_float.tolist() == [0, 0, 0]
    found = result.findings
    assert (found.code.tolist(), found.activity.tolist(), found.link.tolist()) == ([Finding.LINK_BROKEN], [1], [0])
    assert [said(found.limit[0]), said(found.actual[0]), int(found.minutes[0])] == [
        "03-24 17:00",
        "03-23 08:00",
        -2 * DAY,
    ]
    reasons = result.start_reason if kind == ConstraintKind.MUST_START else result.finish_reason
    assert Reason(reasons[1]) == Reason.CONSTRAINT
    assert not result.driving[0]


def test_work_scheduled_by_hand_lies_before_the_start_of_its_project() -> None:
    """The project starts on Monday the 22nd; a date that is only “on” cannot lie before it, what a person placed can."""
    limits = [(0, ConstraintKind.BY_HAND, at("03-18 08:00")), (1, ConstraintKind.START_ON, at("03-18 08:00"))]
    result = schedule(plan([2 * DAY, 2 * DAY, DAY], (0, 2), constraints=limits))
    assert spans(result) == [
        "03-18 08:00 – 03-19 17:00", "03-22 08:00 – 03-23 17:00", "03-22 08:00 – 03-22 17:00",
    ]  # fmt: skip
    assert Reason(result.start_reason[0]) == Reason.CONSTRAINT
    found = result.findings
    assert (found.code.tolist(), found.activity.tolist()) == ([Finding.START_TOO_LATE], [1])
    assert result.total_float.tolist() == [DAY, -2 * DAY, DAY]


def test_the_data_date_and_links_move_what_is_scheduled_by_hand() -> None:
    limits = [(0, ConstraintKind.BY_HAND, at("03-18 08:00")), (1, ConstraintKind.BY_HAND, at("03-22 08:00"))]
    result = schedule(plan([DAY, DAY], (0, 1), constraints=limits, projects={"data_date": [at("03-23 08:00")]}))
    assert spans(result) == ["03-23 08:00 – 03-23 17:00", "03-24 08:00 – 03-24 17:00"]
    assert Reason(result.start_reason[0]) == Reason.DATA_DATE
    found = result.findings
    assert (found.code.tolist(), sorted(found.activity.tolist())) == ([Finding.START_TOO_LATE] * 2, [0, 1])
    assert result.total_float.tolist() == [0, 0]  # moved, which is told, but not late by it


def test_a_date_that_wins_and_agrees_with_its_links_is_no_finding() -> None:
    """Also nothing to break: what has begun no longer waits for its date; the data date is stronger than any date."""
    kept = schedule(plan([DAY, DAY], (0, 1), constraints=[(1, ConstraintKind.MUST_START, at("03-24 08:00"))]))
    assert (spans(kept)[1], len(kept.findings)) == ("03-24 08:00 – 03-24 17:00", 0)
    limits = [(1, ConstraintKind.MUST_START, at("03-23 08:00"))]
    begun = {"actual_start": [NONE, at("03-24 08:00")]}
    assert (
        Finding.LINK_BROKEN
        not in schedule(plan([3 * DAY, DAY], (0, 1), constraints=limits, activities=begun)).findings.code
    )
    late = schedule(plan([DAY, DAY], (0, 1), constraints=limits, projects={"data_date": [at("03-25 08:00")]}))
    assert spans(late)[1].startswith("03-25 08:00")
    assert sorted(late.findings.code.tolist()) == [Finding.START_TOO_LATE, Finding.LINK_BROKEN]


@pytest.mark.parametrize(
    ("kind", "date", "expected"),
    [
        (ConstraintKind.START_NO_EARLIER, "03-24 08:00", "03-24 08:00 – 03-25 17:00"),
        (ConstraintKind.START_NO_EARLIER, "03-26 08:00", "03-30 08:00 – 03-31 17:00"),
        (ConstraintKind.FINISH_NO_EARLIER, "03-25 17:00", "03-24 08:00 – 03-25 17:00"),
        (ConstraintKind.START_ON, "03-24 08:00", "03-24 08:00 – 03-25 17:00"),
        (ConstraintKind.FINISH_ON, "03-25 17:00", "03-24 08:00 – 03-25 17:00"),
        (ConstraintKind.START_NO_LATER, "03-24 08:00", "03-22 08:00 – 03-23 17:00"),
        (ConstraintKind.FINISH_NO_LATER, "03-24 17:00", "03-22 08:00 – 03-23 17:00"),
        (ConstraintKind.DEADLINE, "03-24 17:00", "03-22 08:00 – 03-23 17:00"),
    ],
)
def test_each_constraint_that_can_be_kept_is_kept_without_a_finding(
    kind: ConstraintKind, date: str, expected: str
) -> None:
    result = schedule(plan([2 * DAY], constraints=[(0, kind, at(date))]))
    assert spans(result) == [expected]
    assert len(result.findings) == 0
    lower = (ConstraintKind.START_NO_LATER, ConstraintKind.FINISH_NO_LATER, ConstraintKind.DEADLINE)
    assert result.start_reason[0] == (Reason.PROJECT_START if kind in lower else Reason.CONSTRAINT)


@pytest.mark.parametrize(
    ("kind", "date", "code", "minutes"),
    [
        (ConstraintKind.START_NO_LATER, "03-24 08:00", Finding.START_TOO_LATE, DAY),
        (ConstraintKind.START_ON, "03-23 08:00", Finding.START_TOO_LATE, 2 * DAY),
        (ConstraintKind.FINISH_NO_LATER, "03-25 17:00", Finding.FINISH_TOO_LATE, DAY),
        (ConstraintKind.FINISH_ON, "03-24 17:00", Finding.FINISH_TOO_LATE, 2 * DAY),
        (ConstraintKind.DEADLINE, "03-25 12:00", Finding.DEADLINE_MISSED, DAY + 240),
    ],
)
def test_links_win_over_a_limit_and_the_broken_limit_is_reported(
    kind: ConstraintKind, date: str, code: Finding, minutes: int
) -> None:
    result = schedule(plan([3 * DAY, 2 * DAY], (0, 1), constraints=[(1, kind, at(date))]))
    assert spans(result)[1] == "03-25 08:00 – 03-30 17:00"
    found = result.findings
    assert (found.code.tolist(), found.activity.tolist(), found.constraint.tolist()) == ([code], [1], [0])
    assert found.minutes.tolist() == [minutes]
    assert said(found.limit[0]) == date
    assert result.total_float.tolist() == [-minutes, -minutes]
    assert result.critical().all()


def test_as_late_as_possible_lies_against_its_successor_and_moves_nothing_else() -> None:
    network = plan(
        [DAY, 3 * DAY, DAY, DAY], (0, 2), (1, 3), (2, 3),
        constraints=[(0, ConstraintKind.AS_LATE_AS_POSSIBLE, NONE), (2, ConstraintKind.AS_LATE_AS_POSSIBLE, NONE)],
    )  # fmt: skip
    result = schedule(network)
    assert spans(result)[0] == "03-23 08:00 – 03-23 17:00"
    assert spans(result)[2] == "03-24 08:00 – 03-24 17:00"
    assert spans(result)[3] == "03-25 08:00 – 03-25 17:00"
    assert result.start_reason[[0, 2]].tolist() == [Reason.AS_LATE_AS_POSSIBLE] * 2
    assert result.free_float[[0, 2]].tolist() == [0, 0]


def test_late_dates_are_said_as_evenings() -> None:
    result = schedule(plan([DAY, 4 * DAY, DAY], (0, 2), (1, 2)))
    assert said(result.late_start[0]) == "03-25 08:00"
    assert said(result.late_finish[0]) == "03-25 17:00"
    assert (result.total_float[0], result.free_float[0]) == (3 * DAY, 3 * DAY)


PROGRESS = {"actual_start": [at("03-22 08:00"), at("03-23 08:00")], "actual_finish": [NONE, NONE], "percent": [0, 50]}


@pytest.mark.parametrize(("override", "resume", "reason"), [(False, "03-30 08:00", 3), (True, "03-24 08:00", 1)])
def test_retained_logic_waits_and_progress_override_does_not(override: bool, resume: str, reason: int) -> None:
    # A has two days left at the data date (Tuesday evening), B has begun although A is not finished.
    network = plan(
        [5 * DAY, 2 * DAY], (0, 1),
        activities={**PROGRESS, "remaining": [2 * DAY, NONE]}, projects={"data_date": [at("03-23 17:00")]},
    )  # fmt: skip
    result = schedule(network, Options(progress_override=override))
    assert spans(result)[0] == "03-22 08:00 – 03-25 17:00"
    assert said(result.resume[1]) == resume
    assert said(result.start[1]) == "03-23 08:00"
    assert result.start_reason[1] == Reason.ACTUAL
    assert result.finish_reason[1] == reason
    assert result.finish[1] - result.resume[1] == 540
    assert result.findings.code.tolist() == [Finding.OUT_OF_SEQUENCE]
    assert result.findings.link.tolist() == [0]


def test_each_project_may_treat_work_that_began_too_early_in_its_own_way() -> None:
    # Two pairs alike, one per project: the first waits, the second goes on.
    begun = {name: [*values, *values] for name, values in PROGRESS.items()}
    network = plan(
        [5 * DAY, 2 * DAY, 5 * DAY, 2 * DAY], (0, 1), (2, 3),
        activities={**begun, "remaining": [2 * DAY, NONE, 2 * DAY, NONE], "project": [0, 0, 1, 1]},
        projects={"start": [at("03-22 08:00")] * 2, "data_date": [at("03-23 17:00")] * 2},
    )  # fmt: skip
    result = schedule(network, Options(progress_override=np.array([False, True])))
    assert [said(result.resume[row]) for row in (1, 3)] == ["03-30 08:00", "03-24 08:00"]
    both = schedule(network, Options(progress_override=np.array([True, True])))
    assert both.finish.tolist() == schedule(network, Options(progress_override=True)).finish.tolist()


def test_nothing_open_lies_before_the_data_date_and_what_is_done_stays() -> None:
    network = plan(
        [DAY, DAY, 0], (0, 1), (1, 2),
        activities={"actual_start": [at("03-20 10:00"), NONE, NONE], "actual_finish": [at("03-20 11:00"), NONE, NONE]},
        projects={"data_date": [at("03-24 00:00")]},
    )  # fmt: skip
    result = schedule(network)
    assert spans(result) == ["03-20 10:00 – 03-20 11:00", "03-24 08:00 – 03-24 17:00", "03-24 17:00 – 03-24 17:00"]
    assert result.start_reason[1] == Reason.DATA_DATE
    assert result.critical().tolist() == [False, True, True]


def test_without_a_data_date_the_rest_follows_right_after_what_is_done() -> None:
    begun = {"actual_start": [at("03-22 13:00")], "percent": [50]}
    result = schedule(plan([3 * DAY], activities=begun))
    assert said(result.resume[0]) == "03-24 08:00"
    assert said(result.finish[0]) == "03-25 12:00"


def test_an_actual_date_after_the_data_date_is_reported() -> None:
    network = plan([DAY], activities={"actual_start": [at("03-25 08:00")]}, projects={"data_date": [at("03-24 00:00")]})
    assert schedule(network).findings.code.tolist() == [Finding.ACTUAL_AFTER_DATA_DATE]


def test_a_slip_reaches_the_taker_in_another_project_and_its_float_says_so() -> None:
    network = plan(
        [5 * DAY, DAY, 2 * DAY], (0, 1), (1, 2), activities={"project": [0, 0, 1]},
        projects={"start": [at("03-22 08:00")] * 2, "must_finish": [NONE, at("04-01 17:00")]},
    )  # fmt: skip
    result = schedule(network)
    assert said(result.project_end[1]) == "04-02 17:00"
    assert result.findings.code.tolist() == [Finding.PROJECT_TOO_LATE]
    assert result.total_float.tolist() == [-DAY] * 3
    assert result.longest_path(1) == [0, 1, 2]


def test_each_project_has_its_own_end_unless_one_end_is_asked_for() -> None:
    network = plan([DAY, 3 * DAY], activities={"project": [0, 1]}, projects={"start": [at("03-22 08:00")] * 2})
    assert schedule(network).total_float.tolist() == [0, 0]
    assert schedule(network, Options(one_end=True)).total_float.tolist() == [2 * DAY, 0]


def test_summary_rows_are_left_out_and_hold_nothing() -> None:
    result = schedule(plan([99 * DAY, DAY], activities={"summary": [1, 0]}))
    assert result.start.tolist() == [NONE, at("03-22 08:00")]
    assert result.start_reason[0] == Reason.SUMMARY
    assert not result.critical()[0]


def test_an_empty_plan_has_an_empty_schedule() -> None:
    result = schedule(Network(Activities([])))
    assert len(result.start) == 0
    assert result.longest_path() == []


def test_a_circle_is_named_with_its_shortest_way_round() -> None:
    with pytest.raises(CycleError, match="1 → 2 → 1") as error:
        schedule(Network(Activities([1] * 5), Links([0, 1, 2, 3, 4, 2], [1, 2, 3, 4, 1, 1])))
    assert (error.value.activities, error.value.links) == ((1, 2), (1, 5))


def test_one_huge_circle_is_named_at_once() -> None:
    count = 30_000
    rows = np.arange(count)
    with pytest.raises(CycleError) as error:
        schedule(Network(Activities(np.ones(count, np.int64)), Links(rows, (rows + 1) % count)))
    assert len(error.value.activities) == count


@pytest.mark.parametrize(
    ("build", "code", "table", "row", "column"),
    [
        (lambda: Activities([1, -5]), FaultCode.NEGATIVE, "activity", 1, "duration"),
        (lambda: Activities([1, HORIZON + 1]), FaultCode.OUT_OF_RANGE, "activity", 1, "duration"),
        (lambda: Activities([1], [7]), FaultCode.NO_CALENDAR, "activity", 0, "calendar"),
        (lambda: Activities([1], project=[2]), FaultCode.NO_PROJECT, "activity", 0, "project"),
        (lambda: Activities([1], percent=[101]), FaultCode.OUT_OF_RANGE, "activity", 0, "percent"),
        (lambda: Activities([1], remaining=[-2]), FaultCode.NEGATIVE, "activity", 0, "remaining"),
        (lambda: Activities([1], actual_start=[HORIZON + 1]), FaultCode.OUTSIDE_HORIZON, "activity", 0, "actual_start"),
        (lambda: Activities([1], actual_finish=[5]), FaultCode.FINISHED_WITHOUT_START, "activity", 0, "actual_finish"),
        (lambda: Activities([1], actual_start=[9], actual_finish=[5]), FaultCode.END_BEFORE_START, "activity", 0, "actual_finish"),
        (lambda: Activities([1, 2], [0]), FaultCode.LENGTH, "activity", NONE, "calendar"),
        (lambda: Links([0], [3]), FaultCode.NO_ACTIVITY, "link", 0, "successor"),
        (lambda: Links([-1], [1]), FaultCode.NO_ACTIVITY, "link", 0, "predecessor"),
        (lambda: Links([1], [2]), FaultCode.SUMMARY, "link", 0, "successor"),
        (lambda: Links([0], [0]), FaultCode.SELF_LINK, "link", 0, "successor"),
        (lambda: Links([0], [1], [4]), FaultCode.KIND, "link", 0, "kind"),
        (lambda: Links([0], [1], [0], [HORIZON + 1]), FaultCode.OUT_OF_RANGE, "link", 0, "lag"),
        (lambda: Links([0], [1], [0], [1], [9]), FaultCode.NO_CALENDAR, "link", 0, "lag_calendar"),
        (lambda: Projects([HORIZON]), FaultCode.OUTSIDE_HORIZON, "project", 0, "start"),
        (lambda: Projects([50], must_finish=[40]), FaultCode.END_BEFORE_START, "project", 0, "must_finish"),
        (lambda: Constraints([2], [0], [5]), FaultCode.SUMMARY, "constraint", 0, "activity"),
        (lambda: Constraints([0], [0]), FaultCode.NO_DATE, "constraint", 0, "at"),
        (lambda: Constraints([0], [11], [5]), FaultCode.KIND, "constraint", 0, "kind"),
        (lambda: Constraints([0], [0], [HORIZON + 1]), FaultCode.OUTSIDE_HORIZON, "constraint", 0, "at"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_its_row_named(
    build: object, code: FaultCode, table: str, row: int, column: str
) -> None:
    given = build()  # type: ignore[operator]
    tables = {"activity": Activities([1, 1, 1], summary=[0, 0, 1]), "link": Links(), "project": Projects(), "constraint": Constraints()}  # fmt: skip
    tables[table] = given
    with pytest.raises(NetworkError) as error:
        Network(tables["activity"], tables["link"], tables["project"], tables["constraint"], CALENDARS)
    fault = error.value.faults[0]
    assert (fault.code, fault.table, fault.row, fault.column) == (code, table, row, column)
    assert f"{table} {row}, {column}" in str(error.value)


def test_columns_are_whole_numbers_in_one_row() -> None:
    with pytest.raises(TypeError, match="duration"):
        Activities([1.5])
    with pytest.raises(TypeError, match="calendar"):
        Activities([1], [[0]])


def test_given_arrays_are_copied_and_results_cannot_be_changed() -> None:
    given = np.array([5])
    table = Activities(given)
    given[0] = 7
    result = schedule(Network(table))
    assert result.finish.tolist() == [5]
    with pytest.raises(ValueError, match="read-only"):
        result.start[0] = 1


def test_work_beyond_2150_is_refused_with_its_activity() -> None:
    with pytest.raises(HorizonError, match="activity 1"):
        schedule(plan([DAY, HORIZON // 2], (0, 1)))


@pytest.mark.parametrize("count", [30_000])
def test_long_chains_and_wide_levels_take_the_same_way_to_the_same_dates(count: int) -> None:
    """Chains are too narrow for arrays and go through lists; both orders give one answer."""
    rows = np.arange(count - 1)
    chain = schedule(Network(Activities(np.ones(count, np.int64)), Links(rows, rows + 1)))
    assert chain.finish.tolist() == list(range(1, count + 1))
    wide = schedule(Network(Activities(np.ones(count, np.int64)), Links(rows % 3, np.maximum(rows + 1, 3))))
    assert wide.finish[3:].tolist() == [2] * (count - 3)


def test_a_summary_reaches_from_the_first_start_to_the_last_finish_below_it() -> None:
    network = plan(
        [0, 0, DAY, 2 * DAY, DAY, 0], (2, 3), (3, 4), activities={"summary": [1, 1, 0, 0, 0, 1]}
    )  # row 0 over 1 and 4, row 1 over 2 and 3, row 5 over nothing
    result = with_summaries(schedule(network), np.array([NONE, 0, 1, 1, 0, NONE]))
    assert [said(one) for one in result.start[:2]] == ["03-22 08:00", "03-22 08:00"]
    assert [said(one) for one in result.finish[:2]] == ["03-25 17:00", "03-24 17:00"]
    assert (result.start[5], result.finish[5], result.total_float[5]) == (NONE, NONE, NONE)
    assert result.total_float[:2].tolist() == [0, 0]


def test_a_row_below_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="below itself"):
        with_summaries(schedule(plan([0, DAY], activities={"summary": [1, 0]})), np.array([1, 0]))
