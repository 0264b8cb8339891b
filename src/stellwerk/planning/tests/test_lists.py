"""The lists of activities and milestones over all projects: what is still to be done comes first."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from stellwerk.core.lists import LISTS
from stellwerk.core.lists.reading import list_queryset
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.tests.plans import add_milestone, at, example_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = example_plan(cast.project)
    done = {"actual_start": at(2027, 1, 4), "actual_finish": at(2027, 1, 8, 17), "percent": 100, "state": "completed"}
    Activity.objects.filter(plan=plan, name="Foundation").update(**done)
    Activity.objects.filter(plan=plan, name="Manual").update(state="cancelled")
    add_milestone(plan, 40, "Contract signed", at(2027, 1, 4), percent=100, state="completed")
    return plan


def names(cast: Cast, code: str, address: str = "") -> list[str]:
    rows, _query = list_queryset(LISTS[code], cast.petra, QueryDict(address))
    return [row.name for row in rows]


def test_open_activities_come_first_by_date(cast: Cast, plan: Plan) -> None:
    found = names(cast, "planning.activity")
    assert found[:4] == ["Build", "Hall", "Ready for operation", "Training"]
    assert sorted(found[4:]) == ["Contract signed", "Foundation", "Manual"]


def test_open_milestones_come_first(cast: Cast, plan: Plan) -> None:
    assert names(cast, "planning.milestone") == ["Ready for operation", "Contract signed"]


def test_open_ones_can_be_asked_for(cast: Cast, plan: Plan) -> None:
    assert set(names(cast, "planning.activity", "open=no")) == {"Contract signed", "Foundation", "Manual"}
    assert names(cast, "planning.milestone", "open=yes") == ["Ready for operation"]
    assert names(cast, "planning.activity", "sort=finish")[0] == "Contract signed"  # whoever sorts decides
