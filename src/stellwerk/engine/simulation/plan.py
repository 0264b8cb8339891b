"""A simulation made ready for its inner loops: what is open by position, links with what they read, costs, risks.

Where all open activities and lags of projects that hang together use one calendar, instants are counted in its working minutes: then every
step is an addition, and no step asks the calendar. Projects with several calendars are computed in instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import HORIZON, CalendarSet
from stellwerk.engine.network import (
    NONE,
    Activities,
    ConstraintKind,
    Constraints,
    HorizonError,
    Links,
    Network,
    Projects,
)
from stellwerk.engine.network.frame import Frame, Pull
from stellwerk.engine.network.passes import Passes
from stellwerk.engine.simulation import shapes
from stellwerk.engine.simulation.draws import CONSTANT, TABLE, Draws, Ints, Tables, draws, uniform_streams, with_factors
from stellwerk.engine.simulation.model import Flags, Integers, Measure, Numbers, Simulation
from stellwerk.engine.simulation.numbers import Purpose

Bytes = NDArray[np.int8]

COUNTED, DATED, DONE = 0, 1, 2
"""How a position is computed: in working minutes of its one calendar, in instants, not at all."""


class Steps(NamedTuple):
    """By position, predecessors first. ``last``: may be the last of its project. Links in and out are compressed rows.

    ``into_start``/``from_start``: the link bounds the start (else the finish), reads the start (else the finish).
    """

    mode: Bytes
    start_from: Ints
    finish_from: Ints
    project: Ints
    last: Bytes
    calendar: Integers
    in_first: Ints
    in_source: Ints
    in_lag: Ints
    in_from_start: Bytes
    in_into_start: Bytes
    in_calendar: Integers
    out_first: Ints
    out_target: Ints
    out_lag: Ints
    out_from_start: Bytes
    out_into_start: Bytes
    out_calendar: Integers
    hit_first: Ints
    """Impacts on the duration of a position (compressed rows into ``hit``)."""
    hit: Ints
    measured: Bytes
    """1 where the duration varies, so that sums for its sensitivity are kept."""
    centre: Ints
    """Sums are taken of the distance to it, so that they stay exact."""
    near: Bytes
    """Binary digits that this distance loses (rounded), so that it fits 16 bits: 0 unless a duration varies by more than 32,767 minutes."""


class Chances(NamedTuple):
    """When a risk happens: while its number lies from ``low`` up to ``high``."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    stream: Integers
    purpose: Integers
    severity: Integers
    """Stream of the number that all its impacts are drawn with; NONE if none varies."""


class Amounts(NamedTuple):
    """Money: base + rate × duration of ``position`` + scale × draw, to ``project``; of a ``risk`` only where it happens."""

    position: Ints
    project: Ints
    risk: Ints
    base: Numbers
    rate: Numbers
    scale: Numbers


@dataclass
class Plan:
    """Everything that one run reads."""

    simulation: Simulation
    frame: Frame
    steps: Steps
    durations: Draws
    """By position."""
    amounts: Amounts
    amount_draws: Draws
    hit_draws: Draws
    hit_risk: Ints
    hit_sign: Ints
    chances: Chances
    factor_streams: Integers
    tables: NDArray[np.float32]
    ends: Integers
    """The finish of each project by what is done or cannot move, in the unit of its mode; the least value its finish can have."""
    end_centre: Ints
    """Sums of ends are taken of the distance to it."""
    shift: int
    """Binary digits that such distances lose, so that their sums stay in 64 bits; 0 in all plans of a size that people make."""
    together: bool
    """Criticality counts from the last finish of all projects, not of each."""
    counted: Integers
    """The calendar in whose working minutes each project is counted; NONE: computed in instants."""
    offset: Integers
    """What the calendar counted before 1950; subtracted to stay in 32 bits."""
    floor: Integers
    fixed_cost: Integers

    @property
    def count(self) -> int:
        return self.frame.count

    @property
    def projects(self) -> int:
        return len(self.ends)

    @property
    def dated(self) -> bool:
        return bool((self.steps.mode == DATED).any())


class _Flow(NamedTuple):
    """The links that still bind, with all they need, sorted by target; those from fixed dates are folded into bounds."""

    source: Integers
    target: Integers
    from_start: NDArray[np.bool_]
    into_start: NDArray[np.bool_]
    lag: Integers
    calendar: Integers


def plan_of(simulation: Simulation, *, progress_override: bool | Flags = False, one_end: bool = False) -> Plan:
    """Raises :class:`HorizonError` where the longest durations would end after 2150."""
    network = simulation.network
    frame = Frame(network, override=progress_override, level=simulation.level)
    tables = Tables()
    factors = np.unique(np.concatenate([simulation.estimates.group, simulation.costs.group, [NONE]]))[1:]
    durations, longest, likely = _durations(simulation, frame, tables, factors)
    hits, hit_rows, hit_draws, hit_longest = _hits(simulation, frame, tables)
    flow, start_from, finish_from = _flow(frame)
    counted = _counted(frame, flow, together=one_end)
    ends = _fixed_ends(frame)
    latest = max(int(column.max(initial=0)) for column in (start_from, finish_from, ends))
    if not _surely_ends(frame, flow, counted, latest, longest + hit_longest):
        _check_horizon(simulation, frame, longest + hit_longest)
    offset = np.array([network.calendars.work(row, np.zeros(1, np.int64))[0] if row != NONE else 0 for row in counted.tolist()], np.int64)  # fmt: skip
    mode = np.where(frame.finished, DONE, np.where(counted[frame.project] == NONE, DATED, COUNTED))
    to_unit = _Unit(network.calendars, counted, offset)
    steps = _steps(frame, flow, mode, to_unit(frame.project, start_from), to_unit(frame.project, finish_from))
    drawn_to = np.bincount(hits, minlength=frame.count) if len(hits) else np.zeros(frame.count, np.int64)
    order = np.argsort(hits, kind="stable")
    steps = steps._replace(
        hit_first=_first(hits, frame.count), hit=order.astype(np.int32), centre=likely.astype(np.int32),
        near=_digits_beyond_16(likely, longest + hit_longest),
        measured=(((durations.kind != CONSTANT) | (drawn_to > 0)) & (mode != DONE)).astype(np.int8),
    )  # fmt: skip
    amounts, amount_draws, fixed_cost = _amounts(simulation, frame, tables, factors)
    impacts = simulation.impacts
    opportunity = simulation.risks.opportunity[impacts.risk[hit_rows]]
    unit_ends = to_unit(np.arange(len(ends)), ends)
    return Plan(
        simulation=simulation, frame=frame, steps=steps, durations=durations, amounts=amounts,
        amount_draws=amount_draws, hit_draws=hit_draws, hit_risk=impacts.risk[hit_rows].astype(np.int32),
        hit_sign=np.where(opportunity != 0, -1, 1).astype(np.int32), chances=_chances(simulation),
        factor_streams=factors, tables=tables.stacked(), ends=unit_ends,
        end_centre=unit_ends.astype(np.int32), shift=0, together=one_end, counted=counted, offset=offset,
        floor=ends, fixed_cost=fixed_cost,
    )  # fmt: skip


class _Unit:
    """Turns instants into the unit of a project."""

    def __init__(self, calendars: CalendarSet, counted: Integers, offset: Integers) -> None:
        self.calendars, self.counted, self.offset = calendars, counted, offset

    def __call__(self, project: Integers, at: Integers) -> Integers:
        calendar = self.counted[project]
        counts = self.calendars.work(np.maximum(calendar, 0), at) - self.offset[project]
        return np.where(calendar == NONE, at, counts)


def _first(group: Integers, count: int) -> Ints:
    """Where the rows of each group begin, once they are sorted by it."""
    first = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(group, minlength=count)[:count], out=first[1:])
    return first


def _durations(
    simulation: Simulation, frame: Frame, tables: Tables, factors: Integers
) -> tuple[Draws, Integers, Integers]:
    """How the open work of each position is drawn, its longest and its most likely value."""
    table = simulation.estimates
    to_do = frame.to_do.astype(np.float64)
    kind = np.zeros(frame.count, np.int64)
    low, mode, high = to_do.copy(), to_do.copy(), to_do.copy()
    planned = simulation.network.activities.duration[table.activity]
    position = frame.position[table.activity]
    begun = frame.started[position]
    usable = ~frame.finished[position] & ~(begun & (planned == 0))
    rows, position = np.flatnonzero(usable), position[usable]
    share = np.where(begun[rows], frame.to_do[position] / np.maximum(planned[rows], 1), 1.0)
    kind[position] = table.kind[rows]
    for column, values in ((low, table.low), (mode, table.mode), (high, table.high)):
        column[position] = values[rows] * share
    columns, _, _ = draws(tables, kind, (low, mode, high), unit=False)
    group, loading = np.full(frame.count, NONE), np.zeros(frame.count)
    group[position], loading[position] = table.group[rows], table.loading[rows]
    stream = frame.row.copy()
    stream[position] = uniform_streams(table.stream, table.activity)[rows]
    columns = with_factors(columns._replace(stream=stream), group, loading, factors)
    return columns, _longest(columns, tables), np.rint(mode).astype(np.int64)


def _longest(columns: Draws, tables: Tables) -> Integers:
    """The highest value that each row can take."""
    result = np.where(columns.kind == CONSTANT, columns.left, columns.right).astype(np.float64)
    rows = np.flatnonzero(columns.kind == TABLE)
    if rows.size:
        most = tables.stacked()[:, shapes.SIDE].astype(np.float64)
        result[rows] = columns.left[rows] + columns.left_scale[rows] * most[columns.table[rows]]
    return np.ceil(result).astype(np.int64)


def _hits(simulation: Simulation, frame: Frame, tables: Tables) -> tuple[Integers, Integers, Draws, Integers]:
    """The position, the row and the draw of each impact on a duration, and what threats can add to each position at most."""
    table = simulation.impacts
    rows = np.flatnonzero(table.measure == Measure.DURATION)
    rows = rows[~frame.finished[frame.position[table.activity[rows]]]]
    position = frame.position[table.activity[rows]]
    columns, _, _ = draws(tables, table.kind[rows], [c[rows] for c in (table.low, table.mode, table.high)], unit=False)
    adds = np.where(simulation.risks.opportunity[table.risk[rows]] == 0, _longest(columns, tables), 0)
    most = np.zeros(frame.count, np.int64)
    np.add.at(most, position, adds)
    return position, rows, columns, most


def _digits_beyond_16(centre: Integers, longest: Integers) -> Bytes:
    """How many binary digits the distance of a duration from its centre has beyond 15 and the sign."""
    # One percent more than the longest, because draws are rounded to the digits of float32.
    widest = np.maximum(centre, longest + longest // 100 + 2 - centre)
    result: Bytes = np.maximum(np.ceil(np.log2(widest + 1)) - 15, 0).astype(np.int8)
    return result


def _surely_ends(frame: Frame, flow: _Flow, counted: Integers, latest: int, longest: Integers) -> bool:
    """A quick answer for plans that are counted: nothing waits longer than for the ``latest`` date that is given and then for the longest activity
    and lag of each level, because every path goes up the levels."""
    used = np.unique(counted)
    if not frame.count or (used == NONE).any():
        return False
    time, step = frame.network.calendars, longest.copy()
    np.maximum.at(step, flow.target, longest[flow.target] + np.maximum(flow.lag, 0))
    total = np.maximum.reduceat(step, frame.level_first[:-1]).sum()
    return bool(
        (time.work(used, np.full_like(used, latest)) + total <= time.work(used, np.full_like(used, HORIZON))).all()
    )


def _check_horizon(simulation: Simulation, frame: Frame, longest: Integers) -> None:
    """No date of any iteration can lie after that of a plan with the longest durations and every link from finish to start."""
    network = simulation.network
    if (longest > HORIZON).any():
        raise HorizonError(frame.row[longest > HORIZON])
    given, links, constraints = network.activities, network.links, network.constraints
    duration, remaining = given.duration.copy(), given.remaining.copy()
    duration[frame.row] = np.where(frame.started, duration[frame.row], longest)
    remaining[frame.row] = np.where(frame.started, longest, NONE)
    finishing = constraints.kind == ConstraintKind.FINISH_NO_EARLIER
    finishing |= constraints.kind == ConstraintKind.FINISH_ON
    from_then = np.full(int(finishing.sum()), ConstraintKind.START_NO_EARLIER)
    widest = Network(
        Activities(
            duration, given.calendar, given.project, given.summary, given.actual_start, given.actual_finish, remaining
        ),
        Links(links.predecessor, links.successor, lag=np.maximum(links.lag, 0), lag_calendar=links.lag_calendar),
        Projects(network.projects.start, network.projects.data_date, calendar=network.projects.calendar),
        Constraints(
            np.append(constraints.activity, constraints.activity[finishing]), np.append(constraints.kind, from_then),
            np.append(constraints.at, constraints.at[finishing]),
        ),
        network.calendars,
    )  # fmt: skip
    passes = Passes(Frame(widest, override=False, level=simulation.level))
    passes.forward()
    late = passes.points[1::2] > HORIZON
    if late.any():
        raise HorizonError(passes.frame.row[late])


def _flow(frame: Frame) -> tuple[_Flow, Integers, Integers]:
    """Links between what is open; links from dates that no longer move become lower bounds of start and finish."""
    start_from, finish_from = frame.start_from.copy(), frame.finish_from.copy()
    parts = []
    for pull, into_start, bound in ((frame.forward[0], True, start_from), (frame.forward[1], False, finish_from)):
        target, lag, calendar = _unpacked(pull)
        source, from_start = pull.source >> 1, (pull.source & 1) == 0
        known = frame.finished[source] | (from_start & frame.started[source])
        actual = np.where(from_start, frame.actual_start[source], frame.actual_finish[source])[known]
        at = np.clip(frame.network.calendars.add(calendar[known], actual, lag[known]), 0, HORIZON)
        np.maximum.at(bound, target[known], at)
        kept = ~known & ~frame.finished[target]
        parts.append((source[kept], target[kept], from_start[kept], np.full(int(kept.sum()), into_start), lag[kept], calendar[kept]))  # fmt: skip
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[1], kind="stable")
    return _Flow(*(column[order] for column in columns)), start_from, finish_from


def _unpacked(pull: Pull) -> tuple[Integers, Integers, Integers]:
    """Target, lag and calendar of the lag of each link (elapsed time where the lag is 0)."""
    lag = np.zeros(len(pull.link), np.int64) if pull.elapsed is None else pull.elapsed.copy()
    calendar = np.zeros(len(pull.link), np.int64)
    lag[pull.lagging] = pull.lag
    calendar[pull.lagging] = pull.lag_calendar
    return pull.of_link(), lag, calendar


def _counted(frame: Frame, flow: _Flow, *, together: bool) -> Integers:
    """The one calendar of each project and all it hangs together with, NONE where there are several."""
    projects = len(frame.network.projects)
    group = list(range(projects))

    def root(project: int) -> int:
        while group[project] != project:
            group[project] = project = group[group[project]]
        return project

    one, other = frame.project[flow.source], frame.project[flow.target]
    crossing = np.unique(np.stack([one, other], axis=1)[one != other], axis=0)
    for first, second in crossing.tolist():
        group[root(first)] = root(second)
    roots = np.array([0 if together else root(project) for project in range(projects)], np.int64)
    lagging = flow.lag != 0
    used = np.concatenate([frame.project[~frame.finished], frame.project[flow.target[lagging]]])
    calendar = np.concatenate([frame.calendar[~frame.finished], flow.calendar[lagging]])
    pairs = np.unique(np.stack([roots[used], calendar], axis=1), axis=0)
    found = np.zeros(projects, np.int64)
    found[pairs[:, 0]] = pairs[:, 1]
    found[np.bincount(pairs[:, 0], minlength=projects) > 1] = NONE
    return found[roots]


def _fixed_ends(frame: Frame) -> Integers:
    """The instant before which each project cannot finish: its start, and what is finished."""
    ends = frame.network.projects.start.copy()
    np.maximum.at(ends, frame.project[frame.finished], frame.actual_finish[frame.finished])
    return ends


def _steps(frame: Frame, flow: _Flow, mode: Integers, start_from: Integers, finish_from: Integers) -> Steps:
    count = frame.count
    last = mode != DONE
    same = frame.project[flow.source] == frame.project[flow.target]
    last[flow.source[same & ~flow.from_start & (flow.lag >= 0)]] = False
    out = np.argsort(flow.source, kind="stable")
    nothing = np.zeros(0, np.int32)
    return Steps(
        mode=mode.astype(np.int8), start_from=start_from.astype(np.int32), finish_from=finish_from.astype(np.int32),
        project=frame.project.astype(np.int32), last=last.astype(np.int8), calendar=frame.calendar,
        in_first=_first(flow.target, count), in_source=flow.source.astype(np.int32), in_lag=flow.lag.astype(np.int32),
        in_from_start=flow.from_start.astype(np.int8), in_into_start=flow.into_start.astype(np.int8),
        in_calendar=flow.calendar,
        out_first=_first(flow.source, count), out_target=flow.target[out].astype(np.int32),
        out_lag=flow.lag[out].astype(np.int32), out_from_start=flow.from_start[out].astype(np.int8),
        out_into_start=flow.into_start[out].astype(np.int8), out_calendar=flow.calendar[out],
        hit_first=nothing, hit=nothing, measured=np.zeros(count, np.int8), centre=nothing, near=np.zeros(count, np.int8),
    )  # fmt: skip


def _amounts(
    simulation: Simulation, frame: Frame, tables: Tables, factors: Integers
) -> tuple[Amounts, Draws, Integers]:
    """Costs that vary, their draws, and the sum of what does not by project."""
    activities, costs, impacts = simulation.network.activities, simulation.costs, simulation.impacts
    open_work = np.append(activities.actual_finish == NONE, False)
    # Costs of activities and projects
    columns, base, scale = draws(tables, costs.kind, (costs.low, costs.mode, costs.high), unit=True)
    stream = uniform_streams(costs.stream, np.arange(len(costs)))
    columns = with_factors(columns._replace(stream=stream), costs.group, costs.loading, factors)
    project = _project_of(activities.project, costs.activity, costs.project)
    moving = open_work[costs.activity] & (costs.rate != 0)
    fixed = np.zeros(len(simulation.network.projects), np.int64)
    np.add.at(fixed, project, costs.fixed)
    steady = (columns.kind == CONSTANT) & ~moving
    np.add.at(fixed, project[steady], np.rint(base[steady]).astype(np.int64))
    rows = np.flatnonzero(~steady)
    # Impacts of risks
    hit = np.flatnonzero((impacts.measure == Measure.COST) & (open_work[impacts.activity] | (impacts.activity == NONE)))
    points = [column[hit] for column in (impacts.low, impacts.mode, impacts.high)]
    hit_columns, hit_base, hit_scale = draws(tables, impacts.kind[hit], points, unit=True)
    risk = impacts.risk[hit]
    sign = np.where(simulation.risks.opportunity[risk] != 0, -1, 1)
    place = np.append(frame.position, NONE)
    amounts = Amounts(
        position=np.append(np.where(moving, place[costs.activity], NONE)[rows], np.full(len(hit), NONE)).astype(np.int32),
        project=np.append(project[rows], _project_of(activities.project, impacts.activity, impacts.project)[hit]).astype(np.int32),
        risk=np.append(np.full(len(rows), NONE), risk).astype(np.int32),
        base=np.append(base[rows], hit_base * sign), rate=np.append(np.where(moving, costs.rate, 0.0)[rows], np.zeros(len(hit))),
        scale=np.append(scale[rows], hit_scale * sign),
    )  # fmt: skip
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = list(zip(columns, hit_columns, strict=True))
    return amounts, Draws(*(np.append(one[rows], other) for one, other in pairs)), fixed


def _project_of(projects: Integers, activity: Integers, project: Integers) -> Integers:
    return np.where(activity == NONE, project, np.append(projects, NONE)[activity])


def _chances(simulation: Simulation) -> Chances:
    risks, impacts = simulation.risks, simulation.impacts
    count = len(risks)
    low = np.zeros(count)
    for group in np.unique(risks.exclusive[risks.exclusive != NONE]).tolist():
        rows = np.flatnonzero(risks.exclusive == group)
        low[rows] = np.append(0.0, np.cumsum(risks.probability[rows])[:-1])
    alone = risks.exclusive == NONE
    own = uniform_streams(risks.stream, np.arange(count))
    varies = np.zeros(count, np.bool_)
    varies[impacts.risk[(impacts.kind != 0) & (impacts.high > impacts.low)]] = True
    return Chances(
        low=low.astype(np.float32), high=(low + risks.probability).astype(np.float32),
        stream=np.where(alone, own, risks.exclusive), purpose=np.where(alone, Purpose.RISK, Purpose.EXCLUSIVE),
        severity=np.where(varies, own, NONE),
    )  # fmt: skip
