"""Rates: seen and written by controllers alone, no two at once, gaps named."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.people import services
from stellwerk.people.models import PersonRate
from stellwerk.people.rate_gaps import gaps
from stellwerk.testing import Cast


def rate(cast: Cast, first: str, last: str | None = None, **more: Any) -> dict[str, Any]:
    end = dt.date.fromisoformat(last) if last else None
    begin = dt.date.fromisoformat(first)
    return {"person": cast.people["tom"], "kind": "internal", "amount": 9_550, "currency": "eur", "valid_from": begin, "valid_to": end} | more  # fmt: skip


def test_only_controllers_write_rates_of_persons(cast: Cast) -> None:
    assert services.set_person_rate(rate(cast, "2027-01-01"), by=cast.conny).currency == "EUR"
    for who in (cast.petra, cast.rita, cast.tom, cast.paul, cast.ada):
        with pytest.raises(NotAllowed):
            services.set_person_rate(rate(cast, "2026-01-01", "2026-12-31"), by=who)


@pytest.mark.parametrize(
    ("first", "last", "kind", "allowed"),
    [
        ("2027-06-01", None, "internal", False),
        ("2028-01-01", None, "internal", True),
        ("2026-01-01", "2026-12-31", "internal", True),
        ("2026-01-01", "2027-01-01", "internal", False),
        ("2026-01-01", None, "internal", False),
        ("2027-06-01", None, "external", True),
    ],
)
def test_two_rates_of_a_kind_never_hold_at_once(cast: Cast, first: str, last: str | None, kind: str, allowed: bool) -> None:  # fmt: skip
    services.set_person_rate(rate(cast, "2027-01-01", "2027-12-31"), by=cast.conny)
    new = rate(cast, first, last, kind=kind)
    if allowed:
        services.set_person_rate(new, by=cast.conny)
        return
    with pytest.raises(Invalid) as refusal:
        services.set_person_rate(new, by=cast.conny)
    assert "2027" in refusal.value.errors["valid_from"][0]


def test_an_open_rate_is_ended_before_the_next_begins(cast: Cast) -> None:
    old = services.set_person_rate(rate(cast, "2027-01-01"), by=cast.conny)
    with pytest.raises(Invalid):
        services.set_person_rate(rate(cast, "2028-01-01"), by=cast.conny)
    services.edit_person_rate(old, {"valid_to": dt.date(2027, 12, 31)}, by=cast.conny, version=old.version)
    services.set_person_rate(rate(cast, "2028-01-01"), by=cast.conny)


def test_rates_of_a_role_are_separate_for_each_organisation(cast: Cast) -> None:
    values = rate(cast, "2027-01-01") | {"role": cast.role, "organisation": None}
    del values["person"]
    services.set_role_rate(values, by=cast.conny)
    services.set_role_rate(values | {"organisation": cast.organisation}, by=cast.conny)
    with pytest.raises(Invalid):
        services.set_role_rate(values, by=cast.conny)


@pytest.mark.parametrize(("currency", "amount"), [("XYQ", 100), ("EUR", -1)])
def test_a_currency_that_does_not_exist_and_a_negative_rate_are_refused(cast: Cast, currency: str, amount: int) -> None:
    with pytest.raises(Invalid):
        services.set_person_rate(rate(cast, "2027-01-01", currency=currency, amount=amount), by=cast.conny)


def test_gaps_are_the_days_between_without_a_rate() -> None:
    def one(first: str, last: str | None) -> PersonRate:
        return PersonRate(
            valid_from=dt.date.fromisoformat(first), valid_to=dt.date.fromisoformat(last) if last else None
        )

    assert gaps([]) == []
    assert gaps([one("2027-01-01", "2027-03-31"), one("2027-04-01", None)]) == []
    found = gaps([one("2027-06-01", None), one("2026-01-01", "2026-12-31"), one("2027-01-15", "2027-03-31")])
    assert found == [
        (dt.date(2027, 1, 1), dt.date(2027, 1, 14)),
        (dt.date(2027, 4, 1), dt.date(2027, 5, 31)),
    ]
