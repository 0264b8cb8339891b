"""Contributions of projects and proposals to strategic objectives, and the weights of these."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Contribution, StrategicObjective
from stellwerk.controlling.selectors.strategy import MOST
from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.portfolio.models import Project, Proposal

HEAVIEST = Decimal(1000)


@transaction.atomic
def rate(
    *, subject: Project | Proposal, levels: Mapping[int, tuple[int | None, str]], by: User | None
) -> Project | Proposal:
    """What a project or proposal contributes, by number of the objective: (0–4 or None for “not rated”, reason).

    Errors: ``NotAllowed``, ``Refused`` (archived), ``Invalid`` by ``level-7`` (out of range, no reason, no such objective).
    """
    require(by, "edit", subject)
    if subject.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    link: dict[str, Any] = {"project" if isinstance(subject, Project) else "proposal": subject}
    objectives = {row.pk: row for row in StrategicObjective.objects.filter(pk__in=levels, archived_at=None)}
    stored = {row.objective_id: row for row in Contribution.objects.filter(**link)}
    errors: dict[str, list[str]] = {}
    changes: dict[str, list[Any]] = {}
    for number, (level, given) in levels.items():
        objective, before, reason = objectives.get(number), stored.get(number), given.strip()[:300]
        if objective is None:
            errors[f"level-{number}"] = [_("There is no such objective.")]
        elif level is not None and not 0 <= level <= MOST:
            errors[f"level-{number}"] = [_("%(name)s: 0 to 4, please.") % {"name": objective}]
        elif level and not reason:
            errors[f"level-{number}"] = [_("%(name)s: please give a reason.") % {"name": objective}]
        elif level is None and before is not None:
            changes[str(objective)] = [before.level, None]
            before.delete()
        elif level is not None and (before is None or (before.level, before.reason) != (level, reason)):
            changes[str(objective)] = [before.level if before is not None else None, level]
            Contribution.objects.update_or_create(objective=objective, **link, defaults={"level": level, "reason": reason})  # fmt: skip
    if errors:
        raise Invalid(errors)
    if changes:
        record(subject, by=by, verb="rate_strategy", changes=changes)
    return subject


@transaction.atomic
def set_weights(*, weights: Mapping[int, Decimal], by: User | None) -> list[StrategicObjective]:
    """New weights, all or none. Errors: ``NotAllowed``, ``Invalid`` by ``w-7`` (negative, too large, no such objective)."""
    errors: dict[str, list[str]] = {}
    found = {row.pk: row for row in StrategicObjective.objects.filter(pk__in=weights, archived_at=None)}
    for number, weight in weights.items():
        if number not in found:
            errors[f"w-{number}"] = [_("There is no such objective.")]
        elif not 0 <= weight <= HEAVIEST:
            errors[f"w-{number}"] = [_("%(name)s: a weight is 0 to %(most)s.") % {"name": found[number], "most": HEAVIEST}]  # fmt: skip
    if errors:
        raise Invalid(errors)
    return [
        services.edit(found[number], {"weight": weight.quantize(Decimal("0.01"))}, by=by)
        for number, weight in weights.items()
        if found[number].weight != weight
    ]
