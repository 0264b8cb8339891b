"""The heat map: load against net hours, gaps, who sees whom, in queries that do not grow."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stellwerk.core import formats
from stellwerk.people.models import Absence, Person, PersonSkill, Role, Skill, WorkingPattern
from stellwerk.resources.capacity_words import answer_of, conflicts_of
from stellwerk.resources.models import Allocation, AllocationWeek
from stellwerk.resources.selectors.heatmap import Choice, heat_of, packed
from stellwerk.resources.selectors.load import HARD, PIPELINE, REQUESTED, SOFT, Periods, bookings_of, read_days
from stellwerk.resources.services.allocations import assign, request_person
from stellwerk.resources.tests.asking import MARCH, demand_of

MARCH_31 = dt.date(2027, 3, 31)
MONTH = Choice(dt.date(2027, 3, 1), by="month", count=1)
H = 60


def pattern(person: Person, hours: int = 8, share: int = 80) -> None:
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), hours * H)
    WorkingPattern.objects.create(person=person, valid_from=dt.date(2027, 1, 1), project_share=share, **week)


def booked(cast, person: Person, state: str, hours: float, *, probability: int = 100, by=None) -> Allocation:
    """Hours in March as the services leave them, over four weeks."""
    each = int(hours * H / 4)
    demand = demand_of(cast, hours=hours / 4, last=dt.date(2027, 3, 28), probability=probability)
    row = Allocation.objects.create(
        key=f"ALC-9{Allocation.objects.count():03d}", demand=demand, person=person, first=demand.first, last=demand.last, state=state
    )  # fmt: skip
    AllocationWeek.objects.bulk_create([AllocationWeek(allocation=row, monday=day, minutes=each) for day in MARCH])
    return row


@pytest.fixture
def anna(cast) -> Person:
    """8 hours a day, five days of leave in March, 80 % for projects; firm 60, reserved 50, asked for 20 hours."""
    person = cast.people["tom"]
    pattern(person)
    Absence.objects.create(person=person, first=dt.date(2027, 3, 15), last=dt.date(2027, 3, 19))
    for state, hours in (("hard", 60), ("soft", 50), ("requested", 20)):
        booked(cast, person, state, hours)
    return person


def line(heat, person: Person):
    return next(row for row in heat.rows if row.code == f"p{person.pk}")


def test_the_worked_month_of_anna(cast, anna):
    heat = heat_of(cast.rita, MONTH)
    row = line(heat, anna)
    assert heat.working_days == (21,)
    assert row.net.tolist() == [int(102.4 * H)]
    assert row.load[:, 0].tolist() == [60 * H, 50 * H, 20 * H, 0]
    assert heat.over(row).tolist() == [456]
    assert heat.overloaded[0] is row
    firm = heat_of(cast.rita, Choice(MONTH.first, by="month", count=1, load="firm"))
    assert firm.overloaded == []


def test_days_weeks_and_months_add_up_to_the_same(cast, anna):
    sums = {}
    for by, count in (("day", 31), ("week", 5), ("month", 1)):
        row = line(heat_of(cast.rita, Choice(MONTH.first, by=by, count=count)), anna)
        sums[by] = [int(value) for value in row.load.sum(axis=1)]
    assert sums["day"] == sums["week"] == sums["month"] == [3600, 3000, 1200, 0]
    days = line(heat_of(cast.rita, Choice(MONTH.first, by="day", count=31)), anna)
    assert days.load[HARD][25] == 0, "nothing falls on Good Friday"
    assert days.net[14:19].sum() == 0 and days.load[HARD][14:19].all(), "who is booked while absent is overbooked"


def test_pipeline_is_weighted_and_stands_apart(cast):
    person = cast.people["tom"]
    booked(cast, person, "requested", 40, probability=50)
    booked(cast, person, "soft", 8, probability=50)
    row = line(heat_of(cast.rita, MONTH), person)
    assert row.load[:, 0].tolist() == [0, 8 * H, 0, 20 * H]


def test_what_a_demand_lacks_belongs_to_role_unit_and_skill_and_is_missing_there(cast):
    skill = Skill.objects.create(key="SKL-901", name="SPS")
    demand = demand_of(cast, hours=600)
    demand.skills.create(skill=skill, level=2)
    PersonSkill.objects.create(person=cast.people["tom"], skill=skill, claimed=3)
    for kind, code in (("role", f"r{cast.role.pk}"), ("unit", f"u{cast.unit.pk}"), ("skill", f"s{skill.pk}")):
        heat = heat_of(cast.rita, Choice(MONTH.first, rows=kind, by="week", count=4, load="all"))
        row = next(row for row in heat.rows if row.code == code)
        assert row.load[REQUESTED].tolist() == [600 * H] * 4
        assert (heat.gap(row) < 0).all() and heat.short[0] is row
    person = demand_of(cast, person=cast.people["tom"], role=None, hours=10)
    heat = heat_of(cast.rita, Choice(MONTH.first, by="week", count=4, load="all"))
    assert line(heat, cast.people["tom"]).load[REQUESTED].tolist() == [10 * H] * 4
    assign(demand=person, person=cast.people["tom"], by=cast.rita)
    heat = heat_of(cast.rita, Choice(MONTH.first, by="week", count=4, load="all"))
    row = line(heat, cast.people["tom"])
    assert not row.load[REQUESTED].any(), "what is reserved is not asked for a second time"
    assert row.load[SOFT].tolist() == [10 * H] * 4


@pytest.mark.parametrize("rows", ["person", "role"])
@pytest.mark.parametrize("load", ["firm", "all"])
def test_a_role_that_nobody_has_is_told_once_whatever_is_counted(cast, rows, load):
    role = Role.objects.create(key="ROL-0901", name="Welding engineer")
    demand_of(cast, role=role, hours=10)
    heat = heat_of(cast.petra, Choice(MONTH.first, rows=rows, by="week", count=4, load=load))
    assert [row.code for row in heat.unfilled] == [f"r{role.pk}"]
    told = [one for one in conflicts_of(heat, []) if one.label == "Welding engineer"]
    assert [(one.number, one.text) for one in told] == [
        (f"{formats.MINUS}40{formats.NBSP}h", "nobody here has this role: hire, train or raise a vacancy")
    ]
    assert "obody fills Welding engineer" in answer_of(heat)
    Person.objects.create(key="PER-0901", first_name="A", last_name="B", unit=cast.other_unit, role=role)
    assert heat_of(cast.paul, Choice(MONTH.first, rows=rows, by="week", count=4)).unfilled == [], (
        "somebody whom Paul does not see"
    )


def test_line_managers_see_their_people_projects_those_of_their_bookings_others_nobody(cast, anna):
    rita = heat_of(cast.rita, MONTH)
    assert {row.code for row in rita.rows} >= {f"p{cast.people[who].pk}" for who in ("tom", "stefan")}
    paul = heat_of(cast.paul, MONTH)
    assert [row.code for row in paul.rows] == [f"p{anna.pk}"]
    assert not line(paul, anna).plain and line(rita, anna).plain
    assert line(paul, anna).net.tolist() == line(rita, anna).net.tolist()
    assert heat_of(cast.olga, MONTH).rows == []
    assert [row.code for row in heat_of(cast.tom, MONTH).rows] == [f"p{anna.pk}"]
    assert [row.code for row in heat_of(cast.uwe, MONTH).rows if row.code == f"p{anna.pk}"] == []


def test_bookings_of_projects_that_the_reader_may_not_see_count_and_stay_unnamed(cast, anna):
    periods = Periods.of("month", MONTH.first, 1)
    for user, seen in ((cast.rita, True), (cast.paul, True), (cast.olga, False)):
        rows = bookings_of(user, read_days([anna.pk], periods), periods)
        assert [one.total for one in rows] == [3600, 3000, 1200]
        assert {one.seen for one in rows} == {seen}


def test_filters_by_unit_role_and_skill(cast, anna):
    for choice in (Choice(MONTH.first, unit=cast.unit.pk), Choice(MONTH.first, role=anna.role_id or 0)):
        assert f"p{anna.pk}" in {row.code for row in heat_of(cast.petra, choice).rows}
    skill = Skill.objects.create(key="SKL-902", name="SPS")
    assert heat_of(cast.petra, Choice(MONTH.first, skill=skill.pk)).rows == []


def test_a_person_without_any_capacity_is_named_when_booked(cast):
    person = cast.people["tom"]
    Absence.objects.create(person=person, first=dt.date(2027, 3, 1), last=MARCH_31)
    booked(cast, person, "hard", 4)
    heat = heat_of(cast.rita, MONTH)
    assert heat.over(line(heat, person)).tolist() == [240]
    assert packed(heat)["rows"][0]["net"] == 0


def test_queries_do_not_grow_with_people(cast, anna):
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            heat_of(cast.rita, Choice(MONTH.first, count=26))
        return len(found)

    heat_of(cast.rita, MONTH)
    before = count()
    for number in range(12):
        one = Person.objects.create(
            key=f"PER-8{number:02d}", first_name="Kim", last_name=f"Nr {number}", unit=cast.unit
        )
        booked(cast, one, "hard", 20)
    assert count() == before


def test_an_empty_map_has_no_people_and_no_shortage(cast):
    heat = heat_of(cast.olga, MONTH)
    assert heat.shortage.tolist() == [0] and heat.overloaded == [] and heat.short == []
    assert np.array(heat.working_days).sum() >= 0 and PIPELINE == 3


def test_asked_people_show_before_anybody_answers(cast):
    request_person(demand=demand_of(cast), person=cast.people["stefan"], by=cast.paul)
    heat = heat_of(cast.paul, MONTH)
    assert line(heat, cast.people["stefan"]).load[REQUESTED].sum() > 0
