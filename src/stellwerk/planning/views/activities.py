"""One activity: what the plan says of it, how far it is, what is written about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, StaleEdit
from stellwerk.core.permissions import can, require
from stellwerk.planning.forms_progress import ProgressForm
from stellwerk.planning.models import Activity
from stellwerk.planning.selectors.activities import facts_of, findings_of, neighbours_of
from stellwerk.planning.services.editing import edit_plan
from stellwerk.portfolio.views.common import page, refused, version_of


@access("view", "planning.activity")
def activity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    rows = Activity.objects.select_related(
        "plan__project__portfolio__unit", "plan__calendar", "responsible", "calendar"
    )
    activity = fetch(user, rows, pk=pk)
    may_report = can(user, "progress", activity) and not activity.summary and not activity.plan.project.archived
    form = ProgressForm(request.POST or None, activity=activity)
    if request.method == "POST":
        require(user, "progress", activity)
        if form.is_valid():
            try:
                edit_plan(
                    plan=activity.plan,
                    by=user,
                    operations=[_operation(request, activity, form)],
                    reason=form.cleaned_data["reason"],
                )
            except (Invalid, StaleEdit) as error:
                refused(form, error)
            else:
                messages.success(request, _("Progress saved."))
                return redirect("planning:activity-detail", pk=activity.pk)
    before, after = neighbours_of(activity, user)
    context = {
        "object": activity, "activity": activity, "project": activity.plan.project, "facts": facts_of(activity, user),
        "findings": findings_of(activity), "before": before, "after": after, "form": form, "may_report": may_report,
        "see_plan": can(user, "view", activity.plan), "plan_url": f"{reverse('planning:plan', args=[activity.plan.key])}#row-{activity.pk}",
    }  # fmt: skip
    return page(request, "planning/activity_detail.html", context, invalid=form.is_bound and bool(form.errors))


def _operation(request: HttpRequest, activity: Activity, form: ProgressForm) -> dict[str, Any]:
    return {"op": "set", "row": activity.pk, "version": version_of(request), "values": form.changes()}
