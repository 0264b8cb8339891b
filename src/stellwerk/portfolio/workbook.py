"""The board as a workbook: all its projects with lights, dates and money at the data date."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell, Value
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.render import word_of
from stellwerk.portfolio.choices import DIMENSION_LABELS, DIMENSIONS, PHASES
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.selectors.board import Board, need_for_action
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at

CODES = (
    *(f"light.{name}" for name in DIMENSIONS),
    "budget",
    "bac",
    "ac",
    "commitment",
    "eac",
    "cpi",
    "spi_t",
    "value",
    "risk",
)


def board_workbook(board: Board, portfolio: Portfolio | None) -> bytes:
    """XLSX bytes; figures are numbers, lights are words, text is never a formula."""
    lang = "de" if (get_language() or "de").startswith("de") else "en"
    title = portfolio.name if portfolio is not None else _("All projects")
    book = Workbook(Numbers(lang), title=f"{title} {formats.day(board.on)}", author="Stellwerk")  # type: ignore[arg-type]
    book.sheet(_("Projects"), _header(), _rows(board))
    if board.money is not None:
        book.sheet(
            _("Money"),
            [_("Programme"), _("Currency"), _("Budget"), _("Actual"), _("Commitment"), _("Remainder"), "EAC"],
            _money(board),
        )
    if board.history:
        lights = ("red", "amber", "grey", "green")
        rows = [[_cell(day), *(_cell(counts[light]) for light in lights)] for day, counts in board.history]
        book.sheet(_("Course"), [_("Data date"), *(word_of(light) for light in lights)], rows)
    return book.finish()


def _cell(value: Value, places: int = 0) -> Cell:
    return Cell(value="" if value is None else value, places=places)


def _header() -> list[str]:
    return [
        _("Key"), _("Project"), _("Phase"), _("Overall"), _("Overall (as reported)"),
        *(str(DIMENSION_LABELS[name]) for name in DIMENSIONS), _("Status of"), _("Start"), _("Finish"), _("Finish (baseline)"),
        _("Currency"), _("Budget"), _("Actual"), _("Commitment"), "EAC", "CPI", "SPI(t)", _("Value contribution"), _("Risk exposure"),
    ]  # fmt: skip


def _rows(board: Board) -> Iterator[list[Cell]]:
    rows = sorted(board.rows, key=need_for_action)
    phases = {code: str(label) for code, label in PHASES}
    for start in range(0, len(rows), 2000):
        part = rows[start : start + 2000]
        found = figures_at([row.id for row in part], CODES, board.on)
        for row in part:
            figures = found.get(row.id, {})
            budget = figures.get("bac") or figures.get("budget")
            hold = row.phase == "on_hold"
            yield [
                _cell(row.key), _cell(row.name), _cell(phases.get(row.phase, row.phase)), _cell(word_of(row.light) if row.light else ""),
                _cell(row.overall.reported if row.overall else ""),
                *(_cell(_light(figures.get(f"light.{name}"), board, row.cycle_days, hold)) for name in DIMENSIONS),
                _cell(row.overall.date if row.overall else None), _cell(row.start), _cell(row.finish), _cell(row.finish_baseline),
                _cell(row.currency), _cell(_amount(budget) if budget else _major(row.budget, row.currency), 2),
                *(_cell(_amount(figures.get(code)), 2) for code in ("ac", "commitment", "eac")),
                *(_cell(figures[code].value if code in figures else None, 2) for code in ("cpi", "spi_t", "value", "risk")),
            ]  # fmt: skip


def _light(value: FigureValue | None, board: Board, cycle: int, hold: bool) -> str:
    shown = value.shown(board.on, cycle, on_hold=hold) if value is not None else None
    return word_of(shown) if shown else ""


def _amount(value: FigureValue | None) -> Decimal | None:
    return _major(value.amount, value.currency) if value is not None else None


def _major(amount: int | None, currency: str) -> Decimal | None:
    return formats.major(amount, currency) if amount is not None else None


def _money(board: Board) -> Iterator[list[Cell]]:
    money = board.money
    if money is None:
        return
    for _key, name, group in money.groups:
        amounts = (group.budget, group.actual, group.commitment, group.rest, group.eac)
        yield [
            _cell(name or _("without programme")),
            _cell(money.currency),
            *(_cell(_major(a, money.currency), 2) for a in amounts),
        ]
