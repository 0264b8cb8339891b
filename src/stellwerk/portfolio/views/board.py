"""The portfolio board: one portfolio, or all projects that the reader may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.kept import KeptQuery
from stellwerk.core.lists.page import ListPage
from stellwerk.core.lists.parsing import ListQuery, parse, read_day
from stellwerk.core.lists.reading import ListResult, Total, filtered
from stellwerk.core.models import User
from stellwerk.core.myday import first_steps_for
from stellwerk.core.permissions import can, require, visible
from stellwerk.portfolio.lists import PROJECTS
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.rows import Table
from stellwerk.portfolio.selectors.board import GROUPINGS, SMALL_BOARD, Board, Question, read_board
from stellwerk.portfolio.views import board_panels, board_words
from stellwerk.portfolio.views.board_panels import LIGHTS
from stellwerk.portfolio.workbook import board_workbook

OWN = ("on", "open", "group", "light", "show", "export")
DECISIONS_SHOWN = 2
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
    waiting = board_words.decisions(user, portfolio)
    table = Table(found, lambda code, opened: _toggle(query, question, code, opened))
    page = ListPage(request, ListResult(PROJECTS, query, user, [], [], Total()), user, OWN)
    context = {
        "portfolio": portfolio,
        "object": portfolio,
        "board": found,
        "table": table,
        "list": page,
        "problems": problems,
        "answer": board_words.answer(found, query, waiting),
        "sub": board_words.sub(found),
        "decisions": [board_words.decision(duty, question.today) for duty in waiting[:DECISIONS_SHOWN]],
        "kpis": board_panels.kpis(found, query),
        "sorts": _sorts(query, question),
        "more_sorts": _more_sorts(query, question),
        "dates": _dates(query, found),
        "changes": board_panels.changes(found),
        "money": board_panels.money(found.money),
        "bubble": board_panels.bubble(found),
        "history": board_panels.history(found, query),
        "hidden_text": board_words.hidden(found),
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


_PORTFOLIOS: KeptQuery[Any] = KeptQuery(
    lambda seen: Portfolio.objects.filter(seen, archived_at__isnull=True).values("pk", "key", "name")[:30]
)


def _portfolios(user: User) -> list[Any]:
    return _PORTFOLIOS.rows(visible(user, Portfolio))


def _toggle(query: ListQuery, question: Question, code: str, opened: bool) -> str:
    codes = (question.opened | {code}) if opened else (question.opened - {code, "all"})
    return query.query_string(open=",".join(sorted(codes)) if codes else None)


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


def _export(board: Board, portfolio: Portfolio | None) -> HttpResponse:
    name = slugify(portfolio.key if portfolio else _("projects")) or "board"
    response = HttpResponse(board_workbook(board, portfolio), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{board.on:%Y-%m-%d}.xlsx"'
    return response
