"""Reading bookings: the work list by object, account and cost centre; what belongs to one booking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from stellwerk.controlling.models import Booking
from stellwerk.controlling.selectors.periods import unmatched
from stellwerk.people.models import Organisation

MOST_ROWS = 200


@dataclass
class Waiting:
    """Lines that wait for the same answer. ``name``: what a rule would be called; sums in minor units by currency."""

    name: str
    lines: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    first: dt.date = dt.date.max
    last: dt.date = dt.date.min
    text: str = ""
    supplier: str = ""
    account: str = ""
    by_centre: bool = False

    def add(self, lines: int, total: int, currency: str, first: dt.date, last: dt.date) -> None:
        self.lines += lines
        self.sums[currency] = self.sums.get(currency, 0) + total
        self.first, self.last = min(self.first, first), max(self.last, last)


def waiting_objects(organisation: Organisation, month: dt.date | None = None) -> list[Waiting]:
    """Objects of the ERP of which nobody has said where they belong; the most lines first."""
    rows = unmatched(organisation, month).order_by().values_list("erp_object", "erp_cost_centre", "currency")
    told = rows.annotate(n=Count("pk"), total=Sum("amount"), first=Min("posted"), last=Max("posted"), text=Max("text"), supplier=Max("supplier"), account=Max("erp_account"))  # fmt: skip
    found: dict[tuple[str, bool], Waiting] = {}
    for erp_object, centre, currency, lines, total, first, last, text, supplier, account in told:
        key = (erp_object or centre, not erp_object)
        one = found.setdefault(key, Waiting(key[0], by_centre=key[1], text=text, supplier=supplier, account=account))
        one.add(lines, total, currency, first, last)
    return sorted(found.values(), key=lambda one: (-one.lines, one.name))


def waiting_values(organisation: Organisation, empty: str, name: str, month: dt.date | None = None) -> list[Waiting]:
    """Accounts without a cost type, cost centres that nobody knows: ``empty`` is the missing key, ``name`` what the ERP calls it."""
    rows = Booking.objects.filter(organisation=organisation, source="erp", obsolete=False, **{empty: None}).exclude(**{name: ""})  # fmt: skip
    rows = rows.exclude(left_out="no_project")
    if month is not None:
        rows = rows.filter(month=month)
    told = rows.order_by().values_list(name, "currency").annotate(n=Count("pk"), total=Sum("amount"), first=Min("posted"), last=Max("posted"), text=Max("text"))  # fmt: skip
    found: dict[str, Waiting] = {}
    for value, currency, lines, total, first, last, text in told:
        found.setdefault(value, Waiting(value, text=text)).add(lines, total, currency, first, last)
    return sorted(found.values(), key=lambda one: (-one.lines, one.name))


def partners(booking: Booking, rows: QuerySet[Booking]) -> Sequence[Booking]:
    """What this booking reverses, and what reverses it, of the rows that the reader may see."""
    number = booking.document or f"M-{booking.pk}"
    wanted = Q(reverses=number)
    if booking.reverses:
        wanted |= Q(document=booking.reverses)
        if booking.reverses.startswith("M-") and booking.reverses[2:].isdigit():
            wanted |= Q(pk=int(booking.reverses[2:]), document="")
    found = rows.filter(wanted, organisation=booking.organisation).exclude(pk=booking.pk)
    return list(found.select_related("project", "cost_type").order_by("posted", "pk")[:50])
