"""Pages of the portfolio room: they open for those who may, keep input, and refuse in place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.portfolio.models import Gate, Project, ProjectStatus, Proposal, ScoringModel
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.testing import Cast

D1, D2 = dt.date(2026, 11, 6), dt.date(2026, 11, 20)
PAGES = [
    "portfolios/", "portfolios/new", "portfolios/ANLAGEN", "portfolios/ANLAGEN/edit", "portfolios/ANLAGEN/thresholds", "programmes/", "programmes/new",
    "programmes/PRG-0001", "programmes/PRG-0001/edit", "projects/", "projects/new", "projects/PRJ-0001", "projects/PRJ-0001/edit",
    "projects/PRJ-0001/size", "proposals/", "proposals/new", "scoring-models/", "scoring-models/new", "", "board/ANLAGEN",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_opens_for_the_pmo_lead_in_both_languages(cast: Cast, page: str, language: str) -> None:
    client = cast.client("petra")
    client.cookies["stellwerk_language"] = language
    assert client.get(f"/portfolio/{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_no_page_opens_for_an_outsider(cast: Cast, page: str) -> None:
    assert cast.client("uwe").get(f"/portfolio/{page}").status_code in {403, 404}


def test_a_foreign_project_does_not_exist_for_a_project_manager(cast: Cast) -> None:
    assert cast.client("paul").get("/portfolio/projects/PRJ-0001").status_code == 200
    assert cast.client("paul").get("/portfolio/projects/PRJ-0002").status_code == 404


def cockpit(cast: Cast, who: str = "petra", query: str = "") -> str:
    return cast.client(who).get(f"/portfolio/projects/PRJ-0001{query}").content.decode()


def test_the_cockpit_shows_figures_with_their_source_and_the_previous_light(cast: Cast) -> None:
    number = cast.project.pk
    write_figures(
        rows=[
            FigureRow(number, "light.overall", D1, light="amber", source="reported"),
            FigureRow(number, "light.overall", D2, light="red", source="imported", source_label="Liste November", reported="rot"),
            FigureRow(number, "eac", D1, amount=18_000_000_00, currency="EUR"), FigureRow(number, "eac", D2, amount=19_710_000_00, currency="EUR"),
            FigureRow(number, "cpi", D2, value=Decimal("0.93")),
            FigureRow(number, "finish.forecast", D1, day=dt.date(2027, 7, 1)), FigureRow(number, "finish.forecast", D2, day=dt.date(2027, 8, 1)),
        ],
        by=None,
    )  # fmt: skip
    ProjectStatus.objects.create(
        project=cast.project, date=D2, summary="<script>alert(1)</script> **Gleichrichter** spät", narrative={"Next": "- Druckprobe"},
        attributes={"Region": "Nord"}, remarks=[{"column": "Budget", "row": 4, "value": "viel", "reason": "not a number"}],
    )  # fmt: skip
    Gate.objects.create(
        project=cast.project, code="G3", order=3, baseline=dt.date(2027, 6, 1), forecast=dt.date(2027, 6, 30)
    )
    page = cockpit(cast)
    for text in (
        "imported (Liste November)",
        "19,710,000",
        "0.93",
        "Milestone trend",
        "Druckprobe",
        "Region",
        "not a number",
        "+21 wd",
        "Amber",
    ):
        assert text in page
    assert "<script>alert" not in page
    old = cockpit(cast, query="?on=2026-11-06")
    assert "18,000,000" in old
    assert "Druckprobe" not in old


def test_each_figure_opens_to_its_values_and_unknown_ones_are_not_found(cast: Cast) -> None:
    write_figures(
        rows=[
            FigureRow(cast.project.pk, "cpi", day, value=Decimal(value)) for day, value in ((D1, "0.9"), (D2, "0.8"))
        ],
        by=None,
    )
    client = cast.client("petra")
    page = client.get("/portfolio/projects/PRJ-0001/figures/cpi").content.decode()
    assert "0.90" in page
    assert "0.80" in page
    assert client.get("/portfolio/projects/PRJ-0001/figures/moon").status_code == 404
    assert cast.client("paul").get("/portfolio/projects/PRJ-0002/figures/cpi").status_code == 404


def test_a_project_on_hold_shows_grey_whatever_was_reported(cast: Cast) -> None:
    write_figures(rows=[FigureRow(cast.project.pk, "light.overall", D2, light="green", source="reported")], by=None)
    Project.objects.filter(pk=cast.project.pk).update(phase="on_hold", phase_before_hold="executing")
    assert "On hold" in cockpit(cast)
    assert '<span class="word n l">' in cockpit(cast)


def test_a_form_with_wrong_input_keeps_it_and_says_what_is_wrong(cast: Cast) -> None:
    data = {
        "name": "Neu",
        "portfolio": cast.portfolio.pk,
        "budget": "viel",
        "currency": "EUR",
        "confidentiality": "internal",
        "finish_baseline": "31.02.2027",
    }
    response = cast.client("petra").post("/portfolio/projects/new", data)
    page = response.content.decode()
    assert response.status_code < 500
    assert 'value="viel"' in page
    assert not Project.objects.filter(name="Neu").exists()


def test_a_project_can_be_created_with_gates_and_other_names_in_one_form(cast: Cast) -> None:
    data = {
        "name": "Neu", "portfolio": cast.portfolio.pk, "budget": "1.5", "currency": "EUR", "confidentiality": "internal", "aliases": "Altname",
        "gates-TOTAL": "1", "gates-0-order": "1", "gates-0-code": "G1", "gates-0-baseline": "2027-01-10", "members-TOTAL": "0",
    }  # fmt: skip
    response = cast.client("petra").post("/portfolio/projects/new", data)
    assert response.status_code == 302, response.content.decode()[-3000:]
    project = Project.objects.get(name="Neu")
    assert project.gates.get().code == "G1"
    assert project.aliases.get().normalised == "altname"


def test_scores_are_given_on_their_page(cast: Cast) -> None:
    model = ScoringModel.objects.create(key="SCM-1", name="Modell", state="active")
    criterion = model.criteria.create(order=1, name="Nutzen", weight=100)
    obj = Proposal.objects.create(
        key="PRP-1", name="Antrag", portfolio=cast.portfolio, scoring_model=model, state="assessment"
    )
    client = cast.client("anton")
    assert client.get("/portfolio/proposals/PRP-1/scores").status_code == 200
    bad = client.post("/portfolio/proposals/PRP-1/scores", {f"score-{criterion.pk}": "9", "version": obj.version})
    assert bad.status_code == 422
    good = client.post(
        "/portfolio/proposals/PRP-1/scores",
        {f"score-{criterion.pk}": "4", f"reason-{criterion.pk}": "weil", "version": obj.version},
    )
    assert good.status_code == 302
    obj.refresh_from_db()
    assert obj.score == Decimal("75")
    assert "weil" in client.get("/portfolio/proposals/PRP-1").content.decode()
    assert cast.client("tom").get("/portfolio/proposals/PRP-1/scores").status_code in {403, 404}


def test_thresholds_are_changed_on_their_page(cast: Cast) -> None:
    client = cast.client("petra")
    bad = client.post(
        "/portfolio/portfolios/ANLAGEN/thresholds", {"spi_t-green": "0.5", "version": cast.portfolio.version}
    )
    assert bad.status_code == 422
    assert "spi_t" in bad.content.decode()
    good = client.post(
        "/portfolio/portfolios/ANLAGEN/thresholds",
        {"spi_t-green": "0.97", "version": cast.portfolio.version, "reason": "strenger"},
    )
    assert good.status_code == 302
    cast.portfolio.refresh_from_db()
    assert cast.portfolio.thresholds == {"spi_t": {"green": "0.97"}}


def test_panels_stand_in_both_columns_and_wide_ones_in_the_wide_column():
    from stellwerk.core.registry import Panel
    from stellwerk.portfolio.views.projects import _columns

    rows = [{"panel": Panel("x", name, name, "", lambda *_: {}, width=width), "context": {}} for name, width in (
        ("plan", 1), ("links", 2), ("quality", 1), ("staffing", 1), ("benefits", 2), ("reports", 1))]  # fmt: skip
    left, middle = ([row["panel"].code for row in column] for column in _columns(rows))
    assert left == ["links", "staffing", "benefits"]
    assert middle == ["plan", "quality", "reports"]
