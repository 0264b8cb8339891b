"""Demands: hours per week, who may ask, what is refused, states that follow bookings."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core import services
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Notification
from stellwerk.core.states import advance
from stellwerk.people.models import Skill
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import Demand
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.services.allocations import assign, release, request_person, reserve
from stellwerk.resources.services.demands import cancel_demand, create_demand, edit_demand, set_skills, set_weeks
from stellwerk.resources.tests.asking import FIRST, LAST, MARCH, asked_for, demand_of, part_timer
from stellwerk.resources.weeks import covered, left, spread_rate, spread_total, week_spans


def test_hours_of_a_week_are_shared_out_to_the_working_days_of_the_period():
    # Wednesday 3 to Tuesday 9 March: three and two of five days.
    assert spread_rate(dt.date(2027, 3, 3), dt.date(2027, 3, 9), 2000) == {MARCH[0]: 1200, MARCH[1]: 800}
    total = spread_total(dt.date(2027, 3, 3), dt.date(2027, 3, 18), 1000)
    assert sum(total.values()) == 1000 and list(total) == MARCH[:3]
    weekend = dt.date(2027, 3, 6), dt.date(2027, 3, 7)
    assert spread_rate(*weekend, 600) == {MARCH[0]: 600} == spread_total(*weekend, 600)


def test_too_much_in_one_week_does_not_fill_another():
    wanted = {MARCH[0]: 600, MARCH[1]: 600}
    assert covered(wanted, {MARCH[0]: 1200}) == 600
    assert left(wanted, {MARCH[0]: 1200, MARCH[1]: 200}) == {MARCH[1]: 400}


def test_weeks_are_told_by_number_in_runs():
    assert week_spans([*MARCH[:2], MARCH[3]]).endswith("9–10, 12")


def test_a_project_asks_for_a_role_and_the_unit_with_such_people_is_asked(cast):
    demand = demand_of(cast)
    assert (demand.state, demand.unit, demand.key[:4]) == ("open", cast.unit, "DEM-")
    assert weeks_of_demand(demand) == dict.fromkeys(MARCH, 1200)
    told = Notification.objects.get(kind="resources.demand")
    assert told.user == cast.rita and "Elektrolyse Lubmin" in told.title


def test_a_wanted_person_leads_to_their_unit(cast):
    demand = demand_of(cast, role=None, person=cast.people["tom"], title="")
    assert (demand.unit, demand.title) == (cast.sub_unit, "Tom Okafor")


@pytest.mark.parametrize("who", ["paul", "gerda", "petra", "anton"])
def test_those_who_steer_the_project_ask(cast, who):
    assert demand_of(cast, by=getattr(cast, who)).state == "open"


@pytest.mark.parametrize("who", ["olga", "tom", "rita", "conny", "stefan", "elke", "ada", "walter", "uwe"])
def test_nobody_else_asks(cast, who):
    with pytest.raises(NotAllowed):
        demand_of(cast, by=getattr(cast, who))
    assert not Demand.objects.exists()


@pytest.mark.parametrize(
    ("values", "hours", "field"),
    [
        ({"last": dt.date(2027, 2, 1)}, 20, "last"),
        ({"last": dt.date(2040, 2, 1)}, 20, "last"),
        ({}, 0, "hours"),
        ({}, -5, "hours"),
        ({}, 20_000, "hours"),
        ({"role": None}, 20, "__all__"),
        ({"probability": 101}, 20, "probability"),
        ({"priority": 0}, 20, "priority"),
        ({"title": "x" * 201}, 20, "title"),
    ],
)
def test_bad_demands_are_explained(cast, values, hours, field):
    with pytest.raises(Invalid) as refused:
        demand_of(cast, hours=hours, **values)
    assert field in refused.value.errors and not Demand.objects.exists()


def test_somebody_who_leaves_before_the_end_is_named(cast):
    tom = cast.people["tom"]
    tom.exit_date = dt.date(2027, 3, 15)
    tom.save()
    with pytest.raises(Invalid) as refused:
        demand_of(cast, person=tom)
    assert "15 Mar 2027" in str(refused.value.errors["person"])


def test_weeks_outside_the_period_and_odd_days_are_refused(cast):
    for weeks in ({dt.date(2027, 4, 5): 60}, {dt.date(2027, 3, 2): 60}, {}, {MARCH[0]: 0}):
        with pytest.raises(Invalid):
            create_demand(
                values={"project": cast.project, "role": cast.role, "first": FIRST, "last": LAST}, weeks=weeks, by=cast.paul
            )  # fmt: skip


def test_nothing_is_asked_for_a_project_that_is_over(cast):
    Project.objects.filter(pk=cast.project.pk).update(phase="closed")
    cast.project.refresh_from_db()
    with pytest.raises(Refused) as refused:
        demand_of(cast)
    assert refused.value.code == "project_over"


def test_other_weeks_stretch_the_period_and_are_audited(cast):
    demand = demand_of(cast)
    later = dt.date(2027, 3, 29)
    changed = set_weeks(demand=demand, weeks={MARCH[3]: 600, later: 300}, by=cast.paul, version=demand.version)
    assert (changed.first, changed.last) == (FIRST, dt.date(2027, 4, 2))
    assert weeks_of_demand(demand) == {MARCH[3]: 600, later: 300}
    entry = AuditEntry.objects.filter(entity_type="resources.demand", verb="edit").latest("pk")
    assert entry.changes["hours_per_week"][1] == {"2027-03-22": 600, "2027-03-29": 300}


def test_a_stale_page_does_not_overwrite_other_weeks(cast):
    demand = demand_of(cast)
    set_weeks(demand=demand, weeks={MARCH[0]: 600}, by=cast.paul, version=demand.version)
    with pytest.raises(StaleEdit):
        set_weeks(demand=demand, weeks={MARCH[1]: 600}, by=cast.petra, version=demand.version)
    assert weeks_of_demand(demand) == {MARCH[0]: 600}


def test_the_line_manager_does_not_edit_a_demand(cast):
    demand = demand_of(cast)
    with pytest.raises(NotAllowed):
        set_weeks(demand=demand, weeks={MARCH[0]: 60}, by=cast.rita)
    with pytest.raises(NotAllowed):
        edit_demand(demand=demand, values={"title": "Other"}, by=cast.rita)


def test_skills_are_named_once(cast):
    skill = Skill.objects.create(key="SKL-0001", name="SPS-Programmierung")
    demand = demand_of(cast)
    set_skills(demand=demand, skills=[(skill, 3, True)], by=cast.paul)
    assert str(demand.skills.get()) == "SPS-Programmierung ≥ 3"
    with pytest.raises(Invalid):
        set_skills(demand=demand, skills=[(skill, 3, True), (skill, 2, False)], by=cast.paul)
    with pytest.raises(Invalid):
        set_skills(demand=demand, skills=[(skill, 9, True)], by=cast.paul)
    assert demand.skills.get().level == 3


def test_the_state_follows_the_firm_hours(cast):
    demand = demand_of(cast, hours=40)
    half = assign(
        demand=demand, person=part_timer(cast, "tom", 40), weeks=dict.fromkeys(MARCH[:3], 1200), firm=True, by=cast.rita
    )
    demand.refresh_from_db()
    assert demand.state == "partly_filled"
    rest = left(weeks_of_demand(demand), dict.fromkeys(MARCH[:3], 1200))
    assign(
        demand=demand, person=cast.people["rita"], weeks=rest, firm=True, by=cast.rita, reason="Only this week counts"
    )
    demand.refresh_from_db()
    assert demand.state == "filled"
    release(allocation=half, by=cast.rita, reason="Needed in the workshop")
    demand.refresh_from_db()
    assert demand.state == "partly_filled"


def test_reserved_hours_fill_nothing(cast):
    allocation = asked_for(cast)
    reserve(allocation=allocation, by=cast.rita)
    assert Demand.objects.get().state == "open"


def test_nobody_fills_a_demand_by_hand(cast):
    demand = demand_of(cast)
    with pytest.raises(WrongState):
        advance(demand, "fill", by=cast.rita)
    with pytest.raises(NotAllowed):
        advance(demand, "fill", by=cast.paul)


def test_calling_off_withdraws_and_releases(cast):
    demand = demand_of(cast, hours=40)
    firm = assign(demand=demand, person=cast.people["tom"], weeks={MARCH[0]: 600}, firm=True, by=cast.rita)
    asked = request_person(demand=demand, person=cast.people["stefan"], by=cast.paul)
    with pytest.raises(Invalid):
        cancel_demand(demand=demand, reason=" ", by=cast.paul)
    with pytest.raises(NotAllowed):
        cancel_demand(demand=demand, reason="No", by=cast.rita)
    cancel_demand(demand=demand, reason="The scope is cut", by=cast.paul)
    for row in (firm, asked, demand):
        row.refresh_from_db()
    assert (firm.state, asked.state, demand.state) == ("released", "released", "cancelled")
    with pytest.raises(Refused):
        set_weeks(demand=demand, weeks={MARCH[0]: 60}, by=cast.paul)
    with pytest.raises(Refused):
        request_person(demand=demand, person=cast.people["tom"], by=cast.paul)


def test_a_demand_with_bookings_is_not_archived(cast):
    allocation = asked_for(cast)
    with pytest.raises(Refused):
        services.archive(allocation.demand, by=cast.paul)
