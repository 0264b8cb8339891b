"""Voluntary self-disclosure of the person, and what decisions say about scores and groups."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, signed_in
from stellwerk.staffing.forms_fairness import DisclosureForm
from stellwerk.staffing.law.limits import LAW
from stellwerk.staffing.selectors.fairness import Sheet, sheet, told_by
from stellwerk.staffing.selectors.profile_pages import own_profile
from stellwerk.staffing.services.disclosure import disclose


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def own_disclosure(request: HttpRequest) -> HttpResponse:
    """The person alone reads and writes it."""
    user = actor(request)
    profile = own_profile(user)
    if profile is None:
        raise Http404(_("There is no profile for this account."))
    form = DisclosureForm(request.POST if request.method == "POST" else None, initial=told_by(profile.pk))
    if request.method == "POST" and form.is_valid():
        kept = disclose(profile=profile, values=form.cleaned_data, by=user)
        messages.success(request, _("Saved.") if kept else _("Nothing of it is kept any more."))
        return HttpResponseRedirect(reverse("staffing:me"))
    return render(request, "staffing/disclosure.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@access("view", "staffing.disclosure")
def fairness(request: HttpRequest) -> HttpResponse:
    """Sums only; the same figures as CSV."""
    found = sheet()
    if request.GET.get("as") == "csv":
        return _csv(found)
    return render(request, "staffing/fairness.html", {"sheet": found, "least": LAW.least_group})


def _csv(found: Sheet) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    writer = csv.writer(response)
    writer.writerow(("table", "trait", "decision", "group", "people", "chosen", "ratio", "below"))
    for stage in found.stages:
        for one in stage.groups:
            ratio = "" if one.ratio is None else one.ratio
            writer.writerow(("groups", stage.trait, stage.code, one.code, one.people, one.chosen, ratio, one.below))
    writer.writerow(
        ("table", "from", "below", "asked", "company_yes_percent", "person_yes_percent", "contract_percent")
    )
    for band in found.bands:
        writer.writerow(("scores", band.low, band.high, band.asked, band.company, band.person, band.contract))
    return response
