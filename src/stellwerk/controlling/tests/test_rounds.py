"""Investment rounds: proposals in, limits, selection with the worked numbers of domain.md 3.7, the board, projects with their budget."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.controlling.models import BudgetLine, InvestmentRound, RoundItem, RoundLimit, SelectionRun
from stellwerk.controlling.selectors.budgets import approved_budget, sheet_of
from stellwerk.controlling.selectors.rounds import model_of, problem_of
from stellwerk.controlling.services.rounds import (
    create_round,
    decide,
    load_round,
    set_limits,
    submit_proposals,
)
from stellwerk.controlling.services.selection_runs import start_run, stop_run, take_over
from stellwerk.controlling.tests.proposals import K, proposal_of, signed
from stellwerk.controlling.tests.sheets import limits
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Job
from stellwerk.core.states import advance
from stellwerk.engine.selection import select
from stellwerk.portfolio.models import (
    PortfolioBudget,
    Project,
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalYear,
)

WORKED = {
    "A": (80, 500, 60), "B": (62, 300, 45), "C": (60, 300, 40), "D": (45, 250, 30), "E": (40, 200, 35), "M": (20, 150, 15),
}  # fmt: skip


def round_of(cast, **values):
    return create_round(values={"portfolio": cast.portfolio, "name": "Round 2027", "first_year": 2027, "years": 2, **values}, by=cast.petra)  # fmt: skip


def worked(cast) -> InvestmentRound:
    """The worked example, in thousands of euros and hours of one role, all in 2027."""
    round_ = round_of(cast, years=1)
    made = {}
    for name, (score, cost, hours) in WORKED.items():
        proposal = Proposal.objects.create(
            key=f"PRP-{name}", name=name, portfolio=cast.portfolio, unit=cast.unit, score=score, state="scored",
            mandatory=name == "M", mandatory_reason="Law", requester=cast.people["tom"], sponsor=cast.people["stefan"],
        )  # fmt: skip
        option = ProposalOption.objects.create(proposal=proposal, name="Do", recommended=True)
        ProposalOption.objects.create(proposal=proposal, name="Nothing", do_nothing=True)
        ProposalYear.objects.create(option=option, year=2027, cost=cost * K)
        ProposalCapacity.objects.create(proposal=proposal, role=cast.role, year=2027, hours=hours)
        made[name] = proposal
    made["E"].prerequisites.add(made["C"])
    made["B"].exclusions.add(made["D"])
    submit_proposals(round_=round_, proposals=list(made.values()), by=cast.petra)
    set_limits(round_=round_, limits={(None, 2027): 1000 * K, (cast.role.pk, 2027): 130}, by=cast.petra)
    return round_


def names(keys):
    return "".join(sorted(key.removeprefix("PRP-") for key in keys))


def to_balancing(round_, by):
    for step in ("open_call", "close_call", "evaluate", "balance"):
        round_ = advance(round_, step, by=by)
    return round_


def run_of(cast, round_, **options) -> SelectionRun:
    run = start_run(round_=round_, seconds=options.pop("seconds", 20), by=cast.petra, **options)
    run_pending()
    run.refresh_from_db()
    return run


def test_the_worked_example_to_the_digit(cast):
    run = run_of(cast, worked(cast))
    told = run.told
    assert (run.state, told["status"], names(told["chosen"]), told["value"]) == ("done", "optimal", "CDEM", 16_500)
    assert (names(told["greedy"]["chosen"]), told["greedy"]["value"]) == ("ABM", 16_200)
    assert {(use["resource"], use["used"], use["limit"]) for use in told["uses"]} == {
        (None, 900_000, 1_000_000), (cast.role.pk, 120, 130),
    }  # fmt: skip
    assert [(one["resource"], one["gain"]) for one in told["binding"]] == [(cast.role.pk, 1_700)]
    assert told["next"] == [{"year": 2027, "extra": None}]  # no amount of money buys anything
    a = told["items"]["PRP-A"]
    assert (a["inside"], a["loss"], names(a["entering"]), names(a["leaving"])) == (False, 300, "AB", "CDE")
    assert {(rule["kind"], rule.get("resource")) for rule in a["obstacles"]} == {
        ("limit", None),
        ("limit", cast.role.pk),
    }
    e = told["items"]["PRP-E"]
    assert e["inside"] and e["proven"]
    m = told["items"]["PRP-M"]  # without what is mandatory B+C+E = 162 (800/120) would be the best
    assert (m["inside"], m["loss"], names(m["entering"]), names(m["leaving"])) == (True, 300, "B", "DM")
    values = [point["value"] for point in told["frontier"]]
    assert values == sorted(values) and {point["percent"]: point["value"] for point in told["frontier"]}[100] == 16_500


def test_with_less_money_and_with_what_is_decided(cast):
    round_ = worked(cast)
    assert names(run_of(cast, round_, percent=85).told["chosen"]) == "BCM"
    round_ = to_balancing(round_, cast.petra)
    item = RoundItem.objects.get(round=round_, proposal__key="PRP-A")
    decide(round_=round_, decisions={item.pk: ("in", "Promised to the city")}, by=cast.petra)
    run = run_of(cast, round_, keep=True)
    assert names(run.told["chosen"]) == "ABM"
    take_over(run=run, by=cast.petra)
    item.refresh_from_db()
    assert (item.decision, item.reason) == ("in", "Promised to the city")
    assert {row.proposal.key: row.decision for row in round_.items.all()}["PRP-C"] == "out"


def test_what_cannot_go_together_is_named(cast):
    round_ = worked(cast)
    Proposal.objects.filter(key__in=("PRP-B", "PRP-D")).update(mandatory=True)
    run = run_of(cast, round_)
    assert run.told["status"] == "infeasible" and "chosen" not in run.told
    assert {(rule["kind"], rule["item"]) for rule in run.told["conflict"]} >= {("mandatory", "PRP-B"), ("mandatory", "PRP-D")}  # fmt: skip


def test_a_prerequisite_outside_of_the_round_bars(cast):
    round_ = worked(cast)
    outside = proposal_of(cast, "Outside")
    a = Proposal.objects.get(key="PRP-A")
    a.prerequisites.add(outside)
    model = model_of(round_)
    assert model.lacking == {"PRP-A": [outside.key]}
    problem, _factor = problem_of(model)
    assert select(problem).best is not None and problem.items.barred.tolist() == [
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    Project.objects.create(key="PRJ-0099", name="Done", portfolio=cast.portfolio, proposal=outside)
    assert model_of(round_).lacking == {}


def test_what_has_no_score_is_not_ranked(cast):
    round_ = worked(cast)
    Proposal.objects.filter(key="PRP-C").update(score=None)
    told = run_of(cast, round_).told
    assert "PRP-C" not in told["chosen"] and "PRP-E" not in told["chosen"]


def test_money_is_rounded_against_the_round(cast):
    round_ = worked(cast)
    ProposalYear.objects.filter(option__proposal__key="PRP-A").update(cost=100_01)
    set_limits(round_=round_, limits={(None, 2027): 999_99}, by=cast.petra)
    problem, _factor = problem_of(model_of(round_))
    assert problem.demand[0, 0, 0] == 101 and problem.resources.limit[0, 0] == 999


@pytest.mark.parametrize("who", ["tom", "rita", "paul", "uwe", "walter", "stefan"])
def test_who_does_not_run_the_round_starts_no_selection(cast, who):
    round_ = worked(cast)
    with pytest.raises(NotAllowed):
        start_run(round_=round_, by=getattr(cast, who))


@pytest.mark.parametrize(
    "options", [{"seconds": 0}, {"seconds": 601}, {"measure": "luck"}, {"percent": 9}, {"percent": 301}]
)
def test_nonsense_is_refused(cast, options):
    with pytest.raises(Invalid):
        start_run(round_=worked(cast), by=cast.petra, **options)


def test_a_run_can_be_stopped_once(cast):
    run = start_run(round_=worked(cast), by=cast.petra)
    stop_run(run=run, by=cast.petra)
    run_pending()
    run.refresh_from_db()
    assert run.state in ("done", "stopped")
    with pytest.raises(WrongState):
        stop_run(run=run, by=cast.petra)
    assert not Job.objects.exclude(state="done").exists()


def test_an_empty_round_selects_nothing(cast):
    with pytest.raises(Refused) as refused:
        start_run(round_=round_of(cast), by=cast.petra)
    assert refused.value.code == "no_items"


def test_limits_come_from_the_portfolio(cast):
    PortfolioBudget.objects.create(portfolio=cast.portfolio, year=2028, amount=7)
    PortfolioBudget.objects.create(portfolio=cast.portfolio, year=2031, amount=9)
    assert list(RoundLimit.objects.filter(round=round_of(cast)).values_list("year", "amount")) == [(2028, 7)]


@pytest.mark.parametrize("wrong", [{(None, 2026): 1}, {(None, 2027): -1}, {(99_999, 2027): 1}, {(None, 2027): 10**16}])
def test_limits_that_cannot_be(cast, wrong):
    with pytest.raises(Invalid):
        set_limits(round_=round_of(cast), limits=wrong, by=cast.petra)


def test_who_asks_submits_while_the_call_is_open(cast):
    round_ = round_of(cast)
    proposal = proposal_of(cast, state="submitted")
    with pytest.raises(NotAllowed):
        submit_proposals(round_=round_, proposals=[proposal], by=cast.tom)
    round_ = advance(round_, "open_call", by=cast.petra)
    with pytest.raises(NotAllowed):
        submit_proposals(round_=round_, proposals=[proposal], by=cast.paul)
    assert len(submit_proposals(round_=round_, proposals=[proposal], by=cast.tom)) == 1
    assert submit_proposals(round_=round_, proposals=[proposal], by=cast.tom) == []
    draft = proposal_of(cast)
    with pytest.raises(Invalid):
        submit_proposals(round_=round_, proposals=[draft], by=cast.petra)


def test_out_needs_a_reason_and_only_balancing_decides(cast):
    round_ = worked(cast)
    item = round_.items.first()
    with pytest.raises(WrongState):
        decide(round_=round_, decisions={item.pk: ("in", "")}, by=cast.petra)
    round_ = to_balancing(round_, cast.petra)
    with pytest.raises(Invalid) as invalid:
        decide(round_=round_, decisions={item.pk: ("out", " ")}, by=cast.petra)
    assert list(invalid.value.errors) == [f"item-{item.pk}"]


# ── the board, and loading ───────────────────────────────────────────────────────────────────────


def _balanced(cast):
    """Two proposals: one signed and in, one out."""
    good = proposal_of(cast, "Good", state="draft", sponsor=cast.people["stefan"], wanted_start=dt.date(2027, 4, 1), duration_months=9)  # fmt: skip
    bad = proposal_of(cast, "Bad", state="draft", sponsor=cast.people["stefan"])
    signed(cast, good)
    Proposal.objects.filter(pk__in=(good.pk, bad.pk)).update(state="scored", score=Decimal(50))
    round_ = round_of(cast)
    submit_proposals(round_=round_, proposals=list(Proposal.objects.filter(pk__in=(good.pk, bad.pk))), by=cast.petra)
    set_limits(round_=round_, limits={(None, 2027): 200 * K}, by=cast.petra)
    round_ = to_balancing(round_, cast.petra)
    items = {item.proposal_id: item.pk for item in round_.items.all()}
    decide(round_=round_, decisions={items[good.pk]: ("in", ""), items[bad.pk]: ("out", "Too dear")}, by=cast.petra)
    return round_, good, bad


def test_what_breaks_a_limit_or_is_not_signed_does_not_reach_the_board(cast):
    round_, _good, bad = _balanced(cast)
    items = {item.proposal_id: item.pk for item in round_.items.all()}
    set_limits(round_=round_, limits={(None, 2027): 99 * K}, by=cast.petra)
    with pytest.raises(WrongState, match="above the limit"):
        advance(round_, "propose", by=cast.petra)
    decide(round_=round_, decisions={items[bad.pk]: ("in", "")}, by=cast.petra)
    with pytest.raises(WrongState, match=f"not signed the figures of {bad.key}"):
        advance(round_, "propose", by=cast.petra)


def test_the_board_approves_and_the_round_becomes_projects(cast):
    round_, good, bad = _balanced(cast)
    round_ = advance(round_, "propose", by=cast.petra)
    with pytest.raises(WrongState):
        set_limits(round_=round_, limits={}, by=cast.petra)
    with pytest.raises(NotAllowed):
        advance(round_, "approve", by=cast.petra)
    with pytest.raises(WrongState, match="limit of authority"):
        advance(round_, "approve", by=cast.elke)
    limits(cast)
    round_ = advance(round_, "approve", by=cast.elke)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state) == ("approved", "rejected")
    round_ = advance(round_, "load", by=cast.petra)
    project = Project.objects.get(proposal=good)
    budget = approved_budget(project)
    assert budget is not None and budget.approved_by == cast.elke
    sheet = sheet_of(budget)
    # April to December 2027: the investment of that year; running cost from 2028 on is no project budget.
    assert sheet.total == 100 * K == sheet.capex == project.budget
    assert [month.month for month in sheet.months] == list(range(4, 13))
    assert round_.items.get(proposal=good).project == project and not Project.objects.filter(proposal=bad).exists()
    # Again: nothing twice.
    load_round(round_, cast.petra)
    assert Project.objects.filter(proposal=good).count() == 1 and BudgetLine.objects.count() == 1


def test_who_asks_for_money_does_not_approve_the_round(cast):
    round_, good, _bad = _balanced(cast)
    limits(cast)
    Proposal.objects.filter(pk=good.pk).update(requester=cast.people["elke"])
    round_ = advance(round_, "propose", by=cast.petra)
    with pytest.raises(NotAllowed, match="may not decide"):
        advance(round_, "approve", by=cast.elke)
    round_ = advance(round_, "reject", by=cast.elke, reason="Balance again")
    assert round_.state == "balancing"
