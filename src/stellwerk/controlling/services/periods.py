"""Months of a legal entity: which are closed, and the one question that every write of money asks."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Period
from stellwerk.controlling.months import code, month_of
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import create, record, stale
from stellwerk.people.models import Organisation


def closed_months(organisation: Organisation) -> set[dt.date]:
    """First days of the months in which nothing can be booked any more."""
    return set(Period.objects.filter(organisation=organisation, state="closed").values_list("month", flat=True))


def is_closed(organisation: Organisation, month: dt.date) -> bool:
    return Period.objects.filter(organisation=organisation, state="closed", month=month_of(month)).exists()


def lock_books(organisation: Organisation) -> None:
    """One writer of bookings or closer of a month at a time in a legal entity; inside the caller's transaction.

    Without it a file could be booked into a month that somebody closes at the same moment.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)


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


@transaction.atomic
def accept_check(
    *, period: Period, check: str, facts: str, reason: str, by: User | None, version: int | None = None
) -> Period:  # fmt: skip
    """The controller signs that something stays as it is (lines without a project, a difference, a forecast that is missing).

    ``facts``: what exactly, as ``selectors.periods.Check.facts`` says it; the signature counts while that is the same. An empty
    ``reason`` takes it back. Errors: ``Invalid`` (no such check), ``NotAllowed``, ``Refused`` (closed), ``StaleEdit``.
    """
    require(by, "close", period)
    held = Period.objects.select_for_update().get(pk=period.pk)
    if held.state == "closed":
        raise Refused(_("The month %(month)s is closed.") % {"month": code(held.month)}, code="month_closed")
    if check not in ACCEPTABLE:
        raise Invalid({"check": [_("This cannot be accepted: it has to be done.")]})
    if version is not None and version != held.version:
        raise stale(held, {})
    accepted = dict(held.accepted)
    if reason.strip():
        accepted[check] = {
            "reason": reason.strip()[:1000], "facts": facts, "by": str(by or ""), "at": timezone.localdate().isoformat(),
        }  # fmt: skip
    elif check in accepted:
        del accepted[check]
    else:
        raise Invalid({"reason": [_("Please give a reason.")]})
    held.accepted = accepted
    held.version += 1
    held.save(update_fields=["accepted", "version", "updated_at"])
    record(held, verb="accept_check" if reason.strip() else "withdraw_acceptance", by=by, reason=reason.strip()[:1000], changes={"check": [None, check]})  # fmt: skip
    return held


ACCEPTABLE = ("time_sheets", "actuals", "labour", "unmatched", "differences", "forecasts")
"""Checks of the close that a controller may accept with a reason."""
