"""Jobs that only the tests know."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from stellwerk.core.errors import Refused
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import Setting


def note(line: str) -> None:
    """One line that survives a rollback and a kill."""
    with Path(settings.HOME / "runs.log").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@job("tests.count", title="Count")
def count(progress: Progress, *, to: int = 3, pause: float = 0) -> dict[str, Any]:
    note(f"start {progress.attempt} {os.getpid()}")
    for number in range(1, to + 1):
        progress.check_cancelled()
        progress.step(number, to, f"number {number}")
        time.sleep(pause)
    note(f"end {progress.attempt}")
    return {"counted": to}


@job("tests.write", title="Write", atomic=True)
def write(progress: Progress, *, name: str, pause: float = 0, only_first: bool = False) -> None:
    """Adds one to a setting inside the job's transaction; slow in the first attempt."""
    note(f"start {progress.attempt} {os.getpid()}")
    row, _created = Setting.objects.select_for_update().get_or_create(name=name, defaults={"value": 0})
    row.value += 1
    row.save()
    for number in range(20):
        progress.check_cancelled()
        progress.step(number, 20)
        if pause and not (only_first and progress.attempt > 1):
            time.sleep(pause / 20)
    note(f"end {progress.attempt}")


@job("tests.fail", title="Fail", max_attempts=3)
def fail(progress: Progress, *, times: int) -> str:
    if progress.attempt <= times:
        raise ConnectionError("the wire is cut")
    return "at last"


@job("tests.refuse", title="Refuse")
def refuse(progress: Progress) -> None:
    raise Refused("The file is empty.", "Choose another one.")
