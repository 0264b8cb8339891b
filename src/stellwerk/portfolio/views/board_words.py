"""What the board says in words: its answer with the decisions that wait, what is new, what is hidden."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.lists.parsing import ListQuery
from stellwerk.core.models import User
from stellwerk.core.registry import Duty, duties_of
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.selectors.board import Board


def decisions(user: User, portfolio: Portfolio | None) -> list[Duty]:
    """What waits for a decision of this reader in these projects, first what is due first."""
    found = duties_of(user, "approval", boards=True)
    return [
        duty for duty in found if duty.portfolio is not None and (portfolio is None or duty.portfolio == portfolio.pk)
    ]


def decision(duty: Duty, today: dt.date | None) -> dict[str, str]:
    due = duty.due if duty.due is not None and (today is None or duty.due > today) else None
    until = _("until %(day)s") % {"day": formats.day(due, short=True)} if due else ""
    return {
        "title": duty.about or duty.title,
        "text": " · ".join(part for part in (duty.title if duty.about else duty.text, until) if part),
        "url": duty.url,
        "label": duty.button,
    }


def answer(board: Board, query: ListQuery, decisions: list[Duty]) -> SafeString:
    total, red = board.total, board.counts["red"]
    url = query.query_string(light="red")
    if not total:
        return SafeString(_("No project here yet.") if not query.narrowed else _("No project fits these filters."))
    if red:
        figure = ngettext("%(red)s of %(total)s project", "%(red)s of %(total)s projects", total) % numbers(
            red=red, total=total
        )
        text = ngettext("%(link)s is red%(rest)s.", "%(link)s are red%(rest)s.", red)
        link = format_html('<a href="{}">{}</a>', url, figure)
    elif board.counts["amber"]:
        figure = ngettext("%(count)s of %(total)s", "%(count)s of %(total)s", total) % numbers(
            count=board.counts["amber"], total=total
        )
        text = _("No project is red, %(link)s are amber%(rest)s.")
        link = format_html('<a href="{}">{}</a>', query.query_string(light="amber"), figure)
    elif board.counts["green"]:
        figure = ngettext("%(count)s of %(total)s project", "%(count)s of %(total)s projects", total) % numbers(
            count=board.counts["green"], total=total
        )
        text = ngettext("%(link)s is green%(rest)s.", "%(link)s are green%(rest)s.", board.counts["green"])
        link = format_html('<a href="{}">{}</a>', query.query_string(light="green"), figure)
    else:
        figure = ngettext("%(total)s project", "%(total)s projects", total) % numbers(total=total)
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
    figure = text % numbers(count=due or len(decisions))
    return format_html(', <a href="{}?show=approval">{}</a>', reverse("core:home"), figure)


def _worse(board: Board) -> SafeString:
    count = sum(
        1 for _row, changes in board.changes if any(c.code == "light.overall" and c.worsening > 0 for c in changes)
    )
    if not count:
        return SafeString("")
    text = ngettext("%(count)s got worse", "%(count)s got worse", count) % numbers(count=count)
    return format_html(', <a href="#changes">{}</a>', text)


def _put(text: str, **parts: SafeString) -> str:
    """A translated sentence with safe parts: the sentence itself is escaped."""

    return escape(text) % parts


def numbers(**values: int) -> dict[str, str]:
    return {name: formats.number(value) for name, value in values.items()}


def sub(board: Board) -> str:
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
    shown = [short(name, 42) for name in names[:2]]
    if len(names) == 2:
        return _("%(first)s and %(second)s") % {"first": shown[0], "second": shown[1]}
    if len(names) > 2:
        return _("%(names)s and %(count)s more") % {"names": ", ".join(shown), "count": len(names) - 2}
    return shown[0]


def short(name: str, length: int = 32) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def hidden(board: Board) -> str:
    if not board.hidden:
        return ""
    return ngettext("%(count)s hidden", "%(count)s hidden", board.hidden) % numbers(count=board.hidden)
