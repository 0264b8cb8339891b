"""Input of pay bands."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from stellwerk.core.pages import EntityForm
from stellwerk.staffing.models import PayBand


class PayBandForm(EntityForm):
    """A band stays with its role and unit: for another one a new band is made."""

    class Meta:
        model = PayBand
        fields = ("organisation", "role", "unit", "least", "most", "source", "day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].help_text = gettext_lazy("For example: collective agreement, own salaries of 2026.")
        for name in ("organisation", "role", "unit") if self.instance.pk is not None else ():
            self.fields[name].disabled = True
