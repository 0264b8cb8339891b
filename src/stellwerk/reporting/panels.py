"""What this room shows and offers on the pages of the portfolio, and what waits for a user on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import formats
from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User
from stellwerk.core.myday import MY_DAY
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import FigureValue
from stellwerk.portfolio.why import Override, explains_override
from stellwerk.reporting import next_steps, selectors
from stellwerk.reporting.live import day
from stellwerk.reporting.models import Cycle, ReportedLight, StatusReport
from stellwerk.reporting.timeline import steps_of

SHOWN = 5
_NEWEST = KeptQuery(
    lambda which: (
        StatusReport.objects.filter(which)
        .exclude(state="superseded")
        .only("key", "data_date", "summary", "state")
        .prefetch_related(Prefetch("lights", ReportedLight.objects.filter(dimension="overall")))
        .order_by("-data_date", "-edition")[:SHOWN]
    )
)


def _reports_of(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Project)
    user = request.user
    if not can(user, "view", "reporting.statusreport"):
        return None
    reports = _NEWEST.rows(Q(visible(user, StatusReport), project=obj.pk))
    may_start = can(user, "create", StatusReport(project=obj, confidentiality=obj.confidentiality))
    if not reports and not may_start:
        return None
    lines = [{"report": report, "overall": _overall(report)} for report in reports]
    return {"lines": lines, "may_start": may_start, "project": obj}


def _overall(report: StatusReport) -> str:
    if report.state == "missed":
        return "grey"
    return next((light.effective for light in report.lights.all()), "")


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


@explains_override
def _who_overrode(value: FigureValue) -> Override | None:
    """The report that shows another light than the computed one: its author, the reason, who of the PMO confirmed it."""
    rows = ReportedLight.objects.filter(
        report__key=value.source_label, report__project=value.project_id, dimension=value.code.removeprefix("light.")
    )
    light = rows.select_related("report__author", "confirmed_by").first()
    if light is None or not light.reason:
        return None
    who = light.report.author.full_name if light.report.author is not None else light.report.key
    return Override(who, light.reason, light.confirmed_by.name if light.confirmed_by is not None else "")


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


@register_duties("report")
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
            else report.project.key
        )
        yield Duty(
            title=_("Status report of %(date)s") % {"date": formats.day(report.data_date)},
            about=report.project.name,
            text=text,
            url=reverse("reporting:report-edit", args=[report.key]),
            icon="report",
            due=timezone.localdate(report.return_due) if returned and report.return_due else report.data_date,
            kind="report",
            button=_("Rework") if returned else _("Write"),
            portfolio=report.project.portfolio_id,
        )


@register_duties("approval")
def _reports_to_decide(user: User) -> Iterable[Duty]:
    """Reports that wait for this user's acceptance or publication."""
    if not can(user, "accept", "reporting.statusreport"):
        return
    for report, open_lights in selectors.reports_to_decide(user):
        submitted = report.state == "submitted"
        title = _("Review the status report") if submitted else _("Publish the status report")
        yield Duty(
            title=title, about=report.project.name, text=_report_text(report, open_lights), url=url_of(report),
            icon="file-check" if submitted else "send", due=report.data_date, kind="approval",
            button=_("Review") if submitted else _("Open"), portfolio=report.project.portfolio_id,
        )  # fmt: skip


def _report_text(report: StatusReport, differing: list[ReportedLight]) -> str:
    """Project, data date, and the lights that somebody wants better than they were computed."""
    parts = [report.project.key, _("data date %(day)s") % {"day": formats.day(report.data_date)}]
    pending = sum(1 for light in differing if light.pending)
    if pending and report.state == "submitted":
        parts.append(
            ngettext("%(count)s light to confirm", "%(count)s lights to confirm", pending) % {"count": pending}
        )
    return " · ".join(parts)


@register_duties("approval")
def _decisions_asked(user: User) -> Iterable[Duty]:
    """Decisions that the latest reports ask for, for whoever decides about the project."""
    if not can(user, "approve", "portfolio.project"):
        return
    for report in selectors.reports_that_ask(user):
        for entry in report.decisions:
            yield Duty(
                title=entry.get("question", ""), about=report.project.name, text=entry.get("impact", ""), url=url_of(report), icon="gavel",
                due=day(entry.get("due")), kind="approval", button=_("Read"), portfolio=report.project.portfolio_id,
            )  # fmt: skip


@register_duties("approval")
def _cycles_to_publish(user: User) -> Iterable[Duty]:
    """Cycles that wait for consolidation or publication."""
    if not can(user, "publish", "reporting.cycle"):
        return
    for cycle in selectors.cycles_to_publish(user):
        done = cycle.state == "consolidated"
        yield Duty(
            title=(_("Publish cycle %(number)s") if done else _("Consolidate cycle %(number)s")) % {"number": cycle.number},
            text=cycle.portfolio.name, url=url_of(cycle), icon="calendar-event", due=_publication_day(cycle), kind="approval",
            button=_("Open"), portfolio=cycle.portfolio_id,
        )  # fmt: skip


def _publication_day(cycle: Cycle) -> Any:
    return selectors.calendar_of(cycle.portfolio).add(cycle.data_date, 4 if cycle.state == "consolidated" else 3)


def _current_cycle(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """The running cycle whose calendar stands on My day."""
    assert isinstance(obj, User)
    if not can(obj, "view", "reporting.cycle"):
        return None
    cycle = next_steps.cycle_of(request, obj)
    return {"cycle": cycle, "steps": steps_of(cycle, short=True)} if cycle is not None else None


register_panel(
    Panel(MY_DAY, "cycle", gettext_lazy("Reporting calendar"), "reporting/myday_cycle.html", _current_cycle, order=20)
)
