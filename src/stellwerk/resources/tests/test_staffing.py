"""Staffing cover, the resources light, checks, My day and the daily jobs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from stellwerk.core.checks import CHECKS, findings
from stellwerk.core.models import Notification
from stellwerk.core.registry import duties_of
from stellwerk.people.models import Absence, Person, PersonSkill, Role, Skill
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek
from stellwerk.resources.notices import remind_reserved
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.selectors.candidates import candidates
from stellwerk.resources.selectors.cover import staffing_of
from stellwerk.resources.services.allocations import assign, book, offer_other, request_person, reserve
from stellwerk.resources.services.cover_figures import write_cover
from stellwerk.resources.services.demands import cancel_demand, set_skills
from stellwerk.resources.tests.asking import FIRST, LAST, MARCH, asked_for, demand_of, part_timer

TODAY = dt.date(2027, 3, 3)
MINUTES = 60


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *given: TODAY)


# ── cover and light ──────────────────────────────────────────────────────────────────────────────


def test_cover_is_firm_hours_of_certain_need_week_by_week(cast):
    demand = demand_of(cast, hours=30)
    demand_of(cast, hours=20, probability=60)
    assign(
        demand=demand,
        person=cast.people["tom"],
        weeks={MARCH[0]: 30 * MINUTES, MARCH[1]: 15 * MINUTES},
        firm=True,
        by=cast.rita,
    )
    assign(demand=demand, person=cast.people["rita"], weeks={MARCH[1]: 30 * MINUTES}, by=cast.rita)
    one = staffing_of([cast.project.pk], TODAY)[cast.project.pk]
    assert (one.wanted, one.firm, one.reserved) == (120 * MINUTES, 45 * MINUTES, 15 * MINUTES)
    assert one.cover == Decimal("0.375") and one.unfilled == Decimal("0.625")


def test_only_eight_weeks_count_and_a_called_off_demand_does_not(cast):
    demand_of(cast, first=FIRST, last=dt.date(2027, 12, 31), hours=10)
    gone = demand_of(cast, hours=40)
    cancel_demand(demand=gone, reason="No longer needed", by=cast.paul)
    one = staffing_of([cast.project.pk], TODAY)[cast.project.pk]
    assert one.wanted == 80 * MINUTES


def test_a_key_role_is_vacant_until_somebody_is_booked(cast):
    demand = demand_of(cast, first=dt.date(2027, 1, 25), last=LAST, hours=10)
    assert staffing_of([cast.project.pk], TODAY)[cast.project.pk].vacant_weeks == 5
    assign(demand=demand, person=cast.people["tom"], weeks={dt.date(2027, 2, 8): 600}, firm=True, by=cast.rita)
    one = staffing_of([cast.project.pk], TODAY)[cast.project.pk]
    assert (one.vacant_weeks, one.vacant_role) == (2, cast.role)


def test_the_light_follows_the_cover_and_is_written_once_a_day(cast):
    demand = demand_of(cast, hours=30)
    assert write_cover() == 2
    figures = figures_at([cast.project.pk], None, TODAY)[cast.project.pk]
    assert (figures["light.resources"].light, figures["staffing.cover"].value) == ("red", 0)
    assert "100" in figures["light.resources"].text
    assert write_cover() == 0
    assign(demand=demand, person=cast.people["tom"], firm=True, by=cast.rita)
    write_cover()
    figures = figures_at([cast.project.pk], None, TODAY)[cast.project.pk]
    assert (figures["light.resources"].light, figures["staffing.cover"].value) == ("green", 1)


def test_an_override_and_projects_without_demands_stay_as_they_are(cast):
    demand_of(cast)
    row = FigureRow(cast.project.pk, "light.resources", TODAY, light="amber", source="overridden", source_label="PMO")
    write_figures(rows=[row], by=None)
    write_cover()
    figures = figures_at([cast.project.pk, cast.other_project.pk], None, TODAY)
    assert figures[cast.project.pk]["light.resources"].light == "amber"
    assert cast.other_project.pk not in figures


def test_a_closed_project_gets_no_figures(cast):
    demand_of(cast)
    Project.objects.filter(pk=cast.project.pk).update(phase="closed")
    assert write_cover() == 0


def test_the_cockpit_shows_staffing_to_those_who_see_demands(cast):
    demand_of(cast, hours=30)
    page = cast.client("paul").get(f"/portfolio/projects/{cast.project.key}").content.decode()
    assert "Staffing" in page and f"/resources/project-demands/{cast.project.key}" in page
    assert (
        "resources/project-demands"
        not in cast.client("tom").get(f"/portfolio/projects/{cast.project.key}").content.decode()
    )


# ── candidates ───────────────────────────────────────────────────────────────────────────────────


def test_candidates_are_ranked_by_free_hours_and_confirmed_skills_with_reasons(cast):
    skill = Skill.objects.create(key="SKL-0001", name="SPS")
    PersonSkill.objects.create(person=cast.people["tom"], skill=skill, claimed=4, confirmed=3)
    PersonSkill.objects.create(person=cast.people["stefan"], skill=skill, claimed=4)
    PersonSkill.objects.create(person=cast.people["gerda"], skill=skill, confirmed=4, expires=dt.date(2027, 3, 10))
    demand = demand_of(cast, hours=20)
    set_skills(demand=demand, skills=[(skill, 3, True)], by=cast.paul)
    part_timer(cast, "tom", 15)
    found = {str(one.person): one for one in candidates(demand, weeks_of_demand(demand))}
    names = list(found)
    assert names[0] == "Tom Okafor" and "SPS 3 (asked: 3)" in found["Tom Okafor"].good
    assert "free for" in found["Tom Okafor"].bad[0]
    assert any("claimed, not confirmed" in text for text in found["Stefan Voss"].bad)
    assert any("expires on 10 Mar 2027" in text for text in found["Gerda Petersen"].bad)
    assert names.index("Stefan Voss") < names.index("Walter Nagel")


def test_why_somebody_is_absent_is_not_told(cast):
    Absence.objects.create(person=cast.people["tom"], first=FIRST, last=LAST, note="Operation", kind="sick")
    demand = demand_of(cast)
    tom = next(one for one in candidates(demand, weeks_of_demand(demand)) if one.person == cast.people["tom"])
    assert tom.covered == 0 and tom.bad == ["not free in this period"]
    page = cast.client("paul").get(f"/resources/demands/{demand.key}").content.decode()
    assert "Operation" not in page and "sick" not in page


# ── checks ───────────────────────────────────────────────────────────────────────────────────────


def found_by(code, user):
    return [finding.text for finding in findings(user, checks=[CHECKS[code]])]


def test_a_skill_that_nobody_has_is_named(cast):
    skill = Skill.objects.create(key="SKL-0001", name="SPS")
    PersonSkill.objects.create(person=cast.people["tom"], skill=skill, confirmed=2)
    demand = demand_of(cast)
    set_skills(demand=demand, skills=[(skill, 3, True)], by=cast.paul)
    assert found_by("RES001", cast.petra) == ["SPS on level 3: the best confirmed level here is 2."]
    PersonSkill.objects.update(confirmed=3)
    assert found_by("RES001", cast.petra) == []


def test_a_role_that_nobody_has_is_named_until_somebody_has_it(cast):
    role = Role.objects.create(key="ROL-0901", name="Schweißfachingenieur")
    demand_of(cast, role=role)
    demand_of(cast)
    assert found_by("RES003", cast.petra) == ["Schweißfachingenieur: nobody here has this role."]
    Person.objects.create(
        key="PER-0901", first_name="A", last_name="B", unit=cast.unit, role=role, exit_date=dt.date(2020, 1, 1)
    )
    assert len(found_by("RES003", cast.petra)) == 1, "who has left does not fill it"
    Person.objects.filter(key="PER-0901").update(exit_date=None)
    assert found_by("RES003", cast.petra) == []


def test_an_absence_over_the_whole_period_is_named(cast):
    demand_of(cast, person=cast.people["tom"])
    assert found_by("RES002", cast.petra) == []
    Absence.objects.create(person=cast.people["tom"], first=FIRST, last=LAST + dt.timedelta(2))
    assert found_by("RES002", cast.petra) == ["Tom Okafor has no working time for projects in this period."]


def test_two_full_time_jobs_are_named_with_their_weeks(cast):
    book(allocation=asked_for(cast, hours=30), by=cast.rita)
    assert found_by("RES010", cast.petra) == []
    book(allocation=asked_for(cast, hours=30), by=cast.rita, reason="Only for a month")
    text = found_by("RES010", cast.petra)
    assert (
        len(text) == 1
        and "Tom Okafor" in text[0]
        and "4 weeks" in text[0]
        and "week 9: 60" in text[0].replace("\xa0", " ")
    )


def test_somebody_without_capacity_is_named(cast):
    part_timer(cast, "tom", 0)
    asked_for(cast)
    assert "Tom Okafor: 80" in found_by("RES011", cast.petra)[0]


# ── My day, reminders, jobs ──────────────────────────────────────────────────────────────────────


def test_my_day_shows_what_waits_for_each_side(cast):
    allocation = asked_for(cast)
    demand_of(cast, hours=10)
    titles = [duty.title for duty in duties_of(cast.rita, "approval")]
    assert "Answer the request for Tom Okafor" in titles and "1 demand without a name" in titles
    assert not [duty for duty in duties_of(cast.paul, "approval") if "Tom" in duty.title]
    offer_other(allocation=allocation, person=cast.people["stefan"], by=cast.rita)
    assert "Stefan Voss is offered: take or decline" in " ".join(
        duty.title for duty in duties_of(cast.paul, "approval")
    ).replace("Dr. ", "")
    assert not duties_of(cast.olga, "approval")


def test_line_managers_are_reminded_once_before_a_reservation_ends(cast):
    allocation = reserve(allocation=asked_for(cast), by=cast.rita)
    assert remind_reserved(allocation.expires - dt.timedelta(days=5)) == 0
    assert remind_reserved(allocation.expires - dt.timedelta(days=2)) == 1
    assert remind_reserved(allocation.expires - dt.timedelta(days=1)) == 0
    assert Notification.objects.get(kind="resources.expiring").user == cast.rita


def test_the_daily_job_does_all_of_it(cast):
    from stellwerk.core.jobs import Progress
    from stellwerk.resources.jobs_bookings import bookings_daily

    class Silent(Progress):
        def __init__(self):
            pass

        def step(self, *given):
            pass

    firm = book(allocation=asked_for(cast, hours=5), by=cast.rita)
    soft = reserve(
        allocation=request_person(demand=demand_of(cast, hours=5), person=cast.people["tom"], by=cast.paul),
        by=cast.rita,
    )
    Allocation.objects.filter(pk=soft.pk).update(expires=TODAY - dt.timedelta(days=1))
    assert bookings_daily(Silent()) == {"expired": 1, "begun": 1, "completed": 0, "reminded": 0}
    firm.refresh_from_db()
    assert firm.state in HARD and AllocationWeek.objects.filter(allocation=firm).exists()
    assert timezone.localdate() == TODAY
