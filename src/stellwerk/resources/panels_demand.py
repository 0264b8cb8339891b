"""Staffing on the cockpit of a project, its buttons, and what waits on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.planning.selectors.dependencies import plan_on
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import Demand
from stellwerk.resources.selectors.cover import WEEKS, staffing_of
from stellwerk.resources.selectors.demands import demands_to_answer, offers_to_answer, requests_to_answer
from stellwerk.resources.telling import period_text
from stellwerk.resources.weeks import hours_text

SHOWN = 5
DUTIES_SHOWN = 10


# ── the side bar ─────────────────────────────────────────────────────────────────────────────────


def _sees_demands(user: User) -> bool:
    return can(user, "view", "resources.demand")


def _sees_bookings(user: User) -> bool:
    return can(user, "view", "resources.allocation")


def _answers(user: User) -> bool:
    return can(user, "approve", "resources.allocation")


def _asks(user: User) -> bool:
    return can(user, "create", "resources.demand")


def _waiting(user: User) -> int:
    return requests_to_answer(user).count() if _answers(user) else 0


register_nav(
    "people", gettext_lazy("Requests to answer"), "user-check", "resources:requests", order=30, permission=_answers,
    badge=_waiting,
)  # fmt: skip
register_nav(
    "people", gettext_lazy("Demands"), "user-question", "resources:demand-list", order=32, permission=_sees_demands
)
register_nav(
    "people", gettext_lazy("Bookings"), "users", "resources:allocation-list", order=34, permission=_sees_bookings
)
register_create(gettext_lazy("Demand"), "user-question", "resources:demand-create", order=60, permission=_asks)


# ── the cockpit ──────────────────────────────────────────────────────────────────────────────────


def _staffing(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """Firm hours of the next weeks against the firm need, by role; nothing where nobody is asked for."""
    assert isinstance(obj, Project)
    if not can(request.user, "view", Demand(project=obj)):
        return None
    one = staffing_of([obj.pk], timezone.localdate()).get(obj.pk)
    if one is None:
        return None
    lines = sorted(one.roles.values(), key=lambda line: (-line.missing, str(line.role or "")))
    return {
        "wanted": hours_text(one.wanted), "firm": hours_text(one.firm), "cover": one.cover, "weeks": WEEKS,
        "reserved": hours_text(one.reserved) if one.reserved else "",
        "lines": [
            {"role": line.role, "wanted": hours_text(line.wanted), "missing": hours_text(line.missing) if line.missing else "",
             "parts": [("d2", line.firm), ("hatch", line.reserved)], "total": line.wanted}
            for line in lines[:SHOWN]
        ],
        "more": max(0, len(lines) - SHOWN), "vacant": one.vacant_weeks, "vacant_role": one.vacant_role,
        "url": reverse("resources:project-demands", args=[obj.key]),
    }  # fmt: skip


register_panel(
    Panel("portfolio.project", "staffing", gettext_lazy("Staffing"), "resources/panel_staffing.html", _staffing, order=30)
)  # fmt: skip


def _demands_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project)
    sees = can(request.user, "view", Demand(project=obj))
    return reverse("resources:project-demands", args=[obj.key]) if sees else None


register_action(
    Action("portfolio.project", "demands", gettext_lazy("Demands"), _demands_url, icon="user-question", order=40)
)


def _plan_url(request: HttpRequest, obj: models.Model) -> str | None:
    """From the list of demands one step further: what does the plan need?"""
    assert isinstance(obj, Demand)
    asks = obj.source == "activity" and can(request.user, "create", Demand(project=obj.project))
    return reverse("resources:plan-demands", args=[obj.project.key]) if asks and plan_on(obj.project) else None


register_action(
    Action("resources.demand", "plan", gettext_lazy("Compare with the plan"), _plan_url, icon="timeline", order=10)
)


# ── My day ───────────────────────────────────────────────────────────────────────────────────────


@register_duties("approval", boards=False)
def _requests(user: User) -> Iterable[Duty]:
    """Requests for people of whom this user is the line manager."""
    if not _answers(user):
        return
    rows = list(requests_to_answer(user)[: DUTIES_SHOWN + 1])
    for row in rows[:DUTIES_SHOWN]:
        yield Duty(
            title=_("Answer the request for %(person)s") % {"person": row.person}, about=row.demand.project.name,
            text=f"{row.demand.title} · {period_text(row)}", url=url_of(row), icon="user-check", kind="approval",
            button=_("Answer"), due=row.first,
        )  # fmt: skip
    if len(rows) > DUTIES_SHOWN:
        yield Duty(
            title=_("Further requests to answer"), text="", url=reverse("resources:requests"), icon="user-check",
            kind="approval", button=_("Open"),
        )  # fmt: skip
    open_demands = demands_to_answer(user).count()
    if open_demands:
        yield Duty(
            title=ngettext("%(count)s demand without a name", "%(count)s demands without a name", open_demands)
            % {"count": open_demands},
            text=_("Projects ask for roles of your units."), url=reverse("resources:requests"), icon="user-question",
            kind="approval", button=_("Open"),
        )  # fmt: skip


@register_duties("approval")
def _offers(user: User) -> Iterable[Duty]:
    """People offered instead of those whom this user's projects asked for."""
    if not can(user, "ask", "resources.allocation"):
        return
    for row in offers_to_answer(user)[:DUTIES_SHOWN]:
        yield Duty(
            title=_("%(person)s is offered: take or decline") % {"person": row.person}, about=row.demand.project.name,
            text=f"{row.demand.title} · {period_text(row)}", url=url_of(row), icon="user-check", kind="approval",
            button=_("Answer"), due=row.first, portfolio=row.demand.project.portfolio_id,
        )  # fmt: skip
