"""Form fields that speak German and English: numbers, days, money in minor units, entities by remote search."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.pages.inputs import parse_day, parse_number
from stellwerk.core.permissions import visible
from stellwerk.core.registry import ENTITIES

BIGGEST = 9_000_000_000_000_000_000  # fits a 64-bit integer
EXAMPLE = lazy(formats.day, str)(dt.date(2026, 12, 24))  # a form is made once, its readers have their own language
MOST_OPTIONS = 100  # above this a select searches on the server instead of listing everything


def text_of_number(value: Any, decimals: int | None = None) -> str:
    """A number for an input box in the reader's language: no groups, true digits, no trailing zeros."""
    exact = Decimal(str(value))
    plain = format(exact.normalize() if decimals is None else exact.quantize(Decimal(1).scaleb(-decimals)), "f")
    return plain.replace(".", formats._separators()[0])


class NumberInput(forms.TextInput):
    """A text box for numbers: the browser shows digits, the server understands both languages."""

    def __init__(self, attrs: dict[str, Any] | None = None, mode: str = "decimal") -> None:
        super().__init__({"inputmode": mode, "autocomplete": "off", **(attrs or {})})


class LocalDecimalField(forms.DecimalField):
    widget = NumberInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            if not value.strip():
                return None
            value = _parsed(value)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return text_of_number(value) if isinstance(value, (Decimal, int, float)) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class LocalIntegerField(forms.IntegerField):
    widget = NumberInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", NumberInput(mode="numeric"))
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            if not value.strip():
                return None
            number = _parsed(value)
            if number != number.to_integral_value():
                raise ValidationError(_("Please enter a whole number."), code="invalid")
            if abs(number) > BIGGEST:
                raise ValidationError(_("This number is too large."), code="invalid")
            value = int(number)
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class DayField(forms.DateField):
    """A day: ``24.12.2026``, ``2026-12-24``, ``24 Dec 2026``."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return parse_day(value)
            except ValueError as error:
                raise ValidationError(str(error), code="invalid") from error
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dt.datetime):
            value = value.date()
        return formats.day(value) if isinstance(value, dt.date) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"placeholder": EXAMPLE, "autocomplete": "off", "data-day": "", "size": 12}


class MoneyField(forms.Field):
    """Units of a currency on screen, integer minor units in the cleaned data.

    ``currency_field`` names the field of the same form that holds the currency; without it ``currency`` counts
    (:class:`EntityForm` sets it from the object, its parent or the form's input).
    """

    widget = NumberInput

    def __init__(
        self, *, currency_field: str = "currency", currency: str = "EUR", minimum: int | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.currency_field = currency_field
        self.currency = currency
        self.minimum = minimum

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, str):
            for mark in (self.currency, formats.money_unit(self.currency, "")):
                value = value.replace(mark, "")
            value = _parsed(value)
        exact = Decimal(value)
        digits = formats.minor_digits(self.currency)
        if exact != round(exact, digits):
            raise ValidationError(_("At most %(digits)s decimal places, please.") % {"digits": digits}, code="decimals")
        if abs(exact) * 10**digits > BIGGEST:
            raise ValidationError(_("This amount is too large."), code="too_large")
        return formats.minor(exact, self.currency)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and self.minimum is not None and value < self.minimum:
            raise ValidationError(
                _("This amount cannot be less than %(least)s.") % {"least": formats.money(self.minimum, self.currency)},
                code="too_small",
            )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            exact = formats.major(value, self.currency)
            whole = exact == exact.to_integral_value()
            return formats.number(exact, 0 if whole else formats.minor_digits(self.currency)).replace(
                formats.MINUS, "-"
            )
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def _parsed(text: str) -> Decimal:
    try:
        return parse_number(text)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from error


class RemoteSelect(forms.Select):
    """A select that searches on the server once its list is long; only the chosen entry is written into the page."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-select": "", **(attrs or {})})
        self.remote = False
        self.known: models.Model | None = None

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.remote:
            self.choices = _chosen_only(self.choices, value, self.known)
        return super().optgroups(name, value, attrs)


class RemoteSelectMultiple(forms.SelectMultiple):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-select": "", **(attrs or {})})
        self.remote = False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """A number longer than any key is no choice; as a number of its own it would overflow in the database."""
        return [value if len(value) < 19 else "0" for value in super().value_from_datadict(data, files, name) or []]

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.remote:
            self.choices = _chosen_only(self.choices, value)
        return super().optgroups(name, value, attrs)


def _chosen_only(choices: Any, values: list[str], known: models.Model | None = None) -> list[tuple[Any, str]]:
    """The empty choice and the chosen entries, without reading the whole table (or at all, if ``known`` is chosen)."""
    queryset = getattr(choices, "queryset", None)
    if queryset is None:
        return list(choices)
    field = choices.field
    numbers = [value for value in map(str, values) if value.isascii() and value.isdigit() and len(value) < 19]
    found = [known] if known is not None and numbers == [str(known.pk)] else []
    if numbers and not found:
        found = list(queryset.filter(pk__in=numbers))
    rows = [(field.prepare_value(row), field.label_from_instance(row)) for row in found]
    empty = [("", field.empty_label)] if field.empty_label is not None else []
    return empty + rows


def _options(field: Any, rows: list[Any]) -> list[tuple[Any, str]]:
    """Choices of rows that are read already."""
    empty = [("", field.empty_label)] if field.empty_label is not None else []
    return empty + [(field.prepare_value(row), field.label_from_instance(row)) for row in rows]


def share_options(field: Any, current: list[Any], shared: dict[str, Any], label: str) -> None:
    """The options of a short list, read once for all lines that offer the same."""
    if field.widget.remote or not shared.get("lines"):
        return
    name = f"{label} options {field.empty_label}"
    if name not in shared:
        shared[name] = [(getattr(value, "value", value), text) for value, text in field.choices]
    if {str(number) for number in current} <= {str(value) for value, _text in shared[name]}:
        field.widget.choices = shared[name]


def limit_choices(
    field: forms.ModelChoiceField[Any],
    user: User | None,
    current: list[Any],
    *,
    shared: dict[str, Any] | None = None,
    known: models.Model | None = None,
) -> None:
    """Offer only what the user may see and what is not archived; what is chosen already stays choosable.

    ``shared`` lets all lines of a table read a list of choices once; ``known`` is the chosen entry if it is read already.
    """
    shared = {} if shared is None else shared
    model = field.queryset.model  # type: ignore[union-attr]
    label = str(model._meta.label_lower)
    rows = field.queryset
    if label in ENTITIES and user is not None:
        allowed = visible(user, model)
        if any(column.name == "archived_at" for column in model._meta.get_fields()):
            allowed &= models.Q(archived_at__isnull=True)
        rows = rows.filter(allowed | models.Q(pk__in=current)) if current else rows.filter(allowed)  # type: ignore[union-attr]
        field.queryset = rows
    multiple = isinstance(field, forms.ModelMultipleChoiceField)
    if not multiple and field.empty_label == "---------":
        field.empty_label = ""  # Django's dashes would stand beside the chosen entry
    if isinstance(field.widget, forms.HiddenInput):
        return
    if isinstance(field.widget, (forms.Select, forms.SelectMultiple)) and not isinstance(
        field.widget, (RemoteSelect, RemoteSelectMultiple, forms.CheckboxSelectMultiple, forms.RadioSelect)
    ):
        attrs = dict(field.widget.attrs)
        widget = RemoteSelectMultiple(attrs) if multiple else RemoteSelect(attrs)
        widget.is_required = field.widget.is_required
        field.widget = widget
        field.widget.choices = field.choices
    if isinstance(field.widget, (RemoteSelect, RemoteSelectMultiple)) and label in ENTITIES:
        if f"{label} rows" not in shared:
            shared[f"{label} rows"] = list(rows[: MOST_OPTIONS + 1])  # type: ignore[index]
        read = shared[f"{label} rows"]
        field.widget.remote = len(read) > MOST_OPTIONS
        if isinstance(field.widget, RemoteSelect):
            field.widget.known = known
        if not field.widget.remote and set(map(str, current)) <= {str(row.pk) for row in read}:
            field.widget.choices = _options(field, read)
        if field.widget.remote:
            field.widget.attrs["data-select-url"] = reverse("core:lookup", args=[label]) + "?q="
