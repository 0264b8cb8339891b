"""``python -m benchmarks.matching``: ranking very many profiles for one vacancy, and assigning a pool.

The peer in the same run is the exact comparison one by one in plain Python, over a part of the profiles and counted up.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import statistics
import time
from itertools import accumulate
from typing import Any

import numpy as np

from stellwerk.engine.matching import (
    Held,
    Job,
    Kind,
    Person,
    Place,
    SkillNeed,
    Table,
    Weights,
    Wishes,
    best,
    match,
    rank,
    scores,
    stable,
)
from stellwerk.staffing.own_words import Rarity

TODAY = dt.date(2026, 11, 26)
SKILLS = 300
NO_RARITY = Rarity(0, {})
SAMPLE = 500


WORDS = [f"word{number}" for number in range(20_000)]
SPOKEN = list(accumulate(1 / (number + 1) for number in range(20_000)))
"""Some words are common and most are rare (Zipf)."""


def spoken(draw: random.Random, count: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(draw.choices(WORDS, cum_weights=SPOKEN, k=count)))


def person(number: int, draw: random.Random) -> Person:
    held = {
        skill: Held(draw.randint(1, 4), TODAY - dt.timedelta(days=draw.randint(0, 4000)))
        for skill in draw.sample(range(SKILLS), 12)
    }
    return Person(
        number, held, languages={"de": draw.randint(0, 7), "en": draw.randint(0, 7)}, years=draw.randint(0, 30), asks=draw.randint(50, 140),
        available=TODAY + dt.timedelta(days=draw.randint(-30, 200)), place=Place(draw.uniform(47.5, 55), draw.uniform(6, 15)),
        radius=draw.choice([30, 80, 200, 600]), certificates=frozenset(draw.sample(range(40), 2)),
        wishes=Wishes(skills=frozenset(draw.sample(range(SKILLS), 3)), pay=draw.randint(60, 150), remote=draw.choice([0, 40, 60, 100])),
        words=spoken(draw, 60),
    )  # fmt: skip


def job(number: int, draw: random.Random, rarity: Rarity = NO_RARITY) -> Job:
    chosen = draw.sample(range(SKILLS), 8)
    kinds = [Kind.MUST] * 3 + [Kind.SHOULD] * 3 + [Kind.NICE] * 2
    needs = tuple(SkillNeed(skill, draw.randint(2, 4), kind) for skill, kind in zip(chosen, kinds, strict=True))
    return Job(
        number, needs, languages={"de": 4}, years=5, pays=draw.randint(70, 130), start=TODAY + dt.timedelta(days=60),
        place=Place(draw.uniform(47.5, 55), draw.uniform(6, 15)), remote=60, certificates=frozenset(draw.sample(range(40), 1)),
        words=({word: rarity.worth(word) for word in spoken(draw, 80) if rarity.worth(word)},),
    )  # fmt: skip


def ranking(profiles: int) -> dict[str, Any]:
    """Milliseconds of ranking all profiles for one vacancy (median of five vacancies), and the plain loop in the same run."""
    draw = random.Random(1)
    rows = [person(number, draw) for number in range(profiles)]
    rarity = Rarity.of(row.words for row in rows)
    jobs = [job(number, draw, rarity) for number in range(5)]
    weights = Weights()
    began = time.perf_counter()
    table = Table(rows)
    built = time.perf_counter() - began
    ranked = []
    for one in jobs:
        began = time.perf_counter()
        rank(one, table, weights, TODAY)
        ranked.append(time.perf_counter() - began)
    began = time.perf_counter()
    for row in rows[:SAMPLE]:
        match(jobs[0], row, weights, TODAY)
    loop = (time.perf_counter() - began) / min(SAMPLE, profiles) * profiles
    middle = statistics.median(ranked)
    return {
        "profiles": profiles,
        "milliseconds": round(middle * 1000, 1),
        "ratio_to_loop": round(loop / middle),
        "table_seconds": round(built, 2),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": round(os.getloadavg()[0], 1),
    }


def assigning(vacancies: int, people: int) -> dict[str, Any]:
    """Seconds of scoring a pool and of its best and its stable assignment."""
    draw = random.Random(1)
    table = Table([person(number, draw) for number in range(people)])
    began = time.perf_counter()
    found = [scores(job(number, draw), table, Weights(), TODAY) for number in range(vacancies)]
    scored = time.perf_counter() - began
    score, company, wishes = (
        np.array([getattr(one, name) for one in found]) for name in ("score", "company", "wishes")
    )
    open_ = np.array([one.open for one in found])
    began = time.perf_counter()
    assigned = best(score, company, wishes, open_)
    solved = time.perf_counter() - began
    began = time.perf_counter()
    settled = stable(score, company, wishes, open_)
    return {
        "pool": [vacancies, people],
        "score_seconds": round(scored, 2),
        "seconds": round(solved, 2),
        "filled": assigned.filled,
        "total": round(assigned.total, 3),
        "blocking_pairs": assigned.blocking,
        "stable_seconds": round(time.perf_counter() - began, 2),
        "stable_total": round(settled.total, 3),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--assign", metavar="VACANCIESxPEOPLE", help="assign a pool, as 500x2000, instead of ranking")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    if options.assign:
        vacancies, people = (int(part) for part in options.assign.split("x"))
        told = assigning(vacancies, people)
    else:
        told = ranking(options.profiles)
    print(json.dumps(told, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
