"""Earned value in the reader's words: names of figures, formulas, why a figure is missing, methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.controlling.selectors.evm_levels import Figure
from stellwerk.core import formats
from stellwerk.engine.earned_value import Reason, Variant
from stellwerk.engine.money import decimal, minor

MONEY: Final = frozenset(
    {"bac", "pv", "ev", "ac", "cv", "sv", "commitment", "eac1", "eac2", "eac3", "eac4", "eac", "etc", "vac", "bottom_up_etc"}
)  # fmt: skip
RATIOS: Final = frozenset({"cpi", "spi", "spi_t", "tspi", "tcpi_bac", "tcpi_eac"})
SHARES: Final = frozenset({"percent_complete", "percent_spent", "overrun"})
MONTHS: Final = frozenset({"es", "at", "pd", "sv_t", "ieac_t"})
SIGNED: Final = frozenset({"cv", "sv", "vac", "sv_t", "overrun"})


@dataclass(frozen=True)
class Formula:
    """How a figure comes about: the formula, and the figures in it, each of which can be opened itself."""

    text: str
    parts: tuple[str, ...]


FORMULAS: Final[dict[str, Formula]] = {
    "cv": Formula("EV − AC", ("ev", "ac")),
    "sv": Formula("EV − PV", ("ev", "pv")),
    "cpi": Formula("EV / AC", ("ev", "ac")),
    "spi": Formula("EV / PV", ("ev", "pv")),
    "percent_complete": Formula("EV / BAC", ("ev", "bac")),
    "percent_spent": Formula("AC / BAC", ("ac", "bac")),
    "eac1": Formula("AC + (BAC − EV)", ("ac", "bac", "ev")),
    "eac2": Formula("BAC / CPI", ("bac", "ev", "ac")),
    "eac3": Formula("AC + (BAC − EV) / (CPI · SPI)", ("ac", "bac", "ev", "pv")),
    "eac4": Formula("AC + ETC", ("ac", "bottom_up_etc")),
    "etc": Formula("EAC − AC", ("eac", "ac")),
    "vac": Formula("BAC − EAC", ("bac", "eac")),
    "overrun": Formula("(EAC − BAC) / BAC", ("eac", "bac")),
    "tcpi_bac": Formula("(BAC − EV) / (BAC − AC)", ("bac", "ev", "ac")),
    "tcpi_eac": Formula("(BAC − EV) / (EAC − AC)", ("bac", "ev", "eac", "ac")),
    "sv_t": Formula("ES − AT", ("es", "at")),
    "spi_t": Formula("ES / AT", ("es", "at")),
    "ieac_t": Formula("PD / SPI(t)", ("pd", "spi_t")),
    "tspi": Formula("(PD − ES) / (PD − AT)", ("pd", "es", "at")),
    "es": Formula("PV(ES) = EV", ("ev", "pv")),
    "at": Formula("AT", ("pv",)),
    "pd": Formula("PV(PD) = BAC", ("bac",)),
}
SHORT: Final = {
    "bac": "BAC", "pv": "PV", "ev": "EV", "ac": "AC", "cv": "CV", "sv": "SV", "cpi": "CPI", "spi": "SPI", "eac1": "EAC₁", "eac2": "EAC₂",
    "eac3": "EAC₃", "eac4": "EAC₄", "eac": "EAC", "etc": "ETC", "vac": "VAC", "tcpi_bac": "TCPI (BAC)", "tcpi_eac": "TCPI (EAC)",
    "es": "ES", "at": "AT", "pd": "PD", "sv_t": "SV(t)", "spi_t": "SPI(t)", "ieac_t": "IEAC(t)", "tspi": "TSPI",
}  # fmt: skip


def label(code: str) -> str:
    """The name of a figure."""
    names = {
        "bac": _("Budget at completion"),
        "pv": _("Planned value"),
        "ev": _("Earned value"),
        "ac": _("Actual cost"),
        "cv": _("Cost variance"),
        "sv": _("Schedule variance"),
        "cpi": _("Cost performance index"),
        "spi": _("Schedule performance index"),
        "percent_complete": _("Earned of the budget"),
        "percent_spent": _("Spent of the budget"),
        "eac1": _("Forecast: the deviation was a single one"),
        "eac2": _("Forecast: the rest costs as the work did so far"),
        "eac3": _("Forecast: delay costs too"),
        "eac4": _("Forecast: estimate of the remaining work"),
        "eac": _("Estimate at completion"),
        "etc": _("Estimate to complete"),
        "bottom_up_etc": _("Remaining cost by the confirmed forecast"),
        "vac": _("Variance at completion"),
        "overrun": _("Forecast against the budget"),
        "tcpi_bac": _("Efficiency needed for the budget"),
        "tcpi_eac": _("Efficiency needed for the forecast"),
        "commitment": _("Commitment"),
        "es": _("Earned schedule (months)"),
        "at": _("Actual time (months)"),
        "pd": _("Planned duration (months)"),
        "sv_t": _("Schedule variance in time (months)"),
        "spi_t": _("Schedule index in time"),
        "ieac_t": _("Expected duration (months)"),
        "tspi": _("Pace needed for the planned finish"),
    }
    return names.get(code, code)


def short(code: str) -> str:
    """The letters that everybody in the field knows, else the name."""
    return SHORT.get(code) or label(code)


def why(reason: Reason | None) -> str:
    """Why a figure is undefined, in one sentence."""
    if reason is None:
        return ""
    return {
        Reason.NO_BUDGET: _("There is no budget."),
        Reason.NOT_STARTED: _("Nothing was planned, earned or spent yet."),
        Reason.NO_ACTUAL_COST: _("No cost has been booked yet."),
        Reason.NEGATIVE_ACTUAL_COST: _("Credit notes make the booked cost negative."),
        Reason.NO_PLANNED_VALUE: _("Nothing was planned up to this day."),
        Reason.NO_EARNED_VALUE: _("Nothing is earned yet."),
        Reason.NO_BOTTOM_UP_ETC: _("No forecast of the remaining cost is confirmed."),
        Reason.BUDGET_UNATTAINABLE: _("The budget is spent with work left: it is out of reach."),
        Reason.NO_COST_LEFT: _("The forecast leaves nothing for the remaining work."),
        Reason.COMPLETE: _("Everything is earned: nothing is left to do."),
        Reason.NO_TIME_ELAPSED: _("No day of the plan is over yet."),
        Reason.PAST_PLANNED_DURATION: _("The planned finish is over with work left."),
    }[reason]


def text(figure: Figure | None, currency: str, *, places: int = 2) -> str:
    """A figure as people read it; “–” where it is undefined, never 0. Money in full, to the minor unit."""
    if figure is None or figure.value is None:
        return formats.NO_DATA
    sign = figure.code in SIGNED
    if figure.code in MONEY:
        return formats.money(minor(figure.value), currency, sign=sign)
    if figure.code in SHARES:
        return formats.percent(decimal(figure.value, 4), sign=sign)
    return formats.number(decimal(figure.value, places), places, sign=sign)


def brief(figure: Figure | None, currency: str) -> str:
    """Money in thousands or millions for headlines."""
    if figure is None or figure.value is None or figure.code not in MONEY:
        return text(figure, currency)
    return formats.money(minor(figure.value), currency, unit="auto", sign=figure.code in SIGNED)


def variant_code(variant: Variant) -> str:
    return str(variant.value)


def method_text(method: str) -> str:
    """How a work package earns."""
    return {
        "percent": _("% complete; before acceptance at most up to the cap"),
        "0_100": _("0/100: all when it is finished"),
        "50_50": _("50/50: half when it begins"),
        "weighted": _("Weighted milestones: what has been reached"),
        "loe": _("Level of effort: earns what was planned"),
    }.get(method, method)
