"""Accounts, role assignments and erasure: separation of duties, deputies, the last administrator."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import ApiToken, AuditEntry, Grant, Mail, Scope, User
from stellwerk.core.permissions import can
from stellwerk.people import services
from stellwerk.people.models import Person
from stellwerk.testing import Cast


def refused(code: str) -> Callable[[Exception], bool]:
    """The refusal with this code, in whatever language it speaks."""
    return lambda error: getattr(error, "code", "") == code


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def test_a_new_account_is_invited_and_the_link_sets_a_password(cast: Cast, settings):
    settings.BASE_URL = "http://testserver"
    user = services.create_account(by=cast.ada, email=" Neu@Example.com", name="Ida  Neu", language="de")
    assert (user.email, user.name, user.has_usable_password()) == ("neu@example.com", "Ida Neu", False)
    mail = Mail.objects.get(to="neu@example.com")
    assert "Zugang" in mail.subject
    link = re.search(r"http://testserver(/\S+)", mail.text)
    assert link is not None
    client = Client()
    page = client.get(link[1], follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "drei-lange-worte-7", "password2": "drei-lange-worte-7"})
    assert fresh(user).check_password("drei-lange-worte-7")


def test_an_account_can_belong_to_a_known_person_only_once(cast: Cast):
    person = Person.objects.create(key="P-1", first_name="Ida", last_name="Neu", unit=cast.unit)
    user = services.create_account(by=cast.ada, email="ida@example.com", name="Ida Neu", person=person, invite=False)
    person.refresh_from_db()
    assert person.user == user
    with pytest.raises(Invalid):
        services.create_account(by=cast.ada, email="ida2@example.com", name="Ida", person=person)


@pytest.mark.parametrize(("email", "name"), [("PAUL@example.com", "X"), ("no address", "X"), ("a@example.com", "  ")])
def test_an_account_with_impossible_data_is_refused(cast: Cast, email: str, name: str):
    with pytest.raises(Invalid):
        services.create_account(by=cast.ada, email=email, name=name)


@pytest.mark.parametrize("who", ["petra", "paul", "walter", "uwe"])
def test_only_administrators_create_accounts(cast: Cast, who: str):
    with pytest.raises(NotAllowed):
        services.create_account(by=getattr(cast, who), email="x@example.com", name="X")


def test_a_closed_account_is_signed_out_and_can_be_opened_again(cast: Cast):
    client = cast.client("paul")
    assert client.get("/people/profile").status_code == 200
    services.close_account(cast.paul, by=cast.ada, reason="left")
    assert client.get("/people/profile").status_code == 302
    services.reopen_account(fresh(cast.paul), by=cast.ada)
    assert fresh(cast.paul).is_active


def test_nobody_closes_their_own_account_or_the_last_administrator(cast: Cast):
    with pytest.raises(NotAllowed):
        services.close_account(cast.ada, by=cast.ada)
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.close_account(cast.ada, by=None)
    services.grant_role(by=cast.ada, user=cast.uwe, role="administrator", scope=Scope.ORGANISATION)
    services.close_account(cast.ada, by=fresh(cast.uwe))
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.close_account(fresh(cast.uwe), by=None)


def test_an_address_is_used_once_and_edits_are_compared(cast: Cast):
    with pytest.raises(Invalid):
        services.edit_account(cast.paul, {"email": "Petra@example.com"}, by=cast.ada)
    services.edit_account(cast.paul, {"name": "Paul J."}, by=cast.ada, version=cast.paul.version)
    with pytest.raises(StaleEdit):
        services.edit_account(cast.paul, {"name": "P. Jansen"}, by=cast.ada, version=cast.paul.version)


def test_the_profile_changes_only_what_is_ones_own(cast: Cast):
    saved = services.edit_profile(
        cast.paul, {"digest": "daily", "is_active": False, "email": "x@example.com"}, by=cast.paul
    )
    assert (saved.digest, saved.is_active, saved.email) == ("daily", True, "paul@example.com")
    with pytest.raises(NotAllowed):
        services.edit_profile(cast.paul, {"digest": "none"}, by=cast.ada)
    page = cast.client("paul").post(
        "/people/profile",
        {"name": "Paul Jansen", "language": "de", "theme": "dark", "digest": "none", "version": saved.version},
    )
    assert page.status_code == 302
    assert fresh(cast.paul).theme == "dark"


# ── role assignments ─────────────────────────────────────────────────────────────────────────────


def test_a_role_in_a_unit_reaches_that_unit(cast: Cast):
    services.grant_role(
        by=cast.ada, user=cast.uwe, role="resource_manager", scope=Scope.UNIT, scope_id=cast.other_unit.pk
    )
    uwe = fresh(cast.uwe)
    assert can(uwe, "edit", cast.people["olga"])
    assert not can(uwe, "edit", cast.people["paul"])
    assert AuditEntry.objects.filter(entity_type="core.user", entity_id=uwe.pk, verb="grant", actor=cast.ada).exists()


@pytest.mark.parametrize("who", ["ada", "petra"])
def test_nobody_gives_roles_to_themselves(cast: Cast, who: str):
    user = getattr(cast, who)
    with pytest.raises(NotAllowed, check=refused("own_role")):
        services.grant_role(by=user, user=user, role="controller", scope=Scope.ORGANISATION)
    with pytest.raises(NotAllowed, check=refused("own_role")):
        services.change_grant(Grant.objects.get(user=user), by=user, valid_from=None, valid_to=dt.date(2030, 1, 1))


def test_the_pmo_lead_gives_business_roles_but_makes_no_administrators(cast: Cast):
    services.grant_role(by=cast.petra, user=cast.uwe, role="controller", scope=Scope.ORGANISATION)
    with pytest.raises(NotAllowed, check=refused("administrator_only")):
        services.grant_role(by=cast.petra, user=cast.uwe, role="administrator", scope=Scope.ORGANISATION)
    with pytest.raises(NotAllowed):
        services.end_grant(Grant.objects.get(user=cast.ada), by=cast.petra)


@pytest.mark.parametrize("who", ["paul", "rita", "walter", "uwe"])
def test_others_assign_no_roles(cast: Cast, who: str):
    with pytest.raises(NotAllowed):
        services.grant_role(
            by=getattr(cast, who),
            user=cast.uwe if who != "uwe" else cast.tom,
            role="controller",
            scope=Scope.ORGANISATION,
        )


@pytest.mark.parametrize(
    ("role", "scope", "number", "field"),
    [("king", "organisation", None, "role"), ("controller", "project", 1, "scope"), ("resource_manager", "unit", None, "scope_id"),
     ("resource_manager", "unit", 10**9, "scope_id"), ("project_manager", "self", 3, "scope_id")],
)  # fmt: skip
def test_an_impossible_assignment_is_refused_at_its_field(
    cast: Cast, role: str, scope: str, number: int | None, field: str
):
    with pytest.raises(Invalid) as refusal:
        services.grant_role(by=cast.ada, user=cast.uwe, role=role, scope=scope, scope_id=number)
    assert field in refusal.value.errors


def test_the_same_role_is_given_once_and_lives_again_after_its_end(cast: Cast):
    give = {"by": cast.ada, "user": cast.uwe, "role": "controller", "scope": Scope.ORGANISATION}
    first = services.grant_role(**give)
    with pytest.raises(Invalid):
        services.grant_role(**give)
    ended = services.end_grant(first, by=cast.ada)
    assert not ended.active_on(timezone.localdate())
    assert services.grant_role(**give).pk == first.pk


def test_a_deputy_stands_in_for_a_holder_until_a_named_day(cast: Cast):
    until = timezone.localdate() + dt.timedelta(days=14)
    give = {"by": cast.ada, "user": cast.uwe, "role": "project_manager", "scope": Scope.SELF, "deputy_for": cast.paul}
    with pytest.raises(Invalid) as refusal:
        services.grant_role(**give)
    assert "valid_to" in refusal.value.errors
    services.grant_role(**give, valid_to=until)
    uwe = fresh(cast.uwe)
    assert can(uwe, "view", cast.project)
    assert not can(uwe, "view", cast.other_project)
    with pytest.raises(Invalid):
        services.grant_role(**(give | {"deputy_for": cast.conny}), valid_to=until)
    with pytest.raises(Invalid):
        services.grant_role(**(give | {"user": cast.paul}), valid_to=until)


def test_the_last_administrator_stays(cast: Cast):
    grant = Grant.objects.get(user=cast.ada)
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.end_grant(grant, by=cast.ada)
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.change_grant(grant, by=None, valid_from=None, valid_to=dt.date(2030, 1, 1))
    second = services.grant_role(by=cast.ada, user=cast.uwe, role="administrator", scope=Scope.ORGANISATION)
    services.end_grant(grant, by=cast.ada)
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.end_grant(second, by=fresh(cast.uwe))


def test_a_period_that_ends_before_it_begins_is_refused(cast: Cast):
    with pytest.raises(Invalid):
        services.change_grant(
            Grant.objects.get(user=cast.paul), by=cast.ada, valid_from=dt.date(2027, 1, 2), valid_to=dt.date(2027, 1, 1)
        )


def test_the_pages_assign_change_and_end_a_role(cast: Cast):
    client = cast.client("ada")
    page = client.post(
        f"/people/accounts/{cast.uwe.pk}/roles/new", {"role": "resource_manager", "where": f"unit:{cast.unit.pk}"}
    )
    assert page.status_code == 302
    grant = Grant.objects.get(user=cast.uwe)
    assert (
        client.post(
            f"/people/assignments/{grant.pk}/edit", {"valid_to": "31.12.2030", "version": grant.version}
        ).status_code
        == 302
    )
    assert Grant.objects.get(pk=grant.pk).valid_to == dt.date(2030, 12, 31)
    client.post(f"/people/assignments/{grant.pk}/end")
    assert not Grant.objects.get(pk=grant.pk).active_on(timezone.localdate())
    assert (
        client.post(
            f"/people/accounts/{cast.ada.pk}/roles/new", {"role": "controller", "where": "organisation:"}
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"role": "x", "where": "y"},
        {"role": "controller", "where": "unit:abc"},
        {"role": "sponsor", "where": "self:", "valid_from": "gestern"},
    ],
)
def test_odd_input_to_the_role_form_is_answered_in_place(cast: Cast, data: dict[str, str]):
    assert cast.client("ada").post(f"/people/accounts/{cast.uwe.pk}/roles/new", data).status_code == 422


# ── erasure ──────────────────────────────────────────────────────────────────────────────────────


def test_erasing_a_person_blanks_identity_account_and_history(
    cast: Cast, tmp_path, settings, django_capture_on_commit_callbacks
):
    settings.HOME = tmp_path
    tom = cast.people["tom"]
    services.edit_person(tom, {"last_name": "Okafor-Meyer", "phone": "0381 1"}, by=cast.petra)
    ApiToken.objects.create(user=cast.tom, name="x", digest="d" * 64, hint="abcd")
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_person(fresh_person(tom), by=cast.petra, reason="Art. 17 request")
    person, user = fresh_person(tom), fresh(cast.tom)
    assert "Okafor" not in f"{person} {user} {user.email}"
    assert (person.email, person.phone, person.user) == ("", "", None)
    assert not user.is_active and user.erased_at is not None
    assert not user.grants.exists() and not user.api_tokens.exists()
    trail = str(
        list(AuditEntry.objects.filter(entity_type="people.person", entity_id=tom.pk).values_list("changes", flat=True))
    )
    assert "Okafor" not in trail and "0381" not in trail
    assert cast.project.members.filter(person=person).exists()
    assert str(user.pseudonym) in (tmp_path / "erasures").read_text()


def fresh_person(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_a_person_without_account_is_erased_again_after_a_restore(
    cast: Cast, tmp_path, settings, django_capture_on_commit_callbacks
):
    settings.HOME = tmp_path
    person = Person.objects.create(key="P-1", first_name="Ida", last_name="Neu", unit=cast.unit)
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_person(person, by=cast.petra, reason="request")
    Person.objects.filter(pk=person.pk).update(first_name="Ida", last_name="Neu")
    assert services.reapply_erasures() == 1
    assert "Ida" not in str(fresh_person(person))
    assert services.reapply_erasures() == 0


def test_erasure_needs_the_right_a_reason_and_happens_once(cast: Cast):
    tom = cast.people["tom"]
    for user in (cast.anton, cast.rita, cast.ada, cast.uwe):
        with pytest.raises(NotAllowed):
            services.erase_person(tom, by=user, reason="x")
    with pytest.raises(Invalid):
        services.erase_person(tom, by=cast.petra, reason=" ")
    services.erase_person(tom, by=cast.petra, reason="x")
    with pytest.raises(Refused):
        services.erase_person(fresh_person(tom), by=cast.petra, reason="x")
    with pytest.raises(Refused):
        services.edit_person(fresh_person(tom), {"first_name": "Tom"}, by=cast.petra)


def test_nobody_erases_themselves_or_the_last_administrator(cast: Cast):
    with pytest.raises(NotAllowed):
        services.erase_user(cast.ada, by=cast.ada, reason="x")
    with pytest.raises(NotAllowed):
        services.erase_person(cast.people["petra"], by=cast.petra, reason="x")
    with pytest.raises(NotAllowed, check=refused("last_administrator")):
        services.erase_person(cast.people["ada"], by=cast.petra, reason="x")


def test_the_page_asks_for_the_key_before_it_erases(cast: Cast):
    client, tom = cast.client("petra"), cast.people["tom"]
    client.post(f"/people/{tom.key}/erase", {"confirm": "PER-9999", "reason": "x"})
    assert fresh_person(tom).first_name == "Tom"
    assert client.post(f"/people/{tom.key}/erase", {"confirm": tom.key, "reason": "x"}).status_code == 302
    assert fresh_person(tom).first_name != "Tom"
