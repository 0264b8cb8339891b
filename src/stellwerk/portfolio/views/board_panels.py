"""Key figures and panels of the board: what changed, value and risk, money, the course of the lights."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from stellwerk.core import formats, render
from stellwerk.core.lists.parsing import ListQuery
from stellwerk.portfolio.choices import DIMENSION_LABELS
from stellwerk.portfolio.rows import bubble_row, change_line, join, pages
from stellwerk.portfolio.selectors.board import Board, BoardRow
from stellwerk.portfolio.selectors.figures import OVERALL, Change
from stellwerk.portfolio.selectors.money import MoneyTable
from stellwerk.portfolio.views.board_words import numbers, short

LIGHTS = ("red", "amber", "grey", "green")
CHANGES_SHOWN = 5
CHANGES_LISTED = 60


# ── key figures ──────────────────────────────────────────────────────────────────────────────────


def kpis(board: Board, query: ListQuery) -> list[dict[str, Any]]:
    """Only figures for which there is data."""
    found: list[dict[str, Any]] = []
    money = board.money
    if money is not None and money.total.deviation is not None:
        found.append(_money_kpi(money))
    if board.late:
        dated = sum(1 for row in board.rows if row.finish and row.finish_baseline)
        middle = board.late[len(board.late) // 2]
        found.append(
            {
                "label": _("Finish after baseline"), "value": formats.number(len(board.late)),
                "unit": _("of %(count)s") % numbers(count=dated), "note": _("median %(days)s days") % {"days": formats.number(middle, sign=True)},
            }
        )  # fmt: skip
    if board.gates_met is not None:
        met, due = board.gates_met
        found.append(
            {
                "label": _("Gates on time, 90 days"), "value": formats.number(met / due * 100), "unit": "%",
                "note": _("%(met)s of %(due)s") % numbers(met=met, due=due),
            }
        )  # fmt: skip
    worse = sum(1 for row in board.rows if row.worsening > 0)
    better = sum(1 for row in board.rows if row.worsening < 0)
    if board.previous is not None:
        found.append(
            {
                "label": _("Changed since %(day)s") % {"day": formats.day(board.previous, short=True)},
                "value": formats.number(worse), "unit": pgettext("projects that got", "worse"),
                "note": _("%(count)s better") % numbers(count=better), "href": "#changes",
            }
        )  # fmt: skip
    if board.total:
        missing = board.total - board.reported
        found.append(
            {
                "label": _("Current status"), "value": formats.number(board.reported),
                "unit": _("of %(count)s") % numbers(count=board.total),
                "note": _("complete") if not missing else ngettext("%(count)s is missing", "%(count)s are missing", missing) % numbers(count=missing),
                "href": query.query_string(light="grey") if missing else "",
            }
        )  # fmt: skip
    return found[:5]


def _money_kpi(money: MoneyTable) -> dict[str, Any]:
    deviation = money.total.deviation or 0
    note = ""
    if money.before is not None and money.before.deviation is not None:
        note = _("before: %(value)s") % {"value": formats.percent(money.before.deviation, sign=True)}
    eac, budget = (formats.major(value, money.currency) for value in (money.total.eac, money.total.compared))
    unit = "m" if max(eac, budget) >= 1_000_000 else "k"
    shown = [
        formats.number(value / (1_000_000 if unit == "m" else 1000), 1 if unit == "m" else 0) for value in (eac, budget)
    ]
    of = _("of %(amount)s") % {"amount": f"{shown[1]}{formats.NBSP}{formats.money_unit(money.currency, unit)}"}
    return {
        "label": _("Forecast of the year against its budget") if money.yearly else _("EAC against budget"),
        "value": shown[0], "unit": of, "bold": formats.percent(deviation, sign=True), "note": note, "href": "#money",
    }  # fmt: skip


# ── panels ───────────────────────────────────────────────────────────────────────────────────────


def changes(board: Board) -> dict[str, Any] | None:
    if board.previous is None:
        return None
    page, words = pages(), Words()
    lines = [_change_line(board, row, page(row), changes, words) for row, changes in board.changes[:CHANGES_LISTED]]
    return {
        "lines": join(lines[:CHANGES_SHOWN]),
        "rest": join(lines[CHANGES_SHOWN:]),
        "count": len(board.changes),
        "since": board.previous,
        "on": board.on,
    }


class Words:
    """Names of dimensions, names and shapes of lights in the reader's language: some hundred are needed, so each is looked up once."""

    def __init__(self) -> None:
        self.dimension = {name: str(label) for name, label in DIMENSION_LABELS.items()}
        self.light = {light: render.word_of(light) for light in (*LIGHTS, "")}
        self.shape = {light: render.shape(light) for light in (*LIGHTS, "")}
        self.same = render.trend("same")

    def lamps(self, before: str, after: str) -> str:
        return (f"{self.shape[before]}{self.same}" if before else "") + self.shape[after]


def _change_line(board: Board, row: BoardRow, page: str, changes: list[Change], words: Words) -> SafeString:
    lead = next((change for change in changes if change.code == OVERALL), changes[0])
    before = lead.before.light if lead.before is not None else ""
    text, value = _change_text(row.id, board, changes, words), _change_value(board, row.id)
    return change_line(row, page, words.lamps(before, lead.after.light), text, value)


def _change_text(number: int, board: Board, changes: list[Change], words: Words) -> str:
    parts = []
    for change in changes:
        name = change.code.removeprefix("light.")
        if name != "overall" and change.before is not None:
            parts.append(
                f"{words.dimension[name]} {words.light[change.before.light]} → {words.light[change.after.light]}"
            )
    summary = " ".join((board.summaries.get(number) or "").split())
    moved = ", ".join(parts[:2]) + (" …" if len(parts) > 2 else "")
    return " · ".join(text for text in (moved, summary[:140]) if text)


def _change_value(board: Board, number: int) -> str:
    now, then_ = board.details.get(number, {}), board.details_before.get(number, {})
    eac, before, bac = now.get("eac"), then_.get("eac"), now.get("bac") or now.get("budget")
    if eac and before and eac.amount is not None and before.amount is not None and eac.currency == before.currency:
        step = eac.amount - before.amount
        if bac and bac.amount and abs(step) * 100 >= bac.amount:
            whole = round(formats.major(step, eac.currency))  # cents say nothing here; the cockpit tells them
            return f"EAC {formats.money(formats.minor(whole, eac.currency), eac.currency, unit='auto', sign=True)}"
    for code, label in (("spi_t", "SPI(t)"), ("cpi", "CPI")):
        figure, old = now.get(code), then_.get(code)
        if (
            figure
            and old
            and figure.value is not None
            and old.value is not None
            and abs(figure.value - old.value) >= 0.02
        ):
            return f"{label} {formats.number(figure.value, 2)}"
    return ""


def money(money: MoneyTable | None) -> dict[str, Any] | None:
    if money is None or not money.total.total:
        return None
    unit = "m" if money.total.total >= 10 ** (6 + formats.minor_digits(money.currency)) else "k"
    divisor = 1_000_000 if unit == "m" else 1000
    scale = max((group.total for _key, _name, group in money.groups), default=0) * 1.06 or 1

    def amount(value: int) -> str:
        return formats.number(formats.major(value, money.currency) / divisor, 1 if unit == "m" else 0)

    def line(name: str, url: str, group: Any) -> dict[str, Any]:
        deviation = group.deviation
        return {
            "name": name, "url": url, "actual": group.actual, "commitment": group.commitment, "rest": group.rest,
            "tick": group.budget or None,
            "budget": amount(group.budget) if group.budget else formats.NO_DATA,
            "eac": amount(group.eac) if group.with_both else formats.NO_DATA,
            "exact": [formats.money(value, money.currency) if value else "" for value in (group.budget, group.eac)],
            "deviation": formats.number(deviation * 100, 1, sign=True) if deviation is not None else formats.NO_DATA,
            "bold": deviation is not None and deviation > 0.05,
        }  # fmt: skip

    rows = [
        line(name or _("without programme"), reverse("portfolio:programme-detail", args=[key]) if key else "", group)
        for key, name, group in money.groups[:8]
    ]
    rest = money.groups[8:]
    if rest:
        summed = rest[0][2]
        for _key, _name, group in rest[1:]:
            summed = summed.plus(group)
        rows.append(line(_("%(count)s more") % {"count": len(rest)}, "", summed))
    total = money.total

    legend = [
        ("d1", _("Actual"), amount(total.actual), total.actual),
        ("hatch", _("Commitment"), amount(total.commitment), total.commitment),
        ("d4", _("Remainder"), amount(total.rest), total.rest),
    ]
    return {
        "rows": rows, "total": line(_("Total"), "", total), "scale": scale, "unit": formats.money_unit(money.currency, unit),
        "legend": [(kind, label, text) for kind, label, text, value in legend if value], "has_eac": total.with_both > 0,
        "partial": total.with_both if total.with_both and total.with_both < total.projects else 0, "projects": total.projects,
        "other": money.other_currencies, "yearly": money.yearly, "currency": money.currency,
        "has_bar": bool(total.actual or total.commitment or total.rest),
    }  # fmt: skip


def bubble(board: Board) -> dict[str, Any] | None:
    if not board.bubbles:
        return None
    address, language = pages(), get_language() or "de"
    page = {id(b): address(b.row) for b in board.bubbles}
    named = sorted(board.bubbles, key=lambda b: (-b.size * (b.row.light == "red"), -b.size))[:5]
    labelled = {id(b) for b in named}
    points = [
        {
            "x": b.risk, "y": b.value, "size": max(b.size, 1.0), "name": short(b.row.name), "label": id(b) in labelled,
            "hot": b.row.light == "red",
            "note": f"EAC {formats.money(int(b.size), b.row.currency, unit='auto', language=language)}" if b.size else "",
            "url": page[id(b)],
        }
        for b in board.bubbles
    ]  # fmt: skip
    data = {
        "x": {"name": _("Risk exposure (% of contingency)"), "max": max(100, *(b.risk for b in board.bubbles))},
        "y": {"name": _("Value contribution (points)"), "max": max(100, *(b.value for b in board.bubbles))},
        "corners": [_("push"), _("safeguard"), _("on the side"), _("examine")],
        "points": points,
    }
    rows = sorted(board.bubbles, key=lambda b: -b.value)
    return {"data": data, "rows": join(bubble_row(b, page[id(b)], language) for b in rows[:100])}


def history(board: Board, query: ListQuery) -> list[dict[str, Any]]:
    return [
        {
            "day": day,
            "url": query.query_string(on=day.isoformat()),
            "current": day == board.on,
            **{light: counts[light] for light in LIGHTS},
        }
        for day, counts in board.history
    ]
