"""A typed town in a form: one of several is asked, an unknown one says so at the field. The degrees themselves are set by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from stellwerk.core.text import quoted
from stellwerk.staffing.towns import COUNTRIES, Several, town_called


def which(towns: Sequence[str]) -> str:
    """The question behind a name that several towns have; empty where there is none."""
    return (
        _("Several towns are called so. Which one do you mean: %(towns)s?") % {"towns": quoted(towns)} if towns else ""
    )


def check_place(form: forms.ModelForm[Any], data: dict[str, Any], *, needed: bool) -> None:
    """At the field ``city`` where it changed. ``needed``: distances are compared, so an unknown town is no answer."""
    city, country = (data.get("city") or "").strip(), data.get("country") or "DE"
    told = data.get("latitude") is not None and "latitude" in form.changed_data
    if not city or told or country not in COUNTRIES or not {"city", "country", "radius"} & {*form.changed_data}:
        return
    try:
        town = town_called(city, country)
    except Several as several:
        form.add_error("city", which(several.labels))
        return
    if town is None and needed:
        form.add_error(
            "city",
            _("We do not know where this town lies. Type the next larger one, so that distances can be compared."),
        )
