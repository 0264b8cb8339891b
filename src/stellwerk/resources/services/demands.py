"""Demands: what a project needs, asked for, changed, called off; their state follows what is booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats, services
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale
from stellwerk.core.states import advance
from stellwerk.people.models import Person, Role, Skill, Unit
from stellwerk.people.selectors import employed
from stellwerk.resources.choices import LOADING, DemandSource
from stellwerk.resources.models import Allocation, Demand, DemandSkill, DemandWeek
from stellwerk.resources.selectors.booked import booked_for, weeks_of_demand
from stellwerk.resources.weeks import Weeks, covered, cut, spread_rate, stored

LONGEST = dt.timedelta(days=366 * 5)
MOST_MINUTES = 60 * 10_000
"""Of one week: 250 people; more is a slip of the keyboard."""
OVER = ("closed", "stopped")
SkillWish = tuple[Skill, int, bool]


@transaction.atomic
def create_demand(
    *,
    values: Mapping[str, Any],
    by: User | None,
    skills: Iterable[SkillWish] = (),
    weeks: Weeks | None = None,
    hours_per_week: Decimal | float | int | None = None,
    ask: bool = True,
    source: DemandSource = DemandSource.REQUEST,
) -> Demand:
    """A need of a project: ``weeks`` as minutes by Monday, or the same hours in every week. ``ask``: line managers see it at once.

    ``values``: project, title, first, last, role or person, and unit, activity, priority, probability, note. Without a unit
    it goes to that of the person, else to the one with most people of the role. Errors: ``Invalid``, ``NotAllowed``,
    ``Refused`` (the project is archived or over).
    """
    project = values["project"]
    if project.archived or project.phase in OVER:
        raise Refused(_("The project is over: nothing more is asked for it."), code="project_over")
    asked = _weeks(values, weeks, hours_per_week)
    _check_person(values.get("person"), values["first"], values["last"])
    activity = values.get("activity")
    if activity is not None and activity.plan.project_id != project.pk:
        raise Invalid({"activity": [_("This activity belongs to another project.")]})
    filled = dict(values) | {"source": source, "unit": values.get("unit") or asked_unit(values)}
    if not filled.get("title"):
        filled["title"] = str(activity or values.get("role") or values.get("person") or "")
    demand = services.create(Demand, filled, by=by)
    _write_skills(demand, skills)
    _write_weeks(demand, asked)
    if ask:
        demand = advance(demand, "open", by=by)
    return demand


def _weeks(values: Mapping[str, Any], weeks: Weeks | None, rate: Decimal | float | int | None) -> dict[dt.date, int]:
    first, last = values["first"], values["last"]
    if last < first:
        raise Invalid({"last": [_("The demand ends before it begins.")]})
    if last - first > LONGEST:
        raise Invalid({"last": [_("A demand covers five years at most.")]})
    if weeks is None:
        if rate is None or Decimal(str(rate)) <= 0:
            raise Invalid({"hours": [_("Give the hours per week: more than zero.")]})
        weeks = spread_rate(first, last, int(Decimal(str(rate)) * 60))
    return checked_weeks(weeks, first, last)


def checked_weeks(weeks: Weeks, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """Weeks with minutes, inside the period. Error: ``Invalid`` at ``hours``."""
    kept = {week: minutes for week, minutes in weeks.items() if minutes}
    if not kept:
        raise Invalid({"hours": [_("Give the hours per week: more than zero.")]})
    if any(week.weekday() for week in kept):
        raise Invalid({"hours": [_("Weeks are named by their Monday.")]})
    outside = sorted(set(kept) - set(cut(kept, first, last)))
    if outside:
        text = _("%(week)s lies outside the period.")
        raise Invalid({"hours": [text % {"week": formats.iso_week(outside[0])}]})
    if any(minutes < 0 or minutes > MOST_MINUTES for minutes in kept.values()):
        raise Invalid({"hours": [_("Hours of a week lie between 0 and 10,000.")]})
    return kept


def _check_person(person: Person | None, first: dt.date, last: dt.date) -> None:
    if person is not None and (reason := not_employed(person, first, last)):
        raise Invalid({"person": [reason]})


def not_employed(person: Person, first: dt.date, last: dt.date) -> str:
    """Why the person is not there in the whole period; empty: they are."""
    if person.archived:
        return _("%(person)s is archived.") % {"person": person}
    if person.entry_date is not None and person.entry_date > first:
        return _("%(person)s begins on %(day)s only.") % {"person": person, "day": formats.day(person.entry_date)}
    if person.exit_date is not None and person.exit_date < last:
        return _("%(person)s leaves on %(day)s.") % {"person": person, "day": formats.day(person.exit_date)}
    return ""


def asked_unit(values: Mapping[str, Any]) -> Unit | None:
    """Whom to ask: the unit of the person; else the one with most people of the role, first in the project's organisation."""
    person, role = values.get("person"), values.get("role")
    if person is not None:
        found: Unit = person.unit
        return found
    if role is None:
        return None
    project = values["project"]
    home = project.portfolio.unit.organisation_id if project.portfolio.unit_id else None
    return unit_with_most(role, home)


def unit_with_most(role: Role, organisation: int | None) -> Unit | None:
    counts = (
        Person.objects.filter(employed(), role=role)
        .order_by()
        .values("unit_id", "unit__organisation_id")
        .annotate(count=Count("pk"))
    )
    rows = sorted(counts, key=lambda row: (row["unit__organisation_id"] != organisation, -row["count"], row["unit_id"]))
    return Unit.objects.get(pk=rows[0]["unit_id"]) if rows else None


def _write_skills(demand: Demand, skills: Iterable[SkillWish]) -> None:
    rows = [DemandSkill(demand=demand, skill=skill, level=level, must=must) for skill, level, must in skills]
    if len({row.skill_id for row in rows}) < len(rows):
        raise Invalid({"skills": [_("Name each skill once.")]})
    for row in rows:
        services.validate(row)
    DemandSkill.objects.bulk_create(rows)


def _write_weeks(demand: Demand, weeks: Weeks) -> None:
    DemandWeek.objects.bulk_create(
        [DemandWeek(demand=demand, monday=week, minutes=minutes) for week, minutes in sorted(weeks.items())]
    )


@transaction.atomic
def set_skills(*, demand: Demand, skills: Sequence[SkillWish], by: User | None) -> Demand:
    """Replace the wanted skills. Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (called off)."""
    require(by, "edit", demand)
    _refuse_called_off(demand)
    before = sorted(demand.skills.values_list("skill_id", "level", "must"))
    after = sorted((skill.pk, level, must) for skill, level, must in skills)
    if before != after:
        demand.skills.all().delete()
        _write_skills(demand, skills)
        record(demand, by=by, verb="edit", changes={"skills": [before, after]})
    return demand


@transaction.atomic
def set_weeks(
    *, demand: Demand, weeks: Weeks, by: User | None, version: int | None = None, verb: str = "edit"
) -> Demand:
    """Other hours per week; the period follows where weeks lie outside it. Errors as :func:`create_demand`, ``StaleEdit``."""
    require(by, "edit", demand)
    current = Demand.objects.select_for_update().get(pk=demand.pk)
    _refuse_called_off(current)
    if version is not None and current.version != version:
        raise stale(current, {})
    first, last = _period(current.first, current.last, weeks)
    kept = checked_weeks(weeks, first, last)
    before = weeks_of_demand(current)
    if kept == before and (first, last) == (current.first, current.last):
        return current
    current.weeks.all().delete()
    _write_weeks(current, kept)
    Demand.objects.filter(pk=current.pk).update(
        first=first, last=last, version=F("version") + 1, updated_at=timezone.now()
    )
    current.refresh_from_db()
    record(current, by=by, verb=verb, changes={"hours_per_week": [stored(before), stored(kept)]})
    return follow_bookings(current)


def _period(first: dt.date, last: dt.date, weeks: Weeks) -> tuple[dt.date, dt.date]:
    """The period, stretched to weeks that begin before it or end after it."""
    used = [week for week, minutes in weeks.items() if minutes]
    if not used:
        return first, last
    start, end = min(used), max(used)
    friday = end + dt.timedelta(days=4)
    return (start if start + dt.timedelta(days=6) < first else first), (friday if end > last else last)


@transaction.atomic
def edit_demand(
    *,
    demand: Demand,
    values: Mapping[str, Any],
    by: User | None,
    version: int | None = None,
    reason: str = "",
    weeks: Weeks | None = None,
    hours_per_week: Decimal | float | int | None = None,
) -> Demand:
    """Other words, role, person, unit, period, priority, probability; hours as in :func:`create_demand`.

    Without hours those of weeks outside a new period fall away. Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``, ``Refused``.
    """
    _refuse_called_off(demand)
    first, last = values.get("first", demand.first), values.get("last", demand.last)
    person = values.get("person", demand.person)
    if person is not None and (person != demand.person or (first, last) != (demand.first, demand.last)):
        _check_person(person, first, last)
    saved = services.edit(demand, values, by=by, version=version, reason=reason)
    if hours_per_week is not None or weeks is not None:
        new = _weeks({"first": first, "last": last}, None if hours_per_week is not None else weeks, hours_per_week)
    else:
        new = checked_weeks(cut(weeks_of_demand(saved), first, last), first, last)
    saved = set_weeks(demand=saved, weeks=new, by=by)
    return follow_bookings(saved)


def _refuse_called_off(demand: Demand) -> None:
    if demand.state == "cancelled":
        raise Refused(_("This demand is called off."), code="called_off")


@transaction.atomic
def cancel_demand(*, demand: Demand, reason: str, by: User | None, version: int | None = None) -> Demand:
    """Call it off: what is asked or reserved is withdrawn, what is firm is released (``guards.py``). Errors: as ``advance``."""
    return advance(demand, "cancel", by=by, reason=reason, version=version)


def end_allocations(demand: Demand, *, reason: str, by: User | None) -> None:
    """Withdraw or release all that stands for a demand, in the name of whoever may edit it."""
    rows = Allocation.objects.filter(demand=demand, state__in=(*LOADING, "countered")).order_by("pk")
    for row in rows:
        advance(row, "release" if row.state in {"hard", "active"} else "withdraw", by=by, reason=reason)


def settle_vacancy(demand: Demand) -> Demand:
    """Nobody is looked for outside any more: the state follows the firm hours again, the rest can be asked for inside or raised anew."""
    return follow_bookings(demand, looking=False)


def follow_bookings(demand: Demand, *, looking: bool = True) -> Demand:
    """Open, partly filled or filled by the firm hours against the demanded ones; a vacancy stays until all is filled, while one is looking."""
    demand = Demand.objects.get(pk=demand.pk)
    if demand.state in {"draft", "cancelled"} or demand.archived:
        return demand
    wanted = weeks_of_demand(demand)
    got = covered(wanted, booked_for(demand))
    target = "filled" if got >= sum(wanted.values()) else "partly_filled" if got else "open"
    if target == demand.state or (looking and demand.state == "vacancy_raised" and target != "filled"):
        return demand
    step = {"filled": "fill", "partly_filled": "fill_partly", "open": "reopen"}[target]
    return advance(demand, step, by=None)
