"""The lists of plans and of working calendars; ``navigation.py`` loads them."""

from __future__ import annotations

from django.db.models import Count, DecimalField, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core.formats import number
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult, Row
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.lists import person_column
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.lists import day_of
from stellwerk.planning.models import Activity, Baseline, CalendarException, Plan, WorkingCalendar
from stellwerk.portfolio.models import Figure, Project


def _counted(where: Q) -> Combinable:
    rows = Activity.objects.filter(where, plan=OuterRef("pk"), summary=False, active=True).exclude(state="cancelled")
    found = rows.order_by().values("plan").annotate(n=Count("pk")).values("n")[:1]
    return Coalesce(Subquery(found, output_field=IntegerField()), Value(0))


def _critical() -> Combinable:
    return _counted(Q(critical=True, actual_finish=None))


def _findings() -> Combinable:
    return _counted(~Q(finding=""))


def _activities() -> Combinable:
    return _counted(Q())


def _delay() -> Combinable:
    """Working days, as the figures of the project hold them."""
    rows = Figure.objects.filter(project=OuterRef("project"), code="plan.finish_delay", until=None).order_by("-date")
    return Subquery(rows.values("value")[:1], output_field=DecimalField(max_digits=18, decimal_places=4))


def _baseline() -> Combinable:
    rows = Baseline.objects.filter(plan=OuterRef("pk"), state="approved").order_by("-number")
    return Subquery(rows.values("number")[:1], output_field=IntegerField())


def _visible_projects(user: User) -> Q:
    return Q(project__in=Project.objects.filter(visible(user, Project)).order_by().values("pk"))


def _plan_page(row: Row) -> str:
    return reverse("planning:plan", args=[row["project__key"]])


def _count_plans(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s plan", "%(count)s plans", result.count) % {"count": number(result.count)}


PLAN_LIST = register_list(
    ListSpec(
        "planning.plan",
        Plan,
        (
            Column("name", _("Project"), "link", path="project__name"),
            Column("key", _("Key"), path="project__key"),
            Column("start", _("Start"), "date", expression=lambda: day_of("start"), default=False),
            Column("finish", _("Finish"), "date", expression=lambda: day_of("finish"), quick=True),
            Column("delay", _("vs. baseline (WD)"), "number", expression=_delay, signed=True, help=_("Working days of the end against the approved baseline; positive is later.")),
            Column("baseline", _("Baseline no."), "number", expression=_baseline, default=False),
            Column("critical", _("Critical"), "number", expression=_critical, total="sum", help=_("Open activities without float.")),
            Column("findings", _("Findings"), "number", expression=_findings, total="sum", help=_("Rows with a missed deadline, a constraint that is not kept, or progress out of sequence.")),
            Column("activities", _("Activities"), "number", expression=_activities, total="sum"),
            Column("stale", _("To reschedule"), "bool", quick=True, help=_("Imported, or its calendar changed: dates wait to be computed.")),
            Column("data_date", _("Data date"), "date", expression=lambda: day_of("data_date"), default=False),
            Column("source", _("Imported from"), "choice", choices=(("mspdi", "Microsoft Project"), ("xer", "Primavera P6"), ("table", "Excel, CSV"), ("mpxj", _("converter"))), default=False),
            person_column("manager", _("Project manager"), "project__manager", groupable=True),
            Column("programme", _("Programme"), "link", path="project__programme__name", key="project__programme__key", to="portfolio.programme", groupable=True, default=False),
            Column("portfolio", _("Portfolio"), "link", path="project__portfolio__name", key="project__portfolio__key", to="portfolio.portfolio", groupable=True, default=False),
        ),
        title=_("Plans"),
        default_sort=("name",),
        search=("project__key", "project__name"),
        base=_visible_projects,
        archived=lambda: Q(project__archived_at__isnull=False),
        row_url=_plan_page,
        extra=("project__key",),
        answer=_count_plans,
        icon="timeline",
        empty_title=_("No plans yet"),
        empty_text=_("A plan begins on the page of its project: empty, or with an imported schedule."),
    )
)  # fmt: skip


# ── working calendars ────────────────────────────────────────────────────────────────────────────


def of_the_house(user: User | None) -> Q:
    """Calendars that did not come with a plan."""
    return Q(plan=None)


def _exceptions() -> Combinable:
    rows = CalendarException.objects.filter(calendar=OuterRef("pk")).order_by().values("calendar")
    found = rows.annotate(n=Count("pk")).values("n")[:1]
    return Coalesce(Subquery(found, output_field=IntegerField()), Value(0))


def _plans() -> Combinable:
    rows = Plan.objects.filter(calendar=OuterRef("pk")).order_by().values("calendar")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")[:1], output_field=IntegerField()), Value(0))


def _count_calendars(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s working calendar", "%(count)s working calendars", result.count)
    return text % {"count": number(result.count)}


CALENDAR_LIST = register_list(
    ListSpec(
        "planning.workingcalendar",
        WorkingCalendar,
        (
            Column("name", _("Name"), "link"),
            Column("key", _("Key")),
            Column("kind", _("Type"), "choice", choices=CalendarKind.choices, groupable=True, quick=True),
            Column("base", _("Based on"), "link", path="base__name", key="base__key", to="planning.workingcalendar"),
            Column("organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key", to="people.organisation", default=False),
            person_column("person", _("Person")),
            Column("country", _("Country")),
            Column("subdivision", _("Federal state")),
            Column("exceptions", _("Exceptions"), "number", expression=_exceptions),
            Column("plans", _("Plans"), "number", expression=_plans),
        ),
        title=_("Working calendars"),
        default_sort=("name",),
        search=("key", "name"),
        base=of_the_house,
        create_url="planning:calendar-create",
        create_label=_("New working calendar"),
        answer=_count_calendars,
        icon="calendar",
        empty_title=_("No working calendars yet"),
        empty_text=_("Without one, plans work Monday to Friday, eight hours a day, without public holidays."),
    )
)  # fmt: skip
