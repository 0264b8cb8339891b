"""What forbids archiving organisations and units."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import ngettext

from stellwerk.core.registry import archive_guard
from stellwerk.people.models import Organisation, Person, Unit


@archive_guard("people.organisation")
def organisation_has_units(organisation: Organisation) -> Iterable[str]:
    units = Unit.objects.filter(organisation=organisation, archived_at__isnull=True).count()
    if units:
        yield ngettext("%(count)s active unit belongs to it.", "%(count)s active units belong to it.", units) % {
            "count": units
        }


@archive_guard("people.unit")
def unit_has_members(unit: Unit) -> Iterable[str]:
    people = Person.objects.filter(unit=unit, archived_at__isnull=True).count()
    if people:
        yield ngettext("%(count)s person belongs to it.", "%(count)s people belong to it.", people) % {"count": people}
    below = Unit.objects.filter(parent=unit, archived_at__isnull=True).count()
    if below:
        yield ngettext("%(count)s active unit belongs to it.", "%(count)s active units belong to it.", below) % {
            "count": below
        }
