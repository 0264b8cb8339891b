"""Input about a person: skills, working pattern, absences, rates; files with absences."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stellwerk.core.models import User
from stellwerk.core.pages import EntityForm, LocalDecimalField
from stellwerk.core.words import field_label
from stellwerk.people.models import (
    WEEKDAYS,
    Absence,
    AbsenceKind,
    Person,
    PersonRate,
    PersonSkill,
    RoleRate,
    Skill,
    WorkingPattern,
)
from stellwerk.people.selectors.working_time import usual_week

PARTS = (
    (100, gettext_lazy("whole days")),
    (75, gettext_lazy("three quarters of each day")),
    (50, gettext_lazy("half days")),
    (25, gettext_lazy("a quarter of each day")),
)


class SkillForm(EntityForm):
    class Meta:
        model = Skill
        fields = ("name", "name_en", "category", "description", "key", "confidentiality")


class ClaimForm(EntityForm):
    class Meta:
        model = PersonSkill
        fields = ("skill", "claimed")

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["skill"]


class ConfirmForm(EntityForm):
    """The claimed level is offered; whoever confirms decides."""

    class Meta:
        model = PersonSkill
        fields = ("confirmed", "expires")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmed"].required = True
        if self.instance.confirmed is None:
            self.initial["confirmed"] = self.instance.claimed
        self.fields["expires"].help_text = _("Empty: does not run out. From the day after, the level no longer counts.")


class PatternForm(EntityForm):
    """Hours of each weekday; the table keeps minutes."""

    groups = (
        ("", ("valid_from", "project_share")),
        (gettext_lazy("Hours of a day"), tuple(f"hours_{name}" for name in WEEKDAYS)),
    )

    class Meta:
        model = WorkingPattern
        fields = ("valid_from", "project_share")

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = usual_week(person.weekly_hours) if person is not None else (0,) * len(WEEKDAYS)
        for name, minutes in zip(WEEKDAYS, usual, strict=True):
            stored = getattr(self.instance, name) if self.instance.pk is not None else minutes
            self.fields[f"hours_{name}"] = LocalDecimalField(
                label=field_label(WorkingPattern, name), min_value=0, max_value=24, max_digits=4, decimal_places=2,
                required=False, initial=(Decimal(stored) / 60).quantize(Decimal("0.01")),
            )  # fmt: skip
        self.fields["project_share"].help_text = _("How much of these hours projects may plan.")

    def values(self) -> dict[str, Any]:
        found = super().values()
        for name in WEEKDAYS:
            hours = self.cleaned_data.get(f"hours_{name}") or Decimal(0)
            found[name] = int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))
        return found


class AbsenceForm(EntityForm):
    part = forms.TypedChoiceField(label=gettext_lazy("How much of each day"), coerce=int, choices=PARTS, initial=100)

    class Meta:
        model = Absence
        fields = ("first", "last", "part", "kind", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.part
        if self.instance.pk is not None and own not in dict(PARTS):
            self.fields["part"].choices = [*PARTS, (own, f"{own} %")]  # type: ignore[attr-defined]
        self.fields["kind"].help_text = _("Only you and the line manager see it. Projects see the days, never why.")
        self.fields["note"].help_text = self.fields["kind"].help_text


class PersonRateForm(EntityForm):
    class Meta:
        model = PersonRate
        fields = ("kind", "amount", "currency", "valid_from", "valid_to")


class RoleRateForm(EntityForm):
    class Meta:
        model = RoleRate
        fields = ("organisation", "kind", "amount", "currency", "valid_from", "valid_to")


class AbsenceFileForm(forms.Form):
    """A calendar or a table; for whom where it names nobody, and why where it does not say."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Person"),
        required=False,
        empty_label="",
        to_field_name="key",
        widget=forms.Select(attrs={"data-select": ""}),
        help_text=gettext_lazy("Whose absences these are, where the file names nobody. A calendar never does."),
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("absence", "Reason"),
        choices=AbsenceKind.choices,
        initial=AbsenceKind.VACATION,
        help_text=gettext_lazy("For entries that do not say it themselves."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "iCalendar (.ics), CSV or Excel with the columns Person, From, To, Part of the day (%), Reason, Note; up to 5 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".ics,.csv,.txt,.xlsx,.xls,.ods"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from stellwerk.people.selectors.profile import people_to_enter_for

        self.fields["person"].queryset = people_to_enter_for(user)  # type: ignore[attr-defined]
