"""Finding the table: junk above, two heading rows, projects side by side, totals; and ten odd files end to end."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.core.tabular import (
    ReadingOptions,
    Sheet,
    Table,
    UnusableFile,
    best_table,
    column_reader,
    find_table,
    profile_columns,
    read,
    suggest,
)
from stellwerk.core.tests.tabular import making
from stellwerk.core.tests.tabular.fields import FIELDS
from stellwerk.trials import tries

PLAIN = [
    (
        "PRJ-001",
        "Neubau Halle 3",
        "Erika Mustermann",
        "red",
        dt.date(2025, 1, 15),
        dt.date(2027, 3, 31),
        Decimal("1250000"),
    ),
    (
        "PRJ-002",
        "Einführung ERP",
        "Jürgen Groß",
        "amber",
        dt.date(2024, 11, 1),
        dt.date(2026, 12, 31),
        Decimal("830500"),
    ),
    (
        "PRJ-003",
        "Werk Süd: Umzug",
        "Anna Özdemir",
        "green",
        dt.date(2026, 2, 1),
        dt.date(2026, 9, 30),
        Decimal("94000"),
    ),
    (
        "PRJ-004",
        "Qualitätsoffensive",
        "Paul Weiß",
        "green",
        dt.date(2026, 4, 13),
        dt.date(2028, 6, 30),
        Decimal("410000"),
    ),
]
GERMAN = {"red": "rot", "amber": "gelb", "green": "grün"}


def table_of(stream: io.BytesIO) -> Table:
    return best_table(read(stream))


def understood(table: Table, **options: Any) -> list[dict[str, Any]]:
    """The records as the importer will see them, by suggested mapping and column evidence alone."""
    profiles = profile_columns(table)
    kinds = {spec.code: spec.kind for spec in FIELDS}
    readers = {}
    for suggestion in suggest(table, FIELDS, profiles=profiles):
        kind = kinds[suggestion.field]
        kind = kind if kind in ("date", "money", "light", "percent") else "text"
        readers[suggestion.field] = (
            suggestion.column,
            column_reader(kind, profiles[suggestion.column], ReadingOptions(**options)),  # type: ignore[arg-type]
        )
    return [{code: read_cell(row[column]).value for code, (column, read_cell) in readers.items()} for row in table.rows]


def assert_plain(records: list[dict[str, Any]]) -> None:
    got = [
        (r["key"], r["name"], r["manager"], r["light"].code, r["start"], r["end"], r["budget"].amount) for r in records
    ]
    assert got == PLAIN


def german_number(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", ".")


def german_date(day: dt.date) -> str:
    return day.strftime("%d.%m.%Y")


def semicolon_cp1252() -> io.BytesIO:
    lines = ["Projekt-Nr.;Projektname;Projektleitung;Ampel;Beginn;Ende;Gesamtbudget"]
    lines += [
        f"{k};{n};{m};{GERMAN[c]};{german_date(s)};{german_date(e)};{german_number(b)} €"
        for k, n, m, c, s, e, b in PLAIN
    ]
    return making.csv_bytes("\r\n".join(lines), "cp1252")


def transposed_german_xlsx() -> io.BytesIO:
    head = [
        "Projektnummer",
        "Bezeichnung",
        "Projektleiter",
        "Gesamtstatus",
        "Startdatum",
        "Fertigstellung",
        "Budget (T€)",
    ]
    rows = [[k, n, m, GERMAN[c].upper(), s, e, float(b / 1000)] for k, n, m, c, s, e, b in PLAIN]
    return making.xlsx(zip(head, *rows, strict=True))


def german_ods_with_title() -> io.BytesIO:
    head = ["Kennung", "Projektname", "Projektleitung", "Ampelstatus", "Start", "Ende", "Plankosten"]
    rows: list[list[Any]] = [["Projektübersicht Stand 23.11.2026"], [None], head]
    rows += [[k, n, m, GERMAN[c], s, e, float(b)] for k, n, m, c, s, e, b in PLAIN]
    return making.ods(rows)


def two_heading_rows() -> io.BytesIO:
    rows: list[list[Any]] = [
        ["Projekt", None, "Leitung", "Status", "Termine", None, "Kosten", None],
        ["Nr.", "Name", "Projektleiter", "Ampel", "Start", "Ende", "Budget", "Ist"],
    ]
    rows += [[k, n, m, GERMAN[c], s, e, float(b), float(b) / 2] for k, n, m, c, s, e, b in PLAIN]
    return making.xlsx(rows, merges=["A1:B1", "E1:F1", "G1:H1"])


def english_in_millions() -> io.BytesIO:
    lines = ["project_id,project_name,project_manager,rag,start_date,end_date,whole_life_cost_£m"]
    lines += [f"{k},{n},{m},{c.title()},{s:%d/%m/%Y},{e:%d/%m/%Y},£{b / 10**6}m" for k, n, m, c, s, e, b in PLAIN]
    return making.csv_bytes("\n".join(lines), "utf-8-sig")


def junk_above_and_below() -> io.BytesIO:
    rows: list[list[Any]] = [
        ["ACME GmbH"],
        ["Confidential", None, None, "printed", dt.date(2026, 11, 1)],
        [None],
        [None, "ID", "Project", "Project lead", "Traffic light", "Begin", "Finish", "Total budget"],
    ]
    rows += [[None, k, n, m, c[0].upper(), s, e, float(b)] for k, n, m, c, s, e, b in PLAIN[:2]]
    rows += [[None]]
    rows += [[None, k, n, m, c[0].upper(), s, e, float(b)] for k, n, m, c, s, e, b in PLAIN[2:]]
    rows += [
        [None, "Total", None, None, None, None, None, 2584500],
        [None],
        [None, "Source: PMO, all figures unaudited"],
    ]
    return making.xlsx(rows)


def american_dates_tab_utf16() -> io.BytesIO:
    lines = ["Key\tTitle\tProject Manager\tOverall Status\tStart\tFinish\tBudget"]
    lines += [f"{k}\t{n}\t{m}\t{c}\t{s:%m/%d/%Y}\t{e:%m/%d/%Y}\t${b:,.2f}" for k, n, m, c, s, e, b in PLAIN]
    return making.csv_bytes("\n".join(lines), "utf-16")


def units_row_below_the_heading() -> io.BytesIO:
    rows: list[list[Any]] = [
        ["Projekt-Nr.", "Projekt", "PL", "Ampel", "Start", "Ende", "Budget"],
        [None, None, None, None, "TT.MM.JJJJ", "TT.MM.JJJJ", "T€"],
    ]
    rows += [
        [k, n, m, GERMAN[c], german_date(s), german_date(e), german_number(b / 1000)] for k, n, m, c, s, e, b in PLAIN
    ]
    return making.xlsx(rows)


def transposed_csv_with_prose() -> io.BytesIO:
    head = ["Name des Projekts", "Projektnummer", "Ampel\n(Stand heute)", "Beschreibung", "Beginn", "Ende", "Projektleiter",
            "Budget in Mio. €"]  # fmt: skip
    rows = [
        [n, k, GERMAN[c], f"Das Vorhaben {n} bringt das Unternehmen voran; Näheres steht im Antrag.", german_date(s),
         german_date(e), m, str(b / 10**6).replace(".", ",")]
        for k, n, m, c, s, e, b in PLAIN
    ]  # fmt: skip
    return making.csv_bytes(
        "\n".join(";".join(f'"{cell}"' for cell in line) for line in zip(head, *rows, strict=True)), "cp1252"
    )


def swiss_with_words() -> io.BytesIO:
    months = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
              "Dezember"]  # fmt: skip
    lines = ["Projekt ID|Projekt|Projektleiter|Status|Startdatum|Enddatum|Budget CHF"]
    for k, n, m, c, s, e, b in PLAIN:
        start, end = (f"{d.day}. {months[d.month - 1]} {d.year}" for d in (s, e))
        lines.append(f"{k}|{n}|{m}|{GERMAN[c]}|{start}|{end}|{b:,.2f}".replace(",", "'"))
    return making.csv_bytes("\n".join(lines))


LAYOUTS: list[Callable[[], io.BytesIO]] = [
    semicolon_cp1252,
    transposed_german_xlsx,
    german_ods_with_title,
    two_heading_rows,
    english_in_millions,
    junk_above_and_below,
    american_dates_tab_utf16,
    units_row_below_the_heading,
    transposed_csv_with_prose,
    swiss_with_words,
]


@pytest.mark.parametrize("make", LAYOUTS, ids=lambda make: make.__name__)
def test_every_odd_layout_is_understood_without_help(make: Callable[[], io.BytesIO]) -> None:
    assert_plain(understood(table_of(make())))


def test_the_currency_of_the_heading_reaches_the_amounts() -> None:
    assert {r["budget"].currency for r in understood(table_of(swiss_with_words()))} == {"CHF"}
    assert {r["budget"].currency for r in understood(table_of(transposed_german_xlsx()))} == {"EUR"}


def test_what_is_no_record_is_skipped_and_named_with_its_place() -> None:
    table = table_of(junk_above_and_below())
    assert [(line.reason.code, line.origin.row) for line in table.skipped] == [("total", 10), ("footnote", 12)]


def test_a_cell_is_named_as_its_owner_sees_it() -> None:
    upright, lying = table_of(junk_above_and_below()), table_of(transposed_german_xlsx())
    assert str(upright.origin(2, 6)) == "row 8, column H “Total budget”"
    origin = lying.origin(1, 6)
    assert (lying.orientation, origin.row, origin.column, origin.name) == ("columns", 7, "C", "Budget (T€)")


def test_two_columns_of_one_name_are_both_kept_and_complete_each_other() -> None:
    text = "Name,Status,Status\n" + "".join(
        f"P{i},{'green' if i % 2 else ''},{'' if i % 2 else 'red'}\n" for i in range(8)
    )
    table = table_of(making.csv_bytes(text + "P9,amber,amber\n"))
    assert [column.name for column in table.columns] == ["Name", "Status", "Status (2)"]
    light = next(s for s in suggest(table, FIELDS) if s.field == "light")
    assert sorted((light.column, *light.others)) == [1, 2]


def test_the_column_with_values_is_chosen_of_two_with_one_name() -> None:
    text = "Name,Budget,Budget\n" + "".join(f"P{i},,{i}000\n" for i in range(1, 9))
    table = table_of(making.csv_bytes(text))
    assert next(s for s in suggest(table, FIELDS) if s.field == "budget").column == 2


def test_line_breaks_in_headings_become_spaces_in_the_name_only() -> None:
    table = table_of(making.csv_bytes('"Project\nname","End date\r\n(latest)"\nA,2026-01-01\nB,2026-02-01\n'))
    assert [column.name for column in table.columns] == ["Project name", "End date (latest)"]
    assert table.columns[0].header == "Project\nname"


def test_a_value_merged_over_several_rows_holds_for_each() -> None:
    rows = [["Bereich", "Projekt", "Budget"], ["Nord", "A", 1], [None, "B", 2], ["Süd", "C", 3]]
    assert table_of(making.xlsx(rows, merges=["A2:A3"])).values(0) == ["Nord", "Nord", "Süd"]


def test_empty_columns_go_and_headed_empty_columns_stay() -> None:
    table = table_of(making.csv_bytes("Name,,Budget,Sponsor\nA,,1,\nB,,2,\n"))
    assert [(column.name, column.filled) for column in table.columns] == [("Name", 2), ("Budget", 2), ("Sponsor", 0)]


def test_headings_repeated_on_each_printed_page_are_skipped() -> None:
    table = table_of(making.csv_bytes("Name,Budget\nA,1\nB,2\nName,Budget\nC,3\n"))
    assert table.values(0) == ["A", "B", "C"]


def test_a_project_called_total_is_no_total() -> None:
    table = table_of(
        making.csv_bytes("Name,Leiter,Start,Budget\nTotal Quality,Anna Alt,2026-01-01,5\nB,Bob Neu,2026-01-02,6\n")
    )
    assert table.values(0) == ["Total Quality", "B"]


def test_the_best_visible_sheet_is_taken() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Lies mich"])
    book.active.append(["Diese Mappe enthält das Portfolio."])
    sheet = book.create_sheet("Portfolio")
    for row in (["Name", "Budget", "Ende"], ["A", 1, dt.date(2026, 1, 1)], ["B", 2, dt.date(2026, 2, 1)]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    file = read(stream)
    assert best_table(file).sheet == "Portfolio"


def test_the_user_may_overrule_the_orientation() -> None:
    sheet = read(transposed_german_xlsx()).sheets[0]
    table = find_table(sheet, orientation="rows")
    assert table is not None
    assert table.orientation == "rows"


def test_the_signature_is_that_of_the_headings_in_any_order() -> None:
    one, two = (table_of(making.csv_bytes(t)) for t in ("Name,Budget\nA,1\nB,2\n", "budget,NAME\n7,C\n8,D\n"))
    assert one.signature == two.signature
    assert one.signature != table_of(making.csv_bytes("Name,Kosten\nA,1\nB,2\n")).signature


CELL = st.one_of(st.none(), st.text(max_size=12), st.integers(-9999, 9999), st.dates(), st.booleans())


@settings(max_examples=tries(200, 80), deadline=None)
@given(rows=st.lists(st.lists(CELL, max_size=8), max_size=14))
def test_no_sheet_ever_raises_and_every_cell_of_a_table_is_in_the_sheet(rows: list[list[Any]]) -> None:
    sheet = Sheet("S", tuple(tuple(row) for row in rows))
    table = find_table(sheet)
    if table is None:
        return
    suggest(table, FIELDS)
    for i, row in enumerate(table.rows):
        for column in table.columns:
            line, source = table.lines[i], column.source
            y, x = (line, source) if table.orientation == "rows" else (source, line)
            there = sheet.rows[y][x] if y < len(sheet.rows) and x < len(sheet.rows[y]) else None
            assert row[column.index] == there


def test_headings_without_a_single_project_are_no_table() -> None:
    for data in (b"Projektnummer;Projektname;Ampel;Endtermin\n", b"\n\nProjektname;Ampel\n\n"):
        with pytest.raises(UnusableFile) as refusal:
            best_table(read(io.BytesIO(data), name="kopf.csv"))
        assert refusal.value.code == "no_table"


def test_a_table_that_nobody_can_map_is_refused_with_its_width() -> None:
    row = ";".join(f"Ampel {i}" for i in range(501))
    with pytest.raises(UnusableFile) as refusal:
        best_table(read(io.BytesIO(f"{row}\n{'rot;' * 500}rot\n".encode()), name="breit.csv"))
    assert refusal.value.code == "too_large" and "501 columns" in str(refusal.value)
