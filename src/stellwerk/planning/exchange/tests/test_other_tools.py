"""What tools other than Project and P6 leave out or write otherwise: how their files begin, progress as a mere percentage."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Document, kind_of, mpxj, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Duration, Rate, Resource, Task
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.tests.helping import at, needs_mpxj, plan, problems_of


@pytest.mark.parametrize(
    "start",
    [
        b"\xac\xed\x00\x05t\x00\x051.0.0",
        b"\x1c\x00\x00\x00\x8b\x00\x00\x00",
        b"\x00\x01\x00\x00Standard Jet DB\x00",
        b"SQLite format 3\x00",
        b"\x00\x00000000 ",
        b"PPX!!!!\x00",
        b"VOLM  1\r\n",
        b"**** Schedule Grid",
    ],
)
def test_files_that_only_the_optional_part_reads_are_known_by_their_beginning(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = start + bytes(200)
    assert kind_of(io.BytesIO(content)) == "other"
    monkeypatch.setattr(mpxj, "available", lambda: False)
    assert problems_of(content, name="plan.pod") == ["needs_extra"]


@pytest.mark.parametrize(
    ("streams", "kind"),
    [
        (["Root Entry", "TBkndTask"], "mpp"),
        (["Root Entry", "Workbook"], "table"),
        (["Root Entry", "Book"], "table"),
        (["Root Entry", "Workbook", "TBkndTask"], "mpp"),
        (["Root Entry"], "mpp"),
    ],
)
def test_a_schedule_with_a_workbook_inside_is_a_schedule(streams: list[str], kind: str) -> None:
    names = b"".join(name.encode("utf-16-le").ljust(64, b"\0") for name in streams)
    assert kind_of(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1 << 20) + names)) == kind


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n\x00", b"%PDF-1.7\n\x00", b"MZ\x90\x00", b"\x1f\x8b\x08\x00"])
def test_what_no_part_reads_stays_unknown(start: bytes) -> None:
    assert problems_of(start + bytes(200), name="plan.pod") == ["unknown_format"]


def done(percent: str | None, **changes: object) -> Task:
    """Two days of which only the percentage is known."""
    task = Task(
        8, "Dig", wbs="3", start=at(1), finish=at(2, 17), duration=Duration(960, unit="d"), calendar=1,
        percent_complete=None if percent is None else Decimal(percent),
    )  # fmt: skip
    return replace(task, **changes)  # type: ignore[arg-type]


def through_xer(task: Task) -> Task:
    document = plan()
    content = write_schedule(Document(document.project, document.calendars, (task,)), "xer")
    return read_schedule(io.BytesIO(content)).task_by_uid[8]


@pytest.mark.parametrize(
    ("percent", "begun", "left"),
    [("25", True, 720), ("100", True, 0), ("0", False, 960), (None, False, 960), ("150", True, 0)],
)
def test_a_mere_percentage_becomes_progress_in_xer(percent: str | None, begun: bool, left: int) -> None:
    found = through_xer(done(percent))
    assert found.percent_complete == min(Decimal(100), Decimal(percent or 0))
    assert found.actual_start == (at(1) if begun else None)
    assert found.actual_finish == (at(2, 17) if begun and not left else None)
    assert found.remaining_duration == Duration(left)
    assert (found.start, found.finish) == (at(1), at(2, 17))


def test_a_start_without_what_remains_is_filled_up_in_xer() -> None:
    found = through_xer(done("75", actual_start=at(1)))
    assert (found.percent_complete, found.remaining_duration) == (Decimal(75), Duration(240))


def test_what_remains_is_kept_where_it_is_told() -> None:
    found = through_xer(done("75", actual_start=at(1), remaining_duration=Duration(600)))
    assert found.remaining_duration == Duration(600)


def test_a_percentage_without_any_date_says_nothing_of_when() -> None:
    found = through_xer(done("25", start=None, finish=None))
    assert (found.actual_start, found.actual_finish) == (None, None)


def test_rates_are_bounded_in_mspdi() -> None:
    """Its schema asks of every rate from when to when it holds; P6 says only from when."""
    rates = (
        Rate(0, None, standard=Decimal(80)),
        Rate(0, at(10), standard=Decimal(90)),
        Rate(1, at(5), standard=Decimal(100)),
    )
    document = Document(resources=(Resource(1, "Ann", rates=rates),))
    (found,) = read_schedule(io.BytesIO(write_schedule(document, "mspdi"))).resources
    always, for_ever = at(1, 0, month=1, year=1984), at(31, 23, 59, month=12, year=2049)
    assert [(one.table, one.start, one.finish, one.standard) for one in found.rates] == [
        (0, always, at(10), Decimal(80)), (0, at(10), for_ever, Decimal(90)), (1, at(5), for_ever, Decimal(100)),
    ]  # fmt: skip


@pytest.mark.slow
def test_mpxj_reads_the_rates_that_we_write(tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "rates.xml"
    path.write_bytes(write_schedule(Document(resources=(Resource(1, "Ann", rates=(Rate(0, at(3)),)),)), "mspdi"))
    assert [one.name for one in read_with_mpxj(path).resources if one.uid == 1] == ["Ann"]


def test_the_row_of_an_empty_project_is_no_activity() -> None:
    document = Document(tasks=(Task(0, "Empty", id=0, level=0),))
    assert (document.counts().activities, document.counts().summaries) == (0, 1)
    assert Document(tasks=(Task(0, "First of all", id=1),)).counts().activities == 1
