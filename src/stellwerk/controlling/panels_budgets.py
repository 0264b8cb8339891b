"""Budgets, exceptions and benefits on other pages: the way from the project, its benefits, what waits on My day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import AuthorityLimit, Benefit, Budget, ForecastException
from stellwerk.controlling.services.authority import CONTROLLER, turns_of
from stellwerk.core import formats
from stellwerk.core.access import actor
from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can, roles_of, roles_that_may, visible, visible_rows
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.portfolio.models import Project

BUDGET, EXCEPTION, BENEFIT = "controlling.budget", "controlling.forecastexception", "controlling.benefit"
MOST: Final = 20
SHOWN: Final = 6
MEASURED_BY: Final = 10
"""Day of the month until which the month before is measured."""


def _budgets_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project)
    user = actor(request)
    if not can(user, "view", BUDGET) or not can(user, "money", obj):
        return None
    return reverse("controlling:project-budgets", args=[obj.key])


register_action(
    Action("portfolio.project", "budgets", gettext_lazy("Budget and forecast"), _budgets_url, icon="euro", order=38)
)


# ── benefits in the cockpit ──────────────────────────────────────────────────────────────────────


# Months that are planned but not measured yet say nothing about what came.
_MEASURED = Q(values__actual__isnull=False)
_OF_PROJECT = KeptQuery(
    lambda which: (
        Benefit.objects.filter(which)
        .exclude(state="dropped")
        .select_related("holder")
        .annotate(
            came=Sum("values__actual", filter=_MEASURED), due=Sum("values__planned", filter=_MEASURED),
            last=Max("values__month", filter=_MEASURED), whole=Sum("values__planned"),
        ).order_by("disbenefit", "name")
    )
)  # fmt: skip


def _benefits(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """The benefits of the project with what was planned and measured so far, also when it is closed."""
    assert isinstance(obj, Project)
    user = actor(request)
    if not can(user, "view", BENEFIT):
        return None
    found = _OF_PROJECT.rows(Q(visible(user, Benefit), project=obj.pk, archived_at=None))
    if not found and not can(user, "create", Benefit(project=obj)):
        return None
    return {
        "rows": [_benefit_row(row) for row in found[:SHOWN]], "more": max(0, len(found) - SHOWN),
        "url": f"{reverse('controlling:benefit-list')}?q={obj.key}",
        "create": f"{reverse('controlling:benefit-create')}?project={obj.pk}" if can(user, "create", Benefit(project=obj)) else "",
    }  # fmt: skip


def _benefit_row(row: Any) -> dict[str, Any]:
    ratio = row.came / row.due if row.came is not None and row.due else None
    text, exact = formats.NO_DATA, ""
    if row.cash:
        exact = formats.money(int(row.whole), row.currency) if row.whole is not None else ""
        text = formats.money(int(row.whole), row.currency, unit="auto") if row.whole is not None else formats.NO_DATA
    elif row.target is not None:
        value: Decimal = row.target
        text = f"{formats.number(value, 0 if value == value.to_integral_value() else 2)} {row.unit}".strip()
    return {"benefit": row, "planned": text, "exact": exact, "ratio": ratio, "last": row.last, "url": url_of(row)}


register_panel(
    Panel(
        "portfolio.project",
        "benefits",
        gettext_lazy("Benefits"),
        "controlling/panel_benefits.html",
        _benefits,
        order=60,
        width=2,
    )
)


# ── My day ───────────────────────────────────────────────────────────────────────────────────────


def _not_by(user: User, label: str, *verbs: str) -> Q:
    """Rows on which this user has not done these steps."""
    done = AuditEntry.objects.filter(entity_type=label, entity_id=OuterRef("pk"), verb__in=verbs, actor=user)
    return ~Q(Exists(done))


@register_duties("approval")
def _budgets_to_decide(user: User) -> Iterable[Duty]:
    """Budgets that wait for this user's authority, to endorse or to decide; forecasts for the controllers."""
    if not can(user, "approve", BUDGET):
        return
    waiting = Budget.objects.filter(state__in=("submitted", "endorsed"), archived_at=None).select_related(
        "project__portfolio__unit__organisation", "project__unit__organisation", "project__manager", "project__sponsor",
        "project__programme__manager", "project__programme__sponsor", "endorsed_by",
    )  # fmt: skip
    waiting = waiting.filter(_not_by(user, BUDGET, "create", "submit"), _turn_of(user))
    rows = list(visible_rows(user, waiting, "approve").order_by("updated_at")[:MOST])
    plans = [row for row in rows if row.kind == BudgetKind.PLAN]
    steps = {row.pk: step for row, step in turns_of(plans, user)} if plans else {}
    for row in rows:
        if row.kind == BudgetKind.FORECAST and CONTROLLER in roles_that_may(user, "approve", row):
            yield _budget_duty(row, _("Confirm the forecast"))
        elif row.pk in steps:
            approves = steps[row.pk] == "approve"
            yield _budget_duty(row, _("Decide about the budget") if approves else _("Endorse the budget"))


def _turn_of(user: User) -> Q:
    """Budgets that wait for a role of the user, or for a role that has no limit (any more); forecasts for the controllers."""
    roles = roles_of(user)
    q = Q(kind=BudgetKind.PLAN) & (
        Q(awaits__in=roles) | ~Q(awaits__in=AuthorityLimit.objects.order_by().values("role"))
    )
    return q | Q(kind=BudgetKind.FORECAST) if CONTROLLER in roles else q


def _budget_duty(row: Budget, title: str) -> Duty:
    text = f"{row.key} · {row}"
    if row.endorsed_by is not None:
        text = _("%(budget)s · endorsed by %(name)s") % {"budget": text, "name": row.endorsed_by}
    return Duty(
        title=title, about=row.project.name, text=text, url=url_of(row), icon="euro", kind="approval",
        button=_("Open"), portfolio=row.project.portfolio_id,
    )  # fmt: skip


@register_duties("task")
def _exceptions_to_report(user: User) -> Iterable[Duty]:
    """Open exceptions of the user's own projects."""
    if not can(user, "edit", EXCEPTION):
        return
    rows = ForecastException.objects.filter(state="open", archived_at=None, project__manager__user=user)
    for row in rows.select_related("project").order_by("due")[:MOST]:
        yield Duty(
            title=_("Exception report"), about=row.project.name, text=row.key, url=url_of(row), icon="alert", due=row.due,
            kind="task", button=_("Report"), portfolio=row.project.portfolio_id,
        )  # fmt: skip


@register_duties("approval")
def _exceptions_to_decide(user: User) -> Iterable[Duty]:
    if not can(user, "approve", EXCEPTION):
        return
    reported = ForecastException.objects.filter(state="reported", archived_at=None).select_related("project")
    reported = reported.filter(_not_by(user, EXCEPTION, "report"))
    for row in visible_rows(user, reported, "approve").order_by("due")[:MOST]:
        yield Duty(
            title=_("Decide about the exception"), about=row.project.name, text=row.key, url=url_of(row), icon="alert",
            due=row.due, kind="approval", button=_("Decide"), portfolio=row.project.portfolio_id,
        )  # fmt: skip


_BENEFITS = KeptQuery(lambda which: Benefit.objects.filter(which).select_related("project").order_by("key")[:MOST])


@register_duties("task")
def _benefits_to_measure(user: User) -> Iterable[Duty]:
    """Benefits that the user answers for and whose last month nobody has measured, also of closed projects."""
    today = timezone.localdate()
    month = m.step(m.month_of(today), -1)
    open_month = Q(values__month=month, values__actual=None)
    for row in _BENEFITS.rows(Q(open_month, holder__user=user.pk, state="realising", archived_at=None)):
        if can(user, "edit", row):
            yield Duty(
                title=_("Measure the benefit “%(name)s”") % {"name": row.name}, about=row.project.name, text=f"{month:%m/%Y}",
                url=reverse("controlling:benefit-values", args=[row.key]), icon="trend-up",
                due=dt.date(today.year, today.month, MEASURED_BY), kind="task", button=pgettext("verb", "Measure"),
                portfolio=row.project.portfolio_id,
            )  # fmt: skip
