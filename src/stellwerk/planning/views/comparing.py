"""How two sides of a plan differ, as a page shows it: sums, rows, and a small picture per row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.access import actor
from stellwerk.engine.calendars import moment
from stellwerk.planning.models import Baseline, Plan
from stellwerk.planning.selectors.baselines import Comparison, Difference, Frozen, Side, compare
from stellwerk.planning.selectors.chart import sees_costs
from stellwerk.portfolio.roadmap import GRID, Scale, head

ON_A_PAGE: Final = 100
KINDS: Final = ("added", "removed", "moved")


def name_of(side: Side) -> str:
    return str(side.baseline) if side.baseline is not None else _("Today")


def comparison(request: HttpRequest, plan: Plan, before: Baseline | None, after: Baseline | None) -> dict[str, Any]:
    """The context of ``planning/_comparison.html``; ``?rows=`` narrows to added, removed or moved rows."""
    costs = sees_costs(actor(request), plan)
    found = compare(plan, before, after, costs=costs)
    only = request.GET.get("rows", "")
    rows = [row for row in found.rows if _kind_fits(row, only)]
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    scale = _scale(found)
    currency = plan.project.currency if costs else ""
    lines = [_line(row, scale, currency) for row in page.object_list]
    return {
        "found": found, "before": name_of(found.before), "after": name_of(found.after), "page": page, "only": only,
        "lines": lines, "work": any(line["work"] for line in lines), "cost": any(line["cost"] for line in lines), "head": head(scale) if rows else "",
        "sums": _sums(found, currency), "filters": _filters(request, found), "answer": answer(found),
    }  # fmt: skip


def _kind_fits(row: Difference, only: str) -> bool:
    return only not in KINDS or row.change == only or (only == "moved" and row.change == "changed" and row.moved)


def answer(found: Comparison) -> str:
    """The comparison in one sentence."""
    if not found.rows:
        return _("Nothing differs.")
    parts = []
    if found.finish_move:
        days = days_text(found.finish_move)
        parts.append(_("Finish %(days)s working days") % {"days": days})
    else:
        parts.append(_("Finish unchanged"))
    parts.append(
        _("rows moved: %(moved)s, added: %(added)s, removed: %(removed)s")
        % {"moved": found.moved, "added": found.count("added"), "removed": found.count("removed")}
    )
    return "; ".join(parts) + "."


def days_text(value: Decimal | None) -> str:
    """Days with one decimal only where they are no whole days."""
    if value is None:
        return formats.NO_DATA
    return formats.number(value, 0 if value == value.to_integral_value() else 1, sign=True)


def _sums(found: Comparison, currency: str) -> list[dict[str, str]]:
    """``currency`` of the costs; empty for who may not see them."""
    one, other = found.before, found.after
    rows = [
        (_("Activities"), formats.number(one.activities), formats.number(other.activities), formats.number(other.activities - one.activities, sign=True)),
        (_("Milestones"), formats.number(one.milestones), formats.number(other.milestones), formats.number(other.milestones - one.milestones, sign=True)),
        (_("Start"), _day(one.start), _day(other.start), ""),
        (_("Finish"), _day(one.finish), _day(other.finish), _("%(days)s WD") % {"days": days_text(found.finish_move)} if found.finish_move is not None else ""),
        (_("Effort (h)"), formats.number(one.work), formats.number(other.work), formats.number(found.work_change, sign=True)),
    ]  # fmt: skip
    if currency and (one.cost is not None or other.cost is not None):
        costs = formats.money(one.cost, currency), formats.money(other.cost, currency)
        rows.append((_("Cost"), *costs, formats.money(found.cost_change, currency, sign=True)))
    return [{"label": a, "before": b, "after": c, "delta": d} for a, b, c, d in rows]


def _day(minutes: int | None) -> str:
    return formats.day(moment(minutes).date()) if minutes is not None else formats.NO_DATA


def _filters(request: HttpRequest, found: Comparison) -> list[dict[str, Any]]:
    words = {"added": _("Added"), "removed": _("Removed"), "moved": _("Moved")}
    counts = {"added": found.count("added"), "removed": found.count("removed"), "moved": found.moved}
    chosen = request.GET.get("rows", "")
    items = []
    for code in ("", *KINDS):
        query = request.GET.copy()
        query.pop("page", None)
        query["rows"] = code
        label = f"{words[code]} {counts[code]}" if code else _("All")
        items.append({"label": label, "url": f"?{query.urlencode()}", "current": chosen == code})
    return items


def _line(row: Difference, scale: Scale, currency: str) -> dict[str, Any]:
    words = {"added": _("added"), "removed": _("removed"), "changed": ""}
    late = row.finish_move is not None and row.finish_move > 0
    return {
        "row": row.row, "change": row.change, "word": words[row.change], "before": row.before, "after": row.after, "late": late,
        "start_move": days_text(row.start_move) if row.start_move else "", "finish_move": days_text(row.finish_move) if row.finish_move else "",
        "unit": _("days") if row.elapsed else "", "duration": days_text(row.duration_change) if row.duration_change else "",
        "work": formats.number(row.work_change, 0 if row.work_change == row.work_change.to_integral_value() else 1, sign=True) if row.work_change else "",
        "cost": formats.money(row.cost_change, currency, sign=True) if currency and row.cost_change and not row.row.summary else "",
        "old_name": row.before.name if row.renamed and row.before else "", "picture": _picture(row, scale),
    }  # fmt: skip


def _scale(found: Comparison) -> Scale:
    """From the first month of both sides to the last one."""
    days = [
        at.date()
        for row in found.rows
        for one in (row.before, row.after)
        if one
        for at in (one.start_at, one.finish_at)
        if at
    ]
    today = timezone.localdate()
    first, last = (min(days), max(days)) if days else (today, today)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return Scale(first.replace(day=1), months, today)


def _picture(row: Difference, scale: Scale) -> SafeString:
    """Before as a pale bar above, after as a full one below; milestones as diamonds."""
    parts = [GRID]
    if row.before is not None:
        parts.append(_drawn(row.before, scale, 4, "d4", "gh"))
    if row.after is not None:
        parts.append(_drawn(row.after, scale, 14, "d2", "on"))
    label = conditional_escape(row.row.name)
    picture = f'<svg class="road" width="100%" height="26" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    return mark_safe(picture)  # noqa: S308 - numbers and an escaped name


def _drawn(row: Frozen, scale: Scale, y: int, bar: str, mark: str) -> str:
    start, finish = row.start_at, row.finish_at
    if start is None or finish is None:
        return ""
    left, right = _at(scale, start), _at(scale, finish)
    if row.milestone:
        kind = 'class="gh"' if mark == "gh" else ""
        return f'<svg class="g {mark}" x="{right:.2f}%" y="{y + 4}" overflow="visible"><path {kind} d="M0-5 5 0 0 5-5 0z"/></svg>'
    return f'<rect class="b {bar}" x="{left:.2f}%" y="{y}" width="{max(right - left, 0.3):.2f}%" height="8" rx="1.5"/>'


def _at(scale: Scale, at: dt.datetime) -> float:
    return scale.at(at.date()) + at.hour / 24 * 100 / max((scale.last - scale.first).days, 1)
