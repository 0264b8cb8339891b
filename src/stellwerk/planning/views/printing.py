"""The chart of a plan as a file: PDF to print, SVG to draw on."""

from __future__ import annotations

import uuid
from typing import Any, Final, cast

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core.access import access, actor
from stellwerk.core.jobs.selectors import job_for
from stellwerk.core.models import User
from stellwerk.planning.models import Plan
from stellwerk.planning.printing.chart import FORMATS, NO_BASELINE, Format, render
from stellwerk.planning.printing.refusing import TooManyPages, unknown, wrong
from stellwerk.planning.printing.sheet import AUTO, MOST_AT_ONCE, MOST_IN_JOB
from stellwerk.planning.printing.stored import JOB, file_of, request_chart
from stellwerk.planning.views.plan import plan_or_404

TYPES: Final = {"pdf": "application/pdf", "svg": "image/svg+xml"}
LANGUAGES: Final = ("de", "en")


@require_safe
@access("export", "portfolio.project")
def plan_export(request: HttpRequest, key: str) -> HttpResponseBase:
    """``?format=pdf|svg&paper=a3|a4&zoom=auto|week|month|quarter|year&baseline=<number>|none&level=&columns=wbs,name,…&lang=``.

    More pages than somebody waits for are drawn by a job; ``?job=`` gives its file.
    """
    plan = plan_or_404(actor(request), key, "export")
    asked = request.GET
    if "job" in asked:
        return _finished(actor(request), plan, asked["job"])
    fmt = asked.get("format") or "pdf"
    if fmt not in FORMATS:
        raise unknown("format", FORMATS)
    language = asked.get("lang") or request.LANGUAGE_CODE
    columns = tuple(part.strip() for part in asked.get("columns", "").split(",") if part.strip())
    options: dict[str, Any] = {
        "language": language if language in LANGUAGES else "de",
        "baseline": NO_BASELINE if asked.get("baseline") == "none" else _number(asked, "baseline"),
        "columns": columns or None,
        "zoom": asked.get("zoom") or AUTO,
        "paper": asked.get("paper") or "a3",
        "level": _number(asked, "level"),
    }
    try:
        content = render(plan, cast(Format, fmt), most_pages=MOST_AT_ONCE, **options)
    except TooManyPages as refusal:
        if refusal.pages > MOST_IN_JOB:
            raise
        return redirect("jobs:detail", uid=request_chart(plan, options, actor(request)).uid)
    name = f"{plan.key}-{timezone.localdate().isoformat()}.{fmt}"
    return _download(HttpResponse(content, content_type=TYPES[fmt]), name)


def _download(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _finished(user: User, plan: Plan, text: str) -> HttpResponseBase:
    """The file that a job has drawn, for the person who asked for it."""
    try:
        job = job_for(user, uuid.UUID(text))
    except ValueError as error:
        raise Http404 from error
    found = (
        file_of(job) if job.name == JOB and job.user_id == user.pk and job.arguments.get("plan") == plan.pk else None
    )
    if found is None:
        raise Http404(_("This file has been tidied away after a week: draw it again."))
    path, name, content_type = found
    return _download(FileResponse(default_storage.open(path, "rb"), content_type=content_type), name)


def _number(asked: QueryDict, name: str) -> int | None:
    """A whole number of the address, None where it is empty."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise wrong(name, _("“%(option)s” is a whole number.") % {"option": name})
    return int(text)
