"""Labour cost from time sheets: each run books the difference to what is booked, so that it may run as often as one likes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind, BookingSource
from stellwerk.controlling.models import ActualsImport, Booking
from stellwerk.controlling.months import code, last_day, month_of
from stellwerk.controlling.selectors.labour import Labour, LabourKey, held_labour, labour_of, labour_type
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.controlling.services.periods import lock_books, require_open
from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.people.models import Organisation


class Booked(NamedTuple):
    """How many rows were written, what they sum up to (minor units, mixed currencies counted apart), and the labour they stand for."""

    rows: int
    sums: dict[str, int]
    labour: Labour


@transaction.atomic
def book_labour(*, organisation: Organisation, month: dt.date, by: User | None) -> Booked:
    """Approved hours × rate of ``month`` become actuals. Errors: ``NotAllowed``, ``Refused`` (month closed, no cost type takes hours)."""
    month = month_of(month)
    require(by, "import", ActualsImport(organisation=organisation))
    lock_books(organisation)
    require_open(organisation, month)
    kind = labour_type()
    if kind is None:
        raise Refused(
            _("No cost type takes its actuals from time sheets."),
            _("Mark one cost type as labour from approved hours."),
        )
    labour = labour_of(organisation, month)
    held = held_labour(organisation, month)
    target = {row.key: row for row in labour.rows}
    posted = max(month, min(last_day(month), timezone.localdate()))  # of a running month: what is approved by now
    rows: list[Booking] = []
    sums: dict[str, int] = defaultdict(int)
    for key in sorted({*target, *held}, key=lambda one: (one.project, one.activity or 0, one.spending)):
        now, before = target.get(key), held.get(key)
        amount = (now.amount if now else 0) - (before.amount if before else 0)
        minutes = (now.minutes if now else 0) - (before.minutes if before else 0)
        if amount == 0 and minutes == 0:
            continue
        currency = now.currency if now else before.currency if before else organisation.currency
        times = before.times if before else 0
        rows.append(
            Booking(
                organisation=organisation, kind=BookingKind.ACTUAL, source=BookingSource.HOURS, month=month, posted=posted,
                project_id=key.project, activity_id=key.activity, cost_type=kind, spending=key.spending, amount=amount, currency=currency,
                project_amount=amount, project_currency=currency, rate=1, minutes=minutes, text=_("Approved hours"),
                document=f"H-{code(month)}", fingerprint=_print(key, month, times + 1),
            )
        )  # fmt: skip
        sums[currency] += amount
    Booking.objects.bulk_create(rows, batch_size=500)
    if rows:
        record(organisation, verb="import_actuals", by=by, reason=f"{code(month)}: {len(rows)}")
        write_cost_figures({key.project for key in (*target, *held)}, [month])
    return Booked(len(rows), dict(sums), labour)


def _print(key: LabourKey, month: dt.date, number: int) -> str:
    return f"hours|{code(month)}|{key.project}|{key.activity or 0}|{key.spending[0]}|{number}"
