"""A roll-up contains only what its reader may see, and counts what is hidden: simulations and investment rounds."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from stellwerk.api import urls as _api  # noqa: F401 - loads the resources
from stellwerk.controlling.models import InvestmentRound, SelectionRun, SimulationRun, StrategicObjective
from stellwerk.controlling.services.rounds import set_limits
from stellwerk.controlling.services.selection_runs import start_run as start_run_of
from stellwerk.controlling.services.selection_runs import take_over
from stellwerk.controlling.services.simulation import Asked, start_run
from stellwerk.controlling.simulation.risks import Risk
from stellwerk.controlling.tests.proposals import K
from stellwerk.controlling.tests.sheets import FEB, approved, line
from stellwerk.controlling.tests.simulated import activity, plan_of, small_plan
from stellwerk.controlling.tests.test_rounds import worked
from stellwerk.core.api.auth import create_token
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Confidentiality
from stellwerk.core.registry import MACHINES
from stellwerk.core.states import obstacles
from stellwerk.portfolio.models import Project, Proposal

FEW = Asked(500, 7, 0.3, "project")


def token(user: Any) -> Client:
    _row, secret = create_token(user=user, by=user, name="t", scopes=["read", "write"])
    return Client(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def portfolio_run(cast: Any) -> SimulationRun:
    """Petra simulated the portfolio with a strictly confidential project in it, which Conny may not see."""
    small_plan(cast.project)
    approved(cast, line(1, text="Build", wbs=activity("Build").wbs, months={FEB: 5000_00}))
    plan_of(cast.other_project, ("Secret work", 40, None))
    Project.objects.filter(pk=cast.other_project.pk).update(
        portfolio=cast.portfolio, confidentiality=Confidentiality.STRICT, name="Verschwiegen"
    )
    risks = [
        Risk("Secret supplier", 0.5, cast.other_project.pk, cost=(1_00, 2_00, 3_00)),
        Risk("Known supplier", 0.5, cast.project.pk, cost=(1_00, 2_00, 3_00)),
    ]
    run = start_run(portfolio=cast.portfolio, asked=FEW, risks=risks, by=cast.petra)
    run_pending()
    run.refresh_from_db()
    assert run.state == "done" and len(run.told["projects"]) == 2
    return run


def test_a_run_with_a_hidden_project_shows_no_sums_but_says_how_many_are_hidden(cast, portfolio_run):
    address = reverse("controlling:simulation-run", args=[portfolio_run.pk])
    whole = cast.client("petra").get(address)
    assert "P80" in whole.content.decode() and "Verschwiegen" in whole.content.decode()
    answer = cast.client("conny").get(address)
    text = answer.content.decode()
    assert "No sums: 1 project of this run is hidden from you" in text
    assert cast.project.name in text and "Known supplier" in text
    for secret in ("Verschwiegen", "PRJ-0002", "Secret"):
        assert secret not in text
    for sums in ("tiles", "finish_chart", "cost_chart", "cloud", "assumptions", "others"):
        assert sums not in answer.context
    assert [row["project"] for row in answer.context["projects"]] == [cast.project]


def test_the_list_of_runs_tells_no_sum_either(cast, portfolio_run):
    address = reverse("controlling:simulation")
    assert "P80 " in cast.client("petra").get(address).content.decode()
    text = cast.client("conny").get(address).content.decode()
    assert "No sums: 1 project of this run is hidden from you" in text and "P80 " not in text


def test_the_api_the_workbook_and_the_comparison_keep_it_too(cast, portfolio_run):
    told = token(cast.conny).get(f"/api/v1/simulations/{portfolio_run.pk}/result").json()
    assert told["hidden"] == 1 and [row["project"] for row in told["projects"]] == [cast.project.key]
    assert {
        told[name] for name in ("finish", "finish_share", "cost", "cost_approved", "cost_share", "joint_share")
    } == {None}
    assert token(cast.petra).get(f"/api/v1/simulations/{portfolio_run.pk}/result").json()["finish"]["80"]

    client = cast.client("conny")
    answer = client.get(reverse("controlling:simulation-export", args=[portfolio_run.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content))
    assert book.sheetnames == ["Summary", "Activities", "Projects", "Risks"]
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not [cell for cell in cells if "Secret" in cell or "Verschwiegen" in cell]

    second = start_run(portfolio=cast.portfolio, asked=FEW, by=cast.petra)
    run_pending()
    compared = client.get(
        reverse("controlling:simulation-compare", args=[second.pk]), {"with": portfolio_run.pk}, follow=True
    )
    assert "hidden from you" in compared.content.decode() and compared.redirect_chain


def test_a_simulation_of_ones_own_counts_what_one_may_see(cast, portfolio_run):
    own = start_run(portfolio=cast.portfolio, asked=FEW, by=cast.conny)
    run_pending()
    own.refresh_from_db()
    answer = cast.client("conny").get(reverse("controlling:simulation-run", args=[own.pk]))
    assert [row["pk"] for row in own.told["projects"]] == [cast.project.pk] and "tiles" in answer.context


# ── investment rounds ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def selection(cast: Any) -> SelectionRun:
    """The worked example of domain.md 3.7: C + D + E + M = 165 for 900; E is strictly confidential, Conny may not see it."""
    round_ = worked(cast)
    Proposal.objects.filter(key="PRP-E").update(confidentiality=Confidentiality.STRICT, name="Geheim")
    run = start_run_of(round_=round_, seconds=30, measure="score", percent=100, keep=False, name="", by=cast.petra)
    run_pending()
    run.refresh_from_db()
    assert sorted(run.told["chosen"]) == ["PRP-C", "PRP-D", "PRP-E", "PRP-M"]
    round_.refresh_from_db()
    round_ = advance_to_balancing(round_, cast)
    take_over(run=run, by=cast.petra)
    return run


def test_the_sums_of_a_round_are_of_what_the_reader_may_see(cast, selection):
    address = reverse("controlling:round-detail", args=[selection.round.key])
    whole, part = (cast.client(who).get(address) for who in ("petra", "conny"))
    assert (whole.context["totals"].cost, part.context["totals"].cost) == (900 * K, 700 * K)
    assert (whole.context["counts"]["in"], part.context["counts"]["in"]) == (4, 3)
    assert whole.context["sets"][0]["totals"].score == 165 and part.context["sets"][0]["totals"].score == 125
    assert whole.context["limits"][0]["cells"][0]["top"] == 1000 * K
    assert part.context["limits"][0]["cells"][0]["parts"][0] == ("d1", 700 * K)
    assert [row["value"] for row in part.context["runs"]] == ["125.0"]
    text = part.content.decode()
    assert "1 proposal is hidden from you: sums are of what you may see" in text
    assert "Geheim" not in text and "PRP-E" not in text and "165" not in text
    assert "hidden from you" not in whole.content.decode()


def test_a_selection_tells_nothing_from_which_a_hidden_proposal_follows(cast, selection):
    address = reverse("controlling:selection", args=[selection.pk])
    whole, part = (cast.client(who).get(address) for who in ("petra", "conny"))
    assert (whole.context["value"], part.context["value"]) == ("165.0", "125.0")
    assert part.context["totals"].cost == 700 * K and part.context["greedy"]["value"] == "–"
    assert (
        whole.context["uses"] and not part.context["uses"] and not part.context["frontier"] and not part.context["next"]
    )
    text = part.content.decode()
    assert "1 proposal is hidden from you: sums are of what you may see" in text
    for secret in ("Geheim", "PRP-E", "165", "without this limit", "900"):
        assert secret not in text, secret


def test_the_api_leaves_out_sums_over_hidden_proposals(cast, selection):
    path = f"/api/v1/investment-rounds/{selection.round.key}/selections"
    told = token(cast.conny).get(path).json()[0]["told"]
    assert (
        told["value"] is None
        and told["bound"] is None
        and not told["uses"]
        and not told["frontier"]
        and not told["next"]
    )
    assert "PRP-E" not in str(told) and sorted(told["chosen"]) == ["PRP-C", "PRP-D", "PRP-M", "…"]
    assert token(cast.petra).get(path).json()[0]["told"]["value"] == 16500


def test_what_a_hidden_proposal_costs_above_a_limit_is_not_said(cast, selection):
    round_ = selection.round
    set_limits(round_=round_, limits={(None, 2027): 800 * K}, by=cast.petra)
    step = next(t for t in MACHINES["controlling.investmentround"].transitions if t.code == "propose")
    assert any("above the limit" in text for text in obstacles(fresh(round_), step, cast.petra))
    seen = " ".join(obstacles(fresh(round_), step, cast.conny))
    assert "The limit of Money in 2027." in seen and "above the limit" not in seen and "PRP-E" not in seen


def fresh(round_: InvestmentRound) -> InvestmentRound:
    return InvestmentRound.objects.get(pk=round_.pk)


def advance_to_balancing(round_: InvestmentRound, cast: Any) -> InvestmentRound:
    InvestmentRound.objects.filter(pk=round_.pk).update(state="balancing")
    return fresh(round_)


def test_the_alignment_counts_what_its_reader_does_not_see(cast, selection):
    StrategicObjective.objects.create(key="OBJ-0001", organisation=cast.organisation, name="Climate")
    address = reverse("controlling:strategy")
    whole, part = (cast.client(who).get(address) for who in ("petra", "conny"))
    assert (whole.context["hidden"], part.context["hidden"]) == (0, 1)
    assert len(whole.context["rows"]) == len(part.context["rows"]) + 1
    assert "1 more that you do not see" in part.content.decode() and "Geheim" not in part.content.decode()
