"""Contracts in the API: the same services, rights and refusals as on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from stellwerk.core.api.auth import create_token
from stellwerk.staffing.models import Contract
from stellwerk.staffing.tests.hiring import TODAY, draft, lent, sent, signed

BODY = {
    "vacancy": "VAC-0001",
    "profile": "PRF-0002",
    "form": "freelance",
    "first": "2027-01-04",
    "last": "2027-06-30",
    "pay": 9500,
    "rate": 11200,
}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with patch("django.utils.timezone.localdate", lambda *_given: TODAY):
        yield


@pytest.fixture
def call(staffed, client):
    """``call("rosa", "post", "contracts", {...})``: status and JSON."""
    tokens: dict[str, str] = {}

    def send(who, method, path, body=None):
        user = staffed.users.get(who) or staffed.cast.users[who]
        if who not in tokens:
            _token, tokens[who] = create_token(user=user, by=user, name="test", scopes=["write"], days=1)
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        if method == "get":
            answer = client.get(f"/api/v1/{path}", headers=headers)
        else:
            answer = getattr(client, method)(
                f"/api/v1/{path}", data=json.dumps(body), content_type="application/json", headers=headers
            )
        return answer.status_code, answer.json()

    return send


def test_a_contract_is_made_signed_and_read_with_the_readers_figures(staffed, call):
    status, made = call("rosa", "post", "contracts", BODY)
    assert (status, made["state"], made["client"]) == (201, "draft", "CLI-0002")
    assert made["figures"] == {"pay": 9500, "rate": 11200, "margin": 1700}
    contract = sent(staffed, Contract.objects.get(key=made["key"]))
    path = f"contracts/{contract.key}"
    status, _row = call(
        "rosa", "post", f"{path}/sign", {"side": "us", "name": "R", "way": "text", "signed_on": "2026-12-14"}
    )
    assert status == 200 and contract.signatures.count() == 1
    assert call("conny", "post", f"{path}/sign", {"side": "us", "name": "R", "signed_on": "2026-12-14"})[0] == 403
    assert call("fabian", "get", path)[1]["figures"] == {"pay": 9500, "rate": None, "margin": None}
    assert call("klaus", "get", path)[1]["figures"] == {"pay": None, "rate": 11200, "margin": None}
    assert call("kerstin", "get", path)[0] == 404
    assert "pay" not in call("rosa", "get", path)[1]


def test_refusals_say_why(staffed, call):
    assert call("paul", "post", "contracts", BODY)[0] == 403
    status, told = call("rosa", "post", "contracts", BODY | {"last": "2027-01-01"})
    assert status == 422 and "last" in json.dumps(told)
    contract = lent(staffed)
    status, told = call("rosa", "post", f"contracts/{contract.key}/confirm", {"step": "told"})
    assert status == 409 and "Send the contract first" in json.dumps(told)
    other = draft(staffed, "pias", form="freelance", partner=staffed.partner)
    assert call("pia", "get", f"contracts/{other.key}")[0] == 404  # a draft is ours alone


def test_an_extension_is_proposed_and_confirmed_by_another(staffed, call):
    contract = signed(staffed, draft(staffed))
    Contract.objects.filter(pk=contract.pk).update(state="active")
    contract.refresh_from_db()
    path = f"contracts/{contract.key}"
    status, row = call("rosa", "post", f"{path}/extend", {"last": "2027-09-30", "version": contract.version})
    assert (status, row["state"], row["last"]) == (200, "extended", "2027-06-30")
    assert call("rosa", "post", f"{path}/transitions/resume", {"version": row["version"]})[0] in {403, 404}
    listed = call("conny", "get", "contracts?state=extended")[1]
    assert listed["count"] == 1
