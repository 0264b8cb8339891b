"""What a report must have before it is submitted, and what the PMO should look at before it accepts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.portfolio.choices import DIMENSION_LABELS
from stellwerk.reporting import compute, selectors
from stellwerk.reporting.live import day, numbers_from
from stellwerk.reporting.models import SUMMARY_LENGTH, ReportedLight, StatusReport
from stellwerk.reporting.payload import StatusPayload
from stellwerk.reporting.prefill import paths_needed

PATH_NEEDED = ("cause", "measure", "owner", "due")


def submission_gaps(report: StatusReport) -> list[str]:
    """Everything that is still missing for submission, in the reader's language."""
    lights = {light.dimension: light for light in report.lights.all()}
    gaps = []
    if len(report.summary) > SUMMARY_LENGTH:
        gaps.append(_("The summary is longer than %(count)s characters.") % {"count": SUMMARY_LENGTH})
    if not any(light.value for light in lights.values()):
        gaps.append(_("No traffic light is set."))
    for name in path_dimensions(lights):
        row = (report.path_to_green or {}).get(name, {})
        lacking = [str(PATH_LABELS[key]) for key in PATH_NEEDED if not row.get(key)]
        if lacking:
            gaps.append(
                _("Path to green for %(dimension)s: please add %(fields)s.")
                % {"dimension": DIMENSION_LABELS[name], "fields": ", ".join(lacking)}
            )
    for number, row in enumerate(report.decisions, start=1):
        if row.get("question") and not (row.get("decided_by") and row.get("due")):
            gaps.append(_("Decision %(number)s: who decides, and by when?") % {"number": number})
    return gaps


def path_dimensions(lights: Mapping[str, ReportedLight]) -> list[str]:
    """The dimensions whose light, as it counts now, needs a path to green."""
    return paths_needed({name: light.effective for name, light in lights.items()})


PATH_LABELS: dict[str, Text] = {
    "cause": gettext_lazy("cause"),
    "measure": gettext_lazy("measure"),
    "owner": gettext_lazy("responsible"),
    "due": gettext_lazy("date"),
    "help_needed": gettext_lazy("help needed"),
}


# ── plausibility, shown to the PMO at the review ─────────────────────────────────────────────────


@dataclass(frozen=True)
class Finding:
    """One thing to look at: code of the rule, what, and why it matters."""

    code: str
    text: str
    why: str


@dataclass(frozen=True)
class _Case:
    report: StatusReport
    lights: Mapping[str, ReportedLight]
    numbers: compute.Numbers
    previous: StatusPayload | None
    today: dt.date


Rule = Callable[[_Case], Iterator[Finding]]


def plausibility(report: StatusReport, today: dt.date | None = None) -> list[Finding]:
    """Findings about a submitted report; an empty list means that nothing stands out."""
    earlier = selectors.earlier_snapshots([report.project_id], report.data_date).get(report.project_id, [])
    calendar = selectors.calendar_of(report.project.portfolio)
    case = _Case(
        report,
        {light.dimension: light for light in report.lights.all()},
        numbers_from(report.figures or {}, report.gates or [], calendar),
        selectors.readable_payload(earlier[0]) if earlier else None,
        today or report.data_date,
    )
    return [finding for rule in RULES for finding in rule(case)]


def _green_with_poor_index(case: _Case) -> Iterator[Finding]:
    for name, label, value in (("schedule", "SPI(t)", case.numbers.spi_t), ("cost", "CPI", case.numbers.cpi)):
        light = case.lights.get(name)
        if light is not None and light.effective == "green" and value is not None and value < Decimal("0.95"):
            yield Finding(
                "REP001",
                _("%(dimension)s is green at %(index)s %(value)s.")
                % {"dimension": DIMENSION_LABELS[name], "index": label, "value": formats.number(value, 2)},
                _("An index below 0.95 is not green by the rules."),
            )


def _past_milestones(case: _Case) -> Iterator[Finding]:
    for gate in case.report.gates or []:
        due = day(gate.get("forecast")) or day(gate.get("baseline"))
        if due is not None and not gate.get("actual") and due < case.report.data_date:
            yield Finding(
                "REP002",
                _("%(gate)s was due on %(date)s and is neither reached nor forecast anew.")
                % {"gate": gate["code"], "date": formats.day(due)},
                _("A forecast in the past says nothing."),
            )
    finish = day((case.report.figures or {}).get("finish.forecast", {}).get("value"))
    if finish is not None and finish < case.report.data_date and case.report.project.finish_actual is None:
        yield Finding(
            "REP002", _("The finish forecast %(date)s lies in the past.") % {"date": formats.day(finish)},
            _("A forecast in the past says nothing."),
        )  # fmt: skip


def _unchanged_text(case: _Case) -> Iterator[Finding]:
    summary = " ".join(case.report.summary.split())
    if case.previous is not None and summary and summary == " ".join(case.previous.summary.split()):
        yield Finding(
            "REP003", _("The summary is the same as on %(date)s.") % {"date": formats.day(case.previous.data_date)},
            _("Something happens in two weeks: ask what."),
        )  # fmt: skip
    elif summary and summary == " ".join(str((case.report.prefilled or {}).get("summary", "")).split()):
        yield Finding(
            "REP003",
            _("The summary is the prefilled text, word for word."),
            _("The manager's own judgement is missing."),
        )


def _no_etc(case: _Case) -> Iterator[Finding]:
    figures = case.report.figures or {}
    if case.report.project.phase in {"executing", "transition"} and figures.get("ac") and not figures.get("eac"):
        yield Finding(
            "REP004", _("Actual cost is known, the remaining cost (ETC) is not."),
            _("Without ETC there is no forecast, and the cost light rests on nothing."),
        )  # fmt: skip


def _confirmed_better(case: _Case) -> Iterator[Finding]:
    for name, light in case.lights.items():
        if light.improved:
            yield Finding(
                "REP005",
                _("%(dimension)s is reported better than computed.") % {"dimension": DIMENSION_LABELS[name]},
                light.reason,
            )


def _jump(case: _Case) -> Iterator[Finding]:
    light = case.lights.get("overall")
    if light is not None and light.previous == "red" and light.effective == "green":
        yield Finding(
            "REP006", _("The overall light jumps from red to green."), _("Two steps in one cycle need an explanation.")
        )


RULES: tuple[Rule, ...] = (_green_with_poor_index, _past_milestones, _unchanged_text, _no_etc, _confirmed_better, _jump)
