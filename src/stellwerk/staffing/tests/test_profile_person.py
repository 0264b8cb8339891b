"""A profile in the words of the matching engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from stellwerk.engine.matching import Held, Person, Place, Wishes
from stellwerk.staffing.models import Consent, Profile, ProfileTerm, ProfileWish
from stellwerk.staffing.selectors.profiles import for_matching, profile_person, with_parts
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.tests.company import Staffing

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 1)


def test_everything_of_a_profile_arrives_in_the_engine(staffed: Staffing) -> None:
    terms = terms_for(["controlling", "evm", "ms_project", "ipma_c", "agile_pm"])
    profile = staffed.profiles["frida"]
    ProfileTerm.objects.create(profile=profile, term=terms["ipma_c"])
    ProfileWish.objects.create(profile=profile, term=terms["evm"])
    ProfileWish.objects.create(profile=profile, term=terms["agile_pm"], wanted=False)
    Profile.objects.filter(pk=profile.pk).update(
        contract_forms=["permanent"], years=9, workload_wish=90, remote_wish=40, team_least=3, pay_wish=65_000_00
    )
    used = dt.date(2026, 10, 1)
    found = profile_person(with_parts(Profile.objects.filter(pk=profile.pk)).get(), {5: dt.date(2027, 6, 1)})
    assert {"projektcontroll", "controll"} <= {*found.words}
    assert replace(found, words=()) == Person(
        profile.pk,
        skills={terms["controlling"].pk: Held(4, used), terms["evm"].pk: Held(3, used), terms["ms_project"].pk: Held(3, used)},
        languages={"de": 7}, certificates=frozenset({terms["ipma_c"].pk}), years=9, contracts=frozenset({"permanent"}),
        available=dt.date(2026, 12, 1), workload=(80, 100), asks=58_000_00, place=Place(53.07, 8.81), radius=80,
        lent_until={5: dt.date(2027, 6, 1)},
        wishes=Wishes(
            skills=frozenset({terms["evm"].pk}), no_skills=frozenset({terms["agile_pm"].pk}), workload=90, remote=40,
            pay=65_000_00, team=(3, 10_000),
        ),
    )  # fmt: skip


def test_what_is_not_told_stays_unknown(staffed: Staffing) -> None:
    bare = Profile.objects.create(organisation=staffed.cast.organisation, key="PRF-9", first_name="A", last_name="B")
    assert profile_person(bare) == Person(bare.pk)


def test_matching_looks_at_active_profiles_with_a_living_consent_only(staffed: Staffing) -> None:
    every = {profile.pk for profile in staffed.profiles.values()}
    assert set(for_matching(TODAY).values_list("pk", flat=True)) == every
    Profile.objects.filter(pk=staffed.profiles["pias"].pk).update(state="paused")
    Consent.objects.filter(profile=staffed.profiles["pavels"]).update(state="withdrawn")
    Consent.objects.filter(profile=staffed.profiles["fabian"]).update(expires=TODAY - dt.timedelta(days=1))
    assert set(for_matching(TODAY).values_list("pk", flat=True)) == {staffed.profiles["frida"].pk}
    Profile.objects.filter(pk=staffed.profiles["pavels"].pk).update(kind="employee")
    assert staffed.profiles["pavels"].pk in set(for_matching(TODAY).values_list("pk", flat=True))
