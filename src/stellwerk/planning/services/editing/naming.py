"""The title of a change, as it stands in the undo button: “3.1 Duration 130 → 136 WD”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.words import field_label
from stellwerk.planning.models import Activity
from stellwerk.planning.selectors.calendars import Clock

FIRST = ("name", "duration", "percent", "constraint_date", "responsible", "deadline", "actual_start", "actual_finish")


def change_title(activity: Activity, changes: Mapping[str, Sequence[Any]], clock: Clock) -> str:
    """What changed first, in the planner's words; further fields are counted."""
    if not changes:
        return ""
    name = next((one for one in FIRST if one in changes), next(iter(changes)))
    before, after = (_shown(activity, name, value, clock) for value in changes[name])
    label = field_label(Activity, name)
    text = f"{activity.wbs or activity.name} {label}: {before} → {after}"
    if name == "duration":
        text = f"{activity.wbs or activity.name} {label} {before} → {after} {_('WD')}"
    return text[:200]


def _shown(activity: Activity, name: str, value: Any, clock: Clock) -> str:
    if value in (None, ""):
        return formats.NO_DATA
    if name in ("duration", "remaining"):
        day = clock.day(clock.of(activity.calendar_id, elapsed=activity.elapsed))
        days = Decimal(int(value)) / day
        return formats.number(days, 0 if days == days.to_integral_value() else 1)
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        import datetime as dt

        return formats.day(dt.datetime.fromisoformat(value).date())
    field = Activity._meta.get_field(name)
    for code, label in getattr(field, "flatchoices", ()) or ():
        if code == value:
            return str(label)
    related = getattr(field, "related_model", None)
    if related is not None and not isinstance(related, str):
        found = related._default_manager.filter(pk=value).first()
        return str(found or formats.NO_DATA)
    return str(value)
