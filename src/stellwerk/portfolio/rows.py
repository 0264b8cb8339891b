"""The rows of the board as HTML, written in Python: some hundred rows cost a few milliseconds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from stellwerk.core import formats, render
from stellwerk.engine.lights import Arrow
from stellwerk.portfolio import roadmap
from stellwerk.portfolio.choices import DIMENSION_LABELS, PHASES, Category, Source
from stellwerk.portfolio.selectors.board import Board, BoardRow, Bubble, Group, trend
from stellwerk.portfolio.selectors.figures import FigureValue

DEVIATION = 0.05  # bold from here on: the limit of green (domain rule for cost)
DELAY_DAYS = 5
WHY = ("red", "amber")  # lights that lead to their reason
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+").fullmatch  # a key of which an address needs nothing quoted


@dataclass
class Head:
    code: str
    label: str
    short: str


def dimension_heads(board: Board) -> list[Head]:
    short = {"resources": pgettext("column head", "Res.")}
    return [
        Head(name, str(DIMENSION_LABELS[name]), short.get(name, str(DIMENSION_LABELS[name])))
        for name in board.dimensions
    ]


class Table:
    """The matrix and roadmap of one board."""

    def __init__(self, board: Board, toggle: Any) -> None:
        self.board = board
        self.toggle = toggle  # group code, open? → address
        self.page = pages()
        self.reason = reasons()
        self.heads = dimension_heads(board)
        self.scale = roadmap.scale_for((row.finish for row in board.shown), board.on)
        self.labels = {head.code: escape(head.short) for head in self.heads}
        self.language = get_language() or "de"
        self.lamps: dict[tuple[str | None, Arrow | None], SafeString] = {}
        self.empty = format_html('<span class="sr">{}</span>–</td>', _("not assessed"))

    @cached_property
    def gate_code(self) -> str:
        """The gate that has a column of its own: G3 where half of the rows have it, else none (the finish)."""
        with_g3 = sum(1 for gates in self.board.gates.values() if any(gate.code == "G3" for gate in gates))
        return "G3" if with_g3 and with_g3 * 2 >= len(self.board.shown) else ""

    @cached_property
    def has_money(self) -> bool:
        return any(self._deviation(row) is not None for row in self.board.shown)

    @cached_property
    def has_roadmap(self) -> bool:
        return any(row.start or row.finish or self.board.gates.get(row.id) for row in self.board.shown)

    @cached_property
    def has_delay(self) -> bool:
        return any(self._dates(row)[1] is not None for row in self.board.shown)

    @property
    def columns(self) -> int:
        """Columns before the roadmap: project, lights, overall, deviation, date and delay."""
        return 2 + len(self.heads) + self.has_money + 2 * self.has_delay

    def axis(self) -> SafeString:
        return roadmap.head(self.scale)

    def html(self) -> SafeString:
        parts: list[str] = []
        for group in self.board.groups:
            parts.append(self._group(group))
            parts.extend(self._row(row) for row in group.rows)
        return join(parts)

    # ── headings ─────────────────────────────────────────────────────────────────────────────────

    def _group(self, group: Group) -> str:
        note = self._note(group)
        link = self._link(group)
        label = format_html("{} <b>{} {}</b>", *self._name(group))
        road = f'<td class="rm" role="cell">{roadmap.empty_road()}</td>' if self.has_roadmap else ""
        return (
            f'<tr class="grp" role="row"><td role="cell" colspan="{self.columns}">{label} {note} {link}</td>{road}</tr>'
        )

    def _name(self, group: Group) -> tuple[str, str, str]:
        count = formats.number(group.count)
        if self.board_by_light:
            if not group.code:
                return SafeString(""), _("Not assessed"), count
            return render.shape(group.code, label=False), render.word_of(group.code), count
        labels = dict(PHASES) | dict(Category.choices)
        return (
            render.split(*(group.lights[c] for c in ("red", "amber", "grey", "green"))) and SafeString(""),
            str(labels.get(group.label, group.label) or _("Without")),
            count,
        )

    @property
    def board_by_light(self) -> bool:
        return all(
            group.code in {"red", "amber", "grey", "green", ""} and group.code == group.label
            for group in self.board.groups
        )

    def _note(self, group: Group) -> str:
        texts = []
        steps = [f"{label} {count}" for label, count in sorted(group.labels.items()) if "/" in label or "-" in label]
        if self.board_by_light and steps:
            plain = group.count - sum(count for label, count in group.labels.items() if "/" in label or "-" in label)
            texts.append(", ".join([*steps, *([f"{render.word_of(group.code)} {plain}"] if plain else [])]))
        if not self.board_by_light:
            words = [(group.lights[code], render.word_of(code)) for code in ("red", "amber", "grey", "green")]
            texts.append(", ".join(f"{count} {word}" for count, word in words if count))
        if self.board_by_light and group.code == "grey":
            texts.append(_("no data within one cycle: an old colour no longer counts"))
        if group.rows and group.hidden and group.code in {"amber", "red"}:
            texts.append(
                ngettext(
                    "%(count)s shown, the one that got worst", "%(count)s shown, those that got worst", len(group.rows)
                )
                % {"count": len(group.rows)}
            )
        return format_html('<span class="mut">{}</span>', " · ".join(["", *texts]).strip()) if texts else ""

    def _link(self, group: Group) -> str:
        if group.opened and group.count > 0:
            more = ""
            if group.hidden:
                more = format_html(
                    ' <span class="mut">{}</span>', _("the first %(count)s") % {"count": len(group.rows)}
                )
            return format_html(
                '<a class="link" href="{}" data-keep="group-{}">{}</a>{}',
                self.toggle(group.code, False),
                group.code,
                _("collapse"),
                more,
            )
        if group.hidden:
            return format_html(
                '<a class="link" href="{}" data-keep="group-{}">{}</a>',
                self.toggle(group.code, True),
                group.code,
                _("expand"),
            )
        return ""

    # ── a project ────────────────────────────────────────────────────────────────────────────────

    def _row(self, row: BoardRow) -> str:
        board = self.board
        figures, earlier = board.details.get(row.id, {}), board.details_before.get(row.id, {})
        name = escape(row.name)
        url = escape(self.page(row))
        cells = [
            f'<tr class="pr" role="row"><td class="pj" role="cell" title="{name}"><a href="{url}">'
            f'<span class="key">{escape(row.key)}</span>{name}</a></td>'
        ]
        for head in self.heads:
            cells.append(self._light(row, head, figures.get(f"light.{head.code}"), earlier, figures))
        cells.append(f'<td class="ov" role="cell">{self._overall(row, figures, earlier)}</td>')
        if self.has_money:
            cells.append(self._deviation_cell(row))
        if self.has_delay:
            cells.extend(self._date_cells(row))
        if self.has_roadmap:
            road = roadmap.road(
                self.scale, name=row.name, start=row.start, finish=row.finish,
                finish_baseline=row.finish_baseline, phase=row.phase, gates=board.gates.get(row.id, []), language=self.language,
            )  # fmt: skip
            cells.append(f'<td class="rm" role="cell">{road}</td>')
        return "".join(cells) + "</tr>"

    def _light(
        self,
        row: BoardRow,
        head: Head,
        value: FigureValue | None,
        earlier: dict[str, FigureValue],
        figures: dict[str, FigureValue],
    ) -> str:
        label = self.labels[head.code]
        if value is None or not value.light:
            return f'<td class="lc na" role="cell" data-l="{label}">{self.empty}'
        shown = value.shown(self.board.on, row.cycle_days, on_hold=row.phase == "on_hold")
        before = earlier.get(value.code)
        arrow = (
            trend(value, before, self.board.on, self.board.previous, row.cycle_days, figures, earlier)
            if shown != "grey"
            else None
        )
        lamp: str = self._lamp(shown, arrow)
        if shown in WHY:  # one click to the reason
            lamp = f'<a href="{escape(self.reason(row, head.code))}?on={self.board.on.isoformat()}">{lamp}</a>'
        return f'<td class="lc" role="cell" data-l="{label}">{lamp}{half_mark(value)}{computed_mark(value, shown)}</td>'

    def _lamp(self, shown: str | None, arrow: Arrow | None) -> SafeString:
        """Few different lamps stand in some hundred cells."""
        lamp = self.lamps.get((shown, arrow))
        if lamp is None:
            lamp = self.lamps[shown, arrow] = render.light(shown, arrow, True)
        return lamp

    def _overall(self, row: BoardRow, figures: dict[str, FigureValue], earlier: dict[str, FigureValue]) -> str:
        if not row.light:
            return format_html('<span class="na">{}</span>', _("not assessed"))
        arrow = None
        if row.light != "grey" and row.before_light != "grey":
            arrow = trend(row.overall, row.before, self.board.on, self.board.previous, row.cycle_days, figures, earlier)
        return f"{self._lamp(row.light, arrow)}{half_mark(row.overall) if row.light == 'amber' else ''}{computed_mark(row.overall, row.light)}"

    def _deviation(self, row: BoardRow) -> float | None:
        figures = self.board.details.get(row.id, {})
        eac = figures.get("eac")
        budget = figures.get("bac") or figures.get("budget")
        base = budget.amount if budget is not None else row.budget
        if eac is None or eac.amount is None or not base or (budget is not None and budget.currency != eac.currency):
            return None
        return (eac.amount - base) / base

    def _deviation_cell(self, row: BoardRow) -> str:
        ratio = self._deviation(row)
        text = (
            formats.number(ratio * 100, 1, sign=True, language=self.language) if ratio is not None else formats.NO_DATA
        )
        return f'<td class="num dv" role="cell">{_bold(text, ratio is not None and ratio > DEVIATION)}</td>'

    def _dates(self, row: BoardRow) -> tuple[dt.date | None, int | None]:
        if self.gate_code:
            gate = next((gate for gate in self.board.gates.get(row.id, []) if gate.code == self.gate_code), None)
            if gate is None or gate.date is None:
                return None, None
            return gate.date, roadmap.working_days(gate.baseline, gate.date) if gate.baseline else None
        if row.finish is None:
            return None, None
        return row.finish, roadmap.working_days(row.finish_baseline, row.finish) if row.finish_baseline else None

    def _date_cells(self, row: BoardRow) -> list[str]:
        day, late = self._dates(row)
        text = formats.number(late, sign=True, language=self.language) if late is not None else formats.NO_DATA
        return [
            f'<td class="num dv nw" role="cell">{formats.day(day, short=True, language=self.language)}</td>',
            f'<td class="num dv" role="cell">{_bold(text, late is not None and late > DELAY_DAYS)}</td>',
        ]


def join(parts: Iterable[str]) -> SafeString:
    """Pieces of HTML, each escaped already, in a row."""
    return mark_safe("".join(parts))  # noqa: S308 - every part escapes what it shows


def pages() -> Callable[[BoardRow], str]:
    """A function from a project to the address of its cockpit; some hundred are needed, so that one is looked up."""
    start, _key, end = reverse("portfolio:project-detail", args=["KEY"]).rpartition("KEY")
    return lambda row: f"{start}{row.key if _PLAIN(row.key) else quote(row.key, safe='')}{end}"


def reasons() -> Callable[[BoardRow, str], str]:
    """A function from a project and a dimension to the page that says why its light has its colour."""
    start, _key, end = reverse("portfolio:figure", args=["KEY", "light.X"]).rpartition("KEY")
    end = end.removesuffix("X")
    return lambda row, name: f"{start}{row.key if _PLAIN(row.key) else quote(row.key, safe='')}{end}{name}"


def change_line(row: BoardRow, page: str, lamps: str, text: str, value: str) -> SafeString:
    """What changed in one project: the lights before and after, its name, a text and the figure that moved."""
    shown = escape(text)
    title = f' title="{shown}"' if text else ""
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<li><span class="lamp">{lamps}</span><span class="two"><a class="h el" href="{escape(page)}">'
        f'{escape(row.name)}</a><span class="mut sm two-lines"{title}>{shown}</span></span>'
        f'<span class="num b">{escape(value)}</span></li>'
    )


def bubble_row(bubble: Bubble, page: str, language: str) -> str:
    """A bubble as a line of the table beside the picture."""
    value, risk = (formats.number(figure, language=language) for figure in (bubble.value, bubble.risk))
    return (
        f'<tr><td><a href="{escape(page)}">{escape(bubble.row.name)}</a></td>'
        f'<td class="num">{value}</td><td class="num">{risk}</td></tr>'
    )


def _bold(text: str, bold: bool) -> str:
    return f'<span class="worse">{text}</span>' if bold else text


def half_mark(value: FigureValue | None) -> str:
    """The half step of a foreign scale, with the reported word."""
    if value is None or not value.half_step:
        return ""
    return format_html(
        '<span class="hs-mark" title="{}">½<span class="sr"> {}</span></span>', value.reported, value.reported
    )


def computed_mark(value: FigureValue | None, shown: str | None) -> str:
    """The calculated light beside one that a person set: both colours stay visible."""
    if value is None or value.source != Source.OVERRIDDEN or shown != value.light or not value.text:
        return ""
    text = _("calculated: %(light)s") % {"light": render.word_of(value.text)}
    return format_html(
        '<span class="cm-mark" title="{}">{}<span class="sr"> {}</span></span>',
        text,
        render.shape(value.text, label=False),
        text,
    )
