"""How far an activity is, as the person who does it reports it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stellwerk.core.pages.fields import LocalDecimalField
from stellwerk.planning.models import Activity
from stellwerk.planning.selectors.calendars import clock_of


class ProgressForm(forms.Form):
    """Percent, remaining days, actual dates; only what differs from the plan is sent on."""

    percent = LocalDecimalField(
        label=_("% complete"), min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2
    )
    remaining_days = LocalDecimalField(
        label=_("Remaining duration (WD)"), min_value=Decimal(0), max_digits=8, decimal_places=2, required=False
    )
    actual_start = forms.DateField(label=_("Actual start"), required=False)
    actual_finish = forms.DateField(label=_("Actual finish"), required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Needed to reopen what was completed.")
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        self.activity = activity
        clock = clock_of(activity.plan)
        day = clock.day(clock.of(activity.calendar_id, elapsed=activity.elapsed))
        left = activity.remaining
        self.before: dict[str, Any] = {
            "percent": activity.percent.normalize() if activity.percent else Decimal(0),
            "remaining_days": None if left is None else (Decimal(left) / day).quantize(Decimal("0.01")).normalize(),
            "actual_start": activity.actual_start.date() if activity.actual_start else None,
            "actual_finish": activity.actual_finish.date() if activity.actual_finish else None,
        }
        kwargs["initial"] = self.before
        super().__init__(*args, **kwargs)

    def changes(self) -> dict[str, Any]:
        """The values of the operation ``set``; what was left as it is, is not sent, so that it cannot overrule what was typed."""
        found: dict[str, Any] = {}
        for name, before in self.before.items():
            value = self.cleaned_data[name]
            if value != before:
                found[name] = (
                    value.isoformat()
                    if name.startswith("actual") and value
                    else str(value)
                    if value is not None
                    else None
                )
        return found or {"percent": str(self.cleaned_data["percent"])}
