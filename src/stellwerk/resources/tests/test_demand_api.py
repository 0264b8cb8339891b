"""Demands and bookings in the API: the same services, permissions and refusals as on the pages."""

from __future__ import annotations

import json

import pytest

from stellwerk.core.api.auth import create_token
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.tests.asking import MARCH, asked_for, demand_of, part_timer

BODY = {"title": "Commissioning", "first": "2027-03-01", "last": "2027-03-26"}


@pytest.fixture
def call(cast, client):
    """``call("paul", "post", "demands", {...})``: status and JSON."""
    tokens: dict[str, str] = {}

    def send(who, method, path, body=None):
        if who not in tokens:
            _token, tokens[who] = create_token(
                user=getattr(cast, who), by=getattr(cast, who), name="test", scopes=["write"], days=1
            )
        answer = getattr(client, method)(
            f"/api/v1/{path}", data=json.dumps(body) if body is not None else None, content_type="application/json",
            headers={"Authorization": f"Bearer {tokens[who]}"},
        ) if method != "get" else client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {tokens[who]}"})  # fmt: skip
        return answer.status_code, answer.json()

    return send


def test_a_demand_is_asked_for_answered_and_read(cast, call):
    status, made = call(
        "paul", "post", "demands", BODY | {"project": "PRJ-0001", "role": "ROL-0001", "hours_per_week": 16}
    )
    assert status == 201 and made["state"] == "open" and made["unit"] == "UNT-0001"
    assert made["weeks"][0] == {"monday": "2027-03-01", "hours": 16.0} and len(made["weeks"]) == 4
    key = made["key"]
    assert call("paul", "post", f"demands/{key}/request", {"person": "PER-0009"})[0] == 200
    status, found = call("rita", "get", "bookings?state=requested")
    assert status == 200 and found["count"] == 1
    booking = found["items"][0]
    status, booked = call("rita", "post", f"bookings/{booking['key']}/book", {"version": booking["version"]})
    assert (status, booked["state"]) == (200, "hard")
    assert call("paul", "get", f"demands/{key}")[1]["state"] == "filled"


def test_the_line_manager_assigns_and_the_project_may_not(cast, call):
    demand = demand_of(cast)
    body = {"person": "PER-0009", "firm": True}
    assert call("paul", "post", f"demands/{demand.key}/assign", body)[0] == 403
    assert call("rita", "post", f"demands/{demand.key}/assign", body)[0] == 200
    assert Allocation.objects.get().state == "hard"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 422),
        ({"hours_per_week": 0}, 422),
        ({"hours_per_week": 8, "weeks": [{"monday": "2027-03-01", "hours": 8}]}, 422),
        ({"weeks": [{"monday": "2027-03-02", "hours": 8}]}, 422),
        ({"weeks": [{"monday": "2027-03-01", "hours": -8}]}, 422),
        ({"weeks": [{"monday": "2027-03-01", "hours": 8}, {"monday": "2027-03-01", "hours": 8}]}, 422),
        ({"hours_per_week": 8, "project": "PRJ-0002"}, 422),
        ({"hours_per_week": 8, "role": None}, 422),
    ],
)
def test_bad_bodies_are_refused(cast, call, more, status):
    body = BODY | {"project": "PRJ-0001", "role": "ROL-0001"} | more
    assert call("paul", "post", "demands", body)[0] == status
    assert not Demand.objects.exists()


def test_hours_change_by_version_and_overbooking_by_reason(cast, call):
    part_timer(cast, "tom", 10)
    booking = asked_for(cast)
    weeks = [{"monday": "2027-03-08", "hours": 9.5}]
    path = f"bookings/{booking.key}"
    assert call("paul", "post", f"{path}/hours", {"weeks": weeks, "version": booking.version + 3})[0] == 409
    assert call("paul", "post", f"{path}/hours", {"weeks": weeks, "version": booking.version})[0] == 200
    assert weeks_of(booking) == {MARCH[1]: 570}
    assert call("rita", "post", f"{path}/hours", {"weeks": [{"monday": "2027-03-08", "hours": 20}]})[0] == 200
    assert call("rita", "post", f"{path}/book", {})[0] == 422
    assert call("paul", "post", f"{path}/book", {"reason": "We need it"})[0] == 403
    assert call("rita", "post", f"{path}/book", {"reason": "Overtime"})[0] == 200


def test_others_see_nothing(cast, call):
    booking = asked_for(cast)
    assert call("olga", "get", f"bookings/{booking.key}")[0] == 404
    assert call("olga", "get", f"demands/{booking.demand.key}")[0] == 404
    assert call("tom", "get", "demands")[0] == 403
    assert call("rita", "post", f"bookings/{booking.key}/offer", {"person": "nobody"})[0] == 422
