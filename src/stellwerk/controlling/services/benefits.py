"""Benefits: the values planned and measured by month; also after the project is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Benefit, BenefitValue
from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record

MOST_MONTHS = 240
BIGGEST = Decimal(10) ** 13

Value = tuple[Decimal | None, Decimal | None, str]
"""Planned, measured, evidence."""


@transaction.atomic
def save_values(
    *, benefit: Benefit, values: Mapping[dt.date, Value], by: User | None, version: int | None, reason: str = ""
) -> Benefit:
    """Replace the values of the named months (None, None and no evidence removes one).

    Errors: ``NotAllowed``, ``StaleEdit`` (both values), ``Refused`` (archived, dropped), ``Invalid``: ``2027-03`` names the month.
    """
    benefit = Benefit.objects.select_for_update().get(pk=benefit.pk)
    require(by, "edit", benefit)
    if benefit.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    if benefit.state == "dropped":
        raise Refused(_("This benefit was dropped: it is not measured any more."))
    stored = {row.month: row for row in BenefitValue.objects.filter(benefit=benefit)}
    if version is not None and benefit.version != version:
        raise _stale(benefit, stored, values)
    _check(benefit, stored, values)
    changes: dict[str, list[Any]] = {}
    for month, (planned, actual, evidence) in sorted(values.items()):
        row = stored.get(month)
        before = (row.planned, row.actual, row.evidence) if row is not None else (None, None, "")
        if before == (planned, actual, evidence):
            continue
        changes[m.code(month)] = [_said(before), _said((planned, actual, evidence))]
        if planned is None and actual is None and not evidence:
            BenefitValue.objects.filter(benefit=benefit, month=month).delete()
        else:
            BenefitValue.objects.update_or_create(
                benefit=benefit, month=month, defaults={"planned": planned, "actual": actual, "evidence": evidence}
            )
    if changes:
        Benefit.objects.filter(pk=benefit.pk).update(version=F("version") + 1, updated_at=timezone.now())
        benefit.refresh_from_db(fields=["version", "updated_at"])
        record(benefit, by=by, verb="edit", changes=changes, reason=reason)
    return benefit


def _said(value: Value) -> str:
    planned, actual, evidence = value
    return " / ".join(str(part) for part in (planned, actual, evidence) if part not in (None, ""))


def _check(benefit: Benefit, stored: Mapping[dt.date, BenefitValue], values: Mapping[dt.date, Value]) -> None:
    errors: dict[str, list[str]] = {}
    today = timezone.localdate()
    if len({*stored, *values}) > MOST_MONTHS:
        raise Invalid({"__all__": [_("At most %(count)s months, please.") % {"count": MOST_MONTHS}]})
    for month, (planned, actual, evidence) in values.items():
        place = m.code(month)
        if any(value is not None and abs(value) > BIGGEST for value in (planned, actual)):
            errors.setdefault(place, []).append(_("%(month)s is too large.") % {"month": place})
        if actual is not None and month > today:
            errors.setdefault(place, []).append(_("%(month)s lies ahead: nothing can be measured there yet.") % {"month": place})  # fmt: skip
        if len(evidence) > 300:
            errors.setdefault(place, []).append(_("%(month)s: the evidence has at most 300 characters.") % {"month": place})  # fmt: skip
    if errors:
        raise Invalid(errors)


def _stale(benefit: Benefit, stored: Mapping[dt.date, BenefitValue], values: Mapping[dt.date, Value]) -> StaleEdit:
    conflicts = []
    for month, mine in sorted(values.items()):
        row = stored.get(month)
        theirs: Value = (row.planned, row.actual, row.evidence) if row is not None else (None, None, "")
        if theirs != mine:
            conflicts.append(FieldConflict(m.code(month), m.code(month), yours=_said(mine), theirs=_said(theirs)))
    return StaleEdit(conflicts, benefit.version)
