"""The controls of a list's filters as HTML, written in Python: each page carries some twenty, opened or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from stellwerk.core.lists.page import FilterField, Option


def controls(fields: Iterable[FilterField]) -> SafeString:
    """One control for each field; they belong to the form ``list-filter``, wherever they stand."""
    draw = Controls()
    return mark_safe("".join(draw.control(field) for field in fields))  # noqa: S308 - every part escapes what it shows


class Controls:
    """Draws controls; the words that all of them share are looked up once."""

    def __init__(self) -> None:
        self.start, self.end, self.contains = _("from"), _("to"), _("contains")
        self.empty_or_not, self.relative = _("empty or not"), _("relative to today")
        self.all, self.empty, self.not_empty, self.any_time = _("all"), _("empty"), _("not empty"), _("any time")

    def control(self, field: FilterField) -> SafeString:
        if field.kind == "many":
            return self._many(field)
        return self._range(field) if field.kind == "range" else self._text(field)

    def _many(self, field: FilterField) -> SafeString:
        boxes = format_html_join(
            "",
            '<label><input type="checkbox" form="list-filter" name="{}" value="{}"{}>{}</label>',
            ((field.name, option.value, _flag("checked", option.chosen), option.label) for option in field.options),
        )
        return format_html(
            '<fieldset class="field"><legend class="lab">{}</legend><div class="choices">{}</div></fieldset>',
            field.column.label,
            boxes,
        )

    def _range(self, field: FilterField) -> SafeString:
        label = field.column.label
        unit = format_html(' <span class="mut">{}</span>', field.unit) if field.unit else ""
        kept = ""
        if field.value:
            kept = format_html('<input type="hidden" form="list-filter" name="{}" value="{}">', field.name, field.value)
        mode = SafeString("" if field.date else ' inputmode="decimal"')
        ends = format_html_join(
            "",
            '<input type="text" form="list-filter" name="{}__{}" value="{}" placeholder="{}" aria-label="{} {}" autocomplete="off"{}>',
            (
                (field.name, part, value, word, label, word, mode)
                for part, value, word in (("from", field.start, self.start), ("to", field.end, self.end))
            ),
        )
        empty = self._empty(field)
        when = self._when(field, field.when, empty) if field.when is not None else ""
        return format_html(
            '<fieldset class="field"><legend class="lab">{}{}</legend>{}<div class="row list-range">{}{}</div>{}</fieldset>',
            label, unit, kept, ends, "" if when else empty, when,
        )  # fmt: skip

    def _when(self, field: FilterField, options: Iterable[Option], empty: SafeString) -> SafeString:
        choices = ((option.value, _flag("selected", option.chosen), option.label) for option in options)
        return format_html(
            '<div class="row list-range"><select form="list-filter" name="{}__when" aria-label="{}: {}">'
            '<option value="">{}</option>{}</select>{}</div>',
            field.name, field.column.label, self.relative, self.any_time,
            format_html_join("", '<option value="{}"{}>{}</option>', choices), empty,
        )  # fmt: skip

    def _text(self, field: FilterField) -> SafeString:
        return format_html(
            '<div class="field"><label for="f-{0}">{1}</label><div class="row list-range"><input type="text" form="list-filter" '
            'name="{2}" id="f-{0}" value="{3}" placeholder="{4}" autocomplete="off">{5}</div></div>',
            field.column.alias, field.column.label, field.name, field.value, self.contains, self._empty(field),
        )  # fmt: skip

    def _empty(self, field: FilterField) -> SafeString:
        return format_html(
            '<select form="list-filter" name="{}__empty" class="narrow" aria-label="{}: {}"><option value="">{}</option>'
            '<option value="yes"{}>{}</option><option value="no"{}>{}</option></select>',
            field.name, field.column.label, self.empty_or_not, self.all, _flag("selected", field.empty == "yes"), self.empty,
            _flag("selected", field.empty == "no"), self.not_empty,
        )  # fmt: skip


def _flag(name: str, on: bool) -> SafeString:
    return SafeString(f" {name}" if on else "")
