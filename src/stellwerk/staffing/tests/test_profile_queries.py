"""The page of a profile needs the same few queries whatever it holds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stellwerk.staffing.models import ProfileTerm, Station
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.tests.company import Staffing, match_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["rosa", "frida", "pia"])
def test_the_page_of_a_profile_stays_below_thirty_queries(staffed: Staffing, name: str) -> None:
    profile = staffed.profiles["pias" if name == "pia" else "frida"]
    match_of(staffed, "pias" if name == "pia" else "frida", key="MAT-0001", state="contacted")
    terms = terms_for(["pmo", "risk", "reporting", "scheduling", "ipma_c", "communication"])
    ProfileTerm.objects.bulk_create(ProfileTerm(profile=profile, term=term) for term in terms.values())
    Station.objects.bulk_create(Station(profile=profile, title=f"Station {number}") for number in range(9))
    browser = staffed.client_of(name)
    address = reverse("staffing:profile-detail", args=[profile.key])
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert browser.get(address).status_code == 200
    assert len(counted) <= 30, [one["sql"][:90] for one in counted]
