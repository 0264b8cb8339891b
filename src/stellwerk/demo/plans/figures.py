"""What the plans of the demo say in the table of figures: as their own service writes it, for all projects at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from stellwerk.demo.plans.baselines import versions
from stellwerk.demo.plans.network import DAY, Row
from stellwerk.demo.plans.templates import GATES
from stellwerk.demo.plans.writing import Made
from stellwerk.engine.calendars import moment
from stellwerk.planning.choices import Kind
from stellwerk.planning.selectors.calendars import Clock
from stellwerk.planning.services.figures import LABEL, OVER, plan_url
from stellwerk.portfolio.services.figures import FigureRow, write_figures


def insert_figures(made: Sequence[Made], times: Clock, on: dt.date) -> None:
    """Figures of plans at the data date; lights stay those of the reports."""
    rows = (row for one in made if one.project.phase not in OVER for row in _rows(one, times, on))
    write_figures(rows=rows, by=None, note_dates=False)


def _rows(one: Made, times: Clock, on: dt.date) -> Iterator[FigureRow]:
    address = plan_url(one.project)

    def figure(code: str, value: Decimal | None = None, day: dt.date | None = None) -> FigureRow:
        return FigureRow(one.project.pk, code, on, value=value, day=day, source_label=LABEL, source_url=address)

    leaves = [place for place, row in enumerate(one.draft.rows) if not row.summary]
    rows = {place: one.draft.rows[place] for place in leaves}
    open_ = [place for place in leaves if one.facts.rows[place].percent < 100]
    work = [place for place in open_ if rows[place].kind == Kind.TASK]
    finish = max(row.finish["now"] for row in rows.values())
    yield figure("plan.finish", day=moment(finish).date())
    yield figure("plan.critical", value=Decimal(sum(place in one.critical for place in work)))
    yield figure("plan.overdue", value=Decimal(0))  # open work lies after the data date
    if not any(version.state == "approved" for version in versions(one.course, on)):
        return
    late = sum(rows[place].finish["now"] > rows[place].finish["base"] for place in work)
    yield figure("plan.late", value=Decimal(late))
    yield figure("start.forecast", day=one.project.start_actual or one.project.start_forecast)
    if not open_:
        return
    planned = max(row.finish["base"] for row in rows.values())
    ahead = [
        rows[place] for place in open_ if rows[place].milestone and (rows[place].code in GATES or place in one.critical)
    ]
    delays = _delays(one, times, planned, finish, ahead)
    yield figure("plan.finish_delay", value=delays[0])
    yield figure("plan.milestone_delay", value=max(delays))


def _delays(one: Made, times: Clock, planned: int, finish: int, ahead: Sequence[Row]) -> list[Decimal]:
    """Working days by which the end of the plan, then each milestone ahead, lies behind the baseline."""
    before = np.array([planned, *(row.finish["base"] for row in ahead)], np.int64)
    after = np.array([finish, *(row.finish["now"] for row in ahead)], np.int64)
    calendar = np.full(len(before), times.of(one.draft.calendar), np.int64)
    return [Decimal(minutes) / DAY for minutes in times.set.between(calendar, before, after).tolist()]
