"""Input of business cases, objectives and rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling import models
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
