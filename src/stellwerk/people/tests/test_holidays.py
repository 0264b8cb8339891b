"""Public holidays carry names in the language of the reader, whatever the language of the server."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.people.holidays import is_public_holiday, public_holidays

GOOD_FRIDAY = dt.date(2027, 3, 26)


@pytest.mark.parametrize(("language", "name"), [("de", "Karfreitag"), ("en", "Good Friday")])
@pytest.mark.parametrize("server", ["C", "de_DE.UTF-8", "en_US.UTF-8"])
def test_names_are_in_the_language_asked_for(
    monkeypatch: pytest.MonkeyPatch, server: str, language: str, name: str
) -> None:
    monkeypatch.setenv("LANGUAGE", server)
    assert public_holidays("DE", "MV", 2027, language)[GOOD_FRIDAY] == name


def test_a_country_without_german_names_has_english_ones() -> None:
    assert public_holidays("KR", "", 2027, "de")[dt.date(2027, 1, 1)] == "New Year's Day"


def test_unknown_places() -> None:
    assert public_holidays("XX", "", 2027, "de") == {}
    assert public_holidays("", "", 2027) == {}
    assert public_holidays("DE", "NOWHERE", 2027, "de")[GOOD_FRIDAY] == "Karfreitag"
    assert is_public_holiday("DE", "MV", GOOD_FRIDAY) and not is_public_holiday("DE", "MV", dt.date(2027, 3, 25))
