"""Organisations, units, locations and the catalogue of project roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.people.models import Location, Organisation, Role, Unit

NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # codes for groups and tests


def create_organisation(values: Mapping[str, Any], *, by: User | None) -> Organisation:
    """A legal entity. Errors: ``Invalid``, ``NotAllowed``."""
    return services.create(Organisation, _checked_organisation(values), by=by)


def edit_organisation(
    organisation: Organisation,
    values: Mapping[str, Any],
    *,
    by: User | None,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    return services.edit(organisation, _checked_organisation(values), by=by, version=version, reason=reason)


def _checked_organisation(values: Mapping[str, Any]) -> dict[str, Any]:
    """Currency, country and time zone must exist; codes are stored in capital letters."""
    from zoneinfo import available_timezones

    from babel import Locale

    checked = dict(values)
    errors: dict[str, list[str]] = {}
    if "currency" in checked:
        checked["currency"] = str(checked["currency"]).strip().upper()
        if checked["currency"] not in Locale("en").currencies:
            errors["currency"] = [_("There is no such currency; write for example EUR.")]
    if "country" in checked:
        checked["country"] = str(checked["country"]).strip().upper()
        unknown = checked["country"] not in Locale("en").territories or len(checked["country"]) != 2
        if unknown or checked["country"] in NO_COUNTRIES:
            errors["country"] = [_("There is no such country; write for example DE.")]
    if "subdivision" in checked:
        checked["subdivision"] = str(checked["subdivision"]).strip().upper()
    if "time_zone" in checked and checked["time_zone"] not in available_timezones():
        errors["time_zone"] = [_("There is no such time zone; write for example Europe/Berlin.")]
    if errors:
        raise Invalid(errors)
    return checked


def _lock_tree(organisation: Organisation | None) -> None:
    """One change of a tree at a time: two moves at once could close a circle that neither sees."""
    if organisation is not None:
        list(
            Unit.objects.select_for_update()
            .filter(organisation=organisation)
            .order_by("pk")
            .values_list("pk", flat=True)
        )


def _fresh_parent(values: Mapping[str, Any]) -> dict[str, Any]:
    fresh = dict(values)
    if fresh.get("parent") is not None:
        fresh["parent"] = Unit.objects.get(pk=fresh["parent"].pk)
    return fresh


@transaction.atomic
def create_unit(values: Mapping[str, Any], *, by: User | None) -> Unit:
    """A department or team. Errors: ``Invalid`` (upper unit of another organisation), ``NotAllowed``."""
    return services.create(Unit, _fresh_parent(values), by=by)


@transaction.atomic
def edit_unit(
    unit: Unit, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Unit:
    """Change or move a unit. Errors: ``Invalid`` (a circle, another organisation), ``NotAllowed``, ``StaleEdit``."""
    _lock_tree(unit.organisation)
    if values.get("organisation") is not None and values["organisation"].pk != unit.organisation_id:
        _refuse_move_with_children(unit)
    return services.edit(unit, _fresh_parent(values), by=by, version=version, reason=reason)


def _refuse_move_with_children(unit: Unit) -> None:
    if unit.children.exists():
        raise Invalid({"organisation": [_("Units below it belong to the present organisation. Move them first.")]})


def create_location(values: Mapping[str, Any], *, by: User | None) -> Location:
    """A site of an organisation; it decides the public holidays of the people there."""
    return services.create(Location, _checked_organisation(values), by=by)


def edit_location(
    location: Location, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Location:
    return services.edit(location, _checked_organisation(values), by=by, version=version, reason=reason)


def create_role(values: Mapping[str, Any], *, by: User | None) -> Role:
    """A project role of the catalogue. Errors: ``Invalid``, ``NotAllowed``."""
    return services.create(Role, values, by=by)


def edit_role(
    role: Role, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Role:
    return services.edit(role, values, by=by, version=version, reason=reason)
