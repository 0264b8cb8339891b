"""Exchange rates: dated, exact, rounded once and half to even; inverse and over the euro; what is missing is named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from stellwerk.controlling.models import ExchangeRate
from stellwerk.controlling.services.rates import MissingRate, Rates, convert

JANUARY, MARCH = dt.date(2027, 1, 1), dt.date(2027, 3, 1)


@pytest.fixture
def rates(db):
    for currency, into, day, rate in [
        ("USD", "EUR", JANUARY, "0.90"),
        ("USD", "EUR", MARCH, "0.92"),
        ("EUR", "JPY", JANUARY, "160"),
        ("KWD", "EUR", JANUARY, "3"),
    ]:
        ExchangeRate.objects.create(currency=currency, into=into, valid_from=day, rate=Decimal(rate))


def test_a_rate_counts_from_its_day_until_the_next(rates):
    assert convert(100_00, "USD", "EUR", JANUARY) == 90_00
    assert convert(100_00, "USD", "EUR", dt.date(2027, 2, 28)) == 90_00
    assert convert(100_00, "USD", "EUR", MARCH) == 92_00


@pytest.mark.parametrize(
    ("amount", "currency", "into", "result"),
    [
        (12_345, "EUR", "EUR", 12_345),
        (100_00, "EUR", "JPY", 16_000),  # yen have no decimals
        (1, "EUR", "JPY", 2),  # 1.6 yen
        (16_000, "JPY", "EUR", 100_00),
        (1_000, "KWD", "EUR", 3_00),  # dinars have three
        (1, "KWD", "EUR", 0),  # 0.3 cents
        (90_00, "EUR", "USD", 100_00),
        (100_00, "USD", "JPY", 14_400),  # over the euro
        (1_000, "KWD", "USD", 333),  # 3 / 0.9 = 3.33…
        (-100_00, "USD", "EUR", -90_00),
    ],
)
def test_minor_units_of_every_currency(rates, amount, currency, into, result):
    assert convert(amount, currency, into, JANUARY) == result


def test_halves_go_to_the_even_cent(db):
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=JANUARY, rate=Decimal("0.5"))
    assert [convert(cents, "USD", "EUR", JANUARY) for cents in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


def test_the_younger_of_two_directions_counts(rates):
    ExchangeRate.objects.create(currency="EUR", into="USD", valid_from=dt.date(2027, 2, 1), rate=Decimal("1.25"))
    table = Rates(["USD"])
    assert table.rate("USD", "EUR", dt.date(2027, 2, 1)) == Fraction(4, 5)
    assert table.rate("USD", "EUR", MARCH) == Fraction(92, 100)


@pytest.mark.parametrize(("currency", "day"), [("USD", dt.date(2026, 12, 31)), ("CHF", MARCH)])
def test_a_missing_rate_is_named(rates, currency, day):
    with pytest.raises(MissingRate) as refused:
        convert(1, currency, "EUR", day)
    assert (refused.value.currency, refused.value.into, refused.value.day) == (currency, "EUR", day)
    assert currency in str(refused.value) and str(day.year) in str(refused.value)


def test_a_rate_of_zero_or_less_is_refused_in_words(cast):
    answer = cast.client("conny").post(
        "/money/rates/new", {"currency": "USD", "into": "EUR", "valid_from": "2026-01-01", "rate": "-1", "source": ""}
    )
    assert answer.status_code == 422
    assert "An exchange rate is greater than 0." in answer.content.decode()
