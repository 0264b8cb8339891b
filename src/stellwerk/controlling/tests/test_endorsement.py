"""Above the limit of one authority a budget is endorsed and goes on to the next higher one; only a limit that suffices approves."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import AuthorityLimit, Budget, ExchangeRate
from stellwerk.controlling.services.budgets import create_budget
from stellwerk.controlling.tests.sheets import draft_of, limits
from stellwerk.core.api.auth import create_token
from stellwerk.core.errors import NotAllowed, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Grant, Notification, Scope, User
from stellwerk.core.registry import duties_of
from stellwerk.core.services import write
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Project


def submitted(cast: Any, by: Any = None) -> Budget:
    """300 € that wait for a decision."""
    return advance(draft_of(cast, by=by), "submit", by=by or cast.paul)


def waits_on_my_day(user: User) -> list[str]:
    fresh = User.objects.get(pk=user.pk)  # grants are read once per object
    return [str(duty.title) for duty in duties_of(fresh, "approval") if "budget" in str(duty.title)]


# ── allowed ──────────────────────────────────────────────────────────────────────────────────────


def test_a_budget_above_the_sponsors_limit_is_endorsed_and_goes_on_to_the_executive(cast):
    limits(cast, sponsor=299_99, executive=None)
    budget = submitted(cast)
    assert budget.awaits == "sponsor"
    assert Notification.objects.get(kind="controlling.budget").user == cast.stefan
    assert waits_on_my_day(cast.stefan) == ["Endorse the budget"] and waits_on_my_day(cast.elke) == []

    budget = advance(budget, "endorse", by=cast.stefan, reason="Needed for the permit.")
    assert (budget.state, budget.awaits, budget.endorsed_by, budget.endorsed_role) == ("endorsed", "executive", cast.stefan, "sponsor")  # fmt: skip
    entry = AuditEntry.objects.get(entity_type="controlling.budget", entity_id=budget.pk, verb="endorse")
    assert (entry.actor, entry.reason, entry.changes["state"]) == (cast.stefan, "Needed for the permit.", ["submitted", "endorsed"])  # fmt: skip
    assert waits_on_my_day(cast.stefan) == [] and waits_on_my_day(cast.elke) == ["Decide about the budget"]
    told = Notification.objects.filter(kind="controlling.budget", user=cast.elke).get()
    assert told.text == "Needed for the permit." and budget.key in told.title
    asked = Notification.objects.filter(kind="controlling.budget", user=cast.paul).get()
    assert "endorsed and goes on to: Executive" in asked.title

    assert Project.objects.get(pk=cast.project.pk).budget == 18_400_000_00  # an endorsement approves nothing
    budget = advance(budget, "approve", by=cast.elke)
    assert (budget.state, budget.approved_by, budget.awaits) == ("approved", cast.elke, "")
    assert Project.objects.get(pk=cast.project.pk).budget == 300_00


def test_three_authorities_one_after_the_other(cast):
    limits(cast, sponsor=100_00, executive=None)
    AuthorityLimit.objects.create(organisation=cast.organisation, role="controller", amount=200_00)
    budget = submitted(cast)
    assert budget.awaits == "sponsor"
    budget = advance(budget, "endorse", by=cast.stefan)
    assert (budget.awaits, waits_on_my_day(cast.conny), waits_on_my_day(cast.elke)) == ("controller", ["Endorse the budget"], [])  # fmt: skip
    budget = advance(budget, "endorse", by=cast.conny)
    assert (budget.state, budget.awaits, budget.endorsed_role) == ("endorsed", "executive", "controller")
    assert waits_on_my_day(cast.conny) == [] and waits_on_my_day(cast.elke) == ["Decide about the budget"]
    assert advance(budget, "approve", by=cast.elke).state == "approved"


def test_within_the_limit_nobody_is_asked_twice(cast):
    limits(cast, sponsor=300_00, executive=None)
    submitted(cast)
    assert waits_on_my_day(cast.stefan) == ["Decide about the budget"] and waits_on_my_day(cast.elke) == []


def test_a_higher_authority_may_decide_before_the_lower_one_endorses(cast):
    limits(cast, sponsor=1_00, executive=None)
    assert advance(submitted(cast), "approve", by=cast.elke).state == "approved"


def test_where_nobody_holds_the_lower_authority_it_waits_for_the_next(cast):
    limits(cast, sponsor=1_00, executive=None)
    Project.objects.filter(pk=cast.project.pk).update(sponsor=None)
    cast.programme.sponsor = None
    cast.programme.save()
    assert submitted(cast).awaits == "executive"
    assert waits_on_my_day(cast.elke) == ["Decide about the budget"]


def test_an_endorsed_budget_is_rejected_and_starts_again(cast):
    limits(cast, sponsor=1_00, executive=None)
    budget = advance(submitted(cast), "endorse", by=cast.stefan)
    budget = advance(budget, "reject", by=cast.elke, reason="Too much")
    assert (budget.state, budget.awaits) == ("rejected", "")
    budget = advance(advance(budget, "rework", by=cast.paul), "submit", by=cast.paul)
    assert (budget.awaits, budget.endorsed_by, budget.endorsed_role) == ("sponsor", None, "")
    AuthorityLimit.objects.filter(role="sponsor").update(amount=300_00)  # what was endorsed once binds nobody now
    assert advance(budget, "approve", by=cast.stefan).state == "approved"


# ── refused ──────────────────────────────────────────────────────────────────────────────────────


def test_whose_limit_suffices_does_not_endorse(cast):
    limits(cast, sponsor=300_00, executive=None)
    with pytest.raises(WrongState) as refused:
        advance(submitted(cast), "endorse", by=cast.stefan)
    assert "Your limit of authority (up to 300 €) covers 300 €: approve it, or reject it." in str(
        refused.value
    ).replace("\xa0", " ")


def test_an_endorsement_does_not_make_the_limit_higher(cast):
    limits(cast, sponsor=299_99, executive=None)
    budget = advance(submitted(cast), "endorse", by=cast.stefan)
    with pytest.raises(WrongState) as refused:
        advance(budget, "approve", by=cast.stefan)
    assert "299.99" in str(refused.value) and "Executive (without a limit)" in str(refused.value)


def test_who_endorsed_does_not_approve_it_as_well(cast):
    limits(cast, sponsor=299_99, executive=None)
    budget = advance(submitted(cast), "endorse", by=cast.stefan)
    AuthorityLimit.objects.filter(role="sponsor").update(amount=None)
    with pytest.raises(WrongState) as refused:
        advance(budget, "approve", by=cast.stefan)
    assert "Whoever endorsed it" in str(refused.value)


def test_without_a_limit_for_the_role_nobody_endorses(cast):
    AuthorityLimit.objects.create(organisation=cast.organisation, role="executive", amount=None)
    budget = submitted(cast)
    with pytest.raises(WrongState) as refused:
        advance(budget, "endorse", by=cast.stefan)
    assert "No limit of authority is set for your role" in str(refused.value)
    assert "Executive (without a limit)" in str(refused.value)


def test_what_no_limit_covers_is_not_endorsed_into_nowhere(cast):
    limits(cast, sponsor=1_00, executive=2_00)
    with pytest.raises(WrongState) as refused:
        advance(submitted(cast), "endorse", by=cast.stefan)
    assert "No role has a limit this high" in str(refused.value)


@pytest.mark.parametrize("step", ["endorse", "approve"])
def test_nobody_endorses_or_approves_what_they_submitted(cast, step):
    limits(cast, sponsor=1_00 if step == "endorse" else None, executive=None)
    draft = draft_of(cast, by=cast.gerda)
    Project.objects.filter(pk=cast.project.pk).update(sponsor=cast.people["gerda"])
    Grant.objects.create(user=cast.gerda, role="sponsor", scope=Scope.SELF)
    gerda = User.objects.get(pk=cast.gerda.pk)
    budget = advance(Budget.objects.get(pk=draft.pk), "submit", by=gerda)
    with pytest.raises(NotAllowed):
        advance(budget, step, by=gerda)
    assert waits_on_my_day(gerda) == []


@pytest.mark.parametrize("who", ["paul", "petra", "anton", "tom", "walter", "gerda"])
def test_these_roles_endorse_no_budget(cast, who):
    limits(cast, sponsor=1_00)
    budget = submitted(cast)
    with pytest.raises(NotAllowed):
        advance(budget, "endorse", by=getattr(cast, who))


def test_a_forecast_is_not_endorsed(cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_given: dt.date(2026, 11, 26))  # before its months
    limits(cast, sponsor=1_00)
    forecast = advance(draft_of(cast, kind=BudgetKind.FORECAST), "submit", by=cast.paul)
    assert forecast.awaits == "controller"
    with pytest.raises(WrongState) as refused:
        advance(forecast, "endorse", by=cast.stefan)
    assert "the controller confirms it" in str(refused.value)


# ── invalid ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_not_endorsed(cast):
    limits(cast, sponsor=1_00)
    with pytest.raises(WrongState):
        advance(create_budget(project=cast.project, by=cast.paul), "endorse", by=cast.stefan)


def test_a_missing_rate_for_the_limit_is_named(cast):
    limits(cast, sponsor=1_00)
    AuthorityLimit.objects.filter(role="executive").update(currency="CHF", amount=1)
    with pytest.raises(WrongState) as refused:
        submitted(cast)
    assert "No exchange rate of CHF into EUR counts on" in str(refused.value)


def test_limits_in_two_currencies_stand_in_order_of_what_they_are_worth(cast):
    limits(cast, sponsor=200_00, executive=None)
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2020, 1, 1), rate=Decimal("0.5"))
    AuthorityLimit.objects.create(organisation=cast.organisation, role="controller", amount=300_00, currency="USD")
    budget = submitted(cast)  # 300 $ are 150 €: the controller stands below the sponsor's 200 €
    assert budget.awaits == "controller"
    assert advance(budget, "endorse", by=cast.conny).awaits == "sponsor"


# ── at the same time ─────────────────────────────────────────────────────────────────────────────


def test_a_second_endorsement_by_the_same_authority_is_refused(cast):
    limits(cast, sponsor=1_00, executive=None)
    budget = submitted(cast)
    advance(budget, "endorse", by=cast.stefan, version=budget.version)
    with pytest.raises(StaleEdit):
        advance(budget, "endorse", by=cast.stefan, version=budget.version)
    with pytest.raises(WrongState) as refused:
        advance(budget, "endorse", by=cast.stefan)
    assert "endorsed already as Sponsor" in str(refused.value)
    assert AuditEntry.objects.filter(verb="endorse").count() == 1


def test_an_endorsement_after_the_approval_is_refused(cast):
    limits(cast, sponsor=1_00, executive=None)
    budget = submitted(cast)
    advance(budget, "approve", by=cast.elke)
    with pytest.raises(WrongState):
        advance(budget, "endorse", by=cast.stefan)


# ── pages and API ────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_who_endorsed_when_and_why_and_whose_turn_it_is(cast):
    limits(cast, sponsor=299_99, executive=None)
    budget = submitted(cast)
    address = reverse("controlling:budget-detail", args=[budget.key])
    before = cast.client("stefan").get(address).content.decode()
    assert "It waits for the endorsement of: Sponsor, up to" in before and "The approval is for: Executive" in before
    step = reverse("core:transition", args=["controlling.budget", budget.pk, "endorse"])
    answer = cast.client("stefan").post(step, {"version": budget.version, "reason": "Agreed with the plant."})
    assert answer.status_code == 302
    page = cast.client("elke").get(address).content.decode()
    assert (
        "Agreed with the plant." in page and "Stefan Voss" in page and "It waits for the approval of: Executive" in page
    )


def test_the_api_endorses_and_tells_whose_turn_it_is(cast):
    limits(cast, sponsor=1_00, executive=None)
    budget = submitted(cast)
    _row, secret = create_token(user=cast.stefan, by=cast.stefan, name="t", scopes=["read", "write"])
    client = Client(headers={"authorization": f"Bearer {secret}"})
    path = f"/api/v1/budgets/{budget.key}"
    answer = client.post(f"{path}/transitions/endorse", {"reason": "Yes"}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    told = client.get(path).json()
    assert (told["state"], told["awaits"], told["endorsed_role"]) == ("endorsed", "executive", "sponsor")


def test_a_budget_of_before_limits_had_an_order_waits_for_whoever_can_approve_it(cast):
    limits(cast, sponsor=1_00, executive=None)
    budget = submitted(cast)
    write(budget, {"awaits": ""}, by=None)
    assert waits_on_my_day(cast.elke) == ["Decide about the budget"] and waits_on_my_day(cast.stefan) == []
