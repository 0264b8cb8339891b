"""Values of Microsoft Project XML: what stands in an element as numbers, dates and durations, and an element by a table of fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import DAY, Duration, Unit
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.mspdi_elements import Element, Parts, kept_of, tag, text_of, unit_of
from stellwerk.planning.exchange.problems import refuse, shorten

_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)


class Values:
    """Reads values and collects what is wrong with them."""

    def __init__(self, limits: Limits) -> None:
        self.notes = Collector()
        self.limits = limits
        self.codecs: dict[str, Callable[[str, str], Any]] = {
            "text": lambda text, _field: text,
            "int": self.notes.whole,
            "number": self.notes.number,
            "flag": self._flag,
            "not_flag": self._not_flag,
            "date": self.notes.moment,
            "loose_date": self._loose_date,
            "hours": self._hours,
            "cents": self._cents,
            "time": self._time,
            "tenths": self._tenths,
            "reference": self._reference,
            "task_type": lambda text, field: self._choice(fields.TASK_TYPES, text, field, "0"),
            "constraint": lambda text, field: self._choice(fields.CONSTRAINTS, text, field, "0"),
            "resource_type": lambda text, field: self._choice(fields.RESOURCE_TYPES, text, field, "1"),
            "rate_unit": lambda text, _field: fields.RATE_UNITS.get(text, "h"),
        }

    def _flag(self, text: str, field: str) -> bool:
        plain_text = text.strip().lower()
        if plain_text not in {"0", "1", "true", "false"}:
            self.notes.bad(field, text)
        return plain_text in {"1", "true"}

    def _not_flag(self, text: str, field: str) -> bool:
        return not self._flag(text, field)

    def _loose_date(self, text: str, field: str) -> dt.datetime | None:
        """A date that only bounds something: out of range it means “always”."""
        quiet = Collector()
        value = quiet.moment(text, field)
        if value is None:
            self.notes.warn("unknown_value", field=field, what=self.notes.what, value=text, used="–")
        return value

    def _seconds(self, text: str, field: str) -> Decimal | None:
        found = _DURATION.fullmatch(text.strip())
        if not found or text.strip().lstrip("-") in {"P", "PT"}:
            self.notes.bad(field, text)
            return None
        sign, years, months, days, hour, minute, second = found.groups()
        if years or months:
            self.notes.bad(field, text)
            return None
        total = (
            Decimal(days or 0) * 86400 + Decimal(hour or 0) * 3600 + Decimal(minute or 0) * 60 + Decimal(second or 0)
        )
        return -total if sign else total

    def _hours(self, text: str, field: str) -> Decimal | None:
        seconds = self._seconds(text, field)
        return None if seconds is None else hours(seconds / 3600)

    def _cents(self, text: str, field: str) -> Decimal | None:
        value = self.notes.number(text, field)
        return None if value is None else plain(value / 100)

    def _tenths(self, text: str, field: str) -> Duration | None:
        value = self.notes.number(text, field)
        minutes = None if value is None else self.notes.minutes(value / 10, field, text)
        return Duration(minutes) if minutes else None

    def _time(self, text: str, field: str) -> int | None:
        found = _TIME.fullmatch(text.strip())
        minutes = int(found[1]) * 60 + int(found[2]) if found else -1
        if not 0 <= minutes <= DAY:
            self.notes.bad(field, text)
            return None
        return minutes

    def _reference(self, text: str, field: str) -> int | None:
        number = self.notes.whole(text, field)
        return None if number is None or number < 0 else number

    def _choice(self, known: dict[str, Any], text: str, field: str, default: str) -> Any:
        if text.strip() not in known:
            what = self.notes.what
            self.notes.warn("unknown_value", field=field, what=what, value=text, used=known[default])
        return known.get(text.strip(), known[default])

    def _duration(self, text: str, field: str, unit: tuple[Unit, bool, bool]) -> Duration | None:
        seconds = self._seconds(text, field)
        minutes = None if seconds is None else self.notes.minutes(seconds / 60, field, text)
        if minutes is None:
            return None
        name, elapsed, estimated = unit
        return Duration(minutes, elapsed=elapsed, unit=name, estimated=estimated)

    def _apart(self, element: Element, known: tuple[fields.Field, ...], nested: Iterable[str] = ()) -> Parts:
        """Take an element apart by a table of fields."""
        by_name = {field.element: field for field in known}
        values: dict[str, Any] = {}
        children: dict[str, list[Element]] = {name: [] for name in nested}
        durations: list[tuple[fields.Field, str]] = []
        kept: list[Kept] = []
        unit: tuple[Unit, bool, bool] = ("h", False, False)
        for child in element:
            name = tag(child)
            field = by_name.get(name)
            if name in children:
                children[name].append(child)
            elif name == "DurationFormat":
                unit = unit_of(text_of(child))
            elif field is None:
                kept.append(kept_of(child))
            elif field.codec == "duration":
                durations.append((field, text_of(child)))
            elif field.codec == "text" or text_of(child).strip():
                value = self.codecs[field.codec](text_of(child), name)
                if value is not None:
                    values[field.attribute] = value
        for field, text in durations:
            if text.strip():
                values[field.attribute] = self._duration(text, field.element, unit)
        return Parts(values, {name: found for name, found in children.items() if found}, tuple(kept))

    def _name(self, kind: str, element: Element) -> str:
        """How messages call the element: its name, else its number."""
        found = {tag(child): text_of(child) for child in element if tag(child) in {"UID", "Name", "ID"}}
        shown = found.get("Name") or found.get("UID") or found.get("ID") or "?"
        return f"{kind} “{shorten(shown, 60)}”"

    def _begin(self, kind: str, element: Element, size: int) -> None:
        self.notes.at(self._name(kind, element), element.sourceline or 0)
        if size >= self.limits.rows:
            raise refuse("too_many", element.sourceline or 0, limit=self.limits.rows, what=kind)

    def _has_uid(self, values: dict[str, Any], *names: str) -> bool:
        for name in names or ("uid",):
            if values.get(name) is None:
                self.notes.error("missing", what=self.notes.what, field=name.upper() if name == "uid" else name)
                return False
        return True
