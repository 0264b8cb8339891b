"""From a document to the network: what is taken over, what is told, and the dates that real files have."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from tests.realdata import real_data

from stellwerk.engine.calendars import instant, moment
from stellwerk.engine.network import NONE, LagCalendar, Reason, Schedule, schedule
from stellwerk.planning.exchange import Document, read_schedule
from stellwerk.planning.exchange.document import Calendar, CalendarException, Duration, Interval, Lag, Link
from stellwerk.planning.exchange.kept import RawTable
from stellwerk.planning.network import Plan, plan_of
from stellwerk.planning.quality.case import Case
from stellwerk.planning.tests.example import DAY, A, B, C, D, E, F, at, changed, days, example


def computed(document: Document) -> tuple[Plan, Schedule]:
    plan = plan_of(document)
    return plan, schedule(plan.network)


def span(document: Document, uid: int) -> tuple[dt.datetime, dt.datetime]:
    plan, result = computed(document)
    row = plan.row[uid]
    return moment(int(result.start[row])), moment(int(result.finish[row]))


def warnings(document: Document) -> list[str]:
    return [one.code for one in plan_of(document).warnings]


def test_the_worked_example_has_its_dates_and_floats() -> None:
    plan, result = computed(example())
    assert plan.warnings == ()
    dates = {uid: (moment(int(result.start[row])), moment(int(result.finish[row]))) for uid, row in plan.row.items()}
    assert dates == {
        A: (at(2, 25), at(3, 3, 17)),
        B: (at(3, 8), at(3, 9, 17)),
        C: (at(3, 12), at(6, 3, 17)),
        D: (at(3, 9), at(3, 22, 17)),
        E: (at(6, 3, 17), at(6, 3, 17)),
        F: (at(3, 8), at(3, 9, 17)),
    }
    floats = {uid: int(result.total_float[row]) / DAY for uid, row in plan.row.items() if uid != A}
    assert floats == {B: -2, C: -2, D: 53, E: -2, F: 62}


def test_a_holiday_of_a_base_calendar_and_a_working_saturday_move_dates() -> None:
    base = Calendar(1, "Plant", exceptions=(CalendarException(dt.date(2027, 3, 8), dt.date(2027, 3, 8)),))
    own = Calendar(2, "Shop", base=1, exceptions=(
        CalendarException(dt.date(2027, 3, 13), dt.date(2027, 3, 13), (Interval(480, 720), Interval(780, 1020))),
    ))  # fmt: skip
    document = replace(changed(example(), F, calendar=2, duration=days(5)), calendars=(base, own))
    assert span(document, F) == (at(3, 9), at(3, 13, 17))
    assert warnings(document) == []


def test_an_elapsed_duration_runs_by_the_clock() -> None:
    document = changed(example(), F, duration=Duration(3 * 1440, elapsed=True))
    assert span(document, F) == (at(3, 8), at(3, 11, 8))


def test_a_lag_in_per_cent_is_a_share_of_the_predecessor() -> None:
    document = replace(example(), links=(Link(A, B), Link(B, C, "FS", Lag(percent=Decimal(50)))))
    assert span(document, C)[0] == at(3, 11)


@pytest.mark.parametrize(
    ("option", "expected"),
    [("rcal_Successor", LagCalendar.SUCCESSOR), ("rcal_24Hour", 0), ("", LagCalendar.PREDECESSOR)],
)
def test_lags_of_p6_count_in_the_calendar_that_its_options_name(option: str, expected: int) -> None:
    table = RawTable("SCHEDOPTIONS", ("schedoptions_id", "sched_calendar_on_relationship_lag"), (("1", option),))
    document = replace(example(), format="xer", tables=(table,))
    assert set(plan_of(document).network.links.lag_calendar.tolist()) == {int(expected)}


def test_lags_of_other_files_count_in_the_calendar_of_the_successor() -> None:
    assert set(plan_of(example()).network.links.lag_calendar.tolist()) == {int(LagCalendar.SUCCESSOR)}


def test_a_deadline_moves_nothing_and_makes_float_negative() -> None:
    plan, result = computed(changed(example(), F, deadline=at(3, 8, 17)))
    row = plan.row[F]
    assert int(result.total_float[row]) == -DAY
    assert moment(int(result.finish[row])) == at(3, 9, 17)


def test_without_the_data_date_open_work_follows_its_links_only() -> None:
    plan = plan_of(example(), data_date=False)
    result = schedule(plan.network)
    row = plan.row[B]
    assert moment(int(result.start[row])) == at(3, 4)
    assert result.start_reason[row] == Reason.LINK


def test_what_is_half_done_keeps_its_start_and_its_remaining_work() -> None:
    document = changed(example(), B, actual_start=at(3, 4), percent_complete=Decimal(50), remaining_duration=days(1))
    assert span(document, B) == (at(3, 4), at(3, 8, 17))


def test_a_finished_row_without_actual_dates_keeps_its_stored_ones() -> None:
    document = changed(example(), A, actual_start=None, actual_finish=None)
    assert span(document, A) == (at(2, 25), at(3, 3, 17))
    assert warnings(document) == ["network_actual"]


@pytest.mark.parametrize(
    ("format_", "option", "start"),
    [("xer", "N", (3, 10)), ("xer", "Y", (3, 8)), ("xer", "", (3, 10)), ("mspdi", "Y", (3, 10))],
)
def test_the_options_of_p6_say_whether_progress_overrides_logic(
    format_: str, option: str, start: tuple[int, int]
) -> None:
    """D has begun before B, which it waits for, is finished; what remains of it waits too, or goes on at the data date."""
    document = changed(example(), D, actual_start=at(3, 4), percent_complete=Decimal(10), remaining_duration=days(9))
    links = tuple(replace(link, lag=Lag(0)) if link.successor == D else link for link in document.links)
    table = RawTable("SCHEDOPTIONS", ("schedoptions_id", "sched_progress_override"), (("1", option),))
    plan = plan_of(replace(document, format=format_, links=links, tables=(table,)))  # type: ignore[arg-type]
    assert plan.override is (option == "Y" and format_ == "xer")
    assert moment(int(plan.computed().resume[plan.row[D]])) == at(*start)


def test_in_p6_nothing_is_finished_without_an_actual_finish() -> None:
    """An activity of which nothing remains is still under way there."""
    document = changed(example(), B, actual_start=at(3, 4), percent_complete=Decimal(100), remaining_duration=days(0))
    for written_by, finished in (("mspdi", True), ("xer", False)):
        plan = plan_of(replace(document, format=written_by))
        assert bool(plan.network.activities.actual_finish[plan.row[B]] != NONE) is finished
        assert Case(plan, schedule(plan.network)).finished(plan.row[B]) is finished


@pytest.mark.parametrize(
    ("uid", "values", "code"),
    [
        (F, {"active": False}, "network_inactive"),
        (F, {"kind": "level_of_effort"}, "network_spanning"),
        (F, {"calendar": 77}, "network_calendar"),
        (F, {"manual": True}, "network_manual"),
        (F, {"constraint": "start_on", "constraint_date": None}, "network_no_date"),
    ],
)
def test_what_cannot_be_mapped_is_told(uid: int, values: dict[str, object], code: str) -> None:
    assert warnings(changed(example(), uid, **values)) == [code]


def test_a_calendar_without_working_time_is_told_and_replaced() -> None:
    document = replace(example(), calendars=(Calendar(1, "Empty", ((),) * 7),))
    assert warnings(document) == ["network_no_time"]
    assert span(document, B) == (at(3, 8), at(3, 9, 17))


def test_links_of_summary_rows_and_to_nowhere_are_told_and_left_out() -> None:
    document = changed(example(), A, summary=True)
    document = replace(document, links=(*document.links, Link(B, 99)))
    found = plan_of(document)
    assert [one.code for one in found.warnings] == ["network_summary_link"] * 3 + ["network_link"]
    assert len(found.network.links) == len(found.links) == 4


def test_a_plan_from_its_finish_and_an_impossible_end_are_told() -> None:
    project = replace(example().project, from_start=False, must_finish=at(1, 4))
    assert warnings(replace(example(), project=project)) == ["network_from_finish", "network_must_finish"]


def test_hand_scheduled_work_lies_where_the_file_has_it() -> None:
    assert span(changed(example(), F, manual=True, start=at(3, 16)), F) == (at(3, 16), at(3, 17, 17))


def test_hand_scheduled_work_may_lie_before_the_project() -> None:
    project = replace(example().project, start=at(2, 22), data_date=None)
    links = tuple(link for link in example().links if link.successor != F)
    document = replace(example(), project=project, links=links)
    assert span(changed(document, F, manual=True, start=at(2, 18)), F) == (at(2, 18), at(2, 19, 17))


def test_an_empty_document_has_an_empty_network() -> None:
    assert len(plan_of(Document()).network.activities) == 0


# --- real files: early and late dates as the tool that wrote them computed them

DRIVEN = {"baselines.xml": 1, "legacy__caltest.xml": 3, "mspdinulltasks.xml": 3, "mspdirelations.xml": 5}
"""Files whose dates follow from links, durations and calendars alone, with the number of their activities."""
EARLY_STARTS = {"legacy__sample.xml": 16, "mspdisplittask.xml": 2, "mspditimephasedsegments.xml": 20}
"""Files with split work or work by the calendars of persons, which end elsewhere but begin where links and calendars say."""
PLACED = {"percent-complete-8.4.xer": 12, "calendar__invalid__invalid-8.4.xer": 12}
"""P6 files with progress and a data date: stored start and finish."""


def matching(name: str, pairs: dict[str, str]) -> tuple[int, int]:
    """Activities whose stored dates equal ours (no working minute lies between), and all that have stored ones."""
    plan, result = computed(read_schedule(real_data("schedules", "mpxj", name), strict=False))
    calendars, rows = plan.network.calendars, plan.network.activities.calendar
    equal = stored = 0
    for row, task in enumerate(plan.tasks):
        dates = [(getattr(task, theirs), int(getattr(result, ours)[row])) for theirs, ours in pairs.items()]
        known = [(instant(date), ours) for date, ours in dates if date is not None]
        apart = [calendars.between(rows[row : row + 1], np.array([a]), np.array([b]))[0] for a, b in known]
        stored += len(known) == len(pairs)
        equal += len(known) == len(pairs) and not any(apart)
    return equal, stored


@pytest.mark.parametrize("name", sorted(DRIVEN))
def test_early_and_late_dates_equal_those_of_the_file(name: str) -> None:
    four = {"early_start": "start", "early_finish": "finish", "late_start": "late_start", "late_finish": "late_finish"}
    assert matching(name, four) == (DRIVEN[name], DRIVEN[name])


@pytest.mark.parametrize("name", sorted(EARLY_STARTS))
def test_early_starts_equal_those_of_the_file(name: str) -> None:
    assert matching(name, {"early_start": "start"}) == (EARLY_STARTS[name], EARLY_STARTS[name])


@pytest.mark.parametrize("name", sorted(PLACED))
def test_dates_with_progress_equal_those_of_p6(name: str) -> None:
    assert matching(name, {"start": "start", "finish": "finish"}) == (PLACED[name], PLACED[name])
