"""What is written reads back the same, in our readers and in MPXJ."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Document, WorkingTime, compare, lost_in, read_schedule, write_schedule
from stellwerk.planning.exchange.files import Target
from stellwerk.planning.exchange.kept import FieldDefinition, Value
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.tests.helping import NASTY, needs_mpxj, plan, with_repeats

ONLY_OURS = ("id", "level", "effort_driven", "critical", "fixed_cost", "rates", "minutes_per_day", "project", "kind")
"""What MPXJ fills in by itself, and where Primavera's project node stands."""
_FILLED_IN_BY_MPXJ = ("type", "baselines", "notes", "code", "planned_duration", "percent_complete", "percent_type", "actual_duration", "remaining_duration", "cost", "actual_cost", "remaining_cost", "per_use", "overtime_rate", "max_units", "standard_rate")  # fmt: skip


_NOT_LINKS = ("project", "calendar", "task", "resource", "assignment", "code", "field", "order")


def again(document: Document, target: Target) -> Document:
    return read_schedule(io.BytesIO(write_schedule(document, target)))


@pytest.mark.parametrize("target", ["mspdi", "xer", "csv", "xlsx"])
def test_the_same_document_gives_the_same_bytes(target: Target) -> None:
    assert write_schedule(plan(), target) == write_schedule(plan(), target)


@pytest.mark.parametrize("make", [plan, with_repeats])
def test_a_document_written_as_mspdi_reads_back_equal(make) -> None:  # type: ignore[no-untyped-def]
    document = replace(make(), code_types=())
    document = replace(document, tasks=tuple(replace(task, codes=()) for task in document.tasks))
    found = again(document, "mspdi")
    assert compare(document, found, native=False) == ()
    assert write_schedule(found, "mspdi") == write_schedule(document, "mspdi")


def test_a_document_written_as_xer_keeps_all_that_xer_holds() -> None:
    document = plan()
    found = again(document, "xer")
    assert found.counts() == document.counts()
    kept = ("name", "start", "finish", "milestone", "constraint", "constraint_date", "actual_start", "actual_finish", "notes", "codes", "duration")  # fmt: skip
    for task in document.tasks:
        after = found.task_by_uid[task.uid]
        for field in kept if task.kind != "wbs" else ("name", "start", "finish", "notes"):
            assert getattr(after, field) == getattr(task, field), (task.name, field)
    assert compare(document, found, native=False, ignore=_NOT_LINKS) == ()
    assert found.parents == document.parents
    assert [one.units for one in found.assignments] == [one.units for one in document.assignments]
    assert [one.work for one in found.assignments] == [one.work for one in document.assignments]
    for calendar in document.calendars:
        before = WorkingTime(calendar, document.calendar_by_uid)
        after = WorkingTime(found.calendar_by_uid[calendar.uid], found.calendar_by_uid)
        for offset in range(60):
            day = dt.date(2027, 2, 20) + dt.timedelta(days=offset)
            assert after.day(day) == before.day(day), (calendar.name, day)


def test_a_second_round_through_xer_changes_nothing() -> None:
    first = write_schedule(plan(), "xer")
    document = read_schedule(io.BytesIO(first))
    second = write_schedule(document, "xer")
    assert read_schedule(io.BytesIO(second)) == document
    assert second == first


def test_progress_and_effort_survive_xer() -> None:
    found = again(plan(), "xer").task_by_uid
    done, running = found[3], found[4]
    assert (done.percent_complete, done.duration.minutes, done.remaining_duration.minutes) == (100, 960, 0)
    assert (done.work, done.actual_work, done.cost) == (16, 16, 1280)
    assert running.percent_complete == 50
    assert running.remaining_duration.minutes == 480


def test_what_a_format_cannot_hold_is_said_before() -> None:
    assert "baselines" in lost_in(plan(), "xer")
    assert "deadlines" in lost_in(plan(), "xer")
    assert "activity codes" in lost_in(plan(), "mspdi")
    assert "calendars" in lost_in(plan(), "csv")
    assert lost_in(Document(), "xer") == ()


@pytest.mark.parametrize("target", ["mspdi", "xer", "csv", "xlsx"])
def test_a_name_full_of_signs_survives(target: Target) -> None:
    assert again(plan(), target).task_by_uid[3].name == NASTY


@pytest.mark.parametrize("target", ["mspdi", "xer"])
@pytest.mark.parametrize(
    "name", ["漢字 Ω", "tab\there", "line\nbreak", "\x00\x1f\ufffe", "]]>", "%E", "Ã¤ Ã¶", "“”", "x" * 5000]
)
def test_no_name_breaks_a_file(target: Target, name: str) -> None:
    tasks = tuple(replace(task, name=name) if task.uid == 4 else task for task in plan().tasks)
    found = again(replace(plan(), tasks=tasks), target)
    assert found.counts() == plan().counts()
    if name.isprintable() and target == "xer":
        assert found.task_by_uid[4].name == name


@pytest.mark.parametrize("target", ["csv", "xlsx"])
def test_a_table_keeps_rows_links_and_people(target: Target) -> None:
    document = plan()
    found = again(document, target)
    for before, after in zip(document.tasks, found.tasks, strict=True):
        for field in ("uid", "name", "level", "milestone", "start", "finish", "duration", "percent_complete", "constraint", "constraint_date", "deadline", "actual_start", "actual_finish", "priority", "notes", "work", "wbs"):  # fmt: skip
            assert getattr(before, field) == getattr(after, field), (before.name, field)
    assert [(a.predecessor, a.successor, a.type, a.lag) for a in found.links] == [
        (a.predecessor, a.successor, a.type, a.lag) for a in sorted(document.links, key=lambda one: one.successor)
    ]
    assert [one.name for one in found.resources] == ["Ann"]
    assert [one.units for one in found.assignments] == [one.units for one in document.assignments]


@pytest.mark.slow
@pytest.mark.parametrize("make", [plan, with_repeats])
def test_mpxj_reads_our_mspdi_as_we_do(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    needs_mpxj()
    path = tmp_path / "plan.xml"
    path.write_bytes(write_schedule(make(), "mspdi"))
    ours, theirs = read_schedule(path), read_with_mpxj(path)
    assert [str(one) for one in compare(ours, theirs, native=False, ignore=(*ONLY_OURS, "type"))] == []


@pytest.mark.slow
def test_mpxj_reads_our_xer_as_we_do(tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "plan.xer"
    path.write_bytes(write_schedule(plan(), "xer"))
    ours, theirs = read_schedule(path), read_with_mpxj(path)
    ignore = (*ONLY_OURS, *_FILLED_IN_BY_MPXJ)
    assert [str(one) for one in compare(ours, theirs, native=False, ignore=ignore) if "Bridge" not in str(one)] == []
    assert "Ümlaut" in theirs.task_by_uid[3].name
    assert "second <line> & more" in theirs.task_by_uid[3].notes


@pytest.mark.parametrize("target", ["mspdi", "xer"])
def test_custom_fields_of_another_format_become_text_fields(target: Target) -> None:
    definitions = tuple(
        FieldDefinition(f"task.{name}", name, alias) for name, alias in (("TEXT7", "Colour"), ("FLAG1", ""))
    )
    values = (Value("task.TEXT7", NASTY), Value("task.FLAG1", "true"))
    tasks = tuple(replace(task, values=values) if task.uid == 4 else task for task in plan().tasks)
    found = again(replace(plan(), tasks=tasks, fields=definitions, format="mpxj"), target)
    assert [one.value for one in found.task_by_uid[4].values] == [NASTY, "true"]
    names = {one.id: one.alias for one in found.fields}
    assert [names[one.field] for one in found.task_by_uid[4].values] == ["Colour", "FLAG1"]
