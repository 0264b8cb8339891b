import datetime as dt

import pytest
from django.utils import timezone

from stellwerk.core.comments import add_comment
from stellwerk.core.models import Notification
from stellwerk.core.myday import MY_DAY, greeting
from stellwerk.core.registry import PANELS, Duty, Panel, register_panel

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


@pytest.fixture
def duties(monkeypatch):
    found = []
    source = ("task", lambda user: [row for who, row in found if who == user])
    monkeypatch.setattr("stellwerk.core.registry.DUTIES", [source])
    return found


def page(cast, name, query=""):
    return cast.client(name).get(f"/{query}").content.decode()


def test_the_first_sentence_counts_what_waits_and_what_is_due(cast, duties):
    today = timezone.localdate()
    for title, due, kind in (
        ("Nachtrag", today, "approval"),
        ("Bericht", today - dt.timedelta(3), "report"),
        ("Später", None, "task"),
    ):
        duties.append((cast.petra, Duty(title, "", "/search/", due=due, kind=kind, button="Los")))
    text = page(cast, "petra")
    assert "3 things</a> wait for you" in text and "2 of them today" in text
    assert text.index("Bericht") < text.index("Später") and "since " in text
    assert "Nachtrag" in page(cast, "petra", "?show=approval") and "Später" not in page(cast, "petra", "?show=approval")
    assert "Nachtrag" not in page(cast, "anton")


def test_a_mention_waits_until_it_is_answered(cast):
    add_comment(cast.project, text="@Paul bitte", by=cast.petra)
    text = page(cast, "paul")
    assert "1 thing</a> waits for you" in text and "Reply" in text
    note = Notification.objects.get(user=cast.paul)
    response = cast.client("paul").post(f"/notifications/{note.pk}/open")
    assert "PRJ-0001" in response["Location"]
    assert "Nothing waits for you" in page(cast, "paul")


def test_without_a_role_there_is_a_page_that_says_what_to_do(cast):
    response = cast.client("uwe").get("/", follow=True)
    assert response.status_code == 200 and "Elektrolyse" not in response.content.decode()


def test_an_empty_house_teaches(cast):
    for obj in (cast.project, cast.other_project):
        obj.members.all().delete()
        obj.delete()
    cast.programme.delete()
    cast.portfolio.delete()
    text = page(cast, "petra")
    assert "nothing to steer yet" in text and "stellwerk demo" in text


def test_rooms_put_panels_into_both_columns(cast, monkeypatch):
    monkeypatch.setitem(PANELS, MY_DAY, [])
    for code, width in (("wide", 2), ("narrow", 1), ("none", 1)):
        context = (
            (lambda request, user: None)
            if code == "none"
            else (lambda request, user, c=code: {"text": f"{c} of {user.name}"})
        )
        register_panel(Panel(MY_DAY, code, code, "core/archived_note.html", context, width=width))
    response = cast.client("petra").get("/")
    assert [row["panel"].code for row in response.context["wide"]] == ["wide"]
    assert [row["context"]["text"] for row in response.context["narrow"]] == ["narrow of Petra Brandt"]


def test_the_greeting_follows_the_clock():
    at = timezone.localtime().replace
    assert str(greeting(at(hour=8))) == "Good morning" or greeting(at(hour=8)) == "Guten Morgen"
    assert greeting(at(hour=8)) != greeting(at(hour=14)) != greeting(at(hour=20))


def test_a_guest_is_sent_to_the_sign_in(client, db):
    response = client.get("/")
    assert response.status_code == 302 and "/accounts/login/" in response["Location"]
