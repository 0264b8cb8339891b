"""Readers for published scheduling instances: PSPLIB in Patterson form, MPLIB1, MPSPLIB (JSON), best known values.

A malformed file raises :class:`InstanceError` with the file, the place and what was expected there; nothing is guessed.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stellwerk.engine.levelling import (
    Activities,
    Links,
    Objective,
    Problem,
    ProblemError,
    Projects,
    Resources,
    tables_of,
)

MOST_NUMBERS = 2_000_000
"""No published instance comes near; a larger file is another kind of file."""
MOST_DURATION = 100_000


class InstanceError(ValueError):
    """A file that is not what it should be."""


@dataclass(frozen=True)
class Instance:
    """``reference``: best known or published value, None where there is none."""

    name: str
    problem: Problem
    reference: float | None = None


class Words:
    """The numbers of a text one after the other, with what each is meant to be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InstanceError(f"{path.name}: cannot be read as text ({error})") from error
        self.words = text.split()
        if len(self.words) > MOST_NUMBERS:
            raise InstanceError(f"{path.name}: {len(self.words)} words, no instance is that large")
        self.at = 0

    def next(self, what: str) -> str:
        if self.at >= len(self.words):
            raise InstanceError(f"{self.path.name}: ends where {what} should stand")
        self.at += 1
        return self.words[self.at - 1]

    def number(self, what: str, low: int = 0, high: int = MOST_DURATION) -> int:
        word = self.next(what)
        # Plain ASCII digits only: int() would also take 1_000 and other scripts.
        if not (word.isascii() and word.isdigit()) or len(word) > 12:
            raise InstanceError(f"{self.path.name}: {what} is {word[:20]!r}, not a whole number (word {self.at})")
        value = int(word)
        if not low <= value <= high:
            raise InstanceError(f"{self.path.name}: {what} is {value}, not between {low} and {high} (word {self.at})")
        return value

    def end(self) -> None:
        if self.at < len(self.words):
            raise InstanceError(
                f"{self.path.name}: {self.words[self.at][:20]!r} stands after the end (word {self.at + 1})"
            )


def made(name: str, **parts: Any) -> Problem:
    try:
        problem = Problem(**parts)
        tables_of(problem, Objective.MAKESPAN)
    except ProblemError as error:
        raise InstanceError(f"{name}: {error}") from error
    return problem


def read_patterson(path: Path) -> Problem:
    """Count and resources, capacities, then per activity: duration, demands, number of successors, successors (from 1)."""
    words = Words(path)
    count, resources = words.number("the number of activities", 1), words.number("the number of resources", 0, 1000)
    capacity = [words.number(f"capacity {k + 1}") for k in range(resources)]
    duration, demand, links = [], [], []
    for row in range(count):
        duration.append(words.number(f"duration of activity {row + 1}"))
        demand.append([words.number(f"demand {k + 1} of activity {row + 1}") for k in range(resources)])
        for _ in range(words.number(f"number of successors of activity {row + 1}", 0, count)):
            links.append((row, words.number(f"a successor of activity {row + 1}", 1, count) - 1))
    words.end()
    return made(
        path.name, activities=Activities(np.array(duration)),
        demand=np.array(demand, np.int64).reshape(count, resources), resources=Resources(np.array(capacity, np.int64)),
        links=Links(np.array([a for a, _ in links], np.int64), np.array([b for _, b in links], np.int64)),
    )  # fmt: skip


def read_mplib(path: Path) -> Problem:
    """Projects, resources, capacities; per project: activities and release, a row of flags, per activity duration, demands, successors as project:activity."""
    words = Words(path)
    projects, resources = (
        words.number("the number of projects", 1, 10_000),
        words.number("the number of resources", 0, 1000),
    )
    capacity = [words.number(f"capacity {k + 1}") for k in range(resources)]
    duration: list[int] = []
    demand: list[list[int]] = []
    project: list[int] = []
    release: list[int] = []
    first: list[int] = []
    links: list[tuple[int, int, int]] = []
    for one in range(projects):
        name = f"project {one + 1}"
        count = words.number(f"the number of activities of {name}", 1)
        release.append(words.number(f"the release of {name}"))
        first.append(len(duration))
        for k in range(resources):
            words.number(f"the use of resource {k + 1} by {name}")
        for row in range(count):
            label = f"activity {row + 1} of {name}"
            project.append(one)
            duration.append(words.number(f"duration of {label}"))
            demand.append([words.number(f"demand {k + 1} of {label}") for k in range(resources)])
            for _ in range(words.number(f"number of successors of {label}", 0)):
                links.append((len(duration) - 1, *successor(words, label)))
    words.end()
    sizes = [*first[1:], len(duration)]
    for _, other, after in links:
        if not (0 <= other < projects and 0 <= after < sizes[other] - first[other]):
            raise InstanceError(f"{path.name}: successor {other + 1}:{after + 1} is not in the file")
    return made(
        path.name, activities=Activities(np.array(duration), np.array(project)),
        demand=np.array(demand, np.int64).reshape(len(duration), resources), resources=Resources(np.array(capacity, np.int64)),
        links=Links(np.array([a for a, _, _ in links], np.int64), np.array([first[p] + b for _, p, b in links], np.int64)),
        projects=Projects(np.array(release)),
    )  # fmt: skip


def successor(words: Words, label: str) -> tuple[int, int]:
    word = words.next(f"a successor of {label}")
    left, colon, right = word.partition(":")
    if not (colon and word.isascii() and left.isdigit() and right.isdigit() and len(word) < 20):
        raise InstanceError(f"{words.path.name}: successor of {label} is {word[:20]!r}, not project:activity")
    return int(left) - 1, int(right) - 1


def read_mpsplib(name: str, found: Any) -> Problem:
    """One entry of the JSON file: all activities of all projects in one table, with local and global resources as columns."""
    if not isinstance(found, dict):
        raise InstanceError(f"{name}: not a table of columns")
    duration, release, capacity = (whole(name, found, column) for column in ("dur", "rel", "cap"))
    demand, before = found.get("dem"), found.get("pred")
    if not isinstance(demand, list) or not isinstance(before, list) or len(duration) != len(release):
        raise InstanceError(f"{name}: columns dem and pred must be lists, dur and rel equally long")
    if len(demand) != len(duration) or len(before) != len(duration) or not duration:
        raise InstanceError(
            f"{name}: {len(duration)} durations, {len(demand)} rows of demands, {len(before)} of predecessors"
        )
    rows = [whole(name, {"dem": row}, "dem") for row in demand]
    if any(len(row) != len(capacity) for row in rows):
        raise InstanceError(f"{name}: a row of demands does not have {len(capacity)} numbers")
    links = []
    for row, pairs in enumerate(before):
        for pair in pairs if isinstance(pairs, list) else [None]:
            numbers = whole(name, {"pred": pair}, "pred")
            if len(numbers) != 2 or numbers[0] >= len(duration):
                raise InstanceError(f"{name}: predecessor {pair!r} of activity {row + 1} is not [row, lag]")
            links.append((numbers[0], row, duration[numbers[0]] + numbers[1]))
    parts = np.array(links, np.int32).reshape(-1, 3)
    return made(
        name, activities=Activities(np.array(duration), earliest=np.array(release)),
        demand=np.array(rows, np.int64).reshape(len(rows), len(capacity)), resources=Resources(np.array(capacity, np.int64)),
        links=Links(parts[:, 0], parts[:, 1], parts[:, 2]),
    )  # fmt: skip


def whole(name: str, table: dict[str, Any], column: str) -> list[int]:
    values = table.get(column)
    if not isinstance(values, list) or any(
        type(value) is not int or not 0 <= value <= MOST_DURATION for value in values
    ):
        raise InstanceError(f"{name}: {column} must be a list of whole numbers from 0 to {MOST_DURATION}")
    return values


def best_known(path: Path) -> dict[str, float]:
    """File name to value, from a ``bks.csv`` with the columns instance and bks."""
    result = {}
    for line, row in rows_of(path, ","):
        name, value = row.get("instance"), row.get("bks")
        if not name or not value or not value.isascii() or not value.isdigit() or len(value) > 12:
            raise InstanceError(f"{path.name}, line {line}: instance and a whole number bks expected")
        result[name] = float(value)
    return result


def number_in(name: str) -> int:
    digits = "".join(letter for letter in name.rpartition("_")[2] if letter in "0123456789")
    return int(digits[:12] or 0)


def files_in(folder: Path) -> list[Path]:
    found = [path for ending in ("*.txt", "*.rcp") for path in folder.glob(ending)]
    return sorted(found, key=lambda path: (number_in(path.stem), path.name))


def psplib(folder: Path, chosen: str) -> list[Instance]:
    """All of one set in the order of their numbers: from the folder named like the set, or from ``folder`` itself."""
    files = files_in(folder / chosen) or files_in(folder)
    if not files:
        raise InstanceError(f"{folder / chosen}: no instances (*.txt, *.rcp)")
    known = best_known(folder / "bks.csv")
    return [Instance(path.stem, read_patterson(path), known.get(path.name)) for path in files]


def mplib1(folder: Path) -> list[Instance]:
    files = files_in(folder)
    if not files:
        raise InstanceError(f"{folder}: no instances (*.txt, *.rcp)")
    known = best_known(folder / "bks.csv")
    return [Instance(path.stem, read_mplib(path), known.get(path.name)) for path in files]


def mpsplib(folder: Path) -> list[Instance]:
    path = folder / "mpsplib.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InstanceError(f"{path}: cannot be read ({error})") from error
    if not isinstance(found, dict) or not found:
        raise InstanceError(f"{path.name}: a table of instances by name expected")
    known = published(folder / "msproject_results.csv")
    return [Instance(name, read_mpsplib(name, one), known.get(name)) for name, one in sorted(found.items())]


def published(path: Path) -> dict[str, float]:
    """Instance to total makespan, from a CSV with semicolons."""
    result = {}
    for line, row in rows_of(path, ";"):
        name, value = row.get("instance"), row.get("total_makespan")
        if not name or not value or not value.isascii() or not value.isdigit() or len(value) > 12:
            raise InstanceError(f"{path.name}, line {line}: instance and a whole number total_makespan expected")
        result[name] = float(value)
    return result


def rows_of(path: Path, delimiter: str) -> list[tuple[int, dict[str, str | None]]]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(enumerate(csv.DictReader(file, delimiter=delimiter), 2))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InstanceError(f"{path.name}: cannot be read as a table ({error})") from error
