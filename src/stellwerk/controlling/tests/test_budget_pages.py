"""The sheet as a form and through the API: what is wrong is named with its row and reason, what was typed is kept; benefits."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from stellwerk.api import urls as _api  # noqa: F401 - loads the resources
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Benefit, BenefitValue, Budget, CostCentre, CostType, ExchangeRate, Period
from stellwerk.controlling.selectors.budgets import sheet_of
from stellwerk.controlling.services.grid import amount_of
from stellwerk.controlling.tests.sheets import FEB, JAN, MAR, approved, draft_of, line
from stellwerk.core.api.auth import create_token
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import Notification
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Project


def row(**values: Any) -> dict[str, Any]:
    months = values.pop("months", {"2027-01": "100"})
    return {
        "id": "", "wbs": "", "text": "Licences", "cost_type": "", "cost_centre": "", "spending": "opex", "reserve": "",
        "currency": "EUR", "months": months,
    } | values  # fmt: skip


def post(cast: Any, budget: Budget, *rows: dict[str, Any], who: str = "paul", **data: Any) -> Any:
    body = {"version": str(budget.version), "grid": json.dumps({"rows": list(rows)}), "then": "save"} | data
    return cast.client(who).post(reverse("controlling:budget-lines", args=[budget.key]), body)


def said(answer: Any) -> str:
    return " | ".join(text for texts in answer.context["page"].errors.values() for text in texts)


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"currency": "EURO"}, "no currency"),
        ({"currency": "CHF"}, "No exchange rate of CHF into EUR counts on"),
        ({"months": {"2027-02": "1.234,567"}}, "Is the decimal sign right?"),
        ({"months": {"2027-02": "ten"}}, "is not a number"),
        ({"months": {"2027-02": "-5"}}, "2027-02 is negative"),
        ({"months": {"2027-01": "5"}}, "2027-01 is closed"),
        ({"cost_centre": "4711"}, "nobody knows the cost centre “4711”"),
        ({"months": {"2027-13": "5"}}, "is no month"),
        ({"months": {"2027-02": "9" * 20}}, "too large"),
        ({"months": {"2027-02": "1" * 31}}, "too long"),
    ],
)
def test_what_is_wrong_is_named_with_its_row_and_kept(cast, wrong, reason):
    budget = draft_of(cast)
    Period.objects.create(organisation=cast.organisation, month=JAN, state="closed")
    kept = row(id=str(budget.lines.get().pk), text="", months={"2027-01": "100", "2027-02": "200"})
    answer = post(cast, budget, kept, row(**({"months": {"2027-02": "1"}} | wrong)))
    assert answer.status_code == 422
    assert reason in said(answer) and said(answer).startswith("Row 2")
    assert list(answer.context["page"].errors) == ["row-2"]
    shown = answer.context["page"].rows()[1]
    assert shown["text"] == "Licences"
    assert sheet_of(Budget.objects.get()).by_month() == {JAN: 100_00, FEB: 200_00}


def test_a_rate_that_begins_after_the_day_of_the_budget_is_missing(cast):
    ExchangeRate.objects.create(
        currency="USD", into="EUR", valid_from=timezone.localdate() + dt.timedelta(days=1), rate=Decimal("0.9")
    )
    answer = post(cast, draft_of(cast), row(currency="USD"))
    assert answer.status_code == 422 and "No exchange rate of USD into EUR" in said(answer)


@pytest.mark.parametrize(
    ("text", "language", "minor"),
    [("1.234,50", "de", 123450), ("1,234.50", "de", 123450), ("1.234", "de", 123400), ("1,234", "en", 123400), ("12,5", "en", 1250), ("1'000", "de", 100000)],
)  # fmt: skip
def test_german_and_english_numbers(text, language, minor):
    with translation.override(language):
        assert amount_of(text, "EUR") == minor


@pytest.mark.parametrize(("text", "currency"), [("1,234", "EUR"), ("10,5", "JPY"), ("1.2.3", "EUR"), ("", "EUR"), ("1e5", "EUR")])  # fmt: skip
def test_no_amount_is_guessed(text, currency):
    with translation.override("de"), pytest.raises(Invalid):
        amount_of(text, currency)


@pytest.mark.parametrize("grid", ["{", "[]", '{"rows": 5}', '{"rows": [1]}', "[" * 5000, '{"rows": [{"months": 7}]}'])
def test_what_is_no_sheet_is_refused_in_words(cast, grid):
    budget = draft_of(cast)
    answer = cast.client("paul").post(
        reverse("controlling:budget-lines", args=[budget.key]), {"version": "1", "grid": grid, "then": "row"}
    )
    assert answer.status_code in (200, 422)


# ── the form ─────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_works_without_scripts(cast):
    budget = draft_of(cast)
    number = budget.lines.get().pk
    answer = cast.client("paul").post(
        reverse("controlling:budget-lines", args=[budget.key]),
        {
            "version": budget.version, "then": "done", "line-1-id": number, "line-1-text": "A", "line-1-currency": "EUR",
            "line-1-spending": "capex", "cell-1-2027-01": "1,234.50", "line-2-text": "B", "line-2-currency": "EUR",
            "cell-2-2027-03": "7", "line-3-text": "gone", "line-3-remove": "on", "cell-3-2027-03": "9",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    sheet = sheet_of(Budget.objects.get())
    assert [(one.line.text, one.own) for one in sheet.lines] == [("A", {JAN: 123450}), ("B", {MAR: 700})]
    assert sheet.capex == 123450


def test_rows_years_and_curves_come_back_unsaved(cast):
    budget = draft_of(cast)
    more = post(cast, budget, row(), then="year")
    assert len(more.context["page"].months) >= 24
    added = post(cast, budget, row(), then="row")
    assert len(added.context["page"].rows()) == 2
    curve = {"phase_row": "1", "phase_amount": "100", "phase_first": "2027-01", "phase_last": "2027-04"}
    for shape in ("linear", "front", "back", "bell"):
        spread = post(cast, budget, row(), then="phase", phase_shape=shape, **curve)
        months = {name: amount_of(text, "EUR") for name, text in spread.context["page"]._rows[0]["months"].items()}
        amounts = [months[f"2027-0{month}"] for month in range(1, 5)]
        assert sum(amounts) == 100_00, shape
        if shape == "front":
            assert amounts == sorted(amounts, reverse=True)
        if shape == "back":
            assert amounts == sorted(amounts)
        if shape == "bell":
            assert min(amounts[1:3]) > max(amounts[0], amounts[3])
    assert sheet_of(Budget.objects.get()).by_month() == {JAN: 100_00, FEB: 200_00}


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"phase_row": "9"}, "choose the row"), ({"phase_amount": "-1"}, "more than zero"), ({"phase_shape": "wave"}, "no such curve"),
     ({"phase_last": "2026-01"}, "before the first"), ({"phase_shape": "plan"}, "no work package"), ({"phase_first": "soon"}, "no month")],
)  # fmt: skip
def test_a_curve_that_cannot_be_drawn_says_why(cast, change, reason):
    curve = {"phase_row": "1", "phase_amount": "100", "phase_shape": "linear", "phase_first": "2027-01", "phase_last": "2027-04"}  # fmt: skip
    answer = post(cast, draft_of(cast), row(), then="phase", **(curve | change))
    assert answer.status_code == 422 and reason in str(answer.context["page"].problem.errors)


def test_a_stale_sheet_is_shown_with_both_values_and_saves_nothing(cast):
    budget = draft_of(cast)
    number = str(budget.lines.get().pk)
    post(cast, budget, row(id=number, months={"2027-01": "111"}), who="conny")
    answer = post(cast, budget, row(id=number, months={"2027-01": "222"}))
    assert answer.status_code == 409
    found = answer.context["page"].conflicts[0]
    assert "222" in found.yours and "111" in found.theirs and answer.context["page"].changed_by
    assert sheet_of(Budget.objects.get()).by_month() == {JAN: 111_00}


@pytest.mark.parametrize("who", ["petra", "stefan", "elke"])
def test_readers_see_the_sheet_and_save_nothing(cast, who):
    budget = draft_of(cast)
    page = cast.client(who).get(reverse("controlling:budget-lines", args=[budget.key]))
    assert page.status_code == 200 and b'<input class="cell"' not in page.content
    assert post(cast, budget, row(), who=who).status_code == 403


def test_a_large_sheet_is_saved_and_shown(cast):
    budget = draft_of(cast)
    rows = [row(text=f"Line {number}", months={f"2027-{month:02d}": "10" for month in range(1, 13)}) for number in range(300)]  # fmt: skip
    assert post(cast, budget, *rows).status_code == 302
    assert sheet_of(Budget.objects.get()).bac == 300 * 12 * 10_00
    assert cast.client("paul").get(reverse("controlling:budget-lines", args=[budget.key])).status_code == 200


# ── the API ──────────────────────────────────────────────────────────────────────────────────────


def api(user: Any, method: str, path: str, data: Any = None) -> Any:
    _, secret = create_token(user=user, by=user, name="t", scopes=["write"], days=1)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    return client.generic(method, f"/api/v1/{path}", json.dumps(data) if data is not None else "", content_type="application/json")  # fmt: skip


def test_a_budget_is_drafted_filled_and_submitted_through_the_api(cast):
    CostType.objects.create(key="CTY-0001", name="Material")
    CostCentre.objects.create(key="CCT-0001", organisation=cast.organisation, number="4100", name="Anlagenbau")
    made = api(cast.paul, "POST", "budgets", {"project": "PRJ-0001", "name": "First"})
    assert made.status_code == 201, made.content
    key, version = made.json()["key"], made.json()["version"]
    lines = [{"text": "A", "cost_type": "CTY-0001", "cost_centre": "4100", "spending": "capex", "months": {"2027-01": 5_00, "2027-02": 7_00}}]  # fmt: skip
    filled = api(cast.paul, "POST", f"budgets/{key}/lines", {"version": version, "lines": lines})
    assert filled.status_code == 200, filled.content
    assert (filled.json()["bac"], filled.json()["lines"][0]["cost_centre"]) == (12_00, "4100")
    assert api(cast.conny, "GET", f"budgets/{key}/lines").json()["lines"][0]["months"] == {"2027-01": 5_00, "2027-02": 7_00}  # fmt: skip
    stale = api(cast.paul, "POST", f"budgets/{key}/lines", {"version": version, "lines": []})
    assert stale.status_code == 409
    wrong = [{"months": {"2027-01": -1}}, {"cost_type": "CTY-9", "months": {}}]
    answer = api(cast.paul, "POST", f"budgets/{key}/lines", {"version": version + 1, "lines": wrong})
    assert answer.status_code == 422 and "row-2" in json.dumps(answer.json())
    assert api(cast.paul, "POST", f"budgets/{key}/transitions/submit", {}).json()["state"] == "submitted"
    assert api(cast.paul, "POST", f"budgets/{key}/transitions/approve", {}).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("tom", 404), ("rita", 404), ("olga", 404), ("petra", 200), ("elke", 200)])
def test_who_reads_a_budget_through_the_api(cast, who, status):
    budget = draft_of(cast)
    for path in (f"budgets/{budget.key}", f"budgets/{budget.key}/lines"):
        assert api(getattr(cast, who), "GET", path).status_code == status


def test_only_the_controller_writes_catalogues(cast):
    rate = {"currency": "CHF", "into": "EUR", "valid_from": "2027-01-01", "rate": "1.05"}
    assert api(cast.paul, "POST", "exchange-rates", rate).status_code == 403
    assert api(cast.conny, "POST", "exchange-rates", rate).status_code == 201
    assert api(cast.conny, "POST", "exchange-rates", rate | {"into": "CHF"}).status_code == 422


# ── benefits ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def benefit(cast):
    return Benefit.objects.create(
        key="BEN-0001", project=cast.project, name="Less power", measure="Meter", holder=cast.people["conny"],
        target=Decimal(1000), starts=dt.date(2026, 1, 1), ends=dt.date(2026, 12, 31),
    )  # fmt: skip


def test_a_benefit_is_measured_after_its_project_is_closed(cast, benefit):
    Project.objects.filter(pk=cast.project.pk).update(phase="closed")
    client = cast.client("conny")
    address = reverse("controlling:benefit-values", args=[benefit.key])
    answer = client.post(address, {"version": "1", "planned-2026-01": "1.000,50", "actual-2026-01": "900", "evidence-2026-01": "Meter"})  # fmt: skip
    assert answer.status_code == 302
    value = BenefitValue.objects.get()
    assert (value.planned, value.actual, value.evidence) == (Decimal(1_000_50), Decimal(900_00), "Meter")
    page = client.get(reverse("controlling:benefit-detail", args=[benefit.key]))
    assert page.context["sums"]["ratio"] == Decimal(90000) / Decimal(100050)
    cockpit = client.get(reverse("portfolio:project-detail", args=[cast.project.key]))
    assert b"Less power" in cockpit.content


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"actual-2090-01": "5"}, "lies ahead"),
        ({"planned-2026-01": "many"}, "not a number"),
        ({"planned-2026-01": "1,2345"}, "decimal"),
        ({"planned-2026-99": "1"}, "no month"),
        ({"planned-2026-01": "9" * 20}, "too large"),
        ({"evidence-2026-01": "x" * 301, "planned-2026-01": "1"}, "at most 300"),
    ],
)
def test_what_cannot_be_measured_is_named_with_its_month(cast, benefit, data, reason):
    answer = cast.client("conny").post(reverse("controlling:benefit-values", args=[benefit.key]), {"version": "1"} | data)  # fmt: skip
    assert answer.status_code == 422 and reason in str(answer.context["problem"].errors)
    assert not BenefitValue.objects.exists()


def test_a_benefit_needs_owner_and_target_before_it_is_planned_and_another_one_says_it_came(cast, benefit):
    benefit = advance(benefit, "plan", by=cast.paul)
    benefit = advance(benefit, "realise", by=cast.paul)
    assert Notification.objects.get(kind="controlling.benefit").user == cast.conny
    with pytest.raises(NotAllowed):
        advance(benefit, "reach", by=cast.paul)
    assert advance(benefit, "reach", by=cast.conny).state == "realised"


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_the_pages_of_a_project_with_budget_and_forecast(cast):
    budget = approved(cast)
    forecast = draft_of(cast, line(months={MAR: 5_00}), kind=BudgetKind.FORECAST, first_open=FEB)
    client = cast.client("paul")
    for address in (
        reverse("controlling:project-budgets", args=[cast.project.key]),
        reverse("controlling:budget-detail", args=[budget.key]),
        reverse("controlling:budget-detail", args=[forecast.key]),
        reverse("portfolio:project-detail", args=[cast.project.key]),
    ):
        assert client.get(address).status_code == 200
