"""The best one-to-one assignment (Hungarian method, shortest augmenting paths)."""

from __future__ import annotations

from collections.abc import Sequence


def assign(gains: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row the column it gets so that the sum of gains is largest; a gain of 0 or less is no assignment.

    O(rows² x columns); rows may be more or fewer than columns.
    """
    rows = len(gains)
    columns = len(gains[0]) if rows else 0
    width = columns + rows  # every row may stay alone, at no gain
    costs = [[-max(0.0, gain) for gain in row] + [0.0] * rows for row in gains]
    potential_row = [0.0] * (rows + 1)
    potential_column = [0.0] * (width + 1)
    taken = [0] * (width + 1)  # row (from 1) that has the column (from 1)
    for row in range(1, rows + 1):
        way = _augment(costs, row, width, potential_row, potential_column, taken)
        column = way[0]
        while column:
            taken[column] = taken[way[column]]
            column = way[column]
    result: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        row = taken[column]
        if row and gains[row - 1][column - 1] > 0:
            result[row - 1] = column - 1
    return result


def _augment(
    costs: Sequence[Sequence[float]],
    row: int,
    width: int,
    potential_row: list[float],
    potential_column: list[float],
    taken: list[int],
) -> list[int]:
    """The shortest path from ``row`` to a free column; ``way[0]`` is that column, ``way[c]`` the one before c."""
    infinity = float("inf")
    distance = [infinity] * (width + 1)
    way = [0] * (width + 1)
    visited = [False] * (width + 1)
    taken[0] = row
    current = 0
    while True:
        visited[current] = True
        owner, step, following = taken[current], infinity, 0
        for column in range(1, width + 1):
            if visited[column]:
                continue
            reduced = costs[owner - 1][column - 1] - potential_row[owner] - potential_column[column]
            if reduced < distance[column]:
                distance[column], way[column] = reduced, current
            if distance[column] < step:
                step, following = distance[column], column
        for column in range(width + 1):
            if visited[column]:
                potential_row[taken[column]] += step
                potential_column[column] -= step
            else:
                distance[column] -= step
        current = following
        if taken[current] == 0:
            break
    taken_before = way[current]
    path = way[:]
    path[0] = current
    path[current] = taken_before
    return path
