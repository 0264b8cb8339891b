"""What planners meet in real plans: links between projects, other calendars, and a handful of mistakes that the checks find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stellwerk.demo.plans.calendars import PART_TIME
from stellwerk.demo.plans.lubmin import NAME as LUBMIN
from stellwerk.demo.plans.network import DAY, MORNING, Days, Draft
from stellwerk.demo.plans.progress import Fact
from stellwerk.demo.plans.writing import Made
from stellwerk.engine.calendars import instant, moment
from stellwerk.planning.choices import Constraint, Kind

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

EVERY: Final = 5
"""Every fifth project has one mistake, in turn."""
SHARED: Final = 6
"""Of six projects of a programme, one waits for another."""


def other_calendars(company: Company, draft: Draft, name: str, *, part_time: bool) -> None:
    """A few rows with time to spare are done part-time, or in Korea."""
    part, korea = company.calendars[PART_TIME].pk, company.calendars["KR"].pk
    pulling = {tie.before for tie in draft.ties if tie.kind == "SS"}
    for number, slack in draft.slack.items():
        if number in pulling:
            continue
        row = draft.rows[number]
        took = row.days["now"]
        if (
            part_time
            and row.role in ("SPS-Programmierung", "Softwareentwicklung", "E-Technik")
            and slack >= took // 4 + 4
        ):
            row.calendar = part
            draft.slack[number] = 0
            return
        if "Ulsan" in name and slack >= took // 8 + 5:
            row.calendar = korea
            draft.slack[number] = 0
            return


def add_mistakes(made: Sequence[Made], first: int, days: dict[int, Days], on: dt.date) -> None:
    """Missing logic, a dangling row, a hard constraint, progress out of sequence: one in every :data:`EVERY` projects."""
    for place, one in enumerate(made):
        number = first + place
        if number % EVERY != 3 or one.project.name == LUBMIN or one.project.phase != "executing":
            continue
        kind = number // EVERY % 4
        side = [
            row for row in one.draft.slack if one.facts.rows[row].state == "not_started" and one.draft.rows[row].calendar is None
            and one.draft.rows[row].line is not None and one.draft.rows[row].line.segment == 2  # type: ignore[union-attr]
            and one.facts.rows[row].constraint == Constraint.ASAP
        ]  # fmt: skip
        if not side:
            continue
        row = side[len(side) // 2]
        if kind == 0:
            one.draft.ties = [tie for tie in one.draft.ties if row not in (tie.before, tie.after)]
        elif kind == 1:
            one.draft.ties = [tie for tie in one.draft.ties if tie.before != row]
        elif kind == 2:
            fact = one.facts.rows[row]
            fact.constraint, fact.constraint_date = Constraint.MUST_FINISH, one.draft.rows[row].finish["now"]
        else:
            _out_of_sequence(one, side, days[one.draft.calendar], on)


def _out_of_sequence(one: Made, side: list[int], days: Days, on: dt.date) -> None:
    """Somebody began before the predecessor was done: of those that begin next, one that takes a while."""
    open_ = {
        tie.after for tie in one.draft.ties if tie.kind == "FS" and one.facts.rows[tie.before].state != "completed"
    }
    able = [row for row in side if row in open_ and one.draft.rows[row].days["now"] >= 3]
    if not able:
        return
    row = min(able, key=lambda number: one.draft.rows[number].start["now"])
    fact: Fact = one.facts.rows[row]
    took = one.draft.rows[row].days["now"]
    fact.state, fact.percent, fact.remaining = "in_progress", 10, (took - 1) * DAY
    fact.actual_start = instant(dt.datetime.combine(days.after(days.last(on), -2), MORNING))
    fact.actual_work = round((fact.work or 0) * 0.1)


def add_outer_links(made: Sequence[Made]) -> None:
    """Between projects of one programme: who is further gives a milestone to who comes later; no gate moves by it."""
    by_programme: dict[int, list[Made]] = {}
    for one in made:
        by_programme.setdefault(one.project.programme_id or 0, []).append(one)
    for group in by_programme.values():
        found = 0
        for place, one in enumerate(group):
            if one.project.name == LUBMIN or found * SHARED >= len(group):
                continue
            for giver in group[:place]:
                pair = _pair(giver, one)
                if pair is not None:
                    one.links.append((giver, *pair))
                    found += 1
                    break


def _pair(giver: Made, taker: Made) -> tuple[int, int] | None:
    """A milestone ahead and an activity that begins a week after it or later."""
    given = [
        (row.finish["now"], number)
        for number, row in enumerate(giver.draft.rows)
        if row.kind == Kind.MILESTONE and not row.code and giver.facts.rows[number].state == "not_started"
    ]
    for finish, number in sorted(given):
        start = instant(moment(finish) + dt.timedelta(days=7))
        able = [
            row for row in taker.draft.slack
            if (line := taker.draft.rows[row].line) is not None and line.segment == 2 and taker.facts.rows[row].state == "not_started" and taker.draft.rows[row].start["now"] > start
        ]  # fmt: skip
        if able:
            return number, min(able, key=lambda row: (taker.draft.rows[row].start["now"], row))
    return None
