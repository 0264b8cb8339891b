"""Writes of projects beyond their plain fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import formats, services
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.text import normalise
from stellwerk.engine.scoring import size_of, size_ratings
from stellwerk.portfolio.models import Project, ProjectAlias


@transaction.atomic
def create_project(*, values: Mapping[str, Any], aliases: Iterable[str] = (), by: User | None) -> Project:
    """Create a project with its other names. Errors: ``Invalid``, ``NotAllowed``."""
    project = services.create(Project, values, by=by)
    set_aliases(project=project, names=aliases, by=by)
    return project


@transaction.atomic
def edit_project(
    *,
    project: Project,
    values: Mapping[str, Any],
    aliases: Iterable[str] | None = None,
    by: User | None,
    version: int | None,
    reason: str = "",
) -> Project:
    """Edit a project; moving it to another portfolio takes its other names along.

    Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``, ``Refused`` (archived).
    """
    saved = services.edit(project, values, by=by, version=version, reason=reason)
    if saved.portfolio_id != project.portfolio_id:
        set_aliases(project=saved, names=list(project.aliases.values_list("normalised", flat=True)), by=by)
    if aliases is not None:
        set_aliases(project=saved, names=aliases, by=by)
    return saved


@transaction.atomic
def set_aliases(*, project: Project, names: Iterable[str], by: User | None) -> list[str]:
    """Replace the other names of a project (normalised). Errors: ``Invalid`` where another project has one."""
    require(by, "edit", project)
    wanted = [name for name in dict.fromkeys(normalise(name)[:250] for name in names) if name]
    before = list(project.aliases.order_by("pk").values_list("normalised", flat=True))
    moved = project.aliases.exclude(portfolio_id=project.portfolio_id).exists()
    if before == wanted and not moved:
        return wanted
    taken = ProjectAlias.objects.filter(portfolio_id=project.portfolio_id, normalised__in=wanted).exclude(
        project=project
    )
    other = taken.select_related("project").first()
    if other is not None:
        raise Invalid(
            {
                "aliases": [
                    _("“%(name)s” already names %(project)s.") % {"name": other.normalised, "project": other.project}
                ]
            }
        )
    project.aliases.all().delete()
    ProjectAlias.objects.bulk_create(
        ProjectAlias(project=project, portfolio_id=project.portfolio_id, normalised=name) for name in wanted
    )
    if before != wanted:
        record(project, by=by, verb="edit", changes={"aliases": [before, wanted]})
    return wanted


def set_baseline_dates(
    *, project: Project, start: dt.date | None, finish: dt.date | None, by: User | None, reason: str
) -> Project:
    """Start and finish as an approved plan says; whoever approved it needs no permission to edit the project.

    The caller has asked who may approve. An unknown date leaves the field as it is; archived projects stay as they are.
    """
    if project.archived:
        return project
    values = {name: day for name, day in (("start_baseline", start), ("finish_baseline", finish)) if day is not None}
    return services.write(project, values, by=by, verb="baseline", reason=reason)


def follow_plan(*, project: Project, start: dt.date | None, finish: dt.date | None) -> Project:
    """Forecast dates as the plan of the project computes them; no permission is asked, nothing happens without a change.

    What has begun or ended keeps its actual date beside the forecast.
    """
    if project.archived:
        return project
    values = {name: day for name, day in (("start_forecast", start), ("finish_forecast", finish)) if day is not None}
    return services.write(project, values, by=None, verb="schedule")


def rate_size(
    *,
    project: Project,
    budget: int,
    months: int,
    fte: Decimal,
    units: int,
    criticality: int,
    by: User | None,
    version: int | None = None,
) -> Project:
    """Rate the size (S, M, L) by the method and keep it with the reason. ``budget`` in minor units of the project's currency."""
    ratings = size_ratings(
        budget=formats.major(budget, project.currency), months=months, fte=fte, units=units, criticality=criticality
    )
    size = size_of(ratings)
    points = ", ".join(f"{name} {value}" for name, value in ratings.items())
    reason = _("Rating %(sum)s of 15 (%(points)s)") % {"sum": sum(ratings.values()), "points": points}
    return services.edit(project, {"size": size}, by=by, version=version, reason=reason)
