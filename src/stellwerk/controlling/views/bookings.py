"""Bookings: the list, one of them with its source line and reversals, entries by hand; the work list of lines without a place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingSource
from stellwerk.controlling.forms_actuals import BookingForm, ReversalForm
from stellwerk.controlling.models import ActualsImport, Booking, CostType, MappingRule
from stellwerk.controlling.month_page import account_url, waiting_url
from stellwerk.controlling.selectors.bookings import MOST_ROWS, partners, waiting_objects, waiting_values
from stellwerk.controlling.selectors.periods import projects_of
from stellwerk.controlling.services.assigning import assign_account, assign_object, look_again, remove_rule
from stellwerk.controlling.services.manual import enter_booking, reverse_booking
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import url_of
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

BOOKING, IMPORT = "controlling.booking", "controlling.actualsimport"
RELATED = (
    "project__portfolio__unit",
    "project__programme",
    "activity",
    "cost_type",
    "cost_centre",
    "organisation",
    "batch",
)
MOST_PROJECTS = 1500


@access("view", BOOKING)
def booking_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, BOOKING, count_hidden=True)


@require_safe
@access("view", BOOKING)
def booking_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _booking(request, fetch(actor(request), Booking.objects.select_related(*RELATED), pk=pk))


def _booking(request: HttpRequest, booking: Booking, form: ReversalForm | None = None, problem: Refused | None = None) -> HttpResponse:  # fmt: skip
    user = actor(request)
    may = can(user, "import", ActualsImport(organisation=booking.organisation))
    others = partners(booking, visible_rows(user, Booking.objects.all()))
    reversible = may and booking.source == BookingSource.MANUAL and not booking.fingerprint.startswith("r")
    reversible = reversible and not any(other.fingerprint == f"r{booking.pk}" for other in others)
    context: dict[str, Any] = {
        "object": booking, "booking": booking, "others": others, "may_import": may, "reversible": reversible, "problem": problem,
        "form": form or ReversalForm(initial={"posted": timezone.localdate()}), "foreign": booking.currency != booking.project_currency,
        "hours": booking.minutes / 60 if may and booking.minutes is not None else None,
    }  # fmt: skip
    status = problem.status if problem else 422 if form is not None else 200
    return render(request, "controlling/booking_detail.html", context, status=status)


@access("import", IMPORT)
def booking_create(request: HttpRequest) -> HttpResponse:
    """Actual cost by hand."""
    user = actor(request)

    def save(values: dict[str, Any]) -> Booking:
        return enter_booking(by=user, **values)

    return create_page(
        request, BookingForm, save=save, title=_("New booking by hand"), submit=_("Book"), cancel=reverse("controlling:booking-list"),
        sub=_("For accruals and costs that the ERP does not know. It can be reversed, not changed."), message=_("Booked."),
    )  # fmt: skip


@require_POST
@access("import", IMPORT)
def booking_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a booking by hand back with one of the opposite sign."""
    user = actor(request)
    booking = fetch(user, Booking.objects.select_related(*RELATED), pk=pk)
    form = ReversalForm(request.POST)
    if not form.is_valid():
        return _booking(request, booking, form)
    try:
        back = reverse_booking(booking=booking, by=user, **form.cleaned_data)
    except Invalid as refusal:
        for name, texts in refusal.errors.items():
            form.add_error(name if name in form.fields else None, texts)
        return _booking(request, booking, form)
    except Refused as refusal:
        return _booking(request, booking, form, refusal)
    messages.success(request, _("The booking is reversed."))
    return HttpResponseRedirect(url_of(back))


# ── work list ────────────────────────────────────────────────────────────────────────────────────


@access("import", IMPORT)
def unmatched(request: HttpRequest) -> HttpResponse:
    """Lines of which nobody has said where they belong: by object, account and cost centre of the ERP, answered once."""
    given = request.POST if request.method == "POST" else request.GET
    companies = list(Organisation.objects.filter(archived_at=None).order_by("name"))
    organisation = next((one for one in companies if one.key == given.get("organisation")), None) or (companies[0] if companies else None)  # fmt: skip
    if organisation is None:
        return render(request, "controlling/unmatched.html", {"organisation": None})
    month, problem = _month(given.get("month", ""))
    typed: dict[str, str] = {}
    if request.method == "POST" and problem is None:
        typed = {name: str(value) for name, value in request.POST.items()}
        try:
            count = _answer(request, organisation)
        except Refused as refusal:
            problem = refusal
        else:
            text = ngettext("%(count)s line is assigned.", "%(count)s lines are assigned.", count)
            messages.success(request, text % {"count": formats.number(count)})
            where = {"organisation": organisation.key} | ({"month": m.code(month)} if month else {})
            return HttpResponseRedirect(f"{request.path}?{urlencode(where)}")
    objects = waiting_objects(organisation, month)
    rows = [
        {
            "row": row,
            "again": bool(typed) and typed.get("object") == row.name,
            "url": waiting_url(organisation, month, row),
        }
        for row in objects[:MOST_ROWS]
    ]
    accounts = waiting_values(organisation, "cost_type", "erp_account", month)[:MOST_ROWS]
    context = {
        "organisation": organisation, "companies": companies, "month": month, "month_code": m.code(month) if month else "",
        "rows": rows, "more": max(0, len(objects) - MOST_ROWS), "lines": sum(row.lines for row in objects), "problem": problem, "typed": typed,
        "accounts": [{"row": row, "url": account_url(organisation, month, row)} for row in accounts],
        "centres": waiting_values(organisation, "cost_centre", "erp_cost_centre", month)[:MOST_ROWS],
        "cost_types": CostType.objects.filter(archived_at=None), "projects": visible_rows(actor(request), projects_of(organisation)).filter(archived_at=None).order_by("key").values_list("key", "name")[:MOST_PROJECTS],
        "rules": _rules(actor(request), organisation),
    }  # fmt: skip
    return render(request, "controlling/unmatched.html", context, status=problem.status if problem else 200)


def _rules(user: User, organisation: Organisation) -> list[MappingRule]:
    """The rules; without those that lead to a project that the reader may not see."""
    seen = visible_rows(user, projects_of(organisation)).order_by().values("pk")
    rows = MappingRule.objects.filter(Q(project=None) | Q(project__in=seen), organisation=organisation)
    return list(rows.select_related("project", "activity")[:MOST_ROWS])


def _month(text: str) -> tuple[dt.date | None, Refused | None]:
    if not text:
        return None, None
    try:
        return m.parse(text), None
    except Invalid as refusal:
        return None, refusal


def _answer(request: HttpRequest, organisation: Organisation) -> int:
    """What the user says about one object, account or rule."""
    user, then = actor(request), request.POST.get("then", "assign")
    if then == "again":
        return look_again(organisation=organisation, by=user)
    if then == "rule":
        number = request.POST.get("rule", "")
        rule = MappingRule.objects.filter(organisation=organisation, pk=int(number) if number.isdigit() and len(number) < 15 else 0).first()  # fmt: skip
        if rule is None:
            raise Refused(_("This rule is no longer there."))
        remove_rule(rule=rule, by=user)
        return 0
    if then == "account":
        kind = CostType.objects.filter(key=request.POST.get("cost_type", ""), archived_at=None).first()
        if kind is None:
            raise Invalid({"cost_type": [_("Choose a cost type.")]}, _("Choose a cost type."))
        return assign_account(
            organisation=organisation, account=request.POST.get("account", ""), cost_type=kind, by=user
        )
    project, activity = _target(request, organisation) if then == "assign" else (None, None)
    return assign_object(
        organisation=organisation, erp_object=request.POST.get("object", ""), project=project, activity=activity, ignore=then == "ignore", by=user,
    )  # fmt: skip


def _target(request: HttpRequest, organisation: Organisation) -> tuple[Project, Activity | None]:
    key = request.POST.get("project", "").strip().split(" ")[0]
    project = visible_rows(actor(request), projects_of(organisation)).filter(key=key).first() if key else None
    if project is None:
        text = _("Choose a project, or say that this is not a project.") if not key else _("There is no project “%(key)s” in this legal entity.") % {"key": key[:40]}  # fmt: skip
        raise Invalid({"project": [text]}, text)
    wbs = request.POST.get("wbs", "").strip()
    activity = Activity.objects.filter(plan__project=project, wbs=wbs).first() if wbs else None
    if wbs and activity is None:
        text = _("The plan of this project has no work package “%(wbs)s”.") % {"wbs": wbs[:40]}
        raise Invalid({"wbs": [text]}, text)
    return project, activity
