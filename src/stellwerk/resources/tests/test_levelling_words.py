"""Reasons of levelling in words: what holds an activity besides is told, and what the reader may not see stays nameless."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.planning.models import Plan
from stellwerk.resources.levelling.results import numbers_in
from stellwerk.resources.levelling.words import read_names, reason_text
from stellwerk.resources.tests.levelling import plan_with, row
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return plan_with(
        cast.project, cast, ("Wiring", 5, cast.people["tom"]), ("Handover", 1, None), ("Training", 1, None)
    )


def test_what_holds_it_besides_is_told(cast: Cast, plan: Plan) -> None:
    reason = {
        "kind": "person", "activity": row("Wiring").pk, "person": cast.people["tom"].pk, "until": "2027-01-15",
        "blockers": [row("Training").pk],
        "also": [{"kind": "absence", "person": cast.people["stefan"].pk, "until": "2027-01-20"}, {"kind": "constraint", "until": "2027-01-21"}],
    }  # fmt: skip
    activities, people = numbers_in({}, [reason])
    assert activities == {row("Wiring").pk, row("Training").pk}
    assert people == {cast.people["tom"].pk, cast.people["stefan"].pk}
    names = read_names(activities, people, [reason], cast.paul)
    assert reason_text(reason, names, plan.pk) == (
        "waits for Tom Okafor, booked on 1 Wiring until 15 Jan 2027; besides: waits until Stefan Voss is back on 20 Jan 2027; "
        "may not start before 21 Jan 2027; waits for 3 Training too"
    )
    hidden = read_names(activities, people, [reason], cast.olga)
    assert "Wiring" not in reason_text(reason, hidden, None) and "Training" not in reason_text(reason, hidden, None)


def test_one_reason_stays_a_short_sentence(cast: Cast, plan: Plan) -> None:
    reason = {"kind": "constraint", "until": dt.date(2027, 1, 21).isoformat()}
    assert reason_text(reason, read_names([], [], [reason], None), plan.pk) == "may not start before 21 Jan 2027"
    assert reason_text({}, read_names([], [], [], None), plan.pk) == ""
