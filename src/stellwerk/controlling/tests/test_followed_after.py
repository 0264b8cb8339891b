"""Each figure of the follow-up calculation is followed to the signed drivers, the bookings and the measured benefits, to the cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.models import Benefit, BenefitValue, Booking, BusinessCase
from stellwerk.controlling.tests.pages import Page, cells_of, cents, text_of, total_of_list
from stellwerk.controlling.tests.proposals import lines, proposal_of, signed
from stellwerk.controlling.tests.sheets import booked
from stellwerk.core.templatetags.stellwerk import money_auto

FIRST = 2024
CAPEX, OPEX, BENEFIT = "Investment (CapEx)", "Running cost (OpEx)", "Benefit"
COME = "Signed and come"


@pytest.fixture
def case(cast: Any) -> BusinessCase:
    """The worked example from 2024 on; odd cents booked before and in its years, an order, a refund, and three benefits, one of them in hours."""
    proposal = proposal_of(cast)
    found = signed(cast, proposal, lines(proposal, first=FIRST), discount_rate=Decimal(8))
    cast.project.proposal, cast.project.finish_actual = proposal, dt.date(2024, 10, 31)
    cast.project.save()
    booked(cast, dt.date(2023, 12, 1), 1_000_01, spending="capex")
    booked(cast, dt.date(2024, 3, 1), 90_000_33, spending="capex")
    booked(cast, dt.date(2024, 9, 1), -33, spending="capex")
    booked(cast, dt.date(2024, 9, 1), 77_07, spending="opex")
    booked(cast, dt.date(2025, 1, 1), 5_000_02, spending="opex")
    booked(cast, dt.date(2025, 12, 1), 7_123_45, spending="opex")
    booked(cast, dt.date(2025, 12, 1), 9_999_99, kind=BookingKind.COMMITMENT)
    booked(cast, dt.date(2026, 1, 1), 4_44, spending="opex")  # its year is not over
    for number, (name, cash, against) in enumerate((("Energy", True, False), ("Noise", True, True), ("Hours", False, False))):  # fmt: skip
        benefit = Benefit.objects.create(
            key=f"BEN-{number:04d}", project=cast.project, name=name, measure="m", cash=cash, disbenefit=against
        )
        for month, amount in (
            (dt.date(2025, 6, 1), 30_000_03),
            (dt.date(2025, 7, 1), 50_01),
            (dt.date(2026, 2, 1), 9_99),
        ):
            BenefitValue.objects.create(
                benefit=benefit, month=month, actual=amount // (10 if against else 1), planned=None
            )
    return found


def follow_up(cast: Any, case: BusinessCase, who: str = "conny") -> Page:
    return Page(cast.client(who), reverse("controlling:case-follow-up", args=[case.key]))


def come(page: Page) -> dict[str, tuple[list[int], list[tuple[int, str]]]]:
    """By kind of amount: what was signed of each year, and what came with where it opens."""
    rows, found = page.rows(COME), {}
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        planned = [cents(cell.get("title")) for cell in cells_of(first)[2:]]
        opened = [(cents(cell.get("title")), (cell.xpath(".//a/@href") or [""])[0]) for cell in cells_of(second)[1:]]
        found[text_of(cells_of(first)[0])] = (planned, opened)
    return found


def test_what_was_signed_is_the_sum_of_the_drivers_of_the_case(cast, case):
    page = follow_up(cast, case)
    drivers = Page(page.client, reverse("controlling:case-detail", args=[case.key])).table("Drivers")
    years = len(range(FIRST, FIRST + 6))
    by_kind = {CAPEX: "Investment", OPEX: "Running", BENEFIT: "Less energy"}
    for kind, name in by_kind.items():
        (row,) = [row for row in drivers if name in row]
        assert come(page)[kind][0] == [cents(cell) for cell in row[-years - 1 : -1]], kind


def test_what_came_opens_to_the_bookings_and_the_benefits_that_it_is_made_of(cast, case):
    page = follow_up(cast, case)
    told = come(page)
    assert [amount for amount, _url in told[CAPEX][1][:2]] == [
        91_000_01,
        0,
    ]  # with what was spent before the first year
    assert [amount for amount, _url in told[OPEX][1][:2]] == [77_07, 12_123_47]
    for kind in (CAPEX, OPEX):
        for amount, address in told[kind][1][:2]:
            assert total_of_list(page.client, address) == amount, (kind, address)
    assert sum(amount for kind in (CAPEX, OPEX) for amount, _url in told[kind][1]) == sum(
        Booking.objects.filter(kind=BookingKind.ACTUAL, month__year__lt=2026).values_list("project_amount", flat=True)
    )
    (nothing, no_address), (amount, address), *open_ = told[BENEFIT][1]
    assert (nothing, no_address) == (0, "")  # nobody measured anything in 2024
    assert not any(one for _amount, one in open_)
    assert amount == 30_050_04 - 3_000_00 - 5_00
    # The list holds the benefits in money, each page its months.
    listed = Page(page.client, address)
    names = {text_of(a) for a in listed.tree.xpath("//table//tbody//a[contains(@href, '/benefits/BEN-')]")}
    assert names == {"Energy", "Noise"}
    added = 0
    for number, sign in ((0, 1), (1, -1)):
        months = Page(page.client, reverse("controlling:benefit-detail", args=[f"BEN-{number:04d}"])).table("By month")
        added += sign * sum(cents(row[2]) for row in months[:-1] if "2025" in row[0])
    assert added == amount


def test_what_changed_the_value_follows_from_the_years_that_are_over(cast, case):
    page = follow_up(cast, case)
    told = come(page)
    *rows, total = page.table("What changed the net present value")
    amounts = {row[0]: cents(row[2]) for row in rows}
    assert sum(amounts.values()) == cents(total[2])
    years = page.table("From the years to the effect")
    for name, sign in ((CAPEX, -1), (OPEX, -1), (BENEFIT, 1)):
        planned, opened = told[name]
        own = [row for row in years if row[0] == name]
        assert [int(row[1]) for row in own] == [FIRST, FIRST + 1]
        expected = Decimal(0)
        for at, row in enumerate(own):
            difference = sign * (opened[at][0] - planned[at])
            assert cents(row[2]) == difference, row
            present = Decimal(difference) / Decimal("1.08") ** at
            assert abs(cents(row[3]) - present) <= Decimal("0.5"), row
            expected += present
        assert abs(amounts[name] - expected) <= 1, name  # effects are rounded so that they add up
    # The headline: what the case said, and that with the difference.
    flows = Page(page.client, reverse("controlling:case-detail", args=[case.key])).table("Cost and benefit by year")
    then = sum(Decimal(cents(row[3])) / Decimal("1.08") ** at for at, row in enumerate(flows))
    now = then + sum(
        sign * Decimal(told[name][1][at][0] - told[name][0][at]) / Decimal("1.08") ** at
        for name, sign in ((CAPEX, -1), (OPEX, -1), (BENEFIT, 1))
        for at in (0, 1)
    )
    assert abs(cents(total[2]) - (now - then)) <= 1
    told_now = f"{money_auto(round(now), 'EUR')} instead of {money_auto(round(then), 'EUR')}"
    assert page.answer.endswith(" ".join(told_now.split()))


def test_a_reader_without_the_money_of_the_project_opens_nothing(cast, case):
    assert "Nothing to compare yet" in text_of(follow_up(cast, case, "tom").tree)
