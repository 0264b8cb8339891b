"""A new report, filled from live data: lights, dates, gates, money, what the last report left open, what has changed.

Nothing is typed twice: the project manager corrects and adds judgement. What was prefilled is kept in
``StatusReport.prefilled`` so that :func:`prefilled_share` can measure it and the PMO can see unchanged text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.portfolio.choices import DIMENSION_LABELS, DIMENSIONS, Source
from stellwerk.portfolio.selectors.figures import FigureValue
from stellwerk.reporting import compute
from stellwerk.reporting.live import Dated, Live, day, figure_entries, gate_entries, numbers_from
from stellwerk.reporting.models import LIST_LENGTH, SUMMARY_LENGTH, ReportedLight, StatusReport
from stellwerk.reporting.payload import DecisionLine, DecisionOption, StatusPayload

ALL_LIGHTS = ("overall", *DIMENSIONS)
LOOK_AHEAD = dt.timedelta(weeks=6)
NEED_A_PATH = ("red", "amber")
PATH_FIELDS = ("cause", "measure", "owner", "due", "help_needed")


@dataclass
class Draft:
    """Values of a new report and of its lights, not yet stored."""

    values: dict[str, Any] = field(default_factory=dict)
    lights: dict[str, dict[str, Any]] = field(default_factory=dict)


def draft_of(live: Live) -> Draft:
    """The prefilled report of a project, in the active language."""
    figures, gates = figure_entries(live), gate_entries(live)
    lights = light_rows(live, figures, gates)
    previous = live.previous
    values = {
        "figures": figures,
        "gates": gates,
        "summary": _summary(live, lights, figures, gates)[:SUMMARY_LENGTH],
        "achieved": _achieved(live, previous)[:LIST_LENGTH],
        "next_steps": _next_steps(live, previous)[:LIST_LENGTH],
        "decisions": _decisions(previous),
        "path_to_green": _path(live, previous, lights),
    }
    draft = Draft(values, lights)
    draft.values["prefilled"] = _kept(draft)
    return draft


def _kept(draft: Draft) -> dict[str, Any]:
    kept = {
        name: draft.values[name]
        for name in ("summary", "achieved", "next_steps", "decisions", "path_to_green", "figures", "gates")
    }
    return kept | {"lights": {name: row["value"] for name, row in draft.lights.items()}}


# ── lights ───────────────────────────────────────────────────────────────────────────────────────


def light_rows(live: Live, figures: Mapping[str, Any], gates: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The seven lights as they would be reported: computed where rules can, else the last reported one."""
    numbers = numbers_from(dict(figures), gates, live.calendar)
    found = compute.verdicts(numbers, compute.rules_of(live.project.portfolio))
    rows = {name: _row(live, name, found.get(name)) for name in DIMENSIONS}
    overall = _row(live, "overall", None)
    if any(row["computed"] for row in rows.values()):
        light = compute.overall_light({name: row["value"] for name, row in rows.items()}) or ""
        overall |= {"value": light, "computed": light, "half_step": "", "scale_value": ""}
    result = {"overall": overall} | rows
    for name, row in result.items():
        _compare(live, name, row, numbers)
    return result


def _row(live: Live, name: str, verdict: compute.Verdict | None) -> dict[str, Any]:
    row = {"value": "", "computed": "", "previous": "", "arrow": "none", "note": "", "scale_value": "", "half_step": ""}
    figure = live.figures.get(f"light.{name}")
    by_a_room = figure is not None and figure.source == "computed" and not figure.source_label.startswith(OWN)
    if figure is not None and by_a_room and figure.light != "grey" and live.fresh(figure) and name != "overall":
        return row | {
            "value": figure.light,
            "computed": figure.light,
            "note": _why(figure, verdict),
        }
    if verdict is not None and verdict.light:
        return row | {"value": verdict.light, "computed": verdict.light, "note": verdict.note[:300]}
    if figure is not None and live.fresh(figure) and (light := _standing_light(figure)):
        side = compute.half_step_side(figure.reported, figure.half_step)
        return row | {"value": light, "scale_value": figure.reported if figure.half_step else "", "half_step": side}
    return row


def _standing_light(figure: FigureValue) -> str:
    """What was told last stands, as reported, until somebody computes anew; an override ends with its report."""
    if figure.source == Source.OVERRIDDEN:
        return figure.text if figure.text in COLOURS else ""
    return "" if figure.source == Source.COMPUTED and figure.light not in COLOURS else figure.light


def _why(figure: FigureValue, verdict: compute.Verdict | None) -> str:
    """The room's own words; else the deciding figures, where the rules come to the same colour from them."""
    if figure.text and figure.text not in ALL_STATES:
        return figure.text
    return verdict.note[:300] if verdict is not None and verdict.light == figure.light else ""


OWN = "REP-"  # lights that an earlier report wrote are no computation of today
COLOURS = ("red", "amber", "green")
ALL_STATES = (*COLOURS, "grey", "missed")


def _compare(live: Live, name: str, row: dict[str, Any], numbers: compute.Numbers) -> None:
    """Previous light and arrow: against the last published report, else against the figures before this date."""
    before = standing_before(live, name)
    if before is None:
        return
    row["previous"] = before.light or ""
    row["arrow"] = arrow_of(name, before, row, numbers)


def arrow_of(name: str, before: compute.Standing | None, row: Mapping[str, Any], numbers: compute.Numbers) -> str:
    index = {"schedule": numbers.spi_t, "cost": numbers.cpi, "overall": numbers.spi_t}.get(name)
    money = name in {"cost", "overall"}
    now = compute.Standing(
        row["value"] or None, bool(row["half_step"]), row["scale_value"], index,
        numbers.eac if money else None, numbers.bac if money else None,
    )  # fmt: skip
    return compute.arrow(before, now)


def standing_before(live: Live, name: str) -> compute.Standing | None:
    payload = live.previous
    if payload is not None:
        light = payload.light(name)
        index = {"schedule": payload.spi_t, "cost": payload.cpi, "overall": payload.spi_t}.get(name)
        total = payload.money.total if payload.money and name in {"cost", "overall"} else None
        return compute.Standing(
            light.value, light.half_step is not None, light.reported_value, index,
            total.eac.minor if total and total.eac else None, total.bac.minor if total and total.bac else None,
        )  # fmt: skip
    figure = _earlier_figure(live, name)
    return compute.Standing(figure.light or None, figure.half_step, figure.reported) if figure else None


def _earlier_figure(live: Live, name: str) -> FigureValue | None:
    return live.before.get(f"light.{name}")


# ── texts ────────────────────────────────────────────────────────────────────────────────────────


def _summary(live: Live, lights: Mapping[str, Any], figures: Mapping[str, Any], gates: list[dict[str, Any]]) -> str:
    """Facts in sentences, as a start for the manager's own judgement."""
    parts = [_light_sentence(lights["overall"])]
    troubled = [
        f"{DIMENSION_LABELS[name]} ({row['note']})" if row["note"] else str(DIMENSION_LABELS[name])
        for name in DIMENSIONS
        if (row := lights[name])["value"] in NEED_A_PATH
    ]
    if troubled:
        parts.append(_("Needs attention: %(list)s.") % {"list": ", ".join(troubled)})
    parts.append(_finish_sentence(live, figures))
    parts.append(_money_sentence(figures))
    return " ".join(part for part in parts if part)


def _light_sentence(row: Mapping[str, Any]) -> str:
    from stellwerk.portfolio.choices import Light

    words = dict(Light.choices)
    if not row["value"]:
        return ""
    if row["previous"] and row["previous"] != row["value"]:
        return _("Overall status %(now)s, last time %(before)s.") % {
            "now": str(words[row["value"]]).lower(), "before": str(words[row["previous"]]).lower(),
        }  # fmt: skip
    return _("Overall status %(now)s.") % {"now": str(words[row["value"]]).lower()}


def _finish_sentence(live: Live, figures: Mapping[str, Any]) -> str:
    finish, plan = (figures.get(code, {}).get("value") for code in ("finish.forecast", "finish.baseline"))
    if not finish:
        return ""
    if not plan:
        return _("Finish expected on %(date)s.") % {"date": formats.day(day(finish))}
    first, last = day(plan), day(finish)
    assert first is not None and last is not None
    return _("Finish expected on %(date)s (%(days)s WD against the baseline).") % {
        "date": formats.day(last), "days": formats.number(live.calendar.between(first, last), sign=True),
    }  # fmt: skip


def _money_sentence(figures: Mapping[str, Any]) -> str:
    eac, bac = figures.get("eac"), figures.get("bac") or figures.get("budget")
    if not eac or not bac or not int(bac["value"]):
        return ""
    share = (int(eac["value"]) - int(bac["value"])) / int(bac["value"])
    return _("Forecast cost %(eac)s, %(share)s against the budget.") % {
        "eac": formats.money(int(eac["value"]), eac["unit"] or "EUR", unit="auto"),
        "share": formats.percent(round(share, 4), sign=True),
    }


def _achieved(live: Live, previous: StatusPayload | None) -> list[str]:
    """Gates and milestones reached since the last report."""
    since = previous.data_date if previous else live.on - dt.timedelta(days=live.project.portfolio.cycle_days)
    return [
        _("%(gate)s reached on %(date)s") % {"gate": _gate_name(gate), "date": formats.day(gate.actual)}
        for gate in live.gates
        if gate.actual is not None and since < gate.actual <= live.on
    ]


def _next_steps(live: Live, previous: StatusPayload | None) -> list[str]:
    """What the last report announced, then the gates of the coming weeks."""
    announced = list(previous.next_steps) if previous else []
    coming = [
        _("%(gate)s due on %(date)s") % {"gate": _gate_name(gate), "date": formats.day(gate.forecast or gate.baseline)}
        for gate in live.gates
        if gate.actual is None and (due := gate.forecast or gate.baseline) and live.on < due <= live.on + LOOK_AHEAD
    ]
    return announced + [text for text in coming if text not in announced]


def _gate_name(gate: Dated) -> str:
    """A milestone of the plan that is no gate has no code that anybody knows."""
    return f"{gate.code} {gate.name}".strip() if gate.gate else gate.name


def _decisions(previous: StatusPayload | None) -> list[dict[str, Any]]:
    return [decision_entry(line) for line in previous.decisions] if previous else []


def decision_entry(line: DecisionLine) -> dict[str, Any]:
    """A published decision as a report stores it."""
    return {
        "question": line.question, "decided_by": line.decided_by, "due": line.due.isoformat() if line.due else "",
        "impact": line.impact, "options": option_text(line.options), "recommendation": line.recommendation,
        "without_decision": line.without_decision,
    }  # fmt: skip


def option_text(options: Sequence[DecisionOption]) -> str:
    """Options as they were typed: one per line, the effect behind a colon."""
    return "\n".join(
        ": ".join(part for part in (option.name, *(effect for _name, effect in option.effects)) if part)
        for option in options
    )


def paths_needed(lights: Mapping[str, str]) -> list[str]:
    """The dimensions that need a path to green; the overall light only where no dimension is amber or red."""
    found = [name for name in DIMENSIONS if lights.get(name) in NEED_A_PATH]
    return found or [name for name in ("overall",) if lights.get(name) in NEED_A_PATH]


def _path(live: Live, previous: StatusPayload | None, lights: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The last path to green of every dimension that is red or amber; where there is none, who answers for the project."""
    last = {
        step.dimension: {
            "cause": step.cause, "measure": step.measure, "owner": step.owner,
            "due": step.due.isoformat() if step.due else "", "help_needed": step.help_needed,
        }
        for step in (previous.path_to_green if previous else ())
    }  # fmt: skip
    manager = live.project.manager
    begun = dict.fromkeys(PATH_FIELDS, "") | {"owner": manager.full_name} if manager else {}
    rows = {
        name: last.get(name) or begun for name in paths_needed({name: row["value"] for name, row in lights.items()})
    }
    return {name: row for name, row in rows.items() if row}


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


def prefilled_share(report: StatusReport, lights: Mapping[str, ReportedLight]) -> float:
    """Which part (0 to 1) of the fields on the page was filled before the manager typed anything.

    Counted are all fields that the page shows with a value now: head (key, name, manager, sponsor, phase, date),
    lights, figures, gate dates, texts, decisions, and the five fields of each path to green that is needed.
    """
    before = report.prefilled or {}
    total = filled = 6
    for name, light in lights.items():
        if light.value or before.get("lights", {}).get(name):
            total += 1
            filled += bool(before.get("lights", {}).get(name))
    for code, entry in (report.figures or {}).items():
        if entry.get("value"):
            total += 1
            filled += bool(before.get("figures", {}).get(code, {}).get("value"))
    stored = {gate["code"]: gate for gate in before.get("gates", [])}
    for gate in report.gates or []:
        for key in ("baseline", "forecast", "actual"):
            if gate.get(key):
                total += 1
                filled += bool(stored.get(gate["code"], {}).get(key))
    text_total, text_filled = _texts(report, before, lights)
    return (filled + text_filled) / (total + text_total)


def _texts(report: StatusReport, before: Mapping[str, Any], lights: Mapping[str, ReportedLight]) -> tuple[int, int]:
    total, filled = 1, int(bool(before.get("summary")))
    for name in ("achieved", "next_steps"):
        rows = len(getattr(report, name))
        total += rows
        filled += min(rows, len(before.get(name, [])))
    total += len(report.decisions)
    filled += min(len(report.decisions), len(before.get("decisions", [])))
    for name, light in lights.items():
        if name != "overall" and light.effective in NEED_A_PATH:
            row = report.path_to_green.get(name, {})
            old = before.get("path_to_green", {}).get(name, {})
            wanted = [key for key in PATH_FIELDS if key != "help_needed" or row.get(key)]
            total += len(wanted)
            filled += sum(bool(old.get(key)) for key in wanted)
    return total, filled
