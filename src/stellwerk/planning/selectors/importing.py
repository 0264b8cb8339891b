"""What an import changes in a plan, in words: from the items of its change set, read before it is rolled back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.changesets import items_by_kind
from stellwerk.core.models import ChangeItem, ChangeSet
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity, Assignment, Link, PlanResource, WorkingCalendar
from stellwerk.planning.models.fields import LocalTimeField

if TYPE_CHECKING:
    from stellwerk.planning.services.editing.effects import Effect

SHOWN: Final = 50
ACTIVITY: Final = "planning.activity"
OTHERS: Final = (Link, WorkingCalendar, PlanResource, Assignment)
MINUTES: Final = ("duration", "remaining")
HIDDEN: Final = frozenset(
    ("summary", "changed_in", "late_start", "late_finish", "total_float", "free_float", "critical", "reason", "driver", "finding", "version", "updated_at")
)  # fmt: skip
"""What follows from other columns, or is counted here alone."""


def differences(change_set: ChangeSet) -> dict[str, Any]:
    """Rows that come, change and go, and how many other things do."""
    counts = items_by_kind(change_set)
    # What a file says beside the plan (its own early dates, its numbers of lines) is no news to a planner.
    items = ChangeItem.objects.filter(change_set=change_set, entity_type=ACTIVITY).order_by("pk")
    updates = list(items.filter(operation="update"))
    return {
        "added": [_row(item.after) for item in items.filter(operation="create")[:SHOWN]],
        "removed": [_row(item.before) for item in items.filter(operation="delete")[:SHOWN]],
        "changed": _changed([item for item in updates if _told(item)][:SHOWN]), "changed_count": sum(1 for item in updates if _told(item)),
        "others": [row for model in OTHERS if (row := _counted(model, counts))],
    }  # fmt: skip


def _told(item: ChangeItem) -> bool:
    """Whether a planner sees anything of the change."""
    return any(name not in HIDDEN and name != "told" for name in item.after)


def _counted(model: type[models.Model], counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """How many rows of a kind come, change and go; empty if none does."""
    numbers = {name: counts.get((model._meta.label_lower, name), 0) for name in ("create", "update", "delete")}
    return {"label": str(model._meta.verbose_name_plural), **numbers} if any(numbers.values()) else {}


def _row(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        "wbs": values.get("wbs") or "", "name": values.get("name") or "",
        "start": _moment(values.get("start")), "finish": _moment(values.get("finish")),
    }  # fmt: skip


def _changed(items: list[ChangeItem]) -> list[dict[str, Any]]:
    rows = Activity.objects.select_related("plan__project").in_bulk([item.entity_id for item in items])
    names = _names(items)
    found = []
    for item in items:
        row = rows.get(item.entity_id)
        diffs = [
            {"label": _label(name), "old": _value(name, item.before.get(name), names, row), "new": _value(name, after, names, row)}
            for name, after in item.after.items()
            if name not in HIDDEN and name not in ("told", "position")
        ]  # fmt: skip
        if not diffs:
            diffs = [{"label": _("Place in the outline"), "old": "", "new": ""}]
        found.append({"wbs": row.wbs if row else "", "name": row.name if row else "", "diffs": diffs})
    return found


def _label(attname: str) -> str:
    field = next(one for one in Activity._meta.concrete_fields if one.attname == attname)
    text = str(field.verbose_name)
    return text[:1].upper() + text[1:]


def _names(items: list[ChangeItem]) -> dict[str, dict[int, str]]:
    """Column → number → name of calendars and persons that stand in these items."""

    def wanted(name: str) -> set[int]:
        return {side[name] for item in items for side in (item.before, item.after) if side.get(name) is not None}

    models_: tuple[tuple[str, type[models.Model]], ...] = (("calendar_id", WorkingCalendar), ("responsible_id", Person))
    return {
        name: {pk: str(row) for pk, row in model._default_manager.in_bulk(wanted(name)).items()}
        for name, model in models_
    }


def _value(name: str, value: Any, names: Mapping[str, Mapping[int, str]], row: Activity | None) -> str:
    """A column of a change item as people read it."""
    if value is None or value == "":
        return formats.NO_DATA
    if name in names:
        return names[name].get(value, formats.NO_DATA)
    field = next(one for one in Activity._meta.concrete_fields if one.attname == name)
    if isinstance(field, LocalTimeField):
        return _moment(value)
    if name in MINUTES:
        hours = formats.number(value / 60, 0 if value % 60 == 0 else 1)
        return (_("%(hours)s h elapsed") if row is not None and row.elapsed else _("%(hours)s h")) % {"hours": hours}
    if name == "cost":
        return formats.money(value, row.plan.project.currency if row is not None else "EUR")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    text = str(value)
    return text if len(text) <= 70 else text[:69] + "…"


def _moment(text: str | None) -> str:
    """A local time of a change item: the day, and the time where it is not the usual begin or end of work."""
    if not text:
        return formats.NO_DATA
    at = dt.datetime.fromisoformat(text)
    return f"{formats.day(at.date())} {at:%H:%M}"


def effect_in_words(effect: Effect) -> dict[str, Any]:
    """What computing would move, small enough to keep."""
    return {
        "text": effect.text, "moved": effect.moved, "warnings": list(effect.warnings[:20]),
        "moves": [
            {
                "wbs": one.wbs, "name": one.name, "before": _moment(one.finish[0].isoformat()), "after": _moment(one.finish[1].isoformat()),
                "days": formats.number(one.days, 0 if one.days == one.days.to_integral_value() else 1, sign=True), "late": one.days > 0, "why": one.why,
            }
            for one in effect.moves[:SHOWN]
        ],
    }  # fmt: skip
