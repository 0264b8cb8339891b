"""Activities are as confidential as the project that they stand in."""

from __future__ import annotations

import pytest

from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import entity_type
from stellwerk.core.search import lookup_rows
from stellwerk.planning.models import Activity
from stellwerk.planning.tests.plans import example_plan


@pytest.fixture
def hidden(cast):
    example_plan(cast.project)
    type(cast.project).objects.filter(pk=cast.project.pk).update(confidentiality="strict")
    return Activity.objects.select_related("plan__project").get(uid=3)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("petra", True), ("paul", True), ("elke", True), ("anton", False), ("conny", False), ("rita", False), ("olga", False)],
)  # fmt: skip
def test_a_strictly_confidential_project_hides_its_activities(cast, hidden, who, sees):
    user = getattr(cast, who)
    assert can(user, "view", hidden) == sees
    assert visible_rows(user, Activity.objects.all()).exists() == sees


def test_search_does_not_find_them(cast, hidden):
    kind = entity_type(Activity)
    assert not list(lookup_rows(cast.anton, kind, "Hall"))
    assert list(lookup_rows(cast.petra, kind, "Hall"))
