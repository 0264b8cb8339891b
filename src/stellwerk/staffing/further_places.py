"""The further places of an ad ("Essen, Bavaria, Netherlands"): towns, regions and countries apart, for search engines and distances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from stellwerk.core.text import normalise
from stellwerk.staffing.towns import STATES, Several, Town, town_called

_ENGLISH: Final[Mapping[str, str]] = {
    "Bavaria": "DE", "Hesse": "DE", "Lower Saxony": "DE", "North Rhine-Westphalia": "DE", "Rhineland-Palatinate": "DE", "Saxony": "DE",
    "Saxony-Anhalt": "DE", "Thuringia": "DE", "Mecklenburg-Western Pomerania": "DE", "Carinthia": "AT", "Lower Austria": "AT",
    "Upper Austria": "AT", "Styria": "AT", "Tyrol": "AT", "Vienna": "AT",
}  # fmt: skip
"""States by their English names, where these differ."""
_CITIES: Final = frozenset({"berlin", "hamburg", "bremen", "wien", "vienna", "salzburg"})
"""States that one takes for the town of the same name."""


def parts_of(text: str) -> list[str]:
    """What stands between the commas."""
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def address_of(part: str, country: str) -> dict[str, str]:
    """A schema.org PostalAddress of a country, a region or a town; what is none of them is told as a town of ``country``."""
    found = {"@type": "PostalAddress"}
    key = normalise(part)
    if (code := _countries().get(key)) is not None:
        return found | {"addressCountry": code}
    if (code := _regions().get(key)) is not None:
        return found | {"addressRegion": part, "addressCountry": code}
    town = town_of(part, country)
    return found | {"addressLocality": part, "addressCountry": town.country if town is not None else country}


def town_of(part: str, country: str) -> Town | None:
    """The town that is meant: in the country of the ad first, else anywhere; None where none or several are called so."""
    if normalise(part) in _countries() or normalise(part) in _regions():
        return None
    for where in (country, ""):
        try:
            town = town_called(part, where)
        except Several:
            return None
        if town is not None:
            return town
    return None


def spots_of(text: str, country: str) -> list[tuple[float, float]]:
    """Degrees north and east of its towns; regions and countries are no spot."""
    towns = [town_of(part, country) for part in parts_of(text)]
    return [(town.latitude, town.longitude) for town in towns if town is not None]


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    from babel import Locale

    return {
        normalise(name): code
        for language in ("de", "en")
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


@lru_cache(maxsize=1)
def _regions() -> Mapping[str, str]:
    known = {normalise(name): code[:2] for code, name in STATES.items()}
    known |= {normalise(name): code for name, code in _ENGLISH.items()}
    return {key: code for key, code in known.items() if key not in _CITIES}
