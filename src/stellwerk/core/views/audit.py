"""The whole audit trail, for those who check it: filters, paging, export."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core.access import access, actor
from stellwerk.core.errors import NotAllowed
from stellwerk.core.history import Change, lines
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.pages.inputs import parse_day
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import ENTITIES
from stellwerk.core.views.shared import number
from stellwerk.core.words import when

PAGE = 100
MOST_EXPORTED = 200_000
CHUNK = 1000


def _day(text: str) -> dt.date | None:
    """A day of a calendar that trails can have; anything else is no day."""
    try:
        found = parse_day(text) if text.strip() else None
    except ValueError:
        return None
    return found if found and dt.MINYEAR < found.year < dt.MAXYEAR else None


def entries_for(user: User, filters: dict[str, str], verb: str = "view") -> QuerySet[AuditEntry]:
    """The entries that a user may see, narrowed by ``kind``, ``who`` (user number), ``verb``, ``key``, ``since``, ``until``."""
    rows = visible_rows(user, AuditEntry.objects.all(), verb).select_related("actor")
    if filters.get("kind"):
        rows = rows.filter(entity_type=filters["kind"])
    if filters.get("who"):
        rows = rows.filter(actor_id=number(filters["who"]))
    if filters.get("verb"):
        rows = rows.filter(verb=filters["verb"])
    if filters.get("key"):
        rows = rows.filter(entity_key__iexact=filters["key"].strip())
    since, until = _day(filters.get("since", "")), _day(filters.get("until", ""))
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until:
        rows = rows.filter(at__lt=_midnight(until + dt.timedelta(days=1)))
    return rows


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_current_timezone())


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:60] for name in ("kind", "who", "verb", "key", "since", "until")}


@require_safe
@access("view", "core.auditentry")
def audit_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    filters = _filters(request)
    rows = entries_for(user, filters)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mine = visible_rows(user, AuditEntry.objects.all())
    kinds = sorted(mine.order_by().values_list("entity_type", flat=True).distinct())
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page, "lines": lines(page.object_list, user), "filters": filters, "query": query.urlencode(),
        "kinds": [(label, ENTITIES[label].name if label in ENTITIES else label) for label in kinds],
        "people": User.objects.filter(pk__in=mine.order_by().values("actor_id")),
        "wrong_day": [text for text in (filters["since"], filters["until"]) if text.strip() and _day(text) is None],
        "may_export": can(user, "export", "core.auditentry"),
    }  # fmt: skip
    return render(request, "core/audit.html", context)


@require_safe
@access("export", "core.auditentry")
def audit_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The filtered trail as CSV (streamed, newest first)."""
    if form != "csv":
        raise Http404
    user = actor(request)
    rows = entries_for(user, _filters(request), "export")
    if rows.count() > MOST_EXPORTED:
        raise NotAllowed(
            _("These are more than %(count)s entries.") % {"count": MOST_EXPORTED}, _("Narrow the period first.")
        )
    response = StreamingHttpResponse(_csv(rows, user), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


class _Echo:
    def write(self, value: str) -> str:
        return value


def plain_cell(text: Any) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    said = str(text)
    return f"'{said}" if said[:1] in {"=", "+", "-", "@", "\t", "\r"} else said


def _csv(rows: QuerySet[AuditEntry], user: User) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff"
    yield writer.writerow(
        [_("When"), _("Who"), _("What"), _("Kind"), _("Key"), _("Field"), _("Before"), _("After"), _("Reason")]
    )
    chunk: list[AuditEntry] = []
    for entry in rows.iterator(chunk_size=CHUNK):
        chunk.append(entry)
        if len(chunk) == CHUNK:
            yield from _csv_rows(writer, chunk, user)
            chunk = []
    yield from _csv_rows(writer, chunk, user)


def _csv_rows(writer: Any, entries: list[AuditEntry], user: User) -> Iterator[str]:
    for line in lines(entries, user):
        head = [when(line.at), line.who, line.what, line.kind, line.key]
        for change in line.changes or [Change("", "", "")]:
            cells = [change.label, change.old, change.new]
            yield writer.writerow([plain_cell(cell) for cell in (*head, *cells, line.why)])
