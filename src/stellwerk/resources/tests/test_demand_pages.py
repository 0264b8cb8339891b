"""Pages of demands and bookings: what each side sees and does, bad input, and the inbox."""

from __future__ import annotations

import pytest

from stellwerk.core.states import offers
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.services.allocations import offer_other
from stellwerk.resources.tests.asking import MARCH, asked_for, demand_of, part_timer
from stellwerk.resources.weeks_input import parse_weeks, weeks_text

FORM = {
    "title": "Commissioning", "first": "2027-03-01", "last": "2027-03-26", "priority": "2", "probability": "100",
    "hours_per_week": "16", "skills-TOTAL": "0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2027-W09\t16\n2027-W10 8.5", [960, 510]),
        ("KW 9/2027: 16\nKW 10/2027: 8 h", [960, 480]),
        ("2027-03-03 16\n08.03.2027 8", [960, 480]),
        ("16\t8", [960, 480]),
        ("16;8", [960, 480]),
        ("16\n8", [960, 480]),
    ],
)
def test_weeks_are_read_as_people_paste_them(text, minutes):
    assert parse_weeks(text, MARCH[0]) == dict(zip(MARCH, minutes, strict=False))


@pytest.mark.parametrize(
    "text", ["2027-W60 8", "abc", "2027-W09 8\n16", "2027-W09 8\n2027-W09 9", "-4", "2027-W09 x", "1\n" * 400]
)
def test_odd_weeks_are_refused_in_words(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_weeks(text, MARCH[0])


def test_weeks_are_written_as_they_are_read():
    weeks = {MARCH[0]: 960, MARCH[1]: 510}
    assert parse_weeks(weeks_text(weeks), MARCH[2]) == weeks


def test_a_project_manager_asks_by_form_and_the_line_manager_books(cast):
    paul, rita = cast.client("paul"), cast.client("rita")
    answer = paul.post("/resources/demands/new", FORM | {"project": cast.project.pk, "role": cast.role.pk})
    demand = Demand.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/resources/demands/{demand.key}")
    assert weeks_of_demand(demand) == dict.fromkeys(MARCH, 960)
    page = paul.get(answer["Location"]).content.decode()
    assert "Candidates" in page and "Tom Okafor" in page and "free for all" in page
    ask = paul.post(f"/resources/demands/{demand.key}/ask", {"person": cast.people["tom"].pk, "step": "ask"})
    assert ask.status_code == 302
    booking = Allocation.objects.get()
    inbox = rita.get("/resources/requests").content.decode()
    assert "1 request waits for an answer" in inbox and "Tom Okafor" in inbox
    rita.post(f"/resources/bookings/{booking.key}/answer", {"step": "confirm", "version": booking.version})
    booking.refresh_from_db()
    assert booking.state == "hard"
    assert "filled" in paul.get(f"/resources/demands/{demand.key}").content.decode()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"hours_per_week": ""}, "Give the hours per week"),
        ({"hours_per_week": "x"}, "not a number"),
        ({"hours_per_week": "", "weeks": "2027-W20 8"}, "outside the period"),
        ({"hours_per_week": "", "weeks": "once"}, "not a number"),
        ({"last": "2027-01-01"}, "before it begins"),
        ({"role": ""}, "Name a project role or a person"),
        ({"project": "999999"}, "Select a valid choice"),
    ],
)
def test_bad_input_comes_back_with_a_text_and_what_was_typed(cast, values, text):
    posted = FORM | {"project": cast.project.pk, "role": cast.role.pk} | values
    answer = cast.client("paul").post("/resources/demands/new", posted)
    page = answer.content.decode()
    assert answer.status_code == 422 and text in page and 'value="Commissioning"' in page
    assert not Demand.objects.exists()


def test_nobody_asks_for_a_project_of_others_by_form(cast):
    posted = FORM | {"project": cast.other_project.pk, "role": cast.role.pk}
    assert cast.client("paul").post("/resources/demands/new", posted).status_code == 422
    assert not Demand.objects.exists()


def test_hours_are_edited_week_by_week_and_a_shorter_period_cuts_them(cast):
    demand = demand_of(cast)
    client = cast.client("paul")
    page = client.get(f"/resources/demands/{demand.key}/edit").content.decode()
    assert "2027-W09\t20" in page
    shorter = FORM | {
        "project": demand.project_id, "role": cast.role.pk, "last": "2027-03-12", "hours_per_week": "",
        "weeks": weeks_text(weeks_of_demand(demand)), "version": demand.version,
    }  # fmt: skip
    assert client.post(f"/resources/demands/{demand.key}/edit", shorter).status_code == 302
    assert weeks_of_demand(demand) == dict.fromkeys(MARCH[:2], 1200)
    stale = shorter | {"title": "Other", "weeks": "2027-W09\t5"}
    answer = client.post(f"/resources/demands/{demand.key}/edit", stale)
    assert answer.status_code == 409 and weeks_of_demand(demand) == dict.fromkeys(MARCH[:2], 1200)


def test_an_overbooking_asks_for_its_reason_in_place(cast):
    part_timer(cast, "tom", 10)
    booking = asked_for(cast)
    client = cast.client("rita")
    url = f"/resources/bookings/{booking.key}/answer"
    answer = client.post(url, {"step": "confirm", "version": booking.version})
    page = answer.content.decode()
    assert answer.status_code == 422 and "exceed the net hours" in page
    assert 'aria-invalid="true"' in page[page.index('id="a-reason"') : page.index("</textarea>")]
    answer = client.post(url, {"step": "confirm", "version": booking.version, "reason": "Overtime agreed"})
    booking.refresh_from_db()
    assert answer.status_code == 302 and booking.overbooking_reason == "Overtime agreed"


def test_the_line_manager_answers_a_role_from_the_candidates(cast):
    demand = demand_of(cast)
    page = cast.client("rita").get(f"/resources/demands/{demand.key}").content.decode()
    assert "Book firmly" in page
    cast.client("rita").post(
        f"/resources/demands/{demand.key}/ask", {"person": cast.people["tom"].pk, "step": "reserve"}
    )
    assert Allocation.objects.get().state == "soft"


def test_an_offer_is_answered_by_the_project(cast):
    booking = offer_other(allocation=asked_for(cast), person=cast.people["stefan"], by=cast.rita)
    page = cast.client("paul").get(f"/resources/bookings/{booking.key}").content.decode()
    assert "Accept the offer" in page and "instead of Tom Okafor" in page
    cast.client("paul").post(
        f"/resources/bookings/{booking.key}/answer", {"step": "accept", "version": booking.version}
    )
    booking.refresh_from_db()
    assert booking.state == "hard"


def test_odd_answers_are_refused_in_words(cast):
    booking = asked_for(cast)
    client = cast.client("rita")
    url = f"/resources/bookings/{booking.key}/answer"
    for data, status in (
        ({"step": "fly"}, 409),
        ({}, 409),
        ({"step": "counter"}, 422),
        ({"step": "counter", "person": "x"}, 422),
        ({"step": "decline"}, 422),
        ({"step": "reserve", "version": booking.version + 7}, 409),
    ):
        assert client.post(url, data).status_code == status, data
    demand = demand_of(cast)
    for person in ("", "abc", "99999999999", "424242"):
        assert client.post(f"/resources/demands/{demand.key}/ask", {"person": person}).status_code == 422
    assert client.get(url).status_code == 405


def test_many_requests_are_answered_at_once_and_conflicts_are_named(cast):
    part_timer(cast, "stefan", 10)
    fine, over = asked_for(cast, "tom"), asked_for(cast, "stefan")
    client = cast.client("rita")
    page = client.get("/resources/requests").content.decode()
    assert "1 would overbook somebody" in page
    answer = client.post("/resources/requests", {"step": "confirm", "ids": [fine.pk, over.pk]})
    assert answer.status_code == 422 and "Stefan Voss" in answer.content.decode()
    fine.refresh_from_db()
    over.refresh_from_db()
    assert (fine.state, over.state) == ("hard", "requested")
    assert client.post("/resources/requests", {"step": "decline", "ids": [over.pk]}).status_code == 422
    assert client.post("/resources/requests", {"step": "reserve"}).status_code == 422
    assert client.post("/resources/requests", {"step": "fly", "ids": ["x", "1"]}).status_code == 422
    answer = client.post("/resources/requests", {"step": "decline", "ids": [over.pk], "reason": "Too few hours"})
    assert answer.status_code == 302 and Allocation.objects.get(pk=over.pk).state == "rejected"


def test_a_line_manager_cannot_answer_for_others_by_their_numbers(cast):
    booking = asked_for(cast, "olga")
    answer = cast.client("rita").post("/resources/requests", {"step": "confirm", "ids": [booking.pk]})
    booking.refresh_from_db()
    assert booking.state == "requested" and answer.status_code == 302


def test_lists_show_what_one_may_see(cast):
    booking = asked_for(cast)
    for path in ("/resources/demands/", "/resources/bookings/", f"/resources/project-demands/{cast.project.key}"):
        page = cast.client("paul").get(path)
        assert page.status_code == 200 and "Commissioning" in page.content.decode()
    assert booking.demand.title not in cast.client("olga").get("/resources/demands/").content.decode()
    assert "Tom Okafor" in cast.client("tom").get("/resources/bookings/").content.decode()
    export = cast.client("paul").get("/resources/demands/?export=xlsx")
    assert export.status_code == 200
    export.close()


def test_steps_that_bookings_do_are_offered_to_nobody(cast):
    demand = demand_of(cast)
    for who in ("petra", "rita", "paul"):
        assert {offer.transition.code for offer in offers(demand, getattr(cast, who))}.isdisjoint(
            {"fill", "fill_partly"}
        )
