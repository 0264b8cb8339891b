"""The real portfolios: counts, orientation and lights are what a plain reading of the files says."""

from __future__ import annotations

import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from tests.realdata import real_data

from stellwerk.core.tabular import Table, best_table, column_reader, profile_columns, read, suggest
from stellwerk.core.tests.tabular.fields import FIELDS

UK = [
    ("uk_2015.csv", "columns", 188), ("uk_2016.csv", "columns", 143), ("uk_2017.csv", "columns", 143),
    ("uk_2018.csv", "rows", 133), ("uk_2019.csv", "rows", 133), ("uk_2020.csv", "rows", 125), ("uk_2021.csv", "rows", 184),
    ("uk_2022.csv", "rows", 235),
]  # fmt: skip
LIGHTS = {"red", "amber", "green", "amber/red", "amber/green"}


def plain_rows(path: Path) -> list[list[str]]:
    """An independent reading, by nothing but the csv module."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    delimiter = ";" if path.name in ("uk_2021.csv", "uk_2022.csv") else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def plain_lights(path: Path) -> Counter[str]:
    """Every project's light: the first of its cells in light columns that names a colour."""
    rows = plain_rows(path)
    if path.name in ("uk_2015.csv", "uk_2016.csv", "uk_2017.csv"):
        rows = [list(row) for row in zip(*rows, strict=True)]
    columns = [i for i, h in enumerate(rows[0]) if "colour" in h or "RAG rating" in h[:20] or "IPA Delivery Conf" in h]
    found = ([row[i].strip().lower() for i in columns if row[i].strip().lower() in LIGHTS] for row in rows[1:])
    return Counter(cells[0] for cells in found if cells)


def table_of(name: str) -> Table:
    return best_table(read(real_data("portfolios", "uk_gmpp", name)))


@pytest.mark.parametrize(("name", "orientation", "projects"), UK)
def test_uk_portfolios_have_their_projects_in_their_orientation(name: str, orientation: str, projects: int) -> None:
    table = table_of(name)
    assert (table.orientation, len(table.rows)) == (orientation, projects)
    plain = plain_rows(real_data("portfolios", "uk_gmpp", name))
    line, source = table.lines[-1], table.columns[0].source
    row, column = (line, source) if orientation == "rows" else (source, line)
    assert table.rows[-1][0] == plain[row][column]


@pytest.mark.parametrize(("name", "orientation", "projects"), UK)
def test_uk_lights_are_what_the_files_say(name: str, orientation: str, projects: int) -> None:
    table = table_of(name)
    profiles = profile_columns(table)
    light = next(s for s in suggest(table, FIELDS, profiles=profiles) if s.field == "light")
    readers = [(i, column_reader("light", profiles[i])) for i in (light.column, *light.others)]
    counted: Counter[str] = Counter()
    for row in table.rows:
        outcomes = [read_cell(row[i]) for i, read_cell in readers]
        assert all(outcome.kind != "unreadable" for outcome in outcomes), outcomes
        values = [outcome.value for outcome in outcomes if outcome.kind == "ok"]
        if values:
            counted[values[0].code.replace("_", "/")] += 1
    assert counted == plain_lights(real_data("portfolios", "uk_gmpp", name))


@pytest.mark.parametrize(("name", "orientation", "projects"), UK)
def test_uk_names_dates_and_money_are_found_and_nearly_all_read(name: str, orientation: str, projects: int) -> None:
    table = table_of(name)
    profiles = profile_columns(table)
    suggestions = {s.field: s.column for s in suggest(table, FIELDS, profiles=profiles)}
    assert {"name", "org_unit", "light", "start", "end", "budget", "forecast"} <= set(suggestions)
    assert ("key" in suggestions) == (name >= "uk_2020")
    for field, kind in (("start", "date"), ("end", "date"), ("budget", "money"), ("forecast", "money")):
        column = suggestions[field]
        read_cell = column_reader(kind, profiles[column])  # type: ignore[arg-type]
        unreadable = [cell for cell in table.values(column) if read_cell(cell).kind == "unreadable"]
        assert len(unreadable) <= 1, (field, unreadable)


def test_uk_money_of_2015_is_in_pounds_and_adds_up() -> None:
    table = table_of("uk_2015.csv")
    profiles = profile_columns(table)
    column = next(c.index for c in table.columns if c.name.startswith("2014/2015 Budget"))
    read_cell = column_reader("money", profiles[column])
    parsed = [read_cell(cell) for cell in table.values(column)]
    plain = [
        Decimal(cell.replace("£", "").replace(",", "").replace("m", ""))
        for cell in plain_rows(real_data("portfolios", "uk_gmpp", "uk_2015.csv"))[8][1:]
        if "£" in cell
    ]
    assert sum(p.value.amount for p in parsed if p.kind == "ok") == sum(plain) * 10**6
    assert {p.value.currency for p in parsed if p.kind == "ok"} == {"GBP"}


def test_the_note_under_the_table_of_2017_is_no_field() -> None:
    table = table_of("uk_2017.csv")
    assert len(table.columns) == 14
    assert [line.reason.code for line in table.skipped] == ["footnote"]


def test_the_world_bank_portfolio_is_complete() -> None:
    path = real_data("portfolios", "worldbank", "wb_active_2025-03-31.csv")
    table = best_table(read(path))
    assert (table.orientation, len(table.rows), len(table.columns)) == ("rows", 2554, 24)
    profiles = profile_columns(table)
    found = {s.field: table.columns[s.column].name for s in suggest(table, FIELDS, profiles=profiles)}
    assert (found["key"], found["name"], found["end"]) == ("id", "project_name", "closingdate")
    assert found["budget"] == "curr_project_cost"
    column = next(c for c in table.columns if c.name == "curr_total_commitment")
    read_cell = column_reader("money", profiles[column.index])
    total = sum(p.value.amount for p in map(read_cell, table.values(column.index)) if p.kind == "ok")
    plain = plain_rows(path)
    position = plain[0].index("curr_total_commitment")
    assert total == sum(Decimal(row[position]) for row in plain[1:] if row[position])


def test_melbourne_water_has_two_date_forms_and_all_are_read() -> None:
    table = best_table(read(real_data("portfolios", "au_melbourne_water", "Capital_Delivery_Project_deidentified.csv")))
    assert (table.orientation, len(table.rows), len(table.columns)) == ("rows", 445, 14)
    profiles = profile_columns(table)
    assert next(s for s in suggest(table, FIELDS) if s.field == "key").column == 0
    for column in table.columns:
        if profiles[column.index].kind == "date":
            read_cell = column_reader("date", profiles[column.index])
            outcomes = [read_cell(cell) for cell in table.values(column.index)]
            assert {p.kind for p in outcomes} <= {"ok", "empty"}
            assert not any(p.remark for p in outcomes)
