"""The controls of a list's filters as HTML, written in Python: each page carries some twenty, opened or not."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from stellwerk.core.lists.page import FilterField, Option


def controls(fields: Iterable[FilterField]) -> SafeString:
    """One control for each field; they belong to the form ``list-filter``, wherever they stand."""
    draw = Controls()
    return mark_safe("".join(map(draw.control, fields)))  # noqa: S308 - every part escapes what it shows


class Controls:
    """Draws controls; the words that all of them share are looked up and escaped once."""

    def __init__(self) -> None:
        self.start, self.end, self.contains = escape(_("from")), escape(_("to")), escape(_("contains"))
        self.empty_or_not, self.relative = escape(_("empty or not")), escape(_("relative to today"))
        self.all, self.any_time = escape(_("all")), escape(_("any time"))
        self.empty, self.not_empty = escape(_("empty")), escape(_("not empty"))

    def control(self, field: FilterField) -> str:
        """One control as HTML."""
        label = escape(str(field.column.label))
        if field.kind == "many":
            return self._many(field, label)
        return self._range(field, label) if field.kind == "range" else self._text(field, label)

    def _many(self, field: FilterField, label: str) -> str:
        boxes = "".join(
            f'<label><input type="checkbox" form="list-filter" name="{escape(field.name)}" value="{escape(str(option.value))}"'
            f"{_flag('checked', option.chosen)}>{escape(str(option.label))}</label>"
            for option in field.options
        )
        return (
            f'<fieldset class="field"><legend class="lab">{label}</legend><div class="choices">{boxes}</div></fieldset>'
        )

    def _range(self, field: FilterField, label: str) -> str:
        name = escape(field.name)
        unit = f' <span class="mut">{escape(field.unit)}</span>' if field.unit else ""
        kept = (
            f'<input type="hidden" form="list-filter" name="{name}" value="{escape(field.value)}">'
            if field.value
            else ""
        )
        mode = "" if field.date else ' inputmode="decimal"'
        ends = "".join(
            f'<input type="text" form="list-filter" name="{name}__{part}" value="{escape(value)}" placeholder="{word}"'
            f' aria-label="{label} {word}" autocomplete="off"{mode}>'
            for part, value, word in (("from", field.start, self.start), ("to", field.end, self.end))
        )
        empty = self._empty(field, label)
        when = self._when(field, label, field.when, empty) if field.when is not None else ""
        return (
            f'<fieldset class="field"><legend class="lab">{label}{unit}</legend>{kept}'
            f'<div class="row list-range">{ends}{"" if when else empty}</div>{when}</fieldset>'
        )

    def _when(self, field: FilterField, label: str, options: Iterable[Option], empty: str) -> str:
        choices = "".join(
            f'<option value="{escape(option.value)}"{_flag("selected", option.chosen)}>{escape(option.label)}</option>'
            for option in options
        )
        return (
            f'<div class="row list-range"><select form="list-filter" name="{escape(field.name)}__when"'
            f' aria-label="{label}: {self.relative}"><option value="">{self.any_time}</option>{choices}</select>{empty}</div>'
        )

    def _text(self, field: FilterField, label: str) -> str:
        number = f"f-{escape(field.column.alias)}"
        return (
            f'<div class="field"><label for="{number}">{label}</label><div class="row list-range"><input type="text"'
            f' form="list-filter" name="{escape(field.name)}" id="{number}" value="{escape(field.value)}"'
            f' placeholder="{self.contains}" autocomplete="off">{self._empty(field, label)}</div></div>'
        )

    def _empty(self, field: FilterField, label: str) -> str:
        return (
            f'<select form="list-filter" name="{escape(field.name)}__empty" class="narrow" aria-label="{label}: {self.empty_or_not}">'
            f'<option value="">{self.all}</option><option value="yes"{_flag("selected", field.empty == "yes")}>{self.empty}</option>'
            f'<option value="no"{_flag("selected", field.empty == "no")}>{self.not_empty}</option></select>'
        )


def _flag(name: str, on: bool) -> str:
    return f" {name}" if on else ""
