"""Clocks of temporary workers: their assignments as recorded, the limits of law, setting and company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from stellwerk.core.models import Setting
from stellwerk.people.models import EmploymentType, Person
from stellwerk.resources.agency_clock import Clock, Limits, Span, clock_of
from stellwerk.resources.models import AgencyAssignment

SETTING: Final = "resources.temporary_workers"


def limits_by_company() -> tuple[Limits, Mapping[str, Limits]]:
    """From the setting ``resources.temporary_workers``: ``{"months": 18, "equal_pay": 9, "reset": 3, "organisations": {"KEY": {…}}}``.

    What is no number from 1 to 120 is left at the law's.
    """
    stored = Setting.objects.filter(pk=SETTING).values_list("value", flat=True).first()
    general = _limits(stored, Limits())
    companies = stored.get("organisations") if isinstance(stored, dict) else None
    own = {str(key): _limits(value, general) for key, value in companies.items()} if isinstance(companies, dict) else {}
    return general, own


def _limits(value: Any, otherwise: Limits) -> Limits:
    def months(name: str, usual: int) -> int:
        number = value.get(name) if isinstance(value, dict) else None
        return number if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 120 else usual

    return Limits(
        months("months", otherwise.months), months("equal_pay", otherwise.equal_pay), months("reset", otherwise.reset)
    )


def clocks_of(people: Iterable[Person]) -> dict[int, Clock]:
    """The clock of each temporary worker with the company of the unit, by person; two queries.

    People need ``unit.organisation`` at hand. Whoever has neither a first day nor an earlier assignment has no clock.
    """
    rows = {one.pk: one for one in people if one.employment_type == EmploymentType.TEMPORARY}
    if not rows:
        return {}
    general, own = limits_by_company()
    spans: dict[int, list[Span]] = {pk: [] for pk in rows}
    earlier = AgencyAssignment.objects.filter(person__in=rows).order_by("first")
    for person, client, first, last in earlier.values_list("person_id", "organisation_id", "first", "last"):
        if client == rows[person].unit.organisation_id:
            spans[person].append((first, last))
    for pk, one in rows.items():
        if one.entry_date is not None:
            spans[pk].append((one.entry_date, one.exit_date))
    return {
        pk: clock_of(found, own.get(rows[pk].unit.organisation.key, general)) for pk, found in spans.items() if found
    }
