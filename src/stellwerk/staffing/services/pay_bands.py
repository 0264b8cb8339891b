"""The house's own pay bands: entered, changed, ended. A band that has ended stays in the list and guides nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import write
from stellwerk.people.models import Organisation
from stellwerk.staffing.models import PayBand


@transaction.atomic
def create_band(*, values: Mapping[str, Any], by: User | None) -> PayBand:
    """A band that counts from now on; one at a time for each role and unit. Errors: ``Invalid``, ``NotAllowed``."""
    filled = dict(values)
    if filled.get("organisation") is None:
        filled["organisation"] = Organisation.objects.filter(archived_at=None).order_by("pk").first()
    _check(None, filled)
    living = PayBand.objects.filter(
        organisation=filled["organisation"], role=filled.get("role"), unit=filled.get("unit", "year"), ended_on=None
    )
    if living.exists():
        raise Invalid({"role": [_("There is a band for this role already: change it, or end it first.")]})
    return services.create(PayBand, filled, by=by)


@transaction.atomic
def edit_band(
    *, band: PayBand, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> PayBand:
    """Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``, ``WrongState`` (it has ended)."""
    current = _living(band, by)
    _check(current, values)
    return services.edit(current, values, by=by, version=version, reason=reason)


@transaction.atomic
def end_band(*, band: PayBand, by: User | None, version: int | None = None, reason: str = "") -> PayBand:
    """From today it guides nobody. Errors: ``NotAllowed``, ``StaleEdit``, ``WrongState`` (it has ended)."""
    current = _living(band, by)
    return write(current, {"ended_on": timezone.localdate()}, by=by, version=version, verb="end", reason=reason)


def _living(band: PayBand, by: User | None) -> PayBand:
    require(by, "edit", band)
    found = PayBand.objects.select_for_update().get(pk=band.pk)
    if found.ended_on is not None:
        raise WrongState(_("This band has ended: add a new one."))
    return found


def _check(band: PayBand | None, values: Mapping[str, Any]) -> None:
    """What contradicts itself, told at the field."""

    def value(name: str) -> Any:
        return values[name] if name in values else getattr(band, name, None)

    errors: dict[str, list[str]] = {}
    least, most, day = value("least"), value("most"), value("day")
    if least is not None and most is not None and most < least:
        errors["most"] = [_("The pay range ends below where it begins.")]
    if day is not None and day > timezone.localdate():
        errors["day"] = [_("This day lies in the future: say as of when the band is known.")]
    if errors:
        raise Invalid(errors)
