"""The clock of temporary work on the page of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import formats
from stellwerk.core.access import actor
from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.core.registry import Duty, Panel, register_duties, register_panel
from stellwerk.people.models import EmploymentType, Person
from stellwerk.resources.models import AgencyAssignment
from stellwerk.resources.selectors.agency import clocks_of


def _clock(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """For whoever keeps assignments: used time, the last day allowed, equal pay, when counting would begin anew."""
    assert isinstance(obj, Person)
    user = actor(request)
    if obj.employment_type != EmploymentType.TEMPORARY or not can(user, "view", AgencyAssignment(person=obj)):
        return None
    rows = list(visible_rows(user, AgencyAssignment.objects.filter(person=obj)).select_related("organisation"))
    today = timezone.localdate()
    clock = clocks_of([obj]).get(obj.pk)
    return {
        "person": obj, "rows": rows, "clock": clock, "used": _used(*clock.used(today)) if clock else "",
        "over": clock is not None and clock.limit is not None and today > clock.limit,
        "may_create": can(user, "create", AgencyAssignment(person=obj)) and obj.archived_at is None,
        "may_edit": can(user, "edit", AgencyAssignment(person=obj)),
    }  # fmt: skip


def _used(months: int, days: int) -> str:
    parts = [
        ngettext("%(count)s month", "%(count)s months", months) % {"count": months} if months else "",
        ngettext("%(count)s day", "%(count)s days", days) % {"count": days} if days else "",
    ]
    return _(" and ").join(part for part in parts if part) or _("nothing yet")


register_panel(
    Panel("people.person", "agency", gettext_lazy("Temporary work"), "resources/panel_agency.html", _clock, order=40)
)


_PEOPLE = KeptQuery(lambda which: Person.objects.filter(which).select_related("unit__organisation"))


@register_duties("task")
def _limits(user: User) -> Iterable[Duty]:
    """Temporary workers whose people one plans: 12, 15 or 17 months are over, or the limit is."""
    if not can(user, "capacity", "people.person"):
        return
    temporary = Q(employment_type=EmploymentType.TEMPORARY, archived_at=None)
    people = {one.pk: one for one in _PEOPLE.rows(visible(user, Person, "capacity") & temporary)}
    today = timezone.localdate()
    for number, clock in clocks_of(people.values()).items():
        stage = clock.stage(today)
        person = people[number]
        if not stage or (person.exit_date is not None and person.exit_date < today):
            continue
        title = (
            _("%(person)s: the longest time allowed for temporary work is over")
            if stage == "reached"
            else _("%(person)s: temporary work must end on %(day)s")
        )
        yield Duty(
            title=title % {"person": person, "day": formats.day(clock.limit)}, text=_("Counted: %(time)s") % {"time": _used(*clock.used(today))},
            url=reverse("people:person-detail", args=[person.key]) + "#temporary-work", icon="clock-alert", due=clock.limit, button=_("Open"),
        )  # fmt: skip
