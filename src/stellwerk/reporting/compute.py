"""From rows to the engine and back: indicators and lights of a project, arrows against the last report.

The only file of this room that calls the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.engine import lights
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting.payload import Arrow
from stellwerk.reporting.working_days import WorkCalendar

_ARROWS: dict[str | None, Arrow] = {None: "none", "up": "up", "same": "flat", "down": "down"}


@dataclass(frozen=True)
class Slip:
    """How far a date has moved from its baseline, in working days (later is positive)."""

    name: str
    days: int


@dataclass(frozen=True)
class Numbers:
    """What the rules look at; money in minor units of one currency, None where unknown."""

    spi_t: Decimal | None = None
    cpi: Decimal | None = None
    bac: int | None = None
    eac: int | None = None
    budget: int | None = None
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the rules say about a dimension, and why in words; ``light`` None: not assessed."""

    light: str | None = None
    note: str = ""


def rules_of(portfolio: Portfolio) -> tuple[lights.Rule, ...]:
    """The portfolio's own thresholds; unreadable ones count as the method's defaults."""
    if not portfolio.thresholds:
        return lights.DEFAULT_RULES
    try:
        return lights.rules_with(portfolio.thresholds)
    except (ValueError, AttributeError):
        return lights.DEFAULT_RULES


def worst_slip(numbers: Numbers) -> Slip | None:
    return max(numbers.slips, key=lambda slip: slip.days, default=None)


def verdicts(numbers: Numbers, rules: tuple[lights.Rule, ...] = lights.DEFAULT_RULES) -> dict[str, Verdict]:
    """The computed light of each dimension of which an indicator is known."""
    indicators: dict[str, dict[str, lights.Number | None]] = {name: {} for name in DIMENSIONS}
    if numbers.spi_t is not None:
        indicators["schedule"]["spi_t"] = numbers.spi_t
    slip = worst_slip(numbers)
    if slip is not None:
        indicators["schedule"]["milestone_delay"] = slip.days
    if numbers.bac and numbers.eac is not None:
        indicators["cost"]["eac_overrun"] = Decimal(numbers.eac - numbers.bac) / Decimal(numbers.bac)
        if numbers.budget:
            indicators["cost"]["over_approved_budget"] = Decimal(max(0, numbers.eac - numbers.budget))
    found: dict[str, Verdict] = {}
    for name in DIMENSIONS:
        assessment = lights.assess(name, indicators[name] or None, rules)
        if assessment.light is not None:
            found[name] = Verdict(assessment.light, _why(assessment, numbers))
    return found


def _why(assessment: lights.Assessment, numbers: Numbers) -> str:
    """The decisive readings as a short phrase: ``SPI(t) 0.86 · G3 +19 WD``."""
    parts = []
    for reading in assessment.decisive:
        code = reading.rule.code
        if code == "spi_t":
            parts.append(f"SPI(t){formats.NBSP}{formats.number(reading.value, 2)}")
        elif code == "milestone_delay" and (slip := worst_slip(numbers)):
            parts.append(_("%(name)s %(days)s WD") % {"name": slip.name, "days": formats.number(slip.days, sign=True)})
        elif code == "eac_overrun":
            parts.append(f"EAC{formats.NBSP}{formats.percent(reading.value, sign=True)}")
        elif code == "over_approved_budget" and reading.light == lights.RED:
            parts.append(_("above the approved budget"))
    return " · ".join(parts)


def overall_light(dimensions: Mapping[str, str | None]) -> str | None:
    return lights.overall(dimensions)


@dataclass(frozen=True)
class Standing:
    """A light with what an arrow needs beside it."""

    light: str | None
    half_step: bool = False
    reported: str = ""
    index: Decimal | None = None
    eac: int | None = None
    bac: int | None = None

    def engine(self) -> lights.Standing:
        return lights.Standing(self.light, self.half_step, self.reported, self.index, self.eac, self.bac)


def arrow(before: Standing | None, now: Standing) -> Arrow:
    """``up`` better, ``down`` worse, ``flat`` unchanged, ``none`` without an earlier report."""
    if before is None or not before.light or not now.light:
        return "none"
    return _ARROWS[lights.arrow(before.engine(), now.engine())]


def override_gap(computed: str, wanted: str, reason: str, confirmed: bool) -> str:
    """What an override still lacks: ``reason``, ``long_reason``, ``confirmation`` or nothing."""
    if not computed or not wanted:
        return ""
    return lights.override_needs(computed, wanted, reason, confirmed)


def half_step_side(reported: str, half_step: bool) -> str:
    """``better`` (amber/green) or ``worse`` (amber/red) within amber of a five-point scale."""
    if not half_step:
        return ""
    position = lights.severity(lights.AMBER, True, reported)
    return {1: "better", 3: "worse"}.get(position if position is not None else -1, "")


def slips_of(
    gates: Iterable[tuple[str, dt.date | None, dt.date | None, dt.date | None]], calendar: WorkCalendar
) -> tuple[Slip, ...]:
    """Delays of (name, baseline, forecast, actual) rows that are not reached yet, in working days."""
    return tuple(
        Slip(name, calendar.between(baseline, forecast))
        for name, baseline, forecast, actual in gates
        if baseline is not None and forecast is not None and actual is None
    )
