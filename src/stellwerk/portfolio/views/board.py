"""The portfolio board: one portfolio, or all projects that the reader may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.page import ListPage
from stellwerk.core.lists.parsing import ListQuery, parse, read_day
from stellwerk.core.lists.reading import ListResult, Total, filtered
from stellwerk.core.models import User
from stellwerk.core.myday import first_steps_for
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import Duty, duties_of
from stellwerk.core.render import word_of
from stellwerk.portfolio.choices import DIMENSION_LABELS
from stellwerk.portfolio.lists import PROJECTS
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.rows import Table, bubble_row, change_line, join, pages
from stellwerk.portfolio.selectors.board import GROUPINGS, SMALL_BOARD, Board, BoardRow, Question, read_board
from stellwerk.portfolio.selectors.figures import OVERALL, Change
from stellwerk.portfolio.selectors.money import MoneyTable
from stellwerk.portfolio.workbook import board_workbook

OWN = ("on", "open", "group", "light", "show", "export")
LIGHTS = ("red", "amber", "grey", "green")
CHANGES_SHOWN = 5
DECISIONS_SHOWN = 2
CHANGES_LISTED = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access("view", "portfolio.project")
def board_all(request: HttpRequest) -> HttpResponseBase:
    """All projects of all portfolios that the reader may see."""
    return _board(request, None)


@access("view", "portfolio.portfolio")
def board(request: HttpRequest, key: str) -> HttpResponseBase:
    """The board of one portfolio; ``?on=`` sets the data date, everything else stands in the address too."""
    return _board(request, fetch(actor(request), Portfolio, key=key))


def _board(request: HttpRequest, portfolio: Portfolio | None) -> HttpResponseBase:
    user = actor(request)
    base = Q(portfolio=portfolio) if portfolio is not None else None
    query = parse(PROJECTS, request.GET, user, OWN)
    problems = [str(problem) for problem in query.problems]
    on = _day(request.GET.get("on", ""), problems)
    question = Question(
        projects=filtered(query, base),
        portfolio=portfolio,
        on=on,
        group=request.GET.get("group") if request.GET.get("group") in GROUPINGS else "need",  # type: ignore[arg-type]
        opened=frozenset(part for text in request.GET.getlist("open") for part in text.split(",") if part),
        lights=frozenset(light for light in request.GET.getlist("light") if light in LIGHTS),
        today=timezone.localdate(),
    )
    found = read_board(question, user)
    if request.GET.get("export") == "xlsx":
        require(user, "export", "portfolio.project")
        return _export(found, portfolio)
    decisions = _decisions(user, portfolio)
    table = Table(found, lambda code, opened: _toggle(query, question, code, opened))
    page = ListPage(request, ListResult(PROJECTS, query, user, [], [], Total()), user, OWN)
    context = {
        "portfolio": portfolio,
        "object": portfolio,
        "board": found,
        "table": table,
        "list": page,
        "problems": problems,
        "answer": _answer(found, query, decisions),
        "sub": _sub(found),
        "decisions": [_decision(duty, question.today) for duty in decisions[:DECISIONS_SHOWN]],
        "kpis": _kpis(found, query),
        "sorts": _sorts(query, question),
        "more_sorts": _more_sorts(query, question),
        "dates": _dates(query, found),
        "changes": _changes(found),
        "money": _money(found.money),
        "bubble": _bubble(found),
        "history": _history(found, query),
        "hidden_text": _hidden(found),
        "export_url": query.query_string(export="xlsx") if can(user, "export", "portfolio.project") else "",
        "show_url": query.query_string(show=None if request.GET.get("show") == "roadmap" else "roadmap"),
        "roadmap_on": request.GET.get("show") == "roadmap",
        "small": found.total <= SMALL_BOARD,
        "portfolios": _portfolios(user),
        "first_steps": first_steps_for(user) if not found.total else [],
        "may_create": can(user, "create", "portfolio.project"),
        "on_is_latest": not found.dates or found.on == found.dates[0],
    }
    return render(request, "portfolio/board.html", context)


def _day(text: str, problems: list[str]) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return read_day(text)
    except ValueError as error:
        problems.append(_("Data date “%(text)s”: %(error)s") % {"text": text[:40], "error": error})
        return None


def _portfolios(user: User) -> list[Portfolio]:
    from stellwerk.core.permissions import visible_rows

    found = Portfolio.objects.filter(archived_at__isnull=True).only("key", "name")
    return list(visible_rows(user, found)[:30])


def _toggle(query: ListQuery, question: Question, code: str, opened: bool) -> str:
    codes = (question.opened | {code}) if opened else (question.opened - {code, "all"})
    return query.query_string(open=",".join(sorted(codes)) if codes else None)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _decisions(user: User, portfolio: Portfolio | None) -> list[Duty]:
    """What waits for a decision of this reader in these projects, first what is due first."""
    found = duties_of(user, "approval", boards=True)
    return [
        duty for duty in found if duty.portfolio is not None and (portfolio is None or duty.portfolio == portfolio.pk)
    ]


def _decision(duty: Duty, today: dt.date | None) -> dict[str, str]:
    due = duty.due if duty.due is not None and (today is None or duty.due > today) else None
    until = _("until %(day)s") % {"day": formats.day(due, short=True)} if due else ""
    return {
        "title": duty.about or duty.title,
        "text": " · ".join(part for part in (duty.title if duty.about else duty.text, until) if part),
        "url": duty.url,
        "label": duty.button,
    }


def _answer(board: Board, query: ListQuery, decisions: list[Duty]) -> SafeString:
    total, red = board.total, board.counts["red"]
    url = query.query_string(light="red")
    if not total:
        return SafeString(_("No project here yet.") if not query.narrowed else _("No project fits these filters."))
    if red:
        figure = ngettext("%(red)s of %(total)s project", "%(red)s of %(total)s projects", total) % _numbers(
            red=red, total=total
        )
        text = ngettext("%(link)s is red%(rest)s.", "%(link)s are red%(rest)s.", red)
        link = format_html('<a href="{}">{}</a>', url, figure)
    elif board.counts["amber"]:
        figure = ngettext("%(count)s of %(total)s", "%(count)s of %(total)s", total) % _numbers(
            count=board.counts["amber"], total=total
        )
        text = _("No project is red, %(link)s are amber%(rest)s.")
        link = format_html('<a href="{}">{}</a>', query.query_string(light="amber"), figure)
    elif board.counts["green"]:
        figure = ngettext("%(count)s of %(total)s project", "%(count)s of %(total)s projects", total) % _numbers(
            count=board.counts["green"], total=total
        )
        text = ngettext("%(link)s is green%(rest)s.", "%(link)s are green%(rest)s.", board.counts["green"])
        link = format_html('<a href="{}">{}</a>', query.query_string(light="green"), figure)
    else:
        figure = ngettext("%(total)s project", "%(total)s projects", total) % _numbers(total=total)
        text = _("%(link)s, none with a current status%(rest)s.")
        link = format_html('<a href="{}">{}</a>', query.query_string("light"), figure)
    return SafeString(_put(text, link=link, rest=_waiting(decisions) or _worse(board)))


def _waiting(decisions: list[Duty]) -> SafeString:
    """The second half of the sentence: what the reader has to decide, today if anything is due."""
    today = timezone.localdate()
    due = sum(1 for duty in decisions if duty.due is not None and duty.due <= today)
    if not decisions:
        return SafeString("")
    if due:
        text = ngettext("%(count)s matter needs your decision today", "%(count)s matters need your decision today", due)
    else:
        text = ngettext("%(count)s decision waits for you", "%(count)s decisions wait for you", len(decisions))
    figure = text % _numbers(count=due or len(decisions))
    return format_html(', <a href="{}?show=approval">{}</a>', reverse("core:home"), figure)


def _worse(board: Board) -> SafeString:
    count = sum(
        1 for _row, changes in board.changes if any(c.code == "light.overall" and c.worsening > 0 for c in changes)
    )
    if not count:
        return SafeString("")
    text = ngettext("%(count)s got worse", "%(count)s got worse", count) % _numbers(count=count)
    return format_html(', <a href="#changes">{}</a>', text)


def _put(text: str, **parts: SafeString) -> str:
    """A translated sentence with safe parts: the sentence itself is escaped."""

    return escape(text) % parts


def _numbers(**values: int) -> dict[str, str]:
    return {name: formats.number(value) for name, value in values.items()}


def _sub(board: Board) -> str:
    fresh = [
        row.name
        for row, changes in board.changes
        if row.light == "red" and any(c.code == "light.overall" and c.worsening > 0 for c in changes)
    ]
    stays = [row.name for row in board.rows if row.light == "red" and row.before_light == "red"]
    parts = []
    if fresh:
        parts.append(_("New in red: %(names)s.") % {"names": _names(fresh)})
    if stays:
        text = ngettext("%(name)s stays red.", "%(count)s stay red.", len(stays))
        parts.append(text % {"name": stays[0], "count": formats.number(len(stays))})
    if not parts and board.previous:
        parts.append(_("No project turned red since %(day)s.") % {"day": formats.day(board.previous)})
    return " ".join(parts)


def _names(names: list[str]) -> str:
    shown = [_short(name, 42) for name in names[:2]]
    if len(names) == 2:
        return _("%(first)s and %(second)s") % {"first": shown[0], "second": shown[1]}
    if len(names) > 2:
        return _("%(names)s and %(count)s more") % {"names": ", ".join(shown), "count": len(names) - 2}
    return shown[0]


def _short(name: str, length: int = 32) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def _hidden(board: Board) -> str:
    if not board.hidden:
        return ""
    return ngettext("%(count)s hidden", "%(count)s hidden", board.hidden) % _numbers(count=board.hidden)


# ── key figures ──────────────────────────────────────────────────────────────────────────────────


def _kpis(board: Board, query: ListQuery) -> list[dict[str, Any]]:
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
                "unit": _("of %(count)s") % _numbers(count=dated), "note": _("median %(days)s days") % {"days": formats.number(middle, sign=True)},
            }
        )  # fmt: skip
    if board.gates_met is not None:
        met, due = board.gates_met
        found.append(
            {
                "label": _("Gates on time, 90 days"), "value": formats.number(met / due * 100), "unit": "%",
                "note": _("%(met)s of %(due)s") % _numbers(met=met, due=due),
            }
        )  # fmt: skip
    worse = sum(1 for row in board.rows if row.worsening > 0)
    better = sum(1 for row in board.rows if row.worsening < 0)
    if board.previous is not None:
        found.append(
            {
                "label": _("Changed since %(day)s") % {"day": formats.day(board.previous, short=True)},
                "value": formats.number(worse), "unit": pgettext("projects that got", "worse"),
                "note": _("%(count)s better") % _numbers(count=better), "href": "#changes",
            }
        )  # fmt: skip
    if board.total:
        missing = board.total - board.reported
        found.append(
            {
                "label": _("Current status"), "value": formats.number(board.reported),
                "unit": _("of %(count)s") % _numbers(count=board.total),
                "note": _("complete") if not missing else ngettext("%(count)s is missing", "%(count)s are missing", missing) % _numbers(count=missing),
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
    numbers = [
        formats.number(value / (1_000_000 if unit == "m" else 1000), 1 if unit == "m" else 0) for value in (eac, budget)
    ]
    of = _("of %(amount)s") % {"amount": f"{numbers[1]}{formats.NBSP}{formats.money_unit(money.currency, unit)}"}
    return {
        "label": _("Forecast of the year against its budget") if money.yearly else _("EAC against budget"),
        "value": numbers[0], "unit": of, "bold": formats.percent(deviation, sign=True), "note": note, "href": "#money",
    }  # fmt: skip


# ── choices ──────────────────────────────────────────────────────────────────────────────────────


def _group_labels() -> dict[str, str]:
    return {
        "need": _("Need for action"), "programme": _("Programme"), "sponsor": _("Sponsor"), "manager": _("Project manager"),
        "unit": _("Unit"), "portfolio": _("Portfolio"), "category": _("Category"), "phase": _("Phase"),
    }  # fmt: skip


def _sorts(query: ListQuery, question: Question) -> list[dict[str, Any]]:
    labels = _group_labels()
    codes = ["need", "programme", "sponsor"]
    if question.group not in codes:
        codes[2] = question.group
    return [_sort(query, question, code, labels[code]) for code in codes]


def _more_sorts(query: ListQuery, question: Question) -> list[dict[str, Any]]:
    return [_sort(query, question, code, label) for code, label in _group_labels().items()]


def _sort(query: ListQuery, question: Question, code: str, label: str) -> dict[str, Any]:
    url = query.query_string("open", group=None if code == "need" else code)
    return {"label": label, "url": url, "current": question.group == code}


def _dates(query: ListQuery, board: Board) -> list[dict[str, Any]]:
    return [
        {"label": formats.day(day), "url": query.query_string(on=day.isoformat()), "current": day == board.on}
        for day in board.dates[:24]
    ]


# ── panels ───────────────────────────────────────────────────────────────────────────────────────


def _changes(board: Board) -> dict[str, Any] | None:
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
    """Names of dimensions and lights in the reader's language: some hundred are needed, so each is looked up once."""

    def __init__(self) -> None:
        self.dimension = {name: str(label) for name, label in DIMENSION_LABELS.items()}
        self.light = {light: word_of(light) for light in (*LIGHTS, "")}


def _change_line(board: Board, row: BoardRow, page: str, changes: list[Change], words: Words) -> SafeString:
    lead = next((change for change in changes if change.code == OVERALL), changes[0])
    before = lead.before.light if lead.before is not None else ""
    text, value = _change_text(row.id, board, changes, words), _change_value(board, row.id)
    return change_line(row, page, before, lead.after.light, text, value)


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
            return f"EAC {formats.money(step, eac.currency, unit='auto', sign=True)}"
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


def _money(money: MoneyTable | None) -> dict[str, Any] | None:
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


def _bubble(board: Board) -> dict[str, Any] | None:
    if not board.bubbles:
        return None
    address, language = pages(), get_language() or "de"
    page = {id(b): address(b.row) for b in board.bubbles}
    named = sorted(board.bubbles, key=lambda b: (-b.size * (b.row.light == "red"), -b.size))[:5]
    labelled = {id(b) for b in named}
    points = [
        {
            "x": b.risk, "y": b.value, "size": max(b.size, 1.0), "name": _short(b.row.name), "label": id(b) in labelled,
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


def _history(board: Board, query: ListQuery) -> list[dict[str, Any]]:
    return [
        {
            "day": day,
            "url": query.query_string(on=day.isoformat()),
            "current": day == board.on,
            **{light: counts[light] for light in LIGHTS},
        }
        for day, counts in board.history
    ]


def _export(board: Board, portfolio: Portfolio | None) -> HttpResponse:
    name = slugify(portfolio.key if portfolio else _("projects")) or "board"
    response = HttpResponse(board_workbook(board, portfolio), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{board.on:%Y-%m-%d}.xlsx"'
    return response
