"""Input of the job board: a search, and the address to which new ads are mailed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.staffing.choices import ContractForm, PayUnit
from stellwerk.staffing.selectors.board import RADII, Search


def _km(value: int) -> Any:
    return (value, f"{value} km")


NUMBERS = ("radius", "remote", "since")
"""Choices that stand for numbers."""


class BoardForm(forms.Form):
    """Everything is optional; what cannot be read is told at the field and left out of the search."""

    q = forms.CharField(label=_("What"), max_length=100, required=False)
    place = forms.CharField(label=_("Town or postcode"), max_length=80, required=False)
    radius = forms.ChoiceField(
        label=_("Within"), choices=[("", pgettext_lazy("radius", "only there")), *map(_km, RADII)],
        required=False,
    )  # fmt: skip
    remote = forms.ChoiceField(
        label=_("Remote work"), required=False,
        choices=[("", _("any")), (1, _("possible")), (50, _("at least half")), (100, _("all of it"))],
    )  # fmt: skip
    contract = forms.ChoiceField(
        label=_("Contract type"), choices=[("", _("any")), *ContractForm.choices], required=False
    )
    skill = forms.CharField(label=_("Skill"), max_length=80, required=False)
    pay = forms.IntegerField(
        label=_("Pay from (EUR)"),
        min_value=0,
        max_value=10_000_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    unit = forms.ChoiceField(label=pgettext_lazy("pay", "per"), choices=PayUnit.choices, required=False)
    since = forms.ChoiceField(
        label=_("Online since"), required=False,
        choices=[("", _("any time")), (1, _("yesterday")), (7, _("the last 7 days")), (14, _("the last 14 days")), (30, _("the last 30 days"))],
    )  # fmt: skip
    sort = forms.ChoiceField(
        label=_("Order"), required=False,
        choices=[("new", _("newest first")), ("pay", _("best paid first")), ("near", _("nearest first")), ("start", _("earliest start first"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Title, task, keyword")

    def search(self) -> Search:
        """What could be read."""
        self.is_valid()
        told = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        values: dict[str, Any] = {name: int(value) if name in NUMBERS else value for name, value in told.items()}
        return Search(**values)


class SavedSearchForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    query = forms.CharField(widget=forms.HiddenInput, max_length=1000, required=False)
