"""What search engines may read, and answers to whoever has the page already: 304 exactly while nothing of it has changed."""

from __future__ import annotations

import datetime as dt
import re
from urllib.robotparser import RobotFileParser

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from stellwerk.staffing.models import Client, Vacancy
from stellwerk.staffing.selectors.board import Search, find, spot_of
from stellwerk.staffing.tests.company import Staffing

pytestmark = pytest.mark.django_db
PAGES = ("/jobs/", "/jobs/?q=controller", "/jobs/821407", "/jobs/feed.atom", "/jobs/sitemap.xml", "/robots.txt")


@pytest.fixture
def visitor(staffed: Staffing) -> Browser:
    return Browser(headers={"accept-language": "en"})


def again(visitor: Browser, page: str, etag: str, **headers: str) -> int:
    return visitor.get(page, headers={"if-none-match": etag, **headers}).status_code


def test_search_engines_read_the_job_board_and_nothing_else(visitor):
    answer = visitor.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert lines[-1].startswith("Sitemap: http") and lines[-1].endswith("/jobs/sitemap.xml")
    rules = RobotFileParser()
    rules.parse(lines)
    allowed = {path for path in ("/jobs/", "/jobs/821407", "/jobs/sitemap.xml", "/jobs/feed.atom", "/", "/staffing/join/", "/portfolio/", "/accounts/login/", "/api/v1/openapi.json") if rules.can_fetch("Googlebot", path)}  # fmt: skip
    assert allowed == {"/jobs/", "/jobs/821407", "/jobs/sitemap.xml", "/jobs/feed.atom"}


def test_the_sitemap_names_the_list_and_each_public_ad_by_its_address(visitor):
    text = visitor.get("/jobs/sitemap.xml").content.decode()
    assert [part.rsplit("/jobs/", 1)[1] for part in re.findall("<loc>(.+?)</loc>", text)] == ["", "821408", "821407"]


@pytest.mark.parametrize("page", PAGES)
def test_who_has_the_page_is_told_that_nothing_has_changed(visitor, page):
    first = visitor.get(page)
    assert first.status_code == 200 and first["Cache-Control"] == "private, no-cache"
    second = visitor.get(page, headers={"if-none-match": first["ETag"]})
    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    assert again(visitor, page, '"something else"') == 200


@pytest.mark.parametrize("page", ["/jobs/", "/jobs/821407", "/jobs/feed.atom"])
@pytest.mark.parametrize("change", ["title", "pay", "client", "term"])
def test_every_change_of_what_is_shown_is_a_new_page(staffed, visitor, page, change):
    etag = visitor.get(page)["ETag"]
    vacancy = Vacancy.objects.filter(number=821407)
    if change == "title":  # even past the services, which would also write down when
        vacancy.update(title_en="Cost controller (m/f/d)")
    elif change == "pay":
        vacancy.update(pay_most=110_00)
    elif change == "client":
        Client.objects.filter(pk=staffed.client.pk).update(covered=False)
    else:
        vacancy.get().terms.all().delete()
    expected = 304 if change == "term" and page != "/jobs/821407" else 200  # requirements stand on the ad alone
    assert again(visitor, page, etag) == expected


def test_what_is_taken_off_is_gone_at_once(visitor):
    etags = {page: visitor.get(page)["ETag"] for page in ("/jobs/", "/jobs/821407", "/jobs/feed.atom", "/jobs/sitemap.xml")}  # fmt: skip
    Vacancy.objects.filter(number=821407).update(state="filled")
    assert {page: again(visitor, page, etag) for page, etag in etags.items()} == {
        "/jobs/": 200, "/jobs/821407": 410, "/jobs/feed.atom": 200, "/jobs/sitemap.xml": 200,
    }  # fmt: skip


def test_the_same_address_in_another_language_or_look_is_another_page(visitor):
    etag = visitor.get("/jobs/")["ETag"]
    assert again(visitor, "/jobs/", etag, **{"accept-language": "de"}) == 200
    visitor.cookies["stellwerk_theme"] = "dark"
    assert again(visitor, "/jobs/", etag) == 200


def test_the_forms_of_a_kept_page_work_or_it_is_sent_anew(visitor):
    """The page holds the secret of its forms: a browser that has lost its cookie needs another page, a program never sends one."""
    etag = visitor.get("/jobs/")["ETag"]
    visitor.cookies.clear()
    assert again(visitor, "/jobs/", etag, **{"sec-fetch-mode": "navigate"}) == 200
    visitor.cookies.clear()
    assert again(visitor, "/jobs/", etag) == 304


def test_who_is_signed_in_gets_the_page_as_ever(staffed):
    rosa = staffed.client_of("rosa")
    assert "ETag" not in rosa.get("/jobs/")


def test_a_message_is_shown_once_and_not_swallowed(staffed):
    browser = staffed.client_of("rosa")
    browser.post("/accounts/logout/")
    told = browser.get("/jobs/")
    assert "ETag" not in told and "signed out" in told.content.decode()
    assert "ETag" in browser.get("/jobs/")


def test_a_search_by_days_forgets_what_has_grown_old(staffed, visitor):
    page = "/jobs/?since=1"
    etag = visitor.get(page)["ETag"]
    assert again(visitor, page, etag) == 304
    Vacancy.objects.filter(number=821407).update(published_at=timezone.now() - dt.timedelta(days=2))
    assert again(visitor, page, etag) == 200


def test_a_town_of_a_new_ad_is_known_at_once(staffed):
    assert spot_of("Posemuckel") is None
    Vacancy.objects.filter(number=821408).update(city="Posemuckel", latitude=52.52, longitude=7.32)
    assert spot_of("posemuckel") is not None
    found = find(Search(place="Posemuckel", radius=25))
    assert list(found.pks) == [staffed.vacancies["hidden"].pk] and found.away[staffed.vacancies["hidden"].pk] < 0.1
    cache.clear()
