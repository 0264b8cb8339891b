"""What recruiters do day by day: talks that move and fall away, pay bands, and profiles whose time is over."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from icalendar import Calendar

from stellwerk.core.tests.installation import until
from tests.journeys import serving
from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import press

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FRIDA = "frida@people.example"
TALK = f"FROM staffing_appointment a JOIN staffing_match m ON m.id = a.match_id JOIN staffing_profile p ON p.id = m.profile_id WHERE p.email = '{FRIDA}'"  # fmt: skip
CONSENT = re.compile(r"/staffing/consent/\S+")


def entry(ask: Any) -> tuple[str, Any, Any]:
    """The latest calendar entry that was mailed to the candidate: subject, method, event."""
    subject, text = ask(
        f"SELECT subject, calendar FROM core_mail WHERE \"to\" = '{FRIDA}' AND calendar != '' ORDER BY id DESC"
    )
    calendar = Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")
    return subject, calendar["METHOD"], event


def test_a_talk_is_moved_and_cancelled_and_the_candidate_has_it_in_mail_calendar_and_my_day(visit, ask):
    match, number, sequence, place = ask(f"SELECT m.key, a.id, a.sequence, a.place {TALK} AND a.cancelled_at IS NULL ORDER BY a.starts DESC")  # fmt: skip
    frida = visit("frida").open("/")
    assert place in frida.page.locator("main").inner_text()
    rosa = visit("rosa").open(f"/staffing/matches/{match}")
    page = rosa.page
    row = page.locator("tr", has=page.get_by_role("link", name="Verschieben")).last
    press(row.get_by_role("link", name="Verschieben"))
    form = page.locator("form#appointment")
    assert form.locator("[name=place]").input_value() == place, "the form is filled with the appointment as it is"
    form.locator("[name=starts]").fill("2020-01-06T09:00")
    rosa.expecting(409, 422)
    press(form.locator("button[value=move]"))
    form = page.locator("form#appointment")
    assert form.locator("[name=starts]").get_attribute("aria-invalid") == "true", (
        "a moment that is over is refused at its field"
    )
    assert form.locator("[name=place]").input_value() == place
    day = dt.datetime.now().astimezone().date() + dt.timedelta(days=9)
    form.locator("[name=starts]").fill(f"{day}T14:15")
    form.locator("[name=place]").fill("Werk 2, Empfang")
    press(form.locator("button[value=move]"))

    subject, method, event = entry(ask)
    uid = str(event["UID"])
    assert (str(method), int(event["SEQUENCE"]), str(event["LOCATION"])) == ("REQUEST", sequence + 1, "Werk 2, Empfang")
    assert subject.startswith("Verschoben: ") and event.decoded("dtstart").astimezone().date() == day
    frida.open("/")
    assert "Werk 2, Empfang" in frida.page.locator("main").inner_text()
    frida.open(f"/staffing/matches/{match}")
    assert "14:15" in frida.page.locator("main").inner_text()
    assert frida.page.locator("button[value=cancel], button[value=move]").count() == 0

    rosa.open(f"/staffing/matches/{match}")
    row = page.locator("tr", has_text="Werk 2, Empfang")
    press(row.get_by_role("button", name="Termin absagen"))
    subject, method, event = entry(ask)
    assert (str(method), str(event["STATUS"]), int(event["SEQUENCE"]), str(event["UID"])) == (
        "CANCEL",
        "CANCELLED",
        sequence + 2,
        uid,
    )
    assert subject.startswith("Abgesagt: ")
    frida.open("/")
    assert "Werk 2, Empfang" not in frida.page.locator("main").inner_text()
    assert ask(f"SELECT cancelled_at IS NOT NULL, sequence FROM staffing_appointment WHERE id = {number}") == (
        1,
        sequence + 2,
    )
    no_faults(rosa, frida)


def test_a_pay_band_is_refused_added_changed_and_ended(visit, ask):
    rosa = visit("rosa").open("/staffing/pay-bands/new").expecting(409, 422)
    page = rosa.page
    role = ask(
        "SELECT r.id, r.name FROM people_role r WHERE r.archived_at IS NULL AND r.id NOT IN (SELECT role_id FROM staffing_payband)"
    )
    values = {"least": "64.000", "most": "48.000", "source": "Haustarif 2026"}

    def submit(**fields: str) -> None:
        form = page.locator("main form").filter(has=page.locator("[name=source]"))
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        press(form.locator("button[type=submit]").last)

    form = page.locator("main form").filter(has=page.locator("[name=source]"))
    form.locator("[name=role]").select_option(str(role[0]))
    form.locator("[name=day]").fill(f"{dt.datetime.now().astimezone().date():%Y-%m-%d}")
    submit(**values)
    assert "Die Gehaltsspanne endet unter ihrem Beginn." in page.locator("main").inner_text()
    assert page.locator("[name=source]").input_value() == "Haustarif 2026", "what was typed is kept"
    assert ask(f"SELECT count(*), 0 FROM staffing_payband WHERE role_id = {role[0]}")[0] == 0
    submit(most="82.000")
    number, least, most = ask(f"SELECT id, least, most FROM staffing_payband WHERE role_id = {role[0]}")
    assert (least, most) == (64_000_00, 82_000_00)

    rosa.open("/staffing/pay-bands/new")
    form = page.locator("main form").filter(has=page.locator("[name=source]"))
    form.locator("[name=role]").select_option(str(role[0]))
    form.locator("[name=day]").fill(f"{dt.datetime.now().astimezone().date():%Y-%m-%d}")
    submit(**values | {"most": "70.000"})
    assert "Für diese Rolle gibt es bereits ein Band" in page.locator("main").inner_text()

    rosa.open(f"/staffing/pay-bands/{number}")
    submit(most="85.000", reason="Tariferhöhung")
    assert ask(f"SELECT most, ended_on FROM staffing_payband WHERE id = {number}") == (85_000_00, None)
    rosa.open(f"/staffing/pay-bands/{number}")
    press(page.get_by_role("button", name="Band beenden"))
    assert ask(f"SELECT ended_on IS NOT NULL, 0 FROM staffing_payband WHERE id = {number}")[0] == 1
    klaus = visit("klaus").expecting(403, 404)
    assert klaus.page.goto("/staffing/pay-bands/").status in {403, 404}
    no_faults(rosa)


WRITE = """
from stellwerk.staffing.models import Consent, Profile
from stellwerk.core.models import Job
from stellwerk.core.jobs import enqueue
today = dt.date.fromisoformat(day)
rows = Profile.objects.filter(state="locked", user=None).order_by("pk")
over = rows.first()
Profile.objects.filter(pk=over.pk).update(erase_on=today)
ends = Consent.objects.filter(state="given", profile__state="active", profile__user=None, profile__partner=None).exclude(profile__email="").order_by("pk").first()
Consent.objects.filter(pk=ends.pk).update(expires=today + dt.timedelta(days=20), reminded_at=None)
tell({"key": over.key, "name": over.full_name, "last": over.last_name, "email": over.email, "asked": ends.profile.email})
"""
RUN = """
from stellwerk.core.jobs import enqueue
enqueue("staffing.profiles_daily")
"""


def test_a_profile_whose_time_is_over_is_erased_and_a_consent_that_ends_is_told(visit, ask, home):
    installation = serving.at(home)
    told = installation.script(WRITE, day=str(dt.datetime.now().astimezone().date()))
    rosa = visit("rosa").open(f"/staffing/profiles/{told['key']}")
    page = rosa.page
    main = page.locator("main").inner_text()
    assert (
        told["name"] in main
        and "Gesperrt: wird eine Zeit lang aufbewahrt und nicht genutzt." in main
        and "gelöscht" in main
    )

    installation.script(RUN)
    until(lambda: ask(f"SELECT state, 0 FROM staffing_profile WHERE key = '{told['key']}'")[0] == "erased", seconds=60)
    rosa.open(f"/staffing/profiles/{told['key']}")
    main = page.locator("main").inner_text()
    assert told["last"] not in main and told["email"] not in main
    assert "Die personenbezogenen Daten dieses Profils wurden gelöscht." in main
    assert page.get_by_role("link", name="Bearbeiten").count() == 0
    found = json.dumps(ask(f"SELECT group_concat(changes), group_concat(reason) FROM core_auditentry WHERE entity_type = 'staffing.profile' AND entity_key = '{told['key']}'"))  # fmt: skip
    assert told["last"] not in found and told["email"] not in found

    mails = f"SELECT text, subject FROM core_mail WHERE \"to\" = '{told['asked']}' AND text LIKE '%/staffing/consent/%' ORDER BY id DESC"
    until(lambda: ask(mails) is not None, seconds=60)
    text, subject = ask(mails)
    assert "Einwilligung" in subject
    person = visit("visitor").open(CONSENT.search(text)[0])
    press(person.page.locator("button[name=step][value=renew]"))
    state = ask(f"SELECT c.state, c.expires FROM staffing_consent c JOIN staffing_profile p ON p.id = c.profile_id WHERE p.email = '{told['asked']}' AND c.state = 'renewed'")  # fmt: skip
    assert state is not None and dt.date.fromisoformat(state[1]) > dt.datetime.now().astimezone().date() + dt.timedelta(
        days=300
    )
    no_faults(rosa, person)
