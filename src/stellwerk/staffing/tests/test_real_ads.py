"""Ads as companies really write them, from a file that is no part of the project: entered by form, published, read by people and programs."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import F
from django.test import Client as Browser
from django.urls import reverse
from tests.realdata import real_data

from stellwerk.core.states import advance
from stellwerk.staffing.further_places import parts_of, town_of
from stellwerk.staffing.models import Vacancy
from stellwerk.staffing.selectors.board import Search, find
from stellwerk.staffing.tests.company import Staffing
from stellwerk.staffing.towns import Several, town_called

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@dataclass(frozen=True)
class Ad:
    reference: str
    title: str
    contract: str
    place: str
    tasks: tuple[str, ...]

    @property
    def number(self) -> int:
        return int(self.reference.split("/")[0])

    @property
    def form(self) -> str:
        return "freelance" if self.contract.lower().startswith("freelance") else "lending"


@pytest.fixture(scope="module")
def ads() -> list[Ad]:
    text = real_data("..", "design", "founding-document.txt").read_text(encoding="utf-8")
    found = []
    for block in text.split("Reference number: ")[1:]:
        lines = [line.strip() for line in block.split("Online since")[0].splitlines() if line.strip()]
        tasks = tuple(line.lstrip("• ") for line in lines[4:])
        found.append(Ad(lines[0], lines[1], lines[2], lines[3], tasks))
    assert len(found) == 7 and all(len(ad.tasks) >= 5 for ad in found)
    return found


def placed(ad: Ad) -> dict[str, Any]:
    """The line of places as somebody types it into the form: the first town, the others, remote."""
    parts = parts_of(ad.place)
    remote = [part for part in parts if part.lower() == "remote"]
    rest = [part for part in parts if part not in remote]
    city = ""
    for part in rest:
        try:
            town = town_called(part.removesuffix(" area"), "DE")
            name = town.name if town is not None and town_of(part, "DE") else ""
        except Several as several:  # the form asks which one is meant
            name = several.labels[0]
        if name:
            city = name
            rest.remove(part)
            break
    return {"city": city, "places": ", ".join(rest), "remote": 100 if remote else 0}


def typed(staffed: Staffing, ad: Ad) -> dict[str, Any]:
    return {
        "client": staffed.client.pk, "title": ad.title, "title_en": ad.title, "reference": ad.reference, "contract_forms": [ad.form],
        "positions": 1, "workload_least": 100, "workload_most": 100, "country": "DE", "pay_unit": "hour", "pay_reason": "Depends on experience",
        "tasks_en": "\n".join(f"  • {task}" for task in ad.tasks), "confidentiality": "internal", "needs-TOTAL": 0, "languages-TOTAL": 0, **placed(ad),
    }  # fmt: skip


@pytest.fixture
def online(staffed: Staffing, ads: list[Ad]) -> Staffing:
    """All of them by the form, approved by somebody else, published."""
    Vacancy.objects.update(number=F("number") + 100_000)  # the cast has one of these numbers
    rosa = staffed.client_of("rosa")
    for ad in ads:
        answer = rosa.post(reverse("staffing:vacancy-create"), typed(staffed, ad))
        assert answer.status_code == 302, re.findall(
            r'class="err">.*?<span>(.*?)</span>', answer.content.decode(), re.DOTALL
        )
        vacancy = Vacancy.objects.get(number=ad.number)
        assert vacancy.reference == ad.reference
        advance(vacancy, "approve", by=staffed.cast.petra)
        advance(vacancy, "publish", by=staffed.rosa)
    return staffed


def reader(language: str) -> Browser:
    return Browser(headers={"accept-language": language})


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_sentence_stands_on_the_page_of_its_ad(online: Staffing, ads: list[Ad], language: str) -> None:
    heads = {"en": ("Tasks", "Reference number", "Freelance project", "Employed by us and assigned"), "de": ("Aufgaben", "Referenznummer", "Freiberufliches Projekt", "")}  # fmt: skip
    for ad in ads:
        answer = reader(language).get(reverse("board:ad", args=[ad.number]))
        assert answer.status_code == 200
        text = answer.content.decode("utf-8")
        points = [html.unescape(point) for point in re.findall(r'<li lang="en">(.*?)</li>', text, re.S)]
        assert points == list(ad.tasks), "in their order, each a point of its own, without the typed sign"
        assert f">{html.escape(ad.title)}</h1>" in text
        assert f"<dd>{ad.reference}</dd>" in text
        assert heads[language][0] in text
        place = re.search(r"<dt>(?:Place|Ort)</dt>\s*<dd>(.*?)</dd>", text)
        assert place is not None
        for part in parts_of(ad.place):
            told = {"remote": "remote"}.get(part.lower(), part.removesuffix(" area"))
            assert told in html.unescape(place[1]), (ad.place, place[1])
        assert "unlimited" not in text or ad.form != "freelance"


def test_no_sign_of_a_wrong_encoding_or_a_bullet_of_the_text_is_left(online: Staffing, ads: list[Ad]) -> None:
    for ad in ads:
        text = reader("de").get(reverse("board:ad", args=[ad.number])).content.decode("utf-8")
        body = text.split("<article", 1)[1].split("</article>")[0]
        assert not re.search("Ã.|â€|\ufffd|&amp;amp;|•", body)
    assert any(re.search("[äöüÄÖÜß]", ad.title) for ad in ads), "the file has umlauts to be right about"


def test_search_engines_get_what_they_ask_of_a_posting(online: Staffing, ads: list[Ad]) -> None:
    for ad in ads:
        text = reader("en").get(reverse("board:ad", args=[ad.number])).content.decode()
        found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
        assert len(found) == 1
        data = json.loads(found[0])
        assert (data["@context"], data["@type"]) == ("https://schema.org", "JobPosting")
        assert data["title"] == ad.title and data["identifier"]["value"] == ad.reference
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", data["datePosted"])
        assert data["hiringOrganization"]["name"] and data["url"].endswith(f"/jobs/{ad.number}")
        assert data["inLanguage"] == "en"
        assert data["employmentType"] == (["CONTRACTOR"] if ad.form == "freelance" else ["TEMPORARY"])
        points = [html.unescape(point) for point in re.findall("<li>(.*?)</li>", data["description"])]
        assert points == list(ad.tasks)
        remote = "remote" in ad.place.lower()
        assert (data.get("jobLocationType") == "TELECOMMUTE") == remote
        if remote:
            assert data["applicantLocationRequirements"]["name"]
        told = data.get("jobLocation", [])
        told = told if isinstance(told, list) else [told]
        assert len(told) == len([part for part in parts_of(ad.place) if part.lower() != "remote"])
        for place in told:
            assert place["@type"] == "Place" and place["address"]["@type"] == "PostalAddress"
            assert re.fullmatch("[A-Z]{2}", place["address"]["addressCountry"])


def test_the_list_the_feed_and_the_sitemap_name_them_all(online: Staffing, ads: list[Ad]) -> None:
    listed = reader("en").get(reverse("board:list")).content.decode()
    feed = ET.fromstring(reader("en").get(reverse("board:feed")).content)  # noqa: S314 - our own answer
    titles = [one.text for one in feed.findall("a:entry/a:title", ATOM)]
    told = {one.text for one in feed.findall("a:entry/a:link", ATOM)} | {
        one.attrib["href"] for one in feed.findall("a:entry/a:link", ATOM)
    }
    sitemap = reader("en").get(reverse("board:sitemap")).content.decode()
    for ad in ads:
        assert html.escape(ad.title) in listed and ad.reference in listed
        assert ad.title in titles
        assert any(address and address.endswith(f"/jobs/{ad.number}") for address in told)
        assert f"/jobs/{ad.number}</loc>" in sitemap
        moved = reader("en").get(f"/jobs/{ad.reference}")
        assert (moved.status_code, moved.headers["location"]) == (301, f"/jobs/{ad.number}")


def test_each_is_found_by_each_of_its_places(online: Staffing, ads: list[Ad]) -> None:
    known = dict(Vacancy.objects.values_list("pk", "number"))
    for ad in ads:
        for part in parts_of(ad.place):
            search = Search(remote=100) if part.lower() == "remote" else Search(place=part.removesuffix(" area"))
            assert ad.number in {known[pk] for pk in find(search).pks}, part
            if town_of(part, "DE") is not None:
                assert ad.number in {known[pk] for pk in find(Search(place=part, radius=25)).pks}, part


def test_each_is_found_by_the_words_of_its_title(online: Staffing, ads: list[Ad]) -> None:
    known = dict(Vacancy.objects.values_list("pk", "number"))
    for ad in ads:
        words = re.sub(r"\(.*?\)", "", ad.title).strip()
        assert ad.number in {known[pk] for pk in find(Search(q=words)).pks}, words
