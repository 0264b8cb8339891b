"""The parts of the page frame that are drawn once show what is true now, each reader their own."""

from __future__ import annotations

import re

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from stellwerk.core.models import Notification
from stellwerk.testing import Cast
from stellwerk.web.parts import PARTS

FACT = re.compile(r"\bshell\.(\w+)")
INCLUDED = re.compile(r'{% include "([\w/.]+)"')


def _source(name: str) -> str:
    text = str(get_template(name).template.source)  # type: ignore[attr-defined]
    return text + "".join(map(_source, INCLUDED.findall(text)))


@pytest.mark.parametrize("name", PARTS)
def test_a_part_reads_no_fact_that_it_is_not_remembered_by(name: str) -> None:
    source = _source(name)
    assert set(FACT.findall(source)) - {"here"} == set(PARTS[name])
    assert not re.search(r"\b(request|user|messages|perms)\.", source.replace("shell.", ""))


def _client(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client


@pytest.mark.django_db
def test_the_bell_counts_anew_on_each_page(cast: Cast) -> None:
    client = _client(cast.petra)
    assert "Notifications, 1 new" not in client.get("/notifications/").text
    Notification.objects.create(user=cast.petra, kind="x", title="News", entity_id=0)
    assert "Notifications, 1 new" in client.get("/notifications/").text
    Notification.objects.all().delete()
    assert "Notifications, 1 new" not in client.get("/notifications/").text


@pytest.mark.django_db
def test_each_reader_sees_their_own_name_pages_language_and_address(cast: Cast) -> None:
    petra, paul = _client(cast.petra), _client(cast.paul)
    for _again in range(2):
        for client, user, other in ((petra, cast.petra, cast.paul), (paul, cast.paul, cast.petra)):
            text = client.get("/notifications/?page=1&x=%22%3E").text
            assert f"{user.email}</span>" in text and f"{other.email}</span>" not in text
            assert 'value="/notifications/?page=1&amp;x=%22%3E"' in text
    type(cast.petra).objects.filter(pk=cast.petra.pk).update(language="de", name="Petra Neumann")
    text = petra.get("/notifications/").text
    assert "Abmelden" in text and "Konto von Petra Neumann" in text and "Sign out" not in text
    assert "Sign out" in paul.get("/notifications/").text


@pytest.mark.django_db
def test_every_page_carries_a_token_of_its_own(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.petra, backend="django.contrib.auth.backends.ModelBackend")
    token = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')
    first, second = (set(token.findall(client.get("/notifications/").text)) for _page in range(2))
    assert len(first) == len(second) == 1 and first != second
    assert "\ue000" not in client.get("/notifications/").text
    address = reverse("web:preferences")
    assert client.post(address, {"theme": "dark", "next": "/"}).status_code == 403
    assert client.post(address, {"theme": "dark", "next": "/", "csrfmiddlewaretoken": second.pop()}).status_code == 302
