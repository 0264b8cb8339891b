"""Findings of the checks: all that the reader may see, and those of one entity."""

from __future__ import annotations

from collections import Counter

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.checks import SEVERITIES, checks_for, counts, findings, findings_for
from stellwerk.core.registry import ENTITIES
from stellwerk.core.views.shared import entity

PAGE = 100


@require_safe
@signed_in
def finding_list(request: HttpRequest) -> HttpResponse:
    """``?severity=major``, ``?kind=portfolio.project`` and ``?check=PRJ001`` narrow the list."""
    user = actor(request)
    severity, kind, code = (request.GET.get(name, "") for name in ("severity", "kind", "check"))
    known = checks_for(user)
    wanted = [row for row in known if (not kind or row.entity == kind) and (not code or row.code == code)]
    found = findings(user, checks=wanted)
    numbers = counts(found)
    shown = [row for row in found if not severity or row.severity == severity]
    by_check = Counter(row.check.code for row in found)
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "total": len(found), "numbers": [(code, SEVERITIES[code], count) for code, count in numbers.items()],
        "severity": severity, "kind": kind, "code": code, "checks": [(row, by_check[row.code]) for row in known],
        "kinds": [ENTITIES[label] for label in sorted({row.entity for row in known})],
        "worst": numbers["critical"] + numbers["major"],
    }  # fmt: skip
    return render(request, "core/findings.html", context)


@require_safe
@signed_in
def of_entity(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    obj = entity(request, label, pk)
    return render(request, "core/entity_findings.html", {"object": obj, "findings": findings_for(obj, actor(request))})
