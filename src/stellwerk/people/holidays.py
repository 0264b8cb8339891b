"""Public holidays by country and federal state. The tables are loaded when they are first needed (half a second), never at start."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final

ENGLISH: Final = "en_US"
"""Asked for by name: without one the tables answer in the language of the server."""


@lru_cache(maxsize=2048)
def _table(country: str, subdivision: str, year: int, language: str) -> dict[dt.date, str]:
    if not country:
        return {}
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=language)
    except NotImplementedError:
        try:
            found = holidays.country_holidays(country, years=year, language=language)
        except NotImplementedError:
            return {}
    return dict(found.items())


def public_holidays(country: str, subdivision: str, year: int, language: str = ENGLISH) -> dict[dt.date, str]:
    """Day → name. ISO 3166 country and subdivision (``DE``, ``HH``); an unknown state has those of its country, an unknown place none.

    Names are in ``language`` (``de``), in English where the country's table does not know it.
    """
    return dict(_table(country, subdivision, year, ENGLISH if language == "en" else language))


def is_public_holiday(country: str, subdivision: str, day: dt.date) -> bool:
    return day in _table(country, subdivision, day.year, ENGLISH)
