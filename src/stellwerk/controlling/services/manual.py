"""Bookings that a controller enters by hand (an accrual, a cost that the ERP does not know), and their reversal."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind, BookingSource, Spending
from stellwerk.controlling.models import ActualsImport, Booking, CostCentre, CostType
from stellwerk.controlling.months import month_of
from stellwerk.controlling.selectors.budgets import organisation_of
from stellwerk.controlling.services.bookings import in_project_currency
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.controlling.services.periods import lock_books, require_open
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core import formats
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

MOST = 10**15


@transaction.atomic
def enter_booking(
    *, project: Project, posted: dt.date, amount: int, currency: str, text: str, by: User | None, activity: Activity | None = None,
    cost_type: CostType | None = None, cost_centre: CostCentre | None = None, spending: str = "",
) -> Booking:  # fmt: skip
    """Actual cost by hand; ``amount`` in minor units of ``currency``, negative for a credit.

    Errors: ``Invalid`` at its fields (no amount, no text, a foreign work package, no exchange rate), ``NotAllowed``, ``Refused`` (the
    month is closed, the project belongs to no legal entity).
    """
    organisation = organisation_of(project)
    if organisation is None:
        raise Refused(_("This project belongs to no legal entity: give its portfolio a unit first."))
    require(by, "import", ActualsImport(organisation=organisation))
    errors: dict[str, list[str]] = {}
    if not amount or abs(amount) > MOST:
        errors["amount"] = [_("An amount that is not 0, please.")]
    if not text.strip():
        errors["text"] = [_("Say what this is for: it is the only source that this booking has.")]
    if activity is not None and activity.plan.project_id != project.pk:
        errors["activity"] = [_("This work package belongs to another project.")]
    if cost_centre is not None and cost_centre.organisation_id != organisation.pk:
        errors["cost_centre"] = [_("This cost centre belongs to another legal entity.")]
    if cost_type is not None and cost_type.labour and cost_type.labour_source == "hours":
        errors["cost_type"] = [_("This cost type takes its actuals from time sheets: never both.")]
    if errors:
        raise Invalid(errors)
    lock_books(organisation)
    require_open(organisation, posted)
    try:
        told = in_project_currency(Rates({currency, project.currency}), {project.pk: project.currency}, project.pk, amount, currency, posted)  # fmt: skip
    except MissingRate as missing:
        raise Invalid({"currency": [str(missing.message)]}) from missing
    booking = Booking.objects.create(
        organisation=organisation, kind=BookingKind.ACTUAL, source=BookingSource.MANUAL, month=month_of(posted), posted=posted,
        project=project, activity=activity, cost_type=cost_type, cost_centre=cost_centre,
        spending=spending or (cost_type.spending if cost_type is not None else Spending.OPEX), amount=amount, currency=currency,
        project_amount=told[0], project_currency=told[1], rate=told[2], text=text.strip()[:300], fingerprint=f"m{uuid.uuid4().hex}",
    )  # fmt: skip
    _after(booking, by, "book_by_hand", text)
    return booking


@transaction.atomic
def reverse_booking(*, booking: Booking, posted: dt.date, reason: str, by: User | None) -> Booking:
    """Take a booking by hand back by one with the opposite sign, once; at the rate that it was booked with.

    Errors: ``Invalid`` (no reason), ``NotAllowed``, ``Refused`` (not entered by hand, reversed already, month closed).
    """
    require(by, "import", ActualsImport(organisation=booking.organisation))
    if booking.source != BookingSource.MANUAL or booking.fingerprint.startswith("r"):
        raise Refused(_("Only what was entered here is reversed here: the ERP and the time sheets reverse their own."))
    if not reason.strip():
        raise Invalid({"reason": [_("Please give a reason.")]})
    if posted < booking.posted:
        raise Invalid({"posted": [_("A reversal is not posted before what it takes back.")]})
    lock_books(booking.organisation)
    require_open(booking.organisation, posted)
    try:
        with transaction.atomic():
            back = Booking.objects.create(
                organisation=booking.organisation, kind=booking.kind, source=booking.source, month=month_of(posted), posted=posted,
                project=booking.project, activity=booking.activity, cost_type=booking.cost_type, cost_centre=booking.cost_centre,
                spending=booking.spending, amount=-booking.amount, currency=booking.currency,
                project_amount=-(booking.project_amount or 0), project_currency=booking.project_currency, rate=booking.rate,
                text=reason.strip()[:300], reverses=booking_number(booking), fingerprint=f"r{booking.pk}",
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("This booking is reversed already.")) from None
    _after(back, by, "reverse_booking", reason)
    return back


def booking_number(booking: Booking) -> str:
    """How people name a booking: the ERP's document, else its own number."""
    return booking.document or f"M-{booking.pk}"


def _after(booking: Booking, by: User | None, verb: str, reason: str) -> None:
    assert booking.project is not None
    amount = formats.money(booking.amount, booking.currency)
    record(booking.project, verb=verb, by=by, reason=f"{amount}: {reason.strip()[:300]}")
    write_cost_figures([booking.project.pk], [booking.month])
