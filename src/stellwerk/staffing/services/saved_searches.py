"""Searches of the job board that mail what is new. No account: the links of the mails are the key.

A link is signed with the installation's key, so that nobody who reads the table can end or confirm a search.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.errors import Refused
from stellwerk.core.mail import queue_mail
from stellwerk.core.notify import absolute
from stellwerk.staffing.models import SavedSearch, Vacancy
from stellwerk.staffing.selectors.ads import pay_told, place_told
from stellwerk.staffing.selectors.board import Search, ads_of, find

DAYS: Final = 180
CONFIRM_HOURS: Final = 48
MOST: Final = 10
"""Searches of one address; also the most mails it can be sent before somebody confirms."""
IN_MAIL: Final = 20
_SIGNER = Signer(salt="stellwerk.board.search")


def token_of(search: SavedSearch) -> str:
    return _SIGNER.sign(search.digest)


def search_of(token: str) -> SavedSearch | None:
    """The search behind a link, unless it has ended or was never confirmed in time."""
    try:
        digest = _SIGNER.unsign(token)
    except BadSignature:
        return None
    row = SavedSearch.objects.filter(digest=digest).first()
    if row is None or (row.expires is not None and row.expires < timezone.localdate()):
        return None
    late = row.created_at < timezone.now() - dt.timedelta(hours=CONFIRM_HOURS)
    return None if row.confirmed_at is None and late else row


def address_of(search: SavedSearch) -> str:
    """The list with this search."""
    return reverse("board:list") + (f"?{search.query}" if search.query else "")


@transaction.atomic
def save(*, email: str, query: str, language: str) -> None:
    """Keep the search until its address is confirmed, and mail the link; the same one again is not mailed twice.

    Errors: ``Refused`` (too many of one address).
    """
    address = email.strip().lower()
    forget(timezone.now())  # what was never confirmed does not stand in the way of asking once more
    if SavedSearch.objects.filter(email=address).count() >= MOST:
        raise Refused(
            _("There are ten searches for this address already."), _("End one of them by the link in its mails."), code="too_many"
        )  # fmt: skip
    row, fresh = SavedSearch.objects.get_or_create(
        email=address, query=query, defaults={"digest": secrets.token_hex(32), "language": language}
    )
    if not fresh:  # whoever asks learns nothing, and nobody is flooded by pressing again
        return
    with translation.override(language):
        queue_mail(
            address,
            subject=_("Please confirm: mail about new vacancies"),
            text="\n\n".join(
                [
                    _("Hello,"),
                    _("with this link you confirm that you want mail about new vacancies. It works for %(hours)s hours:") % {"hours": CONFIRM_HOURS},
                    _link(row),
                    _("It was not you? Then do nothing: what was entered is erased."),
                ]
            ),
        )  # fmt: skip


def _link(row: SavedSearch) -> str:
    return absolute(reverse("board:search", args=[token_of(row)]))


@transaction.atomic
def confirm(*, search: SavedSearch) -> None:
    """From now on, for 180 days; again: 180 days from today. Errors: ``Refused`` (it has ended)."""
    now = timezone.now()
    row = SavedSearch.objects.select_for_update().filter(pk=search.pk).first()
    if row is None:  # ended meanwhile, in another window
        raise Refused(_("The search has ended"), _("Save it anew on the job board."), code="ended")
    row.confirmed_at = row.confirmed_at or now
    row.seen_until = row.seen_until or now
    row.expires = timezone.localdate() + dt.timedelta(days=DAYS)
    row.save(update_fields=["confirmed_at", "seen_until", "expires"])


@transaction.atomic
def end(*, search: SavedSearch) -> None:
    SavedSearch.objects.filter(pk=search.pk).delete()


def forget(now: dt.datetime) -> int:
    """Searches that have expired, and those that nobody confirmed, are erased."""
    late = SavedSearch.objects.filter(confirmed_at=None, created_at__lt=now - dt.timedelta(hours=CONFIRM_HOURS))
    ended = SavedSearch.objects.filter(expires__lt=timezone.localdate(now))
    return late.delete()[0] + ended.delete()[0]


@transaction.atomic
def tell(*, search: SavedSearch, now: dt.datetime) -> int:
    """Mail what came online since the last mail; nothing new, no mail. Returns how many ads."""
    row = SavedSearch.objects.select_for_update().filter(pk=search.pk).first()
    if row is None or row.confirmed_at is None:
        return 0
    pks = list(find(Search.parse(row.query), newer_than=row.seen_until or row.confirmed_at).pks)
    row.seen_until = now
    row.save(update_fields=["seen_until"])
    if pks:
        with translation.override(row.language):
            _mail_new(row, ads_of(pks[:IN_MAIL]), len(pks))
    return len(pks)


def _mail_new(row: SavedSearch, ads: list[Vacancy], count: int) -> None:
    lines = [_("Hello,"), ngettext("%(count)s new vacancy fits your search:", "%(count)s new vacancies fit your search:", count) % {"count": count}]  # fmt: skip
    for ad in ads:
        told = " · ".join(text for text in (place_told(ad), pay_told(ad)) if text)
        lines.append(
            "\n".join(text for text in (str(ad), told, absolute(reverse("board:ad", args=[ad.number]))) if text)
        )
    if count > len(ads):
        lines.append(_("All of them: %(address)s") % {"address": absolute(address_of(row))})
    lines.append(_("End this search, or go on for another 180 days:") + "\n" + _link(row))
    subject = ngettext("%(count)s new vacancy", "%(count)s new vacancies", count) % {"count": count}
    queue_mail(row.email, subject=subject, text="\n\n".join(lines))
