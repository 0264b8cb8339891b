"""What Primavera does in its files beyond tabs and lines: quotation marks, notes, codes of the enterprise, order, progress."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Document, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Duration
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.tests.helping import first_problem, needs_mpxj
from stellwerk.planning.exchange.tests.test_bad_xer import FIRST, Rows, row, tables, xer
from stellwerk.planning.exchange.xer_notes import memo_plain_text


def read(rows: Rows) -> Document:
    return read_schedule(io.BytesIO(xer(rows)))


def again(document: Document) -> Document:
    return read_schedule(io.BytesIO(write_schedule(document, "xer")))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('Lay the 12"" pipe', 'Lay the 12" pipe'),
        ('The ""long"" way', 'The "long" way'),
        ('""Quoted""', '"Quoted"'),
        ('12" pipe of another tool', '12" pipe of another tool'),
        ('"Between marks"', "Between marks"),
        ('"', '"'),
        ('"open', '"open'),
        ('""', '"'),
    ],
)
def test_doubled_quotation_marks_are_one(told: str, name: str) -> None:
    document = read(tables(TASK=row("TASK", FIRST.replace("First", told))))
    assert document.task_by_uid[20].name == name
    assert again(document).task_by_uid[20].name == name


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ('"one\ttwo"', "one\ttwo"),
        ('"many\t\t\t\t\t"', "many\t\t\t\t\t"),
        ('"""marked"" and\ttorn"', '"marked" and\ttorn'),
    ],
)
def test_a_text_with_tabs_between_quotation_marks_is_one_cell(told: str, value: str) -> None:
    rows = tables() | {
        "RISKTYPE": ("risk_type_id\tseq_num\trisk_type\tparent_id", [f"1\t5\t{told}\t", "2\t6\tplain\t1"])
    }
    document = read(rows)
    for one in (document, again(document)):
        (table,) = (table for table in one.tables if table.name == "RISKTYPE")
        assert [cells[2] for cells in table.rows] == [value, "plain"]


def test_a_row_with_an_open_quotation_mark_and_too_many_cells_is_still_named() -> None:
    code, line, _ = first_problem(xer(tables(TASK=row("TASK", FIRST.replace("First", '"First') + "\textra"))))
    assert (code, line) == ("columns", 13)


@pytest.mark.slow
def test_mpxj_reads_the_quotation_marks_that_we_write(tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "marks.xer"
    document = read(tables(TASK=row("TASK", FIRST.replace("First", 'Lay the 12"" pipe, ""quickly""'))))
    path.write_bytes(write_schedule(document, "xer"))
    assert read_with_mpxj(path).task_by_uid[20].name == 'Lay the 12" pipe, "quickly"'


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0//EN">\x7f\x7f<HTML><BODY>Moved</BODY></HTML>', "Moved"),
        ("<HTML><BODY>one line\x7f\x7fof text<BR>and another</BODY></HTML>", "one line of text\nand another"),
        ("\ufeff", ""),
        ("\ufeff<HTML><BODY></BODY></HTML>", ""),
        ("<p>a</p>\x7f\x7fb", "a\nb"),
    ],
)
def test_notes_lose_what_only_a_browser_needs(told: str, text: str) -> None:
    assert memo_plain_text(told) == text


def test_codes_of_the_enterprise_structure_come_with_their_activities() -> None:
    """They belong to a node above the projects, whose number stands where others have the project's."""
    rows = tables() | {
        "ACTVTYPE": (
            "actv_code_type_id\tactv_code_type\tproj_id\tactv_code_type_scope",
            ["50\tStructure\t900\tAS_EPS", "51\tOf another project\t2\tAS_Project"],
        ),
        "ACTVCODE": (
            "actv_code_id\tactv_code_type_id\tshort_name\tactv_code_name",
            ["60\t50\tN\tNorth", "61\t51\tX\tX"],
        ),
        "TASKACTV": ("task_id\tactv_code_type_id\tactv_code_id\tproj_id", ["20\t50\t60\t1"]),
    }
    document = read(rows)
    assert [(one.uid, one.name, [value.name for value in one.values]) for one in document.code_types] == [
        (50, "Structure", ["N"])
    ]
    assert [(code.type, code.value) for code in document.task_by_uid[20].codes] == [(50, 60)]
    assert again(document).code_types == document.code_types
    assert b"\tStructure\t900\t" in write_schedule(document, "xer")


def test_nodes_with_the_same_place_stand_in_the_order_of_the_file() -> None:
    heads = "wbs_id\tproj_id\tproj_node_flag\twbs_short_name\twbs_name\tparent_wbs_id\tseq_num"
    nodes = [
        "10\t1\tY\tP1\tBridge\t\t0",
        "11\t1\tN\t2\tTwo\t10\t5",
        "12\t1\tN\t12\tTwelve\t10\t5",
        "13\t1\tN\t1\tOne\t10\t1",
    ]
    document = read(tables(PROJWBS=(heads, nodes)))
    for one in (document, again(document)):
        assert [task.name for task in one.tasks if task.kind == "wbs"] == ["Bridge", "One", "Two", "Twelve"]


CALENDAR = "".join(
    f"(0||{day}()((0||0(s|08:00|f|12:00)())(0||1(s|13:00|f|17:00)())))" if 2 <= day <= 6 else f"(0||{day}()())"
    for day in range(1, 8)
)
HEADS = (
    "task_id\tproj_id\twbs_id\tclndr_id\ttask_type\ttask_code\ttask_name\ttarget_drtn_hr_cnt\tremain_drtn_hr_cnt"
    "\tact_start_date\tact_end_date\trestart_date\treend_date\tsuspend_date\tresume_date"
)


@pytest.mark.parametrize(
    ("dates", "hours"),
    [
        # begun on Monday, data date Thursday morning; what remains waits until the week after
        ("2027-03-01 08:00\t\t2027-03-08 08:00\t2027-03-09 17:00\t\t", 24),
        ("2027-03-01 08:00\t\t2027-03-04 08:00\t2027-03-05 17:00\t\t", 24),
        # it stood still from Tuesday morning to Wednesday at noon
        ("2027-03-01 08:00\t\t2027-03-04 08:00\t2027-03-05 17:00\t2027-03-02 08:00\t2027-03-03 12:00", 12),
        # it stands still since Tuesday morning
        ("2027-03-01 08:00\t\t2027-03-04 08:00\t2027-03-05 17:00\t2027-03-02 08:00\t", 8),
        ("2027-03-01 08:00\t2027-03-02 17:00\t\t\t\t", 16),
        # begun in the future of the data date
        ("2027-03-05 08:00\t\t2027-03-05 08:00\t2027-03-08 17:00\t\t", 0),
    ],
)
def test_work_has_been_running_until_the_data_date(dates: str, hours: int) -> None:
    """P6: the actual duration ends at the actual finish or the data date, not where the remaining work begins."""
    task = f"20\t1\t10\t7\tTT_Task\tA\tFirst\t32\t16\t{dates}"
    rows = tables(
        PROJECT=(
            "proj_id\tproj_short_name\texport_flag\tclndr_id\tlast_recalc_date",
            ["1\tP1\tY\t7\t2027-03-04 08:00"],
        ),
        CALENDAR=row("CALENDAR", f"7\tNormal\tCA_Base\t(0||CalendarData()((0||DaysOfWeek()({CALENDAR}))))"),
        TASK=(HEADS, [task]),
    )
    document = read(rows)
    assert document.warnings == ()
    for one in (document, again(document)):
        assert one.task_by_uid[20].actual_duration == Duration(hours * 60)
