"""Typed towns: their degrees, which of several is meant, what happens to one that nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from stellwerk.staffing.models import Profile, Vacancy
from stellwerk.staffing.selectors.board import places_meant, spot_of
from stellwerk.staffing.services.profiles import create_profile, edit_profile
from stellwerk.staffing.services.vacancies import edit_vacancy
from stellwerk.staffing.tests.company import Staffing
from stellwerk.staffing.towns import Several, located, town_called


@pytest.mark.parametrize(
    ("typed", "country", "near"),
    [
        ("Hamburg", "DE", (53.55, 9.99)), ("münchen", "DE", (48.14, 11.58)), ("Muenchen", "", (48.14, 11.58)), ("Köln", "DE", (50.94, 6.96)),
        ("Wien", "AT", (48.21, 16.37)), ("Zürich", "CH", (47.38, 8.54)), ("Frankfurt am Main", "DE", (50.11, 8.68)),
        ("Frankfurt (Oder)", "DE", (52.34, 14.55)), ("Halle, Nordrhein-Westfalen", "DE", (52.06, 8.36)),
    ],
)  # fmt: skip
def test_a_town_is_found_by_the_names_that_people_type(typed: str, country: str, near: tuple[float, float]) -> None:
    town = town_called(typed, country)
    assert town is not None
    assert (town.latitude, town.longitude) == pytest.approx(near, abs=0.06)


def test_of_several_towns_none_is_guessed_and_each_offer_is_understood() -> None:
    with pytest.raises(Several) as asked:
        town_called("Frankfurt", "DE")
    assert asked.value.labels == ["Frankfurt am Main", "Frankfurt (Oder)"]
    with pytest.raises(Several) as asked:
        town_called("Neustadt", "DE")
    for label in asked.value.labels:
        assert town_called(label, "DE") is not None


def test_what_is_no_town_is_not_known() -> None:
    assert town_called("Xyzhausen am Nirgendwo") is None and town_called("") is None


def test_degrees_that_somebody_gave_stay_and_an_unclear_town_has_none() -> None:
    assert located({"city": "Köln", "country": "DE", "latitude": 1.0, "longitude": 2.0})["latitude"] == 1.0
    assert located({"city": "Frankfurt", "country": "DE"})["latitude"] is None
    assert located({"headline": "PMO"}) == {"headline": "PMO"}


pytestmark = pytest.mark.django_db


def test_a_profile_gets_and_changes_its_degrees_with_its_town(staffed: Staffing) -> None:
    values = {
        "kind": "applicant",
        "first_name": "Nora",
        "last_name": "Falk",
        "email": "n@example.com",
        "city": "Kiel",
        "country": "DE",
    }
    profile = create_profile(values=values, by=staffed.rosa)
    assert profile.latitude == pytest.approx(54.32, abs=0.02)
    profile = edit_profile(profile=profile, values={"city": "Köln"}, by=staffed.rosa)
    assert profile.latitude == pytest.approx(50.94, abs=0.02)
    profile = edit_profile(profile=profile, values={"city": "Xyzhausen"}, by=staffed.rosa)
    assert profile.latitude is None  # those of Köln would be wrong


def test_a_vacancy_moves_with_its_town(staffed: Staffing) -> None:
    vacancy = edit_vacancy(
        vacancy=Vacancy.objects.get(key="VAC-0001"), values={"city": "Leipzig", "country": "DE"}, by=staffed.rosa
    )
    assert vacancy.latitude == pytest.approx(51.34, abs=0.02)


def posted(**more: Any) -> dict[str, Any]:
    rows = {f"{code}-TOTAL": "0" for code in ("skills", "languages", "stations", "wishlist")}
    return rows | {"kind": "freelancer", "first_name": "Nora", "last_name": "Falk", "language": "de", "country": "DE", "pay_unit": "hour"} | more  # fmt: skip


@pytest.mark.parametrize(
    ("city", "told"),
    [("Frankfurt", "Several towns are called so"), ("Xyzhausen", "We do not know where this town lies")],
)
def test_the_form_asks_at_the_field_and_keeps_the_input(staffed: Staffing, city: str, told: str) -> None:
    answer = staffed.client_of("rosa").post(reverse("staffing:profile-create"), posted(city=city, radius="50"))
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page and f'value="{city}"' in page
    assert not Profile.objects.filter(last_name="Falk").exists()


def test_who_gives_no_radius_may_live_in_a_village_that_no_list_has(staffed: Staffing) -> None:
    assert (
        staffed.client_of("rosa").post(reverse("staffing:profile-create"), posted(city="Xyzhausen")).status_code == 302
    )


def test_the_board_searches_around_a_town_that_no_ad_names_and_asks_which(staffed: Staffing, client: Any) -> None:
    spot = spot_of("Oldenburg")
    assert spot is not None and spot.latitude == pytest.approx(53.14, abs=0.02)
    assert spot_of("Frankfurt") is None and places_meant("Frankfurt") == ["Frankfurt am Main", "Frankfurt (Oder)"]
    page = client.get(reverse("board:list"), {"place": "Frankfurt", "radius": "50"}).content.decode()
    assert "Frankfurt (Oder)" in page
    assert client.get(reverse("board:list"), {"place": "Oldenburg", "radius": "50"}).status_code == 200
