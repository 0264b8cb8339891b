"""My day, the page that everybody starts with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.myday import day_of


@require_safe
@signed_in
def my_day(request: HttpRequest) -> HttpResponse:
    return render(request, "core/my_day.html", day_of(request, actor(request)))
