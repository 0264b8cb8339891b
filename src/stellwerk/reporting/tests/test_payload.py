"""Payloads come back from JSON exactly as they were, and damaged ones are refused with the place."""

from __future__ import annotations

import json

import pytest

from stellwerk.reporting.payload import Amounts, DeckPayload, Money, PayloadError, StatusPayload, add_amounts
from stellwerk.reporting.tests.deck import sample


def test_a_payload_survives_the_round_trip_through_json() -> None:
    for payload in (sample.big(12), sample.small()):
        assert DeckPayload.from_json(payload.to_json()) == payload
        for project in payload.projects:
            assert StatusPayload.from_json(project.to_json()) == project


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("schema",), 99, "schema version 99"),
        (("kind",), "Other", "expected a StatusPayload"),
        (("data", "data_date"), "gestern", "data_date"),
        (("data", "overall", "value"), "purple", "overall.value"),
        (("data", "extra"), 1, "extra"),
        (("data", "key"), 3, "key"),
        (("data", "cpi"), "x", "cpi"),
    ],
)
def test_a_damaged_payload_is_refused_with_the_place(path: tuple[str, ...], value: object, says: str) -> None:
    body = json.loads(sample.big(1).projects[0].to_json())
    node = body
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    with pytest.raises(PayloadError, match=says):
        StatusPayload.from_json(json.dumps(body))
    with pytest.raises(PayloadError):
        StatusPayload.from_json("no json")


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    euro = Money(100, "EUR")
    assert add_amounts([Amounts(bac=euro, ac=euro), Amounts(bac=euro)]) == Amounts(bac=Money(200, "EUR"))
    with pytest.raises(ValueError, match="cannot add"):
        add_amounts([Amounts(bac=euro), Amounts(bac=Money(1, "CHF"))])


@pytest.mark.parametrize("key", ["follow_up", "money_trend"])
def test_a_deck_that_was_frozen_before_a_key_was_added_is_still_read(key: str) -> None:
    body = json.loads(sample.big(1).to_json())
    body["data"].pop(key, None)
    assert not getattr(DeckPayload.from_json(json.dumps(body)), key)
