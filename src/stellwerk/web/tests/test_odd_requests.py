"""Requests that no page of ours sends: nonsense in the address, forms that are too large, buttons opened as pages."""

from __future__ import annotations

import random
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from stellwerk.core import services
from stellwerk.core.errors import Invalid
from stellwerk.core.lists.spec import LISTS
from stellwerk.people.models import Person, Unit
from stellwerk.portfolio.models import Proposal
from stellwerk.testing import Cast
from stellwerk.trials import tries
from stellwerk.web import foreign

NONSENSE = (
    "page=-1", "page=²", "page=99999999999999999999", "size=²", "size=-3", "sort=__class__", "sort=-unit__name__regex",
    "columns=__class__", "group=__class__", "filter=x", "view=²", "view=99999999999999999999", "archived=x", "q=%00", "q=%25_%5C",
    "export=exe", "name=%00", "unit=%00", "valid_to__from=31.12.9999", "exit_date__from=31.02.2027", "fte__from=1e400",
)  # fmt: skip


@pytest.mark.parametrize("code", sorted(LISTS))
def test_nonsense_in_the_address_of_a_list_is_no_error(cast: Cast, code: str) -> None:
    client = cast.client("petra")
    for query in random.sample(NONSENSE, tries(len(NONSENSE), 6)):
        response = client.get(f"{reverse('lists:show', args=[code])}?{query}", follow=True)
        assert response.status_code < 500, query


@pytest.mark.parametrize(
    "query",
    ["who=²", "who=99999999999999999999", "until=31.12.9999", "since=01.01.0001", "since=31.02.2027", "key=%00"],
)
def test_nonsense_in_the_filters_of_the_audit_trail_is_no_error(cast: Cast, query: str) -> None:
    client = cast.client("petra")
    wanted = 400 if "%00" in query else 200
    assert client.get(f"/audit/?{query}").status_code == wanted
    assert client.get(f"/audit/export.csv?{query}").status_code == wanted


@pytest.mark.parametrize(
    "address",
    ["/search/?q=%00", "/lookup/people.person?q=%00", "/people/%00", "/people/new?unit=%00", "/findings/?check=%00"],
)
def test_a_nul_in_an_address_gets_a_page_that_says_so(cast: Cast, address: str) -> None:
    response = cast.client("petra").get(address)
    assert response.status_code == 400
    assert "could not be read" in response.content.decode()


def test_a_nul_in_a_comment_is_dropped_or_refused(cast: Cast) -> None:
    address = f"/entity/portfolio.project/{cast.project.pk}/comments"
    assert cast.client("petra").post(address, {"text": "Hallo \x00 Welt"}).status_code < 500


def test_the_address_of_a_button_opened_as_a_page_says_what_to_do(cast: Cast) -> None:
    response = cast.client("ada").get(reverse("people:user-close", args=[cast.users["paul"].pk]))
    assert response.status_code == 405
    assert "press it there" in response.content.decode()


def test_a_form_that_is_too_large_gets_a_page_that_says_so(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.users["petra"], backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/people/new", {"phone": "x" * 11_000_000})
    assert response.status_code == 413
    assert "too much at once" in response.content.decode()


def test_a_form_without_its_protection_is_refused_with_a_page(cast: Cast) -> None:
    response = cast.client("petra", enforce_csrf_checks=True).post("/people/new", {"last_name": "X"})
    assert response.status_code == 403
    assert "no longer valid" in response.content.decode()
    assert not Person.objects.filter(last_name="X").exists()


def test_a_key_is_fixed_once_it_is_given(cast: Cast) -> None:
    unit = cast.unit
    data = {
        "name": "Anders",
        "organisation": unit.organisation_id,
        "confidentiality": "internal",
        "version": unit.version,
    }
    for sent in ({}, {"key": ""}, {"key": "NEU-1"}):
        fresh = Unit.objects.get(pk=unit.pk)
        cast.client("petra").post(f"/people/units/{unit.key}/edit", data | sent | {"version": fresh.version})
        assert Unit.objects.get(pk=unit.pk).key == unit.key
    with pytest.raises(Invalid) as refusal:
        services.edit(Unit.objects.get(pk=unit.pk), {"key": ""}, by=cast.users["petra"])
    assert "key" in refusal.value.errors


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", "1 OR 1", "x"])
def test_a_chosen_entry_that_is_no_number_is_told_at_its_field(cast: Cast, number: str) -> None:
    data = {"last_name": "X", "first_name": "Y", "unit": number, "manager": number, "employment_type": "employee"}
    assert cast.client("petra").post("/people/new", data).status_code == 422
    proposal = {"name": "A", "portfolio": cast.portfolio.pk, "prerequisites": [number], "confidentiality": "internal"}
    assert cast.client("petra").post("/portfolio/proposals/new", proposal).status_code == 422
    assert not Proposal.objects.filter(name="A").exists()


def test_a_new_entry_is_named_as_its_button_and_cancelling_leads_to_the_list(cast: Cast) -> None:
    page = cast.client("petra").get("/people/new").content.decode()
    assert "<h1>New person</h1>" in page
    assert page.count('href="/people/"') >= 2  # the breadcrumb and Cancel
    data = {"last_name": "X", "first_name": "Y", "unit": cast.unit.pk, "employment_type": "employee", "fte": "1"}
    data |= {"weekly_hours": "40", "confidentiality": "internal"}
    saved = cast.client("petra").post("/people/new", data)
    assert saved["Location"] == f"/people/{Person.objects.get(last_name='X').key}"  # the new page, not the list


def test_the_pages_of_the_sign_in_speak_to_their_reader_with_sie(db: None) -> None:
    client = Client(headers={"Accept-Language": "de"})
    shown = client.get("/accounts/password/reset/").content.decode()
    assert "Geben Sie Ihre E-Mail-Adresse ein" in shown
    with translation.override("de"):
        for text in foreign.TEXTS:
            german = translation.gettext(text)
            assert german != text and not re.search(r"\b(du|dein\w*|dir|dich)\b", german, re.IGNORECASE), german
