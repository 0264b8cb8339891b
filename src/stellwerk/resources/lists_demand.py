"""The lists of demands and of bookings."""

from __future__ import annotations

from typing import Any

from django.db.models import FloatField, OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.people.lists import person_column
from stellwerk.people.selectors import role_name
from stellwerk.resources.choices import ALLOCATION_STATES, DEMAND_STATES, HARD, DemandSource
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek


def _hours(rows: Any, group: str) -> Combinable:
    total = rows.order_by().values(group).annotate(t=Sum("minutes")).values("t")[:1]
    return Cast(Coalesce(Subquery(total), 0), FloatField()) / 60.0


def _wanted() -> Combinable:
    return _hours(DemandWeek.objects.filter(demand=OuterRef("pk")), "demand")


def _firm() -> Combinable:
    """Firm hours, also those beyond what a week asks for."""
    rows = AllocationWeek.objects.filter(
        allocation__demand=OuterRef("pk"), allocation__state__in=(*HARD, "completed")
    )  # fmt: skip
    return _hours(rows, "allocation__demand")


def _booked() -> Combinable:
    return _hours(AllocationWeek.objects.filter(allocation=OuterRef("pk")), "allocation")


def _answer_demands(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s demand", "%(count)s demands", result.count)
    return text % {"count": formats.number(result.count)}


def _answer_bookings(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s booking", "%(count)s bookings", result.count)
    return text % {"count": formats.number(result.count)}


def _link(code: str, label: Any, path: str, to: str, **options: Any) -> Column:
    options.setdefault("groupable", True)
    return Column(code, label, "link", path=f"{path}__name", key=f"{path}__key", to=to, **options)


DEMANDS = register_list(
    ListSpec(
        "resources.demand",
        Demand,
        (
            Column("title", _("What for"), "link", edit="title"),
            Column("key", _("Key"), default=False),
            _link("project", _("Project"), "project", "portfolio.project"),
            Column("state", _("State"), "choice", choices=DEMAND_STATES, groupable=True, quick=True),
            Column(
                "role", _("Project role"), "link", expression=role_name, key="role__key", to="people.role",
                groupable=True, quick=True,
            ),
            person_column("person", _("Wanted person"), groupable=True),
            _link("unit", _("Asked unit"), "unit", "people.unit"),
            Column("first", _("From"), "date"),
            Column("last", _("To"), "date"),
            Column("hours", _("Hours"), "number", expression=_wanted, total="sum"),
            Column("firm", _("Firm hours"), "number", expression=_firm, total="sum"),
            Column("priority", _("Priority"), "number", edit="priority", help=_("1 is most urgent, 5 least.")),
            Column("probability", _("Probability (%)"), "number", default=False, edit="probability"),
            Column("source", _("Source"), "choice", choices=DemandSource.choices, groupable=True, default=False),
        ),
        default_sort=("first", "title"),
        answer=_answer_demands,
        create_url="resources:demand-create",
        create_label=_("New demand"),
        icon="user-question",
        empty_title=_("Nobody is asked for yet"),
        empty_text=_("A demand says whom a project needs, from when to when, with how many hours a week. Line managers answer it."),
    )
)  # fmt: skip

ALLOCATIONS = register_list(
    ListSpec(
        "resources.allocation",
        Allocation,
        (
            person_column("person", _("Person"), groupable=True),
            Column("title", _("What for"), "link", path="demand__title"),
            Column("key", _("Key"), default=False),
            _link("project", _("Project"), "demand__project", "portfolio.project"),
            Column("state", _("State"), "choice", choices=ALLOCATION_STATES, groupable=True, quick=True),
            _link("unit", _("Unit"), "person__unit", "people.unit", default=False),
            Column("first", _("From"), "date"),
            Column("last", _("To"), "date"),
            Column("hours", _("Hours"), "number", expression=_booked, total="sum"),
            Column("expires", _("Reserved until"), "date"),
            Column("overbooking_reason", _("Reason for overbooking"), default=False),
        ),
        default_sort=("first", "person"),
        answer=_answer_bookings,
        icon="user-check",
        search=("key", "demand__title", "person__last_name", "person__first_name"),
        empty_title=_("Nobody is booked yet"),
        empty_text=_("Bookings come from demands: a project asks, the line manager reserves or books."),
    )
)
