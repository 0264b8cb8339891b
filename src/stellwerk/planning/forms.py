"""Input of the planning room: working calendars, parsed and validated here, written by services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.history import register_child_table
from stellwerk.core.pages import EntityForm, Rows
from stellwerk.planning.models import CalendarException, WorkingCalendar
from stellwerk.planning.times import Times, read_times, text_of

DAYS = tuple(f"day{number}" for number in range(7))


class TimesField(forms.CharField):
    """Working times of a day. Empty: ``blank`` (None: as the base calendar; []: free)."""

    def __init__(self, *, blank: Times | None = None, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 200)
        options.setdefault("widget", forms.TextInput({"autocomplete": "off", "size": 28}))
        super().__init__(**options)
        self.blank = blank

    def to_python(self, value: Any) -> Any:
        return read_times(super().to_python(value) or "")

    def run_validators(self, value: Any) -> None:
        """The length of the text was limited before it was read."""

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > (self.max_length or 200):
            raise ValidationError(_("At most %(most)s characters, please.") % {"most": self.max_length})
        found = self.to_python(value)
        return self.blank if found is None else found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "" if value == self.blank else text_of(value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            given = self.clean(data)
        except ValidationError:
            return True
        return bool(given != (self.blank if initial is None else initial))


class CalendarForm(EntityForm):
    """The week stands in seven fields, ``day0`` (Monday) to ``day6``."""

    base = forms.ModelChoiceField(
        WorkingCalendar.objects.filter(plan=None, person=None), label=gettext_lazy("Based on"), required=False, empty_label="",
        help_text=gettext_lazy("Days that are left empty below are worked as there; its holidays and shutdowns count too."),
    )  # fmt: skip
    groups = (
        ("", ("name", "key", "kind", "base", "organisation", "person")),
        (gettext_lazy("Week"), (*DAYS, "minutes_per_day")),
        (gettext_lazy("Public holidays"), ("country", "subdivision")),
        (gettext_lazy("Responsible"), ("owner", "confidentiality")),
    )

    class Meta:
        model = WorkingCalendar
        fields = (
            "name", "key", "kind", "base", "organisation", "person", "minutes_per_day", "country", "subdivision", "owner", "confidentiality",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.instance.week if self.instance.pk is not None else None
        for number, name in enumerate(DAYS):
            self.fields[name] = TimesField(label=WEEKDAYS[number], help_text=_HELP if number == 0 else "")
            if isinstance(week, list) and len(week) == 7:
                self.initial.setdefault(name, week[number])
        self.fields["minutes_per_day"].help_text = gettext_lazy(
            "What “1 day” means for durations; empty: the longest usual day of the week."
        )
        self.fields["country"].help_text = gettext_lazy("ISO code, for example DE; empty: no public holidays.")

    def values(self) -> dict[str, Any]:
        week = [self.cleaned_data.get(name) for name in DAYS]
        return super().values() | {"week": [] if all(day is None for day in week) else week}

    def take_errors(self, refusal: Any) -> None:
        """What is wrong with the week as a whole stands at its first day."""
        if "week" in refusal.errors:
            refusal.errors[DAYS[0]] = refusal.errors.pop("week")
        super().take_errors(refusal)


_HELP = gettext_lazy("For example 08:00–12:00, 13:00–17:00; a dash for a free day, empty: as in the base calendar.")


class ExceptionForm(EntityForm):
    times = TimesField(
        label=gettext_lazy("Working times"), blank=[],
        help_text=gettext_lazy("Empty: nobody works. Else for example 08:00–12:00."),
    )  # fmt: skip

    class Meta:
        model = CalendarException
        fields = ("start", "finish", "name", "times")


EXCEPTION_ROWS = Rows(
    "exceptions",
    gettext_lazy("Shutdowns and other exceptions"),
    CalendarException,
    ("start", "finish", "name", "times"),
    "calendar",
    note=gettext_lazy("Both days are included. They count before the week and the public holidays."),
    extra=2,
    form=ExceptionForm,
)
register_child_table("planning.workingcalendar", "exceptions", EXCEPTION_ROWS.title, CalendarException)
