"""Business cases: written by whoever asks, signed by a controller, frozen, compared with what came."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from stellwerk.controlling.models import Benefit, BenefitValue, BusinessCase, CaseFlow
from stellwerk.controlling.selectors.cases import SNAPSHOT, figures_of, live_model, model_of, snapshot_of
from stellwerk.controlling.selectors.follow_up import due_cases, due_on, follow_of
from stellwerk.controlling.services.cases import FlowLine, create_case, save_flows
from stellwerk.controlling.services.follow_up import freeze_follow_up
from stellwerk.controlling.tests.proposals import K, case_of, lines, proposal_of, signed
from stellwerk.controlling.tests.sheets import booked
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import Notification, Snapshot
from stellwerk.core.services import archive
from stellwerk.core.snapshots import contents, intact
from stellwerk.core.states import advance, offers
from stellwerk.engine.money import decimal
from stellwerk.portfolio.models import ProposalYear


def test_the_worked_example_to_the_digit(cast):
    model = live_model(case_of(cast))
    assert model.case is not None
    found = model.case.appraisal
    assert decimal(found.npv / K, 4) == Decimal("25.2005")
    assert [decimal(rate * 100, 4) for rate in found.irr.rates] == [Decimal("17.5952")]
    assert decimal(found.payback, 4) == Decimal("2.8750") and decimal(found.discounted_payback, 4) == Decimal("3.4745")
    assert decimal(found.bcr, 4) == Decimal("1.1801")
    assert model.years == list(range(2027, 2033))
    # Doing nothing has no flows here, so that the option against it is the option itself.
    assert model.comparison is not None and [one.rank for one in model.comparison.options] == [1, 2]
    assert model.comparison.best.against.npv == found.npv


def test_all_rates_are_told_and_none_where_there_is_none(cast):
    proposal = proposal_of(cast)
    build = proposal.options.get(do_nothing=False).pk
    both = [
        FlowLine(1, build, "Cost", "cost", "opex", True, {2027: 100 * K, 2029: 132 * K}),
        FlowLine(2, build, "Benefit", "benefit", "opex", True, {2028: 230 * K}),
    ]
    case = case_of(cast, proposal, both)
    assert [decimal(rate, 4) for rate in live_model(case).case.appraisal.irr.rates] == [Decimal("0.1000"), Decimal("0.2000")]  # fmt: skip
    case = save_flows(case=case, lines=both[:1], by=cast.tom, version=case.version)
    found = live_model(case).case.appraisal
    assert found.irr.rates == () and found.irr.reason == "no_sign_change"
    assert found.payback is None and found.why("payback") == "never_recovered" and found.bcr == 0


def test_a_case_begins_with_the_sums_of_the_proposal(cast):
    proposal = proposal_of(cast)
    ProposalYear.objects.create(option=proposal.options.get(do_nothing=False), year=2027, cost=500, benefit=700)
    case = create_case(proposal=proposal, by=cast.tom)
    assert [(flow.kind, flow.years.get().amount) for flow in case.flows.order_by("pk")] == [("cost", 500), ("benefit", 700)]  # fmt: skip


@pytest.mark.parametrize("who", ["conny", "elke", "stefan", "uwe", "walter", "ada", "paul"])
def test_who_does_not_own_the_proposal_writes_no_case(cast, who):
    with pytest.raises(NotAllowed):
        create_case(proposal=proposal_of(cast), by=getattr(cast, who))


def test_one_version_in_the_making(cast):
    case = case_of(cast)
    with pytest.raises(Refused) as refused:
        create_case(proposal=case.proposal, by=cast.petra)
    assert refused.value.code == "case_waiting"
    archive(case, by=cast.tom)
    assert create_case(proposal=case.proposal, by=cast.petra).number == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "no name"),
        ({"option": 999_999}, "choose an option"),
        ({"kind": "gift"}, "cost or benefit"),
        ({"years": {2027: -1}}, "negative"),
        ({"years": {1066: 1}}, "no year"),
        ({"years": {2027: 10**16}}, "too large"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(cast, wrong, said):
    case = case_of(cast)
    rows = lines(case.proposal)
    for name, value in wrong.items():
        setattr(rows[1], name, value)
    with pytest.raises(Invalid) as invalid:
        save_flows(case=case, lines=rows, by=cast.tom, version=case.version)
    assert list(invalid.value.errors) == ["row-2"] and said in invalid.value.errors["row-2"][0]
    assert CaseFlow.objects.filter(case=case).count() == 3


def test_two_who_write_at_once(cast):
    case = case_of(cast)
    save_flows(case=case, lines=lines(case.proposal)[:2], by=cast.petra, version=case.version)
    with pytest.raises(StaleEdit):
        save_flows(case=case, lines=lines(case.proposal), by=cast.tom, version=case.version)


def test_signed_by_the_controller_frozen_for_ever(cast):
    case = signed(cast)
    snapshot = snapshot_of(case)
    assert snapshot is not None and intact(snapshot) and snapshot.kind == SNAPSHOT
    assert contents(snapshot)["figures"]["npv"] == str(live_model(case).case.appraisal.npv)
    option = case.proposal.options.get(do_nothing=False)
    assert {row.year: (row.cost, row.benefit) for row in option.years.all()}[2028] == (10 * K, 40 * K)
    with pytest.raises(NotAllowed):
        save_flows(case=case, lines=[], by=cast.tom, version=case.version)
    # Whatever is written past the services: what was signed is shown.
    CaseFlow.objects.filter(case=case).delete()
    assert decimal(model_of(case).case.appraisal.npv / K, 4) == Decimal("25.2005")
    assert figures_of(model_of(case)) == contents(snapshot)["figures"]
    assert Notification.objects.filter(user=cast.tom, kind="controlling.businesscase").exists()


def test_an_option_of_a_case_cannot_vanish(cast):
    from django.db.models import ProtectedError

    case = case_of(cast)
    with pytest.raises(ProtectedError):
        case.proposal.options.get(do_nothing=False).delete()


@pytest.mark.parametrize("who", ["tom", "petra", "anton", "elke", "stefan", "paul"])
def test_only_controllers_sign(cast, who):
    case = advance(case_of(cast), "submit", by=cast.tom)
    with pytest.raises(NotAllowed):
        advance(case, "sign", by=getattr(cast, who))


def test_whoever_asks_does_not_sign(cast):
    proposal = proposal_of(cast, requester=cast.people["conny"])
    case = create_case(proposal=proposal, by=cast.petra, empty=True)
    case = save_flows(case=case, lines=lines(proposal), by=cast.petra, version=case.version)
    case = advance(case, "submit", by=cast.petra)
    with pytest.raises(WrongState, match="may not sign"):
        advance(case, "sign", by=cast.conny)


def test_sent_back_and_a_new_version_supersedes(cast):
    case = advance(case_of(cast), "submit", by=cast.tom)
    with pytest.raises(Invalid):
        advance(case, "return", by=cast.conny)
    case = advance(case, "return", by=cast.conny, reason="Energy price?")
    case = advance(case, "submit", by=cast.tom)
    first = advance(case, "sign", by=cast.conny)
    second = create_case(proposal=case.proposal, by=cast.tom)
    assert [row.name for row in second.flows.order_by("pk")] == ["Investment", "Running", "Less energy"]
    assert "supersede" not in [offer.transition.code for offer in offers(first, cast.conny) if offer.possible]
    second = advance(second, "submit", by=cast.tom)
    second = advance(second, "sign", by=cast.conny)
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("superseded", "signed", 2)


def test_an_incomplete_case_is_not_submitted(cast):
    case = create_case(proposal=proposal_of(cast), by=cast.tom, empty=True)
    with pytest.raises(WrongState, match="no cost or benefit"):
        advance(case, "submit", by=cast.tom)
    case.proposal.options.filter(do_nothing=True).delete()
    with pytest.raises(WrongState, match="do nothing"):
        advance(case, "submit", by=cast.tom)


def test_public_bodies_split_and_quality_carries(cast):
    proposal = proposal_of(cast)
    rows = lines(proposal)
    rows[2].budget_effective = False
    rows[2].years = {year: amount // 2 for year, amount in rows[2].years.items()}
    case = case_of(cast, proposal, rows, public_sector=True)
    with pytest.raises(WrongState, match="quality value"):
        advance(case, "submit", by=cast.tom)
    BusinessCase.objects.filter(pk=case.pk).update(quality_value=Decimal("50"))
    case.refresh_from_db()
    split = live_model(case).wibe
    assert split is not None and split.verdict == "not_economic"
    assert split.budget_effective + split.other == live_model(case).case.appraisal.npv
    assert split.other > 0 > split.npv
    BusinessCase.objects.filter(pk=case.pk).update(quality_value=Decimal("50.01"))
    case.refresh_from_db()
    assert live_model(case).wibe.verdict == "by_quality"


# ── follow-up ────────────────────────────────────────────────────────────────────────────────────


def _live(cast, finished=dt.date(2027, 11, 30)):
    case = signed(cast)
    cast.project.proposal, cast.project.finish_actual = case.proposal, finished
    cast.project.save()
    return case


def test_the_follow_up_takes_bookings_and_measured_benefits(cast):
    case = _live(cast)
    booked(cast, dt.date(2027, 3, 1), 90 * K, spending="capex")
    booked(cast, dt.date(2027, 9, 1), 30 * K, spending="capex")
    booked(cast, dt.date(2028, 9, 1), 12 * K, spending="opex")
    benefit = Benefit.objects.create(key="BEN-1", project=cast.project, name="Energy", measure="kWh")
    against = Benefit.objects.create(key="BEN-2", project=cast.project, name="Noise", measure="dB", disbenefit=True)
    BenefitValue.objects.create(benefit=benefit, month=dt.date(2028, 6, 1), actual=36 * K)
    BenefitValue.objects.create(benefit=against, month=dt.date(2028, 7, 1), actual=1 * K)
    found = follow_of(case, dt.date(2029, 2, 1))
    assert found is not None and found.closed == 2 and found.unmeasured == ()
    assert found.actual["capex"][:2] == (120 * K, 0) and found.actual["benefit"][1] == 35 * K
    # By hand, k€ at 8 %: investment 20 more; running 12 instead of 10, benefit 35 instead of 40 in year 1.
    difference = -20 - Fraction(2 + 5) / Fraction(108, 100)
    assert found.result.now.npv - found.result.approved.npv == difference * K
    told = {effect.key: effect.amount for effect in found.result.effects}
    by_hand = {"capex": -20 * K, "opex": -2 * K / 1.08, "benefit": -5 * K / 1.08}
    assert told.keys() == by_hand.keys() and all(abs(told[code] - by_hand[code]) <= 1 for code in told)
    assert sum(effect.amount for effect in found.result.effects) == found.result.npv_difference


def test_what_nobody_measured_is_not_invented(cast):
    case = _live(cast)
    found = follow_of(case, dt.date(2029, 2, 1))
    assert found is not None and found.unmeasured == (2028,)
    assert found.actual["benefit"][1] is None


def test_it_is_due_a_year_after_go_live_and_made_once(cast):
    case = _live(cast, dt.date(2027, 11, 30))
    assert due_on(cast.project) == dt.date(2028, 11, 30)
    assert due_cases(dt.date(2028, 11, 29)) == []
    assert [row[0] for row in due_cases(dt.date(2028, 11, 30))] == [case]
    with pytest.raises(NotAllowed):
        freeze_follow_up(case=case, by=cast.tom, today=dt.date(2028, 12, 1))
    with pytest.raises(WrongState):
        freeze_follow_up(case=case, by=cast.conny, today=dt.date(2028, 11, 1))
    freeze_follow_up(case=case, by=cast.conny, today=dt.date(2028, 12, 1))
    assert due_cases(dt.date(2028, 12, 2)) == []
    assert Snapshot.objects.filter(kind="controlling.follow_up").count() == 1
