"""What pay is usual: the organisation's own bands, else the general guidance with its source and date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.people.models import Role
from stellwerk.staffing.models import PayBand, Vacancy

SOURCE_DAY: Final = dt.date(2025, 5, 1)
METROPOLITAN: Final = 20_000_00
"""About so much lies a metropolitan area above a rural one, per year."""


@dataclass(frozen=True)
class Guidance:
    """Pay from ``least`` (None: not told) to ``most`` in minor units per ``unit``; ``own``: a band of the organisation."""

    name: str
    least: int | None
    most: int
    unit: str
    currency: str
    source: str
    day: dt.date
    own: bool = False


def general() -> list[Guidance]:
    """Germany, gross per year, May 2025."""
    source = _("General guidance for Germany, gross; industry, size of the company and number of projects matter")
    return [
        Guidance(_("PMO, junior"), None, 43_000_00, "year", "EUR", source, SOURCE_DAY),
        Guidance(_("Head of PMO"), 55_000_00, 77_000_00, "year", "EUR", source, SOURCE_DAY),
    ]


def guidance_for(vacancy: Vacancy | None = None, role: Role | None = None) -> list[Guidance]:
    """The organisation's bands for the role; where there is none, the general guidance."""
    role = role or (vacancy.role if vacancy is not None else None)
    if role is not None:
        rows = PayBand.objects.filter(role=role, ended_on=None)
        if vacancy is not None:
            rows = rows.filter(organisation=vacancy.organisation_id)
        own = [Guidance(str(row.role), row.least, row.most, row.unit, row.currency, row.source, row.day, own=True) for row in rows.select_related("role")]  # fmt: skip
        if own:
            return own
    return general()
