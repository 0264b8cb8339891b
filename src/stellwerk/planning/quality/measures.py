"""One function per check: what it looks at, what it finds (``docs/algorithms/schedule-quality.md``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.errors import Text
from stellwerk.engine.calendars import instant
from stellwerk.engine.network import NONE, Finding, HorizonError, Network
from stellwerk.planning.exchange.document import Link, Task
from stellwerk.planning.quality.case import Case, Item, Measure, days_text
from stellwerk.planning.quality.redundancy import redundant_links

HARD: Final = frozenset(
    {"must_start_on", "must_finish_on", "start_on", "finish_on", "start_no_later", "finish_no_later"}
)
RESPONSIBLE: Final = ("respons", "verantwort", "owner")
"""Parts of the names of fields and codes that say who is responsible."""
AT_START: Final = frozenset({"FS", "SS"})
FROM_FINISH: Final = frozenset({"FS", "FF"})

NO_OPEN: Final = _("No activity is open.")
NO_WORK: Final = _("No open activity takes time.")
NO_LINKS: Final = _("There is no link.")
NO_DATA_DATE: Final = _("The schedule has no data date.")
NO_BASELINE: Final = _("The schedule has no baseline.")
NOTHING_PLANNED: Final = _("By the baseline nothing should be finished yet.")
TOO_LARGE: Final = _("There are too many links to look for this.")
NO_WAY_LEFT: Final = _("The delayed schedule would end after 2150.")


def _open(case: Case, wrong: Callable[[int], Text | bool]) -> Measure:
    """The open activities for which ``wrong`` is true or says what is wrong."""
    return case.counted(_found(case, case.open, wrong), len(case.open), NO_OPEN)


def _working(case: Case, wrong: Callable[[int], Text | bool]) -> Measure:
    return case.counted(_found(case, case.working, wrong), len(case.working), NO_WORK)


def _found(case: Case, rows: list[int], wrong: Callable[[int], Text | bool]) -> Iterator[Item]:
    for row in rows:
        answer = wrong(row)
        if answer:
            yield case.item(row, "" if answer is True else answer)


def _links(case: Case, wrong: Callable[[Link], bool]) -> Measure:
    links = [case.plan.links[number] for number in case.links]
    return case.counted((case.link_item(link) for link in links if wrong(link)), len(links), NO_LINKS)


# --- the 14 points


def logic(case: Case) -> Measure:
    def wrong(row: int) -> Text | bool:
        uid = case.task(row).uid
        before, after = uid in case.before, uid in case.after
        if not before and not after:
            return _("no predecessor, no successor")
        return False if before and after else _("no successor") if before else _("no predecessor")

    return _open(case, wrong)


def leads(case: Case) -> Measure:
    return _links(case, lambda link: _lag(link) < 0)


def lags(case: Case) -> Measure:
    return _links(case, lambda link: _lag(link) > 0)


def _lag(link: Link) -> Decimal | int:
    """Minutes, or per cent of the predecessor's duration; only the sign counts."""
    return link.lag.minutes if link.lag.percent is None else link.lag.percent


def finish_to_start(case: Case) -> Measure:
    found = _links(case, lambda link: link.type != "FS")
    return found if found.share is None else replace(found, share=1 - found.share)


def hard_constraints(case: Case) -> Measure:
    return _open(case, lambda row: bool({case.task(row).constraint, case.task(row).constraint2} & HARD))


def high_float(case: Case) -> Measure:
    def wrong(row: int) -> Text | bool:
        days = case.days(row, int(case.schedule.total_float[row]))
        return days > case.limits.high_float and days_text(days)

    return _open(case, wrong)


def negative_float(case: Case) -> Measure:
    def wrong(row: int) -> Text | bool:
        minutes = int(case.schedule.total_float[row])
        return minutes < 0 and days_text(case.days(row, minutes))

    return _open(case, wrong)


def high_duration(case: Case) -> Measure:
    """By the planned duration where a file tells it: in P6 the other one grows by every day on which begun work waits."""

    def wrong(row: int) -> Text | bool:
        planned = case.task(row).planned_duration
        minutes = planned.minutes if planned is not None else int(case.plan.network.activities.duration[row])
        days = case.days(row, minutes)
        return days > case.limits.high_duration and days_text(days)

    return _open(case, wrong)


def invalid_dates(case: Case) -> Measure:
    today = case.data_date
    if today is None:
        return Measure(reason=NO_DATA_DATE)

    def wrong(row: int) -> Text | bool:
        task = case.task(row)
        for actual in (task.actual_start, task.actual_finish):
            if actual is not None and actual > today:
                return _("actual date after the data date")
        if case.finished(row):
            return False
        forecast = [task.finish, None if task.actual_start is not None else task.start]
        return any(date is not None and date < today for date in forecast) and _("forecast before the data date")

    return case.counted(_found(case, case.all_rows, wrong), len(case.all_rows), NO_OPEN)


def resources(case: Case) -> Measure:
    def wrong(row: int) -> bool:
        return not any(_somebody(case, row))

    return _working(case, wrong)


def _somebody(case: Case, row: int) -> Iterator[bool]:
    for one in case.assignments.get(case.task(row).uid, ()):
        yield one.resource in case.resources or one.role is not None


def missed(case: Case) -> Measure:
    reason = _no_plan(case)
    if reason:
        return Measure(reason=reason)

    def wrong(row: int) -> bool:
        task, planned = case.task(row), case.baseline_finish(row)
        if not case.finished(row) or planned is None:
            return True
        done = task.actual_finish or task.finish
        return done is not None and done > planned

    rows = case.planned_by_now
    return case.counted(_found(case, rows, wrong), len(rows), NOTHING_PLANNED)


def _no_plan(case: Case) -> Text:
    """Why nothing can be compared with a baseline at the data date."""
    if case.data_date is None:
        return NO_DATA_DATE
    return "" if case.has_baseline else NO_BASELINE


def critical_path_test(case: Case) -> Measure:
    """A long delay of a critical activity must arrive at the end of the project."""
    if not case.open:
        return Measure(reason=NO_OPEN)
    floats, starts = case.schedule.total_float, case.schedule.start
    row = min(case.open, key=lambda one: (int(floats[one]), int(starts[one]), one))
    delay = case.limits.test_delay * case.day_of(row)
    try:
        moved = _end_moves(case, row, delay)
    except HorizonError:
        return Measure(reason=NO_WAY_LEFT)
    arrived = moved >= delay - case.limits.test_tolerance * case.day_of(row)
    share = Fraction(1) if arrived else Fraction(max(0, moved), delay)
    return Measure(() if arrived else (case.item(row, days_text(case.days(row, moved))),), 1, share)


def _end_moves(case: Case, row: int, delay: int) -> int:
    """Working minutes of the row's calendar by which the end of the project moves when the row takes ``delay`` longer."""
    network = case.plan.network
    longer = network.activities.duration.copy()
    longer[row] += delay
    left = network.activities.remaining.copy()
    if left[row] != NONE:
        left[row] += delay
    activities = replace(network.activities, duration=longer, remaining=left)
    later = case.plan.computed(
        Network(activities, network.links, network.projects, network.constraints, network.calendars)
    )
    end = case.schedule.finish.max()
    last = case.schedule.finish == end  # what ends the project now; a new end elsewhere is no answer
    ends = (np.array([one], np.int64) for one in (end, later.finish[last].max()))
    return int(network.calendars.between(network.activities.calendar[row : row + 1], *ends)[0])


def cpli(case: Case) -> Measure:
    """Critical path length index: how much of the remaining way may still be lost or has been lost already."""
    reason = _no_plan(case) if case.open else NO_OPEN
    if reason or case.data_date is None:
        return Measure(reason=reason)
    planned = max(finish for row in case.all_rows if (finish := case.baseline_finish(row)) is not None)
    length = _working_minutes(case, instant(case.data_date), int(case.schedule.finish.max()))
    reserve = _working_minutes(case, int(case.schedule.finish.max()), instant(planned))
    if length <= 0:
        return Measure(reason=NO_OPEN)
    return Measure((), 1, Fraction(length + reserve, length))


def _working_minutes(case: Case, start: int, end: int) -> int:
    """Working minutes of the project's calendar."""
    network = case.plan.network
    values = (np.array([one], np.int64) for one in (start, end))
    return int(network.calendars.between(network.projects.calendar[:1], *values)[0])


def bei(case: Case) -> Measure:
    """Baseline execution index: what is finished against what should be."""
    reason = _no_plan(case)
    planned = case.planned_by_now
    if reason or not planned:
        return Measure(reason=reason or NOTHING_PLANNED)
    late = tuple(case.item(row) for row in planned if not case.finished(row))
    return Measure(late, len(planned), Fraction(sum(map(case.finished, case.all_rows)), len(planned)))


# --- further checks


def responsible(case: Case) -> Measure:
    document = case.plan.document
    fields = {one.id for one in document.fields if _says_responsible(one.name, one.alias)}
    codes = {one.uid for one in document.code_types if _says_responsible(one.name)}

    def named(task: Task) -> bool:
        return any(one.field in fields and one.value for one in task.values) or any(
            one.type in codes for one in task.codes
        )

    return _open(case, lambda row: not named(case.task(row)) and not any(_persons(case, row)))


def _says_responsible(*names: str) -> bool:
    return any(word in name.casefold() for name in names for word in RESPONSIBLE)


def _persons(case: Case, row: int) -> Iterator[bool]:
    for one in case.assignments.get(case.task(row).uid, ()):
        resource = case.resources.get(one.resource) if one.resource is not None else None
        yield resource is not None and resource.type == "work" and not resource.role and not resource.generic


def effort(case: Case) -> Measure:
    def wrong(row: int) -> bool:
        task = case.task(row)
        return not (task.work or any(one.work for one in case.assignments.get(task.uid, ())))

    return _working(case, wrong)


def baseline(case: Case) -> Measure:
    if case.plan.document.format == "xer" and not case.has_baseline:
        return Measure(reason=_("Files of Primavera P6 do not hold the baseline."))
    return _open(case, lambda row: case.baseline_finish(row) is None)


def calendars(case: Case) -> Measure:
    document = case.plan.document
    usable = case.plan.calendars
    project = document.project.calendar in usable

    def wrong(row: int) -> bool:
        task = case.task(row)
        if task.duration is not None and task.duration.elapsed:
            return False
        return task.calendar not in usable if task.calendar is not None else not project

    return _open(case, wrong)


def dangling(case: Case) -> Measure:
    def wrong(row: int) -> Text | bool:
        uid = case.task(row).uid
        before = {link.type for link in case.before.get(uid, ())}
        after = {link.type for link in case.after.get(uid, ())}
        start = bool(before) and not before & AT_START and case.task(row).actual_start is None
        finish = bool(after) and not after & FROM_FINISH
        if start and finish:
            return pgettext_lazy("dangling", "start and finish")
        return (start and pgettext_lazy("dangling", "start")) or (finish and pgettext_lazy("dangling", "finish"))

    return _open(case, wrong)


def redundant(case: Case) -> Measure:
    found = redundant_links(case.plan.network.links, case.limits.redundant_steps)
    if found is None:
        return Measure(reason=TOO_LARGE)
    items = (case.link_item(case.plan.links[number]) for number in case.links if number in found)
    return case.counted(items, len(case.links), NO_LINKS)


def out_of_sequence(case: Case) -> Measure:
    findings = case.schedule.findings
    links = findings.link[findings.code == Finding.OUT_OF_SEQUENCE].tolist()
    items = (case.link_item(case.plan.links[number]) for number in sorted(set(links)))
    return case.counted(items, len(case.plan.links), NO_LINKS)


def summary_links(case: Case) -> Measure:
    document = case.plan.document
    known = {task.uid for task in document.tasks if not task.blank}
    links = [link for link in document.links if {link.predecessor, link.successor} <= known]
    wrong = (link for link in links if {link.predecessor, link.successor} & document.summaries)
    return case.counted(map(case.link_item, wrong), len(links), NO_LINKS)
