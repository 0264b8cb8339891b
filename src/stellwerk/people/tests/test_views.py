"""Every page of the people room answers, to those who may see it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stellwerk.core.models import Grant
from stellwerk.people.models import Location
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
