"""Microsoft Project XML that must be refused with a line and advice, or read with a warning."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Limits, ScheduleFileError, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import first_problem, plan, problems_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="http://schemas.microsoft.com/project">\n<Tasks>\n'
TAIL = "</Tasks>\n</Project>\n"


def task(uid: int, inside: str = "", name: str = "") -> str:
    return f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name or f'Task {uid}'}</Name><OutlineLevel>1</OutlineLevel>{inside}</Task>\n"


def link(uid: int) -> str:
    return f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>1</Type></PredecessorLink>"


def project(*tasks: str) -> bytes:
    return (HEAD + "".join(tasks) + TAIL).encode()


BILLION = """<?xml version="1.0"?>
<!DOCTYPE Project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<Project xmlns="http://schemas.microsoft.com/project"><Name>&c;</Name></Project>"""


@pytest.mark.parametrize(
    "content",
    [
        BILLION,
        BILLION.replace("<Project xmlns", '<Project a="&c;" xmlns'),
        '<!DOCTYPE Project SYSTEM "http://127.0.0.1:9/x.dtd"><Project/>',
        '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project><Name>&x;</Name></Project>',
        '<!DOCTYPE Project [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><Project/>',
        "<!DOCTYPE Project><Project/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_anything_of_it_is_read(content: str, encoding: str) -> None:
    text = content.replace('<?xml version="1.0"?>\n', "")
    assert problems_of(text.encode(encoding)) == ["xml_dtd"]


def test_an_undeclared_entity_is_no_text() -> None:
    assert first_problem(project(task(1, name="&secret;")))[:2] == ("xml", 4)


def test_a_circle_is_shown_with_its_shortest_way() -> None:
    tasks = [task(uid, link(uid - 1 or 5)) for uid in (1, 2, 3, 4)]
    tasks.append(task(5, link(4) + link(2), "Fifth"))
    tasks.append(task(6, link(5)))
    tasks[1] = task(2, link(1) + link(5), "Second")
    code, line, text = first_problem(project(*tasks))
    assert (code, line) == ("cycle", 8)
    assert "2 “Second” → 5 “Fifth” → 2 “Second”" in text
    assert "Delete one of these links" in text


@pytest.mark.parametrize(
    ("rows", "code", "line", "words"),
    [
        ([task(1), task(2, link(9))], "link_missing", 5, "number 9"),
        ([task(1, link(1))], "link_self", 4, "Task 1"),
        ([task(1, "<Duration>-PT8H0M0S</Duration>")], "negative", 4, "Duration of task “Task 1”"),
        ([task(1, "<Duration>8 hours</Duration>")], "value", 4, "8 hours"),
        ([task(1, "<Start>1949-12-31T23:59:00</Start>")], "date_range", 4, "1949-12-31"),
        ([task(1, "<Finish>2151-01-01T00:00:00</Finish>")], "date_range", 4, "1950 to 2150"),
        ([task(1, "<Start>21500-01-01T00:00:00</Start>")], "value", 4, "21500"),
        ([task(1, "<Start>2027-02-30T08:00:00</Start>")], "value", 4, "2027-02-30"),
        ([task(1, "<Start>2027-03-02T08:00:00</Start><Finish>2027-03-01T17:00:00</Finish>")], "finish_before_start", 4, "2027-03-01"),
        ([task(1), task(1)], "duplicate", 5, "twice"),
        (["<Task><Name>No number</Name></Task>\n"], "missing", 4, "No number"),
        ([task(1, "<PercentComplete>half</PercentComplete>")], "value", 4, "half"),
        ([task(1, "<Cost>1e999</Cost>")], "value", 4, "1e999"),
    ],
)  # fmt: skip
def test_bad_values_are_named_with_their_line(rows: list[str], code: str, line: int, words: str) -> None:
    found = first_problem(project(*rows))
    assert found[:2] == (code, line)
    assert words in found[2]
    assert found[2].startswith(f"Line {line}: ")


def test_a_link_of_a_summary_row_is_refused_and_can_be_allowed() -> None:
    child = task(2).replace("<OutlineLevel>1", "<OutlineLevel>2")
    content = project(task(1, name="Phase"), child, task(3, link(1)))
    code, line, text = first_problem(content)
    assert (code, line) == ("link_summary", 6)
    assert "Phase" in text
    document = read_schedule(io.BytesIO(content), summary_links=True)
    assert [one.code for one in document.warnings] == ["link_summary"]
    assert len(document.links) == 1


def test_all_errors_are_told_at_once_and_nothing_is_imported() -> None:
    content = project(task(1, link(8)), task(2, "<Duration>-PT1H0M0S</Duration>"), task(3, link(9)))
    assert problems_of(content) == ["negative", "link_missing", "link_missing"]


def test_without_strictness_errors_are_listed_and_the_rest_is_read() -> None:
    content = project(task(1, link(8)), task(2))
    document = read_schedule(io.BytesIO(content), strict=False)
    assert len(document.tasks) == 2
    assert [(one.code, one.severity) for one in document.warnings] == [("link_missing", "error")]


def test_a_link_to_another_project_is_kept_with_a_warning() -> None:
    other = (
        "<PredecessorLink><PredecessorUID>99</PredecessorUID><Type>1</Type><CrossProject>1</CrossProject>"
        "<CrossProjectName>C:\\other.mpp\\7</CrossProjectName></PredecessorLink>"
    )
    document = read_schedule(io.BytesIO(project(task(1, other))))
    assert document.links[0].project == "C:\\other.mpp\\7"
    assert [one.code for one in document.warnings] == ["external_link"]
    assert read_schedule(io.BytesIO(write_schedule(document, "mspdi"))) == document


@pytest.mark.parametrize("cut", range(5, 100, 7))
def test_a_file_that_is_cut_off_is_refused(cut: int) -> None:
    content = write_schedule(plan(), "mspdi")
    code, _, text = first_problem(content[: len(content) * cut // 100])
    assert code in {"truncated", "xml"}
    assert "again" in text


def test_a_file_cut_off_behind_its_last_task_is_truncated() -> None:
    content = write_schedule(plan(), "mspdi")
    assert first_problem(content[: content.index(b"</Tasks>")])[0] == "truncated"


def test_other_xml_is_not_taken_for_a_schedule() -> None:
    assert problems_of(b"<html><body/></html>") == ["unknown_format"]
    assert problems_of(
        b'<Project Sdk="Microsoft.NET.Sdk" xmlns="http://schemas.microsoft.com/developer/msbuild/2003"/>'
    )


def test_elements_nested_without_end_are_refused() -> None:
    content = b'<Project xmlns="http://schemas.microsoft.com/project">' + b"<a>" * 100_000
    assert problems_of(content) == ["xml_depth"]


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as stream:
        stream.write(HEAD.encode())
        stream.truncate(500_000_000)  # a sparse file: it takes no room
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(path)
    assert "500 MB" in str(caught.value)
    assert caught.value.problems[0].code == "too_large"


def test_more_rows_than_the_limit_are_refused() -> None:
    content = project(*(task(uid) for uid in range(1, 12)))
    assert problems_of(content, limits=Limits(rows=10)) == ["too_many"]


def test_a_task_with_endless_elements_is_refused() -> None:
    content = project(task(1, "<a/>" * 5000))
    assert problems_of(content, limits=Limits(elements=1000)) == ["too_many"]


def test_hundreds_of_problems_are_counted_and_not_listed_one_by_one() -> None:
    content = project(*(task(uid, link(uid + 5000)) for uid in range(1, 501)))
    codes = problems_of(content)
    assert codes.count("link_missing") == 200
    assert codes[-1] == "more"


def test_what_is_rounded_or_unknown_is_told() -> None:
    content = project(task(1, "<Duration>PT1H0M20S</Duration><ConstraintType>42</ConstraintType>"))
    document = read_schedule(io.BytesIO(content))
    assert [one.code for one in document.warnings] == ["unknown_value", "rounded"]
    assert document.tasks[0].duration.minutes == 60
    assert document.tasks[0].constraint == "asap"


def test_an_inserted_project_is_told() -> None:
    inserted = "<Project><Tasks><Task><UID>7</UID></Task></Tasks></Project>"
    document = read_schedule(io.BytesIO(project(task(1, inserted))))
    assert [one.code for one in document.warnings] == ["subproject"]
    assert len(document.tasks) == 1


def test_a_long_note_and_elements_nobody_knows_survive() -> None:
    note = "x" * 12_000_000
    content = project(task(1, f"<Notes>{note}</Notes><NewElement>new</NewElement><Deep><er>1</er></Deep>"))
    document = read_schedule(io.BytesIO(content))
    assert len(document.tasks[0].notes) == len(note)
    assert [one.name for one in document.tasks[0].kept] == ["NewElement", "Deep"]
    assert read_schedule(io.BytesIO(write_schedule(document, "mspdi"))) == document
