"""A stored plan as the checks of its quality take it: its document with the baseline that counts as number 0, who is responsible
as a field, and the activities of other projects that it depends on (or that depend on it) as foreign milestones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from stellwerk.planning.exchange import Document
from stellwerk.planning.exchange.document import Baseline, Duration, Lag, Link, Task
from stellwerk.planning.exchange.kept import FieldDefinition, Value
from stellwerk.planning.models import Activity, BaselineRow, Plan
from stellwerk.planning.models import Link as StoredLink
from stellwerk.planning.quality.case import BASELINE
from stellwerk.planning.selectors.baselines import approved_baseline
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.selectors.links import over_the_border_of

RESPONSIBLE: Final = "stellwerk.responsible"


def assessed(plan: Plan) -> Document:
    """A handful of queries, whatever the size of the plan."""
    document = document_of(plan)
    frozen = _frozen(plan)
    owners = set(Activity.objects.filter(plan=plan, responsible__isnull=False).values_list("uid", flat=True))
    off = set(Activity.objects.filter(plan=plan, state="cancelled").values_list("uid", flat=True))

    def adjusted(task: Task) -> Task:
        values = (*task.values, Value(RESPONSIBLE, "x")) if task.uid in owners else task.values
        return replace(
            task,
            code=task.code or task.wbs,
            baselines=frozen.get(task.uid, ()),
            values=values,
            active=task.active and task.uid not in off,
        )

    foreign, crossing = _foreign(plan, min((task.uid for task in document.tasks), default=0))
    return replace(
        document,
        tasks=(*map(adjusted, document.tasks), *foreign),
        links=(*document.links, *crossing),
        fields=(*document.fields, FieldDefinition(RESPONSIBLE, "responsible")),
    )


def _frozen(plan: Plan) -> dict[int, tuple[Baseline, ...]]:
    """Dates of the approved baseline by uid; empty while none is approved."""
    baseline = approved_baseline(plan)
    if baseline is None:
        return {}
    rows = BaselineRow.objects.filter(baseline=baseline).values_list("uid", "start", "finish")
    return {uid: (Baseline(BASELINE, start, finish),) for uid, start, finish in rows}


def _foreign(plan: Plan, lowest: int) -> tuple[list[Task], list[Link]]:
    """Links over the border of the plan, each with a foreign milestone at its other end.

    What gives to this plan lies where it is; what takes from it has no date, so that it moves no float here.
    """
    rows = StoredLink.objects.filter(over_the_border_of(plan.pk))
    tasks, links = [], []
    for uid, link in enumerate(rows.select_related("predecessor", "successor").order_by("pk"), start=1):
        number = min(lowest, 0) - uid
        kind: Any = link.type
        if link.plan_id == plan.pk:
            at = link.predecessor.finish if kind[0] == "F" else link.predecessor.start
            links.append(Link(number, link.successor.uid, kind, Lag(link.lag, link.lag_elapsed)))
        else:
            at = None
            links.append(Link(link.predecessor.uid, number, kind))
        tasks.append(
            Task(
                number,
                milestone=True,
                kind="finish_milestone",
                external=True,
                duration=Duration(0, elapsed=True),
                start=at,
                finish=at,
            )
        )
    return tasks, links
