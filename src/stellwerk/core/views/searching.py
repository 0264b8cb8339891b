"""The search page and the command palette."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.search import find, kinds_for, palette, places

LONGEST = 100


@require_safe
@signed_in
def results(request: HttpRequest) -> HttpResponse:
    """Everything that fits, by kind; ``?kind=portfolio.project`` narrows, ``?archived=1`` includes the archive."""
    user = actor(request)
    query = request.GET.get("q", "").strip()[:LONGEST]
    kind = request.GET.get("kind", "")
    archived = request.GET.get("archived") == "1"
    groups = find(user, query, labels=[kind] if kind else (), limit=50 if kind else 10, archived=archived)
    pages, actions = places(user, query) if query and not kind else ([], [])
    best = max((hit.score for group in groups for hit in group.hits), default=0.0)
    context = {
        "places_first": any(hit.score >= best for hit in [*pages, *actions]),
        "query": query, "kind": kind, "archived": archived, "groups": groups, "kinds": kinds_for(user), "pages": pages,
        "actions": actions, "count": sum(len(group.hits) for group in groups) + len(pages) + len(actions),
    }  # fmt: skip
    return render(request, "core/search.html", context)


@require_safe
@signed_in
def palette_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"groups": palette(actor(request), request.GET.get("q", "")[:LONGEST])})
