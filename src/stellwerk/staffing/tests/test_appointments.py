"""Appointments are moved and cancelled in place: the same entry in both calendars, and both sides are told."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from stellwerk.core.errors import Invalid, NotAllowed, WrongState
from stellwerk.core.models import AuditEntry, Mail
from stellwerk.staffing.models import Appointment, Match
from stellwerk.staffing.services import appointments, contacting, erasing
from stellwerk.staffing.tests.company import Staffing, match_of

SOON = timezone.now().replace(microsecond=0) + dt.timedelta(days=3)
LATER = SOON + dt.timedelta(days=1, hours=2)
BOTH = {"klaus@example.com", "frida@example.com"}


@pytest.fixture
def match(staffed: Staffing) -> Match:
    return match_of(staffed, key="MAT-0001", state="both_yes", revealed_at=timezone.now())


@pytest.fixture
def row(staffed: Staffing, match: Match) -> Appointment:
    made = appointments.invite(match=match, starts=SOON, minutes=45, place="Bremen, Raum 3", by=staffed.rosa)
    Mail.objects.all().delete()
    return made


def entries() -> dict[str, Calendar]:
    return {mail.to: Calendar.from_ical(mail.calendar) for mail in Mail.objects.exclude(calendar="")}


def move(made: Staffing, row: Appointment, **fields: object) -> Appointment:
    values = {"starts": LATER, "minutes": 60, "place": "Video", "text": "", "by": made.rosa, "uid": str(row.uid)}
    return appointments.move(match=row.match, **(values | fields))


def test_a_moved_appointment_keeps_its_uid_and_raises_its_sequence(staffed, row):
    moved = move(staffed, row)
    assert (moved.pk, moved.sequence, moved.starts, moved.minutes, moved.place) == (row.pk, 1, LATER, 60, "Video")
    told = entries()
    assert set(told) == BOTH
    for calendar in told.values():
        event = calendar.walk("VEVENT")[0]
        assert calendar["METHOD"] == "REQUEST" and event["UID"] == f"{row.uid}@stellwerk" and event["SEQUENCE"] == 1
        assert event["DTSTART"].dt == LATER and event["DTEND"].dt == LATER + dt.timedelta(minutes=60)
    was = timezone.localtime(SOON)
    for mail in Mail.objects.all():
        assert mail.subject.startswith(("Moved:", "Verschoben:")) and f"{was:%d.%m.%Y, %H:%M}" in mail.text
    assert AuditEntry.objects.filter(entity_type="staffing.match", verb="move").count() == 1


def test_moved_twice_and_cancelled_the_sequence_goes_on(staffed, row):
    move(staffed, row)
    move(staffed, row, starts=LATER + dt.timedelta(days=1))
    Mail.objects.all().delete()
    appointments.cancel(match=row.match, uid=str(row.uid), by=staffed.rosa)
    told = entries()
    assert set(told) == BOTH
    for to, calendar in told.items():
        event = calendar.walk("VEVENT")[0]
        assert calendar["METHOD"] == "CANCEL" and event["UID"] == f"{row.uid}@stellwerk" and event["SEQUENCE"] == 3
        assert event["STATUS"] == "CANCELLED" and str(event["ATTENDEE"]) == f"mailto:{to}"  # nobody else's address
    with pytest.raises(WrongState):
        move(staffed, row)


def test_what_makes_no_sense_is_refused(staffed, row):
    with pytest.raises(Invalid):
        move(staffed, row, starts=timezone.now() - dt.timedelta(minutes=1))
    with pytest.raises(Invalid):
        move(staffed, row, starts=SOON, minutes=45, place="Bremen, Raum 3")
    with pytest.raises(WrongState):
        move(staffed, row, uid="nonsense")
    with pytest.raises(WrongState):
        move(staffed, row, uid=str(uuid.uuid4()))
    assert not Mail.objects.exists() and Appointment.objects.get().sequence == 0


@pytest.mark.parametrize("who", ["klaus", "frida", "pia"])
def test_neither_side_moves_it_here(staffed, row, who):
    with pytest.raises(NotAllowed):
        move(staffed, row, by=staffed.users[who])


def test_an_appointment_of_another_match_is_not_reached(staffed, row):
    other = match_of(staffed, "fabian", key="MAT-0002", state="conversation")
    with pytest.raises(WrongState):
        appointments.move(match=other, uid=str(row.uid), starts=LATER, minutes=45, place="x", by=staffed.rosa)


def test_a_match_that_ends_takes_its_coming_appointments_back(staffed, row):
    row.match.refresh_from_db()
    contacting.end_talks(match=row.match, by=staffed.rosa, code="content")
    assert Appointment.objects.get().cancelled_at is not None
    assert {calendar["METHOD"] for calendar in entries().values()} == {"CANCEL"} and set(entries()) == BOTH


def test_erasure_tells_the_other_side_without_an_address_of_the_person(staffed, row, settings, tmp_path):
    settings.HOME = tmp_path
    erasing.erase_profile(profile=row.match.profile, by=staffed.rosa)
    assert set(entries()) == {"klaus@example.com"}
    mail = Mail.objects.exclude(calendar="").get()
    assert "frida" not in (mail.calendar + mail.text + mail.subject).casefold()


def test_the_page_moves_it_with_its_form_filled(staffed, row):
    rosa = staffed.client_of("rosa")
    page = reverse("staffing:match-detail", args=["MAT-0001"])
    text = rosa.get(f"{page}?move={row.uid}").content.decode()
    local = timezone.localtime(SOON)
    assert "Move the appointment" in text and f'value="{local:%Y-%m-%dT%H:%M}"' in text and "Bremen, Raum 3" in text
    assert "Move the appointment" not in rosa.get(page).content.decode()
    assert rosa.get(f"{page}?move=nonsense").status_code == 200
    act = reverse("staffing:match-act", args=["MAT-0001"])
    later = timezone.localtime(LATER)
    body = {"step": "move", "uid": str(row.uid), "starts": f"{later:%Y-%m-%dT%H:%M}", "minutes": "30", "place": "Video"}
    wrong = rosa.post(act, body | {"minutes": "2"})
    assert wrong.status_code == 422 and "You are moving" in wrong.content.decode()
    assert rosa.post(act, body).status_code == 302
    assert Appointment.objects.get().minutes == 30
    assert staffed.client_of("klaus").post(act, body | {"minutes": "45"}).status_code == 403
