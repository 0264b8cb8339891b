"""Talks of both sides: invitations as iCalendar mail, changes and cancellations; notes for the recruiters."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, WrongState
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.states import advance
from stellwerk.staffing.choices import Side
from stellwerk.staffing.mails_matching import recipients
from stellwerk.staffing.models import Appointment, Match, TalkNote
from stellwerk.staffing.services.locking import lock_match

TALKING = ("both_yes", "conversation")


@transaction.atomic
def invite(
    *, match: Match, starts: dt.datetime, minutes: int, place: str, text: str = "", by: User | None
) -> Appointment:
    """Invite both sides; the first invitation begins the conversation. Errors: ``Invalid`` (in the past), ``NotAllowed``, ``WrongState``."""
    match = _talking(match, by)
    _later(starts)
    row = Appointment.objects.create(
        match=match, starts=starts, minutes=minutes, place=place.strip(), text=text.strip()
    )
    if match.state == "both_yes":
        advance(match, "talk", by=by)
    record(match, by=by, verb="invite", changes={"appointment": [None, _moment(starts)]})
    _send(row, "REQUEST")
    return row


@transaction.atomic
def move(
    *, match: Match, uid: str, starts: dt.datetime, minutes: int, place: str, text: str = "", by: User | None
) -> Appointment:
    """Another time, place or message for the same appointment: both sides get it anew, and calendars replace the entry.

    Errors: ``Invalid`` (in the past, or nothing is different), ``NotAllowed``, ``WrongState`` (cancelled, or none of this match).
    """
    match = _talking(match, by)
    row = _living(match, uid)
    _later(starts)
    new = {"starts": starts, "minutes": minutes, "place": place.strip(), "text": text.strip()}
    before = {name: getattr(row, name) for name in new}
    if new == before:
        raise Invalid({"starts": [_("Nothing is different: choose another time or place.")]})
    for name, value in new.items():
        setattr(row, name, value)
    row.sequence += 1
    row.save(update_fields=[*new, "sequence", "updated_at"])
    record(match, by=by, verb="move", changes={"appointment": [_moment(before["starts"]), _moment(starts)]})
    _send(row, "REQUEST", was=before["starts"])
    return row


@transaction.atomic
def cancel(*, match: Match, uid: str, by: User | None) -> Appointment:
    """Take an invitation back; both sides get the cancellation. Errors: ``NotAllowed``, ``WrongState``."""
    match = _talking(match, by)
    return _take_back(_living(match, uid), by)


def cancel_coming(match: Match, by: User | None) -> int:
    """A match that ends takes its coming appointments back; how many. Part of the step that ends it."""
    rows = match.appointments.select_for_update().filter(cancelled_at=None, starts__gt=timezone.now())
    known = lock_match(match.pk)
    for row in rows:
        row.match = known
        _take_back(row, by)
    return len(rows)


def _take_back(row: Appointment, by: User | None) -> Appointment:
    row.cancelled_at, row.sequence = timezone.now(), row.sequence + 1
    row.save(update_fields=["cancelled_at", "sequence", "updated_at"])
    record(row.match, by=by, verb="invite", changes={"appointment": [_moment(row.starts), None]})
    _send(row, "CANCEL")
    return row


def _living(match: Match, uid: str) -> Appointment:
    """The appointment of this match, locked. Errors: ``WrongState``."""
    try:
        number = uuid.UUID(uid)
    except ValueError:
        number = uuid.UUID(int=0)
    row = match.appointments.select_for_update().filter(uid=number).first()
    if row is None or row.cancelled_at is not None:
        raise WrongState(_("This appointment is cancelled already, or there is none."))
    row.match = match
    return row


def _moment(at: dt.datetime) -> str:
    """As history tells it."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _later(starts: dt.datetime) -> None:
    if starts <= timezone.now():
        raise Invalid({"starts": [_("This moment is over: choose a later one.")]})


def _talking(match: Match, by: User | None) -> Match:
    require(by, "edit", match)
    found = lock_match(match.pk)
    if found.state not in TALKING:
        raise WrongState(_("Talks are arranged once both sides have said yes."))
    return found


def _send(row: Appointment, method: str, was: dt.datetime | None = None) -> None:
    """``was``: when it began before it was moved."""
    match = row.match
    people = {one.email.casefold(): one for side in Side.values for one in recipients(match, side)}
    for one in people.values():
        with translation.override(one.language):
            title = _("Talk about “%(title)s”") % {"title": match.vacancy}
            subject = _subject(title, method, was)
            local = timezone.localtime(row.starts)
            lines = [
                _("Dear %(name)s,") % {"name": one.name}, "",
                _("on %(day)s at %(time)s, %(minutes)s minutes, %(place)s.") % {
                    "day": formats.day(local.date()), "time": local.strftime("%H:%M"), "minutes": row.minutes, "place": row.place,
                },
                _news(method, was), row.text,
            ]  # fmt: skip
            queue_mail(
                one.email,
                subject=subject,
                text="\n".join(line for at, line in enumerate(lines) if line or at < 2),
                calendar=calendar_of(row, title, method, [one.email] if method == "CANCEL" else list(people)),
            )


def _subject(title: str, method: str, was: dt.datetime | None) -> str:
    if method == "CANCEL":
        return _("Cancelled: %(title)s") % {"title": title}
    return _("Moved: %(title)s") % {"title": title} if was is not None else title


def _news(method: str, was: dt.datetime | None) -> str:
    if method == "CANCEL":
        return _("This talk does not take place.")
    if was is None:
        return ""
    return _("This replaces the appointment of %(day)s.") % {
        "day": f"{formats.day(timezone.localtime(was).date())}, {timezone.localtime(was):%H:%M}"
    }


def calendar_of(row: Appointment, title: str, method: str, emails: list[str]) -> str:
    """RFC 5545 with the method of RFC 5546: REQUEST or CANCEL, the same UID and a growing SEQUENCE."""
    from email.utils import parseaddr

    from icalendar import Calendar, Event, vCalAddress

    calendar = Calendar()
    for name, value in (("prodid", "-//Stellwerk//Staffing//EN"), ("version", "2.0"), ("method", method)):
        calendar.add(name, value)
    event = Event()
    event.add("uid", f"{row.uid}@stellwerk")
    event.add("sequence", row.sequence)
    event.add("dtstamp", row.updated_at.astimezone(dt.UTC))
    event.add("dtstart", row.starts.astimezone(dt.UTC))
    event.add("dtend", (row.starts + dt.timedelta(minutes=row.minutes)).astimezone(dt.UTC))
    event.add("summary", title)
    event.add("location", row.place)
    event.add("description", row.text)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event["organizer"] = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    for email in emails:
        event.add("attendee", vCalAddress(f"mailto:{email}"), encode=False)
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


@transaction.atomic
def add_note(*, match: Match, text: str, by: User | None, question: str = "", rating: int | None = None) -> TalkNote:
    """A note of a talk, read by recruiters alone. Errors: ``Invalid``, ``NotAllowed``."""
    require(by, "edit", match)
    if not text.strip():
        raise Invalid({"text": [_("Please write something.")]})
    row: Any = TalkNote.objects.create(
        match=match, author=by, text=text.strip(), question=question.strip(), rating=rating
    )
    record(match, by=by, verb="note")  # what it says stays in the note, which recruiters alone read
    return row  # type: ignore[no-any-return]
