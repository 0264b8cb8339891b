"""Agreements with the works council on recorded hours: recorded and ended, never deleted; the works council is told, and who reads by them is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import users_who_can
from stellwerk.people.models import Person
from stellwerk.resources.models import HoursAgreement

READ = "read_hours"
"""Verb of the audit trail."""


@transaction.atomic
def record_agreement(*, values: Mapping[str, Any], by: User | None) -> HoursAgreement:
    """It counts from its first day on, once the signed document is attached. Errors: ``Invalid``, ``NotAllowed``."""
    found = services.create(HoursAgreement, values, by=by)
    _tell(found, by, new=True)
    return found


@transaction.atomic
def edit_agreement(
    *, agreement: HoursAgreement, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> HoursAgreement:  # fmt: skip
    """Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``."""
    found = services.edit(agreement, values, by=by, version=version, reason=reason)
    if found.version != agreement.version:
        _tell(found, by, new=False)
    return found


def record_reading(*, person: Person, agreement: HoursAgreement, by: User, what: str) -> None:
    """Somebody has read recorded hours of one person by an agreement: the person and the works council find it in the history."""
    services.record(person, by=by, verb=READ, reason=f"{agreement.reference}: {what}")


def _tell(agreement: HoursAgreement, by: User | None, *, new: bool) -> None:
    """Everybody who sees agreements, the works council first: it concerns the people whose hours are read."""
    users = [user for user in users_who_can("view", agreement) if by is None or user.pk != by.pk]
    notify(
        users,
        kind="resources.agreement",
        title=lambda: (
            (
                _("An agreement on recorded hours is recorded: %(reference)s")
                if new
                else _("An agreement on recorded hours has changed: %(reference)s")
            )
            % {"reference": agreement.reference[:120]}
        ),
        text=agreement.purpose,
        obj=agreement,
        dedupe=f"resources.agreement:{agreement.pk}:{agreement.version}",
    )
