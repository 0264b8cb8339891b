"""Acceptance scenario 12: from an uncovered demand by a vacancy, a partner's candidate and two answers to a firm booking; nothing is typed twice."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
import sys
import zipfile
from typing import Any

import pytest

from stellwerk.staffing.law.freelance import SIGNS
from tests.journeys import serving
from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import press, take_step

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CV = """Nora Falk
Berufserfahrung
03/2019 - heute Projektcontrollerin, Hafenbau AG
Monatsabschluss in SAP PS, Earned Value Management
Sprachen
Französisch B1
"""
PASSWORD = "blue-harbour-seven-owls"
EMPLOYED = {one.code for one in SIGNS if one.employed}
LINK = re.compile(r"/staffing/answer/[\w-]+")
CONFIRM = re.compile(r"/staffing/join/confirm/\S+")


@pytest.fixture(scope="module")
def story(home) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.staffing_story"],
        cwd=serving.ROOT, env=serving.at(home).environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def raised(visit: Any, ask: Any, story: dict[str, Any]) -> str:
    """One click of the project manager; the key of the vacancy. What the demand says stands in it."""
    paul = visit("paul").open(f"/resources/demands/{story['demand']}")
    take_step(paul.page, "Stelle ausschreiben")
    key, first, last, role, start = ask(f"SELECT v.key, v.start, v.last_day, r.name, v.workload_least FROM staffing_vacancy v JOIN people_role r ON r.id = v.role_id WHERE v.demand_id = {story['number']}")  # fmt: skip
    assert (first, last, role, start) == (story["first"], story["last"], story["role"], 75)
    paul.open(f"/staffing/vacancies/{key}")
    assert (
        paul.page.locator("a.bt[data-open]", has_text="Freigeben").count() == 0
        or paul.page.locator("a.bt[aria-disabled]", has_text="Freigeben").count()
    ), "who raised it does not approve it"
    no_faults(paul)
    return str(key)


def published(visit: Any, ask: Any, vacancy: str, story: dict[str, Any]) -> None:
    """The recruiter adds what no demand can know, approves, publishes, and lets one partner propose."""
    rosa = visit("rosa").open(f"/staffing/vacancies/{vacancy}/edit")
    page = rosa.page
    form = page.locator("main form").filter(has=page.locator("[name=tasks]"))
    assert form.locator("[name=title]").input_value() == f"{story['role']} (m/w/d)"
    for name, value in {
        "tasks": "Terminplan führen\nFortschritt messen", "wanted": "Erfahrung in der Terminplanung", "postcode": "28195", "city": "Bremen",
        "tasks_en": "Keep the schedule\nMeasure progress", "wanted_en": "Experience in scheduling", "pay_least": "80", "pay_most": "120", "rate_cap": "140",
    }.items():  # fmt: skip
        form.locator(f"[name={name}]").fill(value)
    press(form.locator("button[type=submit]").last)
    take_step(page, "Freigeben")
    take_step(page, "Veröffentlichen")
    share = page.locator("form[action$='/partners']")
    share.locator(f"input[value='{story['partner']}']").check()
    press(share.locator("button"))
    assert ask(f"SELECT state FROM staffing_vacancy WHERE key = '{vacancy}'")[0] == "published"
    no_faults(rosa)


def proposed(visit: Any, ask: Any, vacancy: str, story: dict[str, Any]) -> str:
    """The partner proposes its own candidate; the other partner's is not there for it, and no money of the house."""
    pia = visit("pia").open(f"/staffing/vacancies/{vacancy}")
    page = pia.page
    assert story["project"] not in page.locator("main").inner_text(), "a project's name does not go out"
    form = page.locator("form[action$='/propose']")
    assert form.locator(f"option[value='{story['other']}']").count() == 0
    form.locator("[name=profile]").select_option(value=story["candidate"])
    form.locator("[name=override]").fill("Aus einem früheren Projekt gut bekannt.")
    press(form.locator("button"))
    key = ask(f"SELECT m.key FROM staffing_match m JOIN staffing_profile p ON p.id = m.profile_id JOIN staffing_vacancy v ON v.id = m.vacancy_id WHERE p.key = '{story['candidate']}' AND v.key = '{vacancy}'")[0]  # fmt: skip
    pia.expecting(403, 404)
    for path in (f"/staffing/profiles/{story['other']}", f"/staffing/profiles/{story['other']}/edit", "/money/budgets/", "/money/months/", f"/resources/demands/{story['demand']}"):  # fmt: skip
        assert page.goto(path).status in {403, 404}, path
    assert page.goto("/staffing/profiles/").status == 200
    assert page.locator(f"a[href$='{story['other']}']").count() == 0
    assert page.locator("nav.side a[href^='/money/'], nav.side a[href^='/people/']").count() == 0
    no_faults(pia)
    return str(key)


def answered(visit: Any, ask: Any, match: str, story: dict[str, Any]) -> None:
    """The recruiter confirms, each side opens the link of its own mail; names stay covered until both have said yes."""
    rosa = visit("rosa").open(f"/staffing/matches/{match}")
    newest = ask("SELECT coalesce(max(id), 0) FROM core_mail")[0]
    press(rosa.page.locator("button[name=step][value=ask]"))
    no_faults(rosa)
    asked = f'FROM core_mail WHERE id > {newest} AND text LIKE "%/staffing/answer/%"'
    to_partner = ask(f"SELECT text {asked} AND \"to\" = 'pia@sommer.example'")[0]
    to_company = ask(f"SELECT text {asked} AND \"to\" = 'paul@nordlicht.example'")[0]
    assert story["surname"] not in to_company
    for number, text in enumerate((to_company, to_partner)):
        somebody = visit("visitor").open(LINK.search(text)[0])
        main = somebody.page.locator("main")
        if text == to_company:
            assert story["surname"] not in main.inner_text(), "covered until both have said yes"
        revealed = f"SELECT state, revealed_at IS NOT NULL FROM staffing_match WHERE key = '{match}'"
        assert ask(revealed)[1] == 0
        press(main.locator("button[name=answer][value=yes]"))
        assert ask(revealed) == ("one_yes", 0) if number == 0 else ("both_yes", 1)
        no_faults(somebody)
    twice = visit("visitor").expecting(404, 409, 410)
    assert twice.page.goto(LINK.search(to_company)[0]).status in {404, 409, 410}, "a link works once"


def talked(visit: Any, ask: Any, match: str) -> None:
    rosa = visit("rosa").open(f"/staffing/matches/{match}")
    page = rosa.page
    form = page.locator("form#appointment")
    form.locator("[name=starts]").fill(f"{dt.datetime.now().astimezone().date() + dt.timedelta(days=3)}T10:00")
    form.locator("[name=place]").fill("Besprechungsraum 2")
    press(form.locator("button[value=appointment]"))
    page.get_by_role("button", name="Termin absagen").wait_for()
    assert ask('SELECT count(*) FROM core_mail WHERE calendar LIKE "%Besprechungsraum 2%"')[0] >= 2
    no_faults(rosa)


def contracted(visit: Any, ask: Any, match: str, story: dict[str, Any]) -> str:
    """The draft is filled by the match; the controller approves it; both sign."""
    rosa = visit("rosa").open(f"/staffing/matches/{match}")
    page = rosa.page
    press(page.get_by_role("link", name="Vertrag anlegen"))
    form = page.locator("main form").filter(has=page.locator("[name=weekly_hours]"))
    german = [f"{dt.date.fromisoformat(story[name]):%d.%m.%Y}" for name in ("first", "last")]
    days = [form.locator(f"[name={name}]").input_value() for name in ("first", "last")]
    assert days in (german, [story["first"], story["last"]]), "the days of the demand"
    assert form.locator("[name=rate]").input_value().startswith("140"), "the cap of the vacancy"
    assert form.locator("[name=pay]").input_value() and form.locator("[name=unit_of_person]").input_value()
    press(form.locator("button[type=submit]").last)
    key = str(ask("SELECT key FROM staffing_contract ORDER BY id DESC LIMIT 1")[0])
    for choice in page.locator("select[name^='sign-']").all():
        code = (choice.get_attribute("name") or "").removeprefix("sign-")
        choice.select_option("no" if code in EMPLOYED else "yes")
    press(page.locator("button[value=signs]"))
    conny = visit("conny").open(f"/staffing/contracts/{key}")
    take_step(conny.page, "Freigeben")
    rosa.open(f"/staffing/contracts/{key}")
    take_step(page, "Versenden")
    form = page.locator("form").filter(has=page.locator("button[value=sign]"))
    for side in [one.get_attribute("value") for one in form.locator("[name=side] option").all()]:
        form.locator("[name=side]").select_option(side)
        form.locator("[name=name]").fill(f"Unterschrift {side}")
        form.locator("[name=way]").select_option("text")
        form.locator("[name=signed_on]").fill(str(dt.datetime.now().astimezone().date()))
        press(form.locator("button[value=sign]"))
    take_step(page, "Von allen unterschrieben")
    no_faults(rosa, conny)
    return key


def test_an_uncovered_demand_becomes_a_firm_booking_and_nothing_is_typed_twice(visit, ask, story):
    vacancy = raised(visit, ask, story)
    published(visit, ask, vacancy, story)
    match = proposed(visit, ask, vacancy, story)
    answered(visit, ask, match, story)
    talked(visit, ask, match)
    contract = contracted(visit, ask, match, story)
    state, person, first, last, booking = ask(f"SELECT a.state, p.last_name, a.first, a.last, a.key FROM resources_allocation a JOIN people_person p ON p.id = a.person_id JOIN staffing_contract c ON c.allocation_id = a.id WHERE c.key = '{contract}' AND a.demand_id = {story['number']}")  # fmt: skip
    assert (state, person, first, last) == ("hard", story["surname"], story["first"], story["last"])
    wanted = ask(f"SELECT SUM(minutes), 0 FROM resources_demandweek WHERE demand_id = {story['number']}")[0]
    booked = ask(f"SELECT SUM(w.minutes), 0 FROM resources_allocationweek w JOIN resources_allocation a ON a.id = w.allocation_id WHERE a.key = '{booking}'")[0]  # fmt: skip
    assert wanted * 0.85 < booked <= wanted, "the demanded hours less those of public holidays"
    after = ("filled", "filled" if booked == wanted else "partly_filled")
    assert ask(f"SELECT v.state, d.state FROM staffing_vacancy v JOIN resources_demand d ON d.id = v.demand_id WHERE v.key = '{vacancy}'") == after  # fmt: skip
    paul = visit("paul").open(f"/resources/demands/{story['demand']}")
    row = paul.page.locator("tr", has_text=story["surname"])
    row.locator(f"a[href$='{booking}']").wait_for()
    no_faults(paul)


def cv(text: str) -> bytes:
    stream = io.BytesIO()
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{lines}</w:body></w:document>')  # fmt: skip
    return stream.getvalue()


def test_an_applicant_registers_without_scripts_confirms_the_mail_and_corrects_what_was_understood_of_the_cv(
    visit, ask
):
    nora = visit("visitor", java_script_enabled=False)
    page = nora.page
    page.goto("/jobs/")
    page.goto("/staffing/join/applicant")
    for name, value in {"first_name": "Nora", "last_name": "Falk", "email": "nora.falk@applicant.example", "skills": "PMO"}.items():  # fmt: skip
        page.locator(f"form [name={name}]").fill(value)
    press(page.locator("main form button[type=submit]"))
    page.locator(
        "[name=first_name]"
    ).wait_for()  # without consent: told at the field, and what was typed is still there
    assert page.locator("[name=last_name]").input_value() == "Falk"
    page.locator("form [name=process]").check()
    press(page.locator("main form button[type=submit]"))
    assert page.url.endswith("/staffing/join/sent")
    text = ask("SELECT text, 0 FROM core_mail WHERE \"to\" = 'nora.falk@applicant.example' ORDER BY id DESC")[0]
    page.goto(CONFIRM.search(text)[0])
    for name in ("password", "again"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    press(page.locator("main form button[type=submit]"))
    assert "Nora Falk" in page.locator("main").inner_text()

    key = ask("SELECT p.key, 0 FROM staffing_profile p WHERE p.email = 'nora.falk@applicant.example'")[0]
    page.goto(f"/staffing/profiles/{key}/cv")
    page.locator("input[type=file]").set_input_files(
        {"name": "lebenslauf.docx", "mimeType": "application/octet-stream", "buffer": cv(CV)}
    )
    press(page.locator("form:has(input[type=file]) button[type=submit]"))
    taken = page.locator("input[name=take]")
    assert page.locator("input[name=take][value=skill-sap_ps]").count() == 1
    for box in taken.all():
        box.set_checked(box.get_attribute("value") in {"skill-sap_ps", "language-fr"})
    page.locator("[name=level-language-fr]").select_option("4")  # she has learned since
    press(page.locator("main form button.p[type=submit]"))
    found = ask(f"SELECT COUNT(*), SUM(t.code = 'sap_ps') FROM staffing_profileterm x JOIN staffing_term t ON t.id = x.term_id JOIN staffing_profile p ON p.id = x.profile_id WHERE p.key = '{key}'")  # fmt: skip
    assert found[1] == 1
    assert ask(f"SELECT l.level, 0 FROM staffing_profilelanguage l JOIN staffing_profile p ON p.id = l.profile_id WHERE p.key = '{key}' AND l.code = 'fr'")[0] == 4  # fmt: skip
    nora.expecting(422)
    assert [one for one in nora.faults if not one.startswith("422")] == []
