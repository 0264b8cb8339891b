"""Hours move to other people and weeks: at once, as a request, refused, taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core import changesets
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Notification
from stellwerk.people.models import Absence
from stellwerk.resources.models import Allocation
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.services.allocations import assign, book, change_weeks, decline
from stellwerk.resources.services.demands import create_demand
from stellwerk.resources.services.moving import Move, effect_of, move_hours
from stellwerk.resources.tests.asking import MARCH, demand_of, fresh
from stellwerk.resources.tests.test_heatmap import pattern

H = 60
MONTH = (dt.date(2027, 3, 1), dt.date(2027, 3, 31))
WEEK = (MARCH[0], MARCH[0] + dt.timedelta(days=6))
OTHER_WEEK = (MARCH[1], MARCH[1] + dt.timedelta(days=6))


def booked(cast, who: str = "tom", hours: float = 20, *, firm: bool = False, project=None, by=None) -> Allocation:
    """Rita books somebody for Paul's project."""
    values = {} if project is None else {"project": project}
    demand = demand_of(cast, hours=hours, by=by, last=dt.date(2027, 3, 28), **values)
    return assign(demand=demand, person=cast.people[who], by=cast.rita, firm=firm)


def move(cast, booking: Allocation, to: str = "stefan", hours: float = 7.6, source=WEEK, target=None) -> Move:
    return Move(booking, cast.people[to], source, target or source, round(hours * H))


# ── the worked month ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def anna(cast) -> Allocation:
    """102.4 h net in March, 60 h firm on Olga's project, 50 h reserved on Paul's: 107.42 %."""
    person = cast.people["tom"]
    pattern(person)
    Absence.objects.create(person=person, first=dt.date(2027, 3, 29), last=dt.date(2027, 3, 31))
    Absence.objects.create(person=person, first=dt.date(2027, 3, 22), last=dt.date(2027, 3, 24))
    values = {"project": cast.other_project, "title": "Signaltest", "role": cast.role, "first": MARCH[0], "last": dt.date(2027, 3, 28)}  # fmt: skip
    other = create_demand(values=values, by=cast.olga, weeks=dict.fromkeys(MARCH, 15 * H), ask=True)
    assign(demand=other, person=person, by=cast.rita)
    mine = demand_of(cast, last=dt.date(2027, 3, 28))
    return assign(demand=mine, person=person, by=cast.rita, weeks=dict.fromkeys(MARCH, round(12.5 * H)))


def test_seven_point_six_hours_move_and_nobody_is_over(cast, anna):
    plan = move(cast, anna, source=MONTH)
    told = effect_of(plan, cast.rita)
    assert told.direct and sum(told.take.values()) == sum(told.give.values()) == 456
    assert told.source.before == 110 * H
    done = move_hours(move=plan, by=cast.rita)
    assert sum(weeks_of(anna).values()) == 50 * H - 456
    assert (done.allocation.person, done.allocation.state) == (cast.people["stefan"], "soft")
    assert weeks_of(done.allocation) == told.give
    assert AuditEntry.objects.filter(entity_id=anna.pk, verb="move_hours", actor=cast.rita).exists()
    kinds = dict(Notification.objects.filter(kind__in=("resources.hours_moved", "resources.load_moved")).values_list("user", "kind"))  # fmt: skip
    assert kinds == {cast.paul.pk: "resources.hours_moved", cast.olga.pk: "resources.load_moved"}
    text = Notification.objects.get(user=cast.olga, kind="resources.load_moved")
    assert cast.project.name not in text.title + text.text, "whose hours they are is not told to other projects"


def test_it_is_taken_back_in_one_step(cast, anna):
    before = weeks_of(anna)
    done = move_hours(move=move(cast, anna, source=MONTH), by=cast.rita)
    changesets.undo(done.change_set, by=cast.rita)
    assert weeks_of(anna) == before
    done.allocation.refresh_from_db()
    assert done.allocation.state == "rejected"


# ── at once ──────────────────────────────────────────────────────────────────────────────────────


def test_firm_hours_stay_firm_and_the_demand_stays_filled(cast):
    booking = booked(cast, firm=True)
    done = move_hours(move=move(cast, booking, hours=5), by=cast.rita)
    assert done.allocation.state in {"hard", "active"}
    booking.demand.refresh_from_db()
    assert booking.demand.state == "filled"
    assert weeks_of(booking)[MARCH[0]] == 15 * H
    again = move_hours(move=move(cast, booking, hours=5), by=cast.rita)
    assert again.allocation == done.allocation, "what is booked for the same demand grows"
    assert weeks_of(done.allocation)[MARCH[0]] == 10 * H


def test_all_hours_may_go_and_come_back(cast):
    booking = booked(cast, firm=True)
    done = move_hours(move=move(cast, booking, hours=80, source=(MARCH[0], dt.date(2027, 3, 28))), by=cast.rita)
    booking.refresh_from_db()
    assert booking.state == "released"
    changesets.undo(done.change_set, by=cast.rita)
    back = Allocation.objects.get(person=cast.people["tom"], state__in=("hard", "active"))
    assert weeks_of(back) == dict.fromkeys(MARCH, 20 * H)


def test_to_another_week_of_the_same_person(cast):
    booking = booked(cast)
    done = move_hours(move=move(cast, booking, "tom", 5, target=OTHER_WEEK), by=cast.rita)
    assert done.allocation == booking
    assert weeks_of(booking) == {MARCH[0]: 15 * H, MARCH[1]: 25 * H, MARCH[2]: 20 * H, MARCH[3]: 20 * H}
    changesets.undo(done.change_set, by=cast.rita)
    assert weeks_of(booking) == dict.fromkeys(MARCH, 20 * H)


def test_overbooked_weeks_are_relieved_first(cast):
    booked(cast, hours=30)
    booking = booked(cast, hours=10)
    change_weeks(allocation=booking, weeks={MARCH[0]: 5 * H, MARCH[1]: 18 * H}, by=cast.rita)
    assert effect_of(move(cast, booking, hours=8, source=MONTH), cast.rita).take == {MARCH[1]: 8 * H}


def test_firm_hours_above_the_net_ones_need_a_reason(cast):
    booked(cast, "stefan", 30, firm=True)
    booking = booked(cast, firm=True)
    plan = move(cast, booking, hours=15)
    assert effect_of(plan, cast.rita).target.over == 5 * H
    with pytest.raises(Invalid) as refusal:
        move_hours(move=plan, by=cast.rita)
    assert "overbooking_reason" in refusal.value.errors
    assert weeks_of(booking)[MARCH[0]] == 20 * H, "all or nothing"
    assert move_hours(move=plan, by=cast.rita, reason="Agreed with Stefan").allocation.overbooking_reason


# ── as a request ─────────────────────────────────────────────────────────────────────────────────


def test_a_project_asks_and_the_hours_follow_the_answer(cast):
    booking = booked(cast, firm=True)
    plan = move(cast, booking, hours=5)
    told = effect_of(plan, cast.paul)
    assert not told.direct and told.why
    done = move_hours(move=plan, by=cast.paul)
    assert done.allocation.state == "requested"
    assert weeks_of(booking)[MARCH[0]] == 20 * H, "nothing moves before the answer"
    with pytest.raises(NotAllowed):
        book(allocation=done.allocation, by=cast.paul)
    book(allocation=done.allocation, by=cast.rita)
    assert weeks_of(booking)[MARCH[0]] == 15 * H
    done.change_set.refresh_from_db()
    assert done.change_set.state == "applied"
    with pytest.raises(WrongState):
        changesets.undo(done.change_set, by=cast.paul)


def test_with_no_the_hours_stay(cast):
    booking = booked(cast, firm=True)
    done = move_hours(move=move(cast, booking, hours=5), by=cast.paul)
    decline(allocation=done.allocation, reason="Stefan is needed elsewhere", by=cast.rita)
    done.change_set.refresh_from_db()
    assert (done.change_set.state, weeks_of(booking)[MARCH[0]]) == ("discarded", 20 * H)


def test_whoever_asked_for_it_does_not_move_it_alone(cast):
    from stellwerk.core.models import Grant, Scope

    booking = booked(cast)
    Grant.objects.create(user=cast.paul, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk)
    paul = fresh(cast, "paul")
    told = effect_of(move(cast, booking, hours=5), paul)
    assert not told.direct and "asked for it" in told.why
    done = move_hours(move=move(cast, booking, hours=5), by=paul)
    assert done.allocation.state == "requested"
    with pytest.raises((NotAllowed, WrongState)):
        book(allocation=done.allocation, by=paul)


def test_people_of_another_unit_are_not_hers_to_move_to(cast):
    with pytest.raises(NotAllowed):
        effect_of(move(cast, booked(cast), "olga", 5), cast.rita)


@pytest.mark.parametrize("who", ["olga", "tom", "conny", "stefan", "elke", "ada", "walter", "uwe"])
def test_others_move_nothing(cast, who):
    booking = booked(cast)
    with pytest.raises(NotAllowed):
        move_hours(move=move(cast, booking, hours=5), by=getattr(cast, who))
    assert weeks_of(booking)[MARCH[0]] == 20 * H


# ── refused ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hours", "target", "field"),
    [
        (0, None, "hours"), (-1, None, "hours"), (20.1, None, "hours"),
        (5, (dt.date(2027, 6, 7), dt.date(2027, 6, 13)), "to"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(cast, hours, target, field):
    booking = booked(cast)
    with pytest.raises(Invalid) as refusal:
        effect_of(move(cast, booking, "stefan", hours, target=target), cast.rita)
    assert list(refusal.value.errors) == [field]


def test_somebody_who_is_gone_gets_no_hours(cast):
    cast.people["stefan"].exit_date = dt.date(2027, 3, 3)
    cast.people["stefan"].save()
    with pytest.raises(Invalid) as refusal:
        effect_of(move(cast, booked(cast), hours=5), cast.rita)
    assert "person" in refusal.value.errors


def test_an_old_page_and_an_ended_booking_are_refused(cast):
    booking = booked(cast)
    change_weeks(allocation=booking, weeks=dict.fromkeys(MARCH, 10 * H), by=cast.rita)
    with pytest.raises(StaleEdit):
        move_hours(move=move(cast, booking, hours=5), by=cast.rita, version=booking.version)
    decline(allocation=booking, reason="Ill planned", by=cast.rita)
    booking.refresh_from_db()
    with pytest.raises(Refused):
        move_hours(move=move(cast, booking, hours=5), by=cast.rita)


def test_later_changes_forbid_the_way_back(cast):
    booking = booked(cast)
    done = move_hours(move=move(cast, booking, hours=5), by=cast.rita)
    change_weeks(allocation=booking, weeks={MARCH[1]: 60}, by=cast.rita)
    with pytest.raises(WrongState, match="changed since"):
        changesets.undo(done.change_set, by=cast.rita)
    assert weeks_of(done.allocation) == {MARCH[0]: 5 * H}
