"""Input of the job board: a search, and the address to which new ads are mailed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.staffing.choices import ContractForm, PayUnit
from stellwerk.staffing.selectors.board import RADII, Search


def _km(value: int) -> Any:
    return (value, f"{value} km")


class Plain(forms.Widget):
    """The markup of Django's own widget without its templates: the form of the board has a hundred of their pieces."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        return self.shown(context)

    def shown(self, widget: dict[str, Any]) -> SafeString:
        given = {"type": widget["type"], "name": widget["name"]}
        if widget["value"] is not None:
            given["value"] = widget["value"]
        return format_html("<input{}>", flatatt(given | widget["attrs"]))


class PlainInput(Plain, forms.TextInput):
    pass


class PlainSelect(Plain, forms.Select):
    def shown(self, widget: dict[str, Any]) -> SafeString:
        rows = [option for _group, options, _index in widget["optgroups"] for option in options]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((row["value"], flatatt(row["attrs"]), row["label"]) for row in rows),
        )
        return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), options)


class PlainChoice(forms.ChoiceField):
    widget = PlainSelect


NUMBERS = ("radius", "remote", "since")
"""Choices that stand for numbers."""


class BoardForm(forms.Form):
    """Everything is optional; what cannot be read is told at the field and left out of the search."""

    q = forms.CharField(label=_("What"), max_length=100, required=False, widget=PlainInput)
    place = forms.CharField(label=_("Town or postcode"), max_length=80, required=False, widget=PlainInput)
    radius = PlainChoice(
        label=_("Within"), choices=[("", pgettext_lazy("radius", "only there")), *map(_km, RADII)],
        required=False,
    )  # fmt: skip
    remote = PlainChoice(
        label=_("Remote work"), required=False,
        choices=[("", _("any")), (1, _("possible")), (50, _("at least half")), (100, _("all of it"))],
    )  # fmt: skip
    contract = PlainChoice(label=_("Contract type"), choices=[("", _("any")), *ContractForm.choices], required=False)
    skill = forms.CharField(label=_("Skill"), max_length=80, required=False, widget=PlainInput)
    pay = forms.IntegerField(
        label=_("Pay from (EUR)"),
        min_value=0,
        max_value=10_000_000,
        required=False,
        widget=PlainInput(attrs={"inputmode": "numeric"}),
    )
    unit = PlainChoice(label=pgettext_lazy("pay", "per"), choices=PayUnit.choices, required=False)
    since = PlainChoice(
        label=_("Online since"), required=False,
        choices=[("", _("any time")), (1, _("yesterday")), (7, _("the last 7 days")), (14, _("the last 14 days")), (30, _("the last 30 days"))],
    )  # fmt: skip
    sort = PlainChoice(
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
