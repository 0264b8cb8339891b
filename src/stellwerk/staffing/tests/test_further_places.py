"""Ads with several places, with a region only, in one language only, and with a reference that they bring along."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import translation

from stellwerk.core.errors import Invalid
from stellwerk.staffing.further_places import address_of, parts_of, spots_of
from stellwerk.staffing.models import Vacancy
from stellwerk.staffing.selectors.ads import ad_of, place_told
from stellwerk.staffing.selectors.board import Search, find
from stellwerk.staffing.services.vacancies import copy_vacancy, create_vacancy, edit_vacancy, next_number
from stellwerk.staffing.tests.company import Staffing

pytestmark = pytest.mark.django_db
NUMBER = 821407


def values(staffed: Staffing, **more: Any) -> dict[str, Any]:
    return {"client": staffed.client, "title": "PMO (m/w/d)", "contract_forms": ["freelance"], "tasks": "Berichte", "pay_least": 80_00, "pay_unit": "hour"} | more  # fmt: skip


def online(**fields: Any) -> None:
    Vacancy.objects.filter(number=NUMBER).update(**fields)


def found(**search: Any) -> list[int]:
    known = dict(Vacancy.objects.values_list("pk", "number"))
    return [known[pk] for pk in find(Search(**search)).pks]


def posting(language: str = "en") -> dict[str, Any]:
    text = Browser(headers={"accept-language": language}).get(f"/jobs/{NUMBER}").content.decode()
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


# ── places ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("Bavaria", {"addressRegion": "Bavaria", "addressCountry": "DE"}),
        ("Bayern", {"addressRegion": "Bayern", "addressCountry": "DE"}),
        ("Tirol", {"addressRegion": "Tirol", "addressCountry": "AT"}),
        ("Niederlande", {"addressCountry": "NL"}),
        ("United Kingdom", {"addressCountry": "GB"}),
        ("Essen", {"addressLocality": "Essen", "addressCountry": "DE"}),
        ("Berlin", {"addressLocality": "Berlin", "addressCountry": "DE"}),
        ("Utrecht", {"addressLocality": "Utrecht", "addressCountry": "NL"}),
        ("Rhein-Main", {"addressLocality": "Rhein-Main", "addressCountry": "DE"}),
    ],
)
def test_towns_regions_and_countries_are_told_apart(part: str, told: dict[str, str]) -> None:
    assert address_of(part, "DE") == {"@type": "PostalAddress"} | told


def test_only_towns_have_a_spot() -> None:
    assert parts_of(" Essen,, Bavaria ; Niederlande ") == ["Essen", "Bavaria", "Niederlande"]
    assert [tuple(map(round, spot)) for spot in spots_of("Essen, Bavaria, Niederlande, Xyzheim", "DE")] == [(51, 7)]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"places": "Essen"}, "Bremen, Essen"),
        ({"places": "Essen", "remote": 40}, "Bremen, Essen, up to 40 % remote"),
        ({"places": "Essen, Netherlands", "remote": 100}, "remote or Bremen, Essen, Netherlands"),
        ({"city": "", "places": "Bavaria"}, "Bavaria"),
        ({"remote": 100}, "remote, now and then Bremen"),
    ],
)
def test_the_ad_tells_all_its_places(staffed: Staffing, fields: dict[str, Any], told: str) -> None:
    online(**fields)
    with translation.override("en"):
        assert place_told(Vacancy.objects.get(number=NUMBER)) == told


def test_an_ad_is_found_around_each_of_its_towns_with_the_nearest_distance(staffed: Staffing) -> None:
    assert found(place="Essen", radius=25) == []
    cache.clear()
    online(places="Essen, Bavaria")
    assert found(place="Essen", radius=25) == [NUMBER]
    assert found(place="Bremen", radius=25) == [NUMBER]
    away = find(Search(place="Bochum", radius=50)).away
    assert [round(km) for km in away.values()] == [14]  # 0.025° north and 0.204° east at 51.5°: √(2.8² + 14.1²)
    assert found(place="München", radius=25) == []
    assert found(place="Bavaria") == [NUMBER]


def test_an_ad_without_a_town_of_its_own_lies_where_its_further_towns_lie(staffed: Staffing) -> None:
    online(city="", latitude=None, longitude=None, places="Essen")
    assert found(place="Essen", radius=25) == [NUMBER]
    assert found(place="Hamburg", radius=25) == []


def test_a_further_place_shows_nothing_that_is_not_public(staffed: Staffing) -> None:
    online(places="Essen")
    assert found(place="Essen", radius=25) == [NUMBER]
    online(state="on_hold")  # what is remembered for a minute is asked again
    assert found(place="Essen", radius=25) == []


def test_search_engines_get_every_place(staffed: Staffing) -> None:
    assert posting()["jobLocation"]["address"]["addressLocality"] == "Bremen"
    online(places="Essen, Bavaria")
    assert [place["address"] for place in posting()["jobLocation"]] == [
        {"@type": "PostalAddress", "addressLocality": "Bremen", "addressCountry": "DE"},
        {"@type": "PostalAddress", "addressLocality": "Essen", "addressCountry": "DE"},
        {"@type": "PostalAddress", "addressRegion": "Bavaria", "addressCountry": "DE"},
    ]
    online(city="", places="")
    assert posting()["jobLocation"]["address"] == {"@type": "PostalAddress", "addressCountry": "DE"}


def test_other_places_are_a_new_edition(staffed: Staffing) -> None:
    edited = edit_vacancy(vacancy=staffed.vacancies["online"], values={"places": "Essen"}, by=staffed.rosa)
    assert edited.reference == "821407/2"


# ── the language of the texts ────────────────────────────────────────────────────────────────────


def test_an_ad_in_one_language_says_so_to_screen_readers_and_search_engines(staffed: Staffing) -> None:
    online(tasks="", wanted="", tasks_en="Plan the budget", wanted_en="Controlling")
    shown = ad_of(Vacancy.objects.get(number=NUMBER), "de")
    assert (shown.language, shown.written_in) == ("de", "en")
    text = Browser(headers={"accept-language": "de"}).get(f"/jobs/{NUMBER}").content.decode()
    assert '<article class="ad stack" lang="de">' in text and '<li lang="en">Plan the budget</li>' in text
    assert posting("de")["inLanguage"] == "en"


def test_an_ad_in_both_languages_is_read_in_ones_own(staffed: Staffing) -> None:
    online(tasks_en="Plan the budget")
    vacancy = Vacancy.objects.get(number=NUMBER)
    assert [ad_of(vacancy, code).written_in for code in ("de", "en")] == ["de", "en"]


@pytest.mark.parametrize(
    ("forms", "told"), [(["freelance"], False), (["permanent"], True), (["lending", "freelance"], True)]
)
def test_a_project_without_a_last_day_is_not_for_ever(staffed: Staffing, forms: list[str], told: bool) -> None:
    online(contract_forms=forms, last_day=None)
    facts = dict(ad_of(Vacancy.objects.get(number=NUMBER), "en").facts)
    assert ("Duration" in facts) is told


# ── references ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "reference"), [("812345/1", "812345/1"), (" 812 345 / 3 ", "812345/3"), ("812345", "812345/1")]
)
def test_an_ad_keeps_the_reference_that_it_brings_along(staffed: Staffing, typed: str, reference: str) -> None:
    made = create_vacancy(values=values(staffed, reference=typed), by=staffed.rosa)
    assert made.reference == reference
    copy = copy_vacancy(vacancy=made, by=staffed.rosa)
    assert copy.number != made.number and copy.edition == 1


@pytest.mark.parametrize("typed", ["abc", "0/1", "812345/0", "-5", "812345/1/2", "9999999999", "٨١٧/1", str(NUMBER)])
def test_a_reference_that_cannot_be_is_told_at_its_field(staffed: Staffing, typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create_vacancy(values=values(staffed, reference=typed), by=staffed.rosa)
    assert set(refusal.value.errors) == {"reference"}


def test_the_next_number_is_never_one_that_an_ad_brought_along(staffed: Staffing) -> None:
    following = next_number() + 1
    create_vacancy(values=values(staffed, reference=str(following)), by=staffed.rosa)
    assert next_number() == following + 1


def test_the_form_keeps_what_was_typed_when_a_reference_is_taken(staffed: Staffing) -> None:
    data = {
        "client": staffed.client.pk, "title": "PMO (m/w/d)", "reference": f"{NUMBER}/1", "contract_forms": ["freelance"], "positions": 1,
        "workload_least": 100, "workload_most": 100, "country": "DE", "remote": 0, "pay_unit": "hour", "confidentiality": "internal",
        "places": "Essen, Bavaria", "needs-TOTAL": 0, "languages-TOTAL": 0,
    }  # fmt: skip
    answer = staffed.client_of("rosa").post("/staffing/vacancies/new", data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Another ad has the number 821407." in text
    assert 'value="Essen, Bavaria"' in text and 'value="821407/1"' in text


def test_clients_have_no_say_in_numbers_and_an_edit_has_none_at_all(staffed: Staffing) -> None:
    assert 'name="reference"' in staffed.client_of("rosa").get("/staffing/vacancies/new").content.decode()
    assert 'name="reference"' not in staffed.client_of("klaus").get("/staffing/vacancies/new").content.decode()
    assert 'name="reference"' not in staffed.client_of("rosa").get("/staffing/vacancies/VAC-0003/edit").content.decode()
