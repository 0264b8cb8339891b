"""How days are written."""

from __future__ import annotations

import datetime as dt

from stellwerk.core import formats
from stellwerk.core.templatetags.stellwerk import month


def test_the_day_of_an_instant_is_the_day_here() -> None:
    """Half past midnight in Germany is the day before in UTC, and in summer half past one is."""
    midnight = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC)
    assert formats.day(midnight, language="de") == "01.12.2026"
    assert formats.day(midnight, short=True, language="en") == "1 Dec 26"
    assert formats.day(dt.datetime(2027, 3, 31, 22, 30, tzinfo=dt.UTC), language="de") == "01.04.2027"
    assert formats.day(dt.datetime(2026, 11, 30, 22, 30, tzinfo=dt.UTC), language="de") == "30.11.2026"


def test_a_day_and_a_time_without_zone_stay_as_they_are() -> None:
    assert formats.day(dt.date(2026, 12, 1), language="de") == "01.12.2026"
    assert formats.day(dt.datetime(2026, 11, 30, 23, 30), language="de") == "30.11.2026"  # noqa: DTZ001 - as plans have it
    assert formats.day(None) == "–"


def test_exact_amounts_have_the_same_decimals_below_each_other():
    assert formats.money(688_600, language="de") == f"6.886{formats.NBSP}€"
    assert formats.money(688_600, exact=True, language="de") == f"6.886,00{formats.NBSP}€"
    assert formats.money(7_827_353, exact=True, language="de") == f"78.273,53{formats.NBSP}€"
    assert formats.money(132, "KRW", exact=True, language="de") == f"132{formats.NBSP}KRW"


def test_a_month_is_written_as_people_write_it():
    assert [month(text) for text in ("2022-01", "2017", "", None, "now")] == ["01/2022", "2017", "", "", "now"]
