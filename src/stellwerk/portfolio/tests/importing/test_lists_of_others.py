"""Lists as other tools and other companies write them: the sheet, the heading, the unit and the fields are found."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest

from stellwerk.core.tests.tabular.making import xlsx
from stellwerk.portfolio.importing import Plan
from stellwerk.portfolio.models import Figure, Project
from stellwerk.portfolio.tests.importing.helping import counts, table, take

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 30)
NAMES = ["Kesselanlage", "Gleisanschluss", "Laborneubau", "Leitstand", "Fernwärme", "Abwasserwerk"]
PEOPLE = ["Albers, Anna", "Brückner, Bernd", "Çelik, Deniz"]


def fields_of(plan: Plan) -> dict[str, str]:
    return {use.column.name: use.code for use in plan.mapped.uses if use.field is not None}


def read(file: io.BytesIO, name: str = "liste.xlsx", **options: Any) -> Plan:
    return take(file, name=name, as_of=DAY, **options)[0]


# ── headings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("heading", "values", "field"),
    [
        ("baseline end date", ["2027-01-31", "2027-02-28", "2027-03-31"], "finish_baseline"),
        ("Go-Live", ["31.01.2027", "28.02.2027", "31.03.2027"], "finish"),
        ("Est. Completion", ["Fall 2027", "2028", "Q2 2027"], "finish"),
        ("Abgabedatum", ["31.01.2027", "28.02.2027", "31.03.2027"], "finish"),
        ("Project #", ["B-11", "B-17", "B-12"], "key"),
        ("Verantwortl.", PEOPLE, "manager"),
        ("Zugewiesen an", PEOPLE, "manager"),
        ("PIC", PEOPLE, "manager"),
        ("Ist CHF", ["1'234.50", "2'000.00", "500.00"], "ac"),
        ("davon verausgabt", ["1,5 Mio. €", "0,4 Mio. €", "2 Mio. €"], "ac"),
        ("Investition", ["1,5 Mio. €", "0,4 Mio. €", "2 Mio. €"], "budget"),
        ("Plan EUR", ["150000", "40000", "2000000"], "budget"),
        ("baseline_budget_gbp", ["150000", "40000", "2000000"], "budget"),
        ("Encumbered", ["150000", "40000", "2000000"], "commitment"),
        ("Sachstand", ["Vergabe läuft", "Entwurf liegt vor", "Bau hat begonnen"], "summary"),
        ("unit_health", ["Healthy", "Watch", "Critical"], "light"),
        ("ActualPct", ["10", "40", "90"], "progress"),
        ("ActualSpendToDate", ["150000", "40000", "2000000"], "ac"),
        # what is none of these
        ("PlannedPct", ["10", "40", "90"], "attribute"),
        ("Owner ID", ["M-1", "M-2", "M-1"], "attribute"),
        ("Restkosten", ["1500", "400", "2000"], "attribute"),
        ("Aufwand (PT)", ["20 PT", "30 PT", "5 PT"], "attribute"),
        ("Geschätzter Aufwand", ["20,00", "30,00", "5,00"], "attribute"),
        ("Finish Variance (Days)", ["18", "-3", "0"], "attribute"),
        ("Total Budget Changes", ["18000", "-300", "0"], "attribute"),
        ("first_operation_year", ["2025", "2026", "2027"], "attribute"),
        ("Fiscal Year", ["2026", "2026", "2026"], "attribute"),
        ("Key Blocker", ["Lieferant fehlt", "Bauantrag liegt", "Personal fehlt"], "attribute"),
    ],
)
def test_a_heading_is_taken_for_what_it_means(heading: str, values: list[str], field: str) -> None:
    rows = [["Projektname", heading], *([name, value] for name, value in zip(NAMES, values, strict=False))]
    plan = read(table(*rows), "x.csv")
    assert fields_of(plan).get(heading, "attribute") == field
    assert plan.rejected == [] and counts(plan)[0] == 3


def test_the_very_name_of_a_field_is_not_pushed_to_another_one() -> None:
    """One project, two columns called name: the heading “Project Name” is no misspelt “Project Phase”."""
    plan = read(
        table(
            ["Order number", "Project Name", "Company Name", "Project Manager"],
            ["4711", "Halle 7", "Muster AG", "Anna Berg"],
        )
    )
    assert fields_of(plan) == {"Order number": "key", "Project Name": "name", "Project Manager": "manager"}


def test_numbers_that_only_count_the_rows_are_no_project_numbers() -> None:
    """The next edition gives the same numbers to other projects."""
    head = ["Lfd. Nr.", "Vorhaben", "Ampel"]
    first = [[i + 1, name, "grün"] for i, name in enumerate(NAMES)]
    take(xlsx([head, *first]), name="a.xlsx", as_of=DAY)
    again = [[i + 1, name, "rot"] for i, name in enumerate(reversed(NAMES))]
    plan, _change_set = take(xlsx([head, *again]), name="b.xlsx", as_of=dt.date(2026, 10, 31))
    assert counts(plan) == (0, 6, 0, 6)
    assert not Project.objects.exclude(external_key="").exists()


def test_lights_of_all_dimensions_are_found_even_where_all_of_a_column_are_green() -> None:
    head = ["Projekt", "Zeit", "Budget", "Qualität", "Gesamt"]
    rows = [[name, "GYR"[i % 3], "G", "G", "GYR"[i % 3]] for i, name in enumerate(NAMES)]
    plan = read(xlsx([head, *rows]))
    assert fields_of(plan) == {
        "Projekt": "name", "Zeit": "light_schedule", "Budget": "light_cost", "Qualität": "light_quality", "Gesamt": "light",
    }  # fmt: skip


def test_in_plan_is_a_light_and_no_phase_and_delayed_is_asked_about() -> None:
    words = ["im Plan", "verzögert", "kritisch", "abgeschlossen", "noch nicht gestartet", "im Plan"]
    plan = read(xlsx([["Projekt", "Status"], *map(list, zip(NAMES, words, strict=True))]))
    assert fields_of(plan)["Status"] == "light" and list(plan.records.unknown_lights) == ["verzögert"]


def test_two_dates_under_strange_headings_are_from_and_to() -> None:
    rows = [[name, f"2026-0{i + 1}-01", f"2027-0{i + 1}-01"] for i, name in enumerate(NAMES)]
    plan = read(table(["Projekt", "von wann", "bis wann"], *rows))
    assert fields_of(plan) == {"Projekt": "name", "von wann": "start", "bis wann": "finish"}
    backwards = [
        [name, f"2026-0{i + 1}-01", f"2027-0{9 - i}-01" if i else "2025-01-01"] for i, name in enumerate(NAMES)
    ]
    assert "start" not in fields_of(read(table(["Projekt", "wann", "wann dann"], *backwards), portfolio="B")).values()


# ── units ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "currency", "factor"),
    [
        ("Angaben in TEUR", "EUR", 1000), ("Investitionsprogramm 2026–2030 (Beträge in Tsd. €)", "EUR", 1000), ("($ in thousands)", "USD", 1000),
        ("Alle Werte in Mio. €", "EUR", 10**6), ("Multiprojektliste Technik", "EUR", 1), ("Programm für 3 Millionen Bäume", "EUR", 1),
    ],
)  # fmt: skip
def test_a_line_above_the_table_gives_the_unit_of_amounts(line: str, currency: str, factor: int) -> None:
    rows = [[f"P-{i}", name, 5 + i, i] for i, name in enumerate(NAMES)]
    plan = read(xlsx([["Liste"], [line], ["Nr.", "Projekt", "Gesamtkosten", "Prio"], *rows]))
    first = Project.objects.get(external_key="P-1")
    assert (first.budget, first.currency, first.priority) == (6 * factor * 100, currency, 1)
    told = [note.code for note in plan.warnings if note.code == "unit_told"]
    assert told == (["unit_told"] if factor > 1 else [])


def test_an_amount_that_names_its_unit_is_not_multiplied_again() -> None:
    rows = [[name, f"{i + 1}.500,00 €", 5] for i, name in enumerate(NAMES)]
    read(xlsx([["Angaben in TEUR"], ["Projekt", "Budget", "Ist (Mio. €)"], *rows]))
    project = Project.objects.get(name=NAMES[0])
    assert project.budget == 1500_00
    assert Figure.objects.get(project=project, code="ac").amount == 5_000_000_00


def test_a_unit_written_together_with_the_heading_is_read() -> None:
    read(table(["ProjectName", "BudgetSEK_Millions"], *([name, 10 + i] for i, name in enumerate(NAMES))))
    project = Project.objects.get(name=NAMES[0])
    assert (project.budget, project.currency) == (10_000_000_00, "SEK")


# ── where the list stands ────────────────────────────────────────────────────────────────────────


def test_an_export_of_two_tickets_with_many_columns_stands_upright() -> None:
    head = [
        "Summary",
        "Issue key",
        "Issue Type",
        "Status",
        "Project name",
        "Priority",
        "Assignee",
        "Due date",
        *(f"Custom field {i}" for i in range(30)),
    ]
    rows = [["Neubau Halle 7", "PX-1", "Project", "To Do", "PMO", "High", "Anna Berg", "10/Mar/27", *("" for _ in range(30))],
            ["Leitstand Nord", "PX-2", "Project", "Done", "PMO", "High", "Anna Berg", "12/Mar/27", *("" for _ in range(30))]]  # fmt: skip
    plan = read(table(head, *rows), "jira.csv")
    assert [entry.newest.name for entry in plan.new] == ["Neubau Halle 7", "Leitstand Nord"]
    assert plan.new[0].newest.key == "PX-1" and plan.new[1].newest.master["phase"] == "closed"


def test_years_as_headings_do_not_turn_the_sheet_on_its_side() -> None:
    head = [
        "Produkt",
        "Inv.-Nr.",
        "Maßnahmenbezeichnung",
        "Gesamtkosten",
        "bis 2025",
        "2026",
        "2027",
        "2028",
        "2029",
        "2030",
        "spätere Jahre",
    ]
    rows = [
        [f"1.{i}.2", f"I26-{i:03}", name, 5000 + i, 100, 500, 600, 700, None, None, 0] for i, name in enumerate(NAMES)
    ]
    plan = read(
        xlsx([["Investitionsprogramm 2026–2030"], head, *rows, [None, None, "Summe", 30015, 600, 3000, 3600, 4200]])
    )
    assert counts(plan)[0] == 6 and plan.source.table.orientation == "rows"
    assert fields_of(plan) == {"Inv.-Nr.": "key", "Maßnahmenbezeichnung": "name", "Gesamtkosten": "budget"}


def test_groups_with_their_own_headings_again_are_no_projects() -> None:
    head = ["Name", "Owner", "Status", "Budget"]
    first, second = (
        [[n, "Jane Doe", "Working on it", 50000] for n in NAMES[:3]],
        [[n, "Jane Doe", None, 60000] for n in NAMES[3:]],
    )
    plan = read(xlsx([["Portfolio"], [], ["Active projects"], head, *first, [], ["Planned projects"], head, *second]))
    assert counts(plan)[0] == 6
    assert [line.text for line in plan.source.table.skipped if line.reason.code == "group"] == ["Planned projects"]


def test_groups_of_names_without_numbers_are_no_projects() -> None:
    rows: list[list[Any]] = [["Projekt", "Leitung", "Ampel", "Ende"]]
    for group, names in (("Netze", NAMES[:3]), ("Erzeugung", NAMES[3:])):
        rows += [[group], *([name, PEOPLE[0], "grün", "31.12.2027"] for name in names)]
    plan = read(xlsx(rows))
    assert counts(plan)[0] == 6 and "Netze" not in {entry.newest.name for entry in plan.new}


def test_a_line_that_explains_the_columns_is_no_project() -> None:
    head = ["PID", "Project name", "Start", "End", "Budget"]
    words = [
        "Number of the project",
        "Name of the project in the register",
        "The date on which work began",
        "The date of completion",
        "Total in euros",
    ]
    rows = [[100 + i, name, f"2026-0{i + 1}-01", f"2027-0{i + 1}-01", 1000 * i] for i, name in enumerate(NAMES)]
    plan = read(table(head, words, *rows))
    assert counts(plan)[0] == 6 and plan.rejected == []
    assert [line.reason.code for line in plan.source.table.skipped] == ["explanation"]


# ── which sheet ──────────────────────────────────────────────────────────────────────────────────


def workbook(**sheets: list[list[Any]]) -> io.BytesIO:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def test_the_list_of_projects_is_read_and_not_the_longer_list_of_their_tasks() -> None:
    projects = [
        ["ID", "Project name", "PM", "RAG", "Start", "End"],
        *([f"P{i}", n, "A. Meyer", "GYR"[i % 3], "2026-01-01", "2027-01-01"] for i, n in enumerate(NAMES)),
    ]
    tasks: list[list[Any]] = [
        ["Task ID", "Task name", "Project", "Responsible", "Start", "End", "Status", "% complete"]
    ]
    tasks += [
        [f"A{i}", f"Step {i}", NAMES[i % 6], "B. Lang", "2026-01-01", "2026-05-01", "In progress", i] for i in range(90)
    ]
    risks: list[list[Any]] = [
        ["ID", "Project", "Risk", "Owner", "Status", "Due date", "Cost"],
        *([f"R{i}", NAMES[i % 6], f"Risk {i}", "B. Lang", "Open", "2026-12-01", i] for i in range(60)),
    ]
    plan = read(workbook(Tasks=tasks, Register=projects, Log=risks))
    assert plan.source.table.sheet == "Register" and counts(plan)[0] == 6
    assert [note.code for note in plan.warnings] == ["one_sheet"]


def test_sheets_with_the_same_headings_are_named_when_one_of_them_is_read() -> None:
    head = ["Projekt", "Leitung", "Ampel"]
    sheets = {
        unit: [head, *([f"{unit} {n}", PEOPLE[0], "grün"] for n in NAMES[:3])] for unit in ("Vertrieb", "Produktion")
    }
    plan = read(workbook(**sheets))
    told = next(note for note in plan.warnings if note.code == "more_sheets")
    assert counts(plan)[0] == 3 and "Produktion" in str(told)
    assert counts(read(workbook(**sheets), sheet="Produktion"))[0] == 3
    assert Project.objects.count() == 6


# ── several rows for each project ────────────────────────────────────────────────────────────────


def test_a_status_of_each_week_makes_dated_statuses() -> None:
    weeks = ["16/03/2026", "23/03/2026", "30/03/2026"]
    rows = [
        [f"P{p}", week, "Green" if p else "Red", 1000 * p + 10 * w] for p in range(4) for w, week in enumerate(weeks)
    ]
    plan, _change_set = take(
        table(["project_id", "week ending", "RAG", "spend to date"], *rows, delimiter=","), name="x.csv"
    )
    assert counts(plan) == (4, 0, 0, 12) and plan.as_of == dt.date(2026, 3, 30)


def test_updates_with_numbers_of_their_own_belong_to_their_projects() -> None:
    """Each update has its number and its day; hardly two are of one day."""
    head = [
        "report_no",
        "project_id",
        "status_date",
        "planned_percent",
        "actual_percent",
        "cost_to_complete",
    ]
    rows = [
        [f"UPDATE{p}{w}", f"P{p}", f"2026-0{w + 1}-{10 + p}", 50 + w, 40 + w, 9000 - w]
        for p in range(5)
        for w in range(4)
    ]
    plan, _change_set = take(table(head, *rows, delimiter=","), name="x.csv")
    assert counts(plan) == (5, 0, 0, 20)
    assert fields_of(plan) == {"project_id": "key", "status_date": "as_of", "actual_percent": "progress"}


def test_the_value_of_a_contract_is_the_budget_only_where_there_is_none() -> None:
    rows = [[name, 1000 + i, 900 + i] for i, name in enumerate(NAMES)]
    plan = read(table(["Project name", "contract_value", "initial_budget"], *rows))
    assert fields_of(plan) == {"Project name": "name", "initial_budget": "budget"}
    plan = read(table(["Project name", "Auftragssumme"], *(row[:2] for row in rows)), portfolio="B")
    assert fields_of(plan) == {"Project name": "name", "Auftragssumme": "budget"}


def test_a_list_of_parts_of_projects_is_told_what_is_wrong_with_it() -> None:
    rows = [[NAMES[i % 2], ["Bund", "Land"][i // 4], 100 * i] for i in range(8)]
    plan = read(table(["Projekt", "Mittelherkunft", "Betrag"], *rows))
    assert counts(plan)[0] == 0 and "several_rows" in {note.code for note in plan.warnings}


def test_what_was_guessed_is_read_the_same_way_when_it_is_remembered() -> None:
    """Two columns of one strange heading: the second fills the gaps of the first, the first time as well as later."""
    rows = [[name if i else None, f"Ersatz {i}", i] for i, name in enumerate(NAMES)]
    head = ["Woran wir arbeiten", "Woran wir arbeiten", "Prio"]
    take(xlsx([head, *rows]), name="x.xlsx", as_of=DAY)
    plan, change_set = take(xlsx([head, *rows]), name="x.xlsx", as_of=DAY)
    assert counts(plan)[:2] == (0, 0) and change_set is None


# ── painted lights ───────────────────────────────────────────────────────────────────────────────

PAINT = {
    "plain": {"green": "FF00B050", "amber": "FFFFC000", "red": "FFFF0000"}, "pale": {"green": "FFC6EFCE", "amber": "FFFFEB9C", "red": "FFFFC7CE"},
}  # fmt: skip


def painted_list(paint: dict[str, str], sign: str = "", *, heading: str = "Status", lying: bool = False) -> io.BytesIO:
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill

    book = Workbook()
    sheet = book.worksheets[0]
    rows = [
        ["Projekt-Nr.", "Projekt", heading, "Ende"],
        *([f"P-{i}", name, sign or None, dt.date(2027, 1, 1 + i)] for i, name in enumerate(NAMES)),
    ]
    for i, row in enumerate(zip(*rows, strict=True) if lying else rows, start=1):
        for j, value in enumerate(row, start=1):
            sheet.cell(i, j, value)
    for i in range(len(NAMES)):
        cell = sheet.cell(3, i + 2) if lying else sheet.cell(i + 2, 3)
        colour = list(paint.values())[i % 3]
        if sign:
            cell.font = Font(color=colour)
        else:
            cell.fill = PatternFill("solid", fgColor=colour)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


@pytest.mark.parametrize(("paint", "sign"), [("plain", ""), ("plain", "●"), ("pale", "")])
@pytest.mark.parametrize("lying", [False, True])
def test_lights_that_are_only_painted_are_read(paint: str, sign: str, lying: bool) -> None:
    plan = read(painted_list(PAINT[paint], sign, lying=lying))
    lights = dict(Figure.objects.filter(code="light.overall").values_list("project__name", "light"))
    assert lights == {name: ["green", "amber", "red"][i % 3] for i, name in enumerate(NAMES)}
    assert plan.rejected == [] and [note.code for note in plan.warnings] == ["painted"]
    again, change_set = take(painted_list(PAINT[paint], sign, lying=lying), name="liste.xlsx", as_of=DAY)
    assert counts(again) == (0, 0, 6, 0) and change_set is None


def test_paint_under_another_heading_or_of_another_colour_is_no_light() -> None:
    plan = read(painted_list(PAINT["plain"], heading="Notizen"))
    assert "light" not in fields_of(plan).values()
    blue = {"one": "FF4472C4", "two": "FF7030A0", "three": "FFD9D9D9"}
    assert not Figure.objects.filter(code="light.overall").exists()
    read(painted_list(blue), portfolio="B")
    assert not Figure.objects.filter(code="light.overall").exists()
