"""Input of demands: what for, whom, when, with how many hours a week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.history import register_child_table
from stellwerk.core.pages import EntityForm, LocalDecimalField, Rows
from stellwerk.people.models import Person
from stellwerk.people.selectors import employed
from stellwerk.resources.models import Demand, DemandSkill
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.weeks_input import parse_weeks, weeks_text

SKILL_ROWS = Rows(
    "skills", gettext_lazy("Skills"), DemandSkill, ("skill", "level", "must"), "demand",
    note=gettext_lazy("Candidates are compared by their confirmed level."), extra=2,
)  # fmt: skip
register_child_table("resources.demand", SKILL_ROWS.code, SKILL_ROWS.title, SKILL_ROWS.model)


class DemandForm(EntityForm):
    """Hours stand as the same rate for every week, or week by week."""

    hours_per_week = LocalDecimalField(
        label=gettext_lazy("Hours per week"), required=False, min_value=0, max_value=10_000, max_digits=7, decimal_places=2,
        help_text=gettext_lazy("The same in every week; weeks that belong to the period in part get their share."),
    )  # fmt: skip
    weeks = forms.CharField(
        label=gettext_lazy("Or week by week"), required=False, max_length=10_000,
        widget=forms.Textarea({"rows": 4, "data-autosize": "", "maxlength": 10_000, "placeholder": "2027-W10\t16\n2027-W11\t24"}),
        help_text=gettext_lazy("One week a line, also pasted from a table: 2027-W10 16. Bare numbers count from the first week on."),
    )  # fmt: skip
    groups = (
        ("", ("project", "title", "role", "person", "unit")),
        (gettext_lazy("When and how much"), ("first", "last", "hours_per_week", "weeks")),
        (gettext_lazy("How urgent"), ("priority", "probability", "note")),
    )

    class Meta:
        model = Demand
        fields = ("project", "title", "role", "person", "unit", "first", "last", "priority", "probability", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Empty: the name of the role or the person.")
        self.fields["unit"].help_text = _("Empty: the unit of the person, or the one with most people of the role.")
        if self.instance.pk is not None:
            self.fields["project"].disabled = True
            self.initial["weeks"] = weeks_text(weeks_of_demand(self.instance))

    def _limit(self) -> None:
        """Whoever asks may name anybody who works here, also people whose page they do not see."""
        super()._limit()
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(employed())
        field.widget = forms.Select({"data-select": ""})
        field.widget.choices = [
            ("", ""),
            *((person.pk, f"{person} · {person.unit}") for person in field.queryset.select_related("unit")),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The demand ends before it begins."))
        data["by_week"] = None
        if data.get("weeks", "").strip() and isinstance(first, dt.date):
            try:
                data["by_week"] = parse_weeks(data["weeks"], first)
            except ValueError as error:
                self.add_error("weeks", ValidationError(str(error)))
        elif data.get("weeks", "").strip() == "" and not data.get("hours_per_week") and self.instance.pk is None:
            self.add_error("hours_per_week", _("Give the hours per week: more than zero."))
        return data

    def values(self) -> dict[str, Any]:
        return super().values() | {"hours": self.hours()}

    def hours(self) -> dict[str, Any]:
        """What the service takes: weeks, or one rate; nothing where the hours stay as they are."""
        rate, weeks = self.cleaned_data.get("hours_per_week"), self.cleaned_data.get("by_week")
        if rate:
            return {"hours_per_week": rate}
        if weeks is None or (self.instance.pk is not None and weeks == weeks_of_demand(self.instance)):
            return {}
        return {"weeks": weeks}

    def take_errors(self, refusal: Any) -> None:
        """Errors of the hours belong to the field that was filled."""
        place = "hours_per_week" if self.cleaned_data.get("hours_per_week") else "weeks"
        if "hours" in refusal.errors:
            refusal.errors[place] = refusal.errors.pop("hours")
        super().take_errors(refusal)
