"""What can run in the background: name, function, attempts, schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from stellwerk.core.errors import Text
from stellwerk.core.models import Job

F = TypeVar("F", bound=Callable[..., Any])
QUEUES = ("default", "mail")


@dataclass(frozen=True)
class JobType:
    """A registered job. ``every`` or ``daily_at`` (local time of the installation) put it on the schedule.

    ``atomic``: the function's writes and the mark "done" are one transaction. ``back_off``: the first wait before a
    retry in seconds, doubled each time, at most an hour. ``file``: the file that a finished job has made, as (path in the
    file storage, name, content type).
    """

    name: str
    function: Callable[..., Any]
    title: Text
    max_attempts: int = 3
    queue: str = "default"
    atomic: bool = False
    every: dt.timedelta | None = None
    daily_at: dt.time | None = None
    back_off: int = 10
    file: Callable[[Job], tuple[str, str, str] | None] | None = None


JOBS: dict[str, JobType] = {}


def job(
    name: str,
    *,
    title: Text,
    max_attempts: int = 3,
    queue: str = "default",
    atomic: bool = False,
    every: dt.timedelta | None = None,
    daily_at: dt.time | None = None,
    back_off: int = 10,
    file: Callable[[Job], tuple[str, str, str] | None] | None = None,
) -> Callable[[F], F]:
    """Register ``function(progress, **arguments)`` under a name such as ``portfolio.apply_import``.

    What it returns (JSON) becomes the job's result; ``progress.result_url`` is where its page leads when it is done.
    """
    if queue not in QUEUES:
        raise ValueError(f"unknown queue {queue!r}: use one of {', '.join(QUEUES)}")
    if every is not None and daily_at is not None:
        raise ValueError(f"{name}: give either every or daily_at")

    def register(function: F) -> F:
        JOBS[name] = JobType(name, function, title, max_attempts, queue, atomic, every, daily_at, back_off, file)
        return function

    return register


def job_type(name: str) -> JobType:
    try:
        return JOBS[name]
    except KeyError:
        raise KeyError(f"no job {name!r} is registered: decorate a function with @job in the app's jobs.py") from None


WARM_UPS: list[Callable[[], object]] = []


def register_warm_up(function: Callable[[], object]) -> Callable[[], object]:
    """What a worker makes ready in the background after its start (compiled code, for example), so that the first job need not wait."""
    WARM_UPS.append(function)
    return function
