"""Signs of life and progress of running jobs, visible while the job's own transaction is open.

On PostgreSQL they stand in the job's row, written through a second connection. The embedded database has one writer at a
time, so there they stand in ``<data folder>/run``: one small file per running job, renewed by its worker.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import platform
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from stellwerk.core.models import Job


def lease() -> dt.timedelta:
    """How long a job belongs to a worker that gives no sign of life."""
    return dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def new_worker_name() -> str:
    """``host:process:random``: unique also after a restart with the same process number."""
    return f"{platform.node()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def by_files() -> bool:
    return connection.vendor == "sqlite"


@dataclass(frozen=True)
class Sign:
    """What a running job last told."""

    done: int
    total: int
    message: str
    seen_at: float


def _folder() -> Path:
    folder: Path = settings.HOME / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _progress_file(uid: str) -> Path:
    return _folder() / f"{uid}.progress"


def _cancel_file(uid: str) -> Path:
    return _folder() / f"{uid}.cancel"


def write_sign(uid: str, done: int, total: int, message: str) -> None:
    target = _progress_file(uid)
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps([done, total, message]), encoding="utf-8")
    fresh.replace(target)


def read_sign(uid: str) -> Sign | None:
    """The last sign of a running job on the embedded database; None where there is none."""
    file = _progress_file(uid)
    try:
        done, total, message = json.loads(file.read_text(encoding="utf-8"))
        return Sign(int(done), int(total), str(message), file.stat().st_mtime)
    except (OSError, ValueError):
        return None


def ask_to_stop(uid: str) -> None:
    _cancel_file(uid).touch()


def asked_to_stop(uid: str) -> bool:
    return _cancel_file(uid).exists()


def forget(uid: str) -> None:
    """The job is over: its files go."""
    for file in (_progress_file(uid), _cancel_file(uid)):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def sweep(age: dt.timedelta) -> None:
    """Remove what killed processes left behind long ago."""
    before = time.time() - age.total_seconds()
    for file in _folder().iterdir():
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < before:
                file.unlink()


def with_sign(job: Job) -> Job:
    """``job`` with its newest progress (not saved)."""
    if job.state == "running" and by_files() and (sign := read_sign(str(job.uid))):
        job.done, job.total, job.message = sign.done, sign.total, sign.message
    return job


def alive(job: Job) -> bool:
    """On the embedded database: does the worker of a running job still give signs of life?"""
    sign = read_sign(str(job.uid)) if by_files() else None
    return sign is not None and time.time() - sign.seen_at < lease().total_seconds()


def gone(job: Job) -> bool:
    """On the embedded database: is the worker's process known to be dead, before its lease ends?"""
    host, _colon, rest = job.worker.partition(":")
    number = rest.split(":")[0]
    return by_files() and host == platform.node()[:60] and number.isdigit() and not _process_exists(int(number))


def _process_exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
