"""Demands and bookings of the demo company: every situation is there, and states agree with the hours."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.demo.generate import Size, generate
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.booked import over_net, weeks_of
from stellwerk.resources.selectors.demands import covers

TODAY = dt.date(2026, 11, 26)


@pytest.mark.django_db
def test_the_company_shows_every_situation():
    company = generate(Size(8, 40, 7), today=TODAY)
    states = set(Allocation.objects.values_list("state", flat=True))
    assert states >= {"active", "hard", "soft", "requested", "countered"}
    assert set(Demand.objects.values_list("state", flat=True)) >= {"open", "filled", "vacancy_raised"}
    tom = Allocation.objects.filter(person=company.cast["tom"], state="hard").get()
    over = over_net(tom.person, weeks_of(tom), without=tom.pk, since=TODAY)
    assert over and tom.overbooking_reason
    assert Allocation.objects.filter(state="soft", expires__lte=TODAY + dt.timedelta(days=3)).exists()
    # A state says what the hours say, and nobody is booked outside the demand.
    found = covers(Demand.objects.values_list("pk", flat=True))
    for demand in Demand.objects.exclude(state="vacancy_raised"):
        cover = found[demand.pk]
        full = cover.firm_minutes >= cover.minutes
        assert demand.state == ("filled" if full else "partly_filled" if cover.firm_minutes else "open"), demand
    for row in Allocation.objects.select_related("demand"):
        assert row.demand.first <= row.first <= row.last <= row.demand.last, row
        assert row.state != "active" or row.first <= TODAY <= row.last
