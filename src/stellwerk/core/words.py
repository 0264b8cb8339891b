"""Stored values in words: field labels, choices, names behind numbers, money and days in the reader's language."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.core.registry import ENTITIES, FIGURES, MACHINES
from stellwerk.core.render import word_of

_LOCAL = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01]) \d\d:\d\d")
"""A local moment without a column of its own, as a service told it (an appointment, for example)."""
_CURRENCY_PATHS = ("portfolio", "proposal", "option", "project", "organisation", "plan")


def field_of(model: type[models.Model], name: str) -> models.Field[Any, Any] | None:
    """The field with this name or attribute name (``manager_id``), or None."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        found = next((row for row in model._meta.concrete_fields if row.attname == name), None)  # type: ignore[assignment]
    return found if isinstance(found, models.Field) else None


def field_label(model: type[models.Model], name: str) -> str:
    """What the reader calls a field, starting with a capital letter."""
    field = field_of(model, name)
    text = str(field.verbose_name) if field is not None else name.replace("_", " ")
    return text[:1].upper() + text[1:]


def currency_of(obj: models.Model | None) -> str:
    """The currency that an object's amounts are in: its own, else its parent's."""
    for _level in range(3):
        if obj is None:
            break
        own = getattr(obj, "currency", "")
        if own:
            return str(own)
        obj = next((found for name in _CURRENCY_PATHS if (found := getattr(obj, name, None)) is not None), None)
    return "EUR"


class Words:
    """Turns raw values (as in audit entries) into text; names are read in one query per kind and only if visible."""

    def __init__(self, user: User | None) -> None:
        self._user = user
        self._names: dict[type[models.Model], dict[int, str]] = defaultdict(dict)

    def load(self, model: type[models.Model], changes: Iterable[tuple[str, Any]]) -> None:
        """Read the names behind all references in ``(field, raw value)`` pairs."""
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for name, raw in changes:
            field = field_of(model, name)
            target = _target(field)
            if target is not None:
                wanted[target].update(n for n in _numbers(raw) if n not in self._names[target])
        for target, numbers in wanted.items():
            self._read(target, numbers)

    def _read(self, target: type[models.Model], numbers: set[int]) -> None:
        if not numbers:
            return
        rows = target._default_manager.filter(pk__in=numbers)
        known: dict[int, str] = {}
        if self._user is not None and str(target._meta.label_lower) in ENTITIES and target is not User:
            rows = visible_rows(self._user, rows)
            known = dict.fromkeys(numbers, _("(not visible to you)"))
        known |= {row.pk: str(row) for row in rows}
        self._names[target] |= {number: known.get(number, f"#{number}") for number in numbers}

    def value(self, model: type[models.Model], name: str, raw: Any, currency: str = "EUR") -> str:
        """One raw value in words; an empty value is “–”."""
        if raw is None or raw == "" or raw == []:
            return formats.NO_DATA
        if name in FIGURES and FIGURES[name].kind == "light":
            return word_of(raw)
        field = field_of(model, name)
        target = _target(field)
        if target is not None:
            self.load(model, [(name, raw)])
            named = ", ".join(self._names[target].get(number, f"#{number}") for number in _numbers(raw))
            return named or str(raw)  # a public id, as of a snapshot, names itself
        machine = MACHINES.get(str(model._meta.label_lower))
        if machine is not None and machine.field == name:
            return next((str(state.label) for state in machine.states if state.code == raw), str(raw))
        kind = ENTITIES.get(str(model._meta.label_lower))
        if kind is not None and name in kind.minutes and isinstance(raw, int):
            return f"{_decimal(round(raw / 60, 2))}{formats.NBSP}h"
        return plain_value(field, raw, currency)


def plain_value(field: models.Field[Any, Any] | None, raw: Any, currency: str = "EUR") -> str:
    """A value without references in words."""
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(raw, raw))
    told = getattr(field, "in_words", None)  # a field of a higher room that knows how its values read
    if told is not None:
        return str(told(raw))
    if field is None and isinstance(raw, str) and _LOCAL.fullmatch(raw):
        return f"{formats.day(dt.date.fromisoformat(raw[:10]))} {raw[11:]}"
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(raw) if isinstance(raw, str) else raw
        return when(moment) if moment else str(raw)
    if isinstance(field, models.DateField):
        found = parse_date(raw) if isinstance(raw, str) else raw
        return formats.day(found) if found else str(raw)
    if isinstance(field, models.BigIntegerField) and isinstance(raw, int):
        return formats.money(raw, currency)
    if isinstance(field, models.DecimalField):
        return _decimal(raw)
    if isinstance(raw, Mapping):
        return "; ".join(f"{key}: {value}" for key, value in raw.items())
    if isinstance(raw, (list, tuple)):
        return ", ".join(str(item) for item in raw)
    return str(raw)


def _decimal(raw: Any) -> str:
    try:
        exact = Decimal(str(raw))
    except InvalidOperation:
        return str(raw)
    exponent = exact.normalize().as_tuple().exponent
    return formats.number(exact, max(0, -exponent) if isinstance(exponent, int) else 0)


def when(moment: dt.datetime) -> str:
    """Day and time in the reader's language and the house's time zone."""
    local = timezone.localtime(moment)
    return f"{formats.day(local.date())} {local:%H:%M}"


def _target(field: models.Field[Any, Any] | None) -> type[models.Model] | None:
    if isinstance(field, (models.ForeignKey, models.ManyToManyField)):
        target = field.related_model
        return target if isinstance(target, type) else None
    return None


def _numbers(raw: Any) -> list[int]:
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    return [
        int(item)
        for item in items
        if isinstance(item, int) or (isinstance(item, str) and item.isascii() and item.isdigit())
    ]
