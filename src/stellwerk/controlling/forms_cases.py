"""Input of business cases, objectives and rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling import models
from stellwerk.controlling.forms_budgets import currency_code
from stellwerk.core.pages import EntityForm


class CaseForm(EntityForm):
    """How the case is judged; its drivers stand in the sheet."""

    groups: Sequence[tuple[Any, Sequence[str]]] = (
        ("", ("reason", "discount_rate", "swing")),
        (gettext_lazy("Public body"), ("public_sector", "quality_value", "external_effects")),
        (gettext_lazy("What it stands on"), ("assumptions",)),
    )

    class Meta:
        model = models.BusinessCase
        fields = ("reason", "discount_rate", "swing", "public_sector", "quality_value", "external_effects", "assumptions")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["swing"].help_text = _("Each driver is varied alone by this much.")
        self.fields["quality_value"].help_text = _("Above 50 it carries a negative net present value.")
        self.fields["external_effects"].help_text = _("Only where effects outside of the body are relevant.")


class NewCaseForm(CaseForm):
    empty = forms.BooleanField(label=gettext_lazy("begin with an empty sheet"), required=False)

    groups = (("", ("reason", "empty", "discount_rate", "swing")), *CaseForm.groups[1:])

    class Meta(CaseForm.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["empty"].help_text = _("Else the drivers of the version before are copied, or the sums of the proposal by year.")  # fmt: skip

    def values(self) -> dict[str, Any]:
        return {**super().values(), "empty": bool(self.cleaned_data.get("empty"))}


class RoundForm(EntityForm):
    groups = (
        ("", ("name", "portfolio", "first_year", "years", "currency")),
        (gettext_lazy("When"), ("submissions_until", "decision_on")),
        (gettext_lazy("Method"), ("scoring_model", "note")),
    )

    class Meta:
        model = models.InvestmentRound
        fields = ("name", "portfolio", "first_year", "years", "submissions_until", "decision_on", "scoring_model", "currency", "note")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scoring_model"].help_text = _("Empty: that of the portfolio.")
        self.fields["first_year"].widget.attrs["data-plain"] = ""
        if self.instance.pk is not None:
            self.fields["portfolio"].disabled = True

    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])

    def clean_first_year(self) -> int:
        year: int = self.cleaned_data["first_year"]
        if not 1990 <= year <= 2100:
            raise ValidationError(_("%(year)s is no year of a round.") % {"year": year})
        return year


class ObjectiveForm(EntityForm):
    groups = (
        ("", ("name", "organisation", "holder", "weight")),
        (gettext_lazy("How it is measured"), ("measure", "target", "due", "description")),
    )

    class Meta:
        model = models.StrategicObjective
        fields = ("name", "organisation", "holder", "weight", "measure", "target", "due", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weight"].help_text = _("Weights are relative: 20 counts twice as much as 10.")
