"""The manpower plan in the steering committee's deck: who sees it, what it says, and not for the past."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from stellwerk.core.models import User
from stellwerk.reporting.deck.build import write_deck
from stellwerk.reporting.pack import dates_of, deck_payload
from stellwerk.reporting.tests.test_pack import editions  # noqa: F401 - the fixture
from stellwerk.resources.tests.test_manpower import hire, need

APRIL = dt.date(2026, 4, 1)
"""20 working days in Hamburg; the data date is 31 March."""
PERIOD: dict[str, Any] = {"first": dt.date(2026, 4, 6), "last": dt.date(2026, 5, 1)}
"""Four weeks, of which one day lies in May."""


def payload(cast: Any, who: str = "petra", on: dt.date | None = None) -> Any:
    return deck_payload(cast.portfolio, on, User.objects.get(pk=cast.users[who].pk))


@pytest.mark.usefixtures("editions")
def test_capacity_and_demand_by_role(cast: Any) -> None:
    hire(cast, "Ben")
    need(cast, 160, **PERIOD)
    (row,) = [row for row in payload(cast).capacity if row.month == APRIL]
    assert (row.role, row.role_en) == ("SAP-Beratung", "SAP consulting")
    assert (row.capacity, row.demand, row.covered) == (Decimal("0.8"), Decimal("0.95"), 0)


@pytest.mark.usefixtures("editions")
def test_the_slide_says_what_is_missing(cast: Any, tmp_path: Any) -> None:
    hire(cast, "Ben")
    need(cast, 400, **PERIOD)
    summary = write_deck(payload(cast), lang="en", fmt="pptx", target=tmp_path / "deck.pptx")
    (title,) = [title for kind, title in summary.slides if kind == "resources"]
    assert title == "In April 2026 1.6 FTE are missing, most of all: SAP consulting"


@pytest.mark.usefixtures("editions")
def test_nothing_of_the_past_nothing_without_demand_nothing_for_others(cast: Any) -> None:
    hire(cast, "Ben")
    assert payload(cast).capacity == ()
    need(cast, 108, **PERIOD)
    assert payload(cast).capacity
    assert payload(cast, on=dates_of(cast.portfolio)[1]).capacity == ()
    assert payload(cast, "elke").capacity  # an executive of the portfolio reads the unit that it belongs to
    assert payload(cast, "stefan").capacity == ()
