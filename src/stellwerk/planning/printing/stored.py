"""Charts of many pages: drawn by a job, kept for a week for the person who asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.erasure import emptied_folder
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import Job, User
from stellwerk.planning.models import Plan

JOB: Final = "planning.print"
FOLDER: Final = emptied_folder("plan-charts")  # a chart is drawn again with one click
KEPT: Final = dt.timedelta(days=7)
PDF: Final = "application/pdf"


def request_chart(plan: Plan, options: Mapping[str, Any], by: User) -> Job:
    """Queue the drawing; the same chart is drawn once at a time."""
    key = f"plan-print-{by.pk}-{plan.pk}-{plan.revision}-{'-'.join(map(str, options.values()))}"
    title = _("Chart of the plan %(name)s as PDF") % {"name": plan.project.name}
    return enqueue(JOB, {"plan": plan.pk, "options": dict(options)}, user=by, unique_key=key[:190], title=title)


def _path(uid: Any) -> str:
    return f"{FOLDER}/{uid}.pdf"


def keep(uid: Any, content: bytes) -> None:
    """Store the file of a job; a repeated attempt replaces it. What is older than a week goes."""
    if default_storage.exists(_path(uid)):
        default_storage.delete(_path(uid))
    default_storage.save(_path(uid), ContentFile(content))
    limit = timezone.now() - KEPT
    for name in default_storage.listdir(FOLDER)[1]:
        try:
            if default_storage.get_modified_time(f"{FOLDER}/{name}") < limit:
                default_storage.delete(f"{FOLDER}/{name}")
        except FileNotFoundError:
            continue


def file_of(job: Job) -> tuple[str, str, str] | None:
    """The finished chart of a job: path in the storage, name, content type; None once it has been tidied away."""
    result = job.result if isinstance(job.result, dict) else {}
    if "file" not in result or not default_storage.exists(_path(job.uid)):
        return None
    return _path(job.uid), str(result["file"]), PDF
