"""The public job board: who is shown, what is found, what an ad tells."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stellwerk.staffing.models import Client, Vacancy
from stellwerk.staffing.selectors.board import Search, distance_km, find
from stellwerk.staffing.tests.company import Staffing

pytestmark = pytest.mark.django_db
BREMEN = (53.08, 8.8)


@pytest.fixture
def visitor() -> Browser:
    cache.clear()
    return Browser(headers={"accept-language": "en"})


def numbers(search: Search) -> list[int]:
    known = dict(Vacancy.objects.values_list("pk", "number"))
    return [known[pk] for pk in find(search).pks]


def published(made: Staffing, number: int, **fields: Any) -> Vacancy:
    values: dict[str, Any] = {"title": "Bauüberwachung (m/w/d)", "state": "published", "published_at": timezone.now() - dt.timedelta(days=1)}  # fmt: skip
    return Vacancy.objects.create(
        key=f"VAC-{number}", organisation=made.cast.organisation, client=made.client, number=number, **values | fields
    )


def test_the_list_shows_published_ads_of_accepted_clients_only(staffed: Staffing, visitor: Browser) -> None:
    assert set(numbers(Search())) == {821407, 821408}
    text = visitor.get("/jobs/").content.decode()
    assert "Project controller (m/f/d)" in text
    assert "Lubmin" not in text  # a draft


@pytest.mark.parametrize("change", [
    {"archived_at": timezone.now()}, {"confidentiality": "confidential"}, {"confidentiality": "strict"}, {"state": "approved"},
    {"client": {"accepted_at": None}}, {"client": {"archived_at": timezone.now()}}, {"client": {"confidentiality": "strict"}},
])  # fmt: skip
def test_what_is_not_for_everybody_is_neither_listed_nor_shown(staffed, visitor, change) -> None:
    of_client = change.get("client")
    if of_client:
        Client.objects.filter(pk=staffed.client.pk).update(**of_client)
    else:
        Vacancy.objects.filter(number=821407).update(**change)
    assert numbers(Search()) == [821408]
    assert visitor.get("/jobs/821407").status_code == 404
    assert "821407" not in visitor.get("/jobs/sitemap.xml").content.decode()
    assert "821407" not in visitor.get("/jobs/feed.atom").content.decode()


def test_a_covered_client_is_named_nowhere(staffed: Staffing, visitor: Browser) -> None:
    for address in ("/jobs/", "/jobs/821407", "/jobs/feed.atom"):
        assert "Weserstahl" not in visitor.get(address).content.decode(), address
    Client.objects.filter(pk=staffed.client.pk).update(covered=False)
    assert "Weserstahl" in visitor.get("/jobs/821407").content.decode()


def test_words_are_found_in_both_languages_with_and_without_umlauts(staffed: Staffing) -> None:
    published(staffed, 1, title_en="Construction supervision", tasks="Prüfung der Aufmaße", wanted="Weitblick")
    for words in ("Bauüberwachung", "bauuberwachung", "BAUUEBERWACHUNG", "construction", "prufung aufmasse", "weitblick"):  # fmt: skip
        assert numbers(Search(q=words)) == [1], words
    assert numbers(Search(q="Bauüberwachung Projektcontroller")) == []


def test_criteria_narrow_the_list(staffed: Staffing) -> None:
    published(staffed, 1, remote=60, contract_forms=["permanent"], pay_unit="year", pay_least=60_000_00)
    published(staffed, 2, remote=100, published_at=timezone.now() - dt.timedelta(days=20))
    assert set(numbers(Search(remote=50))) == {1, 2}
    assert numbers(Search(remote=100)) == [2]
    assert numbers(Search(contract="freelance")) == [821407]
    assert set(numbers(Search(contract="permanent"))) == {821408, 1}
    assert set(numbers(Search(pay=60_000))) == {821408, 1}
    assert numbers(Search(pay=60_001)) == [821408]  # pays up to 75,000
    assert numbers(Search(pay=100, unit="hour")) == [821407]
    assert numbers(Search(pay=106, unit="hour")) == []
    assert 2 not in numbers(Search(since=14)) and 2 in numbers(Search(since=30))
    assert set(numbers(Search(skill="Earned Value Management"))) == {821407, 821408}
    assert numbers(Search(skill="Schweißen")) == []


def test_distance_is_that_of_the_sphere() -> None:
    assert distance_km((0, 0), (0, 180)) == pytest.approx(20015.1, abs=0.1)  # half a great circle of R = 6371.0088 km
    assert distance_km((52.52, 13.405), (48.137, 11.575)) == pytest.approx(504, abs=1)  # Berlin, Munich
    assert distance_km(BREMEN, BREMEN) == 0


def test_a_place_with_radius_finds_by_distance_and_a_town_by_name(staffed: Staffing) -> None:
    published(staffed, 1, city="Oldenburg", latitude=53.14, longitude=8.21)  # about 40 km from Bremen
    published(staffed, 2, city="Hamburg", latitude=53.55, longitude=10.0)  # about 95 km
    published(staffed, 3, city="Bremerhaven")  # no place on the map
    assert numbers(Search(place="bremen", radius=25)) == [821407]
    assert set(numbers(Search(place="Bremen", radius=50))) == {821407, 1}
    assert numbers(Search(place="Bremen", radius=100, sort="near")) == [821407, 1, 2]
    assert numbers(Search(place="Bremerhaven", radius=50)) == [3]
    assert numbers(Search(place="Atlantis", radius=50)) == []


def test_the_order_is_the_one_asked_for(staffed: Staffing) -> None:
    now = timezone.now()
    Vacancy.objects.filter(number__in=(821407, 821408)).update(state="draft")
    published(staffed, 1, pay_most=80_000_00, start=dt.date(2027, 3, 1), published_at=now - dt.timedelta(days=3))
    published(staffed, 2, pay_most=90_000_00, start=dt.date(2027, 2, 1), published_at=now - dt.timedelta(days=2))
    published(staffed, 3, published_at=now - dt.timedelta(days=1))
    assert numbers(Search()) == [3, 2, 1]
    assert numbers(Search(sort="pay")) == [2, 1, 3]
    assert numbers(Search(sort="start")) == [2, 1, 3]


def test_a_search_survives_its_address() -> None:
    search = Search(q="Prüfung & Co", place="Köln", radius=50, contract="lending", pay=90, unit="hour", since=7, sort="pay")  # fmt: skip
    assert Search.parse(search.query()) == search
    assert Search().query() == ""
    assert Search.parse("radius=x&unknown=1&pay=-3") == Search()


def test_bad_input_is_told_at_its_field_and_kept(staffed: Staffing, visitor: Browser) -> None:
    answer = visitor.get("/jobs/", {"pay": "viel", "q": "controller", "page": "zz", "contract": "slavery"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="viel"' in text and "Enter a whole number" in text
    assert "821407" in text
    for odd in ("%00", "' OR 1=1 --", "x" * 5000, "%", "🦄"):
        assert visitor.get("/jobs/", {"q": odd, "place": odd, "skill": odd, "radius": "10"}).status_code == 200


def test_a_page_needs_at_most_six_queries(staffed: Staffing, visitor: Browser) -> None:
    for number in range(1, 31):
        published(staffed, number, city="Bremen", latitude=53.08, longitude=8.8)
    asked = {"q": "bau", "place": "Bremen", "radius": "50", "sort": "near", "page": "2", "since": "7"}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = visitor.get("/jobs/", asked)
    assert len(queries) <= 6, [one["sql"][:120] for one in queries]
    text = answer.content.decode()
    assert text.count("<article") == 10
    assert "q=bau" in text and "place=Bremen" in text  # the first page keeps the search


def test_an_ad_has_its_reference_and_a_printed_one_leads_to_it(staffed: Staffing, visitor: Browser) -> None:
    assert "821407/1" in visitor.get(reverse("board:ad", args=[821407])).content.decode()
    moved = visitor.get("/jobs/821407/1")
    assert (moved.status_code, moved.headers["location"]) == (301, "/jobs/821407")
    assert visitor.get("/jobs/999999/1").status_code == 404
    assert visitor.get("/jobs/99999999999999999999").status_code == 404


@pytest.mark.parametrize("state", ["filled", "on_hold", "cancelled"])
def test_what_is_no_longer_open_says_so_without_the_ad(staffed: Staffing, visitor: Browser, state: str) -> None:
    Vacancy.objects.filter(number=821407).update(state=state)
    answer = visitor.get("/jobs/821407")
    assert answer.status_code == 410
    assert "controller" not in answer.content.decode().lower()
    Vacancy.objects.filter(number=821407).update(published_at=None)  # was never online
    assert visitor.get("/jobs/821407").status_code == 404


def _posting(text: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0])
    return data


def test_search_engines_read_a_job_posting(staffed: Staffing, visitor: Browser) -> None:
    data = _posting(visitor.get("/jobs/821407").content.decode())
    assert data["@type"] == "JobPosting"
    assert data["title"] == "Project controller (m/f/d)"
    assert data["identifier"]["value"] == "821407/1"
    assert data["employmentType"] == ["TEMPORARY", "CONTRACTOR"]
    assert data["jobLocation"]["address"] == {"@type": "PostalAddress", "addressLocality": "Bremen", "addressCountry": "DE"}  # fmt: skip
    assert data["baseSalary"] == {
        "@type": "MonetaryAmount", "currency": "EUR",
        "value": {"@type": "QuantitativeValue", "unitText": "HOUR", "minValue": 85.0, "maxValue": 105.0},
    }  # fmt: skip
    assert data["hiringOrganization"]["name"] == staffed.cast.organisation.name  # the client is covered
    assert "120" not in json.dumps(data["baseSalary"])  # the cap stays inside


def test_an_ad_published_after_midnight_is_of_the_new_day(staffed: Staffing, visitor: Browser) -> None:
    midnight = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC)  # 1 December in Hamburg
    Vacancy.objects.filter(number=821407).update(published_at=midnight, updated_at=midnight)
    page = visitor.get("/jobs/821407").content.decode()
    assert _posting(page)["datePosted"] == "2026-12-01"
    assert "1 Dec 2026" in page and "30 Nov 2026" not in page
    assert "1 Dec 2026" in visitor.get("/jobs/").content.decode()
    assert "/jobs/821407</loc><lastmod>2026-12-01</lastmod>" in visitor.get("/jobs/sitemap.xml").content.decode()


def test_an_ad_cannot_break_out_of_the_page(staffed: Staffing, visitor: Browser) -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028 <b>x</b>"
    Vacancy.objects.filter(number=821407).update(title=evil, title_en=evil, tasks=evil, tasks_en=evil)
    text = visitor.get("/jobs/821407").content.decode()
    assert "<script>alert" not in text
    assert _posting(text)["title"] == evil
    assert "&lt;b&gt;" in _posting(text)["description"]
    assert "<script>alert" not in visitor.get("/jobs/").content.decode()


def test_the_feed_is_that_of_the_search(staffed: Staffing, visitor: Browser) -> None:
    import xml.etree.ElementTree as ET

    answer = visitor.get("/jobs/feed.atom", {"contract": "permanent", "lang": "de"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    space = {"a": "http://www.w3.org/2005/Atom"}
    tree = ET.fromstring(answer.content)  # noqa: S314 - our own answer
    assert [one.text for one in tree.findall("a:entry/a:title", space)] == ["Bauleitung (m/w/d)"]
    assert len(ET.fromstring(visitor.get("/jobs/feed.atom").content).findall("a:entry", space)) == 2  # noqa: S314


def test_the_sitemap_names_every_ad(staffed: Staffing, visitor: Browser) -> None:
    answer = visitor.get("/jobs/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    found = re.findall(r"<loc>https?://[^<]*?(/jobs/[^<]*)</loc>", answer.content.decode())
    assert set(found) == {"/jobs/", "/jobs/821407", "/jobs/821408"}
