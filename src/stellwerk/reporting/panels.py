"""What this room shows and offers on the pages of the portfolio, and what waits for a user on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle, StatusReport

SHOWN = 5


def _reports_of(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Project)
    user = request.user
    if not can(user, "view", "reporting.statusreport"):
        return None
    rows = visible_rows(user, selectors.reports().filter(project=obj).exclude(state="superseded"))
    reports = list(rows.prefetch_related("lights").order_by("-data_date", "-edition")[:SHOWN])
    may_start = can(user, "create", StatusReport(project=obj, confidentiality=obj.confidentiality))
    if not reports and not may_start:
        return None
    lines = [{"report": report, "overall": _overall(report)} for report in reports]
    return {"lines": lines, "may_start": may_start, "project": obj}


def _overall(report: StatusReport) -> str:
    if report.state == "missed":
        return "grey"
    return next((light.effective for light in report.lights.all() if light.dimension == "overall"), "")


register_panel(
    Panel(
        "portfolio.project",
        "reports",
        gettext_lazy("Status reports"),
        "reporting/panel_reports.html",
        _reports_of,
        order=60,
    )
)


def _start_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project)
    if obj.archived or obj.phase in selectors.FINISHED_PHASES:
        return None
    draft = StatusReport(project=obj, confidentiality=obj.confidentiality)
    return reverse("reporting:report-start", args=[obj.key]) if can(request.user, "create", draft) else None


register_action(
    Action("portfolio.project", "status_report", gettext_lazy("Status report"), _start_url, icon="report", order=20)
)


def _deck_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Portfolio)
    return reverse("reporting:deck-portfolio", args=[obj.key]) if can(request.user, "export", obj) else None


register_action(
    Action(
        "portfolio.portfolio", "deck", gettext_lazy("Steering committee deck"), _deck_url, icon="presentation", order=20
    )
)


@register_duties
def _reports_due(user: User) -> Iterable[Duty]:
    """Reports that this user has to deliver."""
    if not can(user, "submit", "reporting.statusreport"):
        return
    for report in selectors.reports_due_for(user):
        returned, missed = report.state == "returned", report.state == "missed"
        text = (
            report.return_note
            if returned
            else _("Missed; it can still be submitted late.")
            if missed
            else report.project.name
        )
        yield Duty(
            title=_("Status report %(project)s, %(date)s")
            % {"project": report.project.key, "date": formats.day(report.data_date)},
            text=text,
            url=reverse("reporting:report-edit", args=[report.key]),
            icon="report",
            due=report.data_date,
            kind="report",
            button=_("Rework") if returned else _("Write"),
        )


@register_duties
def _reports_to_review(user: User) -> Iterable[Duty]:
    """Reports that wait for this user's acceptance or publication."""
    if not can(user, "accept", "reporting.statusreport"):
        return
    for report in selectors.reports_to_review(user):
        yield Duty(
            title=_("Review the status report of %(project)s") % {"project": report.project.key},
            text=report.project.name, url=url_of(report), icon="file-check", due=report.data_date, kind="approval", button=_("Review"),
        )  # fmt: skip
    for report in selectors.reports_to_publish(user):
        yield Duty(
            title=_("Publish the status report of %(project)s") % {"project": report.project.key},
            text=report.project.name, url=url_of(report), icon="send", due=report.data_date, kind="approval", button=_("Open"),
        )  # fmt: skip


@register_duties
def _cycles_to_publish(user: User) -> Iterable[Duty]:
    """Cycles that wait for consolidation or publication."""
    if not can(user, "publish", "reporting.cycle"):
        return
    rows = visible_rows(user, selectors.cycles().filter(state__in=("cut_off", "pmo_review", "consolidated")), "publish")
    for cycle in rows:
        done = cycle.state == "consolidated"
        yield Duty(
            title=(_("Publish cycle %(number)s") if done else _("Consolidate cycle %(number)s")) % {"number": cycle.number},
            text=cycle.portfolio.name, url=url_of(cycle), icon="calendar-event", due=_publication_day(cycle), kind="approval", button=_("Open"),
        )  # fmt: skip


def _publication_day(cycle: Cycle) -> Any:
    return selectors.calendar_of(cycle.portfolio).add(cycle.data_date, 4 if cycle.state == "consolidated" else 3)
