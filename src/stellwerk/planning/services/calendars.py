"""Working calendars: created, changed; plans that work by a changed one wait for their planner (``Plan.stale``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.models import Activity, CalendarException, Plan, WorkingCalendar
from stellwerk.planning.times import check_week

COUNTED = frozenset({"week", "country", "subdivision", "base", "minutes_per_day"})
"""Fields that dates follow from."""


def create_calendar(values: Mapping[str, Any], *, by: User | None) -> WorkingCalendar:
    """Errors: ``NotAllowed``, ``Invalid``."""
    return services.create(WorkingCalendar, checked(values), by=by)


def edit_calendar(
    calendar: WorkingCalendar, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> WorkingCalendar:  # fmt: skip
    """Change a calendar of the house. What came with a schedule file changes only with the next import.

    Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``, ``Refused`` (archived, imported).
    """
    require(by, "edit", calendar)
    if calendar.plan_id is not None:
        raise Refused(
            _("This calendar came with an imported schedule."),
            _("Change it in the file, or give the rows another calendar."),
            code="imported",
        )
    with transaction.atomic():
        before = WorkingCalendar.objects.get(pk=calendar.pk)
        saved = services.edit(calendar, checked(values, calendar), by=by, version=version, reason=reason)
        if services.changed_fields(before, {name: getattr(saved, name) for name in COUNTED}):
            mark_plans(saved)
    return saved


def checked(values: Mapping[str, Any], calendar: WorkingCalendar | None = None) -> dict[str, Any]:
    """What a form or the API gives, put right: places in capitals, a person's calendar is one of a person. Errors: ``Invalid``."""
    found = dict(values)
    errors: dict[str, list[Any]] = {}
    for name in ("country", "subdivision"):
        if name in found:
            found[name] = str(found[name] or "").strip().upper()
    now = {
        name: found.get(name, getattr(calendar, name, None)) for name in ("country", "subdivision", "person", "base")
    }
    if {"country", "subdivision"} & set(found):
        errors |= _place(now["country"] or "", now["subdivision"] or "")
    if "week" in found:
        try:
            check_week(found["week"])
        except ValidationError as error:
            errors["week"] = list(error.messages)
    if found.get("minutes_per_day") is not None and not 1 <= found["minutes_per_day"] <= 1440:
        errors["minutes_per_day"] = [_("Between 1 and 1,440 minutes, please.")]
    base = now["base"]
    if base is not None and (base.plan_id is not None or base.person_id is not None):
        errors["base"] = [_("A calendar stands on one of the house, not on that of a person or of an imported plan.")]
    if errors:
        raise Invalid(errors)
    if now["person"] is not None:
        found["kind"] = CalendarKind.RESOURCE
    return found


def _place(country: str, subdivision: str) -> dict[str, list[Any]]:
    """Only places whose public holidays are known: a typing mistake would silently plan work on them."""
    if not country:
        return {"subdivision": [_("A federal state needs its country.")]} if subdivision else {}
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        return {"country": [_("No public holidays are known for “%(place)s”; write for example DE.") % {"place": country}]}  # fmt: skip
    if subdivision and subdivision not in known[country]:
        states = ", ".join(known[country][:40]) or "–"
        message = _("“%(place)s” is none of the states of %(country)s: %(states)s.")
        return {"subdivision": [message % {"place": subdivision, "country": country, "states": states}]}
    return {}


# ── plans that follow ────────────────────────────────────────────────────────────────────────────


def derived_from(calendar: int) -> set[int]:
    """Numbers of a calendar and of all that stand on it."""
    found, wave = {calendar}, {calendar}
    while wave:
        wave = set(WorkingCalendar.objects.filter(base__in=wave).values_list("pk", flat=True)) - found
        found |= wave
    return found


def mark_plans(calendar: WorkingCalendar | int) -> int:
    """Plans that work by this calendar, or by one that stands on it, wait to be rescheduled; how many."""
    numbers = derived_from(calendar if isinstance(calendar, int) else calendar.pk)
    rows = Activity.objects.filter(calendar__in=numbers).values("plan")
    plans = Plan.objects.filter(Q(calendar__in=numbers) | Q(pk__in=rows), stale=False, activities__isnull=False)
    chosen = list(plans.order_by("pk").distinct().values_list("pk", flat=True))
    return Plan.objects.filter(pk__in=chosen).update(stale=True, revision=F("revision") + 1, updated_at=timezone.now())


@receiver([post_save, post_delete], sender=CalendarException, dispatch_uid="planning.calendar_exception")
def _exception_changed(instance: CalendarException, **_options: Any) -> None:
    """Forms and the API write exceptions one by one. An import writes in bulk and marks its plan itself."""
    mark_plans(instance.calendar_id)
