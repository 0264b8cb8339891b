"""Files of other tools (MPP, PMXML …) through MPXJ into the tables: what stands there is what MPXJ says of the file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from tests.realdata import real_data

from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.compute import compute
from stellwerk.planning.exchange import compare, read_schedule
from stellwerk.planning.exchange.tests.helping import needs_mpxj
from stellwerk.planning.exchange.tests.test_real_files import EXPECTED, THEIRS, path_of
from stellwerk.planning.models import Activity, Assignment, Link, Plan, PlanResource, WorkingCalendar
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.editing import reschedule
from stellwerk.planning.services.importing import import_schedule
from stellwerk.testing import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("kept_converter")]


def held(plan: Plan) -> dict[str, Any]:
    """What the tables hold of a plan, counted by the database, in the words of ``expected.json``."""
    rows = Activity.objects.filter(plan=plan)
    leaves = rows.filter(summary=False)
    work = Assignment.objects.filter(plan=plan).aggregate(sum=Sum("work"))["sum"] or Decimal(0)
    ends = [(start, finish) for start, finish in leaves.values_list("start", "finish")]
    return {
        "activities": leaves.exclude(kind__in=MILESTONES).count(),
        "milestones": leaves.filter(kind__in=MILESTONES).count(),
        "summaries": rows.filter(summary=True).count(),
        "links": Link.objects.filter(plan=plan).count() + len(plan.told.get("links", ())),
        "calendars": WorkingCalendar.objects.filter(plan=plan).count(),
        "resources": PlanResource.objects.filter(plan=plan).count(),
        "assignments": Assignment.objects.filter(plan=plan).count() + len(plan.told.get("assignments", ())),
        "start": _text(min((start for start, _finish in ends if start), default=None)),
        "finish": _text(max((finish for _start, finish in ends if finish), default=None)),
        "starts": sum(start.toordinal() for start, _finish in ends if start),
        "finishes": sum(finish.toordinal() for _start, finish in ends if finish),
        "minutes": leaves.aggregate(sum=Sum("duration"))["sum"] or 0,
        "percent": str((leaves.aggregate(sum=Sum("percent"))["sum"] or Decimal(0)).quantize(Decimal("0.01"))),
        "assigned": str(work.quantize(Decimal("0.01"))),
    }


def _text(at: dt.datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M}" if at else None


@pytest.mark.parametrize("name", THEIRS)
def test_a_file_of_another_tool_stands_in_the_tables_as_mpxj_says(cast: Cast, name: str) -> None:
    needs_mpxj()
    document = read_schedule(path_of(name))
    result = import_schedule(project=cast.project, document=document, by=cast.paul, name=name)
    plan = Plan.objects.select_related("project", "calendar").get(project=cast.project)
    assert result.counts == document.counts()
    found = held(plan)
    expected = {key: EXPECTED[name][key] for key in found}
    assert found == expected
    assert plan.stale  # the dates are those of the file until somebody has the plan computed
    assert compare(document, document_of(plan)) == ()


@pytest.mark.parametrize("name", THEIRS)
def test_the_same_file_of_another_tool_again_changes_nothing(cast: Cast, name: str) -> None:
    needs_mpxj()
    document = read_schedule(path_of(name))
    import_schedule(project=cast.project, document=document, by=cast.paul, name=name)
    again = import_schedule(project=cast.project, document=read_schedule(path_of(name)), by=cast.paul, name=name)
    assert not again.changes, again.rows


@pytest.mark.parametrize("name", ["mpp14baseline.mpp", "percent-complete-8.4.pmxml"])
def test_an_imported_file_of_another_tool_can_be_computed_here(cast: Cast, name: str) -> None:
    needs_mpxj()
    import_schedule(project=cast.project, document=read_schedule(path_of(name)), by=cast.paul, name=name)
    plan = Plan.objects.select_related("project").get(project=cast.project)
    assert compute(plan).count == Activity.objects.filter(plan=plan).count()
    reschedule(plan=plan, by=cast.paul)
    assert not Plan.objects.get(pk=plan.pk).stale
    assert not Activity.objects.filter(plan=plan, summary=False, start=None, active=True).exists()


def test_a_p6_file_keeps_its_kinds_of_milestones(cast: Cast) -> None:
    needs_mpxj()
    document = read_schedule(real_data("schedules", "mpxj", "percent-complete-8.4.pmxml"))
    import_schedule(project=cast.project, document=document, by=cast.paul, name="p6.xml")
    said = {task.uid: task.kind for task in document.tasks if task.milestone}
    assert dict(Activity.objects.filter(uid__in=said).values_list("uid", "kind")) == said
