"""Rates, limits, cost types and rules: what is wrong is said at its field; approved budgets keep their rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from stellwerk.controlling.models import AuthorityLimit, CostCentre, CostType, ExchangeRate, MoneyRules
from stellwerk.controlling.selectors.budgets import sheet_of
from stellwerk.controlling.services.budgets import create_budget, edit_budget, save_lines
from stellwerk.controlling.services.catalogues import create_rate, edit_rate, save_rules
from stellwerk.controlling.tests.sheets import FEB, JAN, MAR, limits, line
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import AuditEntry
from stellwerk.core.states import advance


def usd(day: dt.date, rate: str) -> ExchangeRate:
    return ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=day, rate=Decimal(rate))


@pytest.fixture
def dollars(cast):
    """An approved budget of 300 $ at the rate of January, 270 €; the next rate counts from March."""
    rate = usd(JAN, "0.90")
    usd(MAR, "0.95")
    limits(cast, sponsor=None)
    budget = edit_budget(budget=create_budget(project=cast.project, by=cast.paul), values={"rate_date": FEB}, by=cast.paul)  # fmt: skip
    budget = save_lines(budget=budget, lines=[line(currency="USD")], by=cast.paul, version=budget.version)
    return rate, advance(advance(budget, "submit", by=cast.paul), "approve", by=cast.stefan)


def test_a_rate_that_an_approved_budget_stands_on_does_not_change(cast, dollars):
    rate, budget = dollars
    with pytest.raises(Refused) as refused:
        edit_rate(rate, {"rate": Decimal("0.80")}, by=cast.conny, version=rate.version)
    assert budget.key in str(refused.value) and refused.value.code == "rate_in_use"
    assert sheet_of(budget).bac == 270_00 and ExchangeRate.objects.get(pk=rate.pk).rate == Decimal("0.90")
    edit_rate(ExchangeRate.objects.get(pk=rate.pk), {"source": "ECB"}, by=cast.conny, version=rate.version)


@pytest.mark.parametrize(
    ("day", "currency", "into", "refused"),
    [
        (dt.date(2027, 1, 20), "USD", "EUR", True),
        (dt.date(2027, 2, 1), "EUR", "USD", True),
        (dt.date(2027, 2, 2), "USD", "EUR", False),
        (dt.date(2027, 4, 1), "USD", "EUR", False),
        (dt.date(2027, 1, 20), "CHF", "EUR", False),
    ],
)
def test_no_new_rate_slips_under_an_approved_budget(cast, dollars, day, currency, into, refused):
    values = {"currency": currency, "into": into, "valid_from": day, "rate": Decimal("0.5")}
    if refused:
        with pytest.raises(Refused):
            create_rate(values, by=cast.conny)
        assert ExchangeRate.objects.count() == 2
    else:
        create_rate(values, by=cast.conny)
    assert sheet_of(dollars[1]).bac == 270_00


@pytest.mark.parametrize(
    ("change", "field"),
    [({"currency": "EURO"}, "currency"), ({"into": "USD"}, "__all__"), ({"rate": "0"}, "rate"), ({"rate": "-1"}, "rate"), ({"valid_from": "31.02.2027"}, "valid_from"), ({"rate": "abc"}, "rate")],
)  # fmt: skip
def test_a_wrong_rate_is_named_at_its_field(cast, change, field):
    data = {"currency": "USD", "into": "EUR", "valid_from": "2027-01-01", "rate": "0.9"} | change
    answer = cast.client("conny").post(reverse("controlling:rate-create"), data)
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert not ExchangeRate.objects.exists()


def test_a_rate_twice_for_a_day_is_refused(cast):
    usd(JAN, "0.9")
    with pytest.raises(Invalid):
        create_rate({"currency": "USD", "into": "EUR", "valid_from": JAN, "rate": Decimal(1)}, by=cast.conny)


@pytest.mark.parametrize("who", ["paul", "petra", "stefan", "elke", "ada", "walter"])
def test_only_the_controller_keeps_them(cast, who):
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        create_rate({"currency": "USD", "into": "EUR", "valid_from": JAN, "rate": Decimal(1)}, by=user)
    client = cast.client(who)
    for name in ("rate-create", "limit-create", "cost-type-create", "cost-centre-create"):
        assert client.get(reverse(f"controlling:{name}")).status_code == 403


@pytest.mark.parametrize(("amount", "status"), [("-1", 422), ("2.500.000", 302), ("", 302), ("viel", 422)])
def test_a_limit_is_zero_or_more_or_without(cast, amount, status):
    data = {"organisation": cast.organisation.pk, "role": "sponsor", "amount": amount, "currency": "EUR"}
    answer = cast.client("conny").post(reverse("controlling:limit-create"), data)
    assert answer.status_code == status, answer.content[:500]
    assert AuthorityLimit.objects.exists() == (status == 302)


def test_roles_that_approve_nothing_get_no_limit(cast):
    data = {"organisation": cast.organisation.pk, "role": "project_manager", "amount": "1", "currency": "EUR"}
    assert cast.client("conny").post(reverse("controlling:limit-create"), data).status_code == 422


def test_a_cost_centre_has_its_number_once_in_a_company(cast):
    CostCentre.objects.create(key="CCT-1", organisation=cast.organisation, number="4100", name="A")
    client = cast.client("conny")
    data = {"organisation": cast.organisation.pk, "number": " 4100 ", "name": "B"}
    assert client.post(reverse("controlling:cost-centre-create"), data).status_code == 422
    assert client.post(reverse("controlling:cost-centre-create"), data | {"organisation": cast.other_organisation.pk}).status_code == 302  # fmt: skip


def test_a_cost_type_is_made_changed_and_kept_in_the_history(cast):
    client = cast.client("conny")
    data = {"key": "", "name": "Lizenzen", "name_en": "Licences", "spending": "capex", "order": "10", "accounts": "411000-412999", "labour_source": "hours"}  # fmt: skip
    assert client.post(reverse("controlling:cost-type-create"), data).status_code == 302
    found = CostType.objects.get()
    page = client.get(reverse("controlling:cost-type-detail", args=[found.key]))
    assert b"411000-412999" in page.content
    assert AuditEntry.objects.filter(entity_type="controlling.costtype", verb="create").exists()


def test_rules_of_a_project_are_saved_once_and_a_stale_change_is_refused(cast):
    rules = save_rules(project=cast.project, values={"cost_tolerance": Decimal(5)}, by=cast.paul)
    assert MoneyRules.objects.get() == rules
    save_rules(project=cast.project, values={"cost_tolerance": Decimal(6)}, by=cast.conny, version=rules.version)
    with pytest.raises(StaleEdit):
        save_rules(project=cast.project, values={"cost_tolerance": Decimal(7)}, by=cast.paul, version=rules.version)
    with pytest.raises(Invalid):
        save_rules(project=cast.project, values={"cost_tolerance": Decimal(101)}, by=cast.paul)
    for who in ("stefan", "tom", "olga"):
        with pytest.raises(NotAllowed):
            save_rules(project=cast.project, values={"cost_tolerance": Decimal(1)}, by=getattr(cast, who))
