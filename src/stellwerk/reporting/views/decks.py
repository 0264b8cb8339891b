"""The steering committee's deck as a file, and the templates that it is drawn on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch, signed_in
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.jobs.selectors import job_for
from stellwerk.core.models import JobState, User
from stellwerk.core.pages.inputs import parse_day
from stellwerk.core.permissions import can, visible_rows
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting import pack
from stellwerk.reporting.forms import TemplateForm
from stellwerk.reporting.models import DeckTemplate
from stellwerk.reporting.services import decks

JOB = "reporting.render_deck"


@require_http_methods(["GET", "HEAD", "POST"])
@access("export", "portfolio.portfolio")
def deck_page(request: HttpRequest, key: str = "") -> HttpResponse:
    """Choose portfolio, date, language and format; the deck is made in the background."""
    user = actor(request)
    portfolios = pack.visible_portfolios(user)
    wanted = key or request.GET.get("portfolio", "") or request.POST.get("portfolio", "")
    chosen = next((row for row in portfolios if row.key == wanted), None)
    if wanted and chosen is None:
        raise Http404(_("This portfolio does not exist, or you may not make a deck of it."))
    chosen = chosen or (portfolios[0] if portfolios else None)
    context = _context(request, user, portfolios, chosen)
    if request.method == "POST" and chosen is not None:
        try:
            day = _day(request.POST.get("date", ""))
            lang, fmt = request.POST.get("lang", ""), request.POST.get("fmt", "")
            job = decks.request_deck(portfolio=chosen, data_date=day, lang=lang, fmt=fmt, by=user)
        except Refused as refusal:
            return render(request, "reporting/deck.html", context | {"refusal": refusal}, status=refusal.status)
        return redirect("jobs:detail", uid=job.uid)
    return render(request, "reporting/deck.html", context)


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise Invalid({"date": [str(error)]}) from error


def _context(request: HttpRequest, user: User, portfolios: list[Portfolio], chosen: Portfolio | None) -> dict[str, Any]:
    dates = pack.dates_of(chosen) if chosen else []
    return {
        "portfolios": portfolios,
        "chosen": chosen,
        "dates": [{"value": day.isoformat(), "label": formats.day(day)} for day in dates],
        "date": request.POST.get("date") or request.GET.get("date", ""),
        "lang": request.POST.get("lang") or request.LANGUAGE_CODE,
        "fmt": request.POST.get("fmt") or "pptx",
        "formats": [("pptx", _("PowerPoint, editable")), ("pdf", _("PDF")), ("xlsx", _("Excel, all figures"))],
        "languages": [("de", "Deutsch"), ("en", "English")],
        "template": decks.active_template(chosen) if chosen else None,
        "recent": user.jobs.filter(name=JOB, state=JobState.DONE).order_by("-pk")[:8],
        "may_upload": can(user, "create", "reporting.decktemplate"),
        "refusal": None,
    }


@require_safe
@signed_in
def deck_file(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The finished file, for the person who asked for it."""
    user = actor(request)
    job = job_for(user, uid)
    if job.name != JOB or job.user_id != user.pk or job.state != JobState.DONE:
        raise Http404(_("This deck does not exist."))
    found = decks.file_of(job)
    if found is None:
        raise Http404(_("This deck has been tidied away after a week: make it again."))
    path, name, content_type = found
    return FileResponse(default_storage.open(path, "rb"), as_attachment=True, filename=name, content_type=content_type)


# ── templates ────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "reporting.decktemplate")
def template_list(request: HttpRequest) -> HttpResponse:
    """The organisation's own PowerPoint templates; a new one is checked before it is kept."""
    user = actor(request)
    organisations = list(visible_rows(user, Organisation.objects.filter(archived_at=None)))
    context: dict[str, Any] = {
        "templates": visible_rows(user, DeckTemplate.objects.select_related("organisation", "attachment__uploaded_by")),
        "organisations": organisations,
        "may_upload": can(user, "create", "reporting.decktemplate"),
        "error": "",
    }
    if request.method != "POST":
        return render(request, "reporting/template_list.html", context)
    form = TemplateForm(request.POST, request.FILES)
    if not form.is_valid():
        context["error"] = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return render(request, "reporting/template_list.html", context, status=422)
    organisation = fetch(user, Organisation, pk=form.cleaned_data["organisation"])
    try:
        template = decks.upload_template(
            organisation=organisation, name=form.cleaned_data["name"], file=form.cleaned_data["file"], by=user
        )
    except Invalid as refusal:
        context["error"] = " ".join(text for texts in refusal.errors.values() for text in texts)
        return render(request, "reporting/template_list.html", context, status=refusal.status)
    messages.success(request, _("“%(name)s” is in use from now on.") % {"name": template.name})
    return redirect("reporting:template-list")


@require_POST
@access("edit", "reporting.decktemplate")
def template_switch(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    template = fetch(user, DeckTemplate.objects.select_related("organisation"), "edit", pk=pk)
    decks.use_template(template=template, active=request.POST.get("active") == "1", by=user)
    return redirect("reporting:template-list")
