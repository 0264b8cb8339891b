"""Each figure on the money pages is followed to what it is made of and added up again, to the cent (earned value: test_evm_pages)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from stellwerk.controlling.choices import BookingKind, BudgetKind
from stellwerk.controlling.models import Booking, Budget, BudgetMonth, CaseFlowYear
from stellwerk.controlling.services.budgets import create_budget, save_lines
from stellwerk.controlling.tests.pages import Page, cents, text_of, total_of_list
from stellwerk.controlling.tests.proposals import YEAR, lines, proposal_of, signed
from stellwerk.controlling.tests.sheets import APR, FEB, JAN, MAR, approved, booked, line
from stellwerk.core.states import advance

SPLIT = ("Effective on the budget", "Not effective on the budget", "Net present value")


@pytest.fixture
def money(cast: Any) -> Any:
    """Odd cents over two years with reserves, bookings with a reversal and a commitment, a confirmed forecast."""
    year = {dt.date(2028, 1, 1): 333_33, dt.date(2028, 2, 1): 1}
    approved(
        cast, line(1, text="Cables", months={JAN: 10_001, FEB: 33_33, **year}), line(2, text="People", spending="capex", months={MAR: 7}),
        line(3, text="Known risks", reserve="contingency", months={MAR: 12_34}), line(4, text="Unknown", reserve="management", months={APR: 99}),
    )  # fmt: skip
    booked(cast, JAN, 123_45)
    booked(cast, JAN, -23_45)
    booked(cast, FEB, 77)
    booked(cast, FEB, 5_000_00, kind=BookingKind.COMMITMENT)
    forecast = create_budget(project=cast.project, kind=BudgetKind.FORECAST, first_open=FEB, by=cast.paul)
    rows = [line(1, text="Rest", months={FEB: 44_44, APR: 3}), line(2, text="Late", months={dt.date(2028, 1, 1): 1_01})]
    forecast = save_lines(budget=forecast, lines=rows, by=cast.paul, version=forecast.version)
    advance(advance(forecast, "submit", by=cast.paul), "approve", by=cast.conny)
    return cast


def stored(budget: Budget, **where: Any) -> int:
    return sum(BudgetMonth.objects.filter(line__budget=budget, **where).values_list("amount", flat=True))


def test_the_page_of_a_project_leads_to_its_budget_its_bookings_and_its_forecast(money):
    client = money.client("paul")
    page = Page(client, reverse("controlling:project-budgets", args=[money.project.key]))
    plan, forecast = (
        Budget.objects.get(kind=kind, state="approved") for kind in (BudgetKind.PLAN, BudgetKind.FORECAST)
    )
    bac, to_budget = page.tile("Budget at completion (BAC)")
    reserves, to_reserves = page.tile("Reserves")
    actual, to_bookings = page.tile("Actual cost")
    expected, to_forecast = page.tile("Confirmed forecast (total)")

    sheet = Page(client, to_budget)
    assert bac == sheet.tile("Work")[0] == stored(plan, line__reserve="") == 100_01 + 33_33 + 333_33 + 1 + 7
    contingency, management = sheet.tile("Contingency")[0], sheet.tile("Management reserve")[0]
    assert to_reserves == to_budget and reserves == contingency + management == 12_34 + 99
    assert sheet.tile("CapEx")[0] + sheet.tile("OpEx")[0] == bac
    assert sheet.tile("Total")[0] == bac + reserves == stored(plan)

    assert actual == total_of_list(client, to_bookings) == 123_45 - 23_45 + 77
    rest = Page(client, to_forecast).tile("Work")[0]
    assert expected == 100_00 + rest == 100_00 + stored(forecast) == 145_48  # January was, the rest is expected
    years = page.table("Expected")  # the table behind the chart
    assert [sum(cents(row[column]) for row in years) for column in (1, 2, 3, 4)] == [bac, 100_00, rest, expected]


@pytest.mark.parametrize("kind", [BudgetKind.PLAN, BudgetKind.FORECAST])
def test_the_lines_of_a_version_add_up_by_row_and_by_year(money, kind):
    budget = Budget.objects.get(kind=kind, state="approved")
    page = Page(money.client("paul"), reverse("controlling:budget-detail", args=[budget.key]))
    *rows, total = page.table("Lines")
    for row in rows:
        assert sum(cents(cell) for cell in row[4:-1]) == cents(row[-1])
    for back in range(1, len(total)):  # the head of the total spans the first columns
        assert sum(cents(row[-back]) for row in rows) == cents(total[-back])
    assert cents(total[-1]) == page.tile("Total")[0] == stored(budget)
    for row, stored_line in zip(rows, budget.lines.order_by("position"), strict=True):
        assert cents(row[-1]) == sum(stored_line.months.values_list("amount", flat=True))


def test_the_forecast_of_all_projects_adds_up_over_groups_and_months_down_to_the_bookings(money):
    client = money.client("petra")
    for group in ("project", "portfolio", "unit", "organisation", "category"):
        page = Page(client, reverse("controlling:forecasts") + f"?year=2027&rolling=3&by={group}")
        *rows, total = page.table("Forecast by group")
        for column in (2, 3, 4, 5, *range(7, 19)):
            assert sum(cents(row[column]) for row in rows) == cents(total[column]), (group, column)
        for row in [*rows, total]:
            assert cents(row[3]) + cents(row[4]) == cents(row[5]) == sum(cents(cell) for cell in row[7:])
        plan, forecast = (
            Budget.objects.get(kind=kind, state="approved") for kind in (BudgetKind.PLAN, BudgetKind.FORECAST)
        )
        assert cents(total[2]) == stored(plan, line__reserve="", month__year=2027)
        counting = Booking.objects.filter(kind=BookingKind.ACTUAL, month__lte=MAR)
        assert cents(total[3]) == sum(counting.values_list("project_amount", flat=True)) == 100_77
        assert cents(total[4]) == stored(forecast, month__year=2027, month__gt=MAR) == 3


def test_the_mid_term_adds_up_over_years(money):
    page = Page(money.client("petra"), reverse("controlling:forecasts") + "?year=2027&years=3&rolling=3&by=project")
    *rows, total = page.table("Forecast by group")
    assert sum(cents(cell) for cell in total[7:]) == cents(total[5]) == 100_77 + 3 + 1_01
    assert [sum(cents(row[column]) for row in rows) for column in range(7, 10)] == [cents(cell) for cell in total[7:]]


def test_the_value_of_a_case_follows_from_its_years_and_these_from_its_drivers(cast):
    case = signed(cast, discount_rate=Decimal(8))
    page = Page(cast.client("conny"), reverse("controlling:case-detail", args=[case.key]))
    rows = page.table("Cost and benefit by year")
    flows = CaseFlowYear.objects.filter(flow__case=case)
    exact = Decimal(0)
    for at, row in enumerate(rows):
        cost, benefit, net, present, added = (cents(cell) for cell in row[1:6])
        year = int(row[0])
        assert cost == sum(flows.filter(year=year, flow__kind="cost").values_list("amount", flat=True))
        assert benefit == sum(flows.filter(year=year, flow__kind="benefit").values_list("amount", flat=True))
        assert net == benefit - cost
        assert abs(present - Decimal(net) / Decimal("1.08") ** at) <= Decimal("0.5")
        exact += Decimal(net) / Decimal("1.08") ** at
        assert added == round(exact)  # each sum from exact values: rounded ones may differ by a cent
    drivers = [row[-len(rows) - 1 :] for row in page.table("Drivers")]
    assert all(sum(cents(cell) for cell in row[:-1]) == cents(row[-1]) for row in drivers)
    assert sum(cents(row[-1]) for row in drivers) == sum(flows.values_list("amount", flat=True))
    npv = sum(Decimal(cents(row[3])) / Decimal("1.08") ** at for at, row in enumerate(rows))
    assert round(npv / 100_000, 4) == Decimal("25.2005")  # domain.md 3.3, in thousands


def test_the_bars_of_a_case_and_its_wibe_split_follow_from_its_drivers(cast):
    """One driver alone a fifth less or more, the others as they are; the parts of WiBe add up to the whole."""
    proposal = proposal_of(cast)
    investment, running, energy = lines(proposal)
    rows = [investment, running, replace(energy, budget_effective=False)]
    case = signed(cast, proposal, rows, discount_rate=Decimal(8), public_sector=True)
    page = Page(cast.client("conny"), reverse("controlling:case-detail", args=[case.key]))
    present, split = {}, {True: Decimal(0), False: Decimal(0)}
    for flow in case.flows.all():
        sign = 1 if flow.kind == "benefit" else -1
        amounts = flow.years.values_list("year", "amount")
        present[flow.name] = sum(sign * Decimal(sum_) / Decimal("1.08") ** (year - YEAR) for year, sum_ in amounts)
        split[flow.budget_effective] += present[flow.name]
    npv = sum(present.values())
    bars = {row[0]: row for row in page.table("What the net present value hangs on")}
    assert set(present) < set(bars)
    for name, value in present.items():
        less, more = cents(bars[name][1]), cents(bars[name][3])
        assert (abs(less - (npv - value / 5)) < 1, abs(more - (npv + value / 5)) < 1) == (True, True), name
    told = [page.tree.xpath(f"//dt[normalize-space()='{label}']/following-sibling::dd[1]") for label in SPLIT]
    effective, other, whole = (cents(text_of(found[-1])) for found in told)
    assert abs(effective - split[True]) < 1 and abs(other - split[False]) < 1
    assert abs(whole - npv) < 1 and abs(effective + other - whole) <= 1


def test_the_sums_of_a_round_are_the_sums_of_its_rows(cast):
    from stellwerk.controlling.tests.test_rounds import run_of, worked

    round_ = worked(cast)
    run = run_of(cast, round_)
    proposal_of(cast, "Not in the round")
    page = Page(cast.client("petra"), reverse("controlling:round-detail", args=[round_.key]))
    table = page.tree.xpath("//table[contains(@class, 'rd')]")[0]
    heads = [text_of(cell) for cell in table.xpath("./thead/tr/th")]
    cost = heads.index("Cost")
    rows = [
        [cell.get("title") or text_of(cell) for cell in row.xpath("./th|./td")] for row in table.xpath("./tbody/tr")
    ]
    assert sum(cents(row[cost]) for row in rows) == 1700_000_00  # A + B + C + D + E + M
    assert page.tile("Cost in the years of the round")[0] == 0  # nothing is decided in yet
    selection = Page(cast.client("petra"), reverse("controlling:selection", args=[run.pk]))
    chosen = [row for row in selection.table("Why in, why out") if row[0] == "in"]
    assert chosen
    assert sum(cents(row[3]) for row in chosen) == selection.tile("Cost in the years of the round")[0]
