"""Primavera files that must be refused with a line and advice, or read with a warning."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from stellwerk.planning.exchange import ScheduleFileError, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import first_problem, plan, problems_of
from stellwerk.planning.exchange.xer_notes import memo_plain_text

Rows = dict[str, tuple[str, list[str]]]


def tables(**changes: tuple[str, list[str]]) -> Rows:
    found: Rows = {
        "PROJECT": ("proj_id\tproj_short_name\texport_flag\tclndr_id", ["1\tP1\tY\t7"]),
        "CALENDAR": ("clndr_id\tclndr_name\tclndr_type\tclndr_data", ["7\tNormal\tCA_Base\t"]),
        "PROJWBS": ("wbs_id\tproj_id\tproj_node_flag\twbs_short_name\twbs_name\tparent_wbs_id", ["10\t1\tY\tP1\tBridge\t"]),
        "TASK": (
            "task_id\tproj_id\twbs_id\tclndr_id\ttask_type\ttask_code\ttask_name\ttarget_drtn_hr_cnt\ttarget_start_date\ttarget_end_date\tnote",
            [
                "20\t1\t10\t7\tTT_Task\tA\tFirst\t8\t2027-03-01 08:00\t2027-03-01 17:00\t",
                "21\t1\t10\t7\tTT_Task\tB\tSecond\t8\t2027-03-02 08:00\t2027-03-02 17:00\t",
            ],
        ),
        "TASKPRED": ("task_pred_id\ttask_id\tpred_task_id\tproj_id\tpred_proj_id\tpred_type\tlag_hr_cnt", []),
    }  # fmt: skip
    return found | changes


def xer(rows: Rows, *, end: bool = True) -> bytes:
    lines = ["ERMHDR\t20.12\t2027-03-01\tProject\tadmin\tadmin\tdb\tProject Management\tEUR"]
    for name, (columns, values) in rows.items():
        lines += [f"%T\t{name}", f"%F\t{columns}", *(f"%R\t{row}" for row in values)]
    return ("\r\n".join([*lines, "%E"] if end else lines) + "\r\n").encode("cp1252")


def row(table: str, *values: str) -> tuple[str, list[str]]:
    return tables()[table][0], list(values)


def test_the_small_file_reads_without_a_word() -> None:
    document = read_schedule(io.BytesIO(xer(tables())))
    assert document.warnings == () or {one.code for one in document.warnings} == {"calendar_damaged"}
    assert [task.name for task in document.tasks] == ["Bridge", "First", "Second"]


FIRST = "20\t1\t10\t7\tTT_Task\tA\tFirst\t8\t2027-03-01 08:00\t2027-03-01 17:00\t"


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (FIRST + "\textra", "columns", "12 values, the table has 11 columns"),
        (FIRST.replace("\t7", "", 1), "columns", "10 values, the table has 11 columns"),
        (FIRST.replace("\t8\t", "\t-8\t"), "negative", "-8"),
        (FIRST.replace("\t8\t", "\tx\t"), "value", "target_drtn_hr_cnt"),
        (FIRST.replace("2027-03-01 08:00", "1900-03-01 08:00"), "date_range", "1900"),
        (FIRST.replace("2027-03-01 17:00", "2027-02-01 17:00"), "finish_before_start", "2027-02-01"),
        (FIRST.replace("20\t", "\t", 1), "missing", "task_id"),
        (FIRST.replace("20\t", "x\t", 1), "value", "task_id"),
    ],
)
def test_bad_rows_are_named_with_their_line(value: str, code: str, words: str) -> None:
    found = first_problem(xer(tables(TASK=row("TASK", value))))
    assert found[:2] == (code, 13)
    assert words in found[2]


def test_empty_cells_cut_off_the_end_of_a_row_are_accepted() -> None:
    document = read_schedule(io.BytesIO(xer(tables(TASK=row("TASK", FIRST.rstrip("\t"))))))
    assert document.counts().activities == 1


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1\t21\t99\t1\t1\tPR_FS\t0", "link_missing"),
        ("1\t21\t10\t1\t1\tPR_FS\t0", "link_summary"),
        ("1\t21\t21\t1\t1\tPR_FS\t0", "link_self"),
        ("1\t21\t\t1\t1\tPR_FS\t0", "missing"),
    ],
)
def test_bad_links_are_named_with_their_line(value: str, code: str) -> None:
    assert first_problem(xer(tables(TASKPRED=row("TASKPRED", value))))[:2] == (code, 17)


def test_a_circle_is_named() -> None:
    links = row("TASKPRED", "1\t21\t20\t1\t1\tPR_FS\t0", "2\t20\t21\t1\t1\tPR_SS\t-8")
    code, line, text = first_problem(xer(tables(TASKPRED=links)))
    assert (code, line) == ("cycle", 17)
    assert "A “First” → B “Second” → A “First”" in text


def test_a_link_to_another_project_is_kept_with_a_warning() -> None:
    content = xer(tables(TASKPRED=row("TASKPRED", "1\t21\t500\t1\t2\tPR_FS\t16")))
    document = read_schedule(io.BytesIO(content))
    assert document.links[0].project == "2"
    assert "external_link" in {one.code for one in document.warnings}
    assert read_schedule(io.BytesIO(write_schedule(document, "xer"))).links == document.links


def test_one_of_several_projects_is_read_and_the_others_are_named() -> None:
    rows = tables(
        PROJECT=row("PROJECT", "1\tP1\tN\t7", "2\tP2\tY\t7"),
        PROJWBS=row("PROJWBS", "10\t1\tY\tP1\tBridge\t", "11\t2\tY\tP2\tTunnel\t"),
    )
    document = read_schedule(io.BytesIO(xer(rows)))
    assert [task.name for task in document.tasks] == ["Tunnel"]
    assert any(one.code == "other_projects" and "P1" in one.message for one in document.warnings)
    assert len(read_schedule(io.BytesIO(xer(rows)), project="P1").tasks) == 3
    assert problems_of(xer(rows), project="P9") == ["unknown_project"]


def test_a_file_without_its_end_mark_is_truncated() -> None:
    assert first_problem(xer(tables(), end=False))[0] == "truncated"
    content = write_schedule(plan(), "xer")
    for cut in range(2, 100, 7):
        with pytest.raises(ScheduleFileError):
            read_schedule(io.BytesIO(content[: len(content) * cut // 100]))


def test_a_line_that_belongs_to_no_table_is_named() -> None:
    content = xer(tables()).replace(b"\r\n%E", b"\r\nstray text\r\n%E")
    code, line, text = first_problem(content)
    assert (code, line) == ("xer_line", 17)
    assert "stray text" in text


def test_a_file_without_a_project_says_so() -> None:
    rows = tables()
    del rows["PROJECT"]
    assert problems_of(xer(rows)) == ["no_project"]


def test_a_damaged_calendar_becomes_a_usual_week_with_a_warning() -> None:
    rows = tables(CALENDAR=row("CALENDAR", "7\tNormal\tCA_Base\t(0||CalendarData()("))
    document = read_schedule(io.BytesIO(xer(rows)))
    assert [one.code for one in document.warnings] == ["calendar_damaged"]
    assert document.calendars[0].week[0] and not document.calendars[0].week[6]  # noqa: PT018


def test_nodes_in_a_circle_are_refused() -> None:
    rows = tables(PROJWBS=row("PROJWBS", "10\t1\tY\tP1\tBridge\t", "11\t1\tN\tA\tA\t12", "12\t1\tN\tB\tB\t11"))
    assert problems_of(xer(rows))[0] == "node_circle"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe £ € „x“", "cp1252"),
        ("Größe £", "latin-1"),
        ("Größe 漢字", "utf-8"),
        ("Größe 漢字", "utf-8-sig"),
        ("Größe 漢字", "utf-16"),
        ("Überprüfung der Höhe für Köln", "mac_roman"),
    ],
)
def test_names_are_read_in_the_encoding_of_the_file(text: str, encoding: str) -> None:
    content = xer(tables()).decode("cp1252").replace("First", text).encode(encoding)
    assert read_schedule(io.BytesIO(content)).task_by_uid[20].name == text


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.xer"
    with path.open("wb") as stream:
        stream.write(b"ERMHDR\t8.4\r\n")
        stream.truncate(500_000_000)
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(path)
    assert caught.value.problems[0].code == "too_large"


def test_notes_lose_their_markup_and_are_written_back_as_they_were() -> None:
    rows = tables(
        MEMOTYPE=("memo_type_id\tmemo_type\ttask_flag", ["5\tRemarks\tY"]),
        TASKMEMO=(
            "memo_id\ttask_id\tmemo_type_id\tproj_id\ttask_memo",
            ["1\t20\t5\t1\t<HTML><HEAD><STYLE>p {}</STYLE></HEAD><P>One &amp; two</P>\x7f\x7f<P>three</P></HTML>"],
        ),
    )
    document = read_schedule(io.BytesIO(xer(rows)))
    assert document.task_by_uid[20].notes == "One & two\nthree"
    written = write_schedule(document, "xer")
    assert b"<STYLE>p {}</STYLE></HEAD><P>One &amp; two</P>\x7f\x7f<P>three</P>" in written
    assert read_schedule(io.BytesIO(written)).task_by_uid[20].notes == document.task_by_uid[20].notes


def test_numbers_of_nodes_and_activities_may_be_the_same() -> None:
    rows = tables(PROJWBS=row("PROJWBS", "20\t1\tY\tP1\tBridge\t"))
    rows["TASK"] = (rows["TASK"][0], [line.replace("\t10\t", "\t20\t") for line in rows["TASK"][1]])
    document = read_schedule(io.BytesIO(xer(rows)))
    assert document.counts().activities == 2
    assert len({task.uid for task in document.tasks}) == 3
    again = read_schedule(io.BytesIO(write_schedule(document, "xer")))
    assert [(task.uid, task.name) for task in again.tasks] == [(task.uid, task.name) for task in document.tasks]
    assert again.parents == document.parents


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("plain", "plain"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>a</p><P>b &lt; c</P>", "a\nb < c"),
        ('<html><head><title>x</title></head><body bgcolor=""#fff"">yes</body></html>', "yes"),
        ("<script>no</script>yes", "yes"),
        ("if <5> then", "if <5> then"),
        ("a\x7f\x7fb", "a\nb"),
    ],
)
def test_notes_are_read_as_text(told: str, text: str) -> None:
    assert memo_plain_text(told) == text


@pytest.mark.parametrize("piece", ["<", "<!--", "<head>", "<a ", "</", "&#"])
def test_notes_take_time_in_proportion_to_their_length(piece: str) -> None:
    memo_plain_text("<p>" + piece * 200_000)


def test_a_line_of_endless_cells_is_refused() -> None:
    assert problems_of(b"ERMHDR\t8.4\n%T\tTASK\n%F" + b"\t" * 100_000) == ["columns"]


def test_null_characters_are_left_out_and_told() -> None:
    content = write_schedule(plan(), "xer").replace(b"Pour", b"Po\0ur")
    document = read_schedule(io.BytesIO(content))
    assert [one.code for one in document.warnings] == ["null_characters"]
    assert document.warnings[0].line
    assert "Pour" in [task.name for task in document.tasks]
