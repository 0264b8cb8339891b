"""Vacancies from a demand and by form, their ads with checks, partners, and the entrance of companies."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.history import entries_of, lines
from stellwerk.core.models import Mail, User
from stellwerk.core.states import advance
from stellwerk.people.models import Role, Skill
from stellwerk.resources.models import Demand, DemandSkill
from stellwerk.resources.services.requests import raise_vacancy
from stellwerk.staffing.ad_checks import Ad, check_ad, reading_ease
from stellwerk.staffing.models import Client, PayBand, Registration, Vacancy
from stellwerk.staffing.pay_guidance import guidance_for
from stellwerk.staffing.selectors.ads import ad_of, bullets
from stellwerk.staffing.services import companies
from stellwerk.staffing.services.registrations import registration_of
from stellwerk.staffing.services.vacancies import (
    copy_vacancy,
    create_vacancy,
    edit_vacancy,
    share_vacancy,
    workload_of,
)


def open_demand(staffed, **fields):
    demand = Demand.objects.create(
        key="DEM-9100", project=staffed.cast.project, title="Terminplanung", unit=staffed.cast.unit, first=dt.date(2027, 2, 1),
        last=dt.date(2027, 4, 30), state="open", role=Role.objects.create(key="ROL-9", name="Terminplaner", name_en="Scheduler"), **fields,
    )  # fmt: skip
    for number in range(4):
        demand.weeks.create(monday=dt.date(2027, 2, 1) + dt.timedelta(weeks=number), minutes=24 * 60)
    skill = Skill.objects.create(key="SKL-9", name="Terminplanung", name_en="Scheduling")
    own = Skill.objects.create(key="SKL-10", name="Werksnorm 17")
    DemandSkill.objects.create(demand=demand, skill=skill, level=3, must=True)
    DemandSkill.objects.create(demand=demand, skill=own, level=2, must=False)
    return demand


# ── from a demand ────────────────────────────────────────────────────────────────────────────────


def test_a_demand_becomes_a_vacancy_in_one_click_with_nothing_typed_again(staffed):
    demand = open_demand(staffed)
    raise_vacancy(demand=demand, by=staffed.cast.paul)
    vacancy = Vacancy.objects.get(demand=demand)
    assert (vacancy.title, vacancy.title_en) == ("Terminplaner (m/w/d)", "Scheduler (m/f/d)")
    assert (vacancy.start, vacancy.last_day, vacancy.workload_least) == (demand.first, demand.last, 60)
    assert {(row.term.code, row.kind, row.level) for row in vacancy.terms.all()} == {("scheduling", "must", 3), ("org:SKL-10", "should", 2)}  # fmt: skip
    assert vacancy.client.own and vacancy.state == "draft"
    ad = ad_of(vacancy, "de")
    assert "Lubmin" not in repr(ad) and "PRJ" not in repr(ad)


def test_whoever_raised_it_does_not_approve_it(staffed):
    demand = open_demand(staffed)
    raise_vacancy(demand=demand, by=staffed.cast.petra)
    vacancy = Vacancy.objects.get(demand=demand)
    with pytest.raises(NotAllowed):
        advance(vacancy, "approve", by=staffed.cast.petra)
    assert advance(vacancy, "approve", by=staffed.rosa).state == "approved"


def test_a_cancelled_vacancy_opens_its_demand_again(staffed):
    demand = open_demand(staffed)
    raise_vacancy(demand=demand, by=staffed.cast.paul)
    advance(Vacancy.objects.get(demand=demand), "cancel", by=staffed.rosa, reason="Done inside")
    demand.refresh_from_db()
    assert demand.state == "open"


def test_a_cancelled_demand_ends_its_vacancy(staffed):
    demand = open_demand(staffed)
    raise_vacancy(demand=demand, by=staffed.cast.paul)
    demand.refresh_from_db()
    advance(demand, "cancel", by=staffed.cast.paul, reason="Scope is gone")
    assert Vacancy.objects.get(demand=demand).state == "cancelled"


@pytest.mark.parametrize(("hours", "share"), [(40, 100), (20, 50), (8, 20), (2, 10), (60, 100)])
def test_the_workload_is_the_mean_week_against_forty_hours(staffed, hours, share):
    demand = open_demand(staffed)
    demand.weeks.update(minutes=hours * 60)
    assert workload_of(demand) == share


# ── by form ──────────────────────────────────────────────────────────────────────────────────────


def values(staffed, **more):
    return {"client": staffed.client, "title": "PMO (m/w/d)", "contract_forms": ["permanent"], "tasks": "Berichte", "pay_least": 50_000_00, "pay_most": 60_000_00} | more  # fmt: skip


def test_numbers_of_ads_are_given_once(staffed):
    first, second = (create_vacancy(values=values(staffed), by=staffed.rosa) for _time in range(2))
    assert second.number == first.number + 1 and first.reference == f"{first.number}/1"


def test_a_client_describes_its_own_need_and_no_other(staffed):
    assert create_vacancy(values=values(staffed), by=staffed.klaus).state == "draft"
    with pytest.raises(NotAllowed):
        create_vacancy(values=values(staffed), by=staffed.kerstin)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"pay_least": 70_000_00}, "pay_most"),
        ({"start": dt.date(2027, 5, 1), "last_day": dt.date(2027, 4, 1)}, "last_day"),
        ({"start": dt.date(2027, 5, 1), "latest_start": dt.date(2027, 4, 1)}, "latest_start"),
        ({"workload_least": 80, "workload_most": 60}, "workload_most"),
        ({"contract_forms": ["slavery"]}, "contract_forms"),
        ({"latitude": 53.0}, "longitude"),
    ],
)
def test_what_contradicts_itself_is_told_at_its_field(staffed, fields, place):
    with pytest.raises(Invalid) as refusal:
        create_vacancy(values=values(staffed, **fields), by=staffed.rosa)
    assert place in refusal.value.errors


def test_nobody_is_lent_into_the_construction_trade(staffed):
    Client.objects.filter(pk=staffed.client.pk).update(construction=True)
    staffed.client.refresh_from_db()
    with pytest.raises(Invalid):
        create_vacancy(values=values(staffed, contract_forms=["lending"]), by=staffed.rosa)


def test_a_published_ad_that_changes_gets_the_next_edition(staffed):
    online = staffed.vacancies["online"]
    edited = edit_vacancy(vacancy=online, values={"tasks": "Anderes"}, by=staffed.rosa)
    assert edited.reference == "821407/2"
    assert edit_vacancy(vacancy=edited, values={"wishes": "Ruhe"}, by=staffed.rosa).reference == "821407/2"
    with pytest.raises(NotAllowed):
        edit_vacancy(vacancy=online, values={"tasks": "x"}, by=staffed.pia)


def test_a_copy_is_a_draft_with_a_number_of_its_own(staffed):
    made = copy_vacancy(vacancy=staffed.vacancies["online"], by=staffed.rosa)
    assert (made.state, made.edition, made.terms.count(), made.languages.count()) == ("draft", 1, 3, 1)
    assert made.number != 821407 and staffed.vacancies["online"].terms.count() == 3


# ── ads ──────────────────────────────────────────────────────────────────────────────────────────


def test_no_ad_goes_out_with_an_error(staffed):
    vacancy = create_vacancy(values=values(staffed, title="PMO", pay_least=None, pay_most=None), by=staffed.rosa)
    vacancy = advance(vacancy, "approve", by=staffed.cast.petra)
    with pytest.raises(WrongState) as refusal:
        advance(vacancy, "publish", by=staffed.rosa)
    assert "(m/w/d)" in str(refusal.value.message) and "pay range" in str(refusal.value.message)
    edit_vacancy(
        vacancy=vacancy, values={"title": "PMO (m/w/d)", "pay_reason": "Told in the first call"}, by=staffed.rosa
    )
    assert advance(vacancy, "publish", by=staffed.rosa).published_at is not None


def test_nothing_is_approved_for_a_client_that_nobody_has_accepted(staffed):
    Client.objects.filter(pk=staffed.client.pk).update(accepted_at=None)
    vacancy = create_vacancy(values=values(staffed), by=staffed.rosa)
    with pytest.raises(WrongState):
        advance(vacancy, "approve", by=staffed.cast.petra)


@pytest.mark.parametrize(
    ("fields", "code", "severity"),
    [
        ({"title": "Project manager"}, "AD001", "error"),
        ({"wanted": "Wir suchen ein junges Team"}, "AD002", "warning"),
        ({"wanted": "Deutsch als Muttersprachler"}, "AD002", "warning"),
        ({"wanted": "Bitte mit Bewerbungsfoto"}, "AD003", "warning"),
        ({"pay_told": False}, "AD010", "error"),
        ({"pay_told": False, "pay_reason": "Tariff still open"}, "AD011", "note"),
        ({"wanted": "Bitte nennen Sie Ihr bisheriges Gehalt"}, "AD012", "error"),
        ({"tasks": ""}, "AD020", "error"),
        ({"start": False}, "AD022", "warning"),
        ({"place": False}, "AD023", "warning"),
        ({"contracts": False}, "AD024", "error"),
        ({"musts": 9}, "AD030", "warning"),
        ({"tasks": "wort " * 30}, "AD031", "note"),
    ],
)
def test_each_check_finds_its_fault(fields, code, severity):
    good = {"language": "de", "title": "PMO (m/w/d)", "tasks": "Berichte schreiben", "wanted": "Sorgfalt", "pay_told": True, "start": True, "place": True, "contracts": True, "musts": 3}  # fmt: skip
    assert check_ad(Ad(**good)) == []
    assert (code, severity) in {(one.code, one.severity) for one in check_ad(Ad(**(good | fields)))}


def test_reading_ease_is_flesch_and_amstad():
    # 20 words of one syllable in two sentences: w = 10, s = 1.
    text = "Der Hund lief aus dem Haus und war weg. Er kam nicht mehr zu uns her und war still im Wald."
    words = re.findall(r"[^\W\d_]+", text)
    assert len(words) == 21 and reading_ease("kurz", "de") is None
    assert reading_ease(text, "de") == pytest.approx(180 - 10.5 - 58.5, abs=1e-9)
    assert reading_ease(text, "en") == pytest.approx(206.835 - 1.015 * 10.5 - 84.6, abs=1e-9)


def test_bullets_lose_their_signs():
    assert bullets("• Eins\n- Zwei\n\n▪ Drei ") == ["Eins", "Zwei", "Drei"]


def test_an_ad_of_a_covered_client_does_not_name_it(staffed):
    assert "Weserstahl" not in repr(ad_of(staffed.vacancies["online"], "de"))
    Client.objects.filter(pk=staffed.client.pk).update(covered=False)
    assert ad_of(Vacancy.objects.get(key="VAC-0001"), "en").company == "Weserstahl GmbH"


def test_own_pay_bands_replace_the_general_guidance(staffed):
    vacancy = staffed.vacancies["raised"]
    assert [(one.least, one.most) for one in guidance_for(vacancy)] == [(None, 43_000_00), (55_000_00, 77_000_00)]
    PayBand.objects.create(organisation=vacancy.organisation, role=vacancy.role, least=60_000_00, most=80_000_00, source="Haustarif", day=dt.date(2026, 1, 1))  # fmt: skip
    assert [(one.least, one.own) for one in guidance_for(vacancy)] == [(60_000_00, True)]


# ── who sees what ────────────────────────────────────────────────────────────────────────────────


def test_partners_see_what_is_shared_and_neither_client_nor_cap(staffed):
    page = staffed.client_of("pia").get("/staffing/vacancies/VAC-0001")
    assert page.status_code == 200 and b"Weserstahl" not in page.content and b"120" not in page.content
    assert staffed.client_of("pavel").get("/staffing/vacancies/VAC-0001").status_code == 404
    share_vacancy(vacancy=staffed.vacancies["online"], partners=[staffed.other_partner], by=staffed.rosa)
    assert staffed.client_of("pavel").get("/staffing/vacancies/VAC-0001").status_code == 200
    assert staffed.client_of("pia").get("/staffing/vacancies/VAC-0001").status_code == 404


def test_clients_see_their_own_and_nothing_of_others(staffed):
    assert staffed.client_of("klaus").get("/staffing/vacancies/VAC-0001").status_code == 200
    assert staffed.client_of("klaus").get("/staffing/vacancies/VAC-0002").status_code == 404
    assert staffed.client_of("klaus").get("/staffing/clients/CLI-0003").status_code == 404


def test_the_pages_open_for_recruiters(staffed):
    browser = staffed.client_of("rosa")
    for path in ("vacancies/", "vacancies/new", "vacancies/VAC-0001", "vacancies/VAC-0001?ad=en", "vacancies/VAC-0001/edit", "vacancies/VAC-0003",
                 "clients/", "clients/new", "clients/CLI-0002", "clients/CLI-0002/edit", "partners/", "partners/new", "partners/PAR-0001", "partners/PAR-0001/edit"):  # fmt: skip
        assert browser.get(f"/staffing/{path}").status_code == 200, path


# ── the entrance of companies ────────────────────────────────────────────────────────────────────


def joined(client, **more):
    data = {"company": "Nordsee Fisch AG", "name": "Karla Kutter", "email": "karla@nordsee.example", "title": "Projektleitung", "need": "Kühlhaus bauen\nTermine halten", "process": "on"}  # fmt: skip
    return client.post("/staffing/join/company", data | more)


def link():
    return re.search(r"/staffing/join/company/([\w-]+)", Mail.objects.latest("pk").text).group(1)


def test_a_company_registers_confirms_and_has_its_draft(staffed, client):
    assert joined(client).status_code == 302
    path = f"/staffing/join/company/{link()}"
    assert client.get(path).status_code == 200 and not Client.objects.filter(name="Nordsee Fisch AG").exists()
    answer = client.post(path, {"password": "a-long-enough-secret-17"})
    made = Client.objects.get(name="Nordsee Fisch AG")
    assert answer.status_code == 302 and made.accepted_at is None
    vacancy = made.vacancies.get()
    assert (vacancy.title, vacancy.state, vacancy.owner.email) == ("Projektleitung", "draft", "karla@nordsee.example")
    assert client.get(path).status_code == 410  # a link works once
    assert companies.accept_client(client=made, by=staffed.rosa).accepted_at is not None


def test_a_program_that_fills_the_trap_registers_nothing(client, db):
    assert joined(client, website="http://spam.example").status_code == 302
    assert not Registration.objects.exists()


def test_a_known_address_is_told_by_mail_only(staffed, client):
    assert joined(client, email="klaus@example.com").status_code == 302
    assert (
        "/accounts/login/" in Mail.objects.latest("pk").text
        and User.objects.filter(email="klaus@example.com").count() == 1
    )


def test_others_accept_no_client(staffed):
    Client.objects.filter(pk=staffed.client.pk).update(accepted_at=None)
    with pytest.raises(NotAllowed):
        companies.accept_client(client=staffed.client, by=staffed.klaus)
    with pytest.raises(Refused):
        registration_of("guessed", companies.COMPANIES)


def test_a_partner_reads_in_the_history_that_wishes_changed_and_not_which(staffed):
    online = Vacancy.objects.get(key="VAC-0001")
    edit_vacancy(vacancy=online, values={"wishes": "Der Vorgänger hat gekündigt."}, by=staffed.rosa)
    told = {who: repr(lines(entries_of(online), getattr(staffed, who), online)) for who in ("rosa", "pia")}
    assert "Vorgänger" in told["rosa"]
    assert "Vorgänger" not in told["pia"] and "Individual wishes" in told["pia"]
