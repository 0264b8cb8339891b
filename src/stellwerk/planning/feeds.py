"""iCalendar feeds of milestones (RFC 5545): one's own, or those of a project, under a secret address.

The secret is an API token that opens nothing but its feed: only its hash is kept, it is revoked with one click, and what
it shows is asked anew at each fetch, by the permissions that its user has then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any, Final

import structlog
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from icalendar import Calendar, Event

from stellwerk.core import formats
from stellwerk.core.access import actor, fetch, public, signed_in
from stellwerk.core.api.auth import create_token, revoke_token
from stellwerk.core.models import ApiToken, User
from stellwerk.core.permissions import can, visible
from stellwerk.planning.models import Activity
from stellwerk.planning.selectors.milestones import Milestone, milestone_rows, my_milestones, read_milestones
from stellwerk.planning.services.figures import plan_url
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.views.common import page

SCOPE: Final = "read:calendar"
"""A scope that no resource of the API has: with ``:<number>`` behind it, the feed is that of a project."""
BACK: Final = dt.timedelta(days=400)
MOST: Final = 5000


def feeds_of(user: User) -> list[ApiToken]:
    return [token for token in ApiToken.objects.filter(user=user, revoked_at=None) if _scope(token) is not None]


def _scope(token: ApiToken) -> str | None:
    return next((scope for scope in token.scopes if scope == SCOPE or scope.startswith(f"{SCOPE}:")), None)


def create_feed(*, user: User, project: Project | None) -> tuple[ApiToken, str]:
    """A new feed and its secret, which is shown once. Errors: ``NotAllowed`` where the user may not see the project."""
    if project is None:
        return create_token(user=user, by=user, name=_("Calendar: my milestones"), scopes=[SCOPE], days=None)
    name = _("Calendar: %(project)s") % {"project": project.key}
    return create_token(user=user, by=user, name=name[:80], scopes=[f"{SCOPE}:{project.pk}"], days=None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def feed_list(request: HttpRequest) -> HttpResponse:
    """One's feeds: subscribe (the address is shown on this answer only), revoke."""
    user = actor(request)
    asked = (request.POST if request.method == "POST" else request.GET).get("project", "")
    project = fetch(user, Project, key=asked) if asked else None
    address = ""
    if request.method == "POST":
        _token, secret = create_feed(user=user, project=project)
        address = request.build_absolute_uri(reverse("planning:feed", args=[secret]))
    context = {
        "feeds": feeds_of(user), "address": address, "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
        "project": project, "may": can(user, "view", "portfolio.project"),
    }  # fmt: skip
    answer = page(request, "planning/feeds.html", context)
    if address:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@signed_in
def feed_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    token = get_object_or_404(ApiToken, pk=pk, user=user)
    if _scope(token) is None:
        raise Http404
    revoke_token(token, by=user)
    messages.success(request, _("The calendar is no longer available under its address."))
    return redirect("planning:feeds")


@public
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The calendar behind a secret address; ``304`` where nothing has changed since the last fetch."""
    structlog.contextvars.bind_contextvars(path="/plans/feeds/…/milestones.ics")  # the secret stays out of the log
    token = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(secret)).first()
    scope = _scope(token) if token is not None else None
    if token is None or scope is None or not token.usable or not token.user.is_active:
        raise Http404(_("This calendar does not exist, or it was revoked."))
    user, now = token.user, timezone.now()
    if token.last_used_at is None or now - token.last_used_at > dt.timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    with override(user.language):
        title, rows = _content(user, scope)
        body = ical(title, rows, base=request.build_absolute_uri("/").rstrip("/"))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]
    answer = (
        HttpResponse(status=304) if etag in known else HttpResponse(body, content_type="text/calendar; charset=utf-8")
    )
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    if answer.status_code == 200:
        answer["Content-Disposition"] = 'inline; filename="milestones.ics"'
    return answer


def _content(user: User, scope: str) -> tuple[str, list[Milestone]]:
    """Title and milestones of a feed as its user may see them now; 404 where they may not any more."""
    number = scope.removeprefix(SCOPE).removeprefix(":")
    if not number:
        return _("My milestones"), _dated(my_milestones(user))
    project = Project.objects.filter(visible(user, Project), pk=int(number), archived_at=None).first()
    if project is None:
        raise Http404(_("This calendar does not exist, or it was revoked."))
    return f"{project.key} {project.name}", _dated(milestone_rows(Q(plan__project=project)))


def _dated(rows: QuerySet[Activity]) -> list[Milestone]:
    since = dt.datetime.combine(timezone.localdate() - BACK, dt.time())
    return read_milestones(rows.filter(finish__gte=since).order_by("finish", "pk")[:MOST])


def ical(title: str, rows: Iterable[Milestone], *, base: str) -> bytes:
    """The calendar as text; the same milestones give the same bytes, so that an ETag can be kept."""
    calendar = Calendar()
    for name, value in (("prodid", "-//Stellwerk//Milestones//EN"), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", "PUBLISH"),
                        ("x-wr-calname", title), ("refresh-interval;value=duration", "PT6H"), ("x-published-ttl", "PT6H")):  # fmt: skip
        calendar.add(name, value)
    listed = list(rows)
    stamps = dict(Activity.objects.filter(pk__in=[row.head.pk for row in listed]).values_list("pk", "updated_at"))
    for row in listed:
        if row.date is not None:
            calendar.add_component(_event(row, stamps[row.head.pk], base))
    return bytes(calendar.to_ical())


def _event(row: Milestone, stamp: dt.datetime, base: str) -> Event:
    head, day = row.head, row.date
    assert day is not None
    event = Event()
    mark = "◆ " if row.reached else "◇ "
    plain: dict[str, Any] = {
        "uid": f"milestone-{head.pk}@stellwerk",
        "summary": f"{mark}{head.name} ({head.project_key})",
        "dtstart": day,
        "dtend": day + dt.timedelta(days=1),
        "dtstamp": stamp.astimezone(dt.UTC).replace(microsecond=0),
        "last-modified": stamp.astimezone(dt.UTC).replace(microsecond=0),
        "transp": "TRANSPARENT",
        "description": _description(row),
        "url": base + plan_url(Project(key=head.project_key)),
    }
    for name, value in plain.items():
        event.add(name, value)
    return event


def _description(row: Milestone) -> str:
    parts = [row.head.project_name, _("reached") if row.reached else _("forecast")]
    if row.baseline is not None:
        parts.append(_("baseline %(day)s") % {"day": formats.day(row.baseline)})
    if row.head.critical and not row.reached:
        parts.append(_("critical"))
    return "\n".join(parts)
