"""Budgets: drafted, filled like a spreadsheet, approved by another person within their authority, never changed afterwards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget, BudgetLine, CostCentre, ExchangeRate, Period
from stellwerk.controlling.selectors.budgets import sheet_of
from stellwerk.controlling.services.approval import payload_of
from stellwerk.controlling.services.budgets import Line, create_budget, edit_budget, save_lines
from stellwerk.controlling.tests.sheets import APR, FEB, JAN, MAR, approved, booked, draft_of, limits, line
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Notification, Snapshot
from stellwerk.core.services import archive
from stellwerk.core.snapshots import intact
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Figure, Project


def rows_of(budget: Budget) -> list[Line]:
    return [
        Line(
            at, row.line.pk, row.line.wbs, row.line.text, row.line.cost_type_id, row.line.cost_centre.number if row.line.cost_centre else "",
            row.line.spending, row.line.reserve, row.line.currency, dict(row.own),
        )
        for at, row in enumerate(sheet_of(budget).lines, start=1)
    ]  # fmt: skip


def test_reserves_stand_apart_and_the_months_are_the_line(cast):
    budget = draft_of(
        cast,
        line(1, text="Licences", spending="capex"),
        line(2, text="Consulting", months={FEB: 50_00}),
        line(3, text="Known risks", reserve="contingency", months={MAR: 40_00}),
        line(4, text="Unknown", reserve="management", months={MAR: 10_00}),
    )
    sheet = sheet_of(budget)
    assert (sheet.bac, sheet.contingency, sheet.management, sheet.total) == (350_00, 40_00, 10_00, 400_00)
    assert (sheet.capex, sheet.opex) == (300_00, 50_00)
    assert sheet.by_month() == {JAN: 100_00, FEB: 250_00}
    assert sum(row.total for row in sheet.lines) == sheet.total


def test_lines_in_another_currency_count_at_the_dated_rate(cast):
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=JAN, rate=Decimal("0.90"))
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=MAR, rate=Decimal("0.95"))
    budget = create_budget(project=cast.project, by=cast.paul)
    budget = edit_budget(budget=budget, values={"rate_date": FEB}, by=cast.paul)
    budget = save_lines(budget=budget, lines=[line(currency="USD")], by=cast.paul, version=budget.version)
    sheet = sheet_of(budget)
    assert sheet.lines[0].own == {JAN: 100_00, FEB: 200_00} and sheet.bac == 270_00


@pytest.mark.parametrize("who", ["petra", "stefan", "elke", "tom", "rita", "olga", "uwe", "ada"])
def test_only_who_plans_the_project_drafts_its_budget(cast, who):
    with pytest.raises(NotAllowed):
        create_budget(project=cast.project, by=getattr(cast, who))
    assert not Budget.objects.exists()


def test_one_draft_at_a_time(cast):
    budget = draft_of(cast)
    with pytest.raises(Refused) as refused:
        create_budget(project=cast.project, by=cast.conny)
    assert refused.value.code == "budget_waiting" and budget.key in str(refused.value)
    assert create_budget(project=cast.project, kind=BudgetKind.FORECAST, by=cast.paul).number == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"months": {JAN: -1}}, "negative"),
        ({"months": {JAN: 10**16}}, "too large"),
        ({"currency": "EURO"}, "no currency"),
        ({"currency": "CHF"}, "exchange rate"),
        ({"cost_centre": "4711"}, "nobody knows"),
        ({"cost_type": 999}, "no such cost type"),
        ({"spending": "none"}, "CapEx or OpEx"),
        ({"number": 12345}, "not part of the budget"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(cast, wrong, said):
    budget = draft_of(cast)
    kept = rows_of(budget)
    with pytest.raises(Invalid) as refused:
        save_lines(budget=budget, lines=[*kept, line(2, **wrong)], by=cast.paul, version=budget.version)
    text = refused.value.errors["row-2"][0]
    assert list(refused.value.errors) == ["row-2"] and text.startswith("Row 2: ") and said in text
    assert BudgetLine.objects.count() == 1


def test_closed_months_do_not_change(cast):
    budget = draft_of(cast)
    Period.objects.create(organisation=cast.organisation, month=JAN, state="closed")
    rows = rows_of(budget)
    rows[0].months[FEB] = 1
    budget = save_lines(budget=budget, lines=rows, by=cast.paul, version=budget.version)  # January as it was
    rows[0].months[JAN] = 1
    with pytest.raises(Invalid) as refused:
        save_lines(budget=budget, lines=rows, by=cast.paul, version=budget.version)
    assert "2027-01 is closed" in refused.value.errors["row-1"][0]


def test_cost_centres_of_another_company_are_unknown(cast):
    CostCentre.objects.create(key="CCT-1", organisation=cast.other_organisation, number="4711", name="Süd")
    CostCentre.objects.create(key="CCT-2", organisation=cast.organisation, number="1000", name="Nord")
    budget = draft_of(cast, line(cost_centre="1000"))
    assert sheet_of(budget).lines[0].line.cost_centre.name == "Nord"
    with pytest.raises(Invalid):
        save_lines(budget=budget, lines=[line(cost_centre="4711")], by=cast.paul, version=budget.version)


def test_saving_changes_adds_and_removes_in_one_go(cast):
    budget = draft_of(cast, line(1, text="A"), line(2, text="B"))
    rows = rows_of(budget)
    rows[1].months = {FEB: 1_00}
    saved = save_lines(budget=budget, lines=[Line(1, text="C", months={MAR: 3_00}), rows[1]], by=cast.paul, version=budget.version)  # fmt: skip
    assert [(row.line.text, row.own) for row in sheet_of(saved).lines] == [("C", {MAR: 3_00}), ("B", {FEB: 1_00})]
    assert saved.version == budget.version + 1
    entry = AuditEntry.objects.filter(entity_type="controlling.budget").latest("pk")
    assert len(entry.changes) == 3 and entry.actor == cast.paul
    again = save_lines(budget=saved, lines=rows_of(saved), by=cast.paul, version=saved.version)
    assert again.version == saved.version


def test_a_stale_edit_shows_both_values(cast):
    budget = draft_of(cast)
    mine, theirs = rows_of(budget), rows_of(budget)
    theirs[0].months[JAN] = 111_00
    mine[0].months[JAN] = 222_00
    save_lines(budget=budget, lines=theirs, by=cast.conny, version=budget.version)
    with pytest.raises(StaleEdit) as refused:
        save_lines(budget=budget, lines=mine, by=cast.paul, version=budget.version)
    conflict = refused.value.conflicts[0]
    assert "222" in conflict.yours and "111" in conflict.theirs and "2027-01" in conflict.label
    assert sheet_of(budget).by_month()[JAN] == 111_00
    saved = save_lines(budget=budget, lines=mine, by=cast.paul, version=refused.value.current_version)
    assert sheet_of(saved).by_month()[JAN] == 222_00


# ── approval ─────────────────────────────────────────────────────────────────────────────────────


def test_the_sponsor_approves_within_the_limit_and_the_project_knows(cast):
    limits(cast, sponsor=400_00)
    budget = draft_of(cast, line(), line(2, reserve="contingency", months={MAR: 100_00}), reason="First budget")
    budget = advance(budget, "submit", by=cast.paul)
    told = Notification.objects.get(kind="controlling.budget")
    assert told.user == cast.stefan and budget.key in told.title
    budget = advance(budget, "approve", by=cast.stefan)
    assert (budget.state, budget.approved_by, budget.rate_date) == ("approved", cast.stefan, timezone.localdate())
    assert Project.objects.get(pk=cast.project.pk).budget == 400_00
    figures = {figure.code: figure.amount for figure in Figure.objects.filter(project=cast.project)}
    assert (figures["budget"], figures["bac"]) == (400_00, 300_00)
    snapshot = Snapshot.objects.get(kind="controlling.plan")
    assert intact(snapshot) and snapshot.payload["bac"] == 300_00
    assert set(Notification.objects.values_list("user__email", flat=True)) == {"stefan@example.com", "paul@example.com"}  # fmt: skip


def test_above_the_limit_is_refused_with_who_may(cast):
    limits(cast, sponsor=299_99, executive=None)
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    with pytest.raises(WrongState) as refused:
        advance(budget, "approve", by=cast.stefan)
    assert "299.99" in str(refused.value) and "Executive (without a limit)" in str(refused.value)
    assert advance(budget, "approve", by=cast.elke).state == "approved"


def test_without_a_limit_for_the_role_nobody_approves(cast):
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    with pytest.raises(WrongState) as refused:
        advance(budget, "approve", by=cast.stefan)
    assert "No limit of authority" in str(refused.value)


def test_the_limit_counts_in_its_own_currency(cast):
    limits(cast)
    limit = cast.organisation.authority_limits.get(role="sponsor")
    limit.currency, limit.amount = "USD", 320_00
    limit.save()
    ExchangeRate.objects.create(currency="EUR", into="USD", valid_from=dt.date(2020, 1, 1), rate=Decimal("1.1"))
    budget = advance(draft_of(cast), "submit", by=cast.paul)  # 300 € are 330 $
    with pytest.raises(WrongState):
        advance(budget, "approve", by=cast.stefan)


def test_nobody_approves_their_own(cast):
    limits(cast, sponsor=None)
    budget = draft_of(cast, by=cast.gerda)
    Project.objects.filter(pk=cast.project.pk).update(sponsor=cast.people["gerda"])
    from stellwerk.core.models import Grant, Scope

    Grant.objects.create(user=cast.gerda, role="sponsor", scope=Scope.SELF)
    budget = advance(Budget.objects.get(pk=budget.pk), "submit", by=cast.users["gerda"])
    with pytest.raises(NotAllowed):
        advance(budget, "approve", by=type(cast.gerda).objects.get(pk=cast.gerda.pk))


@pytest.mark.parametrize("who", ["paul", "petra", "anton", "tom", "walter"])
def test_these_roles_approve_no_budget(cast, who):
    limits(cast, sponsor=None)
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    with pytest.raises(NotAllowed):
        advance(budget, "approve", by=getattr(cast, who))


def test_approved_versions_never_change_and_the_next_one_supersedes(cast):
    first = approved(cast)
    frozen = payload_of(first)
    with pytest.raises(NotAllowed):
        save_lines(budget=first, lines=[line(months={JAN: 1})], by=cast.paul, version=first.version)
    with pytest.raises(NotAllowed):
        edit_budget(budget=first, values={"name": "x"}, by=cast.paul)
    with pytest.raises(NotAllowed):
        archive(first, by=cast.paul)
    second = create_budget(project=cast.project, source="previous", by=cast.paul)
    assert second.number == first.number + 1 and sheet_of(second).bac == 300_00
    second = save_lines(budget=second, lines=[line(months={APR: 7_00})], by=cast.paul, version=second.version)
    second = advance(advance(second, "submit", by=cast.paul), "approve", by=cast.stefan)
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "approved") and payload_of(first) == frozen
    assert Project.objects.get(pk=cast.project.pk).budget == 7_00


def test_an_empty_budget_is_not_submitted(cast):
    budget = create_budget(project=cast.project, by=cast.paul)
    with pytest.raises(WrongState):
        advance(budget, "submit", by=cast.paul)


def test_a_rejected_budget_is_reworked(cast):
    limits(cast, sponsor=None)
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    with pytest.raises(Invalid):
        advance(budget, "reject", by=cast.stefan)
    budget = advance(budget, "reject", by=cast.stefan, reason="Too vague")
    assert Notification.objects.filter(user=cast.paul, text="Too vague").exists()
    budget = advance(budget, "rework", by=cast.paul)
    assert save_lines(budget=budget, lines=[line()], by=cast.paul, version=budget.version).state == "draft"


# ── forecasts ────────────────────────────────────────────────────────────────────────────────────


def test_a_forecast_begins_after_the_closed_months_and_is_confirmed_by_the_controller(cast):
    approved(cast, line(months={JAN: 100_00, FEB: 100_00, MAR: 100_00}))
    Period.objects.create(organisation=cast.organisation, month=JAN, state="closed")
    booked(cast, JAN, 130_00)
    booked(cast, FEB, 5_00)  # not closed yet: the forecast says what is expected
    forecast = create_budget(project=cast.project, kind=BudgetKind.FORECAST, source="budget", by=cast.paul)
    assert forecast.first_open == FEB and sheet_of(forecast).by_month() == {FEB: 100_00, MAR: 100_00}
    forecast = advance(forecast, "submit", by=cast.paul)
    with pytest.raises(WrongState) as refused:
        advance(forecast, "approve", by=cast.stefan)
    assert "controller" in str(refused.value)
    forecast = advance(forecast, "approve", by=cast.conny)
    assert Figure.objects.get(code="forecast").amount == 330_00
    assert Snapshot.objects.get(kind="controlling.forecast").payload["actual"] == {"2027-01": 130_00}


def test_months_before_the_forecast_are_actuals(cast):
    forecast = create_budget(project=cast.project, kind=BudgetKind.FORECAST, first_open=FEB, by=cast.paul)
    with pytest.raises(Invalid) as refused:
        save_lines(budget=forecast, lines=[line()], by=cast.paul, version=forecast.version)
    assert "begins in 2027-02" in refused.value.errors["row-1"][0]


@pytest.mark.parametrize(("source", "said"), [("baseline", "no approved baseline"), ("previous", "no earlier version"), ("proposal", "no proposal"), ("moon", "choose")])  # fmt: skip
def test_a_source_that_is_not_there_is_named(cast, source, said):
    with pytest.raises(Invalid) as refused:
        create_budget(project=cast.project, source=source, by=cast.paul)
    assert said in refused.value.errors["source"][0] and not Budget.objects.exists()
