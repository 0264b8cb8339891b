"""The report's page as input: texts, up to five points, figures, gate dates, lights and the path to green.

The form keeps what was typed exactly as it was typed; :meth:`ReportForm.values` is what the service gets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.pages.entityform import EntityForm
from stellwerk.core.pages.fields import text_of_number
from stellwerk.core.pages.inputs import parse_day, parse_number
from stellwerk.core.registry import FIGURES
from stellwerk.core.text import without_control
from stellwerk.portfolio.choices import DIMENSION_LABELS, DIMENSIONS, Light
from stellwerk.reporting.checks import PATH_LABELS, PATH_NEEDED
from stellwerk.reporting.live import TYPED_CODES
from stellwerk.reporting.models import LIST_LENGTH, SUMMARY_LENGTH, Cycle, ReportedLight, StatusReport
from stellwerk.reporting.payload import without_code
from stellwerk.reporting.prefill import PATH_FIELDS

MOST_DECISIONS = 5
LINE = 300
OPTIONS = 1000
DECISION_FIELDS = ("question", "decided_by", "due", "options", "recommendation", "impact", "without_decision")
PERCENT = "progress"
LIGHTS = ("overall", *DIMENSIONS)


@dataclass
class Box:
    """One input: its name, what stands in it, and what is wrong with it."""

    name: str
    label: str
    value: str = ""
    error: str = ""
    unit: str = ""
    source: str = ""
    required: bool = False
    readonly: bool = False
    most: int = LINE
    lines: bool = False
    help: str = ""


@dataclass
class DecisionBox:
    """A decision: what, who and when; and, folded in while empty, what the committee weighs."""

    head: list[Box]
    more: list[Box]

    @property
    def boxes(self) -> list[Box]:
        return [*self.head, *self.more]

    @property
    def open(self) -> bool:
        return any(box.value or box.error for box in self.more) or any(box.value for box in self.head)


@dataclass
class LightBox:
    """A dimension's light with its reason and its path to green."""

    dimension: str
    label: str
    light: ReportedLight
    value: str
    reason: str
    error: str = ""
    path: list[Box] = field(default_factory=list)

    @property
    def needs_path(self) -> bool:
        return self.value in {"red", "amber"} or any(box.value for box in self.path)

    @property
    def choices(self) -> list[tuple[str, str]]:
        rows = [(str(value), str(label)) for value, label in Light.choices]
        return rows if self.light.computed else [("", _("not assessed")), *rows]


class ReportForm:
    """Input and errors of one report; ``data`` None shows what is stored."""

    def __init__(self, report: StatusReport, data: QueryDict | None = None) -> None:
        self.report = report
        self.data = data
        self.errors: dict[str, str] = {}
        self.stored_lights = {light.dimension: light for light in report.lights.all()}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def text(self, name: str, stored: Any) -> str:
        if self.data is not None and name in self.data:
            return without_control(self.data.get(name) or "").strip()
        return str(stored or "")

    def lines(self, name: str) -> list[Box]:
        """Five inputs of a list of points."""
        stored = list(getattr(self.report, name)) + [""] * LIST_LENGTH
        label = str(StatusReport._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        boxes = []
        for number in range(LIST_LENGTH):
            code = f"{name}_{number}"
            boxes.append(Box(code, f"{label} {number + 1}", self.text(code, stored[number]), self.errors.get(code, "")))
        return boxes

    @property
    def summary(self) -> Box:
        return Box(
            "summary",
            _("Summary"),
            self.text("summary", self.report.summary),
            self.errors.get("summary", ""),
            required=True,
        )

    @property
    def achieved(self) -> list[Box]:
        return self.lines("achieved")

    @property
    def next_steps(self) -> list[Box]:
        return self.lines("next_steps")

    @property
    def decisions(self) -> list[DecisionBox]:
        """What is asked for, and one empty place more."""
        rows = []
        stored = list(self.report.decisions)
        shown = min(MOST_DECISIONS, len(stored) + 1)
        for number in range(MOST_DECISIONS if self.data is not None else shown):
            entry = stored[number] if number < len(stored) else {}
            boxes = []
            for key in DECISION_FIELDS:
                code = f"decision_{number}_{key}"
                value = self.text(code, _day_text(entry.get(key)) if key == "due" else entry.get(key))
                boxes.append(_decision_box(key, code, value, self.errors.get(code, "")))
            if number < shown or any(box.value for box in boxes):
                rows.append(DecisionBox(boxes[:3], boxes[3:]))
        return rows

    @property
    def lights(self) -> list[LightBox]:
        rows = []
        for name in LIGHTS:
            light = self.stored_lights.get(name)
            if light is None:
                continue
            stored = (self.report.path_to_green or {}).get(name, {})
            path = []
            for key in PATH_FIELDS:
                code = f"path_{name}_{key}"
                value = self.text(code, _day_text(stored.get(key)) if key == "due" else stored.get(key))
                path.append(
                    Box(code, str(PATH_LABELS[key]), value, self.errors.get(code, ""), required=key != "help_needed")
                )
            rows.append(
                LightBox(
                    name, str(DIMENSION_LABELS[name]), light, self.text(f"light_{name}", light.value),
                    self.text(f"reason_{name}", light.reason), self.errors.get(f"light_{name}", ""), path,
                )
            )  # fmt: skip
        return rows

    @property
    def figures(self) -> list[Box]:
        """What may be corrected here, and (read only) what a room computes."""
        rows = []
        entries = self.report.figures or {}
        for code in TYPED_CODES:
            entry = entries.get(code, {})
            kind = FIGURES[code]
            name = f"figure_{code}"
            readonly = entry.get("source") == "computed" and not entry.get("typed")
            rows.append(
                Box(
                    name, str(kind.label), self.text(name, figure_text(code, entry, self.currency)) if not readonly else figure_text(code, entry, self.currency),
                    self.errors.get(name, ""), self._unit(code, entry), source_words(entry), readonly=readonly,
                )
            )  # fmt: skip
        return rows

    @property
    def gates(self) -> list[dict[str, Any]]:
        rows = []
        for number, gate in enumerate(self.report.gates or []):
            boxes = {
                key: Box(
                    f"gate_{number}_{key}",
                    label,
                    self.text(f"gate_{number}_{key}", _day_text(gate.get(key))),
                    self.errors.get(f"gate_{number}_{key}", ""),
                    readonly=bool(gate.get("plan")),
                )
                for key, label in (("forecast", _("Forecast")), ("actual", _("Actual")))
            }
            label = without_code(gate.get("code") or "", gate.get("name") or "")
            rows.append({"gate": gate, "label": label, "baseline": _date(gate.get("baseline")), **boxes})
        return rows

    @property
    def currency(self) -> str:
        return self.report.project.currency or "EUR"

    def _unit(self, code: str, entry: Mapping[str, Any]) -> str:
        if FIGURES[code].kind == "money":
            return formats.money_unit(entry.get("unit") or self.currency, "k")
        return "%" if code == PERCENT else ""

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def values(self) -> dict[str, Any]:
        """What was typed, as the service stores it; fills ``errors`` where something cannot be read."""
        assert self.data is not None
        self.errors = {}
        return {
            "summary": self._limited("summary", SUMMARY_LENGTH),
            "achieved": self._points("achieved"),
            "next_steps": self._points("next_steps"),
            "decisions": self._read_decisions(),
            "path_to_green": self._read_path(),
            "figures": self._read_figures(),
            "gates": self._read_gates(),
        }

    def light_values(self) -> dict[str, dict[str, str]]:
        assert self.data is not None
        return {
            name: {"value": self.text(f"light_{name}", ""), "reason": self.text(f"reason_{name}", "")}
            for name in self.stored_lights
            if f"light_{name}" in self.data
        }

    def take(self, errors: Mapping[str, list[str]]) -> list[str]:
        """Place the service's errors at their inputs; returns those that belong to none."""
        known = {"summary", *(f"light_{name}" for name in LIGHTS)}
        rest = []
        for name, texts in errors.items():
            if name in known:
                self.errors[name] = " ".join(texts)
            else:
                rest.extend(texts)
        return rest

    def mark_missing(self, dimensions: Iterable[str]) -> None:
        """Mark the empty fields of the paths to green without which the report is not submitted."""
        for name in dimensions:
            row = (self.report.path_to_green or {}).get(name, {})
            for key in PATH_NEEDED:
                if not row.get(key):
                    self.errors[f"path_{name}_{key}"] = _("Please fill in.")

    @property
    def announced(self) -> list[str]:
        """What the last report announced: picked as achieved, it need not be typed again."""
        return list((self.report.prefilled or {}).get("next_steps", []))

    def _limited(self, name: str, most: int) -> str:
        text = self.text(name, "").replace("\r\n", "\n")
        if len(text) > most:
            self.errors[name] = _("At most %(most)s characters; these are %(count)s.") % {
                "most": most,
                "count": len(text),
            }
        return text

    def _points(self, name: str) -> list[str]:
        found = [self._limited(f"{name}_{number}", LINE) for number in range(LIST_LENGTH)]
        return [text for text in found if text]

    def _day(self, name: str) -> str:
        text = self.text(name, "")
        if not text:
            return ""
        try:
            return parse_day(text).isoformat()
        except ValueError as error:
            self.errors[name] = str(error)
            return ""

    def _read_decisions(self) -> list[dict[str, str]]:
        rows = []
        for number in range(MOST_DECISIONS):
            row = {
                key: self._limited(f"decision_{number}_{key}", OPTIONS if key == "options" else LINE)
                for key in DECISION_FIELDS
                if key != "due"
            }
            row["due"] = self._day(f"decision_{number}_due")
            if any(row.values()):
                if not row["question"]:
                    self.errors[f"decision_{number}_question"] = _("What is to be decided?")
                rows.append(row)
        return rows

    def _read_path(self) -> dict[str, dict[str, str]]:
        found = {}
        for name in self.stored_lights:
            row = {key: self._limited(f"path_{name}_{key}", LINE) for key in PATH_FIELDS if key != "due"}
            row["due"] = self._day(f"path_{name}_due")
            if any(row.values()):
                found[name] = row
        return found

    def _read_figures(self) -> dict[str, Any]:
        assert self.data is not None
        entries: dict[str, Any] = {code: dict(entry) for code, entry in (self.report.figures or {}).items()}
        for code in TYPED_CODES:
            name = f"figure_{code}"
            entry = entries.get(code, {})
            if name not in self.data or (entry.get("source") == "computed" and not entry.get("typed")):
                continue
            typed = self.text(name, "")
            if typed == figure_text(code, entry, self.currency):
                continue
            try:
                value = _canonical(code, typed, entry.get("unit") or self.currency)
            except ValueError as error:
                self.errors[name] = str(error)
                continue
            if not value:
                entries.pop(code, None)
            elif value != entry.get("value"):
                entries[code] = {
                    "value": value, "unit": (entry.get("unit") or self.currency) if FIGURES[code].kind == "money" else "",
                    "source": "reported", "label": self.report.key, "url": "", "on": self.report.data_date.isoformat(), "typed": True,
                }  # fmt: skip
        return entries

    def _read_gates(self) -> list[dict[str, Any]]:
        assert self.data is not None
        rows = []
        for number, gate in enumerate(self.report.gates or []):
            row = dict(gate)
            for key in ("forecast", "actual"):
                name = f"gate_{number}_{key}"
                if name not in self.data or gate.get("plan"):
                    continue
                value = self._day(name)
                if value != (gate.get(key) or "") and name not in self.errors:
                    row |= {key: value, "typed": True}
            if row.get("actual") and row["actual"] > self.report.data_date.isoformat():
                self.errors[f"gate_{number}_actual"] = _("This day lies after the data date: enter it as forecast.")
            rows.append(row)
        return rows


def _labels() -> dict[str, Any]:
    return {
        "question": gettext_lazy("Decision needed"),
        "decided_by": gettext_lazy("Decided by"),
        "due": pgettext_lazy("date", "By"),
        "options": gettext_lazy("Options"),
        "recommendation": gettext_lazy("Recommendation"),
        "impact": gettext_lazy("Effect of the recommendation"),
        "without_decision": gettext_lazy("Effect if not decided"),
    }


DECISION_LABELS = _labels()


def _decision_box(key: str, code: str, value: str, error: str) -> Box:
    box = Box(code, str(DECISION_LABELS[key]), value, error)
    if key == "options":
        box.lines, box.most = True, OPTIONS
        box.help = _("One per line, its effect behind a colon; the recommended one first.")
    return box


def figure_text(code: str, entry: Mapping[str, Any], currency: str) -> str:
    """A stored figure as it stands in its input: money in thousands, progress in percent."""
    value = entry.get("value")
    if not value:
        return ""
    kind = FIGURES[code].kind
    if kind == "money":
        thousands = formats.major(int(value), entry.get("unit") or currency) / 1000
        return text_of_number(thousands.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
    if kind == "date":
        return _day_text(value)
    return text_of_number(Decimal(value) * 100 if code == PERCENT else Decimal(value))


def _canonical(code: str, text: str, currency: str) -> str:
    if not text:
        return ""
    kind = FIGURES[code].kind
    if kind == "date":
        return parse_day(text).isoformat()
    number = parse_number(text.replace("%", ""))
    if abs(number) >= Decimal(10) ** 12:
        raise ValueError(_("This number is too large."))
    if kind == "money":
        return str(formats.minor(number * 1000, currency))
    try:
        return format((number / 100 if code == PERCENT else number).normalize(), "f")
    except InvalidOperation:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None


def source_words(entry: Mapping[str, Any]) -> str:
    """Where a figure comes from, in a few words."""
    if not entry.get("value"):
        return ""
    words = {
        "computed": _("computed"), "reported": _("reported"), "imported": _("imported"), "overridden": _("overridden"),
    }  # fmt: skip
    parts = [words.get(entry.get("source", ""), entry.get("source", "")), entry.get("label", "")]
    if entry.get("on"):
        parts.append(formats.day(_date(entry["on"]), short=True))
    return " · ".join(part for part in parts if part)


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _day_text(text: str | None) -> str:
    return formats.day(_date(text)) if text else ""


class CycleForm(EntityForm):
    """The meeting to which a cycle reports."""

    class Meta:
        model = Cycle
        fields = ("meeting_date", "meeting_name", "confidentiality")


class TemplateForm(forms.Form):
    """A PowerPoint template of the organisation."""

    organisation = forms.IntegerField()
    name = forms.CharField(max_length=120, required=False)
    file = forms.FileField()
