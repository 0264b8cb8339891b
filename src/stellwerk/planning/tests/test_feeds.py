"""Calendar feeds: whose milestones, under which secret, in which language, and who gets nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from stellwerk.core.models import ApiToken, Grant
from stellwerk.core.permissions import forget_grants
from stellwerk.planning.feeds import create_feed
from stellwerk.planning.models import Activity
from stellwerk.planning.tests.plans import add_milestone, at, example_plan


@pytest.fixture
def plan(cast):
    return example_plan(cast.project)


def address(cast, who, project=None):
    _token, secret = create_feed(user=getattr(cast, who), project=project)
    return reverse("planning:feed", args=[secret])


def events(url):
    answer = Client().get(url)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    return {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_a_feed_of_a_project_holds_its_milestones_as_days(cast, plan):
    found = events(address(cast, "paul", cast.project))
    assert list(found) == ["◇ Ready for operation (PRJ-0001)"]
    event = found["◇ Ready for operation (PRJ-0001)"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2027, 1, 22), dt.date(2027, 1, 23))
    number = Activity.objects.get(uid=4).pk
    assert str(event["uid"]) == f"milestone-{number}@stellwerk"
    assert str(event["url"]).endswith("/plans/PRJ-0001/") and "critical" in str(event["description"])


@pytest.mark.parametrize(
    ("who", "sees"),
    [("paul", True), ("tom", True), ("olga", False), ("stefan", False), ("petra", False)],
)  # fmt: skip
def test_my_milestones_are_those_of_my_projects(cast, plan, who, sees):
    """Paul leads the project, Tom works in it; the others have nothing to do with it in person."""
    assert bool(events(address(cast, who))) == sees


def test_who_answers_for_a_milestone_has_it_only_while_they_may_see_the_project(cast, plan):
    Activity.objects.filter(uid=4).update(responsible=cast.people["rita"])
    url = address(cast, "rita")
    assert events(url)
    Grant.objects.filter(user=cast.rita).delete()
    forget_grants(cast.rita)
    assert not events(url)


def test_the_address_of_a_project_dies_with_the_permission(cast, plan):
    url = address(cast, "rita", cast.project)
    assert events(url)
    Grant.objects.filter(user=cast.rita).delete()
    assert Client().get(url).status_code == 404


def test_a_strictly_confidential_project_leaves_the_calendar(cast, plan):
    url = address(cast, "anton", cast.project)
    assert events(url)
    type(cast.project).objects.filter(pk=cast.project.pk).update(confidentiality="strict")
    assert Client().get(url).status_code == 404


def test_revoked_expired_unknown_or_of_a_blocked_account_is_not_found(cast, plan):
    url = address(cast, "paul")
    token = ApiToken.objects.get()
    assert cast.client("tom").post(reverse("planning:feed-revoke", args=[token.pk])).status_code == 404
    assert Client().get(url).status_code == 200
    assert cast.client("paul").post(reverse("planning:feed-revoke", args=[token.pk])).status_code == 302
    assert Client().get(url).status_code == 404
    second = address(cast, "paul")
    ApiToken.objects.filter(revoked_at=None).update(expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert Client().get(second).status_code == 404
    third = address(cast, "paul")
    type(cast.paul).objects.filter(pk=cast.paul.pk).update(is_active=False)
    assert Client().get(third).status_code == 404
    assert Client().get(reverse("planning:feed", args=["sw_guessed"])).status_code == 404


def test_the_secret_opens_nothing_of_the_api(cast, plan):
    _token, secret = create_feed(user=cast.paul, project=None)
    for path in ("/api/v1/projects", "/api/v1/people"):
        answer = Client().get(path, headers={"authorization": f"Bearer {secret}"})
        assert answer.status_code in (403, 404), (path, answer.status_code)


def test_a_token_of_the_api_opens_no_calendar(cast, plan):
    from stellwerk.core.api.auth import create_token

    _token, secret = create_token(user=cast.paul, by=cast.paul, name="Excel", scopes=["read"])
    assert Client().get(reverse("planning:feed", args=[secret])).status_code == 404


def test_unchanged_is_304_and_a_change_is_fetched(cast, plan):
    url = address(cast, "paul")
    first = Client().get(url)
    same = Client().get(url, headers={"if-none-match": first["ETag"]})
    assert same.status_code == 304 and same.content == b"" and same["ETag"] == first["ETag"]
    weak = Client().get(url, headers={"if-none-match": f'"x", W/{first["ETag"]}'})
    assert weak.status_code == 304
    Activity.objects.filter(uid=4).update(finish=at(2027, 1, 25, 17))
    assert Client().get(url, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_it_speaks_the_language_of_its_user(cast, plan):
    type(cast.paul).objects.filter(pk=cast.paul.pk).update(language="de")
    body = Client().get(address(cast, "paul"), headers={"accept-language": "en"}).content.decode()
    assert "Meine Meilensteine" in body and "kritisch" in body


def test_names_cannot_break_out_of_the_calendar(cast, plan):
    add_milestone(plan, 9, "Bad; name, with\nEND:VEVENT\r\nBEGIN:VALARM", at(2027, 2, 1, 17))
    found = events(address(cast, "paul"))
    assert len(found) == 2 and any("BEGIN:VALARM" in name for name in found)
    assert not Calendar.from_ical(Client().get(address(cast, "paul")).content).walk("VALARM")


def test_the_page_shows_the_address_once(cast, plan):
    client = cast.client("paul")
    page = client.post(reverse("planning:feeds"), {"project": "PRJ-0001"})
    assert page["Cache-Control"] == "no-store" and b"/milestones.ics" in page.content
    later = client.get(reverse("planning:feeds"))
    assert b"/milestones.ics" not in later.content and b"Calendar: PRJ-0001" in later.content
    assert client.post(reverse("planning:feeds"), {"project": "PRJ-0002"}).status_code == 404
    assert Client().get(reverse("planning:feeds")).status_code == 302
