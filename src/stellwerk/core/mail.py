"""The mail queue: written in the transaction that causes a mail, sent by a job with growing waits between attempts.

A mail is sent at least once: a worker killed between the server's "accepted" and our mark sends it again, under the
same Message-ID, which mail programs fold into one.
"""

from __future__ import annotations

import datetime as dt
import re
import smtplib
import ssl
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Invalid
from stellwerk.core.jobs import Progress, enqueue, job
from stellwerk.core.models import Mail, MailState, User

log = structlog.get_logger("stellwerk.mail")

MOST_ATTEMPTS = 12
LONGEST_WAIT = dt.timedelta(hours=6)
HELD_FOR = dt.timedelta(minutes=10)  # a claimed mail belongs to its sender for so long
KEEP_SENT = dt.timedelta(days=90)
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}\Z")
_OWN_HEADERS = {"to", "from", "cc", "bcc", "subject", "date", "message-id", "content-type", "mime-version", "sender"}
_LINE_BREAK = re.compile(r"[\r\n\x00]")
_TROUBLE = (OSError, smtplib.SMTPException, ssl.SSLError)


def queue_mail(
    to: User | str,
    *,
    subject: str,
    text: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
    calendar: str = "",
) -> Mail:
    """Queue one mail to one recipient; it leaves only if the caller's transaction commits.

    Texts are given in the recipient's language (``translation.override(user.language)``). Errors: ``Invalid`` for an
    unusable address, and for line breaks in address, subject or headers.
    """
    address = to.email if isinstance(to, User) else to.strip()
    errors: dict[str, list[Any]] = {}
    try:
        validate_email(address)
    except ValidationError:
        errors["to"] = [_("%(address)s is not an e-mail address.") % {"address": address[:80]}]
    if _LINE_BREAK.search(subject):
        errors["subject"] = [_("A subject is one line.")]
    for name, value in (headers or {}).items():
        if not _HEADER_NAME.match(name) or name.lower() in _OWN_HEADERS or _LINE_BREAK.search(value):
            errors["headers"] = [_("This header is not allowed: %(name)s") % {"name": name[:60]}]
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        mail = Mail.objects.create(
            to=address, subject=subject[:250], text=text, html=html, headers=dict(headers or {}), calendar=calendar
        )
        enqueue("core.send_mail", unique_key="core.send_mail")
    return mail


@job("core.send_mail", title=gettext_lazy("Send mail"), queue="mail", every=dt.timedelta(minutes=1))
def send_mail(progress: Progress) -> dict[str, int]:
    """Send all mails that are due; the next attempt of a refused one waits 1, 2, 4 … minutes, at most 6 hours."""
    counts = {"sent": 0, "later": 0, "failed": 0, "held": 0}
    connection: BaseEmailBackend | None = None
    try:
        while mail := _claim_next():
            progress.check_cancelled()
            if connection is None:
                connection = get_connection()
            outcome = _send(mail, connection)
            counts[outcome] += 1
            progress.step(sum(counts.values()))
            if outcome == "later":
                _closed(connection)
                connection = None
    finally:
        _closed(connection)
    return counts


def _closed(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except _TROUBLE:
            log.info("mail server closed the connection first")


def _claim_next() -> Mail | None:
    """The next due mail, taken by compare-and-swap so that two senders never send the same one."""
    while True:
        now = timezone.now()
        due = Mail.objects.filter(state=MailState.QUEUED, next_attempt_at__lte=now)
        mail = due.order_by("next_attempt_at", "pk").first()
        if mail is None:
            return None
        hit = due.filter(pk=mail.pk, attempts=mail.attempts, next_attempt_at=mail.next_attempt_at).update(
            attempts=F("attempts") + 1, next_attempt_at=now + HELD_FOR
        )
        if hit:
            mail.attempts += 1
            return mail


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """The message as it goes out: plain text, HTML beside it where there is some, the same Message-ID each time."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    headers = {
        "Message-ID": f"<{mail.uid}@{domain}>",
        "Auto-Submitted": "auto-generated",
        **{str(name): str(value) for name, value in mail.headers.items()},
    }
    message = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, from_email=settings.DEFAULT_FROM_EMAIL, to=[mail.to], headers=headers
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        method = next((name for name in ("CANCEL", "REQUEST") if f"METHOD:{name}" in mail.calendar), "PUBLISH")
        message.attach_alternative(mail.calendar, f"text/calendar; charset=utf-8; method={method}")
    return message


def _send(mail: Mail, connection: BaseEmailBackend) -> str:
    row = Mail.objects.filter(pk=mail.pk)
    now = timezone.now()
    try:
        sent = connection.send_messages([message_of(mail)])
    except _TROUBLE as error:
        return _refused(mail, error)
    except ValueError as error:  # a header or address that no mail server would take
        row.update(state=MailState.FAILED, last_error=str(error)[:1000])
        return "failed"
    if not sent:
        row.update(attempts=F("attempts") - 1, next_attempt_at=now + HELD_FOR, last_error="")
        return "held"
    row.update(state=MailState.SENT, sent_at=now, last_error="")
    return "sent"


def _refused(mail: Mail, error: Exception) -> str:
    row = Mail.objects.filter(pk=mail.pk)
    text = f"{type(error).__name__}: {error}"[:1000]
    if _for_good(error) or mail.attempts >= MOST_ATTEMPTS:
        row.update(state=MailState.FAILED, last_error=text)
        log.warning("mail failed", mail=str(mail.uid), attempts=mail.attempts, error=text)
        return "failed"
    wait = min(dt.timedelta(minutes=2 ** (mail.attempts - 1)), LONGEST_WAIT)
    row.update(next_attempt_at=timezone.now() + wait, last_error=text)
    log.info("mail waits", mail=str(mail.uid), attempts=mail.attempts, error=text)
    return "later"


def _for_good(error: Exception) -> bool:
    """A 5xx answer to this recipient or this message will be the same tomorrow; trouble with the server will not."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


@job("core.prune_mail", title=gettext_lazy("Remove old mails"), daily_at=dt.time(3, 40))
def prune_mail(progress: Progress) -> dict[str, int]:
    """Sent mails are kept 90 days."""
    gone = Mail.objects.filter(state=MailState.SENT, sent_at__lt=timezone.now() - KEEP_SENT).delete()[0]
    return {"mails": gone}
