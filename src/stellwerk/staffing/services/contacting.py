"""Both sides are asked by mail, answer by a secret link that works once, and know each other once both said yes."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused, WrongState
from stellwerk.core.models import ApiToken, User
from stellwerk.core.permissions import can, require
from stellwerk.core.services import record, write
from stellwerk.core.states import advance
from stellwerk.staffing.choices import Answered, Side
from stellwerk.staffing.mails_matching import mail_answered, mail_asked, mail_declined, mail_revealed, recipients
from stellwerk.staffing.models import Answer, Match
from stellwerk.staffing.selectors.profiles import for_matching
from stellwerk.staffing.services.locking import lock_match
from stellwerk.staffing.services.matching import job_related

VALID: Final = dt.timedelta(days=7)
REMINDED: Final = dt.timedelta(days=3)


class LinkDead(Refused):
    """A link that does not count: unknown, used, or too old. It never says whom it was about."""

    code = "link_dead"
    status = 410


@dataclass(frozen=True)
class Asked:
    """An answer link that counts."""

    answer: Answer
    match: Match


@transaction.atomic
def ask_both(*, match: Match, by: User | None, version: int | None = None) -> Match:
    """A person has looked and confirms: both sides get a mail with their reasons and a link to answer.

    Errors: ``NotAllowed``, ``WrongState``, ``StaleEdit``, ``Refused`` (consent ended meanwhile, or nobody to write to).
    """
    require(by, "confirm", match)
    match = lock_match(match.pk)
    if version is not None and match.version != version:
        match = write(match, {"override": match.override}, by=by, version=version)
    if not for_matching(timezone.localdate()).filter(pk=match.profile_id).exists():
        raise Refused(
            _("This profile may not be contacted: it is not active any more, or no consent is alive."),
            code="no_consent",
        )
    for side in Side.values:
        if not recipients(match, side):
            who = _("the company") if side == Side.COMPANY else _("the person")
            raise Refused(_("There is no mail address of %(who)s: enter one first.") % {"who": who}, code="no_address")
    if match.state == "proposed":
        match = advance(match, "confirm", by=by)
    if match.state != "confirmed":
        raise WrongState(_("Both sides have been asked already."))
    tokens = {side: secrets.token_urlsafe(32) for side in Side.values}
    for side, token in tokens.items():
        Answer.objects.create(
            match=match, side=side, digest=ApiToken.digest_of(token), expires_at=timezone.now() + VALID
        )
    match = advance(match, "contact", by=by, contacted_at=timezone.now())
    for side, token in tokens.items():
        mail_asked(match, side, token)
    return match


def asked_by(token: str) -> Asked:
    """What a link is about. Errors: ``LinkDead`` (unknown, used, expired, or not asked any more)."""
    answer = Answer.objects.filter(digest=ApiToken.digest_of(token)).select_related(
        "match__vacancy__client", "match__vacancy__industry", "match__profile__partner"
    ).first()  # fmt: skip
    if answer is None:
        raise LinkDead(
            _("This link is not known."),
            _("Please use the link of the latest mail as it is: a reminder replaces the first one."),
        )
    _check(answer)
    return Asked(answer, answer.match)


def _check(answer: Answer) -> None:
    if answer.answered_at is not None:
        raise LinkDead(
            _("This question has been answered already: a link works once."), _("Nothing more is to be done.")
        )
    if answer.expires_at <= timezone.now() or answer.match.state == "expired":
        raise LinkDead(_("This link has expired."), _("If you are still interested, please write to whoever sent it."))
    if answer.match.state not in {"contacted", "one_yes"}:
        raise LinkDead(_("This question is settled: no answer is needed any more."), _("Thank you all the same."))


@transaction.atomic
def give_answer(
    *,
    token: str = "",
    answer: Answer | None = None,
    yes: bool,
    reason: str = "",
    text: str = "",
    by: User | None = None,
) -> Match:
    """One side's yes or no, by link or signed in (``by`` may answer for this match). Two at once: the second is told that it is settled.

    Errors: ``LinkDead``, ``Invalid`` (a no without a job-related reason), ``NotAllowed``.
    """
    number = answer.pk if answer is not None else 0
    found = Answer.objects.filter(**({"digest": ApiToken.digest_of(token)} if token else {"pk": number}))
    row = found.first()
    match = lock_match(row.match_id) if row is not None else None
    # Asked once more behind the lock: a reminder may have replaced the link, an answer may have come, all may be erased.
    row = found.select_for_update().first() if match is not None else None
    if row is None or match is None:
        raise LinkDead(
            _("This link is not known."),
            _("Please use the link of the latest mail as it is: a reminder replaces the first one."),
        )
    row.match = match
    if by is not None and not may_answer(by, row):
        raise LinkDead(
            _("This link is not known."),
            _("Please use the link of the latest mail as it is: a reminder replaces the first one."),
        )
    _check(row)
    if not yes:
        job_related("reason", reason)
    row.answer, row.reason, row.text = (Answered.YES, "", text[:1000]) if yes else (Answered.NO, reason, text[:1000])
    row.answered_at, row.answered_by = timezone.now(), by
    row.save(update_fields=["answer", "reason", "text", "answered_at", "answered_by", "updated_at"])
    record(
        match,
        by=by,
        verb="answer",
        changes={"answers": [None, [{"id": row.pk, "_name": "", "side": row.side, "answer": row.answer}]]},
        reason=row.reason,
    )
    if not yes:
        match = advance(match, "refuse", by=None, ended_reason=row.reason)
        mail_declined(match, Side.PERSON if row.side == Side.COMPANY else Side.COMPANY)
    elif match.state == "contacted":
        match = advance(match, "first_yes", by=None)
    else:
        match = advance(match, "second_yes", by=None, revealed_at=timezone.now())
        for side in Side.values:
            mail_revealed(match, side)
    mail_answered(match, row)
    return match


def may_answer(user: User, answer: Answer) -> bool:
    """The client's contacts for the company, the candidate or their partner for the person."""
    match = answer.match
    if not can(user, "answer", match):
        return False
    if answer.side == Side.COMPANY:
        return bool(match.vacancy.client.contacts.filter(user=user).exists())
    if match.profile.user_id == user.pk:
        return True
    return match.profile.partner is not None and match.profile.partner.contacts.filter(user=user).exists()


def remind_due(now: dt.datetime) -> int:
    """A reminder with a new link three days after the first mail; the old link counts no more."""
    due = Answer.objects.filter(
        answer="", reminded_at__isnull=True, sent_at__lte=now - REMINDED, expires_at__gt=now,
        match__state__in=("contacted", "one_yes"),
    )  # fmt: skip
    count = 0
    for number in due.values_list("pk", flat=True):
        with transaction.atomic():
            match = lock_match(Answer.objects.get(pk=number).match_id)
            row = Answer.objects.select_for_update().filter(pk=number, answer="", reminded_at__isnull=True).first()
            if row is None or match.state not in {"contacted", "one_yes"}:
                continue
            token = secrets.token_urlsafe(32)
            row.digest, row.reminded_at = ApiToken.digest_of(token), now
            row.save(update_fields=["digest", "reminded_at", "updated_at"])
            mail_asked(match, row.side, token, reminder=True)
            count += 1
    return count


def expire_due(now: dt.datetime) -> int:
    """Matches whose question was not answered in time end; whoever runs them is told by the effect of the step."""
    due = Match.objects.filter(state__in=("contacted", "one_yes"), answers__answer="", answers__expires_at__lte=now)
    count = 0
    for number in due.values_list("pk", flat=True).distinct():
        with transaction.atomic():
            match = lock_match(number)
            if (
                match.state in {"contacted", "one_yes"}
                and match.answers.filter(answer="", expires_at__lte=now).exists()
            ):
                advance(match, "expire", by=None)
                count += 1
    return count


@transaction.atomic
def end_talks(*, match: Match, by: User | None, code: str, reason: str = "", version: int | None = None) -> Match:
    """A conversation ends without a contract, for a job-related reason. Errors: ``Invalid``, ``NotAllowed``, ``WrongState``."""
    job_related("code", code)
    if lock_match(match.pk).state == "contract":
        raise WrongState(_("There is a contract: end that."))
    Match.objects.filter(pk=match.pk).update(ended_reason=code)  # the guard of the step asks for it
    return advance(match, "end", by=by, version=version, reason=reason or code)
