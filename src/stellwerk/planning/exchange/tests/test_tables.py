"""Tables as people have them: headings in German and English, links as text, dates and shares in many forms."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Literal

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.planning.exchange import read_schedule, write_schedule
from stellwerk.planning.exchange.document import (
    Assignment,
    Document,
    Duration,
    Lag,
    Link,
    ProjectInfo,
    Resource,
    Task,
)
from stellwerk.planning.exchange.table_writing import link_text
from stellwerk.planning.exchange.tests.helping import at, plan, problems_of
from stellwerk.trials import tries


def table(*rows: list[str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def read(*rows: list[str]) -> Document:
    return read_schedule(io.BytesIO(table(*rows)))


def test_a_german_plan_is_understood() -> None:
    document = read(
        ["Nr.", "Vorgangsname", "Dauer", "Anfang", "Ende", "Vorgänger", "Ressourcennamen", "% abgeschlossen"],
        ["1", "Vorbereitung", "2 Tage", "01.03.2027", "02.03.2027", "", "Anna", "100 %"],
        ["2", "Bau", "5t", "03.03.2027", "09.03.2027", "1", "Anna[50%]; Ben", "25 %"],
        ["3", "Übergabe", "0 Tage", "12.03.2027", "12.03.2027", "2EA+3t", "", "0 %"],
    )
    first, second, third = document.tasks
    assert (first.name, first.duration, first.start, first.finish) == ("Vorbereitung", Duration(960), at(1), at(2, 17))
    assert (second.duration, second.percent_complete) == (Duration(2400), Decimal(25))
    assert third.name == "Übergabe"
    assert [(one.predecessor, one.successor, one.lag.minutes) for one in document.links] == [(1, 2, 0), (2, 3, 1440)]
    assert [(one.resource, one.units) for one in document.assignments] == [(1, 1), (1, Decimal("0.5")), (2, 1)]


def test_levels_come_from_the_wbs_code_and_make_summary_rows() -> None:
    document = read(
        ["WBS", "Name", "Start", "Finish"],
        ["1", "Phase", "2027-03-01", "2027-03-05"],
        ["1.1", "Part", "2027-03-01", "2027-03-02"],
        ["1.2", "Other part", "2027-03-03 10:30", "2027-03-05 12:00"],
    )
    assert [task.level for task in document.tasks] == [1, 2, 2]
    assert document.tasks[0].summary
    assert document.tasks[2].start == at(3, 10, 30)
    assert document.counts().activities == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", Link(2, 9)),
        ("2SS", Link(2, 9, "SS")),
        ("2FS+2d", Link(2, 9, "FS", Lag(960))),
        ("2FF-1,5 t", Link(2, 9, "FF", Lag(-720))),
        ("2AA+4h", Link(2, 9, "SS", Lag(240))),
        ("2SF+30 min", Link(2, 9, "SF", Lag(30))),
        ("2FS+3ed", Link(2, 9, "FS", Lag(4320, elapsed=True))),
        ("2FS+50%", Link(2, 9, "FS", Lag(percent=Decimal(50)))),
        ("2FS - 1 week", Link(2, 9, "FS", Lag(-2400))),
        ("A1020FS+1d", Link(2, 9, "FS", Lag(480))),
    ],
)
def test_predecessors_are_read_as_people_write_them(text: str, expected: Link) -> None:
    document = read(
        ["No.", "Code", "Name", "Predecessors", "Start"],
        ["2", "A1020", "Before", "", "2027-03-01"],
        ["9", "A1090", "After", text, "2027-03-05"],
    )
    assert document.links == (expected,)


@pytest.mark.parametrize(
    ("cells", "code", "line"),
    [
        (["2", "Wrong", "7", "2027-03-01"], "link_missing", 3),
        (["2", "Wrong", "1xx+2parsec", "2027-03-01"], "link_missing", 3),
        (["2", "Wrong", "1FS+2parsec", "2027-03-01"], "value", 3),
        (["2", "Wrong", "2", "2027-03-01"], "link_self", 3),
        (["2", "Wrong", "", "soon"], "value", 3),
        (["2", "Wrong", "", "1949-03-01"], "date_range", 3),
        (["1", "Wrong", "", "2027-03-01"], "duplicate", 3),
    ],
)
def test_bad_cells_are_named_with_their_row(cells: list[str], code: str, line: int) -> None:
    rows = [["No.", "Name", "Predecessors", "Start"], ["1", "Good", "", "2027-03-01"], cells]
    codes = problems_of(table(*rows))
    assert codes[0] == code
    try:
        read(*rows)
    except Exception as problem:  # the line is what is tested
        assert f"Line {line}:" in str(problem)


def test_a_table_without_names_says_what_is_missing() -> None:
    assert problems_of(table(["Cost", "Budget"], ["1", "2"], ["3", "4"])) == ["no_column"]


def test_a_file_that_is_no_table_says_so() -> None:
    assert problems_of(b"%PDF-1.7 not a plan") == ["table"]
    assert problems_of(b"") == ["empty"]


def test_formulas_in_names_are_guarded_in_csv_and_come_back() -> None:
    document = Document(tasks=(Task(1, "=HYPERLINK(1)"), Task(2, "-2 people"), Task(3, "'quoted'")))
    content = write_schedule(document, "csv")
    assert b"'=HYPERLINK" in content
    assert [task.name for task in read_schedule(io.BytesIO(content)).tasks] == [task.name for task in document.tasks]


def test_real_dates_and_shares_of_a_workbook_are_read() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, ["Activity name", "Start date", "Duration (h)", "% complete"])
    for line, share in enumerate((0.25, 1), start=1):
        page.write_string(line, 0, f"Part {line}")
        page.write_datetime(line, 1, at(line, 13, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))  # noqa: DTZ001
        page.write_number(line, 2, 12)
        page.write_number(line, 3, share)
    book.close()
    first, second = read_schedule(io.BytesIO(buffer.getvalue())).tasks
    assert (first.start, first.duration, first.percent_complete) == (at(1, 13, 30), Duration(720), Decimal(25))
    assert second.percent_complete == 100


def test_a_day_has_as_many_minutes_as_the_project_says() -> None:
    content = table(["Name", "Duration"], ["One", "2"], ["Two", "3"])
    assert read_schedule(io.BytesIO(content), minutes_per_day=420).tasks[0].duration == Duration(840)


@given(
    kind=st.sampled_from(["FS", "SS", "FF", "SF"]),
    lag=st.builds(Lag, st.integers(-20_000, 20_000), elapsed=st.booleans())
    | st.builds(Lag, percent=st.integers(1, 500).map(Decimal), elapsed=st.booleans()),
)
def test_every_link_survives_as_text(kind: str, lag: Lag) -> None:
    if lag == Lag(0, elapsed=True):
        lag = Lag()
    link = Link(1, 2, kind, lag)  # type: ignore[arg-type]
    document = Document(tasks=(Task(1, "One"), Task(2, "Two")), links=(link,))
    found = read_schedule(io.BytesIO(write_schedule(document, "csv")))
    assert found.links == (link,), link_text(link, ProjectInfo())


@settings(deadline=None, max_examples=tries(60, 25))
@given(
    order=st.permutations(["Vorgangsname", "Anfang", "Ende", "Dauer", "Vorgänger", "Notizen"]),
    delimiter=st.sampled_from([";", ",", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    above=st.integers(0, 2),
    form=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d"]),
)
def test_columns_may_stand_anywhere(order: list[str], delimiter: str, encoding: str, above: int, form: str) -> None:
    days = [at(3), at(15), at(26)]
    rows = [
        {"Vorgangsname": f"Gebäude {n}", "Anfang": day.strftime(form), "Ende": day.strftime(form), "Dauer": "1",
         "Vorgänger": str(n - 1) if n > 1 else "", "Notizen": f"Bemerkung zu Haus {n}"}
        for n, day in enumerate(days, start=1)
    ]  # fmt: skip
    lines = [["Bauplan"]] * above + [order] + [[row[name] for name in order] for row in rows]
    document = read_schedule(io.BytesIO(table(*lines, delimiter=delimiter, encoding=encoding)))
    assert [task.name for task in document.tasks] == ["Gebäude 1", "Gebäude 2", "Gebäude 3"]
    assert [task.start for task in document.tasks] == days
    assert [(one.predecessor, one.successor) for one in document.links] == [(1, 2), (2, 3)]


def test_the_plan_written_as_a_table_has_its_predecessors() -> None:
    text = write_schedule(plan(), "csv").decode("utf-8-sig")
    assert "3SS+1d; 4FF-90m" in text


@pytest.mark.parametrize("target", ["csv", "xlsx"])
@pytest.mark.parametrize("units", ["0.35238095", "3.272727272727", "17183.0133", "0.5", "1"])
def test_shares_of_any_length_come_back_from_a_table(target: Literal["csv", "xlsx"], units: str) -> None:
    """A share that is not understood would become a second resource."""
    document = Document(
        tasks=(Task(1, "Dig", id=1, wbs="1"),),
        resources=(Resource(1, "Ann"),),
        assignments=(Assignment(1, 1, 1, units=Decimal(units)),),
    )
    found = read_schedule(io.BytesIO(write_schedule(document, target)))
    assert [one.name for one in found.resources] == ["Ann"]
    assert [one.units for one in found.assignments] == [Decimal(units)]
