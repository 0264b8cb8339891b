"""Demands from a plan: asked for in one step, following, differences named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.models import Notification
from stellwerk.planning.models import Activity, Assignment, PlanResource
from stellwerk.planning.services.aftermath import after_change
from stellwerk.planning.tests.plans import at, example_plan
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.selectors.plan_needs import needs_of, plan_needs
from stellwerk.resources.services.plan_demands import ask_for_plan
from stellwerk.resources.services.requests import raise_vacancy, request_for
from stellwerk.resources.tests.asking import FIRST, LAST, demand_of

TODAY = dt.date(2026, 12, 1)
JAN = [dt.date(2027, 1, day) for day in (4, 11, 18, 25)]


@pytest.fixture(autouse=True)
def today_is(monkeypatch):
    """Sets the day that counts as today; the first of December to begin with."""

    def on(day):
        monkeypatch.setattr("stellwerk.resources.selectors.plan_needs.timezone.localdate", lambda *given: day)

    on(TODAY)
    return on


@pytest.fixture
def plan(cast):
    """Tom lays the foundation (40 h), the role builds the hall (160 h), nobody is named for the training."""
    plan = example_plan(cast.project)
    tom = PlanResource.objects.create(plan=plan, uid=1, name="Tom", person=cast.people["tom"], role=cast.role)
    role = PlanResource.objects.create(plan=plan, uid=2, name="PL", role=cast.role, generic=True)
    rows = {row.uid: row for row in plan.activities.all()}
    Assignment.objects.create(plan=plan, uid=1, activity=rows[2], resource=tom, work=Decimal(40))
    Assignment.objects.create(plan=plan, uid=2, activity=rows[3], resource=role, work=Decimal(160))
    Assignment.objects.create(plan=plan, uid=3, activity=rows[5], resource=None, work=Decimal(24))
    return plan


def test_effort_is_spread_over_the_weeks_of_each_activity(cast, plan):
    needs, nameless = needs_of(plan, TODAY)
    found = {str(need.person or need.role): need.weeks for need in needs}
    assert found == {"Tom Okafor": {JAN[0]: 2400}, "Project management": {JAN[1]: 4800, JAN[2]: 4800}}
    assert nameless == 1


def test_what_is_done_is_not_asked_for_again(cast, plan):
    Activity.objects.filter(plan=plan, uid=2).update(percent=50, state="in_progress")
    Activity.objects.filter(plan=plan, uid=3).update(state="completed", percent=100)
    needs, _ = needs_of(plan, TODAY)
    assert [sum(need.weeks.values()) for need in needs] == [1200]
    # Half of the week is over: what is left lies in the rest of it.
    needs, _ = needs_of(plan, dt.date(2027, 1, 6))
    assert needs[0].first == dt.date(2027, 1, 6)


def test_one_click_asks_for_everybody(cast, plan):
    outcome = ask_for_plan(plan=plan, by=cast.paul)
    assert (outcome.made, outcome.changed, outcome.refused) == (2, 0, [])
    named = Demand.objects.get(person=cast.people["tom"])
    assert (named.source, named.title, named.activity.name) == ("activity", "Foundation", "Foundation")
    assert Allocation.objects.get().state == "requested"
    assert Notification.objects.filter(kind="resources.asked", user=cast.rita).exists()
    assert ask_for_plan(plan=plan, by=cast.paul).made == 0 and not plan_needs(plan).open


def test_only_the_chosen_lines_and_only_of_the_plan_that_was_seen(cast, plan):
    ask_for_plan(plan=plan, by=cast.paul, chosen=[f"p{cast.people['tom'].pk}"], revision=plan.revision)
    assert Demand.objects.count() == 1
    with pytest.raises(Refused) as refused:
        ask_for_plan(plan=plan, by=cast.paul, revision=plan.revision + 1)
    assert refused.value.code == "plan_changed"


@pytest.mark.parametrize("who", ["olga", "tom", "rita", "stefan", "conny", "uwe"])
def test_others_do_not_ask_for_the_people_of_a_plan(cast, plan, who):
    with pytest.raises(NotAllowed):
        ask_for_plan(plan=plan, by=getattr(cast, who))


def test_demands_follow_when_the_plan_moves_and_the_line_manager_is_told(cast, plan):
    ask_for_plan(plan=plan, by=cast.paul)
    Activity.objects.filter(plan=plan, uid=2).update(start=at(2027, 1, 18), finish=at(2027, 1, 22, 17))
    after_change(plan.pk)
    demand = Demand.objects.get(person=cast.people["tom"])
    assert weeks_of_demand(demand) == {JAN[2]: 2400} and demand.last == dt.date(2027, 1, 22)
    told = Notification.objects.get(kind="resources.moved")
    assert told.user == cast.rita and "3" in told.text
    after_change(plan.pk)
    assert Notification.objects.filter(kind="resources.moved").count() == 1


def test_weeks_that_are_over_stay(cast, plan, today_is):
    ask_for_plan(plan=plan, by=cast.paul)
    today_is(dt.date(2027, 1, 12))
    after_change(plan.pk)
    assert weeks_of_demand(Demand.objects.get(person=cast.people["tom"])) == {JAN[0]: 2400}


def test_what_the_plan_no_longer_needs_is_named_and_called_off_by_the_project(cast, plan):
    ask_for_plan(plan=plan, by=cast.paul)
    Assignment.objects.filter(plan=plan, uid=1).delete()
    after_change(plan.pk)
    demand = Demand.objects.get(person=cast.people["tom"])
    assert demand.state == "open"  # nothing is called off behind the project's back
    assert [change.kind for change in plan_needs(plan).open] == ["gone"]
    assert ask_for_plan(plan=plan, by=cast.paul).ended == 1
    demand.refresh_from_db()
    assert demand.state == "cancelled" and Allocation.objects.get().state == "released"


def test_somebody_who_has_left_is_named_and_the_others_are_asked(cast, plan):
    tom = cast.people["tom"]
    tom.exit_date = dt.date(2026, 12, 31)
    tom.save()
    outcome = ask_for_plan(plan=plan, by=cast.paul)
    assert outcome.made == 1 and "Tom Okafor" in outcome.refused[0] and "31 Dec 2026" in outcome.refused[0]
    assert not Allocation.objects.exists()


def test_the_page_shows_differences_and_asks(cast, plan):
    client = cast.client("paul")
    url = f"/resources/plan-demands/{cast.project.key}"
    page = client.get(url).content.decode()
    assert "2 differences" in page and "1 assignment names nobody" in page
    assert client.post(url, {"lines": [f"p{cast.people['tom'].pk}"], "revision": plan.revision}).status_code == 302
    assert client.post(url, {"lines": ["x"], "revision": "999"}).status_code == 409
    assert client.post(url, {"lines": ["x"], "revision": "abc"}).status_code == 302
    assert Demand.objects.count() == 1


def test_what_is_asked_for_by_hand_is_named_and_not_chosen_beforehand(cast, plan):
    demand_of(cast, first=dt.date(2027, 1, 11), last=dt.date(2027, 1, 22), hours=30)
    page = cast.client("paul").get(f"/resources/plan-demands/{cast.project.key}").content.decode()
    assert "60\u00a0h already asked for by hand" in page
    assert page.count("data-select-row checked") == 1 and page.count("data-select-row") == 2


def test_staffing_asks_through_the_same_door(cast):
    found = request_for(
        project=cast.project, first=FIRST, last=LAST, person=cast.people["tom"], hours_per_week=10, by=cast.paul
    )
    assert found.allocation is not None and found.allocation.state == "requested"
    found = request_for(project=cast.project, first=FIRST, last=LAST, role=cast.role, hours_per_week=10, by=cast.paul)
    assert found.allocation is None


def test_a_demand_becomes_a_vacancy_once_and_not_by_the_line_manager(cast):
    demand = demand_of(cast)
    with pytest.raises(NotAllowed):
        raise_vacancy(demand=demand, by=cast.rita)
    assert raise_vacancy(demand=demand, by=cast.paul).state == "vacancy_raised"
    with pytest.raises(Refused):
        raise_vacancy(demand=demand, by=cast.paul)
