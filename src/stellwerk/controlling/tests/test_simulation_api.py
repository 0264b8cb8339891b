"""Schedule and cost risk in the API: estimates saved, a run started, read, stopped; what is refused."""

from __future__ import annotations

import json

import pytest

from stellwerk.controlling.models import Estimate, SimulationRun
from stellwerk.controlling.tests.simulated import DAY, activity, small_plan
from stellwerk.core.api.auth import create_token
from stellwerk.core.jobs import run_pending

pytestmark = pytest.mark.django_db


def call(client, user, method, path, body=None, scopes=("read", "write")):
    _token, secret = create_token(user=user, by=user, name="t", scopes=list(scopes), days=30)
    headers = {"Authorization": f"Bearer {secret}"}
    if method == "get":
        return client.get(f"/api/v1/{path}", headers=headers)
    return client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def test_estimates_are_saved_and_read_back_in_days(cast, client):
    small_plan(cast.project)
    build = activity("Build").pk
    path = f"projects/{cast.project.key}/estimates"
    row = {"activity": build, "duration": [18, 20.5, 30], "cost": [100, 200, 300], "group": "Site"}
    assert call(client, cast.paul, "post", path, {"rows": [row]}).json() == {"changed": 1}
    found = {one["activity"]: one for one in call(client, cast.paul, "get", path).json()}
    assert found[build] | row == found[build] and found[build]["planned"] == 20
    assert Estimate.objects.get().likely == round(20.5 * DAY)
    for wrong in ({"duration": [20, 18, 30]}, {"duration": [1, 2]}, {"duration": [-1, 2, 3]}, {"activity": 0}):
        assert call(client, cast.paul, "post", path, {"rows": [row | wrong]}).status_code == 422
    assert call(client, cast.tom, "get", path).status_code == 403
    assert call(client, cast.stefan, "post", path, {"rows": [row]}).status_code == 403
    assert call(client, cast.paul, "post", path, {"rows": [row]}, scopes=("read",)).status_code == 403


def test_a_run_is_started_computed_and_read(cast, client):
    small_plan(cast.project)
    build = activity("Build").pk
    risk = {"name": "Supplier", "probability": 0.5, "activity": build, "delay": [5, 5, 5], "cost": [100, 100, 100]}
    body = {"project": cast.project.key, "iterations": 400, "seed": 2, "risks": [risk]}
    made = call(client, cast.paul, "post", "simulations", body)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert call(client, cast.paul, "get", f"simulations/{number}/result").status_code == 422
    run_pending()
    told = call(client, cast.paul, "get", f"simulations/{number}/result").json()
    assert told["iterations"] == 400 and told["seed"] == 2
    assert (told["finish"]["10"], told["finish"]["90"]) == ("2027-02-19", "2027-02-26")
    assert [row["project"] for row in told["projects"]] == [cast.project.key] and told["hidden"] == 0
    listed = call(client, cast.paul, "get", "simulations").json()
    assert [row["id"] for row in listed["items"]] == [number]
    assert call(client, cast.tom, "get", f"simulations/{number}/result").status_code in (403, 404)
    assert call(client, cast.olga, "get", f"simulations/{number}/result").status_code == 404
    assert call(client, cast.paul, "post", f"simulations/{number}/stop").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"iterations": 10}, {"seed": -1}, {"correlation": 2}, {"portfolio": "X"}, {"project": "NONE"}, {"together": "x"},
        {"risks": [{"name": "R", "probability": 1.5, "cost": [1, 2, 3]}]},
        {"risks": [{"name": "R", "probability": 0.5, "cost": [3, 2, 1]}]}, {"risks": [{"name": "R", "probability": 0.5}]},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(cast, client, wrong):
    small_plan(cast.project)
    answer = call(client, cast.paul, "post", "simulations", {"project": cast.project.key} | wrong)
    assert answer.status_code in (404, 422), answer.content
    assert not SimulationRun.objects.exists()
