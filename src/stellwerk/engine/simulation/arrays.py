"""The inner loops with NumPy: one activity after the other, all iterations of a block at once.

``compiled.py`` takes the same steps in the same order; whole numbers and single steps of float32 make both results equal to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.network import NONE
from stellwerk.engine.simulation import shapes
from stellwerk.engine.simulation.draws import Floats, Ints, drawn, looked_up, with_factor
from stellwerk.engine.simulation.model import Integers
from stellwerk.engine.simulation.numbers import Purpose, round_keys, uniforms
from stellwerk.engine.simulation.plan import DATED, DONE, Plan


@dataclass
class Tally:
    """What a run collects. ``finish`` (in the unit of each project) and ``cost`` have a row per project and a column per iteration;
    the sums a row per position: how often critical, Σd, Σd², Σd·f with d and f as distances to their centres (d in units of 2 to its ``near``)."""

    finish: Ints
    cost: Integers
    critical: Integers
    sums: NDArray[np.int64]

    @classmethod
    def empty(cls, plan: Plan, columns: int) -> Tally:
        return cls(
            np.empty((plan.projects, columns), np.int32), np.empty((plan.projects, columns), np.int64),
            np.zeros(plan.count, np.int64), np.zeros((plan.count, 3), np.int64),
        )  # fmt: skip


@dataclass(frozen=True)
class Luck:
    """The numbers of a run."""

    seed: int
    antithetic: bool


class Block:
    """The values of a block of iterations."""

    def __init__(self, plan: Plan, luck: Luck, first: int, size: int) -> None:
        self.plan, self.luck, self.first, self.size = plan, luck, first, size
        self.keys = round_keys(luck.seed)
        self.factors = [looked_up(shapes.normal(), self._uniform(Purpose.FACTOR, row)) for row in plan.factor_streams.tolist()]  # fmt: skip
        chances = plan.chances
        self.happens = [self._happens(row) for row in range(len(chances.low))]
        self.severity = [
            self._uniform(Purpose.SEVERITY, row) if row != NONE else np.full(size, 0.5, np.float32)
            for row in chances.severity.tolist()
        ]

    def _uniform(self, purpose: int, stream: int) -> Floats:
        return uniforms(self.keys, stream, purpose, self.first, self.size, antithetic=self.luck.antithetic)

    def _happens(self, row: int) -> NDArray[np.bool_]:
        chances = self.plan.chances
        u = self._uniform(int(chances.purpose[row]), int(chances.stream[row]))
        result: NDArray[np.bool_] = (u >= chances.low[row]) & (u < chances.high[row])
        return result

    def duration(self, position: int) -> Ints:
        """Minutes of open work in each iteration, with the impacts of the risks."""
        plan, steps = self.plan, self.plan.steps
        columns = plan.durations
        u = np.zeros(self.size, np.float32)
        if columns.kind[position]:
            u = self._uniform(Purpose.DURATION, int(columns.stream[position]))
            if columns.factor[position] != NONE:
                factor = self.factors[columns.factor[position]]
                u = with_factor(u, factor, columns.loading[position], columns.rest[position])
        result = _whole(drawn(columns, position, plan.tables, u))
        hits = steps.hit[steps.hit_first[position] : steps.hit_first[position + 1]]
        for hit in hits.tolist():
            risk = plan.hit_risk[hit]
            more = _whole(drawn(plan.hit_draws, hit, plan.tables, self.severity[risk]))
            result += np.where(self.happens[risk], plan.hit_sign[hit] * more, 0).astype(np.int32)
        return np.maximum(result, 0)

    def amount(self, row: int, duration: Ints | None) -> Integers:
        """Minor units of one cost item in each iteration."""
        plan = self.plan
        amounts, columns = plan.amounts, plan.amount_draws
        risk = amounts.risk[row]
        value = np.full(self.size, amounts.base[row])
        if duration is not None:
            value += amounts.rate[row] * duration
        if columns.kind[row]:
            u = self.severity[risk] if risk != NONE else self._uniform(Purpose.COST, int(columns.stream[row]))
            if columns.factor[row] != NONE:
                u = with_factor(u, self.factors[columns.factor[row]], columns.loading[row], columns.rest[row])
            value += amounts.scale[row] * drawn(columns, row, plan.tables, u).astype(np.float64)
        result = np.floor(value + 0.5).astype(np.int64)
        return result if risk == NONE else np.where(self.happens[risk], result, 0)


def _whole(values: Floats) -> Ints:
    result: Ints = (values + np.float32(0.5)).astype(np.int32)
    return result


def run(plan: Plan, luck: Luck, first: int, size: int, valid: int, tally: Tally) -> None:
    """One block: ``size`` iterations from ``first`` on, of which ``valid`` count."""
    pass_ = _Pass(plan, Block(plan, luck, first, size))
    pass_.forward()
    here = slice(first, first + size)
    tally.finish[:, here] = pass_.ends
    tally.cost[:, here] = pass_.costs()
    pass_.backward(valid, tally)


class _Pass:
    """Earliest finishes, then from the end what lies on a longest path."""

    def __init__(self, plan: Plan, block: Block) -> None:
        self.plan, self.block = plan, block
        shape = (plan.count, block.size)
        self.finish, self.duration = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        self.begin = np.zeros(shape if plan.dated else (0, 0), np.int32)
        self.ends = np.repeat(plan.ends.astype(np.int32)[:, None], block.size, axis=1)
        self.time = plan.frame.network.calendars

    def forward(self) -> None:
        steps = self.plan.steps
        for p in range(self.plan.count):
            if steps.mode[p] == DONE:
                continue
            self.duration[p] = self.block.duration(p)
            start = np.full(self.block.size, steps.start_from[p], np.int32)
            finish = np.full(self.block.size, steps.finish_from[p], np.int32)
            for link in range(steps.in_first[p], steps.in_first[p + 1]):
                bound = start if steps.in_into_start[link] else finish
                np.maximum(bound, self._moved(link, int(steps.mode[p])), out=bound)
            if steps.mode[p] == DATED:
                self._dated(p, start, finish)
            else:
                np.maximum(start + self.duration[p], finish, out=self.finish[p])
            if steps.last[p]:
                ends = self.ends[steps.project[p]]
                np.maximum(ends, self.finish[p], out=ends)

    def _moved(self, link: int, mode: int) -> Ints:
        """What a link into an activity asks for."""
        steps = self.plan.steps
        source = steps.in_source[link]
        if mode == DATED:
            point = (self.begin if steps.in_from_start[link] else self.finish)[source]
            return self._lagged(point, int(steps.in_lag[link]), int(steps.in_calendar[link]))
        point = self.finish[source] - self.duration[source] if steps.in_from_start[link] else self.finish[source]
        return np.asarray(point + steps.in_lag[link])

    def _lagged(self, point: Ints, lag: int, calendar: int) -> Ints:
        if lag == 0:
            return point
        if calendar == 0:
            return np.asarray(np.minimum(np.maximum(point + np.int32(lag), 0), HORIZON + 1), np.int32)
        time, row = self.time, np.full(len(point), calendar, np.int64)
        result: Ints = (time.minute_at(time.work(row, point.astype(np.int64)) + lag - 1) + 1).astype(np.int32)
        return result

    def _dated(self, p: int, start: Ints, finish: Ints) -> None:
        """In instants: the same as the forward pass of the network."""
        time, row = self.time, np.full(len(start), self.plan.steps.calendar[p], np.int64)
        duration = self.duration[p].astype(np.int64)
        number = time.work(row, start.astype(np.int64))
        begin = time.minute_at(number)
        end = time.minute_at(number + duration - 1) + 1
        asked = time.next_finish(row, finish.astype(np.int64))
        pushed = finish > end
        end = np.where(pushed, asked, end)
        begin = np.where(pushed, time.minute_at(time.work(row, end) - duration), begin)
        point = time.next_finish(row, np.maximum(start, finish).astype(np.int64))
        milestone = duration == 0
        self.begin[p] = np.where(milestone, point, begin)
        self.finish[p] = np.where(milestone, point, end)

    def costs(self) -> Integers:
        amounts = self.plan.amounts
        result = np.repeat(self.plan.fixed_cost[:, None], self.block.size, axis=1)
        for row in range(len(amounts.position)):
            position = amounts.position[row]
            result[amounts.project[row]] += self.block.amount(
                row, None if position == NONE else self.duration[position]
            )
        return result

    def backward(self, valid: int, tally: Tally) -> None:
        """Behind the position at work, ``begin`` and ``finish`` (counted: ``duration`` and ``finish``) hold late dates."""
        plan, steps = self.plan, self.plan.steps
        ends = np.maximum.reduce(self.ends, axis=0, keepdims=True) if plan.together else self.ends
        for p in range(plan.count - 1, -1, -1):
            if steps.mode[p] == DONE:
                continue
            end = ends[0 if plan.together else steps.project[p]]
            duration = self.duration[p].copy()
            on_path = (self._latest_dated if steps.mode[p] == DATED else self._latest_counted)(p, duration, end)
            tally.critical[p] += np.count_nonzero(on_path[:valid])
            if steps.measured[p]:
                self._sum(p, duration[:valid], end[:valid], tally)

    def _latest_counted(self, p: int, duration: Ints, end: Ints) -> NDArray[np.bool_]:
        """Moves ``p`` to its latest dates; returns where these are its earliest ones."""
        steps = self.plan.steps
        late = end.copy()
        for link in range(steps.out_first[p], steps.out_first[p + 1]):
            target = steps.out_target[link]
            limit = (self.duration if steps.out_into_start[link] else self.finish)[target] - steps.out_lag[link]
            np.minimum(late, limit + duration if steps.out_from_start[link] else limit, out=late)
        on_path: NDArray[np.bool_] = late <= self.finish[p]
        self.finish[p], self.duration[p] = late, late - duration
        return on_path

    def _latest_dated(self, p: int, duration: Ints, end: Ints) -> NDArray[np.bool_]:
        """The same in instants, as the backward pass of the network: late is what leaves no working minute of float."""
        steps, time = self.plan.steps, self.time
        start_until = np.full(len(end), HORIZON, np.int64)
        finish_until = end.astype(np.int64)
        for link in range(steps.out_first[p], steps.out_first[p + 1]):
            point = (self.begin if steps.out_into_start[link] else self.finish)[steps.out_target[link]].astype(np.int64)
            limit = self._unlagged(point, int(steps.out_lag[link]), int(steps.out_calendar[link]))
            bound = start_until if steps.out_from_start[link] else finish_until
            np.minimum(bound, limit, out=bound)
        row = np.full(len(end), steps.calendar[p], np.int64)
        to_do = duration.astype(np.int64)
        finish = time.previous_finish(row, finish_until)
        begin = time.minute_at(time.work(row, finish) - to_do)
        number = time.work(row, start_until + 1) - 1
        early = start_until < begin
        begin = np.where(early, time.minute_at(number), begin)
        finish = np.where(early, time.minute_at(number + to_do), finish)
        point = time.previous_finish(row, np.minimum(start_until, finish_until))
        begin = np.maximum(np.where(to_do == 0, point, begin), 0)
        finish = np.maximum(np.where(to_do == 0, point, finish), 0)
        on_path: NDArray[np.bool_] = time.work(row, begin) <= time.work(row, self.begin[p].astype(np.int64))
        self.begin[p], self.finish[p] = begin, finish
        return on_path

    def _unlagged(self, point: Integers, lag: int, calendar: int) -> Integers:
        """The latest point from which a lag ends by ``point``."""
        if lag == 0:
            return point
        if calendar == 0:
            return np.asarray(np.minimum(np.maximum(point - lag, 0), HORIZON))
        row = np.full(len(point), calendar, np.int64)
        return np.asarray(np.clip(self.time.minute_at(self.time.work(row, point) - lag), 0, HORIZON))

    def _sum(self, p: int, duration: Ints, end: Ints, tally: Tally) -> None:
        plan, digits = self.plan, int(self.plan.steps.near[p])
        d = (duration - plan.steps.centre[p] + ((1 << digits) >> 1)).astype(np.int64) >> digits
        f = (end - plan.end_centre[plan.steps.project[p]]).astype(np.int64) >> plan.shift
        tally.sums[p, 0] += d.sum()
        tally.sums[p, 1] += (d * d).sum()
        tally.sums[p, 2] += (d * f).sum()
