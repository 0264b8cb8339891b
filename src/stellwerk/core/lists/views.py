"""The pages of every list: table, fragment, export, inline edit, bulk edit, saved views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core.access import actor, fetch, signed_in
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.lists import editing, saved
from stellwerk.core.lists.body import content
from stellwerk.core.lists.cells import Presenter
from stellwerk.core.lists.export import FORMATS, export_list
from stellwerk.core.lists.page import ListPage
from stellwerk.core.lists.parsing import ListQuery, parse
from stellwerk.core.lists.reading import ListResult, filtered, read_list
from stellwerk.core.lists.spec import LISTS, BulkAction, Column, ListSpec
from stellwerk.core.models import SavedView, User
from stellwerk.core.pages.conflicts import choices_for
from stellwerk.core.permissions import require

TARGET = "list"


def list_spec(code: str) -> ListSpec:
    try:
        return LISTS[code]
    except KeyError:
        raise Http404(_("This list does not exist.")) from None


def list_page(
    request: HttpRequest,
    code: str,
    base_filter: Q | None = None,
    *,
    own: tuple[str, ...] = (),
    context: Mapping[str, Any] | None = None,
    template: str = "core/lists/page.html",
    count_hidden: bool = False,
) -> HttpResponseBase:
    """The whole page of a list: table, htmx fragment, export (``?export=xlsx``) and bulk edit (POST).

    ``base_filter`` narrows the list to the page's own subject (the projects of one portfolio); ``own`` names
    parameters of the address that belong to the page; ``context`` and ``template`` let a room draw more around it.
    The view that calls this checks the permission to view and must accept GET and POST.
    """
    user = actor(request)
    spec = list_spec(code)
    if request.method == "POST":
        return _bulk(request, spec, user, base_filter, own)
    form = request.GET.get("export", "")
    if form in FORMATS:
        return export_list(request, spec, user, form, base_filter, own)
    if not request.GET:
        address = saved.default_address(user, spec.code)
        if address:
            return HttpResponseRedirect(request.path + address)
    result = read_list(spec, user, request.GET, base_filter=base_filter, own=own, count_hidden=count_hidden)
    page = ListPage(request, result, user, own)
    if _tidy(request, result):
        return HttpResponseRedirect(page.address)
    fragment = bool(getattr(request, "htmx", False)) and request.headers.get("HX-Target") == TARGET
    data = {"list": page, "fragment": fragment, **(context or {})}
    response = render(request, "core/lists/fragment.html" if fragment else template, data)
    if fragment:
        response["HX-Push-Url"] = page.address
    return response


def _tidy(request: HttpRequest, result: ListResult) -> bool:
    """Whether a form left empty parameters that the address does not need."""
    if result.problems or getattr(request, "htmx", False):
        return False
    return any(not value.strip() for values in request.GET.lists() for value in values[1])


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show(request: HttpRequest, code: str) -> HttpResponseBase:
    """Any registered list under one address (``/lists/portfolio.project``)."""
    spec = list_spec(code)
    require(actor(request), "view", spec.model)
    return list_page(request, code)


# ── one cell ─────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@signed_in
def cell(request: HttpRequest, code: str, pk: int, column: str) -> HttpResponse:
    """Edit one cell in place: GET answers the form, POST the new cell, or the form with the reason."""
    user = actor(request)
    spec = list_spec(code)
    found = spec.column(column)
    if found is None or not found.edit or found not in spec.columns_for(user):
        raise Http404(_("This list has no such column."))
    related = [name for name in spec.entity.related if "__" not in name]
    obj: Any = fetch(user, spec.model._default_manager.select_related(*related), "edit", pk=pk)
    if request.method == "GET":
        form = editing.field_form(spec, found, user, instance=obj)
        return _cell_form(request, spec, found, obj, form, obj.version)
    return _save_cell(request, spec, found, obj, user)


def _save_cell(request: HttpRequest, spec: ListSpec, column: Column, obj: Any, user: User) -> HttpResponse:
    form = editing.field_form(spec, column, user, instance=obj, data=request.POST)
    version = _version(request)
    if version is None:
        form.add_error(None, _("The form is out of date. Please reload the page."))
    if not form.is_valid():
        return _cell_form(request, spec, column, obj, form, version or obj.version)
    try:
        editing.save_cell(spec, obj, column, form.cleaned_data[column.edit], by=user, version=version)
    except StaleEdit as stale:
        choices = choices_for(obj, stale, version, user)
        return _cell_form(request, spec, column, obj, form, stale.current_version, choices=choices, stale=stale)
    except Invalid as refusal:
        form.take_errors(refusal)
        return _cell_form(request, spec, column, obj, form, version or obj.version)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _cell_form(request, spec, column, obj, form, version or obj.version)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(_back(request, spec))
    return _shown_cell(request, spec, column, obj.pk, user)


def _version(request: HttpRequest) -> int | None:
    """The version that the form showed, or None where it sent nothing usable."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _shown_cell(request: HttpRequest, spec: ListSpec, column: Column, pk: int, user: User) -> HttpResponse:
    query = ListQuery(spec, user, [column], [column], archived="all")
    from stellwerk.core.lists.reading import iterate

    rows = filtered(query, Q(pk=pk))
    row = next(iterate(query, rows, [column]), None)
    if row is None:
        return HttpResponse("–")
    result = ListResult(spec, query, user, [row], [], None)  # type: ignore[arg-type]
    presenter = Presenter(result)
    shown = next(presenter.rows())[2][0]
    return HttpResponse(content(shown))


def _cell_form(
    request: HttpRequest,
    spec: ListSpec,
    column: Column,
    obj: Any,
    form: Any,
    version: int,
    **extra: Any,
) -> HttpResponse:
    field = form.fields[column.edit]
    field.widget.attrs["aria-label"] = str(column.label)
    url = reverse("lists:cell", args=[spec.code, obj.pk, column.code])
    data = {
        "form": form,
        "field": form[column.edit],
        "url": url,
        "version": version,
        "column": column,
        "obj": obj,
        **extra,
    }
    fragment = bool(getattr(request, "htmx", False))
    return render(request, "core/lists/cell_form.html" if fragment else "core/lists/cell_page.html", data)


def _back(request: HttpRequest, spec: ListSpec) -> str:
    target = request.POST.get("next", "") or request.headers.get("Referer", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("lists:show", args=[spec.code])


# ── many rows ────────────────────────────────────────────────────────────────────────────────────


def _chosen(request: HttpRequest, spec: ListSpec, user: User, base_filter: Q | None, own: tuple[str, ...]) -> list[int]:
    """The numbers of the chosen rows: ticked ones, or all that the address shows."""
    if request.POST.get("all") == "1":
        query = parse(spec, request.GET, user, own)
        return list(filtered(query, base_filter).order_by("pk").values_list("pk", flat=True)[: editing.MAX_BULK + 1])
    return list(editing.parse_ids(",".join(request.POST.getlist("ids"))))


def _bulk(
    request: HttpRequest, spec: ListSpec, user: User, base_filter: Q | None, own: tuple[str, ...]
) -> HttpResponseBase:
    """Preview, then apply: ``bulk`` says which field (``field:<column>``) or action (``action:<code>``)."""
    kind, _sep, code = request.POST.get("bulk", "").partition(":")
    back = request.get_full_path()
    if request.POST.get("apply"):
        seen = editing.parse_ids(request.POST.get("seen", ""))
    else:
        seen = dict.fromkeys(_chosen(request, spec, user, base_filter, own))
    if not seen:
        messages.warning(request, _("Choose rows first."))
        return HttpResponseRedirect(back)
    if kind == "field":
        column = spec.column(code or request.POST.get("field", ""))
        if column is None or column not in editing.editable_columns(spec, user):
            raise NotAllowed(_("This column cannot be edited here."))
        return _bulk_field(request, spec, column, user, seen, back)
    action = next((one for one in spec.actions if one.code == code), None)
    if kind != "action" or action is None:
        raise Refused(_("This action does not exist here."), code="unknown_action")
    require(user, action.verb, spec.model)
    return _bulk_action(request, spec, action, user, seen, back)


def _bulk_field(
    request: HttpRequest, spec: ListSpec, column: Column, user: User, seen: Mapping[int, int | None], back: str
) -> HttpResponseBase:
    rows = editing.chosen_rows(spec, user, list(seen))
    given = column.edit in request.POST or request.POST.get("preview") or request.POST.get("apply")
    example = rows[0] if rows else None
    form = editing.field_form(spec, column, user, instance=example, data=request.POST if given else None)
    if not given:
        form.initial = {}
    plan = None
    if given and form.is_valid():
        value = form.cleaned_data[column.edit]
        if request.POST.get("apply"):
            outcome = editing.apply_edit(spec, column, value, by=user, seen=seen)
            return _bulk_done(request, outcome, back)
        plan = editing.plan_edit(spec, column, value, rows, user)
    data = {
        "spec": spec, "column": column, "form": form, "field": form[column.edit], "plan": plan, "back": back,
        "bulk": f"field:{column.code}", "ids": ",".join(str(pk) for pk in seen), "count": len(rows),
    }  # fmt: skip
    return render(request, "core/lists/bulk.html", data)


def _bulk_action(
    request: HttpRequest, spec: ListSpec, action: BulkAction, user: User, seen: Mapping[int, int | None], back: str
) -> HttpResponseBase:
    if request.POST.get("apply"):
        return _bulk_done(request, editing.apply_action(spec, action, by=user, seen=seen), back)
    rows = editing.chosen_rows(spec, user, list(seen))
    data = {
        "spec": spec, "action": action, "plan": editing.plan_action(action, rows, user), "back": back,
        "bulk": f"action:{action.code}", "ids": ",".join(str(pk) for pk in seen), "count": len(rows),
    }  # fmt: skip
    return render(request, "core/lists/bulk.html", data)


def _bulk_done(request: HttpRequest, outcome: editing.BulkOutcome, back: str) -> HttpResponseBase:
    if outcome.changed:
        text = ngettext("%(count)s entry changed.", "%(count)s entries changed.", outcome.changed)
        messages.success(request, text % {"count": outcome.changed})
    for name, reason in outcome.refused[:10]:
        messages.warning(request, _("Not changed: %(name)s. %(reason)s") % {"name": name, "reason": reason})
    if outcome.change_set is not None:
        try:
            return HttpResponseRedirect(reverse("core:changeset", args=[outcome.change_set.uid]))
        except NoReverseMatch:
            pass
    return HttpResponseRedirect(back)


# ── saved views ──────────────────────────────────────────────────────────────────────────────────


def _page_back(request: HttpRequest, query: str) -> HttpResponse:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    return HttpResponseRedirect(target.partition("?")[0] + query)


@require_POST
@signed_in
def view_save(request: HttpRequest) -> HttpResponse:
    """Save the present address under a name (fields: page, name, query, shared, is_default, next)."""
    page = request.POST.get("page", "")[:80]
    query = request.POST.get("query", "")
    try:
        view = saved.save_view(
            by=actor(request),
            page=page,
            name=request.POST.get("name", ""),
            query=query,
            shared=bool(request.POST.get("shared")),
            is_default=bool(request.POST.get("is_default")),
        )
    except Invalid as refusal:
        _say(request, refusal)
        return _page_back(request, f"?{query}")
    messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return _page_back(request, f"?{view.query}{'&' if view.query else ''}view={view.pk}")


def _say(request: HttpRequest, refusal: Refused) -> None:
    if isinstance(refusal, Invalid):
        text = " ".join(text for texts in refusal.errors.values() for text in texts)
    else:
        text = f"{refusal.message} {refusal.what_to_do}"
    messages.error(request, text)


@require_POST
@signed_in
def view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename an own view, share it or keep it to oneself (fields: name, shared, version, query, next)."""
    user = actor(request)
    view = get_object_or_404(SavedView, pk=pk, user=user)
    shared = bool(request.POST.get("shared"))
    query = saved.saved_query(request.POST.get("query", view.query))
    try:
        view = saved.change_view(
            view, by=user, name=request.POST.get("name", ""), shared=shared, version=_version(request)
        )
    except Refused as refusal:
        _say(request, refusal)
    else:
        text = _("View “%(name)s” saved; all can see it.") if shared else _("View “%(name)s” saved; only you see it.")
        messages.success(request, text % {"name": view.name})
    return _page_back(request, f"?{query}{'&' if query else ''}view={view.pk}")


@require_POST
@signed_in
def view_default(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an own view the one that the page opens with; number 0 goes back to the standard view."""
    user = actor(request)
    view = get_object_or_404(SavedView, pk=pk, user=user) if pk else None
    page = view.page if view else request.POST.get("page", "")[:80]
    saved.set_default_view(view, by=user, page=page)
    messages.success(
        request, _("This page now opens with “%(name)s”.") % {"name": view.name if view else _("Standard")}
    )
    return _page_back(request, f"?{view.query}{'&' if view.query else ''}view={view.pk}" if view else "?view=standard")


@require_POST
@signed_in
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    view = get_object_or_404(SavedView, pk=pk, user=user)
    saved.delete_view(view, by=user)
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return _page_back(request, "?view=standard")
