"""Background jobs in the API: how far one is, its result, and stopping it."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from stellwerk.core.models import Job


class JobOut(Schema):
    uid: UUID
    name: str
    title: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    message: str
    error: str
    result: Any = None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    url: str = Field(..., description="Where to ask again.")


def job_shown(job: Job) -> dict[str, Any]:
    return {
        "uid": job.uid,
        "name": job.name,
        "title": job.title,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "error": job.error,
        "result": job.result,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "url": f"/api/v1/jobs/{job.uid}",
    }
