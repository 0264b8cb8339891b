"""The money rules of a project: its own, or the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from stellwerk.controlling.models import MoneyRules
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, validate, write
from stellwerk.portfolio.models import Project


def rules_of(project: Project) -> MoneyRules:
    """The rules that count: those of the project, or unsaved ones with the defaults."""
    return MoneyRules.objects.filter(project=project).first() or MoneyRules(project=project)


@transaction.atomic
def save_rules(
    *, project: Project, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> MoneyRules:
    """Set the rules of a project. Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``."""
    require(by, "money_rules", project)
    Project.objects.select_for_update().get(pk=project.pk)
    rules = rules_of(project)
    if rules.pk is None:
        for name, value in values.items():
            setattr(rules, name, value)
        validate(rules)
        rules.save(force_insert=True)
        record(
            project, by=by, verb="money_rules", changes={n: [None, str(v)] for n, v in values.items()}, reason=reason
        )
        return rules
    before = {name: str(getattr(rules, name)) for name in values}
    saved = write(rules, values, by=by, version=version, verb="money_rules", reason=reason)
    changed = {n: [before[n], str(v)] for n, v in values.items() if before[n] != str(v)}
    if changed:
        record(project, by=by, verb="money_rules", changes=changed, reason=reason)
    return saved
