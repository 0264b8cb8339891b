"""Duplicates: suggestions, comparison side by side, merge."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import actor, fetch, signed_in
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.merge import compare, merge, mergeable_fields, references, suggestions
from stellwerk.core.pages.undo import offer_undo
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES, EntityType
from stellwerk.core.search import lookup_rows
from stellwerk.core.views.shared import done, entity, number, page_of, said


def _kind(request: HttpRequest, label: str) -> EntityType:
    kind = ENTITIES.get(label)
    if kind is None or not hasattr(kind.model, "archived_at"):  # parts (a gate, a baseline) are not merged
        raise Http404
    if not can(request.user, "merge", label):
        raise NotAllowed()
    return kind


@require_safe
@signed_in
def duplicates(request: HttpRequest, label: str) -> HttpResponse:
    """Pairs that may be the same, most alike first."""
    kind = _kind(request, label)
    return render(
        request, "core/duplicates.html", {"kind": kind, "label": label, "pairs": suggestions(actor(request), kind)}
    )


@require_safe
@signed_in
def start(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Choose the duplicate of an entity."""
    _kind(request, label)
    obj = entity(request, label, pk, "merge")
    other = number(request.GET.get("other"))
    if other is not None:
        return redirect("core:merge", label, pk, other)
    query = request.GET.get("q", str(obj))[:100]
    rows = [row for row in lookup_rows(actor(request), ENTITIES[label], query) if row.pk != pk][:20]
    return render(request, "core/merge_start.html", {"object": obj, "label": label, "rows": rows, "query": query})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def compare_page(request: HttpRequest, label: str, pk: int, other: int) -> HttpResponse:
    """Both entities side by side; POST merges the second into the first."""
    kind = _kind(request, label)
    user = actor(request)
    keep: Any = entity(request, label, pk, "merge")
    lose: Any = fetch(user, kind.model, "merge", pk=other)
    names = {column.name for column in mergeable_fields(kind.model)}
    choices = {name: request.POST[name] for name in names if request.POST.get(name) in {"keep", "lose"}}
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            found = merge(
                keep, lose, choices=choices, by=user, reason=request.POST.get("reason", ""),
                versions=(number(request.POST.get("keep_version")), number(request.POST.get("lose_version"))),
            )  # fmt: skip
        except Refused as error:
            refusal = error
            keep.refresh_from_db()
            lose.refresh_from_db()
        else:
            text = _("“%(lose)s” has been merged into “%(keep)s”.") % {"lose": lose, "keep": keep}
            offer_undo(request, found)
            return done(request, text, page_of(keep))
    rows = [
        {"row": row, "take": choices.get(row.name, row.take), "input": row.name} for row in compare(keep, lose, user)
    ]
    context = {
        "object": keep, "keep": keep, "lose": lose, "rows": rows, "references": references(lose), "label": label,
        "refusal": refusal, "refusal_text": said(refusal) if refusal else "", "reason": request.POST.get("reason", ""),
        "swap": reverse("core:merge", args=[label, other, pk]),
    }  # fmt: skip
    return render(request, "core/merge.html", context, status=refusal.status if refusal else 200)
