"""Skills, working time, absences and rates of the demo company hold together."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest

from stellwerk.demo.generate import Size, generate
from stellwerk.demo.people_story import NOBODY
from stellwerk.people.models import Absence, PersonRate, PersonSkill, RoleRate, WorkingPattern
from stellwerk.people.rate_gaps import gaps
from stellwerk.people.services.working_time import overlapping
from stellwerk.resources.models import DemandSkill

TODAY = dt.date(2026, 11, 26)


@pytest.mark.django_db
def test_the_people_of_the_company_have_skills_time_absences_and_rates():
    company = generate(Size(8, 60, 7), today=TODAY)
    with_role = [person for person in company.people if person.role is not None]
    able = set(PersonSkill.objects.values_list("person", flat=True))
    assert len(able) > 0.85 * len(with_role)
    assert PersonSkill.objects.filter(confirmed=None).exists()
    assert PersonSkill.objects.filter(expires__lt=TODAY).exists()
    assert not PersonSkill.objects.filter(confirmed_by__isnull=False, person__user=None, confirmed=None).exists()
    assert WorkingPattern.objects.filter(project_share__lt=100).exists() and not WorkingPattern.objects.filter(
        project_share=0
    ).exists()  # fmt: skip
    away: dict[int, list[Absence]] = defaultdict(list)
    for row in Absence.objects.order_by("person", "first"):
        assert overlapping(away[row.person_id], row.first, row.last, row.part) is None, row
        away[row.person_id].append(row)
    assert sum(1 for rows in away.values() if any(row.first > TODAY for row in rows)) > 0.6 * len(company.people)
    assert DemandSkill.objects.filter(skill__name=NOBODY).count() == 1
    assert not PersonSkill.objects.filter(skill__name=NOBODY).exists()
    rates: dict[tuple[int, str], list[PersonRate]] = defaultdict(list)
    for rate in PersonRate.objects.all():
        rates[(rate.person_id, rate.kind)].append(rate)
    assert sum(1 for rows in rates.values() if gaps(rows)) == 1
    assert RoleRate.objects.filter(currency="KRW", amount__gt=50_000).exists()
