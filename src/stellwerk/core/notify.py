"""Tell people what concerns them: a line under the bell, and a mail at once or in the daily digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import groupby

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core.errors import Text
from stellwerk.core.jobs import Progress, job
from stellwerk.core.kept import KeptQuery
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import Digest, Notification, User
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES, url_of
from stellwerk.core.text import without_control

# Said in each recipient's language: a lazy text, or a function called while that language is active.
Said = Text | Callable[[], str]


def notify(
    users: Iterable[User],
    *,
    kind: str,
    title: Said,
    text: Said = "",
    obj: models.Model | None = None,
    url: str = "",
    dedupe: str = "",
    mail: bool = True,
) -> list[Notification]:
    """Tell each active user once, inside the caller's transaction; returns what was written.

    With ``obj``, who may not see it is left out, and the line leads to its page. ``dedupe``: the same matter is not told
    again while the first is unread. ``mail=False``: only under the bell.
    """
    wanted = {user.pk: user for user in users if user.is_active and user.erased_at is None}
    if obj is not None and obj._meta.label_lower in ENTITIES:
        wanted = {pk: user for pk, user in wanted.items() if can(user, "view", obj)}
        url = url or url_of(obj)
    with transaction.atomic():
        if dedupe:
            told = Notification.objects.filter(user__in=wanted, dedupe=dedupe[:120], read_at__isnull=True)
            for pk in told.values_list("user_id", flat=True):
                wanted.pop(pk, None)
        rows = [_row(user, kind, title, text, obj, url, dedupe, mail) for user in wanted.values()]
        Notification.objects.bulk_create(rows, ignore_conflicts=bool(dedupe))
        for row in rows:
            if mail and row.user.digest == Digest.AT_ONCE:
                _mail_one(row)
    return rows


def _row(
    user: User, kind: str, title: Said, text: Said, obj: models.Model | None, url: str, dedupe: str, mail: bool
) -> Notification:
    at_once = mail and user.digest == Digest.AT_ONCE
    skipped = not mail or user.digest == Digest.NONE
    with translation.override(user.language):
        return Notification(
            user=user,
            kind=kind,
            title=" ".join(_say(title).split())[:200],
            text=_say(text),
            url=url[:300],
            entity_type=obj._meta.label_lower if obj is not None else "",
            entity_id=obj.pk if obj is not None else 0,
            dedupe=dedupe[:120],
            mailed_at=timezone.now() if at_once or skipped else None,
        )


def _say(text: Said) -> str:
    said = str(text) if isinstance(text, (str, Promise)) else text()
    return without_control(said)


def absolute(url: str) -> str:
    return f"{settings.BASE_URL}{url}" if url.startswith("/") else url or settings.BASE_URL


def _context(user: User, rows: list[Notification]) -> dict[str, object]:
    lines = [{"title": row.title, "text": row.text, "url": absolute(row.url) if row.url else ""} for row in rows]
    return {"user": user, "lines": lines, "base": settings.BASE_URL, "settings": absolute(_settings_page())}


def _settings_page() -> str:
    """Where a reader chooses which mails come; the start page in an installation without that page."""
    try:
        return reverse("people:profile")
    except NoReverseMatch:
        return "/"


def _mail_one(row: Notification) -> None:
    with translation.override(row.user.language):
        context = _context(row.user, [row])
        queue_mail(
            row.user,
            subject=row.title,
            text=render_to_string("core/mail/notifications.txt", context),
            html=render_to_string("core/mail/notifications.html", context),
        )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


_NOTIFICATIONS = KeptQuery(lambda which: Notification.objects.filter(which))


def unread_count(user: User) -> int:
    return _NOTIFICATIONS.count(Q(user=user.pk, read_at__isnull=True))


def mark_read(user: User, numbers: Iterable[int] | None = None) -> int:
    """Mark the user's own notifications as read (all of them without ``numbers``); returns how many were new."""
    rows = Notification.objects.filter(user=user, read_at__isnull=True)
    if numbers is not None:
        rows = rows.filter(pk__in=list(numbers))
    return rows.update(read_at=timezone.now())


# ── the daily digest ─────────────────────────────────────────────────────────────────────────────


@job("core.send_digests", title=gettext_lazy("Send daily digests"), daily_at=dt.time(6, 30))
def send_digests(progress: Progress) -> dict[str, int]:
    """One mail per user with what is new since the last digest; one transaction per user, so repeating does no harm."""
    waiting = (
        Notification.objects.filter(mailed_at__isnull=True, read_at__isnull=True, user__digest=Digest.DAILY)
        .filter(user__is_active=True)
        .select_related("user")
        .order_by("user_id", "created_at", "pk")
    )
    digests = [(user, list(rows)) for user, rows in groupby(waiting, key=lambda row: row.user)]
    sent = 0
    for number, (user, rows) in enumerate(digests, start=1):
        progress.check_cancelled()
        sent += _digest(user, rows)
        progress.step(number, len(digests))
    return {"digests": sent}


def _digest(user: User, rows: list[Notification]) -> int:
    with transaction.atomic(), translation.override(user.language):
        numbers = [row.pk for row in rows]
        hit = Notification.objects.filter(pk__in=numbers, mailed_at__isnull=True).update(mailed_at=timezone.now())
        if not hit:
            return 0
        context = _context(user, rows)
        count = ngettext("%(count)s new notification", "%(count)s new notifications", len(rows)) % {"count": len(rows)}
        queue_mail(
            user,
            subject=_("Stellwerk: %(count)s") % {"count": count},
            text=render_to_string("core/mail/notifications.txt", context),
            html=render_to_string("core/mail/notifications.html", context),
        )
    return 1


@job("core.prune_notifications", title=gettext_lazy("Remove old notifications"), daily_at=dt.time(3, 45))
def prune_notifications(progress: Progress) -> dict[str, int]:
    """Read notifications are kept 180 days."""
    before = timezone.now() - dt.timedelta(days=180)
    return {"notifications": Notification.objects.filter(read_at__lt=before).delete()[0]}
