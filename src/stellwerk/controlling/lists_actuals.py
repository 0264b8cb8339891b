"""The lists of bookings, months and imports of actuals; ``lists.py`` imports this."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, F, Q, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.controlling import models
from stellwerk.controlling.choices import IMPORT_STATES, PERIOD_STATES, BookingKind, BookingSource, LeftOut, Spending
from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.models import User
from stellwerk.core.permissions import can


def _counts_money(user: User) -> bool:
    """Minutes beside an amount tell the rate of a person where only one has worked: the controller alone reads them."""
    return can(user, "import", "controlling.actualsimport")


def _sees_months(user: User) -> bool:
    return can(user, "view", "controlling.period")


def _counting(kind: str) -> Combinable:
    counts = Q(kind=kind, left_out="", obsolete=False)
    return Case(When(counts, then=F("project_amount")), default=None, output_field=BigIntegerField())


def _actual() -> Combinable:
    return _counting(BookingKind.ACTUAL)


def _committed() -> Combinable:
    return _counting(BookingKind.COMMITMENT)


register_list(
    ListSpec(
        "controlling.booking",
        models.Booking,
        (
            Column("posted", _("Posting date"), "date"),
            Column("document", _("Document"), "link"),
            Column("line", _("Line"), default=False),
            Column(
                "project", _("Project"), "link", path="project__name", key="project__key", to="portfolio.project",
                groupable=True, quick=True,
            ),
            Column("wbs", _("WBS code"), path="activity__wbs", default=False),
            Column("text", _("Text"), wide=True),
            Column("supplier", _("Supplier"), groupable=True, default=False),
            Column("kind", _("Type"), "choice", choices=BookingKind.choices, groupable=True, quick=True, default=False),
            Column("month", _("Month"), "date", groupable=True, quick=True, default=False),
            Column("cost_type", _("Cost type"), "link", path="cost_type__name", key="cost_type__key", to="controlling.costtype", groupable=True, quick=True),
            Column("cost_centre", _("Cost centre"), path="cost_centre__number", groupable=True),
            Column("spending", _("CapEx or OpEx"), "choice", choices=Spending.choices, groupable=True, default=False),
            Column("source", pgettext_lazy("booking", "Source"), "choice", choices=BookingSource.choices, groupable=True, quick=True),
            Column("amount", _("Actual"), "money", expression=_actual, total="sum", help=_("In the project's currency, at the rate of the posting day; what does not count is empty.")),
            Column("committed", pgettext_lazy("money", "Commitment"), "money", expression=_committed, total="sum", help=_("Ordered and not invoiced, by the newest stand.")),
            Column("own_amount", _("Amount as booked"), "money", path="amount", currency="currency", total="sum", default=False, help=_("Also of lines that do not count in a project.")),
            Column("own_currency", _("Currency as booked"), path="currency", default=False),
            Column("project_currency", _("Currency of the project"), default=False),
            Column("organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key", to="people.organisation", default=False, only=_sees_months),
            Column("reverses", _("Reverses document"), default=False),
            Column("erp_object", _("ERP object"), default=False),
            Column("erp_account", _("ERP account"), default=False, groupable=True),
            Column("erp_cost_centre", _("ERP cost centre"), default=False),
            Column("left_out", _("Left out"), "choice", choices=LeftOut.choices, default=False),
            Column("obsolete", _("Replaced by a newer stand"), "bool", default=False),
            Column("batch", _("Number of the import"), "number", path="batch_id", default=False, sortable=False, only=_counts_money),
            Column("minutes", _("Minutes"), "number", default=False, only=_counts_money),
        ),
        default_sort=("-posted", "document"),
        currency="project_currency",
        answer=lambda _request, result: ngettext("%(count)s booking", "%(count)s bookings", result.count) % {"count": formats.number(result.count)},
        icon="euro",
        archivable=False,
        empty_title=_("No bookings yet"),
        empty_text=_("They come from files of the ERP and from approved time sheets; the controller imports them."),
    )
)  # fmt: skip
register_list(
    ListSpec(
        "controlling.period",
        models.Period,
        (
            Column("month", _("Month"), "date"),
            Column("organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key", to="people.organisation", groupable=True),
            Column("state", _("State"), "choice", choices=PERIOD_STATES, groupable=True, quick=True),
            Column("closed", _("Closed"), "date", path="closed_at__date"),
        ),
        default_sort=("-month",),
        answer=lambda _request, result: ngettext("%(count)s month", "%(count)s months", result.count) % {"count": formats.number(result.count)},
        icon="calendar",
        archivable=False,
    )
)  # fmt: skip
register_list(
    ListSpec(
        "controlling.actualsimport",
        models.ActualsImport,
        (
            Column("file_name", _("File"), "link"),
            Column("kind", _("Type"), "choice", choices=BookingKind.choices, groupable=True, quick=True, default=False),
            Column("month", _("Month"), "date"),
            Column("organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key", to="people.organisation", groupable=True),
            Column("state", _("State"), "choice", choices=IMPORT_STATES, groupable=True, quick=True),
            Column("lines", _("Lines"), "number", path="told__lines", sortable=False, filterable=False),
            Column("booked", _("Booked"), "number", path="told__booked", sortable=False, filterable=False),
            Column("waiting", _("Without a project"), "number", path="told__unmapped", sortable=False, filterable=False),
            Column("rejected", _("Rejected"), "number", path="told__rejected_count", sortable=False, filterable=False),
            Column("by", _("By"), path="by__name"),
            Column("created", _("Imported"), "datetime", path="created_at"),
        ),
        default_sort=("-created",),
        search=("file_name",),
        answer=lambda _request, result: ngettext("%(count)s import of actuals", "%(count)s imports of actuals", result.count) % {"count": formats.number(result.count)},
        create_url="controlling:actuals-new",
        create_label=_("Import a file"),
        icon="file-import",
        archivable=False,
        empty_title=_("No imports yet"),
        empty_text=_("Take the line items of the ERP as CSV or XLSX: you see what would be booked before anything is."),
    )
)  # fmt: skip
