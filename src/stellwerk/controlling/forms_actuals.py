"""Input of actuals: an upload, a booking by hand, its reversal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.forms_budgets import currency_code
from stellwerk.controlling.models import Booking
from stellwerk.core.errors import Invalid
from stellwerk.core.pages import DayField, EntityForm
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity


class UploadForm(forms.Form):
    """Which file, of which legal entity and month."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=Organisation.objects.none(), to_field_name="key", empty_label=None
    )
    month = forms.CharField(
        label=gettext_lazy("Month"), max_length=7, help_text=gettext_lazy("For example 2027-03. Lines of later months are refused.")
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=BookingKind.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(archived_at=None).order_by("name")
        last_month = m.step(timezone.localdate().replace(day=1), -1)
        self.initial.setdefault("month", m.code(last_month))
        self.initial.setdefault("kind", BookingKind.ACTUAL.value)
        first = field.queryset.first()
        if first is not None:
            self.initial.setdefault("organisation", first.key)

    def clean_month(self) -> dt.date:
        try:
            return m.parse(self.cleaned_data["month"])
        except Invalid as refusal:
            raise ValidationError(refusal.errors["month"]) from refusal


class BookingForm(EntityForm):
    """Actual cost by hand."""

    wbs = forms.CharField(
        label=gettext_lazy("WBS code"), max_length=120, required=False,
        help_text=gettext_lazy("Of the work package in the project's plan. Empty: the project as a whole."),
    )  # fmt: skip
    groups = (
        ("", ("project", "wbs", "posted", "amount", "currency", "text")),
        (gettext_lazy("Assignment"), ("cost_type", "cost_centre", "spending")),
    )

    class Meta:
        model = Booking
        fields = ("project", "posted", "amount", "currency", "text", "cost_type", "cost_centre", "spending")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].required = True
        self.fields["text"].required = True
        self.fields["cost_type"].required = self.fields["cost_centre"].required = False
        self.fields["amount"].help_text = _("Negative for a credit.")
        self.fields["text"].help_text = _("What this is for; it is the only source that a booking by hand has.")
        self.initial.setdefault("posted", timezone.localdate())
        self.initial.setdefault("currency", "EUR")

    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        project, wbs = values.get("project"), str(values.get("wbs") or "").strip()
        values["activity"] = None
        if project is not None and wbs:
            values["activity"] = Activity.objects.filter(plan__project=project, wbs=wbs).first()
            if values["activity"] is None:
                self.add_error("wbs", _("The plan of this project has no work package “%(wbs)s”.") % {"wbs": wbs})
        return values

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("project", "activity", "posted", "amount", "currency", "text", "cost_type", "cost_centre", "spending")
        return {name: self.cleaned_data.get(name) for name in names}


class ReversalForm(forms.Form):
    posted = DayField(label=gettext_lazy("Posting date"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
