"""Ten layouts that no code mentions, each told about the same made-up projects: what comes in is what was meant."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from stellwerk.core.tests.tabular.making import ods, xlsx
from stellwerk.portfolio.models import Figure, Project
from stellwerk.portfolio.tests.importing.helping import counts, take

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 30)


@dataclass(frozen=True)
class Meant:
    key: str
    name: str
    unit: str
    light: str
    start: dt.date
    finish: dt.date
    budget: int  # whole euros, thousands
    forecast: int
    manager: str
    comment: str


def projects() -> list[Meant]:
    rng = random.Random(11)
    first, last = ["Anna", "Bernd", "Clara", "Deniz", "Eva"], ["Albers", "Brückner", "Çelik", "Dorn", "Engel"]
    things = [
        "Kesselanlage",
        "Gleisanschluss",
        "Laborgebäude",
        "Leitstand",
        "Fernwärmenetz",
        "Abwasserwerk",
        "Rechenzentrum",
        "Prüfstand",
    ]
    found = []
    for number in range(24):
        start = dt.date(2024, 1, 15) + dt.timedelta(days=rng.randrange(500))
        budget = rng.randrange(150, 9000) * 1000
        found.append(Meant(
            f"NL-{2400 + number}", f"{things[number % 8]} {['Nord', 'Süd', 'Mitte'][number // 8]}", rng.choice(["Netze", "Erzeugung", "Bau"]),
            rng.choice(["green", "amber", "red"]), start, start + dt.timedelta(days=rng.randrange(200, 900)), budget,
            budget + rng.randrange(-20, 300) * 1000, f"{rng.choice(first)} {rng.choice(last)}",
            f"Stand der Arbeiten {number}: die Montage läuft, die Abnahme ist für den Herbst vereinbart, offen ist noch die Prüfung.",
        ))  # fmt: skip
    return found


MEANT = projects()
GERMAN = {"green": "grün", "amber": "gelb", "red": "rot"}


def de(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def de_money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + ",00 €"


def rows_of(head: list[str], cell: Callable[[Meant], list[Any]]) -> list[list[Any]]:
    return [head, *(cell(p) for p in MEANT)]


def text(rows: list[list[Any]], delimiter: str, encoding: str, before: str = "") -> io.BytesIO:
    import csv

    out = io.StringIO(newline="")
    out.write(before)
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return io.BytesIO(out.getvalue().encode(encoding))


def lying_german_workbook() -> tuple[io.BytesIO, str]:
    rows = rows_of(
        ["Vorhaben", "Kennung", "Fachbereich", "Gesamtampel", "Projektbeginn", "Projektende", "Gesamtbudget [T€]", "Prognose [T€]", "Projektleitung", "Bemerkung"],
        lambda p: [p.name, p.key, p.unit, GERMAN[p.light], p.start, p.finish, p.budget // 1000, p.forecast // 1000, p.manager, p.comment],
    )  # fmt: skip
    return xlsx([list(row) for row in zip(*rows, strict=True)], title="Steckbriefe"), "steckbriefe.xlsx"


def open_document() -> tuple[io.BytesIO, str]:
    return ods(rows_of(
        ["Projekt-Nr.", "Bezeichnung", "Bereich", "Ampel", "Startdatum", "Enddatum", "Plankosten", "Hochrechnung", "PL", "Kommentar"],
        lambda p: [p.key, p.name, p.unit, GERMAN[p.light].upper(), p.start, p.finish, p.budget, p.forecast, p.manager, p.comment],
    )), "uebersicht.ods"  # fmt: skip


def two_heading_rows() -> tuple[io.BytesIO, str]:
    head = [
        ["Projekt", None, "Organisation", None, "Termine", None, "Kosten in T€", None, "Lage", None],
        ["Nummer", "Name", "Bereich", "Projektleiter", "Start", "Ende", "Budget", "Prognose", "Ampel", "Kommentar"],
    ]
    body = [
        [
            p.key,
            p.name,
            p.unit,
            p.manager,
            p.start,
            p.finish,
            p.budget / 1000,
            p.forecast / 1000,
            GERMAN[p.light],
            p.comment,
        ]
        for p in MEANT
    ]
    return xlsx([*head, *body], merges=["A1:B1", "C1:D1", "E1:F1", "G1:H1", "I1:J1"]), "bericht.xlsx"


def tabs_in_utf16() -> tuple[io.BytesIO, str]:
    return text(rows_of(
        ["Project ID", "Project name", "Division", "RAG", "Start", "Finish", "Budget (EUR)", "EAC (EUR)", "Project manager", "Commentary"],
        lambda p: [p.key, p.name, p.unit, p.light[0].upper(), f"{p.start:%d %b %Y}", f"{p.finish:%d %b %Y}", f"{p.budget:,}", f"{p.forecast:,}", p.manager, p.comment],
    ), "\t", "utf-16"), "export.txt"  # fmt: skip


def millions_in_the_heading() -> tuple[io.BytesIO, str]:
    return text(rows_of(
        ["Ref", "Project title", "Business unit", "Overall status", "Start date", "End date", "Total budget (€m)", "Forecast (€m)", "Project lead", "Status comment"],
        lambda p: [p.key, p.name, p.unit, p.light.title(), p.start.isoformat(), p.finish.isoformat(), f"{p.budget / 1e6:.3f}", f"{p.forecast / 1e6:.3f}", p.manager, p.comment],
    ), ",", "utf-8-sig"), "portfolio.csv"  # fmt: skip


def units_in_cells() -> tuple[io.BytesIO, str]:
    return text(rows_of(
        ["Projektkennung", "Projektbezeichnung", "Geschäftsbereich", "Status gesamt", "Beginn", "Fertigstellung", "Genehmigtes Budget", "Kostenprognose", "Projektleitung", "Statuskommentar"],
        lambda p: [p.key, p.name, p.unit, {"green": "🟢", "amber": "🟡", "red": "🔴"}[p.light], de(p.start), de(p.finish), de_money(p.budget), de_money(p.forecast), p.manager, p.comment],
    ), ";", "utf-8"), "liste.csv"  # fmt: skip


def american_dates() -> tuple[io.BytesIO, str]:
    return text(rows_of(
        ["Key", "Title", "Department", "Health", "Project start", "Project end", "Approved budget", "Estimate at completion", "Project manager", "Comment"],
        lambda p: [p.key, p.name, p.unit, {"green": "On track", "amber": "At risk", "red": "Off track"}[p.light], f"{p.start:%m/%d/%Y}", f"{p.finish:%m/%d/%Y}", f"EUR {p.budget:,}.00", f"EUR {p.forecast:,}.00", p.manager, p.comment],
    ), ",", "utf-8"), "extract.csv"  # fmt: skip


def a_title_and_a_total() -> tuple[io.BytesIO, str]:
    rows = rows_of(
        ["Projektnummer", "Projektname", "Abteilung", "Ampelstatus", "Starttermin", "Endtermin", "Budget in €", "Prognose in €", "Projektleiter", "Kommentar"],
        lambda p: [p.key, p.name, p.unit, GERMAN[p.light], de(p.start), de(p.finish), f"{p.budget}", f"{p.forecast}", p.manager, p.comment],
    )  # fmt: skip
    total = [
        "Summe",
        "",
        "",
        "",
        "",
        "",
        str(sum(p.budget for p in MEANT)),
        str(sum(p.forecast for p in MEANT)),
        "",
        "",
    ]
    return text(
        [["Portfoliobericht der Nordlicht AG"], ["Stand: intern"], [], *rows, total], ";", "cp1252"
    ), "bericht.csv"


def other_order_and_extras() -> tuple[io.BytesIO, str]:
    return xlsx(rows_of(
        ["Kommentar", "Hochrechnung (Mio. €)", "Gesamtbudget (Mio. €)", "Ende", "Beginn", "Ampel", "Standort", "Bereich", "Projektleiter", "Projekt", "Nr."],
        lambda p: [p.comment, p.forecast / 1e6, p.budget / 1e6, p.finish, p.start, GERMAN[p.light], "Hamburg", p.unit, p.manager, p.name, p.key],
    ), first_row=4), "steuerkreis.xlsx"  # fmt: skip


def pipes_and_months_in_words() -> tuple[io.BytesIO, str]:
    months = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905

    def long(day: dt.date) -> str:
        return f"{day.day}. {months[day.month - 1]} {day.year}"

    return text(rows_of(
        ["ID", "Projektname", "Organisationseinheit", "Projektampel", "Startdatum", "Enddatum", "Gesamtkosten kEUR", "Prognose kEUR", "Projektleiter", "Lagebericht"],
        lambda p: [p.key, p.name, p.unit, GERMAN[p.light].capitalize(), long(p.start), long(p.finish), f"{p.budget / 1000:.1f}".replace(".", ","), f"{p.forecast / 1000:.1f}".replace(".", ","), p.manager, p.comment],
    ), "|", "utf-8"), "abzug.dat"  # fmt: skip


LAYOUTS = [
    lying_german_workbook, open_document, two_heading_rows, tabs_in_utf16, millions_in_the_heading, units_in_cells, american_dates,
    a_title_and_a_total, other_order_and_extras, pipes_and_months_in_words,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.__name__ for layout in LAYOUTS])
def test_a_layout_comes_in_as_it_was_meant(layout: Callable[[], tuple[io.BytesIO, str]]) -> None:
    stream, name = layout()
    plan, _change_set = take(stream, name=name, as_of=DAY)
    assert plan.rejected == [] and counts(plan) == (24, 0, 0, 24), plan.result()
    for meant in MEANT:
        project = Project.objects.get(external_key=meant.key)
        figures = {figure.code: figure for figure in Figure.objects.filter(project=project)}
        assert project.name == meant.name
        assert (project.start_forecast, project.finish_forecast) == (meant.start, meant.finish)
        assert (project.budget, figures["eac"].amount) == (meant.budget * 100, meant.forecast * 100)
        assert Decimal(project.budget or 0) / 100 == meant.budget and project.currency == "EUR"
        assert figures["light.overall"].light == meant.light
        assert (project.department, project.manager_name) == (meant.unit, meant.manager)
        assert project.statuses.get().summary == meant.comment
    again, change_set = take(layout()[0], name=name, as_of=DAY)
    assert counts(again) == (0, 0, 24, 0) and change_set is None


def test_a_second_layout_of_the_same_projects_finds_them_all() -> None:
    stream, name = open_document()
    take(stream, name=name, as_of=DAY)
    stream, name = american_dates()
    plan, _change_set = take(stream, name=name, as_of=dt.date(2026, 10, 31))
    assert counts(plan) == (0, 24, 0, 24)
    assert Project.objects.filter(portfolio__key="LISTE").count() == 24


def test_a_line_above_the_table_tells_the_data_date() -> None:
    head, *body = rows_of(["Nr.", "Projekt", "Ampel"], lambda p: [p.key, p.name, GERMAN[p.light]])
    for line in (["Stand: 30.09.2026"], ["Bericht", "Stichtag", dt.date(2026, 9, 30)], ["Datenstand September 2026"]):
        plan, _change_set = take(
            xlsx([["Nordlicht AG"], line, head, *body]), f"T{len(line)}{len(str(line[0]))}", name="liste 2025.xlsx"
        )
        assert (plan.as_of, plan.as_of_from) == (DAY, "title"), line
    plan, _change_set = take(xlsx([["Stand: intern"], head, *body]), "X", name="liste 2025.xlsx")
    assert (plan.as_of, plan.as_of_from) == (dt.date(2025, 12, 31), "name")


def test_a_share_under_a_group_of_headings_is_progress_and_no_phase() -> None:
    head = [["Projekt", None, "Status", None], ["Nr.", "Name", "Ampel", "Fortschritt"]]
    body = [[p.key, p.name, GERMAN[p.light], i / 100] for i, p in enumerate(MEANT)]
    take(xlsx([*head, *body], merges=["A1:B1", "C1:D1"]), name="x.xlsx", as_of=DAY)
    assert Figure.objects.get(project__external_key=MEANT[12].key, code="progress").value == Decimal("0.12")


def test_an_export_of_a_ticket_system_stands_upright_and_its_summaries_are_the_names() -> None:
    """Six times “In Progress” under each other is no row of headings; one person may have them all."""
    names = [p.name for p in MEANT[:6]]
    body = [f"PX-{n},{name},In Progress,High,{10 + n}/Mar/27,Anna Berg,{n + 1}25000" for n, name in enumerate(names)]
    head = "Issue key,Summary,Status,Priority,Due date,Assignee,Budget (USD)"
    file = io.BytesIO("\n".join([head, *body]).encode())
    plan, _change_set = take(file, name="export.csv", as_of=DAY)
    assert counts(plan) == (6, 0, 0, 6) and plan.rejected == []
    first = Project.objects.get(external_key="PX-0")
    assert (first.name, first.manager_name, first.currency, first.budget) == (names[0], "Anna Berg", "USD", 125_000_00)
    assert first.finish_forecast == dt.date(2027, 3, 10)


def test_headings_of_groups_are_no_projects_and_are_told() -> None:
    rows: list[list[Any]] = [["Nr", "Projekt", "Status", "Fertig", "Budget T€"]]
    for number, people in enumerate((MEANT[:3], MEANT[3:6]), start=1):
        rows.append([f"Bereich {'AB'[number - 1]}"])
        rows += [[f"{number}.{n}", p.name, GERMAN[p.light], p.finish, p.budget / 1000] for n, p in enumerate(people)]
        rows.append([None, "Summe Bereich", None, None, 1500])
    plan, _change_set = take(xlsx(rows), name="gruppen.xlsx", as_of=DAY)
    assert counts(plan) == (6, 0, 0, 6) and plan.rejected == []
    assert [line.text for line in plan.source.table.skipped].count("Bereich A") == 1


def test_a_name_alone_in_its_row_is_still_a_project() -> None:
    rows: list[list[Any]] = [["Projekt", "Ampel", "Ende"]]
    rows += [[p.name, GERMAN[p.light], p.finish] for p in MEANT[:6]] + [["Neues Vorhaben", None, None]]
    plan, _change_set = take(xlsx(rows), name="liste.xlsx", as_of=DAY)
    assert counts(plan) == (7, 0, 0, 7)


def test_names_are_found_under_whatever_heading() -> None:
    """Short texts that all differ name the projects where no heading says so; signs that people type are lights."""
    signs = ["✅", "⚠️", "❌"]
    body = "\n".join(f"{p.name};{signs[n % 3]};{de(p.finish)}" for n, p in enumerate(MEANT[:6]))
    plan, _change_set = take(io.BytesIO(f"Woran wir arbeiten;Health;Ende\n{body}".encode()), name="x.csv", as_of=DAY)
    assert counts(plan) == (6, 0, 0, 6)
    lights = Figure.objects.filter(code="light.overall").order_by("project__pk").values_list("light", flat=True)
    assert list(lights) == ["green", "amber", "red"] * 2
