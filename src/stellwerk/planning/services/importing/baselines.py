"""Baselines of a schedule file become baselines of the plan where there is none of that number yet.

None of them counts by itself: who wrote the file approved nothing here. The latest waits for the sponsor, earlier ones are history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core.changesets import Recorder
from stellwerk.core.models import User
from stellwerk.core.services import record
from stellwerk.planning.exchange import Document, Problem
from stellwerk.planning.exchange.problems import warning
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Plan
from stellwerk.planning.selectors.documents import cents_of, hours_of, minute_of


def write_baselines(
    recorder: Recorder, plan: Plan, document: Document, rows: Mapping[int, Activity], name: str, by: User | None
) -> tuple[list[Problem], bool]:
    """``rows``: number in the file → row here. What is told, and whether anything was written."""
    numbers = sorted({one.number for task in document.tasks for one in task.baselines})
    known = {one.number: one for one in Baseline.objects.filter(plan=plan)}
    latest = numbers[-1] if numbers and not known else None
    told: list[Problem] = []
    fresh: list[BaselineRow] = []
    info = document.project
    day = (info.data_date or info.saved or plan.start).date()
    for number in numbers:
        if number in known:
            if _dates(_frozen(known[number], document, rows, plan)) != _dates(known[number].rows.all()):
                imported = known[number].imported
                told.append(
                    warning("import_baseline_differs", number=number)
                    if imported
                    else warning("import_baseline", number=number)
                )
            continue
        made = Baseline(
            plan=plan, number=number, name=name[:160], reason=_("From the imported file."), data_date=day, imported=True,
            state="proposed" if number == latest else "superseded",
        )  # fmt: skip
        recorder.create([made])
        if number == latest:
            record(made, by=by, verb="propose", reason=made.reason)  # whoever brings it does not approve it
            told.append(warning("import_baseline_waits", number=number))
        fresh += _frozen(made, document, rows, plan)
    recorder.create(fresh, audit=False)  # behind all baselines: an undo takes away first what was written last
    return told, len(numbers) > len(known.keys() & set(numbers))


def _frozen(baseline: Baseline, document: Document, rows: Mapping[int, Activity], plan: Plan) -> list[BaselineRow]:
    """What the file says was frozen; of two with one number in a row the first counts."""
    found: dict[int, BaselineRow] = {}
    ours = plan.project.currency
    currency = ours if document.project.currency in ("", ours) else ""
    for task in document.tasks:
        row = None if task.blank else rows.get(task.uid)
        if row is None:
            continue
        for one in task.baselines:
            if one.number == baseline.number and task.uid not in found:
                found[task.uid] = BaselineRow(
                    baseline=baseline, activity=row, uid=task.uid, position=row.position, level=row.level, summary=row.summary, kind=row.kind,
                    wbs=row.wbs, name=row.name, start=minute_of(one.start), finish=minute_of(one.finish),
                    duration=None if one.duration is None else max(0, one.duration.minutes), work=hours_of(one.work),
                    cost=cents_of(one.cost, currency), ev_method=row.ev_method, weight=row.weight,
                )  # fmt: skip
    return list(found.values())


def _dates(rows: Iterable[BaselineRow]) -> dict[int, tuple[Any, ...]]:
    """What was promised of each row."""
    return {row.uid: (row.start, row.finish, row.duration, row.work) for row in rows}
