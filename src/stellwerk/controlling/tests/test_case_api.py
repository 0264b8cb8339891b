"""Business cases and rounds in the API."""

from __future__ import annotations

import json

from stellwerk.controlling.models import BusinessCase, RoundItem, SelectionRun
from stellwerk.controlling.tests.proposals import K, proposal_of, signed
from stellwerk.controlling.tests.test_rounds import to_balancing, worked
from stellwerk.core.jobs import run_pending


def call(cast, who, method, path, data=None):
    body = json.dumps(data) if data is not None else ""
    answer = cast.client(who).generic(method, f"/api/v1/{path}", body, content_type="application/json")
    return answer.status_code, json.loads(answer.content or "{}")


def test_a_case_is_made_filled_and_read(cast):
    proposal = proposal_of(cast)
    status, made = call(
        cast, "tom", "POST", "business-cases", {"proposal": proposal.key, "empty": True, "discount_rate": 8}
    )
    assert status == 201, made
    assert made["number"] == 1 and made["state"] == "draft"
    build = proposal.options.get(do_nothing=False).pk
    drivers = [
        {"option": build, "name": "Build", "kind": "cost", "spending": "capex", "years": {"2027": 100 * K}},
        {"option": build, "name": "Gain", "kind": "benefit", "years": {"2028": 230 * K}},
        {"option": build, "name": "End", "kind": "cost", "years": {"2029": 132 * K}},
    ]
    status, told = call(cast, "tom", "POST", f"business-cases/{made['key']}/drivers", {"drivers": drivers})
    assert status == 200 and [float(rate) for rate in told["figures"]["irr"]] == [0.1, 0.2]
    assert call(cast, "tom", "GET", f"business-cases/{made['key']}/drivers")[1]["drivers"][0]["years"] == {
        "2027": 100 * K
    }
    drivers[0]["years"] = {"2027": -1}
    status, refused = call(cast, "tom", "POST", f"business-cases/{made['key']}/drivers", {"drivers": drivers})
    assert status == 422 and "row-1" in json.dumps(refused)
    assert call(cast, "paul", "GET", f"business-cases/{made['key']}/drivers")[0] == 404


def test_a_signed_case_takes_no_drivers(cast):
    case = signed(cast)
    status, told = call(cast, "conny", "GET", f"business-cases/{case.key}/drivers")
    assert status == 200 and told["signed"] and told["figures"]["bcr"] is not None
    assert call(cast, "tom", "POST", f"business-cases/{case.key}/drivers", {"drivers": []})[0] == 403
    assert BusinessCase.objects.get().state == "signed"


def test_a_round_is_selected_and_decided(cast):
    round_ = to_balancing(worked(cast), cast.petra)
    status, shown = call(cast, "petra", "GET", f"investment-rounds/{round_.key}")
    assert status == 200 and len(shown["items"]) == 6 and {row["amount"] for row in shown["limits"]} == {1000 * K, 130}
    status, run = call(cast, "petra", "POST", f"investment-rounds/{round_.key}/select", {"seconds": 10})
    assert status == 200 and run["state"] == "running"
    run_pending()
    status, runs = call(cast, "petra", "GET", f"investment-rounds/{round_.key}/selections")
    assert runs[0]["told"]["value"] == 16_500 and SelectionRun.objects.count() == 1
    body = {"decisions": [{"proposal": "PRP-A", "decision": "out", "reason": "Too dear"}]}
    assert call(cast, "petra", "POST", f"investment-rounds/{round_.key}/decide", body)[0] == 200
    assert RoundItem.objects.get(proposal__key="PRP-A").decision == "out"
    body["decisions"][0]["reason"] = ""
    assert call(cast, "petra", "POST", f"investment-rounds/{round_.key}/decide", body)[0] == 422
    assert call(cast, "paul", "POST", f"investment-rounds/{round_.key}/select", {})[0] in (403, 404)
    assert call(cast, "petra", "POST", f"investment-rounds/{round_.key}/limits", {"limits": [{"year": 2027, "role": "X", "amount": 1}]})[0] == 422  # fmt: skip
