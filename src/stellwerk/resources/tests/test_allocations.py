"""Bookings: asked, reserved, firm, countered, declined, released, expired; by whom, and what is refused."""

from __future__ import annotations

import datetime as dt
from unittest.mock import patch

import pytest
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import Grant, Notification, Scope
from stellwerk.core.states import advance, offers
from stellwerk.people.models import Absence
from stellwerk.resources.models import Allocation
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.services.allocations import (
    accept_offer,
    assign,
    begin_due,
    book,
    change_weeks,
    complete_due,
    decline,
    expire_due,
    offer_other,
    refuse_offer,
    release,
    request_person,
    reserve,
    withdraw,
)
from stellwerk.resources.tests.asking import MARCH, asked_for, demand_of, fresh, part_timer, second_line_manager

OTHERS = ["paul", "gerda", "petra", "anton", "olga", "tom", "conny", "stefan", "elke", "ada", "walter", "uwe"]


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


def test_asking_takes_what_the_demand_still_lacks_and_tells_the_line_manager(cast):
    demand = demand_of(cast, hours=40)
    first = request_person(demand=demand, person=cast.people["tom"], weeks={MARCH[0]: 600}, by=cast.paul)
    assert (first.state, first.first, first.last) == ("requested", MARCH[0], dt.date(2027, 3, 7))
    second = request_person(demand=demand, person=cast.people["stefan"], by=cast.paul)
    assert weeks_of(second) == {MARCH[0]: 1800, **dict.fromkeys(MARCH[1:], 2400)}
    told = Notification.objects.filter(kind="resources.asked", user=cast.rita)
    assert {row.title for row in told} == {
        "PRJ-0001 Elektrolyse Lubmin asks for Tom Okafor", "PRJ-0001 Elektrolyse Lubmin asks for Stefan Voss",
    } or told.count() == 2  # fmt: skip


@pytest.mark.parametrize("who", ["olga", "tom", "conny", "stefan", "elke", "ada", "walter", "uwe"])
def test_only_those_who_steer_the_project_ask_for_somebody(cast, who):
    demand = demand_of(cast)
    with pytest.raises(NotAllowed):
        request_person(demand=demand, person=cast.people["tom"], by=getattr(cast, who))
    assert not Allocation.objects.exists()


def test_nobody_is_asked_for_twice_and_nothing_beyond_the_demand(cast):
    allocation = asked_for(cast)
    with pytest.raises(Refused) as refused:
        request_person(demand=allocation.demand, person=cast.people["stefan"], by=cast.paul)
    assert refused.value.code == "all_asked"
    with pytest.raises(Refused) as refused:
        request_person(demand=allocation.demand, person=cast.people["tom"], weeks={MARCH[0]: 60}, by=cast.paul)
    assert refused.value.code == "asked_already"


def test_weeks_outside_the_demand_and_people_who_have_left_are_refused(cast):
    demand = demand_of(cast)
    with pytest.raises(Invalid):
        request_person(demand=demand, person=cast.people["tom"], weeks={dt.date(2027, 5, 3): 60}, by=cast.paul)
    cast.people["tom"].exit_date = dt.date(2027, 1, 31)
    cast.people["tom"].save()
    with pytest.raises(Invalid) as refused:
        request_person(demand=demand, person=cast.people["tom"], by=cast.paul)
    assert "31 Jan 2027" in str(refused.value.errors["person"])


# ── answering ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", OTHERS)
def test_only_the_line_manager_answers(cast, who):
    allocation = asked_for(cast)
    by = getattr(cast, who)
    for answer in (
        lambda: reserve(allocation=allocation, by=by),
        lambda: book(allocation=allocation, by=by),
        lambda: offer_other(allocation=allocation, person=cast.people["stefan"], by=by),
        lambda: decline(allocation=allocation, reason="No", by=by),
        lambda: assign(demand=allocation.demand, person=cast.people["stefan"], by=by),
    ):
        with pytest.raises(NotAllowed):
            answer()
    allocation.refresh_from_db()
    assert allocation.state == "requested"


def test_who_asked_does_not_answer_even_as_line_manager(cast):
    Grant.objects.create(user=cast.paul, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk)
    paul = fresh(cast, "paul")
    allocation = asked_for(cast)
    for answer in (
        lambda: reserve(allocation=allocation, by=paul),
        lambda: book(allocation=allocation, by=paul),
        lambda: offer_other(allocation=allocation, person=cast.people["stefan"], by=paul),
        lambda: assign(demand=allocation.demand, person=cast.people["stefan"], weeks={MARCH[0]: 60}, by=paul),
    ):
        with pytest.raises((NotAllowed, WrongState)):
            answer()
    assert Allocation.objects.get().state == "requested"


def test_a_dated_deputy_answers(cast):
    today = timezone.localdate()
    Grant.objects.create(
        user=cast.users["uwe"], role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk,
        deputy_for=cast.users["rita"], valid_from=today, valid_to=today + dt.timedelta(days=7),
    )  # fmt: skip
    allocation = reserve(allocation=asked_for(cast), by=fresh(cast, "uwe"))
    assert allocation.state == "soft"


def test_a_reservation_lasts_fourteen_days_and_expires_with_notice(cast):
    allocation = reserve(allocation=asked_for(cast), by=cast.rita)
    assert allocation.expires == timezone.localdate() + dt.timedelta(days=14)
    assert expire_due(allocation.expires) == 0
    assert expire_due(allocation.expires + dt.timedelta(days=1)) == 1
    allocation.refresh_from_db()
    assert allocation.state == "expired"
    assert Notification.objects.filter(kind="resources.expire").values_list("user", flat=True).distinct().count() == 2
    assert expire_due(allocation.expires + dt.timedelta(days=2)) == 0


def test_firm_ends_the_deadline_and_tells_project_and_person(cast):
    allocation = reserve(allocation=asked_for(cast), by=cast.rita)
    allocation = book(allocation=allocation, by=cast.rita)
    assert (allocation.state, allocation.expires) == ("hard", None)
    told = Notification.objects.filter(kind="resources.confirm")
    assert {row.user for row in told} == {cast.paul, cast.tom}


def test_firm_above_the_net_hours_needs_a_reason_of_the_line_manager(cast):
    part_timer(cast, "tom", 15)
    allocation = asked_for(cast, hours=20)
    with pytest.raises(Invalid) as refused:
        book(allocation=allocation, by=cast.rita)
    # Good Friday takes three of the fifteen hours.
    text = " ".join(refused.value.errors["overbooking_reason"])
    assert "4 weeks" in text and "20 h of 15 h" in text.replace("\u202f", " ").replace("\xa0", " ")
    allocation.refresh_from_db()
    assert allocation.state == "requested"
    booked = book(allocation=allocation, by=cast.rita, reason="Overtime is agreed")
    assert (booked.state, booked.overbooking_reason) == ("hard", "Overtime is agreed")


def test_the_generic_step_does_not_get_round_the_net_hours(cast):
    part_timer(cast, "tom", 15)
    allocation = asked_for(cast, hours=20)
    with pytest.raises(WrongState):
        advance(allocation, "confirm", by=cast.rita)
    confirm = next(offer for offer in offers(allocation, cast.rita) if offer.transition.code == "confirm")
    assert not confirm.possible


def test_absence_and_other_projects_count_against_the_net_hours(cast):
    first = asked_for(cast, hours=30)
    book(allocation=first, by=cast.rita)
    second = asked_for(cast, hours=20)
    with pytest.raises(Invalid):
        book(allocation=second, by=cast.rita)
    release(allocation=first, reason="Done", by=cast.rita)
    Absence.objects.create(person=cast.people["tom"], first=MARCH[0], last=MARCH[0] + dt.timedelta(days=6))
    with pytest.raises(Invalid) as refused:
        book(allocation=second, by=cast.rita)
    assert "1 week " in refused.value.errors["overbooking_reason"][0]


def test_two_line_managers_answer_at_once_and_the_second_is_told(cast):
    other = second_line_manager(cast)
    allocation = asked_for(cast)
    seen = allocation.version
    book(allocation=allocation, by=cast.rita, version=seen)
    with pytest.raises(StaleEdit):
        decline(allocation=allocation, reason="No", by=other, version=seen)
    with pytest.raises(StaleEdit):
        book(allocation=allocation, by=other, version=seen)
    with pytest.raises(WrongState):
        reserve(allocation=allocation, by=other)
    allocation.refresh_from_db()
    assert allocation.state == "hard"


def test_two_bookings_of_one_person_together_above_the_net_hours_are_seen(cast):
    first, second = asked_for(cast, hours=25), asked_for(cast, hours=25)
    book(allocation=first, by=cast.rita, version=first.version)
    with pytest.raises(Invalid):
        book(allocation=second, by=second_line_manager(cast), version=second.version)
    second.refresh_from_db()
    assert second.state == "requested"


def test_declining_needs_a_reason_that_the_project_reads(cast):
    allocation = asked_for(cast)
    with pytest.raises(Invalid):
        decline(allocation=allocation, reason=" ", by=cast.rita)
    decline(allocation=allocation, reason="Trained on another plant", by=cast.rita)
    told = Notification.objects.get(kind="resources.decline")
    assert told.user == cast.paul and "Trained on another plant" in told.text
    with pytest.raises(WrongState):
        book(allocation=allocation, by=cast.rita)


def test_the_line_manager_answers_a_role_with_somebody(cast):
    allocation = assign(demand=demand_of(cast), person=cast.people["tom"], by=cast.rita)
    assert (allocation.state, allocation.person) == ("soft", cast.people["tom"])
    with pytest.raises(NotAllowed):  # Olga works in another organisation
        assign(demand=demand_of(cast), person=cast.people["olga"], by=cast.rita)


def test_a_reserved_overbooking_shows_but_a_failed_firm_one_leaves_nothing(cast):
    part_timer(cast, "tom", 10)
    demand = demand_of(cast, hours=20)
    with pytest.raises(Invalid):
        assign(demand=demand, person=cast.people["tom"], firm=True, by=cast.rita)
    assert not Allocation.objects.exists()


# ── somebody else ────────────────────────────────────────────────────────────────────────────────


def test_somebody_else_is_offered_and_the_project_accepts(cast):
    allocation = offer_other(
        allocation=asked_for(cast), person=cast.people["stefan"], by=cast.rita, reason="Tom is away"
    )
    assert (allocation.state, allocation.person, allocation.offered_instead_of) == (
        "countered", cast.people["stefan"], cast.people["tom"],
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        accept_offer(allocation=allocation, by=cast.rita)
    with pytest.raises(NotAllowed):
        accept_offer(allocation=allocation, by=cast.olga)
    assert accept_offer(allocation=allocation, by=cast.paul).state == "hard"
    assert {row.user for row in Notification.objects.filter(kind="resources.accept")} == {cast.rita, cast.stefan}


def test_an_offer_is_accepted_as_reserved_or_refused_with_a_reason(cast):
    one = offer_other(allocation=asked_for(cast), person=cast.people["stefan"], by=cast.rita)
    reserved = accept_offer(allocation=one, by=cast.paul, firm=False)
    assert reserved.state == "soft" and reserved.expires is not None
    two = offer_other(allocation=asked_for(cast), person=cast.people["stefan"], by=cast.rita)
    with pytest.raises(Invalid):
        refuse_offer(allocation=two, by=cast.paul, reason="")
    assert refuse_offer(allocation=two, by=cast.paul, reason="Does not know the plant").state == "rejected"


def test_only_own_people_other_than_the_asked_one_are_offered(cast):
    allocation = asked_for(cast)
    with pytest.raises(Invalid):
        offer_other(allocation=allocation, person=cast.people["tom"], by=cast.rita)
    with pytest.raises(NotAllowed):
        offer_other(allocation=allocation, person=cast.people["olga"], by=cast.rita)
    allocation.refresh_from_db()
    assert (allocation.state, allocation.person) == ("requested", cast.people["tom"])


def test_an_offer_above_the_net_hours_is_not_accepted_as_firm(cast):
    part_timer(cast, "stefan", 10)
    allocation = offer_other(allocation=asked_for(cast), person=cast.people["stefan"], by=cast.rita)
    with pytest.raises(WrongState):
        accept_offer(allocation=allocation, by=cast.paul)
    assert accept_offer(allocation=allocation, by=cast.paul, firm=False).state == "soft"


# ── ending and changing ──────────────────────────────────────────────────────────────────────────


def test_withdrawing_is_for_who_asked_and_releasing_needs_a_reason(cast):
    allocation = asked_for(cast)
    with pytest.raises(NotAllowed):
        withdraw(allocation=allocation, by=cast.rita)
    assert withdraw(allocation=allocation, by=cast.paul).state == "released"
    firm = book(allocation=asked_for(cast), by=cast.rita)
    with pytest.raises(WrongState):
        withdraw(allocation=firm, by=cast.paul)
    with pytest.raises(Invalid):
        release(allocation=firm, reason="", by=cast.paul)
    assert release(allocation=firm, reason="The work is done", by=cast.paul).state == "released"
    with pytest.raises(NotAllowed):
        release(allocation=book(allocation=asked_for(cast), by=cast.rita), reason="x", by=cast.tom)


def test_firm_bookings_begin_and_end_by_the_clock(cast):
    allocation = book(allocation=asked_for(cast), by=cast.rita)
    assert begin_due(dt.date(2027, 2, 28)) == 0
    assert begin_due(MARCH[0]) == 1 and complete_due(allocation.last) == 0
    assert complete_due(allocation.last + dt.timedelta(days=1)) == 1
    allocation.refresh_from_db()
    assert allocation.state == "completed"
    allocation.demand.refresh_from_db()
    assert allocation.demand.state == "filled"  # what is done fills too


def test_a_booking_that_changes_while_the_job_runs_is_left_alone(cast):
    allocation = reserve(allocation=asked_for(cast), by=cast.rita)
    from stellwerk.resources.services import allocations as module

    real = module.Allocation.objects.select_for_update

    def answered_meanwhile():
        Allocation.objects.filter(pk=allocation.pk, state="soft").update(state="hard")
        return real()

    with patch.object(module.Allocation.objects, "select_for_update", side_effect=answered_meanwhile):
        assert expire_due(allocation.expires + dt.timedelta(days=1)) == 0
    allocation.refresh_from_db()
    assert allocation.state == "hard"


def test_hours_change_until_they_are_firm_by_the_project_then_by_the_line_manager(cast):
    allocation = asked_for(cast)
    changed = change_weeks(allocation=allocation, weeks={MARCH[1]: 900}, by=cast.paul, version=allocation.version)
    assert weeks_of(changed) == {MARCH[1]: 900} and changed.first == MARCH[1]
    with pytest.raises(StaleEdit):
        change_weeks(allocation=allocation, weeks={MARCH[2]: 900}, by=cast.rita, version=allocation.version)
    firm = book(allocation=changed, by=cast.rita)
    with pytest.raises(NotAllowed):
        change_weeks(allocation=firm, weeks={MARCH[2]: 900}, by=cast.paul)
    moved = change_weeks(allocation=firm, weeks={MARCH[2]: 900}, by=cast.rita, version=firm.version)
    assert weeks_of(moved) == {MARCH[2]: 900}
    with pytest.raises(Invalid):
        change_weeks(allocation=firm, weeks={MARCH[2]: 60 * 60}, by=cast.rita)
    over = change_weeks(allocation=firm, weeks={MARCH[2]: 60 * 60}, by=cast.rita, reason="Start-up week")
    assert over.overbooking_reason == "Start-up week"
    with pytest.raises(Invalid):
        change_weeks(allocation=firm, weeks={dt.date(2027, 6, 7): 60}, by=cast.rita)
    release(allocation=firm, reason="Done", by=cast.rita)
    with pytest.raises(Refused):
        change_weeks(allocation=firm, weeks={MARCH[2]: 60}, by=cast.rita)
