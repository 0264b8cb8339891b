"""Pages of business cases, strategy and rounds: they open, keep what was typed, and say what is wrong."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stellwerk.controlling.models import (
    BusinessCase,
    InvestmentRound,
    RoundItem,
    RoundLimit,
    SelectionRun,
    StrategicObjective,
)
from stellwerk.controlling.tests.proposals import K, case_of, proposal_of, signed
from stellwerk.controlling.tests.test_rounds import run_of, to_balancing, worked
from stellwerk.core.states import advance


def page(cast, who, route, *args, **data):
    return cast.client(who).get(reverse(f"controlling:{route}", args=args), data, headers={"accept-language": "en"})


def post(cast, who, route, *args, **data):
    return cast.client(who).post(reverse(f"controlling:{route}", args=args), data, headers={"accept-language": "en"})


def test_the_page_of_a_case_shows_the_worked_numbers(cast):
    case = signed(cast)
    text = page(cast, "conny", "case-detail", case.key).content.decode()
    for shown in ("25,200.", "17.60", "2.88", "3.47", "1.18"):
        assert shown in text.replace("\u202f", ","), shown
    assert "<svg" in text and str(case.signed_by) in text


def test_a_case_without_a_rate_says_why(cast):
    proposal = proposal_of(cast)
    case = case_of(cast, proposal, [])
    build = proposal.options.get(do_nothing=False).pk
    answer = post(
        cast, "tom", "case-drivers", case.key, version=case.version,
        **{"f-1-option": build, "f-1-name": "Cost", "f-1-kind": "cost", "f-1-spending": "capex", "f-1-effective": "on", "f-1-2027": "100.000,50"},
    )  # fmt: skip
    assert answer.status_code == 302
    flow = case.flows.get()
    assert (flow.spending, flow.years.get().amount) == ("capex", 100_000_50)
    text = page(cast, "tom", "case-detail", case.key).content.decode()
    assert "no rate makes them worth 0" in text or "ohne" in text or "Vorzeichen" in text


def test_what_cannot_be_read_stays_in_the_sheet(cast):
    case = case_of(cast)
    build = case.proposal.options.get(do_nothing=False).pk
    data = {
        "f-1-option": build,
        "f-1-name": "Licences",
        "f-1-kind": "cost",
        "f-1-spending": "opex",
        "f-1-2027": "12,345,6x",
    }
    answer = post(cast, "tom", "case-drivers", case.key, version=case.version, **data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "12,345,6x" in text and "Licences" in text
    assert case.flows.count() == 3
    more = post(cast, "tom", "case-drivers", case.key, version=case.version, then="row", **data)
    assert more.status_code == 200 and 'name="f-2-name"' in more.content.decode()


def test_a_stale_sheet_is_refused_and_kept(cast):
    case = case_of(cast)
    build = case.proposal.options.get(do_nothing=False).pk
    data = {"f-1-option": build, "f-1-name": "Mine", "f-1-kind": "cost", "f-1-spending": "opex", "f-1-2027": "1"}
    answer = post(cast, "tom", "case-drivers", case.key, version=case.version - 1, **data)
    assert answer.status_code == 409 and "Mine" in answer.content.decode()


def test_a_new_case_from_the_proposal(cast):
    proposal = proposal_of(cast)
    text = cast.client("tom").get(reverse("portfolio:proposal-detail", args=[proposal.key])).content.decode()
    assert reverse("controlling:case-create", args=[proposal.key]) in text
    answer = post(cast, "tom", "case-create", proposal.key, discount_rate="6,5", swing="10", empty="on")
    case = BusinessCase.objects.get()
    assert answer.status_code == 302 and float(case.discount_rate) == 6.5
    assert post(cast, "tom", "case-create", proposal.key, discount_rate="abc", swing="10").status_code == 422


def test_the_follow_up_page_opens_without_a_project(cast):
    case = signed(cast)
    assert page(cast, "conny", "case-follow-up", case.key).status_code == 200
    assert post(cast, "conny", "case-follow-up", case.key).status_code == 409


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


def test_the_round_its_selection_and_its_decisions(cast):
    round_ = worked(cast)
    assert page(cast, "petra", "round-detail", round_.key).status_code == 200
    started = post(cast, "petra", "round-select", round_.key, seconds="10", measure="score", percent="100")
    run = SelectionRun.objects.get()
    assert started.status_code == 302 and started["location"].endswith(f"/selections/{run.pk}")
    assert "Computing" in page(cast, "petra", "selection", run.pk).content.decode()
    run.delete()
    run = run_of(cast, round_)
    text = page(cast, "petra", "selection", run.pk).content.decode()
    assert "165" in text and "PRP-C" in text and "effort" not in text
    round_ = to_balancing(round_, cast.petra)
    assert post(cast, "petra", "selection-take", run.pk).status_code == 302
    item = RoundItem.objects.get(round=round_, proposal__key="PRP-A")
    assert item.decision == "out"
    wrong = post(cast, "petra", "round-decide", round_.key, **{f"decision-{item.pk}": "later", f"reason-{item.pk}": ""})
    assert wrong.status_code == 422
    fine = post(cast, "petra", "round-decide", round_.key, **{f"decision-{item.pk}": "in", f"reason-{item.pk}": "Promised"})  # fmt: skip
    item.refresh_from_db()
    assert fine.status_code == 302 and (item.decision, item.reason) == ("in", "Promised")
    assert "Promised" in page(cast, "petra", "selection", run.pk).content.decode()


def test_an_infeasible_selection_names_the_rules(cast):
    round_ = worked(cast)
    from stellwerk.portfolio.models import Proposal

    Proposal.objects.filter(key__in=("PRP-B", "PRP-D")).update(mandatory=True)
    run = run_of(cast, round_)
    text = page(cast, "petra", "selection", run.pk).content.decode()
    assert "PRP-B" in text and "contradict" in text


def test_limits_are_typed_as_people_write(cast):
    round_ = worked(cast)
    RoundLimit.objects.all().delete()
    data = {"limit-money-2027": "1.250.000,00", f"limit-{cast.role.pk}-2027": "1200"}
    assert post(cast, "petra", "round-limits", round_.key, **data).status_code == 302
    assert set(RoundLimit.objects.values_list("role", "amount")) == {(None, 1250 * K), (cast.role.pk, 1200)}
    wrong = post(cast, "petra", "round-limits", round_.key, **{"limit-money-2027": "viel"})
    assert wrong.status_code == 422 and "viel" in wrong.content.decode()


def test_whoever_asks_submits_from_the_proposal(cast):
    round_ = advance(worked(cast), "open_call", by=cast.petra)
    proposal = proposal_of(cast, "New", state="submitted")
    text = cast.client("tom").get(reverse("portfolio:proposal-detail", args=[proposal.key])).content.decode()
    assert reverse("controlling:round-proposal", args=[proposal.key]) in text
    assert post(cast, "tom", "round-proposal", proposal.key).status_code == 302
    assert RoundItem.objects.filter(round=round_, proposal=proposal).exists()


def test_a_new_round(cast):
    answer = post(cast, "petra", "round-create", name="2028", portfolio=cast.portfolio.pk, first_year="2028", years="3", currency="eur")  # fmt: skip
    assert answer.status_code == 302 and InvestmentRound.objects.get().currency == "EUR"
    assert post(cast, "petra", "round-create", name="2028", portfolio=cast.portfolio.pk, first_year="1", years="99", currency="EURO").status_code == 422  # fmt: skip


@pytest.mark.parametrize("who", ["tom", "rita", "uwe", "paul"])
def test_who_does_not_see_rounds(cast, who):
    assert page(cast, who, "round-detail", worked(cast).key).status_code in (403, 404)


# ── strategy ─────────────────────────────────────────────────────────────────────────────────────


def test_weights_are_tried_and_kept(cast):
    one = StrategicObjective.objects.create(key="OBJ-1", organisation=cast.organisation, name="Climate", weight=10)
    assert page(cast, "petra", "strategy").status_code == 200
    assert page(cast, "petra", "strategy", **{f"w-{one.pk}": "25"}).status_code == 200
    one.refresh_from_db()
    assert one.weight == 10
    assert page(cast, "petra", "strategy", **{f"w-{one.pk}": "viel"}).status_code == 422
    assert post(cast, "petra", "strategy", **{f"w-{one.pk}": "25"}).status_code == 302
    one.refresh_from_db()
    assert one.weight == 25
    assert post(cast, "paul", "strategy", **{f"w-{one.pk}": "1"}).status_code == 403


def test_contributions_of_a_project(cast):
    one = StrategicObjective.objects.create(key="OBJ-1", organisation=cast.organisation, name="Climate", weight=10)
    key = cast.project.key
    wrong = post(cast, "paul", "project-contributions", key, **{f"level-{one.pk}": "3", f"reason-{one.pk}": ""})
    assert wrong.status_code == 422
    fine = post(cast, "paul", "project-contributions", key, **{f"level-{one.pk}": "3", f"reason-{one.pk}": "CO2"})
    assert fine.status_code == 302
    assert "CO2" in page(cast, "petra", "objective-detail", one.key).content.decode()
