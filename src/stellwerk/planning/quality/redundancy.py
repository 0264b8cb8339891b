"""Which links say nothing that others do not say already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stellwerk.engine.network import LinkKind, Links

Before = Mapping[int, Sequence[int]]


def redundant_links(links: Links, steps: int) -> set[int] | None:
    """Rows of repeated links and of plain finish-to-start links that a chain of others joins too.

    The links form no circle. None: more than ``steps`` steps would be needed.
    """
    rows = list(zip(links.predecessor.tolist(), links.successor.tolist(), links.kind.tolist(), strict=True))
    lags = links.lag.tolist()
    found: set[int] = set()
    seen: set[tuple[int, int, int]] = set()
    plain: dict[int, dict[int, int]] = {}  # successor → predecessor → link row, where a chain could say the same
    before: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        first, then, kind = row
        if row in seen:
            found.add(number)
        elif kind == LinkKind.FINISH_START and lags[number] >= 0:
            before.setdefault(then, []).append(first)
            if lags[number] == 0:
                plain.setdefault(then, {})[first] = number
        seen.add(row)
    levels = _levels(before)
    for then, candidates in plain.items():
        above, steps = _above(before[then], before, levels, steps)
        if steps < 0:
            return None
        found |= {number for first, number in candidates.items() if first in above}
    return found


def _levels(before: Before) -> dict[int, int]:
    """How many links the longest chain to each activity has."""
    after: dict[int, list[int]] = {}
    waits = {then: len(firsts) for then, firsts in before.items()}
    for then, firsts in before.items():
        for first in firsts:
            after.setdefault(first, []).append(then)
    ready = [one for one in after if one not in waits]
    levels = dict.fromkeys(ready, 0)
    while ready:
        one = ready.pop()
        for then in after.get(one, ()):
            levels[then] = max(levels.get(then, 0), levels[one] + 1)
            waits[then] -= 1
            if not waits[then]:
                ready.append(then)
    return levels


def _above(firsts: Sequence[int], before: Before, levels: Mapping[int, int], steps: int) -> tuple[set[int], int]:
    """What lies above one of ``firsts``, no higher than the highest of them; and the steps that are left."""
    above: set[int] = set()
    if len(firsts) < 2:
        return above, steps
    highest = min(levels[one] for one in firsts)
    queue = list(firsts)
    while queue and steps >= 0:
        for one in before.get(queue.pop(), ()):
            steps -= 1
            if one not in above and levels[one] >= highest:
                above.add(one)
                queue.append(one)
    return above, steps
