"""Every page of the people room answers, to those who may see it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from stellwerk.core.lists import LISTS
from stellwerk.core.lists.reading import read_list
from stellwerk.core.models import Grant
from stellwerk.people.models import Location, Person, Role
from stellwerk.testing import Cast


def pages(cast: Cast) -> dict[str, str]:
    location = Location.objects.create(organisation=cast.organisation, name="Rostock")
    grant = Grant.objects.get(user=cast.paul)
    key = {
        "person": cast.people["paul"].key,
        "unit": cast.unit.key,
        "organisation": cast.organisation.key,
        "role": cast.role.key,
    }
    found = {
        name: reverse(f"people:{name}")
        for name in (
            "person-list",
            "person-create",
            "unit-tree",
            "unit-list",
            "unit-create",
            "organisation-list",
            "organisation-create",
            "role-list",
            "role-create",
            "user-list",
            "user-create",
            "grant-list",
            "profile",
        )
    }
    for kind, value in key.items():
        found[f"{kind}-detail"] = reverse(f"people:{kind}-detail", args=[value])
        found[f"{kind}-edit"] = reverse(f"people:{kind}-edit", args=[value])
    found["person-erase"] = reverse("people:person-erase", args=[key["person"]])
    found["location-create"] = reverse("people:location-create", args=[key["organisation"]])
    found["location-edit"] = reverse("people:location-edit", args=[location.pk])
    for name in ("user-detail", "user-edit", "user-erase", "grant-create"):
        found[name] = reverse(f"people:{name}", args=[cast.paul.pk])
    found["grant-edit"] = reverse("people:grant-edit", args=[grant.pk])
    return found


PMO = {
    "person-erase",
    *(
        f"{kind}-{page}"
        for kind in ("person", "unit", "organisation", "role")
        for page in ("list", "create", "detail", "edit")
    ),
    "unit-tree",
    "location-create",
    "location-edit",
    "user-list",
    "user-detail",
    "grant-list",
    "grant-create",
    "grant-edit",
    "profile",
} - {"unit-list-x"}
ADMIN = {
    "user-list",
    "user-create",
    "user-detail",
    "user-edit",
    "user-erase",
    "grant-list",
    "grant-create",
    "grant-edit",
    "profile",
}


@pytest.mark.parametrize(("who", "allowed"), [("petra", PMO), ("ada", ADMIN), ("uwe", {"profile"})])
def test_each_page_opens_for_those_who_may_see_it_and_for_nobody_else(cast: Cast, who: str, allowed: set[str]):
    client = cast.client(who)
    statuses = {name: client.get(url).status_code for name, url in pages(cast).items()}
    assert {name for name, status in statuses.items() if status == 200} == allowed
    assert set(statuses.values()) <= {200, 403, 404}


def test_the_list_names_project_roles_in_the_readers_language(cast: Cast):
    Role.objects.create(key="ROL-0002", name="Bauleitung")  # nobody has said how it is called in English
    Person.objects.filter(pk=cast.people["tom"].pk).update(role=Role.objects.get(key="ROL-0002"))
    Person.objects.filter(pk=cast.people["gerda"].pk).update(role=None)
    for language, name in (("de", "Projektleitung"), ("en", "Project management")):
        with translation.override(language):
            result = read_list(LISTS["people.person"], cast.petra, {"group": "role"})
            assert {str(row["role"]) for row in result.rows} == {name, "Bauleitung", "None"}
            assert sum(group.label == name for group in result.groups) == 1
            found = read_list(LISTS["people.person"], cast.petra, {"role": name[:9]})
            assert found.rows and {row["role"] for row in found.rows} == {name}
            nobody = read_list(LISTS["people.person"], cast.petra, {"role__empty": "yes"})
            assert [row.key for row in nobody.rows] == [cast.people["gerda"].key]


def test_the_order_of_roles_follows_the_names_that_are_read(cast: Cast):
    Role.objects.create(key="ROL-0002", name="Arbeitsvorbereitung", name_en="Work preparation")
    Person.objects.filter(pk=cast.people["tom"].pk).update(role=Role.objects.get(key="ROL-0002"))
    first = {}
    for language in ("de", "en"):
        with translation.override(language):
            first[language] = read_list(LISTS["people.person"], cast.petra, {"sort": "role"}).rows[0].key
    assert first["de"] == cast.people["tom"].key
    assert first["en"] != cast.people["tom"].key
