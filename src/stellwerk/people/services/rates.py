"""Rates of roles and of persons: no two of a kind at once; what is missing in between is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid
from stellwerk.core.formats import day
from stellwerk.core.models import User
from stellwerk.people.models import Person, PersonRate, Role, RoleRate
from stellwerk.people.models.rates import Rate
from stellwerk.people.services.working_time import EARLIEST, LATEST


@transaction.atomic
def set_person_rate(values: Mapping[str, Any], *, by: User | None) -> PersonRate:
    """Errors: ``Invalid`` (another rate of the kind holds in that time), ``NotAllowed``."""
    return services.create(PersonRate, _checked(PersonRate, values, None), by=by)


@transaction.atomic
def edit_person_rate(
    rate: PersonRate, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> PersonRate:
    return services.edit(rate, _checked(PersonRate, values, rate), by=by, version=version, reason=reason)


@transaction.atomic
def set_role_rate(values: Mapping[str, Any], *, by: User | None) -> RoleRate:
    """Errors: ``Invalid`` (another rate of the kind and organisation holds in that time), ``NotAllowed``."""
    return services.create(RoleRate, _checked(RoleRate, values, None), by=by)


@transaction.atomic
def edit_role_rate(
    rate: RoleRate, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> RoleRate:
    return services.edit(rate, _checked(RoleRate, values, rate), by=by, version=version, reason=reason)


def _checked(model: type[PersonRate] | type[RoleRate], values: Mapping[str, Any], own: Rate | None) -> dict[str, Any]:
    """Currency in capital letters, a sane period, no overlap with another rate of the same kind."""
    from babel import Locale

    checked = dict(values)
    if "currency" in checked:
        checked["currency"] = str(checked["currency"]).strip().upper()
        if checked["currency"] not in Locale("en").currencies:
            raise Invalid({"currency": [_("There is no such currency; write for example EUR.")]})
    names = ("person", "kind") if model is PersonRate else ("role", "organisation", "kind")
    whole = {name: getattr(own, name, None) for name in (*names, "valid_from", "valid_to")} | checked
    first, last = whole["valid_from"], whole["valid_to"]
    if first is None:
        return checked
    if first < EARLIEST or first > LATEST or (last is not None and last > LATEST):
        raise Invalid({"valid_from": [_("Please check the year.")]})
    if last is not None and last < first:
        raise Invalid({"valid_to": [_("The rate ends before it begins.")]})
    _hold(whole)
    same = {name: whole[name] or ("internal" if name == "kind" else None) for name in names}
    for other in model._default_manager.filter(**same).exclude(pk__in=[own.pk] if own else []):
        if (last is None or other.valid_from <= last) and (other.valid_to is None or other.valid_to >= first):
            period = f"{day(other.valid_from)} – {day(other.valid_to) if other.valid_to else '…'}"
            text = _("Another rate of this type holds then (%(period)s). End that one first.") % {"period": period}
            raise Invalid({"valid_from": [text]})
    return checked


def _hold(whole: Mapping[str, Any]) -> None:
    """One rate of a person or a role at a time."""
    for name, model in (("person", Person), ("role", Role)):
        if whole.get(name) is not None:
            rows = model._default_manager.select_for_update().filter(pk=whole[name].pk)
            list(rows.values_list("pk", flat=True))
