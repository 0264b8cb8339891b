"""The lists of this room over all projects: activities and milestones."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, Func
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.core.formats import number
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult, Row
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.lists import person_column
from stellwerk.planning.choices import ACTIVITY_STATES, MILESTONES, Kind
from stellwerk.planning.models import Activity, BaselineRow
from stellwerk.planning.selectors.standing import DONE
from stellwerk.portfolio.models import Project


def _in_visible_projects(user: User) -> Q:
    """Activities are no more open than their project: a strictly confidential one hides them too."""
    projects = Project.objects.filter(visible(user, Project)).order_by().values("pk")
    return Q(plan__project__in=projects)


def _archived() -> Q:
    return Q(plan__project__archived_at__isnull=False)


class _Day(Func):
    """The day of a local time that is stored as minutes since 1950."""

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="date('1950-01-01', (%(expressions)s / 1440) || ' days')", **extra
        )

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="(DATE '1950-01-01' + (%(expressions)s / 1440)::int)", **extra
        )


def day_of(name: str) -> Combinable:
    """The day of a local time column."""
    return _Day(F(name), output_field=DateField())


def _baseline_finish() -> Combinable:
    """The finish in the approved baseline."""
    rows = BaselineRow.objects.filter(baseline__plan=OuterRef("plan"), baseline__state="approved", uid=OuterRef("uid"))
    return Subquery(rows.annotate(day=day_of("finish")).values("day")[:1], output_field=DateField())


def _delay() -> Combinable:
    """Calendar days from the baseline's finish to the forecast: the calendar of each row is known to its plan alone."""
    rows = BaselineRow.objects.filter(baseline__plan=OuterRef("plan"), baseline__state="approved", uid=OuterRef("uid"))
    frozen = Subquery(
        rows.annotate(n=Cast("finish", BigIntegerField())).values("n")[:1], output_field=BigIntegerField()
    )
    # Whole days on both sides, so that the time of day does not count.
    return ExpressionWrapper(Cast(F("finish"), BigIntegerField()) / 1440 - frozen / 1440, output_field=IntegerField())


def _plan_page(row: Row) -> str:
    return reverse("planning:plan", args=[row["plan__project__key"]]) + f"#row-{row['uid']}"


def _project(*, keys: bool = True, **options: Any) -> tuple[Column, ...]:
    return (
        Column(
            "project", _("Project"), "link", path="plan__project__name", key="plan__project__key", to="portfolio.project",
            groupable=True, **options,
        ),
        Column("project_key", _("Key"), path="plan__project__key", default=keys),
    )  # fmt: skip


def _dates(finish: Any) -> tuple[Column, ...]:
    return (
        Column("finish", finish, "date", expression=lambda: day_of("finish"), quick=True),
        Column("baseline", _("Baseline"), "date", expression=_baseline_finish),
        Column("delay", _("Delay (days)"), "number", expression=_delay, signed=True, help=_("Calendar days against the approved baseline; positive is later.")),
        Column("actual_finish", _("Actual finish"), "date", expression=lambda: day_of("actual_finish"), default=False),
    )  # fmt: skip


def _state() -> Combinable:
    """Nobody reports a summary row: it is as far as the rows below it."""
    return Case(
        When(summary=True, percent__gte=100, then=Value("completed")),
        When(summary=True, percent__gt=0, then=Value("in_progress")),
        default=F("state"),
    )


def _open() -> Combinable:
    """What is still to be done, summary rows by the rows below them."""
    ahead = Q(actual_finish=None, percent__lt=100) & ~Q(state__in=DONE)
    return Case(When(ahead, then=Value(True)), default=Value(False), output_field=BooleanField())


COMMON = (
    Column("open", pgettext_lazy("activity", "Open"), "bool", expression=_open, default=False, quick=True),
    Column("critical", _("Critical"), "bool", quick=True),
    person_column("responsible", _("Responsible"), groupable=True),
    Column("state", _("State"), "choice", expression=_state, choices=ACTIVITY_STATES, groupable=True, quick=True),
    Column(
        "portfolio", _("Portfolio"), "link", path="plan__project__portfolio__name", key="plan__project__portfolio__key", to="portfolio.portfolio",
        groupable=True, default=False,
    ),
)  # fmt: skip


def _count_milestones(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s milestone", "%(count)s milestones", result.count)
    return text % {"count": number(result.count)}


def _count_activities(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s activity", "%(count)s activities", result.count)
    return text % {"count": number(result.count)}


MILESTONE_LIST = register_list(
    ListSpec(
        "planning.milestone",
        Activity,
        (
            Column("name", _("Milestone"), "link"),
            *_project(),
            *_dates(_("Date")),
            *COMMON,
            Column("wbs", _("WBS code"), default=False),
            Column("code", _("Activity ID"), default=False),
            Column("number", _("Number"), "number", path="uid", default=False),
        ),
        title=_("Milestones"),
        default_sort=("-open", "finish"),
        search=("name", "code", "wbs", "plan__project__name", "plan__project__key"),
        base=lambda user: _in_visible_projects(user) & Q(kind__in=MILESTONES, active=True),
        archived=_archived,
        row_url=_plan_page,
        extra=("uid", "plan__project__key"),
        answer=_count_milestones,
        icon="flag",
        empty_title=_("No milestones yet"),
        empty_text=_("Milestones of all plans appear here: rows of a plan whose type is milestone."),
    )
)

ACTIVITY_LIST = register_list(
    ListSpec(
        "planning.activity",
        Activity,
        (
            Column("name", _("Activity"), "link"),
            *_project(keys=False),
            Column("wbs", _("WBS code")),
            Column("start", _("Start"), "date", expression=lambda: day_of("start")),
            *_dates(_("Finish")),
            Column("percent", _("% complete"), "number"),
            Column("work", _("Effort (h)"), "number", total="sum", default=False),
            *COMMON,
            Column("kind", _("Type"), "choice", choices=Kind.choices, groupable=True, default=False),
            Column("summary", _("Summary activity"), "bool", default=False),
            Column("code", _("Activity ID"), default=False),
            Column("number", _("Number"), "number", path="uid", default=False),
        ),
        title=_("Activities"),
        default_sort=("-open", "finish", "name"),
        search=("name", "code", "wbs", "plan__project__name", "plan__project__key"),
        base=lambda user: _in_visible_projects(user) & Q(active=True),
        archived=_archived,
        row_url=_plan_page,
        extra=("uid", "plan__project__key"),
        answer=_count_activities,
        icon="list-details",
        empty_title=_("No activities yet"),
        empty_text=_("Activities of all plans appear here. Open a project and begin its plan."),
    )
)
