"""The sentence a plan opens with: the go-live while it is ahead, then the last milestone."""

from __future__ import annotations

import pytest

from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.answer import answer_of
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = example_plan(cast.project)
    Activity.objects.filter(plan=plan, uid=4).delete()
    add_milestone(plan, 90, "Ready for going live", at(2027, 6, 1, 17), code="g 3")
    add_milestone(plan, 91, "Closed", at(2027, 9, 1, 17), code="G5")
    approved(plan, by=cast.paul, approver=cast.stefan)
    return plan


def moved(plan: Plan, uid: int, **values: object) -> str:
    Activity.objects.filter(plan=plan, uid=uid).update(**values)
    return answer_of(plan).title


def test_the_go_live_is_told_while_it_is_ahead(plan: Plan) -> None:
    assert moved(plan, 90, finish=at(2027, 6, 3, 17)).startswith("Ready for going live is 2 WD late against B0")
    assert moved(plan, 91, finish=at(2027, 9, 3, 17)).startswith("Ready for going live")  # whatever comes after it


def test_after_the_go_live_the_end_is_told(plan: Plan) -> None:
    done = at(2027, 6, 1, 17)
    assert moved(plan, 90, actual_start=done, actual_finish=done).startswith("Closed is on time")


def test_a_gate_that_was_not_frozen_says_nothing(plan: Plan) -> None:
    Activity.objects.filter(plan=plan, uid=90).delete()
    add_milestone(plan, 92, "New go-live", at(2027, 7, 1, 17), code="G3")
    assert answer_of(plan).title.startswith("Closed is on time")
