"""Erasure of a profile: what it said goes, everywhere and from older backups too; figures and the trail of decisions stay.

Processes that run are stopped, and the other side is told without a word about the person.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import erasure
from stellwerk.core.errors import Refused
from stellwerk.core.models import Attachment, Comment, Mail, Notification, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import require, roles_of, users_who_can
from stellwerk.core.services import record, write
from stellwerk.core.states import advance
from stellwerk.people.naming import names_of
from stellwerk.people.services.persons import ERASED_FIRST_NAME
from stellwerk.staffing.models import (
    Answer,
    Appointment,
    Consent,
    Contract,
    Match,
    Profile,
    Registration,
    SavedSearch,
    ScoreLog,
    TalkNote,
)
from stellwerk.staffing.selectors.profiles import OPEN_MATCHES, RUNNING_CONTRACTS
from stellwerk.staffing.services import disclosure
from stellwerk.staffing.services.locking import lock_contracts
from stellwerk.staffing.services.terms import forget_own_words

LEDGER: Final = "erasures-profiles"
EMPTY: Final[dict[str, Any]] = {
    "email": "", "phone": "", "headline": "", "summary": "", "links": [], "years": None, "available": None,
    "workload_least": None, "workload_most": None, "workload_wish": None, "radius": None, "remote_wish": None,
    "contract_forms": [], "permits": [], "asks": None, "pay_wish": None, "team_least": None, "team_most": None,
    "wishes": "", "city": "", "postcode": "", "latitude": None, "longitude": None, "person": None, "user": None,
}  # fmt: skip
CHILDREN: Final = ("terms", "languages", "term_wishes", "stations", "readings")
PERSONAL: Final = (*EMPTY, *CHILDREN, "first_name", "last_name", "industries", "skills", "experience", "consents")


@transaction.atomic
def erase_profile(*, profile: Profile, by: User | None, reason: str = "") -> Profile:
    """For good. Errors: ``NotAllowed``, ``Refused`` (a contract is running, or it is erased already)."""
    require(by, "erase", profile)
    lock_contracts(profile.pk)
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    if profile.state == "erased":
        raise Refused(_("The personal data of this profile have been erased."), code="erased")
    running = Contract.objects.filter(profile=profile, state__in=RUNNING_CONTRACTS, archived_at=None).first()
    if running is not None:
        raise Refused(
            _("The contract %(key)s is running: the law asks to keep what belongs to it.") % {"key": running.key},
            _(
                "When it has ended, the profile can be erased. Until then consents can be withdrawn: nobody is asked any more."
            ),
            code="contract_running",
        )
    record(profile, by=by, verb="erase", reason=reason)
    stop_processes(profile)
    user = profile.user
    if user is not None and roles_of(user) <= {"candidate"}:
        erasure.erase_user(user, by=by, reason="")  # blanks the profile too, see ``_profile_of_account``
    else:
        _blank(profile)
    transaction.on_commit(lambda: _note(profile.key))
    profile.refresh_from_db()
    return profile


def stop_processes(profile: Profile) -> int:
    """Open matches end, contracts that were not signed by all fall away; returns how many of both."""
    stopped = 0
    why = _("The person has withdrawn.")
    for match in Match.objects.filter(profile=profile, state__in=OPEN_MATCHES).select_related("vacancy__client"):
        step = {"contacted": "refuse", "one_yes": "refuse", "proposed": "decline", "confirmed": "decline"}.get(
            match.state, "end"
        )
        told = match.state in {"one_yes", "both_yes", "conversation", "contract"}
        running = Contract.objects.filter(match=match, state__in=RUNNING_CONTRACTS).exists()
        if running:
            continue
        advance(match, step, by=None, reason=why)
        stopped += 1
        if told:
            _tell_other_side(match)
    for contract in Contract.objects.filter(profile=profile, state__in=("draft", "approved", "sent"), archived_at=None):
        if contract.state == "sent":
            advance(contract, "terminate", by=None, reason=why)
        else:
            write(contract, {"archived_at": timezone.now()}, by=None, verb="archive", reason=why)
        stopped += 1
    return stopped


def _tell_other_side(match: Match) -> None:
    """Client and recruiters learn that it is over; no name, no reason."""
    contacts = [row.user for row in match.vacancy.client.contacts.select_related("user") if row.user is not None]
    notify(
        [*contacts, *users_who_can("confirm", match)],
        kind="staffing.withdrawn",
        title=lambda: _("%(key)s is over: the person has withdrawn") % {"key": match.key},
        text=lambda: _("Personal data are no longer available. The vacancy stays open: “%(vacancy)s”.") % {"vacancy": match.vacancy},
        obj=match,
        dedupe=f"staffing.withdrawn:{match.pk}",
    )  # fmt: skip


def _blank(profile: Profile) -> None:
    """Every word of it. What others wrote about the person loses name and address; a name that somebody shares stays."""
    shared = _has_namesake(profile)
    spellings = {text: erasure.BLANKED for text in (profile.email, profile.phone) if text}
    if not shared and profile.person_id is None:
        label = f"{ERASED_FIRST_NAME} {profile.key}"
        spellings |= dict.fromkeys(names_of("", profile.first_name, profile.last_name), label)
    if profile.person_id is not None:
        spellings = {}  # the employee stays in the plan: only the profile goes
    if profile.email and profile.person_id is None:
        Mail.objects.filter(to__iexact=profile.email).delete()
        Registration.objects.filter(email__iexact=profile.email).delete()
        SavedSearch.objects.filter(email__iexact=profile.email).delete()
    _blank_children(profile)
    Profile.objects.filter(pk=profile.pk).update(
        **EMPTY, first_name=ERASED_FIRST_NAME, last_name=profile.key, state="erased", erase_on=None, version=profile.version + 1,
    )  # fmt: skip
    erasure.blank_history("staffing.profile", profile.pk, PERSONAL)
    if spellings:
        erasure.blank_everywhere(spellings)


def _blank_children(profile: Profile) -> None:
    for name in CHILDREN:
        getattr(profile, name).all().delete()
    forget_own_words()
    profile.industries.clear()
    Consent.objects.filter(profile=profile).update(evidence="")
    Consent.objects.filter(profile=profile, state__in=("given", "renewed")).update(
        state="withdrawn", ended_at=timezone.now()
    )
    matches = Match.objects.filter(profile=profile)
    matches.update(reasons={}, override="")
    TalkNote.objects.filter(match__in=matches).delete()
    Answer.objects.filter(match__in=matches).update(text="")
    now = timezone.now()
    Appointment.objects.filter(match__in=matches, cancelled_at=None, starts__gt=now).update(cancelled_at=now)
    Appointment.objects.filter(match__in=matches).update(text="", place="")
    disclosure.forget(profile)
    ScoreLog._base_manager.filter(profile=profile).update(input={})
    here = {"entity_type": "staffing.profile", "entity_id": profile.pk}
    for row in Attachment.objects.filter(**here):
        row.file.delete(save=False)
        row.delete()
    Comment.objects.filter(**here).delete()
    Notification.objects.filter(**here).delete()


def _has_namesake(profile: Profile) -> bool:
    same = Profile.objects.filter(first_name__iexact=profile.first_name, last_name__iexact=profile.last_name)
    return same.exclude(pk=profile.pk).exclude(state="erased").exists()


@erasure.eraser
def _profile_of_account(user: User) -> list[str]:
    """What this room blanks when an account is erased; also after a restore."""
    shared: list[str] = []
    for profile in Profile.objects.filter(user=user):
        if _has_namesake(profile):
            shared += names_of("", profile.first_name, profile.last_name)
        _blank(profile)
    return shared


def _note(key: str) -> None:
    with (settings.HOME / LEDGER).open("a", encoding="utf-8") as file:
        file.write(f"{key}\n")


@erasure.ledger
def reapply_erasures() -> int:
    """After a restore: blank profiles again that an older backup knew; returns how many."""
    path = settings.HOME / LEDGER
    if not path.exists():
        return 0
    keys = {line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    found = list(Profile.objects.filter(key__in=keys).exclude(state="erased"))
    with transaction.atomic():
        for profile in found:
            _blank(profile)
    return len(found)


# ── by the day ───────────────────────────────────────────────────────────────────────────────────


def erase_due(today: dt.date) -> int:
    """Locked profiles whose day has come."""
    done = 0
    for profile in Profile.objects.filter(state="locked", erase_on__lte=today).order_by("pk"):
        try:
            erase_profile(profile=profile, by=None)
        except Refused:
            continue  # a contract runs: the next day is tried again
        done += 1
    return done
