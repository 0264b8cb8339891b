"""The manpower plan: worked numbers of domain.md section 3.5, sums that add up, and what a reader may see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stellwerk.people.models import Absence, Person, Role, WorkingPattern
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.models import Allocation, AllocationWeek, Demand
from stellwerk.resources.selectors.manpower import (
    GROSS,
    HARD,
    NET,
    PIPELINE,
    REQUESTED,
    SOFT,
    Filters,
    Plan,
    demand_of,
    plan_of,
)
from stellwerk.resources.selectors.months import add_months, months_from, split_week
from stellwerk.resources.tests.asking import demand_of as ask
from stellwerk.resources.tests.asking import fresh

pytestmark = pytest.mark.django_db
MARCH = dt.date(2027, 3, 1)
MONDAYS = [dt.date(2027, 3, day) for day in (1, 8, 15, 22)]


def consultant(cast: Any) -> Role:
    role, _new = Role.objects.get_or_create(key="ROL-0090", name="SAP-Beratung", name_en="SAP consulting")
    return role


def hire(cast: Any, name: str, *, hours: int = 8, unit: Any = None, **values: Any) -> Person:
    """Somebody of the role with 80 % for projects."""
    person = Person.objects.create(
        key=f"PER-9{Person.objects.count():03d}", first_name=name, last_name="Beispiel", unit=unit or cast.unit,
        role=consultant(cast), **values,
    )  # fmt: skip
    day = hours * 60
    WorkingPattern.objects.create(
        person=person, valid_from=dt.date(2020, 1, 1), monday=day, tuesday=day, wednesday=day, thursday=day, friday=day,
        project_share=80,
    )  # fmt: skip
    return person


def need(cast: Any, hours: int, *, state: str = "open", **values: Any) -> Demand:
    """A demand of so many hours in March."""
    demand = ask(cast, role=consultant(cast), unit=cast.unit, hours=hours / 4, **values)
    Demand.objects.filter(pk=demand.pk).update(state=state)
    demand.refresh_from_db()
    return demand


def book(demand: Demand, person: Person, hours: int, state: str = "hard") -> Allocation:
    row = Allocation.objects.create(
        key=f"ALC-9{Allocation.objects.count():03d}", demand=demand, person=person, first=demand.first, last=demand.last, state=state
    )  # fmt: skip
    AllocationWeek.objects.bulk_create(
        AllocationWeek(allocation=row, monday=day, minutes=hours * 15) for day in MONDAYS
    )
    return row


def of(cast: Any, who: str = "petra", **filters: Any) -> Plan:
    return plan_of(fresh(cast, who), Filters(MARCH, **({"role": consultant(cast)} | filters)))


def hours(plan: Plan, measure: int, month: int = 0) -> Any:
    return Decimal(int(plan.total()[measure, month])) / 60


def test_team_of_domain_3_5(cast: Any) -> None:
    """Anna 102.4 h (5 days away), Ben 134.4 h, Cem (4 h a day) 67.2 h: 304 h against a demand of 360 h."""
    anna, ben, _cem = hire(cast, "Anna"), hire(cast, "Ben"), hire(cast, "Cem", hours=4)
    Absence.objects.create(person=anna, first=dt.date(2027, 3, 8), last=dt.date(2027, 3, 12), kind="sick")
    book(need(cast, 60, state="filled"), anna, 60)
    book(need(cast, 100, state="filled"), ben, 100, "soft")
    need(cast, 200)
    plan = of(cast)
    assert int(plan.working_days[0]) == 21
    assert hours(plan, GROSS) == 21 * 20
    assert hours(plan, NET) == 304
    assert (hours(plan, HARD), hours(plan, SOFT), hours(plan, REQUESTED)) == (60, 100, 200)
    assert int(demand_of(plan.total(), pipeline=True)[0]) == 360 * 60
    assert plan.share(plan.cells)[0] == pytest.approx(0.8)


def test_uncertain_need_is_weighted_and_never_counted_twice(cast: Any) -> None:
    ben = hire(cast, "Ben")
    demand = need(cast, 80, probability=50)
    book(demand, ben, 20)
    plan = of(cast)
    assert (hours(plan, HARD), hours(plan, REQUESTED), hours(plan, PIPELINE)) == (20, 0, 30)


def test_a_request_counts_once_on_the_person(cast: Any) -> None:
    ben = hire(cast, "Ben", unit=cast.sub_unit)
    book(need(cast, 80), ben, 60, "requested")
    plan = of(cast)
    assert hours(plan, REQUESTED) == 80
    assert int(plan.total(plan.by_unit()[cast.sub_unit.pk])[REQUESTED, 0]) == 60 * 60


def test_a_request_for_an_uncertain_demand_is_weighted_too(cast: Any) -> None:
    book(need(cast, 80, probability=50), hire(cast, "Ben"), 60, "requested")
    plan = of(cast)
    assert (hours(plan, REQUESTED), hours(plan, PIPELINE)) == (0, 40)


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_what_nobody_asks_for_is_no_need(cast: Any, state: str) -> None:
    hire(cast, "Ben")
    need(cast, 80, state=state)
    assert not of(cast).needs


def test_sums_of_units_roles_and_companies_add_up(cast: Any) -> None:
    for number, unit in enumerate((cast.unit, cast.sub_unit, cast.other_unit)):
        book(need(cast, 40 + number), hire(cast, f"P{number}", unit=unit), 30)
    need(cast, 70, probability=30)
    plan = plan_of(None, Filters(MARCH))
    whole = plan.total()
    for groups in (plan.by_role(), plan.by_unit(), plan.by_organisation()):
        assert np.array_equal(np.sum([plan.total(keys) for keys in groups.values()], axis=0), whole)
    parts = [plan_of(None, Filters(MARCH, organisation=one)) for one in (cast.organisation, cast.other_organisation)]
    for measure in range(6):
        assert np.array_equal(np.sum([part.total()[measure] for part in parts], axis=0), whole[measure])


def test_a_line_manager_reads_own_units_only(cast: Any) -> None:
    hire(cast, "Ben")
    far = hire(cast, "Fern", unit=cast.other_unit)
    plan = of(cast, "rita")
    assert far.pk not in plan.row
    assert set(plan.units) == {cast.unit.pk, cast.sub_unit.pk}
    assert hours(plan, NET) == Decimal("134.4")


@pytest.mark.parametrize("who", ["paul", "tom", "walter", "ada", "uwe"])
def test_others_read_nothing(cast: Any, who: str) -> None:
    hire(cast, "Ben")
    need(cast, 80)
    plan = of(cast, who)
    assert not plan.units and not plan.cells


def test_an_executive_of_a_portfolio_reads_its_unit_and_those_below(cast: Any) -> None:
    """Bookings of other portfolios are counted as not contained, the need is that of her own."""
    ben = hire(cast, "Ben")
    hire(cast, "Fern", unit=cast.other_unit)
    book(need(cast, 80), ben, 30)
    plan = of(cast, "elke")
    assert set(plan.units) == {cast.unit.pk, cast.sub_unit.pk}
    assert (hours(plan, NET), hours(plan, HARD), hours(plan, REQUESTED)) == (Decimal("134.4"), 30, 50)
    other = Portfolio.objects.create(key="PF-0099", name="Other", unit=cast.unit)
    Project.objects.filter(pk=cast.project.pk).update(portfolio=other)
    plan = of(cast, "elke")
    assert (hours(plan, HARD), hours(plan, REQUESTED), plan.hidden) == (0, 0, 2)
    Portfolio.objects.filter(pk=cast.portfolio.pk).update(unit=None)
    assert not of(cast, "elke").units, "a portfolio of no unit says nothing on capacity"


def test_a_strictly_confidential_project_is_counted_not_told(cast: Any) -> None:
    ben = hire(cast, "Ben")
    Project.objects.filter(pk=cast.project.pk).update(confidentiality="strict")
    book(need(cast, 80), ben, 30)
    seen, hidden = of(cast, "petra"), of(cast, "anton")
    assert (hours(seen, HARD), seen.hidden) == (30, 0)
    assert (hours(hidden, HARD), hours(hidden, REQUESTED), hidden.hidden) == (0, 0, 2)


def test_a_week_across_two_months_is_split_by_the_days_worked(cast: Any) -> None:
    ben = hire(cast, "Ben")
    demand = ask(
        cast, role=consultant(cast), unit=cast.unit, first=dt.date(2027, 3, 29), last=dt.date(2027, 4, 2), hours=10
    )
    row = Allocation.objects.create(
        key="ALC-9999", demand=demand, person=ben, first=demand.first, last=demand.last, state="hard"
    )
    AllocationWeek.objects.create(allocation=row, monday=dt.date(2027, 3, 29), minutes=400)
    plan = of(cast)
    # Easter Monday is free: Tuesday and Wednesday lie in March, Thursday and Friday in April.
    assert [int(value) for value in plan.total()[HARD, :2]] == [200, 200]


def test_split_week_adds_up_and_falls_back() -> None:
    week = dt.date(2027, 3, 29)
    assert split_week(week, 100, week, dt.date(2027, 4, 30)) == {MARCH: 60, dt.date(2027, 4, 1): 40}
    assert split_week(week, 100, dt.date(2027, 4, 1), dt.date(2027, 4, 30)) == {dt.date(2027, 4, 1): 100}
    weekend = dt.date(2027, 4, 3)
    assert split_week(week, 7, weekend, weekend) == {dt.date(2027, 4, 1): 7}
    assert split_week(week, 10, week, dt.date(2027, 4, 30), lambda day: False) == {MARCH: 6, dt.date(2027, 4, 1): 4}


def test_months() -> None:
    assert add_months(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert add_months(dt.date(2026, 11, 30), 3) == dt.date(2027, 2, 28)
    assert add_months(dt.date(2026, 12, 1), 0) == dt.date(2026, 12, 1)
    assert months_from(dt.date(2026, 11, 23), 3) == (dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 1, 1))


def test_somebody_who_leaves_has_no_capacity_after(cast: Any) -> None:
    hire(cast, "Ben", exit_date=dt.date(2027, 3, 31))
    net = of(cast).total()[NET]
    assert int(net[0]) == 134.4 * 60
    assert not net[1:].any()


def test_number_of_queries_does_not_grow(cast: Any) -> None:
    def count() -> int:
        user = fresh(cast, "petra")
        with CaptureQueriesContext(
            connection,
        ) as found:
            plan_of(user, Filters(MARCH))
        return len(found)

    book(need(cast, 80), hire(cast, "Ben"), 30)
    few = count()
    for number in range(6):
        book(need(cast, 80), hire(cast, f"P{number}"), 30)
    assert count() == few
