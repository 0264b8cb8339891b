"""Every real portfolio goes in; counts, sums and lights are what an independent plain reading of the file says."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum
from tests.realdata import real_data

from stellwerk.core.changesets import undo
from stellwerk.core.tabular.matching import normal_name
from stellwerk.portfolio.importing import plan_import
from stellwerk.portfolio.importing.options import Options
from stellwerk.portfolio.models import Figure, Gate, Portfolio, Project, ProjectStatus
from stellwerk.portfolio.tests.importing.helping import counts, picture, take
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

# file, projects, heading of the whole-life budget, heading of the year's forecast (as they begin)
UK = [
    ("uk_2015.csv", 188, "Total budgeted whole life costs", "2014/2015 Forecast"),
    ("uk_2016.csv", 143, "Total budgeted whole life costs", "2015/16 Forecast"),
    ("uk_2017.csv", 143, "Whole Life Cost TOTAL Baseline", "2016/17 TOTAL Forecast"),
    ("uk_2018.csv", 133, "wlc_baseline_incl_NCG", "yearly_forecast"),
    ("uk_2019.csv", 133, "wlc_baseline_incl_NCG", "yearly_forecast"),
    ("uk_2020.csv", 125, "wlc_baseline_incl_NCG", "yearly_forecast"),
    ("uk_2021.csv", 184, "wlc_baseline_incl_NCG", "yearly_forecast"),
    ("uk_2022.csv", 235, "wlc_baseline_incl_NCG", "forecast_incl_NGC"),
]
COLOURS = {"red", "amber", "green", "amber/red", "amber/green"}


def plain_rows(path: Path) -> list[list[str]]:
    """By nothing but the csv module; projects in rows."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    delimiter = ";" if path.name in ("uk_2021.csv", "uk_2022.csv") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if path.name in ("uk_2015.csv", "uk_2016.csv", "uk_2017.csv"):
        rows = [list(row) for row in zip(*rows, strict=True)]
    return [row for row in rows if row[0].strip()]


def column(rows: list[list[str]], heading: str) -> list[str]:
    position = next(i for i, text in enumerate(rows[0]) if text.replace("\n", " ").startswith(heading))
    return [row[position].strip() for row in rows[1:]]


def plain_money(cells: list[str]) -> Decimal:
    """Sum of everything that is nothing but an amount, in millions."""
    amounts = [re.fullmatch(r"(-?)£?(-?)([\d,]*\.?\d+)m?", cell) for cell in cells]
    return sum((Decimal(m[1] + m[2] + m[3].replace(",", "")) for m in amounts if m), Decimal(0))


@pytest.mark.parametrize(("name", "projects", "budget", "forecast"), UK)
def test_a_uk_edition_goes_in_as_the_file_says(name: str, projects: int, budget: str, forecast: str) -> None:
    path = real_data("portfolios", "uk_gmpp", name)
    plan, _change_set = take(path, factor=1_000_000)
    rows = plain_rows(path)
    day = dt.date(int(name[3:7]), 12, 31)
    assert counts(plan) == (projects, 0, 0, projects)
    assert plan.result()["unsure"] == []
    assert Project.objects.filter(portfolio__key="LISTE").count() == projects
    assert set(ProjectStatus.objects.values_list("date", flat=True)) == {day}
    assert Portfolio.objects.get(key="LISTE").currency == "GBP"

    positions = [
        i for i, h in enumerate(rows[0]) if "colour" in h or "RAG rating" in h[:20] or "IPA Delivery Conf" in h
    ]
    told = [next((row[i].strip() for i in positions if row[i].strip().lower() in COLOURS), "") for row in rows[1:]]
    stored = Figure.objects.filter(code="light.overall").exclude(light="grey").values_list("reported", flat=True)
    assert Counter(text.lower() for text in stored) == Counter(text.lower() for text in told if text)
    halves = sum("/" in text for text in told)
    assert Figure.objects.filter(code="light.overall", half_step=True, light="amber").count() == halves

    total = Project.objects.filter(portfolio__key="LISTE").aggregate(total=Sum("budget"))["total"]
    assert total == plain_money(column(rows, budget)) * 10**8
    year = Figure.objects.filter(code="year.forecast").aggregate(total=Sum("amount"))["total"]
    assert year == plain_money(column(rows, forecast)) * 10**8
    assert plan.rejected == [] or name == "uk_2017.csv"
    if name == "uk_2017.csv":  # the one date in all eight files that is no date
        assert [(r.row, r.column, r.value) for r in plan.rejected] == [(6, "AH", "1/012/2014")]


def test_an_exemption_is_kept_as_it_was_told_and_is_no_rejection() -> None:
    take(real_data("portfolios", "uk_gmpp", "uk_2018.csv"))
    project = Project.objects.get(name="Heat Networks Investment Project")
    light = Figure.objects.get(project=project, code="light.overall")
    assert light.light == "grey" and light.reported.startswith("Exempt under Section 4")
    status = ProjectStatus.objects.get(project=project)
    assert status.attributes["colour_rating"].startswith("Exempt under Section 4")
    assert status.remarks == []


def take_as_a_person(path: Path, portfolio: str) -> None:
    """As somebody would who knows the list: the same name under another key is the same project, alike is not the same."""
    open_plan = plan_import(file=path, portfolio_key=portfolio, by=None, options=Options(factor=1_000_000))
    answers = {}
    for question in open_plan.result()["unsure"]:
        same = [c["key"] for c in question["candidates"] if normal_name(c["name"]) == normal_name(question["name"])]
        answers[str(question["row"])] = same[0] if same else "new"
    plan, _change_set = take(path, portfolio, factor=1_000_000, answers=answers)
    assert plan.unsure == []


def test_all_uk_editions_in_order_and_in_reverse_give_the_same_portfolio() -> None:
    files = [real_data("portfolios", "uk_gmpp", name) for name, *_rest in UK]
    for path in files:
        take_as_a_person(path, "FORWARD")
    for path in reversed(files):
        take_as_a_person(path, "BACKWARD")
    forward, backward = picture("FORWARD"), picture("BACKWARD")
    assert set(forward["projects"]) == set(backward["projects"])
    for name, project in forward["projects"].items():
        assert project == backward["projects"][name], name
    assert forward["data_date"] == backward["data_date"] == dt.date(2022, 12, 31)
    lights = Figure.objects.filter(
        project__portfolio__key="FORWARD",
        project__name="Geological Disposal Facility Programme (GDF)",
        code="light.overall",
    )
    assert lights.count() >= 6  # a trend over the years


def test_the_same_edition_again_changes_nothing_at_all() -> None:
    path = real_data("portfolios", "uk_gmpp", "uk_2019.csv")
    take(path, factor=1_000_000)
    before = picture("LISTE")
    plan, change_set = take(path, factor=1_000_000)
    assert counts(plan) == (0, 0, 133, 0)
    assert change_set is None
    assert picture("LISTE") == before


def test_an_older_edition_after_a_newer_one_leaves_the_live_data_and_adds_history() -> None:
    newer = real_data("portfolios", "uk_gmpp", "uk_2019.csv")
    older = real_data("portfolios", "uk_gmpp", "uk_2018.csv")
    take(newer, factor=1_000_000)
    project = Project.objects.get(name="Geological Disposal Facility Programme (GDF)")
    before = (project.finish_forecast, project.budget, project.description)
    take(older, factor=1_000_000)
    project.refresh_from_db()
    assert (project.finish_forecast, project.budget, project.description) == before
    lights = list(
        Figure.objects.filter(project=project, code="light.overall").order_by("date").values_list("date", "until")
    )
    assert lights == [(dt.date(2018, 12, 31), dt.date(2019, 12, 31)), (dt.date(2019, 12, 31), None)]


def test_the_world_bank_portfolio_goes_in() -> None:
    path = real_data("portfolios", "worldbank", "wb_active_2025-03-31.csv")
    plan, _change_set = take(path, currency="USD")
    rows = plain_rows(path)
    assert counts(plan) == (2554, 0, 0, 2554) and plan.rejected == []
    assert plan.as_of == dt.date(2025, 3, 31)
    cost = sum((Decimal(cell) for cell in column(rows, "curr_project_cost") if cell), Decimal(0))
    assert Project.objects.aggregate(total=Sum("budget"))["total"] == cost * 100
    assert set(Project.objects.values_list("external_key", flat=True)) == set(column(rows, "id"))
    closing = [dt.date.fromisoformat(cell[:10]) for cell in column(rows, "closingdate") if cell]
    assert sorted(d for d in Project.objects.values_list("finish_forecast", flat=True) if d) == sorted(closing)
    one = Project.objects.get(external_key="P039027")
    assert one.attributes["countryshortname"] == "Brazil" and one.currency == "USD"


def test_melbourne_water_goes_in_with_its_gate_dates() -> None:
    path = real_data("portfolios", "au_melbourne_water", "Capital_Delivery_Project_deidentified.csv")
    plan, _change_set = take(path, as_of=dt.date(2024, 6, 30))
    rows = plain_rows(path)
    assert counts(plan) == (445, 0, 0, 445) and plan.rejected == []
    assert set(Project.objects.values_list("name", flat=True)) == set(column(rows, "ID"))  # the key serves as name
    for heading, code in (("Stage1", "G1"), ("Stage2", "G2"), ("Stage3", "G3"), ("BNI", "BNI"), ("PBC", "PBC")):
        assert Gate.objects.filter(code=code).count() == sum(1 for cell in column(rows, heading) if cell), heading
    assert Gate.objects.get(project__name="Q05388", code="G1").forecast == dt.date(2017, 2, 16)
    amounts = {Decimal(str(p.attributes["FFC"])) for p in Project.objects.filter(name="Q05388")}
    assert amounts == {Decimal(column(rows, "FFC")[column(rows, "ID").index("Q05388")])}


def test_the_oc4ids_example_goes_in() -> None:
    plan, _change_set = take(real_data("portfolios", "oc4ids", "example.json"), as_of=dt.date(2018, 12, 10))
    project = Project.objects.get(portfolio__key="LISTE")
    assert counts(plan) == (1, 0, 0, 1)
    assert (project.name, project.external_key) == (
        "M75 Junctions 4 to 5 upgrade smart motorway",
        "oc4ids-bu3kcz-m75-junctions-4-to-5-smart-motorway",
    )
    assert (project.start_forecast, project.finish_forecast) == (dt.date(2016, 1, 1), dt.date(2018, 12, 10))


def test_undo_of_a_real_edition_leaves_no_trace(cast: Cast) -> None:
    first, second = (real_data("portfolios", "uk_gmpp", name) for name in ("uk_2020.csv", "uk_2021.csv"))
    take(first, by=cast.petra, factor=1_000_000)
    before = picture("LISTE")
    _plan, change_set = take(second, by=cast.petra, factor=1_000_000)
    assert change_set is not None
    undo(change_set, by=cast.petra)
    assert picture("LISTE") == before


def test_unsure_projects_are_never_merged_unattended() -> None:
    take(real_data("portfolios", "uk_gmpp", "uk_2015.csv"))
    plan = plan_import(
        file=real_data("portfolios", "uk_gmpp", "uk_2016.csv"), portfolio_key="LISTE", by=None, options=Options()
    )
    names = {row["name"]: [c["name"] for c in row["candidates"]] for row in plan.result()["unsure"]}
    assert names["Crossrail Programme"] == ["Crossrail"]
    taken = (
        {plan.records.rows[0].name}
        | {entry.newest.name for entry in plan.new}
        | {c.entry.newest.name for c in plan.changes}
    )
    assert "Crossrail Programme" not in taken
