"""The order of computing: levels in which every predecessor lies below, and the shortest circle if there is none."""

from __future__ import annotations

from collections import deque

import numpy as np

from stellwerk.engine.network.model import CycleError, Integers

# Below this size, or where the levels are this narrow, plain lists are faster than arrays.
SMALL = 20_000
NARROW = 40


def grouped(values: Integers) -> tuple[Integers, Integers]:
    """The values in order, and where each was; equal ones keep their order. Faster than a stable argsort."""
    key = (values << 32) | np.arange(len(values))
    key.sort()
    return key >> 32, key & 0xFFFFFFFF


def adjacency(source: Integers, target: Integers, count: int) -> tuple[Integers, Integers]:
    """Compressed rows: the targets of ``i`` are ``ahead[first[i]:first[i + 1]]``."""
    first = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=count), out=first[1:])
    return first, target[grouped(source)[1]]


def levels(predecessor: Integers, successor: Integers, count: int) -> Integers:
    """The level of each activity: 0 without predecessors, else one above the highest of them.

    Raises :class:`CycleError` if the links lead in a circle.
    """
    result = None if count <= SMALL else _by_arrays(predecessor, successor, count)
    return _by_lists(predecessor, successor, count) if result is None else result


def _by_lists(predecessor: Integers, successor: Integers, count: int) -> Integers:
    first_array, ahead_array = adjacency(predecessor, successor, count)
    first, ahead = first_array.tolist(), ahead_array.tolist()
    open_links = np.bincount(successor, minlength=count).tolist()
    level = [0] * count
    ready = [row for row, links in enumerate(open_links) if not links]
    for row in ready:
        above = level[row] + 1
        for after in ahead[first[row] : first[row + 1]]:
            if level[after] < above:
                level[after] = above
            open_links[after] -= 1
            if not open_links[after]:
                ready.append(after)
    if len(ready) < count:
        raise CycleError(*shortest_cycle(predecessor, successor, count))
    return np.array(level, np.int64)


def _by_arrays(predecessor: Integers, successor: Integers, count: int) -> Integers | None:
    """Peels level after level; None if the levels are so narrow that this is slow, or do not end."""
    first, ahead = adjacency(predecessor, successor, count)
    open_links = np.bincount(successor, minlength=count)
    level = np.zeros(count, np.int64)
    winner = np.zeros(count, np.int64)
    front = np.flatnonzero(open_links == 0)
    done = depth = 0
    while front.size:
        level[front] = depth
        done += front.size
        depth += 1
        if depth > 100 and done < depth * NARROW:
            return None
        lengths = first[front + 1] - first[front]
        starts = np.repeat(first[front] - np.cumsum(lengths) + lengths, lengths)
        after = ahead[starts + np.arange(len(starts))]
        np.subtract.at(open_links, after, 1)
        reached = after[open_links[after] == 0]
        # Each reached activity once: of several links into it the one whose number stays in ``winner``.
        winner[reached] = np.arange(reached.size)
        front = reached[winner[reached] == np.arange(reached.size)]
    return level if done == count else None


def shortest_cycle(predecessor: Integers, successor: Integers, count: int) -> tuple[list[int], list[int]]:
    """Activities and links of a shortest circle.

    From one activity after the other all ways are followed, never further than the best circle found; an activity that was
    searched is taken out together with all that no longer lies on a circle, so that even one huge circle is found at once.
    """
    ahead: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    behind: list[list[int]] = [[] for _ in range(count)]
    for link, (before, after) in enumerate(zip(predecessor.tolist(), successor.tolist(), strict=True)):
        ahead[before].append((after, link))
        behind[after].append(before)
    into = [len(rows) for rows in behind]
    out = [len(rows) for rows in ahead]
    alive = [True] * count
    best: tuple[list[int], list[int]] = ([], [])

    def remove(rows: list[int]) -> None:
        """Take out ``rows`` and whatever then has no way in or no way out."""
        while rows:
            row = rows.pop()
            if not alive[row]:
                continue
            alive[row] = False
            for after, _ in ahead[row]:
                into[after] -= 1
                if alive[after] and not into[after]:
                    rows.append(after)
            for before in behind[row]:
                out[before] -= 1
                if alive[before] and not out[before]:
                    rows.append(before)

    remove([row for row in range(count) if not into[row] or not out[row]])
    for origin in range(count):
        if alive[origin]:
            found = _circle_through(origin, ahead, alive, len(best[0]) or count + 1)
            best = found or best
            if len(best[0]) == 2:
                break
            remove([origin])
    return best


def _circle_through(
    origin: int, ahead: list[list[tuple[int, int]]], alive: list[bool], limit: int
) -> tuple[list[int], list[int]] | None:
    """The shortest circle through ``origin`` with fewer than ``limit`` links."""
    came: dict[int, tuple[int, int]] = {}
    queue = deque([(origin, 0)])
    while queue:
        row, depth = queue.popleft()
        if depth + 1 >= limit:
            return None
        for after, link in ahead[row]:
            if after == origin:
                rows, links = [row], [link]
                while rows[-1] != origin:
                    before, by = came[rows[-1]]
                    rows.append(before)
                    links.append(by)
                return rows[::-1], links[::-1]
            if alive[after] and after not in came:
                came[after] = (row, link)
                queue.append((after, depth + 1))
    return None
