"""The chart of a programme plan: geometry in percent of the width, so that it fits any screen without a script."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from stellwerk.core import formats
from stellwerk.planning.selectors.programme import ProgrammePlan
from stellwerk.portfolio.roadmap import months_after

LINE, TOP, BAR = 44, 24, 22
"""Height of a project's line, of the axis, and where in a line the bar begins (its name stands above)."""
TICKS = 14


@dataclass(frozen=True)
class Bar:
    """From ``x`` over ``width`` (percent), ``y`` in pixels."""

    x: str
    width: str
    y: int
    title: str = ""


@dataclass(frozen=True)
class Point:
    x: str
    y: int
    title: str
    critical: bool = False


@dataclass(frozen=True)
class Elbow:
    """A link: down (or up) at the giver's date, then across to the taker's; ``late``: promised after it is needed."""

    x1: str
    y1: int
    x2: str
    y2: int
    late: bool
    critical: bool
    title: str


@dataclass
class Chart:
    height: int
    ticks: list[tuple[str, str]] = field(default_factory=list)
    today: str = ""
    names: list[tuple[int, str, str]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    critical: list[Bar] = field(default_factory=list)
    milestones: list[Point] = field(default_factory=list)
    links: list[Elbow] = field(default_factory=list)


def chart_of(found: ProgrammePlan, today: dt.date) -> Chart | None:
    """None where no project has dates."""
    shown = [line for line in found.lines if line.start is not None and line.finish is not None]
    if not shown:
        return None
    first = min(line.start for line in shown if line.start is not None)
    last = max(line.finish for line in shown if line.finish is not None)
    span = max((last - first).total_seconds(), 86_400.0)

    def at(moment: dt.datetime) -> float:
        return 1 + (moment - first).total_seconds() / span * 97

    def percent(value: float) -> str:
        return f"{value:.2f}"

    chart = Chart(TOP + LINE * len(shown) + 6)
    chart.ticks = _ticks(first, last, lambda moment: percent(at(moment)))
    now = dt.datetime.combine(today, dt.time())
    if first <= now <= last:
        chart.today = percent(at(now))
    places = {}
    for number, line in enumerate(shown):
        y = TOP + number * LINE
        places[line.plan.pk] = y + BAR + 5
        chart.names.append((y + 15, line.plan.key, line.plan.project.name))
        assert line.start is not None and line.finish is not None
        title = f"{line.plan.key}: {formats.day(line.start.date())} – {formats.day(line.finish.date())}"
        chart.bars.append(
            Bar(percent(at(line.start)), percent(max(at(line.finish) - at(line.start), 0.3)), y + BAR, title)
        )
        for start, finish in line.path:
            chart.critical.append(Bar(percent(at(start)), percent(max(at(finish) - at(start), 0.15)), y + BAR))
        for activity, moment, critical in line.milestones:
            chart.milestones.append(
                Point(percent(at(moment)), y + BAR + 5, f"{activity.name}: {formats.day(moment.date())}", critical)
            )
    steps = {step.link.pk for step in found.path if step.link is not None}
    for one in found.dependencies:
        if one.giver is None or one.giver.plan_id not in places:
            continue
        # The giver's date and the taker's, as they are computed now.
        begin = max(first, min(one.promised, last))
        chart.links.append(
            Elbow(
                percent(at(begin)), places[one.giver.plan_id], percent(at(begin) + 0.8), places[one.link.plan_id],
                one.light == "red", one.link.pk in steps, f"{one.giver.plan.key}: {one.giver}",
            )
        )  # fmt: skip
    return chart


def _ticks(first: dt.datetime, last: dt.datetime, at: object) -> list[tuple[str, str]]:
    """Firsts of months, quarters or years: at most :data:`TICKS`."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((one for one in (1, 3, 6, 12, 24, 60, 120) if months / one <= TICKS), 240)
    found = []
    for number in range(1, months + 1):
        day = months_after(first.date(), number)
        moment = dt.datetime.combine(day, dt.time())
        if (day.year * 12 + day.month - 1) % step == 0 and moment < last:
            label = str(day.year) if step >= 12 else f"{day.month:02d}/{day.year % 100:02d}"
            found.append((at(moment), label))  # type: ignore[operator]
    return found
