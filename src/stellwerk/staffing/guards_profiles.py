"""What forbids a step of a profile, and what a rejection does to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import archive_guard, effect, guard
from stellwerk.staffing.choices import ProfileKind
from stellwerk.staffing.models import Match, Profile
from stellwerk.staffing.selectors.profiles import has_living_consent, is_running
from stellwerk.staffing.services import erasing  # noqa: F401 - registers what is blanked with an account
from stellwerk.staffing.services.profiles import lock_after_rejection


@guard("staffing.profile", "activate")
@guard("staffing.profile", "unlock")
def has_a_consent(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Nobody is compared without a consent that is dated and alive; own employees are asked by their company."""
    assert isinstance(obj, Profile)
    if obj.kind == ProfileKind.EMPLOYEE or has_living_consent(obj, timezone.localdate()):
        return []
    return [_("No consent is alive: record how and when the person agreed.")]


@guard("staffing.profile", "lock")
def nothing_runs(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Profile)
    return [_("A process or a contract is running: end it first.")] if is_running(obj) else []


@effect("staffing.profile", "unlock")
def kept_again(obj: models.Model, by: User | None, before: str) -> None:
    Profile.objects.filter(pk=obj.pk).update(locked_at=None, erase_on=None)


@effect("staffing.profile", "lock")
def to_be_erased(obj: models.Model, by: User | None, before: str) -> None:
    """Locked by hand: the day of the erasure is set as after a rejection."""
    from stellwerk.staffing.services.profiles import KEPT_DAYS

    assert isinstance(obj, Profile)
    if obj.erase_on is None:
        today = timezone.localdate()
        Profile.objects.filter(pk=obj.pk).update(locked_at=today, erase_on=today + dt.timedelta(days=KEPT_DAYS))


@effect("staffing.match", "decline")
@effect("staffing.match", "refuse")
@effect("staffing.match", "expire")
@effect("staffing.match", "end")
def after_a_rejection(obj: models.Model, by: User | None, before: str) -> None:
    """Who is not kept in the pool is locked when their last process has ended."""
    assert isinstance(obj, Match)
    if before not in {"proposed", "confirmed"}:
        lock_after_rejection(obj.profile)


@archive_guard("staffing.profile")
def nothing_is_running(profile: Profile) -> Iterable[Text]:
    if is_running(profile):
        yield _("A process or a contract is running: end it first.")
