"""Local time of a plan as a column: whole minutes since 1950, as the engine counts."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field

from stellwerk.core import formats
from stellwerk.engine.calendars import CalendarError, instant, moment

if TYPE_CHECKING:  # the classes of Django take no types when they run
    _Whole = models.IntegerField[Any, Any]
else:
    _Whole = models.IntegerField

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?")


def _local(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, str) and _LOCAL.fullmatch(value):
        return value
    raise ValueError(_("Write local time without a zone as 2026-11-25T08:00, or a day as 2026-11-25."))


LocalTime = Annotated[
    str,
    BeforeValidator(_local),
    Field(pattern=f"^{_LOCAL.pattern}$", description="Local time without a zone: `2026-11-25T08:00`; a day alone is the beginning or the end of its work."),
]  # fmt: skip
"""How such a time looks in the API."""


class LocalTimeField(_Whole):
    """A naive local ``datetime`` between 1950 and 2150, stored as minutes (:func:`stellwerk.engine.calendars.instant`).

    Plans know no time zones: a shift begins at eight wherever the site lies. Seconds are dropped. Cast to an integer
    (``Cast(name, IntegerField())``) it is what the engine computes with.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any
    _pyi_lookup_exact_type: Any

    description = "local time in minutes since 1950"
    api_type = LocalTime

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> dt.datetime | None:
        return None if value is None else moment(value)

    def to_python(self, value: Any) -> dt.datetime | None:
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str):
                value = dt.datetime.fromisoformat(value)
            if isinstance(value, int):
                return moment(value)
            if not isinstance(value, dt.datetime):
                value = dt.datetime.combine(value, dt.time())
            return moment(instant(value))
        except (CalendarError, ValueError, TypeError) as error:
            raise self._outside() from error

    def _outside(self) -> ValidationError:
        return ValidationError(_("Dates of a plan lie between 1950 and 2150."), code="invalid")

    def in_words(self, raw: Any) -> str:
        """A value of the history: day and time in the reader's language."""
        try:
            value = self.to_python(raw)
        except ValidationError:
            return str(raw)
        return formats.NO_DATA if value is None else f"{formats.day(value.date())} {value:%H:%M}"

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        if hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        if type(value) is dt.datetime:
            try:
                return instant(value)
            except CalendarError as error:
                raise self._outside() from error
        made = self.to_python(value)
        return None if made is None else instant(made)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else value.isoformat()

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return forms.DateTimeField(required=not self.blank, label=self.verbose_name, help_text=self.help_text)

    @property
    def validators(self) -> list[Any]:
        """The limits of whole numbers do not fit a date; :meth:`to_python` checks."""
        return []
