"""The files of real tools: what we read equals what MPXJ reads, live where it is installed and by its figures elsewhere."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.realdata import real_data

from stellwerk.planning.exchange import Document, WorkingTime, compare, kind_of, mpxj, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Task
from stellwerk.planning.exchange.mpxj import _run as a_program_for_the_file
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.tests.helping import needs_mpxj

EXPECTED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("expected.json").read_text("utf-8"))
OURS = sorted(name for name in EXPECTED if name.endswith(".xer") or (name.endswith(".xml") and "MSPDI" in EXPECTED[name]["read as"]))  # fmt: skip
THEIRS = sorted(set(EXPECTED) - set(OURS))
LEAF_FIELDS = (
    "name", "milestone", "start", "finish", "duration", "constraint", "constraint_date", "percent_complete", "percent_work",
    "percent_physical", "actual_start", "actual_finish", "actual_duration", "remaining_duration", "work", "actual_work",
    "remaining_work", "deadline", "priority", "calendar",
)  # fmt: skip
NEVER_THE_SAME = {
    # MPXJ fills these in; P6's project node is our row 0; rates and units hold today, whenever that is
    "xer": ("project", "id", "level", "effort_driven", "critical", "fixed_cost", "rates", "minutes_per_day", "baselines",
            "standard_rate", "overtime_rate", "per_use", "rate_table"),
    "mspdi": ("rates", "timephased", "availability", "max_units", "standard_rate", "overtime_rate", "per_use",
              "rate_table", "resource.calendar"),
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("kept_converter")


def path_of(name: str) -> Path:
    return real_data("schedules", "gan" if name.endswith(".gan") else "mpxj", name)


def leaves(document: Document) -> list[Task]:
    return [task for task in document.tasks if not task.blank and task.uid not in document.summaries]


def figures(document: Document) -> dict[str, Any]:
    """What is stored of a file: counts, dates and sums, and nothing that its owner wrote."""
    rows = leaves(document)

    def total(name: str) -> str:
        values = (getattr(task, name) for task in rows)
        return str(sum((value for value in values if value is not None), Decimal(0)).quantize(Decimal("0.01")))

    start, finish = document.span()
    return asdict(document.counts()) | {
        "read as": document.version if document.format == "mpxj" else "",
        "start": f"{start:%Y-%m-%d %H:%M}" if start else None,
        "finish": f"{finish:%Y-%m-%d %H:%M}" if finish else None,
        "starts": sum(task.start.toordinal() for task in rows if task.start is not None),
        "finishes": sum(task.finish.toordinal() for task in rows if task.finish is not None),
        "minutes": sum(task.duration.minutes for task in rows if task.duration is not None),
        "percent": total("percent_complete"),
        "work": total("work"),
        "lags": sum(link.lag.minutes for link in document.links),
        "link types": "".join(sorted(link.type for link in document.links)),
        "working minutes": [_of_ten_years(document, uid) for uid in sorted(document.calendar_by_uid)],
        "assigned": str(sum((one.work or Decimal(0) for one in document.assignments), Decimal(0)).quantize(Decimal("0.01"))),
    }  # fmt: skip


def _of_ten_years(document: Document, uid: int) -> int:
    """The working time of ten years, so that weeks, exceptions and base calendars all count."""
    clock = WorkingTime(document.calendar_by_uid[uid], document.calendar_by_uid)
    return clock.minutes(dt.datetime(2003, 1, 1), dt.datetime(2013, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("name", OURS)
def test_our_reading_has_the_figures_of_mpxj(name: str) -> None:
    found, expected = figures(read_schedule(path_of(name))), dict(EXPECTED[name])
    assert {**found, "read as": expected["read as"]} == expected


@pytest.mark.parametrize("name", OURS)
def test_a_real_file_read_and_written_is_equal(name: str) -> None:
    document = read_schedule(path_of(name))
    content = write_schedule(document, document.format)  # type: ignore[arg-type]
    found = read_schedule(io.BytesIO(content))
    assert [str(one) for one in compare(document, found)] == []
    assert found == document
    assert write_schedule(found, document.format) == content  # type: ignore[arg-type]


@pytest.mark.parametrize("name", THEIRS)
def test_a_file_of_another_tool_is_recognised_by_its_content(name: str) -> None:
    with path_of(name).open("rb") as stream:
        assert kind_of(stream) in {"mpp", "mpx", "other_xml"}


@pytest.mark.slow
@pytest.mark.parametrize("name", THEIRS)
def test_mpxj_still_reads_a_file_of_another_tool(name: str) -> None:
    needs_mpxj()
    assert figures(read_schedule(path_of(name))) == EXPECTED[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mpp14baseline.mpp", "percent-complete-8.4.pmxml"])
def test_a_program_for_each_file_answers_as_the_one_that_is_kept(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_mpxj()
    kept = read_with_mpxj(path_of(name))
    monkeypatch.setattr(mpxj, "_run", a_program_for_the_file)
    alone = read_with_mpxj(path_of(name))
    assert [str(one) for one in compare(kept, alone, native=False)] == []
    assert figures(kept) == figures(alone) == EXPECTED[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_we_read_what_mpxj_reads(name: str) -> None:
    needs_mpxj()
    ours, theirs = read_schedule(path_of(name)), read_with_mpxj(path_of(name))
    assert ours.counts() == theirs.counts()
    others = theirs.task_by_uid
    for task in leaves(ours):
        for field in LEAF_FIELDS:
            assert getattr(task, field) == getattr(others[task.uid], field), (task.name, field)
    blank = {f"task.{task.uid}" for task in ours.tasks if task.blank}
    rows = ("task",) if ours.format == "xer" or blank else ()
    found = compare(ours, theirs, native=False, ignore=(*NEVER_THE_SAME[ours.format], *rows))
    assert [str(one) for one in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(".xml")])
def test_mpxj_reads_what_we_wrote_of_a_real_file(name: str, tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "again.xml"
    path.write_bytes(write_schedule(read_schedule(path_of(name)), "mspdi"))
    before, after = read_with_mpxj(path_of(name)), read_with_mpxj(path)
    assert [str(one) for one in compare(before, after, native=False)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(".xer")])
def test_mpxj_reads_what_we_wrote_of_a_real_xer(name: str, tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "again.xer"
    path.write_bytes(write_schedule(read_schedule(path_of(name)), "xer"))
    before, after = read_with_mpxj(path_of(name)), read_with_mpxj(path)
    assert [str(one) for one in compare(before, after, native=False)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in THEIRS if name.endswith((".mpp", ".gan", ".planner", ".pmxml"))])
def test_files_of_other_tools_become_mspdi_and_xer(name: str) -> None:
    """What comes through MPXJ can be handed on: all fields in MSPDI, rows, links and dates in XER."""
    needs_mpxj()
    document = read_schedule(path_of(name))
    found = read_schedule(io.BytesIO(write_schedule(document, "mspdi")), summary_links=True)
    ignore = ("project", "id", "wbs", "kind", "summary", "code", "field", "values", "codes", "planned_start",
              "planned_finish", "planned_duration", "percent_type", "type", "minutes_per_day", "assignment.role", "parent",
              "active", "rate_table", "timephased", "exceptions", "resource.name", "calendar.kind", "duration")  # fmt: skip
    efforts = ("work", "actual_work", "remaining_work") if name == "project1.planner" else ()  # thirds of a second
    assert [str(one) for one in compare(document, found, native=False, ignore=(*ignore, *efforts))] == []
    short = read_schedule(io.BytesIO(write_schedule(document, "xer")))
    mine, theirs = ({task.uid: task for task in leaves(one)} for one in (document, short))
    assert set(mine) == {uid for uid in theirs if uid in mine}
    for uid, task in mine.items():
        for field in ("start", "finish"):
            moment = getattr(task, field)
            assert getattr(theirs[uid], field) == (moment.replace(second=0) if moment is not None else None)
    kept = [link for link in document.links if {link.predecessor, link.successor} <= set(mine)]
    assert len(short.links) == len(kept)
