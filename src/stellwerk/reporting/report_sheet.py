"""A status report for readers: everything that its page shows, formatted, and where each figure comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.registry import FIGURES
from stellwerk.portfolio.choices import DIMENSION_LABELS, PHASES, Light
from stellwerk.reporting.forms import source_words
from stellwerk.reporting.models import StatusReport
from stellwerk.reporting.payload import DIMENSIONS, Figure, Money, StatusPayload

NAMES = ("overall", *DIMENSIONS)
MONEY_ROWS = ("budget", "bac", "ac", "commitment", "etc", "eac", "vac")


@dataclass(frozen=True)
class Cell:
    """One figure of the sheet: text, and the address that explains it."""

    label: str
    text: str
    url: str = ""
    bold: bool = False
    title: str = ""


def sheet(payload: StatusPayload, report: StatusReport) -> dict[str, Any]:
    """Everything that the one-page layout shows, formatted for the reader."""
    total = payload.money.total if payload.money else None
    unit, currency = _scale(payload)
    rows = []
    if total is not None:
        for code in MONEY_ROWS:
            money: Money | None = getattr(total, code)
            if money is not None:
                text = formats.scaled(formats.major(money.minor, money.currency), unit, sign=code == "vac")
                rows.append(Cell(str(MONEY_LABELS[code]), text, _figure_url(report, code), code in {"eac", "vac"}))
    return {
        "phase": dict(PHASES).get(payload.phase, payload.phase),
        "lights": [_light(payload, name, report) for name in NAMES],
        "milestones": [
            {
                "line": line,
                "late": line.delta_days is not None and line.delta_days > 5,
                "url": _figure_url(report, f"gate.{line.code}"),
            }
            for line in payload.milestones
        ],
        "money": rows,
        "money_unit": formats.money_unit(currency, unit) if rows else "",
        "indices": [
            Cell(label, formats.number(value, 2), _figure_url(report, code), value < Decimal("0.95"))
            for label, code, value in (("CPI", "cpi", payload.cpi), ("SPI(t)", "spi_t", payload.spi_t))
            if value is not None
        ],
        "dates": [
            Cell(label, formats.day(value), _figure_url(report, code))
            for label, code, value in (
                (_("Start"), "start.forecast", payload.start),
                (_("Finish (baseline)"), "finish.baseline", payload.baseline_finish),
                (_("Finish (forecast)"), "finish.forecast", payload.forecast_finish),
            )
            if value is not None
        ],
        "path": [
            {"step": step, "label": DIMENSION_LABELS[step.dimension], "state": payload.light(step.dimension).value}
            for step in payload.path_to_green
        ],
        "trend": _trend(payload),
        "others": [
            Cell(str(FIGURES[code].label), figure_words(code, figure), _figure_url(report, code))
            for code, figure in payload.figures.items()
            if code in FIGURES and code not in _SHOWN and not code.startswith("gate.")
        ],
    }


_SHOWN = {
    "budget",
    "bac",
    "ac",
    "commitment",
    "etc",
    "eac",
    "vac",
    "cpi",
    "spi_t",
    "start.forecast",
    "finish.baseline",
    "finish.forecast",
    "phase",
}


def _labels() -> dict[str, Any]:
    return {
        "budget": gettext_lazy("Approved budget"),
        "bac": gettext_lazy("Budget at completion (BAC)"),
        "ac": gettext_lazy("Actual cost (AC)"),
        "commitment": gettext_lazy("Commitment"),
        "etc": gettext_lazy("Remaining cost (ETC)"),
        "eac": gettext_lazy("Forecast total cost (EAC)"),
        "vac": gettext_lazy("Variance at completion (VAC)"),
    }


MONEY_LABELS = _labels()


def _figure_url(report: StatusReport, code: str) -> str:
    return reverse("reporting:report-figure", args=[report.key, code])


def _light(payload: StatusPayload, name: str, report: StatusReport) -> dict[str, Any]:
    light = payload.light(name)
    trend = {"up": "up", "down": "down", "flat": "same"}.get(light.arrow)
    previous = ""
    if light.previous:
        previous = _("before: %(light)s") % {"light": _word(light.previous)}
    return {
        "name": name,
        "label": DIMENSION_LABELS[name],
        "state": light.value,
        "trend": trend,
        "note": light.reported_value or light.reason,
        "previous": light.previous,
        "previous_text": previous,
        "calculated": light.computed_value,
        "source": light.source,
        "url": _figure_url(report, f"light.{name}"),
    }


def _word(state: str) -> str:
    return str(Light(state).label) if state in Light.values else state


def _scale(payload: StatusPayload) -> tuple[str, str]:
    """Thousands for everything below ten million, else millions."""
    total = payload.money.total if payload.money else None
    if total is None:
        return "k", "EUR"
    amounts = [money for code in MONEY_ROWS if (money := getattr(total, code)) is not None]
    if not amounts:
        return "k", "EUR"
    largest = max(abs(formats.major(money.minor, money.currency)) for money in amounts)
    return ("m" if largest >= 10_000_000 else "k" if largest >= 10_000 else ""), amounts[0].currency


def _trend(payload: StatusPayload) -> dict[str, Any] | None:
    """Milestone trend chart: what each report expected."""
    rows = []
    for line in payload.milestones:
        points = [[item.reported.isoformat(), item.expected.isoformat()] for item in line.history]
        if len(points) > 1:
            days = line.delta_days
            rows.append(
                {
                    "name": line.code or line.name, "points": points, "reached": line.actual is not None,
                    "delta": formats.number(days, sign=True) if days is not None else "", "hot": bool(days and days > 20),
                }
            )  # fmt: skip
    return {"milestones": rows} if rows else None


def figure_words(code: str, figure: Figure) -> str:
    """A published figure for people."""
    kind = FIGURES[code].kind if code in FIGURES else "text"
    if kind == "money":
        return formats.money(int(figure.value), figure.unit or "EUR")
    if kind == "date":
        return formats.day(dt.date.fromisoformat(figure.value))
    if kind == "percent":
        return formats.percent(Decimal(figure.value), FIGURES[code].decimals)
    if kind in {"number", "days", "count"}:
        return formats.number(Decimal(figure.value), FIGURES[code].decimals if kind == "number" else 0)
    return figure.value


def explain(payload: StatusPayload, code: str) -> dict[str, Any] | None:
    """Value, source and making of one figure of a report; None where it has none."""
    if code.startswith("light."):
        return _explain_light(payload, code.removeprefix("light."))
    if code.startswith("gate."):
        return _explain_gate(payload, code.removeprefix("gate."))
    total = payload.money.total if payload.money else None
    if code in {"etc", "vac"} and total is not None and (money := getattr(total, code)) is not None:
        parts = ("eac", "ac") if code == "etc" else ("bac", "eac")
        return {
            "label": MONEY_LABELS[code], "text": formats.money(money.minor, money.currency), "source": _("computed"),
            "formula": "ETC = EAC − AC" if code == "etc" else "VAC = BAC − EAC", "parts": _parts(payload, parts),
        }  # fmt: skip
    figure = payload.figures.get(code)
    if figure is None:
        return None
    entry = {
        "value": figure.value,
        "source": figure.source,
        "label": figure.label,
        "on": figure.on.isoformat() if figure.on else "",
    }
    return {
        "label": FIGURES[code].label if code in FIGURES else code,
        "text": figure_words(code, figure),
        "raw": f"{figure.value} {figure.unit}".strip(),
        "source": source_words(entry),
        "on": figure.on,
        "url": figure.url if figure.url.startswith("/") else "",
    }


def _parts(payload: StatusPayload, codes: Iterable[str]) -> list[tuple[str, Any]]:
    """Code and name of the figures that a figure is made of, as far as the report has them."""
    return [(code, FIGURES[code].label) for code in codes if code in payload.figures and code in FIGURES]


def _explain_light(payload: StatusPayload, name: str) -> dict[str, Any] | None:
    if name not in NAMES or payload.light(name).value is None:
        return None
    light = payload.light(name)
    words = {
        "computed": _("computed by the rules"),
        "reported": _("reported"),
        "overridden": _("set by hand, with a reason"),
    }
    return {
        "label": DIMENSION_LABELS[name], "light": light, "text": _word(light.value or ""), "source": words[light.source],
        "reason": light.reason, "reported": light.reported_value, "on": payload.data_date,
        "calculated": _word(light.computed_value) if light.computed_value else "",
        "previous": _word(light.previous) if light.previous else "",
        "parts": _parts(payload, {"schedule": ("spi_t",), "cost": ("eac", "bac", "budget")}.get(name, ())),
    }  # fmt: skip


def _explain_gate(payload: StatusPayload, code: str) -> dict[str, Any] | None:
    line = next((row for row in payload.milestones if row.code == code), None)
    if line is None:
        return None
    return {
        "label": f"{line.code} {line.name}".strip(), "text": formats.day(line.actual or line.forecast or line.baseline),
        "source": _("gates of the project"), "gate": line, "on": payload.data_date,
        "formula": _("Δ WD = working days from baseline to forecast (or actual)"),
    }  # fmt: skip
