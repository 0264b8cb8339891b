"""The worked example of ``docs/algorithms/schedule-quality.md``, and ways to change it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from stellwerk.engine.network import schedule
from stellwerk.planning.exchange import Document
from stellwerk.planning.exchange.calendars import STANDARD_WEEK
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Calendar,
    Duration,
    Lag,
    Link,
    ProjectInfo,
    Resource,
    Task,
)
from stellwerk.planning.network import plan_of
from stellwerk.planning.quality import Limits, Result, assess

A, B, C, D, E, F = 1, 2, 3, 4, 5, 6
DAY = 480


def at(month: int, day: int, hour: int = 8) -> dt.datetime:
    return dt.datetime(2027, month, day, hour)  # noqa: DTZ001


def days(number: int) -> Duration:
    return Duration(number * DAY, unit="d")


def baseline(start: dt.datetime, finish: dt.datetime) -> tuple[Baseline, ...]:
    return (Baseline(0, start, finish),)


def example() -> Document:
    tasks = (
        Task(
            A, "Design", id=1, duration=days(5), start=at(2, 25), finish=at(3, 3, 17), actual_start=at(2, 25),
            actual_finish=at(3, 3, 17), percent_complete=Decimal(100), baselines=baseline(at(2, 25), at(3, 3, 17)),
        ),
        Task(B, "Order", id=2, duration=days(2), start=at(3, 4), finish=at(3, 5, 17), work=Decimal(16),
             baselines=baseline(at(3, 4), at(3, 5, 17))),
        Task(C, "Build", id=3, duration=days(60), start=at(3, 12), finish=at(6, 3, 17), work=Decimal(480),
             baselines=baseline(at(3, 10), at(6, 1, 17))),
        Task(D, "Paint", id=4, duration=days(10), start=at(3, 9), finish=at(3, 22, 17),
             baselines=baseline(at(3, 9), at(3, 22, 17))),
        Task(E, "Opened", id=5, milestone=True, duration=days(0), start=at(6, 3, 17), finish=at(6, 3, 17),
             constraint="must_finish_on", constraint_date=at(6, 1, 17), baselines=baseline(at(6, 1, 17), at(6, 1, 17))),
        Task(F, "Manual", id=6, duration=days(2), start=at(3, 8), finish=at(3, 9, 17)),
    )  # fmt: skip
    links = (
        Link(A, B),
        Link(B, C, "FS", Lag(2 * DAY)),
        Link(A, C),
        Link(B, D, "FS", Lag(-DAY)),
        Link(C, E),
        Link(D, E, "SS"),
        Link(A, F),
    )
    return Document(
        ProjectInfo(name="Hall", start=at(2, 25), data_date=at(3, 8), calendar=1),
        (Calendar(1, "Standard", STANDARD_WEEK),),
        tasks,
        links,
        (Resource(1, "Ann"),),
        tuple(Assignment(number, task, 1) for number, task in enumerate((A, B, C), start=1)),
    )


def changed(document: Document, uid: int, **values: Any) -> Document:
    """The document with other values of one row."""
    tasks = tuple(replace(task, **values) if task.uid == uid else task for task in document.tasks)
    return replace(document, tasks=tasks)


def without_links(document: Document, *pairs: tuple[int, int]) -> Document:
    kept = tuple(link for link in document.links if (link.predecessor, link.successor) not in pairs)
    return replace(document, links=kept)


def results_of(document: Document, limits: Limits | None = None) -> dict[str, Result]:
    plan = plan_of(document)
    return {one.rule.code: one for one in assess(plan, schedule(plan.network), limits=limits)}
