"""Change sets: what I changed in one go, what it did, and taking it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.changesets import KINDS, discard, is_large, items_by_kind, may_control, model_of, undo, undo_later
from stellwerk.core.errors import Refused
from stellwerk.core.history import hidden_fields, masked
from stellwerk.core.models import ChangeItem, ChangeSet, User
from stellwerk.core.pages.forms import go
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.core.registry import ENTITIES, url_of
from stellwerk.core.views.shared import back, said
from stellwerk.core.words import Words, currency_of, field_label

PAGE = 50
ITEMS = 100


def change_sets_for(user: User) -> Any:
    return ChangeSet.objects.filter(Q(created_by=user) | visible(user, ChangeSet)).select_related("created_by")


def _one(request: HttpRequest, uid: uuid.UUID) -> ChangeSet:
    found = change_sets_for(actor(request)).filter(uid=uid).first()
    if found is None:
        raise Http404(_("This page does not exist, or you may not see it."))
    return found  # type: ignore[no-any-return]


@require_safe
@signed_in
def changeset_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    wide = can(user, "view", "core.changeset")
    mine = not wide or request.GET.get("all") != "1"
    rows = ChangeSet.objects.filter(created_by=user).select_related("created_by") if mine else change_sets_for(user)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    sets = [
        {"set": row, "kind": KINDS.get(row.kind), "counts": row.plan.get("counts") or {}} for row in page.object_list
    ]
    return render(request, "core/changesets.html", {"page": page, "sets": sets, "mine": mine, "wide": wide})


@require_safe
@signed_in
def changeset_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _detail(request, _one(request, uid))


def _detail(request: HttpRequest, found: ChangeSet, refusal: Refused | None = None) -> HttpResponse:
    user = actor(request)
    page = Paginator(found.items.all(), ITEMS).get_page(request.GET.get("page"))
    did = dict(ChangeItem._meta.get_field("operation").flatchoices)
    counts = [
        {"kind": _kind_name(label, count), "operation": did.get(operation, operation), "count": count}
        for (label, operation), count in sorted(items_by_kind(found).items())
    ]
    context = {
        "set": found, "kind": KINDS.get(found.kind), "page": page, "counts": counts,
        "items": items_in_words(page.object_list, user), "may": may_control(found, user), "refusal": refusal,
        "undone": found.plan.get("undone"),
    }  # fmt: skip
    return render(request, "core/changeset.html", context, status=refusal.status if refusal else 200)


def _kind_name(label: str, count: int) -> str:
    model = model_of(label)
    if model is None:
        return label
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def items_in_words(items: Any, user: User) -> list[dict[str, Any]]:
    """Change items with the names of their rows and their values in words; hidden where the reader may not look."""
    rows: list[ChangeItem] = list(items)
    wanted: dict[str, set[int]] = {}
    for item in rows:
        wanted.setdefault(item.entity_type, set()).add(item.entity_id)
    objects: dict[tuple[str, int], Any] = {}
    for label, numbers in wanted.items():
        model = model_of(label)
        if model is None:
            continue
        found = model._default_manager.filter(pk__in=numbers)
        if label in ENTITIES:
            found = visible_rows(user, found).select_related(*ENTITIES[label].related)
        objects |= {(label, row.pk): row for row in found}
    words = Words(user)
    guarded = hidden_fields(user, [(item.entity_type, item.entity_id, item.after) for item in rows])
    return [
        _item(
            item,
            objects.get((item.entity_type, item.entity_id)),
            words,
            guarded.get((item.entity_type, item.entity_id), frozenset()),
        )
        for item in rows
    ]


def _item(item: ChangeItem, obj: Any, words: Words, guarded: frozenset[str]) -> dict[str, Any]:
    model = model_of(item.entity_type)
    hidden = obj is None and item.entity_type in ENTITIES and item.operation != "delete"
    changes = []
    currency = currency_of(obj)
    if model is not None and not hidden and item.operation == "update":
        for name, value in item.after.items():
            if name in {"version", "updated_at", "created_at"}:
                continue
            before, after = masked({name: [item.before.get(name), value]}, guarded)[name]
            old, new = (words.value(model, name, raw, currency) for raw in (before, after))
            changes.append({"label": field_label(model, name), "old": old, "new": new})
    name = str(obj) if obj is not None else (_("(not visible to you, or no longer there)") if hidden else "")
    return {
        "operation": item.get_operation_display(), "kind": str(model._meta.verbose_name) if model else item.entity_type,
        "name": name or f"#{item.entity_id}", "key": getattr(obj, "key", ""), "url": _url(obj), "changes": changes,
    }  # fmt: skip


def _url(obj: Any) -> str:
    from django.urls import NoReverseMatch

    try:
        return url_of(obj) if obj is not None else ""
    except NoReverseMatch:
        return ""


@require_POST
@signed_in
def changeset_undo(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take a set back, a large one in the background; overlaps are named on the set's page."""
    found = _one(request, uid)
    user = actor(request)
    try:
        if is_large(found):
            return go(request, reverse("jobs:detail", args=[undo_later(found, by=user).uid]))
        result = undo(found, by=user)
    except Refused as refusal:
        if getattr(request, "htmx", False):
            raise
        return _detail(request, found, refusal)
    text = _("“%(title)s” has been taken back.") % {"title": found.title}
    messages.success(request, f"{text} {result.in_words()}".strip())
    return go(request, back(request, url_of(found)))


@require_POST
@signed_in
def changeset_discard(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    found = _one(request, uid)
    try:
        discard(found, by=actor(request))
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("The preview has been discarded."))
    return go(request, back(request, url_of(found)))
