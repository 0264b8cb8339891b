"""Baselines that come with a file: none counts before somebody who may has approved it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from stellwerk.core.changesets import undo
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.models import Grant, Notification, Scope
from stellwerk.planning.exchange import Document
from stellwerk.planning.exchange.document import Baseline as GivenBaseline
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Baseline
from stellwerk.planning.selectors.baselines import approved_baseline
from stellwerk.planning.services.baselines import approve_baseline, reject_baseline
from stellwerk.planning.services.importing import Imported, import_schedule
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


def with_baselines(*numbers: int) -> Document:
    start, finish = dt.datetime(2027, 3, 1, 8), dt.datetime(2027, 3, 5, 17)  # noqa: DTZ001
    document = replace(example(), format="mspdi")
    frozen = tuple(GivenBaseline(number, start, finish) for number in numbers)
    return replace(document, tasks=tuple(replace(task, baselines=frozen) for task in document.tasks))


def imported(cast: Cast, *numbers: int, by: str = "paul") -> Imported:
    return import_schedule(
        project=cast.project, document=with_baselines(*numbers), by=getattr(cast, by), name="plan.xml"
    )


def states() -> dict[int, str]:
    return dict(Baseline.objects.values_list("number", "state"))


def test_the_latest_waits_and_earlier_ones_are_history(cast: Cast) -> None:
    result = imported(cast, 0, 3)
    assert states() == {0: "superseded", 3: "proposed"}
    assert result.plan is not None
    assert approved_baseline(result.plan) is None
    assert "import_baseline_waits" in {one.code for one in result.warnings}
    told = Notification.objects.filter(kind="planning.baseline")
    assert [one.user for one in told] == [cast.stefan]


def test_the_sponsor_approves_what_came_with_the_file(cast: Cast) -> None:
    imported(cast, 0)
    baseline = Baseline.objects.get()
    for who in ("paul", "petra", "conny"):
        with pytest.raises((NotAllowed, Refused)):
            approve_baseline(baseline=baseline, by=getattr(cast, who))
    approve_baseline(baseline=baseline, by=cast.stefan)
    assert states() == {0: "approved"}


def test_whoever_brought_the_file_does_not_approve_it(cast: Cast) -> None:
    Grant.objects.create(user=cast.stefan, role="project_manager", scope=Scope.PROJECT, scope_id=cast.project.pk)
    imported(cast, 0, by="stefan")
    with pytest.raises(NotAllowed):
        approve_baseline(baseline=Baseline.objects.get(), by=cast.stefan)


def test_a_rejected_one_stays_rejected_when_the_file_comes_again(cast: Cast) -> None:
    imported(cast, 0)
    reject_baseline(baseline=Baseline.objects.get(), by=cast.stefan, reason="Not agreed with us")
    assert not imported(cast, 0).changes
    assert states() == {0: "rejected"}


def test_an_undo_takes_the_waiting_one_away(cast: Cast) -> None:
    result = imported(cast, 0)
    assert result.change_set is not None
    undo(result.change_set, by=cast.paul)
    assert not Baseline.objects.exists()
