"""Temporary workers of the demo company who were here before: one after a short break, one after a long one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db.models import Min

from stellwerk.people.models import EmploymentType, Person
from stellwerk.resources.models import AgencyAssignment, Allocation

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

AGENCIES: Final = ("Hanse Personal GmbH", "Nordkontor Zeitarbeit GmbH")
DAY: Final = dt.timedelta(days=1)
EARLIER: Final = ((45, 210), (160, 300))
"""Days away before the present assignment, and days there before that, for one person after the other."""


def add_agency_story(company: Company) -> None:
    """First days within what the law allows, and an earlier assignment for every other temporary worker; bulk writes."""
    workers = [one for one in company.people if one.employment_type == EmploymentType.TEMPORARY]
    booked = dict(
        Allocation.objects.filter(person__in=workers).order_by().values_list("person").annotate(begin=Min("first"))
    )
    for number, person in enumerate(workers):
        begin = company.today - DAY * (150 + 83 * number % 370)
        person.entry_date = max(min(begin, booked.get(person.pk, begin)), company.today - DAY * 520)
    Person.objects.bulk_update(workers, ["entry_date"])
    rows = []
    for number, person in enumerate(workers[::2]):
        away, there = EARLIER[number % len(EARLIER)]
        assert person.entry_date is not None
        last = person.entry_date - DAY * (away + 1)
        rows.append(
            AgencyAssignment(
                person=person, organisation_id=person.unit.organisation_id, agency=AGENCIES[number % len(AGENCIES)],
                first=last - DAY * there, last=last,
            )
        )  # fmt: skip
    AgencyAssignment.objects.bulk_create(rows)
