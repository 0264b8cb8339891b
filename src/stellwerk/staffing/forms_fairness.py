"""Input of the voluntary self-disclosure: every answer may be left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import pgettext_lazy

from stellwerk.staffing.selectors.fairness import TRAIT_NAMES, TRAITS


class DisclosureForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait, values in TRAITS.items():
            choices: list[tuple[str, Any]] = [("", pgettext_lazy("disclosure", "no answer")), *values.items()]
            label: Any = TRAIT_NAMES[trait]
            self.fields[trait] = forms.ChoiceField(label=label, choices=choices, required=False)
