"""A confirmed forecast outside the tolerance opens an exception; who learns of its report and of the decision."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Benefit, Budget, ForecastException
from stellwerk.controlling.services.approval import forecast_total
from stellwerk.controlling.services.exceptions import check_tolerance
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, users_who_can
from stellwerk.core.registry import effect
from stellwerk.portfolio.models import Figure, Project

EXCEPTION, BENEFIT = "controlling.forecastexception", "controlling.benefit"


@effect("controlling.budget", "approve")
def left_the_tolerance(obj: models.Model, by: User | None, before: str) -> None:
    """The confirmed forecast and the finish that the plan expects against the tolerances of the project."""
    assert isinstance(obj, Budget)
    if obj.kind == BudgetKind.FORECAST:
        check_tolerance(obj.project, eac=forecast_total(obj), delay=delay_of(obj.project), by=by, source=obj.key)


def delay_of(project: Project) -> int | None:
    """Working days by which the finish lies behind the baseline, as the plan told it last."""
    row = Figure.objects.filter(project=project, code="plan.finish_delay", until=None).order_by("-date").first()
    return int(row.value) if row is not None and row.value is not None else None


def _words(found: ForecastException) -> dict[str, str]:
    return {"project": f"{found.project.key} {found.project}"}


@effect(EXCEPTION, "report")
def tell_who_decides_the_exception(obj: models.Model, by: User | None, before: str) -> None:
    """The project's sponsor; where it has none with an account, everybody who may decide."""
    assert isinstance(obj, ForecastException)
    sponsor = obj.project.sponsor.user if obj.project.sponsor is not None else None
    able = [user for user in users_who_can("approve", obj) if user != by]
    notify(
        [sponsor] if sponsor is not None and sponsor in able else able,
        kind="controlling.exception",
        title=lambda: _("%(project)s: the exception report waits for your decision") % _words(obj),
        text=obj.options,
        obj=obj,
    )


@effect(EXCEPTION, "decide")
def tell_the_decision(obj: models.Model, by: User | None, before: str) -> None:
    """The project manager, and whoever handed the report in."""
    assert isinstance(obj, ForecastException)
    manager = obj.project.manager.user if obj.project.manager is not None else None
    entry = AuditEntry.objects.filter(entity_type=EXCEPTION, entity_id=obj.pk, verb="report").order_by("-pk").first()
    people: Iterable[User | None] = {manager, entry.actor if entry is not None else None}
    notify(
        [user for user in people if user is not None and user != by and can(user, "view", obj)],
        kind="controlling.exception",
        title=lambda: _("%(project)s: the exception is decided") % _words(obj),
        text=obj.decision,
        obj=obj,
    )


@effect(BENEFIT, "realise")
def tell_the_owner(obj: models.Model, by: User | None, before: str) -> None:
    """From now on the owner measures, also after the project is closed."""
    assert isinstance(obj, Benefit)
    user = obj.holder.user if obj.holder is not None else None
    if user is not None and user != by and can(user, "view", obj):
        notify(
            [user],
            kind="controlling.benefit",
            title=lambda: _("%(benefit)s is to be measured from now on") % {"benefit": f"{obj.key} {obj}"},
            text=obj.measure,
            obj=obj,
        )
