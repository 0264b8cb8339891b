"""The money rules of a project: its own, or the defaults; exchange rates, which never change under an approved budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Budget, ExchangeRate, MoneyRules
from stellwerk.controlling.services.rates import HUB
from stellwerk.core import services
from stellwerk.core.errors import Refused
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


# ── exchange rates ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_rate(values: Mapping[str, Any], *, by: User | None, reason: str = "") -> ExchangeRate:
    """A new rate. Errors: ``NotAllowed``, ``Invalid``, ``Refused`` where approved budgets stand on the rate that it would replace."""
    made = services.create(ExchangeRate, dict(values), by=by, reason=reason)
    _refuse_if_used(made.currency, made.into, made.valid_from)
    return made


@transaction.atomic
def edit_rate(
    rate: ExchangeRate, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> ExchangeRate:
    """Change a rate. Errors: as :func:`create_rate`, ``StaleEdit``."""
    stored = ExchangeRate.objects.get(pk=rate.pk)
    before = {name: getattr(stored, name) for name in ("currency", "into", "valid_from", "rate")}
    saved = services.edit(rate, dict(values), by=by, version=version, reason=reason)
    if any(getattr(saved, name) != value for name, value in before.items()):
        _refuse_if_used(before["currency"], before["into"], before["valid_from"])
        _refuse_if_used(saved.currency, saved.into, saved.valid_from)
    return saved


def _refuse_if_used(currency: str, into: str, since: dt.date) -> None:
    """Raises ``Refused`` where an approved budget was converted at a day for which this rate counts, direct, inverse or over the euro."""
    pair = Q(currency=currency, into=into) | Q(currency=into, into=currency)
    later = ExchangeRate.objects.filter(pair, valid_from__gt=since).order_by("valid_from").first()
    budgets = Budget.objects.filter(state__in=("approved", "superseded"), rate_date__gte=since)
    if later is not None:
        budgets = budgets.filter(rate_date__lt=later.valid_from)
    involved = Q()
    for one in {currency, into} - {HUB}:
        involved &= Q(lines__currency=one) | Q(currency=one)
    found = budgets.filter(involved, ~Q(lines__currency=F("currency")), lines__isnull=False).distinct().order_by("key")
    keys = list(found.values_list("key", flat=True)[:4])
    if keys:
        raise Refused(
            _("Approved budgets stand on the rate of these days: %(keys)s.") % {"keys": ", ".join(keys)},
            _("What is approved does not change: enter a rate from a later day."),
            code="rate_in_use",
        )
