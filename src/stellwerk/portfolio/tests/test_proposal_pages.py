"""Pages of proposals and scoring models: business case in one unit, wrong lines told where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from stellwerk.core.states import advance
from stellwerk.portfolio.models import Portfolio, Proposal, ProposalYear, ScoringModel
from stellwerk.testing import Cast


@pytest.fixture
def proposal(cast: Cast) -> Proposal:
    made = Proposal.objects.create(key="PRP-1", name="Antrag", portfolio=cast.portfolio, currency="EUR")
    option = made.options.create(order=1, name="Neubau", recommended=True)
    ProposalYear.objects.create(option=option, year=2027, cost=1_234_567_89, benefit=0)
    ProposalYear.objects.create(option=option, year=2028, cost=400_000_00, benefit=2_000_000_00)
    return made


def page(response: Any) -> str:
    return str(response.content.decode())


def test_large_business_cases_are_told_in_thousands_and_small_ones_in_full(cast: Cast, proposal: Proposal) -> None:
    shown = page(cast.client("petra").get("/portfolio/proposals/PRP-1"))
    assert '<td class="num">1,235</td>' in shown and '<td class="num b">1,635</td>' in shown
    ProposalYear.objects.update(cost=9_500_40, benefit=0)
    shown = page(cast.client("petra").get("/portfolio/proposals/PRP-1"))
    assert '<td class="num">9,500</td>' in shown and '<td class="num b">19,001</td>' in shown


def test_what_a_proposal_belongs_to_is_a_link_only_for_who_may_open_it(cast: Cast, proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(unit=cast.unit, requester=cast.people["paul"])
    assert f'href="/people/{cast.people["paul"].key}"' in page(cast.client("petra").get("/portfolio/proposals/PRP-1"))


def years(option: int, **changes: str) -> dict[str, str]:
    row = {"option": str(option), "year": "2029", "cost": "5", "benefit": "0"} | changes
    return {"years-TOTAL": "1"} | {f"years-0-{name}": value for name, value in row.items()}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cost": "-500"}, "greater than or equal to 0"),
        ({"cost": "viel"}, "not a number"),
        ({"year": "abc"}, "not a number"),
    ],
)
def test_a_wrong_line_is_told_in_its_cell_and_nothing_is_lost(
    cast: Cast, proposal: Proposal, changes: dict[str, str], told: str
) -> None:
    option = proposal.options.get()
    data = {
        "name": "Geändert", "portfolio": cast.portfolio.pk, "category": "grow", "currency": "EUR", "confidentiality": "internal",
        "version": str(proposal.version),
    } | years(option.pk, **changes)  # fmt: skip
    response = cast.client("petra").post("/portfolio/proposals/PRP-1/edit", data)
    assert response.status_code == 422
    name, value = next(iter(changes.items()))
    assert f'id="id_years-0-{name}_error"' in page(response) and told in page(response)
    assert f'value="{value}"' in page(response) and "Geändert" in page(response)
    proposal.refresh_from_db()
    assert proposal.name == "Antrag"


def criteria(*rows: dict[str, str]) -> dict[str, str]:
    data = {"name": "Modell", "confidentiality": "internal", "criteria-TOTAL": str(len(rows))}
    for number, row in enumerate(rows):
        full = {
            "order": str(number + 1),
            "name": f"K{number}",
            "weight": "50",
            "scale_min": "1",
            "scale_max": "5",
        } | row
        data |= {f"criteria-{number}-{name}": value for name, value in full.items()}
    return data


def test_a_scale_upside_down_and_weights_over_a_hundred_are_told(cast: Cast) -> None:
    client = cast.client("petra")
    upside = client.post("/portfolio/scoring-models/new", criteria({"scale_min": "5", "scale_max": "1"}))
    assert upside.status_code == 422 and "ends before it begins" in page(upside)
    heavy = client.post("/portfolio/scoring-models/new", criteria({"weight": "70"}, {"weight": "60"}))
    assert heavy.status_code == 422 and "sum to more than 100" in page(heavy)
    assert not ScoringModel.objects.filter(name="Modell").exists()


def test_an_empty_line_proposes_its_place_in_the_order(cast: Cast) -> None:
    shown = page(cast.client("petra").get("/portfolio/scoring-models/new"))
    assert [f'name="criteria-{n}-order" value="{n + 1}"' in shown for n in range(3)] == [True] * 3
    blank = {f"criteria-{n}-{name}": "" for n in (1, 2) for name in ("name", "weight", "hurdle", "anchors")}
    blank |= {f"criteria-{n}-{name}": value for n in (1, 2) for name, value in (("scale_min", "1"), ("scale_max", "5"))}
    blank |= {f"criteria-{n}-order": str(n + 1) for n in (1, 2)} | {
        f"criteria-{n}-higher_is_better": "on" for n in (1, 2)
    }
    sent = criteria({"weight": "100"}) | blank | {"criteria-TOTAL": "3"}
    assert cast.client("petra").post("/portfolio/scoring-models/new", sent).status_code == 302
    assert ScoringModel.objects.get(name="Modell").criteria.count() == 1


def test_a_team_member_proposes_to_an_open_portfolio_without_seeing_it(cast: Cast) -> None:
    Portfolio.objects.update(state="active", confidentiality="internal")
    hidden = Portfolio.objects.create(
        key="GEHEIM", name="Geheim", unit=cast.unit, state="active", confidentiality="strict"
    )
    client = cast.client("tom")
    assert client.get(f"/portfolio/portfolios/{cast.portfolio.key}").status_code in {403, 404}
    shown = page(client.get("/portfolio/proposals/new"))
    assert cast.portfolio.name in shown and hidden.name not in shown
    data = {"name": "Kran", "category": "grow", "currency": "EUR", "confidentiality": "internal", "problem": "x"}
    data["requester"] = str(cast.people["tom"].pk)
    refused = client.post("/portfolio/proposals/new", data | {"portfolio": str(hidden.pk)})
    assert refused.status_code == 422 and not Proposal.objects.filter(name="Kran").exists()
    made = client.post("/portfolio/proposals/new", data | {"portfolio": str(cast.portfolio.pk)})
    assert made.status_code == 302
    assert client.get(made["Location"]).status_code == 200


def test_the_history_tells_lines_of_a_proposal_in_words(cast: Cast, proposal: Proposal) -> None:
    option = proposal.options.get()
    data = {
        "name": "Antrag", "portfolio": cast.portfolio.pk, "category": "grow", "currency": "EUR", "confidentiality": "internal",
        "version": str(proposal.version), "options-TOTAL": "1", "options-0-id": str(option.pk), "options-0-version": str(option.version),
        "options-0-order": "1", "options-0-name": "Neubau", "options-0-do_nothing": "on",
    }  # fmt: skip
    client = cast.client("petra")
    assert client.post("/portfolio/proposals/PRP-1/edit", data | years(option.pk, cost="1200")).status_code == 302
    told = page(client.get(f"/entity/portfolio.proposal/{proposal.pk}/history"))
    assert "Options: Neubau" in told and "Recommended yes" in told and "Recommended no" in told
    assert "Cost and benefit by year: Neubau 2029" in told and "Cost 1,200\u00a0€" in told
    assert "True" not in told and "120000" not in told


def test_a_proposal_without_a_scoring_model_is_assessed_by_that_of_its_portfolio(
    cast: Cast, proposal: Proposal
) -> None:
    model = ScoringModel.objects.create(key="SCM-1", name="Modell", state="active")
    Portfolio.objects.filter(pk=cast.portfolio.pk).update(scoring_model=model)
    Proposal.objects.filter(pk=proposal.pk).update(state="submitted")
    advance(proposal, "start_assessment", by=cast.users["anton"])
    proposal.refresh_from_db()
    assert (proposal.state, proposal.scoring_model) == ("assessment", model)


def test_a_draft_model_is_not_taken_for_an_assessment(cast: Cast, proposal: Proposal) -> None:
    model = ScoringModel.objects.create(key="SCM-1", name="Modell", state="draft")
    Portfolio.objects.filter(pk=cast.portfolio.pk).update(scoring_model=model)
    Proposal.objects.filter(pk=proposal.pk).update(state="submitted")
    advance(proposal, "start_assessment", by=cast.users["anton"])
    proposal.refresh_from_db()
    assert proposal.scoring_model is None
