"""Pages of background jobs: my jobs, one job with its progress, cancel and retry."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.jobs import life, queueing
from stellwerk.core.jobs.selectors import as_json, job_for, jobs_for
from stellwerk.core.models import JobState
from stellwerk.core.permissions import roles_of

PAGE = 50


@require_safe
@signed_in
def job_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    everybody = request.GET.get("all") == "1" and "administrator" in roles_of(user)
    rows = jobs_for(user, everybody)
    state = request.GET.get("state", "")
    if state in JobState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "jobs": [life.with_sign(job) for job in page],
        "everybody": everybody,
        "may_see_all": "administrator" in roles_of(user),
        "state": state,
        "states": JobState.choices,
    }
    return render(request, "core/jobs/job_list.html", context)


@require_safe
@signed_in
def job_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    job = job_for(actor(request), uid)
    context = {"job": job, "running": not job.finished, "again": job.state in {JobState.FAILED, JobState.CANCELLED}}
    return render(request, "core/jobs/job_detail.html", context)


@require_safe
@signed_in
def job_state(request: HttpRequest, uid: uuid.UUID) -> JsonResponse:
    """JSON for the progress component; never cached."""
    response = JsonResponse(as_json(job_for(actor(request), uid)))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@signed_in
def job_cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = actor(request)
    job = queueing.cancel(job_for(user, uid), by=user)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(as_json(job))
    if job.finished:  # a running job may hold the embedded database, where messages are kept
        messages.info(request, _("The job is cancelled."))
    return redirect("jobs:detail", uid=uid)


@require_POST
@signed_in
def job_retry(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = actor(request)
    job = queueing.retry(job_for(user, uid), by=user)
    messages.info(request, _("The job starts again."))
    return redirect("jobs:detail", uid=job.uid)
