"""What a client contact, a partner and a candidate would try: each page that they may open is read for what is not theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stellwerk.api.urls import api
from stellwerk.core.api.auth import create_token
from stellwerk.core.lists.spec import LISTS
from stellwerk.core.models import AuditEntry
from stellwerk.core.search import find
from stellwerk.staffing.models import Contract, Match, Profile, Vacancy
from tests.permissions.conftest import Company
from tests.targets import names, rule_of, targets_of

OUTSIDERS = ("klaus", "pia", "frida")
INSIDE = ("Elektrolyse", "Rauchgas", "Verschwiegen", "PRJ-000", "DEM-9001", "18,400,000", "7,900,000", "120.00", "Alpenlicht", "Milan", "Dorn", "Fabian", "Kurz")  # fmt: skip
"""Projects, budgets, the rate cap, another client, another partner's candidate, a candidate whose contract is a draft."""
SECRETS = {
    "klaus": (*INSIDE, "Frida", "Winter", "58,000", "Pavel"),  # asked, but not both have said yes
    "pia": (*INSIDE, "112.00", "Frida", "Winter", "Horn", "Kerstin"),
    "frida": (*INSIDE, "112.00", "Weserstahl", "Klaus", "Lena", "Brook", "Pia", "Horn"),
}
COVERED = "Weserstahl"
OF_A_CONTRACT = (
    "staffing:contract-detail",
    "staffing:contract-paper",
    "staffing:contract-list",
    "staffing:profile-detail",
)
"""Whose candidate has a contract reads with whom: on the contract and in the candidate's list of contracts."""


def text_of(answer: Any) -> str:
    """What is told; on some days that includes “Friday”, which is nobody's name."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return str(content.decode("utf-8", "replace").replace("Friday", ""))


def opened(company: Company, user: str) -> Any:
    """(route, address, text) of every page that answers."""
    client = company.client(user)
    client.raise_request_exception = False
    for name in names():
        rule = rule_of(name)
        for target in targets_of(name, company.generic if rule and rule.kind == "any" else company.samples):
            answer = client.get(target.path, headers={"accept-language": "en"})
            if answer.status_code == 200:
                yield name, target.path, text_of(answer)


@pytest.mark.slow
@pytest.mark.parametrize("user", OUTSIDERS)
def test_no_page_tells_an_outsider_what_is_not_theirs(company, user, refusals_undrawn):
    wrong = []
    for route, path, text in opened(company, user):
        secrets = SECRETS[user]
        if user == "pia" and route not in OF_A_CONTRACT:
            secrets = (*secrets, COVERED)
        wrong += [f"{user} reads {word} at {path}" for word in secrets if word in text]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("user", OUTSIDERS)
def test_neither_search_nor_choices_find_what_is_not_theirs(company, user):
    who, client = company.staffing.users[user], company.client(user)
    for word in SECRETS[user]:
        own = {hit.label for group in find(who, word, limit=50) for hit in group.hits}
        assert not [title for title in own if word in title], f"{user} finds {word}"
        for path in (reverse("core:search"), reverse("core:palette")):
            answer = client.get(f"{path}?q={word[:-1]}")
            assert answer.status_code == 200 and word not in text_of(answer), f"{user} {path} {word}"


@pytest.mark.parametrize("user", OUTSIDERS)
def test_lists_filters_orders_and_exports_are_no_way_round(company, user, refusals_undrawn):
    """Columns of money and scores are not offered, and asking for them all the same changes nothing that is shown."""
    client = company.client(user)
    client.raise_request_exception = False
    hidden = ("rate_cap", "margin", "rate", "company_score", "person_score", "wishes", "owner", "source")
    for code in sorted(LISTS):
        plain = client.get(f"/lists/{code}?archived=all")
        if plain.status_code != 200:
            assert plain.status_code in (403, 404), code
            continue
        before = text_of(plain)
        for word in SECRETS[user]:
            assert word not in before or word == COVERED, f"{user} {code} {word}"
        for export in ("csv", "xlsx"):
            answer = client.get(f"/lists/{code}?export={export}")
            assert answer.status_code in (200, 400, 403, 404), code
            if export == "csv" and answer.status_code == 200:
                told = text_of(answer)
                assert not [word for word in SECRETS[user] if word in told and word != COVERED], code
            answer.close()
        for name in hidden:
            for asked in (f"sort=-{name}", f"group={name}", f"f.{name}=1"):
                assert client.get(f"/lists/{code}?{asked}").status_code < 500, f"{code} {asked}"


@pytest.mark.parametrize("user", OUTSIDERS)
def test_the_api_tells_outsiders_nothing_of_others(company, user):
    who = company.staffing.users[user]
    _, secret = create_token(user=who, by=who, name="t", scopes=["read"], days=1)
    client = Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)
    for path, methods in api.get_openapi_schema()["paths"].items():
        if "get" not in methods or "{" in path:
            continue
        answer = client.get(f"{path}?q=a") if path.endswith("/search") else client.get(path)
        assert answer.status_code < 500, path
        if answer.status_code == 200 and "json" in answer.headers["Content-Type"] and "openapi" not in path:
            told = text_of(answer)
            found = [word for word in SECRETS[user] if word in told]
            assert not found, f"{user} {path}: {found}"
        answer.close()


FOREIGN = {
    "pia": ["profiles/PRF-0004/edit", "profiles/PRF-0004/cv", "profiles/PRF-0004/consents", "profiles/PRF-0004/erase", "partners/PAR-0002/edit", "vacancies/VAC-0001/edit", "vacancies/VAC-0001/partners", "matches/MAT-0001/act", "contracts/CON-0002/edit", "contracts/CON-0002/act"],
    "klaus": ["vacancies/VAC-0002/edit", "vacancies/VAC-0002/copy", "vacancies/VAC-0003/edit", "vacancies/VAC-0001/partners", "clients/CLI-0003/edit", "clients/CLI-0003/accept", "clients/CLI-0002/accept", "profiles/PRF-0001/edit", "matches/MAT-0002/act", "contracts/CON-0001/act", "contracts/CON-0002/act"],
    "frida": ["profiles/PRF-0002/edit", "profiles/PRF-0003/consents", "profiles/PRF-0003/erase", "profiles/PRF-0003/cv", "matches/MAT-0002/act", "contracts/CON-0001/act", "vacancies/VAC-0001/edit", "clients/CLI-0002/edit"],
}  # fmt: skip


@pytest.mark.parametrize("user", OUTSIDERS)
def test_nobody_writes_what_belongs_to_others(company, user):
    client, before = company.client(user), AuditEntry.objects.count()
    body = {"first_name": "Eve", "name": "Eve", "title": "Eve", "step": "yes", "reason": "Because the test says so.", "confirm": "yes", "version": 1}  # fmt: skip
    for path in FOREIGN[user]:
        assert client.post(f"/staffing/{path}", body).status_code in (403, 404), f"{user} {path}"
    assert AuditEntry.objects.count() == before
    assert not Profile.objects.filter(first_name="Eve").exists() and not Vacancy.objects.filter(title="Eve").exists()
    assert set(Match.objects.values_list("state", flat=True)) == {"contacted", "proposed"}
    assert set(Contract.objects.values_list("state", flat=True)) == {"draft", "sent"}


def test_hidden_fields_of_forms_cannot_be_set_from_outside(company):
    """What the form does not offer to its user stays as it was, whatever is sent along."""
    staffing = company.staffing
    vacancy, profile = staffing.vacancies["online"], staffing.profiles["frida"]
    company.client("klaus").post(
        f"/staffing/vacancies/{vacancy.key}/edit",
        {"title": "Neuer Titel (m/w/d)", "rate_cap": "1", "state": "cancelled", "client": staffing.other_client.pk, "number": "1",
         "owner": staffing.users["klaus"].pk, "demand": "1", "confidentiality": "open", "version": vacancy.version},
    )  # fmt: skip
    company.client("frida").post(
        f"/staffing/profiles/{profile.key}/edit",
        {"first_name": "Frida", "last_name": "Winter", "state": "erased", "kind": "employee", "partner": staffing.partner.pk,
         "person": "1", "source": "x", "user": staffing.users["klaus"].pk, "version": profile.version},
    )  # fmt: skip
    vacancy.refresh_from_db()
    profile.refresh_from_db()
    assert (vacancy.rate_cap, vacancy.state, vacancy.client, vacancy.number, vacancy.demand_id) == (120_00, "published", staffing.client, 821407, None)  # fmt: skip
    assert (profile.state, profile.kind, profile.partner_id, profile.person_id, profile.user) == ("active", "applicant", None, None, staffing.users["frida"])  # fmt: skip


@pytest.mark.parametrize("path", ["answer", "consent", "join/confirm", "join/company"])
@pytest.mark.parametrize("guess", ["1", "0" * 43, "MAT-0001", "../matches/MAT-0001"])
def test_guessed_links_open_nothing(company, path, guess):
    before = AuditEntry.objects.count()
    for ask in (Client().get, Client().post):
        answer = ask(f"/staffing/{path}/{guess}")
        told = text_of(answer)
        assert answer.status_code < 500
        assert not [word for word in ("Frida", "Lena", "Weserstahl", "MAT-0001") if word in told.replace(guess, "")]
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("user", "path"),
    [("frida", "profiles/PRF-0001/erase"), ("frida", "matches/MAT-0001/act"), ("pia", "profiles/new"), ("klaus", "clients/CLI-0002/edit"), ("rosa", "contracts/CON-0001/act")],
)  # fmt: skip
def test_another_site_cannot_write_for_somebody_who_is_signed_in(company, user, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.staffing.users[user], backend="django.contrib.auth.backends.ModelBackend")
    before = AuditEntry.objects.count()
    assert client.post(f"/staffing/{path}", {"step": "yes", "confirm": "yes"}).status_code == 403
    assert AuditEntry.objects.count() == before
