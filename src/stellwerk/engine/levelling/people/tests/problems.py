"""Random small portfolios: people with absences, part time and bookings, skills, four kinds of links, lags, held activities."""

from __future__ import annotations

from typing import Any

import numpy as np

from stellwerk.engine.levelling.people import (
    Activities,
    Links,
    People,
    Problem,
    Profiles,
    Projects,
    Requirements,
)

DAYS = 60


def random_problem(seed: int, activities: int = 12, people: int = 4) -> Problem:
    draw = np.random.default_rng(seed)
    capacity, booked = _time(draw, people)
    links = [
        (before, after, int(draw.integers(0, 4)) if draw.random() < 0.3 else 0, int(draw.integers(-480, 960)) if draw.random() < 0.3 else 0)
        for before in range(activities)
        for after in range(before + 1, activities)
        if draw.random() < 0.12
    ]  # fmt: skip
    link = np.array(links, np.int64).reshape(-1, 4)
    asked = np.array(list(_asked(draw, activities, people)), np.int64).reshape(-1, 6)
    start = draw.integers(0, 20, activities) * 480
    return Problem(
        People(capacity, levels=draw.integers(0, 4, (people, 3)), booked=booked),
        Activities(
            draw.integers(0, 3, activities), duration=draw.integers(0, 3, activities) * 480,
            fixed=(draw.random(activities) < 0.15).astype(np.int64),
            earliest=np.where(draw.random(activities) < 0.2, draw.integers(0, 15, activities) * 480, 0),
            present_start=start, present_finish=start + 960, deadline=np.where(draw.random(activities) < 0.1, 4800, -1),
        ),
        Requirements(
            asked[:, 0], work=asked[:, 1], units=asked[:, 2], person=asked[:, 3], profile=asked[:, 4], present_person=asked[:, 5]
        ),
        Links(link[:, 0], link[:, 1], link[:, 2], link[:, 3]),
        Projects([5, 1, 3], due=[4800, -1, 6000]),
        Profiles([0, 1], [0, 1], [1, 2]),
    )  # fmt: skip


def _time(draw: Any, people: int) -> tuple[Any, Any]:
    capacity = np.where(np.arange(DAYS) % 7 < 5, 480, 0)[None, :] * np.ones((people, 1), np.int64)
    for person in range(people):
        if draw.random() < 0.5:
            first = draw.integers(0, 30)
            capacity[person, first : first + draw.integers(1, 8)] = 0
        if draw.random() < 0.3:
            capacity[person] //= 2
    booked = np.zeros_like(capacity)
    if draw.random() < 0.5:
        booked[draw.integers(people), 5:12] = 240
    return capacity, booked


def _asked(draw: Any, activities: int, people: int) -> Any:
    for activity in range(activities):
        for person in draw.permutation(people)[: draw.integers(0, 3)]:
            named = draw.random() < 0.6
            yield (
                activity, int(draw.integers(60, 2400)), int(draw.choice([50, 100, 100, 30])), int(person) if named else -1,
                -1 if named else int(draw.integers(0, 2)), int(person),
            )  # fmt: skip
