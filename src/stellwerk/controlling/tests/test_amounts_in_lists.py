"""Amounts below each other in a list: cents in all rows where one row has some, in none where none has."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stellwerk.controlling.tests.sheets import booked
from stellwerk.testing import Cast

OCTOBER = dt.date(2026, 10, 1)


def page_of(cast: Cast) -> str:
    page: str = cast.client("petra").get("/money/bookings/").content.decode()
    return page[page.index("<tbody") : page.index("</tbody>")]


def test_one_amount_with_cents_gives_all_of_its_column_cents(cast: Any) -> None:
    booked(cast, OCTOBER, 688_600)
    booked(cast, OCTOBER, 7_827_353)
    assert all(text in page_of(cast) for text in ("6,886.00", "78,273.53"))


def test_round_amounts_stay_short(cast: Any) -> None:
    booked(cast, OCTOBER, 688_600)
    page = page_of(cast)
    assert "6,886" in page
    assert "6,886.00" not in page
