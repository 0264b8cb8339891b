"""Profiles of the demo company: every kind and state, some from partners, one with an account."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from stellwerk.demo.staffing_profiles import add_profiles
from stellwerk.staffing.models import Profile, ProfileTerm
from stellwerk.staffing.selectors.profiles import for_matching, profile_person, with_parts

pytestmark = pytest.mark.django_db


def test_the_demo_has_forty_people_that_the_engine_understands(cast):
    today = timezone.localdate()
    company = SimpleNamespace(today=today, organisation=cast.organisation, people=list(cast.people.values()), users={})
    made = add_profiles(company)
    assert len(made) >= 32
    assert {"applicant", "freelancer"} <= set(Profile.objects.values_list("kind", flat=True))
    assert {"draft", "active", "paused", "locked"} == set(Profile.objects.values_list("state", flat=True))
    assert Profile.objects.filter(partner__isnull=False).values("partner").distinct().count() == 2
    assert Profile.objects.get(user__email="frida@people.example").full_name == "Frida Winter"
    assert ProfileTerm.objects.filter(term__kind="soft").exists()
    people = [profile_person(profile) for profile in with_parts(for_matching(today))]
    assert len(people) >= 28
    assert all(one.skills and one.languages for one in people)


def test_no_two_of_them_share_a_name_and_all_addresses_are_invented(cast):
    company = SimpleNamespace(today=timezone.localdate(), organisation=cast.organisation, people=[], users={})
    made = add_profiles(company)
    assert len({profile.full_name for profile in made}) == len(made)
    assert all(profile.email.endswith(".example") for profile in made)
