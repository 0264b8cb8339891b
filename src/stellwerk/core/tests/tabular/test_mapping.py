"""Suggesting the mapping: from names, from contents, all at once, and from what was saved."""

from __future__ import annotations

import itertools
import random

import pytest

from stellwerk.core.tabular import FieldSpec, Table, best_table, read, saved_mapping, suggest
from stellwerk.core.tabular.assignment import assign
from stellwerk.core.tests.tabular import making
from stellwerk.core.tests.tabular.fields import FIELDS

BODY = "PRJ-1,Alpha,2026-01-01,2026-12-31,100,green\nPRJ-2,Beta,2026-02-01,2027-12-31,200,red\nPRJ-3,Gamma,2026-03-01,2027-01-31,300,amber\n"


def table_of(header: str, body: str = BODY) -> Table:
    return best_table(read(making.csv_bytes(f"{header}\n{body}")))


def mapped(table: Table, fields: tuple[FieldSpec, ...] = FIELDS) -> dict[str, str]:
    return {s.field: table.columns[s.column].name for s in suggest(table, fields)}


def test_case_umlauts_camel_case_and_snake_case_do_not_matter() -> None:
    for header in (
        "projekt_nr,PROJEKTNAME,StartDatum,end_datum,gesamt-budget,Ampel",
        "ProjectID,projectName,startDate,endDate,TotalBudget,RAG",
        "Project No.,Name of project,Start,Finish,Budget (k€),Traffic Light",
        "Projektkennung,Projektbezeichnung,Projektbeginn,Projektende,Projektbudget,Projektampel",
    ):
        table = table_of(header)
        assert list(mapped(table)) == ["key", "name", "start", "end", "budget", "light"], header


def test_a_slip_of_the_pen_in_a_heading_is_forgiven() -> None:
    assert mapped(table_of("Projektnumer,Projekname,Startdatm,Endatum,Budgett,Ampell"))["start"] == "Startdatm"


def test_contents_decide_where_a_heading_says_two_things() -> None:
    lights = table_of("ID,Name,Start,Ende,Budget,Status")
    phases = table_of(
        "ID,Name,Start,Ende,Budget,Status",
        BODY.replace("green", "open").replace("red", "closed").replace("amber", "idea"),
    )
    assert mapped(lights)["light"] == "Status"
    assert "light" not in mapped(phases)


def test_a_date_field_never_takes_a_column_of_prose() -> None:
    table = best_table(
        read(
            making.csv_bytes(
                "Name,End date comment\n"
                + "".join(f"P{i},The date moved because of {i} reasons that were named\n" for i in range(9))
            )
        )
    )
    assert "end" not in mapped(table)


def test_contents_alone_find_an_unnamed_key_and_name() -> None:
    table = table_of("XZ1,QQ7,Start,Ende,Budget,Ampel")
    found = mapped(table)
    assert (found["key"], found["name"]) == ("XZ1", "QQ7")


def test_no_two_columns_take_one_field_and_no_field_two_columns() -> None:
    table = table_of(
        "Name,Project name,Start,Start date,Budget,Status",
        "A,Alpha,2026-01-01,2026-12-31,100,green\nB,Beta,2026-02-01,2027-12-31,200,red\n",
    )
    suggestions = suggest(table, FIELDS)
    assert len({s.column for s in suggestions}) == len(suggestions)
    assert len({s.field for s in suggestions}) == len(suggestions)


def test_the_assignment_is_the_best_as_a_whole() -> None:
    chance = random.Random(4)
    for _round in range(200):
        rows, columns = chance.randint(1, 4), chance.randint(1, 5)
        gains = [[chance.choice([0.0, chance.random()]) for _ in range(columns)] for _ in range(rows)]
        got = assign(gains)
        chosen = [column for column in got if column is not None]
        assert len(chosen) == len(set(chosen))
        best = max(
            sum(gains[i][j] for i, j in enumerate(order) if j is not None)
            for order in itertools.permutations([*range(columns), *[None] * rows], rows)
        )
        assert abs(sum(gains[i][j] for i, j in enumerate(got) if j is not None) - best) < 1e-9


def test_a_saved_mapping_wins_for_the_same_headings() -> None:
    table = table_of("ID,Name,Start,Ende,Budget,Ampel")
    saved = saved_mapping(table, {0: "key", 1: "description", 2: None, 4: "forecast"})
    again = table_of("id,NAME,start,ende,budget,ampel")
    assert {s.field: s.column for s in suggest(again, FIELDS, saved)} == {"key": 0, "description": 1, "forecast": 4}


def test_a_saved_heading_is_remembered_in_a_file_with_other_columns() -> None:
    table = table_of("ID,Name,Start,Ende,Krumm,Ampel")
    saved = saved_mapping(table, {4: "budget"})
    other = table_of("Krumm,Projekt", "5,Alpha\n6,Beta\n7,Gamma\n")
    assert mapped(other).get("budget") is None
    assert {s.field: other.columns[s.column].name for s in suggest(other, FIELDS, saved)}["budget"] == "Krumm"


def test_every_suggestion_says_why() -> None:
    for suggestion in suggest(table_of("ID,Name,Start,Ende,Budget,Ampel"), FIELDS):
        assert suggestion.why
        assert 0 < suggestion.confidence <= 1


@pytest.mark.parametrize("heading", ["RAG", "Ampel", "Gesamtampel"])
def test_numbers_under_a_heading_of_lights_are_lights_and_no_priority(heading: str) -> None:
    body = "\n".join(f"Projekt {name},{i % 3 + 1}" for i, name in enumerate("ABCDEFGH"))
    table = table_of(f"Projektname,{heading}", body)
    assert {s.field for s in suggest(table, FIELDS) if s.column == 1} == {"light"}
