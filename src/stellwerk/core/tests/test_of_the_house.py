"""Who belongs to the house: guests see no empty areas of it (``permissions.of_the_house``, ``navigation.EVERYBODY``)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from stellwerk.core.models import Grant, User
from stellwerk.core.navigation import EVERYBODY, NavEntry, entries_for
from stellwerk.core.permissions import OUTSIDE, forget_grants, of_the_house

ENTRY = NavEntry("projects", "Projects", "folders", "core:home")


@pytest.fixture
def guest(db) -> User:
    return User.objects.create(email="guest@example.com", name="Gunnar Gast")


def grant(user: User, *roles: str) -> User:
    for role in roles:
        Grant.objects.create(user=user, role=role, scope="self")
    forget_grants(user)
    return user


@pytest.mark.parametrize("role", sorted(OUTSIDE))
def test_whoever_has_nothing_but_a_role_from_outside_is_a_guest(guest, role):
    assert not of_the_house(grant(guest, role))
    assert set(entries_for(guest)) <= EVERYBODY
    assert not ENTRY.visible_to(guest)


def test_all_roles_from_outside_together_make_nobody_one_of_the_house(guest):
    assert not of_the_house(grant(guest, *OUTSIDE))


def test_one_role_of_the_house_is_enough(guest):
    assert of_the_house(grant(guest, "candidate", "team_member"))
    assert ENTRY.visible_to(guest)


def test_a_candidate_who_is_hired_is_one_of_the_house(cast, guest):
    grant(guest, "candidate")
    person = cast.people["walter"]
    person.user = guest
    person.save()
    fresh = User.objects.get(pk=guest.pk)
    assert of_the_house(fresh) and ENTRY.visible_to(fresh)


def test_without_any_role_and_person_nobody_is_of_the_house(guest):
    assert not of_the_house(guest) and not of_the_house(AnonymousUser())
    assert ENTRY.visible_to(guest), "a new installation shows the way to whoever has no role yet"


def test_a_role_that_has_ended_does_not_count(guest):
    Grant.objects.create(
        user=guest, role="team_member", scope="self", valid_to=timezone.localdate() - dt.timedelta(days=1)
    )
    Grant.objects.create(user=guest, role="candidate", scope="self")
    assert not of_the_house(guest)


def test_an_account_that_is_closed_has_no_roles(guest):
    guest.is_active = False
    guest.save()
    assert not of_the_house(grant(guest, "pmo_lead"))
