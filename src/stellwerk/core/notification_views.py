"""The bell: list, drop-down, open one, mark as read."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.models import Notification
from stellwerk.core.notify import mark_read, unread_count

PAGE = 50
DROPDOWN = 8


@require_safe
@signed_in
def notification_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    rows = Notification.objects.filter(user=user)
    only_new = request.GET.get("new") == "1"
    if only_new:
        rows = rows.filter(read_at__isnull=True)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "only_new": only_new, "unread": unread_count(user)}
    return render(request, "core/notifications/notification_list.html", context)


@require_safe
@signed_in
def dropdown(request: HttpRequest) -> HttpResponse:
    """The newest lines, as a fragment for the bell (``?format=json``: as data)."""
    user = actor(request)
    rows = list(Notification.objects.filter(user=user)[:DROPDOWN])
    unread = unread_count(user)
    if request.GET.get("format") == "json":
        items = [
            {
                "id": row.pk,
                "title": row.title,
                "text": row.text,
                "url": row.url,
                "at": row.created_at,
                "new": not row.read_at,
            }
            for row in rows
        ]
        return JsonResponse({"unread": unread, "items": items})
    return render(request, "core/notifications/dropdown.html", {"rows": rows, "unread": unread})


@require_POST
@signed_in
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one line as read and go where it leads."""
    user = actor(request)
    row = get_object_or_404(Notification, pk=pk, user=user)
    mark_read(user, [row.pk])
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"unread": unread_count(user)})
    safe = url_has_allowed_host_and_scheme(row.url, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(row.url) if row.url and safe else redirect("notifications:list")


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponse:
    count = mark_read(actor(request))
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"unread": 0})
    messages.success(
        request,
        ngettext("%(count)s notification is read.", "%(count)s notifications are read.", count) % {"count": count},
    )
    return redirect("notifications:list")
