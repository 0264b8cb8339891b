"""Orders in which activities are placed: late starts of the longest paths, drawn out, and moved apart project by project.

Where everybody is free, the latest start says who is urgent. Where people are scarce, paths take longer than that, so they count ``stretch`` times; and
whoever puts all projects first finishes none, so each has an ``offset``: what it has to stand back. ``noise`` moves single activities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from stellwerk.engine.levelling.people.model import Integers

STRETCHES = (150, 100, 200)
"""Per cent; what proved best comes first."""
SHARES = (25, 0, 12, 50)
"""Per cent of the whole span by which the least urgent project stands back; what proved best comes first."""
PROJECT_DAYS = (10, 30, 80)
ACTIVITY_DAYS = (5, 15, 40)


@dataclass(frozen=True)
class Order:
    """``keeps``: nothing begins before its present start."""

    stretch: int
    offset: Integers
    noise: Integers
    keeps: bool = False

    def key(self, due: Integers, tail: Integers, project: Integers) -> Integers:
        """The lowest is placed first."""
        key: Integers = (due + self.offset)[project] - tail * self.stretch // 100 + self.noise
        return key


def rules(weight: Integers, length: Integers, span: int, activities: int) -> Iterator[Order]:
    """Heavy and short projects before light and long ones, more and less so. ``length``: of each project with everybody free."""
    standing = np.argsort(-weight / np.maximum(1, length), kind="stable")
    rank = np.empty(len(weight), np.int64)
    rank[standing] = np.arange(len(weight))
    noise = np.zeros(activities, np.int64)
    shares = SHARES if len(weight) > 1 else (0,)
    for stretch in STRETCHES:
        for share in shares:
            yield Order(stretch, rank * (span * share // 100) // max(1, len(weight)), noise)


def changed(order: Order, random: np.random.Generator, project: Integers, day: int) -> Order:
    """The order with some projects or activities moved, or (rarely) another stretch, or the present starts as bounds or not."""
    turn = int(random.integers(0, 100))
    projects = len(order.offset)
    if turn < 4:
        return replace(order, keeps=not order.keeps)
    if turn < 10:
        return replace(order, stretch=max(20, order.stretch + int(random.integers(-20, 21))))
    if projects > 2 and turn < 70:
        chosen = random.choice(projects, int(random.integers(1, 4)), replace=False)
        offset = order.offset.copy()
        offset[chosen] += _days(random, len(chosen), PROJECT_DAYS, day)
        return replace(order, offset=offset)
    if projects > 2 and turn < 85:
        few = random.choice(projects, min(projects, int(random.integers(1, 20))), replace=False)
        moved = np.flatnonzero(np.isin(project, few))
    else:
        share = (0.02, 0.1, 0.3)[int(random.integers(0, 3))]
        moved = np.flatnonzero(random.random(len(project)) < max(share, 2 / max(1, len(project))))
    noise = order.noise.copy()
    noise[moved] += _days(random, len(moved), ACTIVITY_DAYS, day)
    return replace(order, noise=noise)


def _days(random: np.random.Generator, count: int, widths: tuple[int, ...], day: int) -> Integers:
    width = widths[int(random.integers(0, len(widths)))] * day
    return np.rint(random.normal(0, 1, count) * width).astype(np.int64)
