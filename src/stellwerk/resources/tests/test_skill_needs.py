"""What open demands ask of skills: only of the units asked, only what the reader may see, only what is not filled."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from stellwerk.people.models import Skill
from stellwerk.people.selectors.matrix import skill_matrix
from stellwerk.people.skill_needs import needs_of
from stellwerk.resources.models import Demand, DemandSkill, DemandWeek
from stellwerk.resources.weeks import monday
from stellwerk.testing import Cast


def test_open_demands_of_the_unit_are_gaps_of_its_matrix(cast: Cast) -> None:
    today = timezone.localdate()
    diving = Skill.objects.create(key="SKL-0001", name="Taucher")
    common = {"project": cast.project, "role": cast.role, "first": today, "last": today + dt.timedelta(days=20)}
    demands = [
        Demand.objects.create(key=f"DEM-{number}", title=state, unit=unit, state=state, **common)
        for number, (state, unit) in enumerate(
            [("open", cast.unit), ("filled", cast.unit), ("draft", cast.unit), ("open", cast.other_unit)]
        )
    ]
    for demand in demands:
        DemandSkill.objects.create(demand=demand, skill=diving, level=3)
        DemandWeek.objects.create(demand=demand, monday=monday(today), minutes=600)
        DemandWeek.objects.create(demand=demand, monday=monday(today) - dt.timedelta(days=7), minutes=9_000)
    [need] = needs_of(cast.rita, [cast.unit.pk])
    assert (need.skill, need.level, need.demands, need.minutes) == (diving.pk, 3, 1, 600)
    assert demands[0].key in need.url
    assert needs_of(cast.uwe, [cast.unit.pk]) == []
    assert [head.skill for head in skill_matrix(cast.rita, cast.unit, day=today).gaps] == [diving]
    DemandSkill.objects.update(must=False)
    assert needs_of(cast.rita, [cast.unit.pk]) == []
