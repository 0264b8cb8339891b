"""Pages of the heat map: what each reader finds, what a cell offers, bad addresses, moves by form and by drag."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from stellwerk.people.models import Absence
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.services.allocations import assign
from stellwerk.resources.tests.asking import MARCH, demand_of
from stellwerk.resources.tests.test_moving import booked

H = 60
MAP = "?from=2027-03-01&by=week&count=5"
CELL = {"from": "2027-03-01", "to": "2027-03-07"}


def url(name: str, **query: str) -> str:
    from urllib.parse import urlencode

    return f"{reverse(f'resources:{name}')}?{urlencode(query)}"


def body(cast, booking: Allocation, **values: str) -> dict[str, str]:
    return {
        "booking": booking.key, "person": str(cast.people["stefan"].pk), "hours": "5", "from": "2027-03-01", "to": "2027-03-07", "target": "",
    } | values  # fmt: skip


def test_the_page_says_who_has_too_much_on_which_projects(client, cast):
    booked(cast, hours=30)
    booked(cast, hours=18)
    client.force_login(cast.rita)
    page = client.get(reverse("resources:capacity") + MAP)
    text = page.content.decode()
    assert page.status_code == 200
    assert "overload" in page.context["answer"]
    card = page.context["cards"][0]
    assert card.label == str(cast.people["tom"]) and card.number.startswith("+")
    assert cast.project.name in card.text
    assert "Tom" in text and "data-capacity" in text


@pytest.mark.parametrize(
    "query",
    ["?rows=x", "?by=year", "?from=gestern", "?from=9999-12-31", "?count=0", "?count=99999", "?count=-1", "?unit=abc", "?load=x", "?skill=1e9"],
)  # fmt: skip
def test_what_cannot_be_read_is_said(client, cast, query):
    client.force_login(cast.rita)
    page = client.get(reverse("resources:capacity") + query)
    assert page.status_code == 422 and page.context["problems"]
    assert client.get(reverse("resources:capacity-data") + query).status_code == 422


@pytest.mark.parametrize("rows", ["person", "role", "unit", "skill"])
@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_every_view_shows(client, cast, rows, by):
    booked(cast)
    client.force_login(cast.rita)
    address = f"?from=2027-03-01&by={by}&rows={rows}&count=3"
    page = client.get(reverse("resources:capacity") + address)
    assert page.status_code == 200
    data = client.get(reverse("resources:capacity-data") + address).json()
    assert len(data["columns"]) == len(data["starts"]) == 3
    assert data["rows"] or rows == "skill"


def test_a_cell_tells_bookings_and_where_hours_could_go(client, cast):
    booking = booked(cast)
    client.force_login(cast.rita)
    cell = client.get(url("capacity-cell", row=f"p{cast.people['tom'].pk}", **CELL)).context["cell"]
    assert [line.booking for line in cell.lines] == [booking]
    assert {option.pk for option in cell.options} >= {cast.people["stefan"].pk}
    assert (cell.net, cell.load) == (40 * H, 20 * H)


def test_projects_see_load_of_others_without_names_and_never_why_somebody_is_away(client, cast):
    booked(cast)
    theirs = demand_of(cast, project=cast.other_project, by=cast.olga, title="Geheimer Titel")
    assign(demand=theirs, person=cast.people["tom"], by=cast.rita)
    Absence.objects.create(person=cast.people["tom"], first=MARCH[0], last=MARCH[0], kind="sick", note="Grippe")
    client.force_login(cast.paul)
    page = client.get(url("capacity-cell", row=f"p{cast.people['tom'].pk}", **CELL))
    text = page.content.decode()
    cell = page.context["cell"]
    assert [line.booking is None for line in cell.lines] == [False, True] and cell.load == 40 * H
    assert "Geheimer Titel" not in text and cast.other_project.name not in text
    assert not cell.facts and "Grippe" not in text and "ick" not in text.split("cap-page")[1].split("</section>")[0]
    client.force_login(cast.olga)
    assert client.get(url("capacity-cell", row=f"p{cast.people['gerda'].pk}", **CELL)).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{}, {"row": "p1"}, {"row": "x1"} | CELL, {"row": "pfoo"} | CELL, {"row": "p999999"} | CELL, {"row": "r999999"} | CELL,
     {"row": "p1", "from": "2027-03-07", "to": "2027-03-01"}, {"row": "p1", "from": "2001-01-01", "to": "2089-01-01"}],
)  # fmt: skip
def test_cells_that_do_not_exist(client, cast, query):
    client.force_login(cast.rita)
    assert client.get(url("capacity-cell", **query)).status_code == 404


def test_a_move_is_shown_then_done_then_offered_to_be_taken_back(client, cast):
    booking = booked(cast)
    client.force_login(cast.rita)
    shown = client.post(reverse("resources:capacity-move"), body(cast, booking, preview="1"))
    assert shown.status_code == 200 and shown.context["effect"].direct
    shown_shares = [(side["before"][:-2], side["after"][:-2]) for side in shown.context["sides"]]
    assert shown_shares == [("50", "38"), ("0", "13")]
    assert weeks_of(booking)[MARCH[0]] == 20 * H
    done = client.post(reverse("resources:capacity-move"), body(cast, booking), HTTP_ACCEPT="application/json")
    toast = done.json()["toast"]
    assert weeks_of(booking)[MARCH[0]] == 15 * H
    assert client.post(toast["undo"]).status_code == 302
    assert weeks_of(booking)[MARCH[0]] == 20 * H


def test_a_move_in_the_panel_answers_with_the_new_cell_and_the_way_back(client, cast):
    booking = booked(cast)
    client.force_login(cast.rita)
    done = client.post(reverse("resources:capacity-move"), body(cast, booking), HTTP_HX_REQUEST="true")
    told = json.loads(done.headers["HX-Trigger"])
    assert told["toast"]["undo"] and told["capacity"]
    assert done.context["cell"].load == 15 * H


@pytest.mark.parametrize(
    ("change", "word"),
    [({"hours": "viel"}, "Hours like"), ({"hours": "100"}, "Only"), ({"person": ""}, "choose a person"), ({"person": "999999"}, "choose a person"),
     ({"target": "2027-13-01/x"}, "choose a period"), ({"target": "2027-06-07/2027-06-13"}, "The demand runs")],
)  # fmt: skip
def test_a_move_that_cannot_be_is_explained(client, cast, change, word):
    booking = booked(cast)
    client.force_login(cast.rita)
    refused = client.post(
        reverse("resources:capacity-move"), body(cast, booking, **change), HTTP_ACCEPT="application/json"
    )
    assert refused.status_code == 422 and word in refused.json()["detail"]
    page = client.post(reverse("resources:capacity-move"), body(cast, booking, **change))
    assert page.status_code == 422 and word in page.content.decode()
    assert weeks_of(booking)[MARCH[0]] == 20 * H


def test_others_cannot_move_and_do_not_learn_that_a_booking_is_there(client, cast):
    booking = booked(cast)
    client.force_login(cast.olga)
    assert client.post(reverse("resources:capacity-move"), body(cast, booking)).status_code == 404
    client.force_login(cast.uwe)
    assert client.post(reverse("resources:capacity-move"), body(cast, booking)).status_code == 403


def test_a_gap_becomes_a_demand_and_a_demand_a_vacancy(client, cast):
    demand = demand_of(cast, hours=900)
    client.force_login(cast.paul)
    query = {"row": f"r{cast.role.pk}", "load": "all"} | CELL
    cell = client.get(url("capacity-cell", **query)).context["cell"]
    assert [one.need.key for one in cell.lacks] == [demand.key] and cell.lacks[0].asks
    form = client.get(cell.ask)
    assert form.status_code == 200 and f'value="{cast.role.pk}" selected' in form.content.decode()
    assert client.post(reverse("resources:capacity-vacancy", args=[demand.key])).status_code == 302
    assert Demand.objects.get(pk=demand.pk).state == "vacancy_raised"
    client.force_login(cast.olga)
    assert client.post(reverse("resources:capacity-vacancy", args=[demand.key])).status_code == 404


def test_dates_of_the_map_move_on(client, cast):
    client.force_login(cast.rita)
    page = client.get(reverse("resources:capacity") + MAP)
    assert "from=2027-04-05" in page.context["later"] and "from=2027-01-25" in page.context["earlier"]
    assert page.context["heat"].periods.last == dt.date(2027, 4, 4)
