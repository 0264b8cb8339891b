"""Months of a legal entity: which are closed, and the one question that every write of money asks."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Period
from stellwerk.controlling.months import code, month_of
from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import create, edit
from stellwerk.people.models import Organisation


def closed_months(organisation: Organisation) -> set[dt.date]:
    """First days of the months in which nothing can be booked any more."""
    return set(Period.objects.filter(organisation=organisation, state="closed").values_list("month", flat=True))


def is_closed(organisation: Organisation, month: dt.date) -> bool:
    return Period.objects.filter(organisation=organisation, state="closed", month=month_of(month)).exists()


def require_open(organisation: Organisation, month: dt.date) -> None:
    """Raises ``Refused`` for a month that is closed."""
    if is_closed(organisation, month):
        raise Refused(
            _("The month %(month)s is closed.") % {"month": code(month_of(month))},
            _("The controller can reopen it with a reason."),
            code="month_closed",
        )


@transaction.atomic
def open_period(organisation: Organisation, month: dt.date, *, by: User | None) -> Period:
    """The month as a record; made when somebody first works on it. Error: ``NotAllowed``."""
    found = Period.objects.filter(organisation=organisation, month=month_of(month)).first()
    if found is not None:
        return found
    require(by, "create", Period(organisation=organisation, month=month_of(month)))
    return create(Period, {"organisation": organisation, "month": month_of(month)}, by=by)


def sign_unmatched(period: Period, note: str, *, by: User | None, version: int | None = None) -> Period:
    """Why lines stay without a project: said by the controller, read by everybody. Errors: ``NotAllowed``, ``StaleEdit``."""
    require(by, "close", period)
    return edit(period, {"signed_note": note.strip()}, by=by, version=version)
