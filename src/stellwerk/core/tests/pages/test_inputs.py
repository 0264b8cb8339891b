import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from stellwerk.core.pages.fields import DayField, LocalDecimalField, LocalIntegerField, MoneyField
from stellwerk.core.pages.inputs import parse_day, parse_number


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "1.234,56", "1234.56"),
        ("en", "1.234,56", "1234.56"),
        ("de", "1,234.56", "1234.56"),
        ("en", "1,234.56", "1234.56"),
        ("de", "1.234", "1234"),
        ("en", "1.234", "1.234"),
        ("de", "1,234", "1.234"),
        ("en", "1,234", "1234"),
        ("de", "1.5", "1.5"),
        ("de", "0.123", "0.123"),
        ("de", "1.234.567", "1234567"),
        ("de", "−12,5", "-12.5"),
        ("de", "1 234 567,8", "1234567.8"),
        ("de", "12", "12"),
        ("en", ".5", "0.5"),
        ("de", "1234,50", "1234.50"),
    ],
)
def test_a_number_is_read_as_its_writer_meant_it(language, text, value):
    with translation.override(language):
        assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1,2,3", "12.34.567", "--1", "1e5", "NaN", "1.234,56,7", "€"])
def test_what_is_no_number_is_refused(text):
    with translation.override("de"), pytest.raises(ValueError):
        parse_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "24.12.2026",
        "24.12.26",
        "2026-12-24",
        "24 Dec 2026",
        "24. Dezember 2026",
        "24/12/2026",
        "12/24/2026",
        " 24.12.2026 ",
    ],
)
def test_a_day_is_read_in_the_forms_that_people_write(text):
    assert parse_day(text) == dt.date(2026, 12, 24)


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "3/4/2026", "tomorrow", "24.12", "0.0.2026"])
def test_an_unclear_or_impossible_day_is_refused(text):
    with pytest.raises(ValueError):
        parse_day(text)


@pytest.mark.parametrize(("language", "shown"), [("de", "1.234,50"), ("en", "1,234.50")])
def test_money_goes_in_and_out_in_the_language_of_the_reader(language, shown):
    field = MoneyField()
    with translation.override(language):
        assert field.prepare_value(123450) == shown
        assert field.clean(shown) == 123450
        assert field.clean(f"{shown} €") == 123450


def test_money_without_cents_is_a_whole_number_of_yen():
    field = MoneyField(currency="JPY")
    assert field.clean("1500") == 1500
    with pytest.raises(forms.ValidationError):
        field.clean("1500,5")


@pytest.mark.parametrize("text", ["1,234567", "99999999999999999999999", "ten"])
def test_money_that_cannot_be_kept_is_refused_in_words(text):
    with translation.override("de"), pytest.raises(forms.ValidationError):
        MoneyField().clean(text)


def test_whole_numbers_are_refused_when_they_have_decimals_or_are_huge():
    field = LocalIntegerField()
    assert field.clean("12") == 12
    for text in ("1,5", "1" * 40):
        with translation.override("de"), pytest.raises(forms.ValidationError):
            field.clean(text)


def test_decimals_and_days_show_what_they_read():
    with translation.override("de"):
        assert LocalDecimalField().prepare_value(Decimal("38.50")) == "38,5"
        assert LocalDecimalField().prepare_value(Decimal("400")) == "400"
        assert DayField().prepare_value(dt.date(2026, 12, 24)) == "24.12.2026"
        assert DayField().clean("24.12.2026") == dt.date(2026, 12, 24)
    with translation.override("en"):
        assert DayField().clean(DayField().prepare_value(dt.date(2026, 12, 24))) == dt.date(2026, 12, 24)


def test_the_example_of_a_day_is_in_the_language_of_the_reader_not_of_whoever_loaded_the_form():
    with translation.override("de"):
        one = type("Form", (forms.Form,), {"on": DayField()})
        assert 'placeholder="24.12.2026"' in str(one()["on"])
    with translation.override("en"):
        assert 'placeholder="24 Dec 2026"' in str(one()["on"])
