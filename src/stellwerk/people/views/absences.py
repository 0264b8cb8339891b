"""Pages of absences and working patterns: by hand, and absences from a file with a preview."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core.access import access, actor
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.permissions import can
from stellwerk.people import services
from stellwerk.people.absence_files import Found, Reading, read_calendar, read_table
from stellwerk.people.forms_profile import AbsenceFileForm, AbsenceForm, PatternForm
from stellwerk.people.models import Absence, Person, WorkingPattern
from stellwerk.people.services.absence_import import Done, Plan, apply_import, plan_import, undo_import
from stellwerk.people.views.common import METHODS, Words, person_pages

SALT: Final = "people.absences"
HOURS: Final = dt.timedelta(hours=12)
"""How long a preview may be applied, and an import be taken back."""


@require_http_methods(METHODS)
@access("view", "people.absence")
def absence_list(request: HttpRequest) -> HttpResponseBase:
    context = {"imports": can(actor(request), "import", Absence)}
    return list_page(request, "people.absence", context=context, template="people/absence_list.html")


absence_create, absence_edit, absence_remove = person_pages(
    Absence, AbsenceForm, "absences",
    Words(
        gettext_lazy("New absence of %(name)s"), gettext_lazy("Absence of %(name)s"), gettext_lazy("The absence has been saved."),
        gettext_lazy("The absence has been removed."), entered=gettext_lazy("The absence has been entered."), submit=gettext_lazy("Enter"),
    ),
    enter=lambda values, by: services.enter_absence(values, by=by),
    change=lambda row, values, by, version, reason: services.edit_absence(row, values, by=by, version=version, reason=reason),
)  # fmt: skip


# ── from a file ──────────────────────────────────────────────────────────────────────────────────


@require_http_methods(METHODS)
@access("import", "people.absence")
def absence_import(request: HttpRequest) -> HttpResponse:
    """A calendar or a table: what each line would do. Nothing is kept until it is applied."""
    user = actor(request)
    posted = request.method == "POST"
    initial = {"person": request.GET.get("person", "")}
    form = AbsenceFileForm(
        request.POST if posted else None, request.FILES if posted else None, user=user, initial=initial
    )
    if not posted:
        return _import_page(request, form)
    if not form.is_valid():
        return _import_page(request, form, status=422)
    file, person = form.cleaned_data["file"], form.cleaned_data["person"]
    try:
        reading = _read(file.read(), file.name or "", person)
        plan = plan_import(reading, by=user, person=person, kind=form.cleaned_data["kind"])
    except Refused as refusal:
        return _import_page(request, form, refusal=refusal, status=422)
    sealed = _seal(user.pk, {"who": person.pk if person else None, "kind": form.cleaned_data["kind"], **_plain(plan)})
    return _import_page(request, form, plan=plan, sealed=sealed)


def _read(content: bytes, name: str, person: Person | None) -> Reading:
    """A calendar by its first line or its name, anything else as a table."""
    if name.lower().endswith(".ics") or content.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        zone = ZoneInfo(person.unit.organisation.time_zone) if person is not None else timezone.get_current_timezone()
        return read_calendar(content, zone)
    return read_table(content, name)


def _plain(plan: Plan) -> dict[str, Any]:
    """The lines to do, as they travel with the page."""
    return {"source": plan.source, "rows": [dataclasses.asdict(row.found) for row in plan.to_do]}


def _seal(user: int, data: dict[str, Any]) -> str:
    dates = {"rows": [{**row, "first": str(row["first"]), "last": str(row["last"])} for row in data.get("rows", [])]}
    return signing.dumps({**data, **dates, "user": user}, salt=SALT, compress=True)


def _unseal(request: HttpRequest) -> dict[str, Any]:
    """What this reader was shown. Errors: ``Refused`` when it is too old, changed, or somebody else's."""
    try:
        data: dict[str, Any] = signing.loads(request.POST.get("sealed", ""), salt=SALT, max_age=HOURS)
    except signing.BadSignature:
        data = {}
    if data.get("user") != actor(request).pk:
        raise Refused(_("This preview is no longer valid."), _("Choose the file once more."), code="stale_preview")
    return data


def _import_page(request: HttpRequest, form: AbsenceFileForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context.setdefault("back", reverse("people:absence-list"))
    return render(request, "people/absence_import.html", {"form": form, **context}, status=status)


@require_POST
@access("import", "people.absence")
def absence_import_apply(request: HttpRequest) -> HttpResponse:
    """Write what the preview showed, as far as it still fits."""
    user = actor(request)
    form = AbsenceFileForm(user=user)
    try:
        data = _unseal(request)
        if "rows" not in data:
            raise Invalid({"file": [_("There is nothing to apply.")]})
    except Refused as refusal:
        return _import_page(request, form, refusal=refusal, status=409)
    rows = [
        Found(**{**row, "first": dt.date.fromisoformat(row["first"]), "last": dt.date.fromisoformat(row["last"])})
        for row in data["rows"]
    ]
    person = form.fields["person"].queryset.filter(pk=data["who"]).first()  # type: ignore[attr-defined]
    plan = plan_import(Reading(data["source"], rows), by=user, person=person, kind=data["kind"])
    done = apply_import(plan, by=user)
    done.problems = [*plan.skipped, *done.problems]
    undo = _seal(user.pk, {"created": done.created, "changed": done.changed})
    return _import_page(request, form, done=done, undo=undo, count=len(done.created) + len(done.changed))


@require_POST
@access("import", "people.absence")
def absence_import_undo(request: HttpRequest) -> HttpResponse:
    """Take an import back; what somebody changed since stays."""
    user = actor(request)
    try:
        data = _unseal(request)
    except Refused as refusal:
        return _import_page(request, AbsenceFileForm(user=user), refusal=refusal, status=409)
    taken, left = undo_import(Done(created=data.get("created", []), changed=data.get("changed", [])), by=user)
    text = ngettext("%(count)s absence taken back.", "%(count)s absences taken back.", taken) % {"count": taken}
    if left:
        text += " " + ngettext(
            "%(count)s has been changed since and stays.", "%(count)s have been changed since and stay.", left
        ) % {"count": left}
    messages.success(request, text)
    return HttpResponseRedirect(reverse("people:absence-list"))


# ── working patterns ─────────────────────────────────────────────────────────────────────────────


pattern_create, pattern_edit, pattern_remove = person_pages(
    WorkingPattern, PatternForm, "pattern",
    Words(
        gettext_lazy("New working pattern of %(name)s"), gettext_lazy("Working pattern of %(name)s"),
        gettext_lazy("The working pattern has been saved."), gettext_lazy("The working pattern has been removed."),
        sub=gettext_lazy("It holds until the next one begins."),
    ),
    enter=lambda values, by: services.set_pattern(values, by=by),
    change=lambda row, values, by, version, reason: services.edit_pattern(row, values, by=by, version=version, reason=reason),
    form_options=lambda person: {"person": person},
)  # fmt: skip
