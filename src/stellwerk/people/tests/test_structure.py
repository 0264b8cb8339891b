"""Organisations, units, locations, roles and persons: allowed, refused, invalid, concurrent."""

from __future__ import annotations

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import AuditEntry
from stellwerk.core.services import archive
from stellwerk.people import services
from stellwerk.people.models import Location, Person, Unit
from stellwerk.people.selectors import employed, unit_tree
from stellwerk.testing import TODAY, Cast


def test_the_pmo_creates_an_organisation_and_others_do_not(cast: Cast):
    made = services.create_organisation(
        {"name": "Ostsee GmbH", "currency": "sek", "country": "se", "time_zone": "Europe/Stockholm"}, by=cast.petra
    )
    assert (made.currency, made.country, made.key) == ("SEK", "SE", made.key)
    for user in (cast.rita, cast.ada, cast.uwe, cast.walter):
        with pytest.raises(NotAllowed):
            services.create_organisation({"name": "X"}, by=user)


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "XXY"), ("country", "ZZ"), ("time_zone", "Europe/Nowhere"), ("fiscal_year_start", 13), ("name", "")],
)
def test_an_organisation_with_impossible_values_is_refused_at_the_field(cast: Cast, field: str, value: object):
    with pytest.raises(Invalid) as refusal:
        services.edit_organisation(cast.organisation, {field: value}, by=cast.petra)
    assert field in refusal.value.errors


def test_units_never_form_a_circle(cast: Cast):
    with pytest.raises(Invalid) as refusal:
        services.edit_unit(cast.unit, {"parent": cast.sub_unit}, by=cast.petra)
    assert "parent" in refusal.value.errors
    with pytest.raises(Invalid):
        services.edit_unit(cast.unit, {"parent": cast.unit}, by=cast.petra)


def test_two_moves_at_once_cannot_close_a_circle(cast: Cast):
    first = services.create_unit({"name": "A", "organisation": cast.organisation}, by=cast.petra)
    second = services.create_unit({"name": "B", "organisation": cast.organisation}, by=cast.petra)
    seen_first, seen_second = Unit.objects.get(pk=first.pk), Unit.objects.get(pk=second.pk)
    services.edit_unit(first, {"parent": seen_second}, by=cast.petra)
    with pytest.raises(Invalid):
        services.edit_unit(second, {"parent": seen_first}, by=cast.anton)


def test_a_unit_stays_inside_one_organisation(cast: Cast):
    with pytest.raises(Invalid):
        services.edit_unit(cast.sub_unit, {"parent": cast.other_unit}, by=cast.petra)
    with pytest.raises(Invalid) as refusal:
        services.edit_unit(cast.unit, {"organisation": cast.other_organisation}, by=cast.petra)
    assert "organisation" in refusal.value.errors


def test_a_unit_with_people_or_units_is_not_archived(cast: Cast):
    with pytest.raises(Refused, check=lambda error: error.code == "in_use"):
        archive(cast.unit, by=cast.petra)
    with pytest.raises(Refused, check=lambda error: error.code == "in_use"):
        archive(cast.organisation, by=cast.petra)
    empty = services.create_unit({"name": "Leer", "organisation": cast.organisation}, by=cast.petra)
    assert archive(empty, by=cast.petra).archived


def test_a_stale_edit_of_a_unit_shows_both_values(cast: Cast):
    services.edit_unit(cast.unit, {"cost_centre": "4711"}, by=cast.anton, version=cast.unit.version)
    with pytest.raises(StaleEdit) as refusal:
        services.edit_unit(cast.unit, {"cost_centre": "4712"}, by=cast.petra, version=cast.unit.version)
    conflict = refusal.value.conflicts[0]
    assert (conflict.yours, conflict.theirs) == ("4712", "4711")


def test_the_tree_shows_depth_heads_and_only_what_is_visible(cast: Cast):
    tree = dict(unit_tree(cast.petra))
    rows = tree[cast.organisation]
    assert [(row.unit, row.depth) for row in rows] == [(cast.unit, 0), (cast.sub_unit, 1)]
    assert (
        rows[0].total
        == rows[0].own + rows[1].own
        == Person.objects.filter(unit__organisation=cast.organisation).count()
    )
    assert cast.other_organisation not in dict(unit_tree(cast.rita))


def test_people_count_only_while_they_are_there(cast: Cast):
    gone = cast.people["tom"]
    Person.objects.filter(pk=gone.pk).update(exit_date="2026-11-22")
    assert not Person.objects.filter(employed(TODAY), pk=gone.pk).exists()
    Person.objects.filter(pk=gone.pk).update(exit_date="2026-11-23")
    assert Person.objects.filter(employed(TODAY), pk=gone.pk).exists()


def test_a_resource_manager_creates_people_only_in_the_own_units(cast: Cast):
    made = services.create_person(
        {"first_name": " Eva  Maria", "last_name": "Neu", "unit": cast.sub_unit, "email": " EVA@example.com "},
        by=cast.rita,
    )
    assert (made.first_name, made.email) == ("Eva Maria", "eva@example.com")
    assert AuditEntry.objects.filter(
        entity_id=made.pk, entity_type="people.person", verb="create", actor=cast.rita
    ).exists()
    with pytest.raises(NotAllowed):
        services.create_person({"first_name": "Eva", "last_name": "Fern", "unit": cast.other_unit}, by=cast.rita)
    with pytest.raises(NotAllowed):
        services.create_person({"first_name": "Eva", "last_name": "Neu", "unit": cast.unit}, by=cast.paul)


def test_managers_never_form_a_circle(cast: Cast):
    services.edit_person(cast.people["tom"], {"manager": cast.people["paul"]}, by=cast.petra)
    services.edit_person(cast.people["paul"], {"manager": cast.people["rita"]}, by=cast.petra)
    for chief in ("tom", "rita"):
        with pytest.raises(Invalid) as refusal:
            services.edit_person(cast.people["rita"], {"manager": cast.people[chief]}, by=cast.petra)
        assert "manager" in refusal.value.errors


def test_a_location_of_another_organisation_is_refused(cast: Cast):
    far = Location.objects.create(organisation=cast.other_organisation, name="München")
    with pytest.raises(Invalid) as refusal:
        services.edit_person(cast.people["paul"], {"location": far}, by=cast.petra)
    assert "location" in refusal.value.errors


@pytest.mark.parametrize(
    "values",
    [
        {"exit_date": "2020-01-01", "entry_date": "2021-01-01"},
        {"fte": "1.5"},
        {"weekly_hours": "-1"},
        {"email": "no address"},
    ],
)
def test_a_person_with_impossible_values_is_refused(cast: Cast, values: dict[str, object]):
    import datetime as dt

    given = {
        name: dt.date.fromisoformat(str(value)) if name.endswith("date") else value for name, value in values.items()
    }
    with pytest.raises(Invalid):
        services.edit_person(cast.people["paul"], given, by=cast.petra)


def test_persons_are_made_from_accounts_once(cast: Cast):
    from stellwerk.core.models import User

    user = User.objects.create_user("neu@example.com", name="Ida Maria Neu")
    made = services.persons_from_users([user, cast.paul], unit=cast.unit, by=cast.petra)
    assert [(one.first_name, one.last_name) for one in made] == [("Ida Maria", "Neu")]


def test_a_location_and_a_role_are_created_and_edited(cast: Cast):
    location = services.create_location(
        {"organisation": cast.organisation, "name": "Rostock", "country": "de"}, by=cast.petra
    )
    assert services.edit_location(location, {"subdivision": "mv"}, by=cast.anton).subdivision == "MV"
    with pytest.raises(Invalid):
        services.create_location({"organisation": cast.organisation, "name": "Rostock", "country": "DE"}, by=cast.petra)
    role = services.create_role({"name": "Planung"}, by=cast.petra)
    assert services.edit_role(role, {"is_key_role": True}, by=cast.petra).is_key_role
    with pytest.raises(NotAllowed):
        services.edit_role(role, {"name": "X"}, by=cast.paul)
