"""Transitions, history, archive, watching and remote selects of every registered entity."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import services
from stellwerk.core.access import actor, signed_in
from stellwerk.core.errors import Invalid, Refused, StaleEdit
from stellwerk.core.history import entries_of, lines
from stellwerk.core.pages.forms import go
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES, entity_type, machine_of
from stellwerk.core.search import lookup_rows
from stellwerk.core.states import advance, label_of, offers
from stellwerk.core.views.shared import back, done, entity, number, page_of, said
from stellwerk.core.watching import is_watching, unwatch, watch

HISTORY_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def transition(request: HttpRequest, label: str, pk: int, step: str) -> HttpResponse:
    """Do a step of the state machine; GET shows the dialog as a page (and for browsers without scripts)."""
    obj: Any = entity(request, label, pk)
    user = actor(request)
    machine = machine_of(obj)
    if machine is None:
        raise Http404
    chosen = machine.transition(step)
    target = back(request, page_of(obj))
    offer = next((row for row in offers(obj, user) if row.transition is chosen), None)
    context = {
        "object": obj, "step": chosen, "offer": offer, "back": target, "state": label_of(obj), "label": label,
        "version": getattr(obj, "version", None), "reason": request.POST.get("reason", ""), "refusal": None, "reason_error": "",
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "core/transition.html", context)
    try:
        advance(obj, step, by=user, version=number(request.POST.get("version")), reason=context["reason"])
    except Invalid as refusal:
        context["reason_error"] = " ".join(refusal.errors.pop("reason", []))
        context["refusal"] = refusal if refusal.errors else None
        context["details"] = said(refusal)
        return render(request, "core/transition.html", context, status=refusal.status)
    except Refused as refusal:
        obj.refresh_from_db()
        context |= {"refusal": refusal, "state": label_of(obj), "version": getattr(obj, "version", None)}
        context["stale"] = isinstance(refusal, StaleEdit)
        return render(request, "core/transition.html", context, status=refusal.status)
    obj.refresh_from_db()
    text = _("“%(name)s”: %(step)s. New state: %(state)s.")
    return done(request, text % {"name": obj, "step": chosen.label, "state": label_of(obj)}, target)


@require_safe
@signed_in
def history(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Everything that happened to an entity."""
    obj = entity(request, label, pk)
    page = Paginator(entries_of(obj), HISTORY_PAGE).get_page(request.GET.get("page"))
    context = {
        "object": obj, "kind": entity_type(label), "page": page, "lines": lines(page.object_list, actor(request), obj),
    }  # fmt: skip
    return render(request, "core/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def archive(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Archive an entity after a question; it keeps its history and references."""
    return _archive_or_restore(request, label, pk, restoring=False)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def restore(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    return _archive_or_restore(request, label, pk, restoring=True)


def _archive_or_restore(request: HttpRequest, label: str, pk: int, *, restoring: bool) -> HttpResponse:
    obj: Any = entity(request, label, pk, "archive")
    if not hasattr(obj, "archived_at"):
        raise Http404
    target = back(request, page_of(obj))
    refusal: Refused | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            if restoring:
                services.restore(obj, by=actor(request), reason=reason)
            else:
                services.archive(obj, by=actor(request), version=number(request.POST.get("version")), reason=reason)
        except Refused as error:
            refusal = error
            obj.refresh_from_db()
        else:
            text = _("“%(name)s” has been restored.") if restoring else _("“%(name)s” has been archived.")
            return done(request, text % {"name": obj}, target)
    context = {
        "object": obj, "label": label, "restoring": restoring, "refusal": refusal, "back": target,
        "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "core/archive.html", context, status=refusal.status if refusal else 200)


@require_POST
@signed_in
def watch_toggle(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Follow an entity, or no longer."""
    obj = entity(request, label, pk)
    user = actor(request)
    wanted = request.POST.get("watch")
    follow = wanted == "1" if wanted in {"0", "1"} else not is_watching(obj, user)
    if follow:
        watch(obj, by=user)
    else:
        unwatch(obj, by=user)
    text = (
        _("You follow “%(name)s”: its news stand under the bell.") if follow else _("You no longer follow “%(name)s”.")
    )
    if getattr(request, "htmx", False):
        context = {"object": obj, "watching": follow}
        return render(request, "core/watch_button.html", context)
    messages.success(request, text % {"name": obj})
    return go(request, back(request, page_of(obj)))


@require_safe
@signed_in
def lookup(request: HttpRequest, label: str) -> JsonResponse:
    """Options of a remote select: entities of one kind that the user may see."""
    kind = ENTITIES.get(label)
    user = actor(request)
    if kind is None or not can(user, "view", label):
        raise Http404
    rows = lookup_rows(user, kind, request.GET.get("q", "")[:100])
    results = [{"value": str(row.pk), "label": str(row), "hint": str(getattr(row, "key", "") or "")} for row in rows]
    return JsonResponse({"results": results})
