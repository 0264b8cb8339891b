"""Consents: given, renewed, withdrawn, reminded of before they end, expired. Each is dated and says which wording was agreed to."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import Setting, User
from stellwerk.core.notify import absolute
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.states import advance
from stellwerk.staffing.choices import ConsentKind, ProfileKind
from stellwerk.staffing.models import Consent, Profile
from stellwerk.staffing.selectors.profiles import LIVE_CONSENTS, has_living_consent, is_running
from stellwerk.staffing.services.locking import lock_contracts, lock_person
from stellwerk.staffing.services.profiles import KEPT_DAYS, lock_profile, open_for_changes

DAYS: Final = {"process": 365, "pool": 365, "partner": 365, "mail": 730}
REMIND_DAYS: Final = 30
TEXTS: Final = "staffing.public_texts"
_SALT: Final = "staffing.consent"


def text_version() -> str:
    """Which wording is agreed to: that of the product and the version of the organisation's own texts."""
    own = Setting.objects.filter(pk=TEXTS).values_list("version", flat=True).first()
    return f"2026-11/{own or 0}"


@transaction.atomic
def give(*, profile: Profile, kind: str, by: User | None, evidence: str = "", own: bool = False) -> Consent:
    """A consent from now on. ``own``: the person does it; else the evidence (how, when) must be told.

    Errors: ``Invalid``, ``NotAllowed``, ``WrongState``, ``Refused`` (there is a living one).
    """
    require(by, "edit", profile)
    open_for_changes(Profile.objects.select_for_update().get(pk=profile.pk))
    errors: dict[str, list[Any]] = {}
    if kind not in ConsentKind.values:
        errors["kind"] = [_("Please choose.")]
    if not own and not evidence.strip():
        errors["evidence"] = [_("Please say how and when the person agreed.")]
    if errors:
        raise Invalid(errors)
    if profile.consents.filter(kind=kind, state__in=LIVE_CONSENTS).exists():
        raise Refused(_("This consent is alive: renew it."), code="consent_alive")
    today = timezone.localdate()
    row = Consent.objects.create(
        profile=profile, kind=kind, text_version=text_version(), given_at=timezone.now(),
        expires=today + dt.timedelta(days=DAYS[kind]), evidence=evidence.strip()[:200],
    )  # fmt: skip
    record(profile, by=by, verb="edit", changes={"consents": [None, f"{kind} {row.text_version}"]})
    return row


def renew(*, consent: Consent, by: User | None) -> Consent:
    """Dated anew, in the present wording. Errors: ``NotAllowed``, ``WrongState``."""
    return advance(
        consent, "renew", by=by, given_at=timezone.now(), text_version=text_version(), reminded_at=None,
        expires=timezone.localdate() + dt.timedelta(days=DAYS[consent.kind]),
    )  # fmt: skip


@transaction.atomic
def withdraw(*, consent: Consent, by: User | None, reason: str = "") -> Consent:
    """At any time, without a reason. Without any consent left the profile is locked at once. Errors: ``NotAllowed``, ``WrongState``."""
    from stellwerk.staffing.services.erasing import stop_processes

    lock_contracts(consent.profile_id)
    lock_person(consent.profile_id)
    gone = advance(consent, "withdraw", by=by, reason=reason)
    profile = Profile.objects.get(pk=consent.profile_id)
    if consent.kind == "process" and not has_living_consent(profile, timezone.localdate(), ("partner",)):
        stop_processes(profile)  # nobody is asked any more; contracts that run go on
    _lock_without_consent(Profile.objects.get(pk=profile.pk))
    return gone


def _lock_without_consent(profile: Profile) -> bool:
    """Somebody whom nothing allows to be kept is locked: for six months where there was a process, else for a day."""
    today = timezone.localdate()
    if profile.kind == ProfileKind.EMPLOYEE or profile.state in {"locked", "erased"} or is_running(profile):
        return False
    if has_living_consent(profile, today):
        return False
    asked = profile.matches.filter(contacted_at__isnull=False).exists()
    lock_profile(profile=profile, by=None, reason=_("There is no consent any more."), days=KEPT_DAYS if asked else 1)
    return True


# ── by the day ───────────────────────────────────────────────────────────────────────────────────


def expire_due(today: dt.date) -> int:
    """Consents whose day has passed; who has none left is locked."""
    due = Consent.objects.filter(state__in=LIVE_CONSENTS, expires__lt=today).select_related("profile")
    done = 0
    for row in due.order_by("pk"):
        with transaction.atomic():
            lock_person(row.profile_id)
            row.refresh_from_db()
            if row.state in LIVE_CONSENTS and row.expires is not None and row.expires < today:  # not renewed meanwhile
                advance(row, "expire", by=None)
                done += 1
    for profile in Profile.objects.filter(state__in=("draft", "active", "paused"), consents__isnull=False).distinct():
        with transaction.atomic():
            fresh = lock_person(profile.pk)
            if fresh is not None:
                _lock_without_consent(fresh)
    return done


def remind_due(today: dt.date) -> int:
    """A mail a month before a consent ends, once, with a link that renews or withdraws it."""
    due = Consent.objects.filter(
        state__in=LIVE_CONSENTS, reminded_at=None, expires__gte=today,
        expires__lte=today + dt.timedelta(days=REMIND_DAYS), profile__state__in=("draft", "active", "paused"),
    )  # fmt: skip
    sent = 0
    for row in due.select_related("profile").order_by("pk"):
        if not row.profile.email:
            continue
        with transaction.atomic():
            _remind(row)
            Consent.objects.filter(pk=row.pk).update(reminded_at=timezone.now())
            sent += 1
    return sent


def _remind(row: Consent) -> None:
    profile = row.profile
    with translation.override(profile.language):
        day = formats.day(row.expires)
        queue_mail(
            profile.email,
            subject=_("Your consent ends on %(day)s") % {"day": day},
            text="\n\n".join(
                [
                    _("Hello %(name)s,") % {"name": profile.full_name},
                    _("on %(day)s your consent ends: %(what)s.") % {"day": day, "what": row.get_kind_display()},
                    _("If you do nothing, we erase your profile afterwards. Here you renew or withdraw it:"),
                    absolute(reverse("staffing:consent", args=[token_of(row)])),
                ]
            ),
        )


def token_of(consent: Consent) -> str:
    return signing.dumps(consent.pk, salt=_SALT)


def consent_of(token: str) -> Consent | None:
    """The consent to which a mailed link belongs; None for a wrong or old link."""
    try:
        number = signing.loads(token, salt=_SALT, max_age=dt.timedelta(days=60))
    except signing.BadSignature:
        return None
    return Consent.objects.filter(pk=number).select_related("profile").first()
