"""A cell of the heat map: who is booked on what, what can be moved where, what is missing and what to do about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.people.models import Person, Role, Skill, Unit
from stellwerk.resources.capacity_words import month_text
from stellwerk.resources.choices import LOADING
from stellwerk.resources.models import Demand
from stellwerk.resources.selectors.heatmap import LOADS, Choice, needs_of, people_of, planned_people, seen_people
from stellwerk.resources.selectors.load import (
    PIPELINE,
    REQUESTED,
    SOFT,
    Booking,
    Need,
    Periods,
    bookings_of,
    load_of_people,
    read_days,
)
from stellwerk.resources.weeks import hours_text, mondays

Span = tuple[dt.date, dt.date]
MOST_OPTIONS = 60
NEAR = 10
"""So many periods around a cell are offered as targets."""


@dataclass(frozen=True)
class Line:
    """A booking of the cell; without ``booking``: bookings that the reader may not see, summed."""

    minutes: int
    kind: str
    booking: Any = None
    movable: bool = False

    @property
    def hours(self) -> str:
        return hours_text(self.minutes)

    @property
    def value(self) -> str:
        """As an input shows it: ``7.6`` or ``7,6`` without the unit."""
        return self.hours.removesuffix("h").rstrip()


@dataclass(frozen=True)
class Option:
    """A person with what they have to do in the period."""

    pk: int
    name: str
    load: int
    net: int
    note: str = ""

    @property
    def free(self) -> int:
        return max(0, self.net - self.load)

    @property
    def percent(self) -> str:
        return ratio_text(self.load, self.net)

    @property
    def free_text(self) -> str:
        return hours_text(self.free)

    @property
    def text(self) -> str:
        free = _("%(hours)s free") % {"hours": hours_text(self.free)}
        return " · ".join(part for part in (self.name, ratio_text(self.load, self.net), free, self.note) if part)


@dataclass(frozen=True)
class Lack:
    need: Need
    minutes: int
    project: str
    asks: bool

    @property
    def hours(self) -> str:
        return hours_text(self.minutes)


@dataclass
class Cell:
    code: str
    label: str
    span: Span
    net: int = 0
    load: int = 0
    person: Person | None = None
    lines: list[Line] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    people: list[Option] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)
    ask: str = ""

    @property
    def over(self) -> int:
        return max(0, self.load - self.net)

    @property
    def percent(self) -> str:
        return ratio_text(self.load, self.net)

    @property
    def state(self) -> str:
        """Too much, missing, or free, in words."""
        if self.over:
            text = _("%(hours)s too much") if self.person else _("%(hours)s are missing")
            return text % {"hours": hours_text(self.over)}
        return _("%(hours)s free") % {"hours": hours_text(self.net - self.load)}

    @property
    def net_text(self) -> str:
        return hours_text(self.net)

    @property
    def title(self) -> str:
        return span_text(self.span)

    @property
    def movable(self) -> list[Line]:
        return [line for line in self.lines if line.movable]

    @property
    def chosen(self) -> Line | None:
        """What one would move first: what is reserved before what is firm."""
        ready = self.movable
        return next((line for line in ready if line.booking.state == "soft"), ready[-1] if ready else None)

    @property
    def usual(self) -> str:
        """The hours that one would move: what is too much, at most all of the booking."""
        line = self.chosen
        if line is None:
            return ""
        return Line(min(self.over, line.minutes) or line.minutes, "").value

    def draggable(self) -> dict[str, Any]:
        """The booking that a dragged cell stands for."""
        line = self.chosen
        if line is None:
            return {"booking": ""}
        minutes = min(self.over, line.minutes) or line.minutes
        demand = line.booking.demand
        return {
            "booking": line.booking.key, "version": line.booking.version, "minutes": minutes,
            "hours": hours_text(minutes), "text": f"{hours_text(minutes)} · {demand.project.name}",
        }  # fmt: skip


def ratio_text(load: int, net: int) -> str:
    if net:
        return formats.percent(load / net, 0)
    return hours_text(load) if load else formats.NO_DATA


def span_text(span: Span) -> str:
    first, last = span
    if first == last:
        return formats.day(first)
    if first.weekday() == 0 and (last - first).days == 6:
        return f"{formats.iso_week(first)} · {formats.day(first)} – {formats.day(last)}"
    if (
        first.day == 1
        and (last + dt.timedelta(days=1)).day == 1
        and (first.year, first.month) == (last.year, last.month)
    ):
        return month_text(first)
    return f"{formats.day(first)} – {formats.day(last)}"


def spans_of(span: Span) -> list[dict[str, str]]:
    """Periods of the same kind around this one, as values ``2027-03-01/2027-03-07``."""
    first, last = span
    if first.day == 1 and (last + dt.timedelta(days=1)).day == 1:
        periods = Periods.of("month", first - dt.timedelta(days=1), NEAR)
    elif first == last:
        periods = Periods.of("day", first - dt.timedelta(days=2), NEAR)
    else:
        periods = Periods.of("week", first - dt.timedelta(days=14), NEAR)
    found = [(day, periods.end(at)) for at, day in enumerate(periods.starts)]
    return [{"value": f"{a.isoformat()}/{b.isoformat()}", "text": span_text((a, b)), "here": (a, b) == span} for a, b in found]  # type: ignore[dict-item]  # fmt: skip


def cell_of(user: User, code: str, span: Span, load: str) -> Cell | None:
    """The cell as this user may see it; None: there is no such row for them."""
    kind, number = code[0], int(code[1:])
    periods = Periods("span", (span[0],), span[1])
    if kind == "p":
        return _person_cell(user, number, periods, load)
    return _group_cell(user, code, kind, number, periods, load)


def _person_cell(user: User, number: int, periods: Periods, load: str) -> Cell | None:
    span = (periods.first, periods.last)
    person = (
        Person.objects.filter(seen_people(user, *span), pk=number, archived_at=None)
        .select_related("unit__organisation", "role")
        .first()
    )
    if person is None:
        return None
    days = read_days([number], periods)
    bookings = bookings_of(user, days, periods)
    cell = Cell(f"p{number}", str(person), span, person=person)
    cell.net = int(periods.sums(days.net)[0, 0])
    cell.load = sum(one.total for one in bookings if one.kind in LOADS[load])
    cell.lines = _lines(user, bookings)
    if Person.objects.filter(planned_people(user), pk=number).exists():
        gross, holidays, away = (int(periods.sums(part)[0, 0]) for part in (days.gross, days.holidays, days.absence))
        parts = [(_("Working time"), gross), (_("Public holidays"), -holidays), (_("Away"), -away), (_("Not for projects"), cell.net - (gross - holidays - away))]  # fmt: skip
        cell.facts = [(label, _signed(minutes)) for label, minutes in parts if minutes]
    if cell.movable:
        cell.options = _options(user, person, periods, load)
    _ask_for_rest(user, cell, periods)
    return cell


def _signed(minutes: int) -> str:
    return f"{formats.MINUS}{hours_text(-minutes)}" if minutes < 0 else hours_text(minutes)


def _lines(user: User, bookings: list[Booking]) -> list[Line]:
    found = []
    hidden: dict[int, int] = {}
    for one in bookings:
        if not one.seen:
            hidden[one.kind] = hidden.get(one.kind, 0) + one.total
            continue
        row = one.allocation
        movable = row.state in LOADING and (can(user, "approve", row) or can(user, "edit", row))
        found.append(Line(one.total, kind_text(one.kind), row, movable))
    return found + [Line(minutes, kind_text(kind)) for kind, minutes in sorted(hidden.items())]


def kind_text(kind: int) -> str:
    if kind == SOFT:
        return _("reserved")
    return {REQUESTED: _("asked for"), PIPELINE: _("pipeline")}.get(kind, _("firm"))


def _options(user: User, person: Person, periods: Periods, load: str) -> list[Option]:
    """People to whom hours may go: those that the reader plans, and of the same role whom projects may ask."""
    planned = Person.objects.filter(planned_people(user), archived_at=None)
    people = list(planned.select_related("unit__organisation", "role").order_by("last_name", "first_name", "pk"))
    if not people:
        people = list(Person.objects.filter(role=person.role_id, archived_at=None).order_by("last_name", "first_name", "pk")[:200])  # fmt: skip
    found = loads_of(people, periods, load)
    same = {one.pk for one in people if one.role_id == person.role_id}
    found.sort(key=lambda one: (one.pk != person.pk, one.pk not in same, -one.free))
    return found[:MOST_OPTIONS]


def loads_of(people: list[Person], periods: Periods, load: str) -> list[Option]:
    days = read_days([one.pk for one in people], periods)
    if not people:
        return []
    net = periods.sums(days.net)[:, 0]
    loads = load_of_people(days, periods)[list(LOADS[load])].sum(axis=0)[:, 0]
    return [Option(one.pk, str(one), int(loads[at]), int(net[at])) for at, one in enumerate(people)]


def _ask_for_rest(user: User, cell: Cell, periods: Periods) -> None:
    """One click from what is too much to a demand for somebody else."""
    line = cell.chosen or next((one for one in cell.lines if one.booking is not None), None)
    if not cell.over or line is None:
        return
    demand = line.booking.demand
    if can(user, "create", Demand(project=demand.project)):
        role = demand.role_id or (cell.person.role_id if cell.person else None)
        cell.ask = ask_url(periods, cell.over, project=demand.project_id, role=role)


def ask_url(periods: Periods, minutes: int, **given: Any) -> str:
    """The form of a demand, filled."""
    weeks = max(1, len(list(mondays(periods.first, periods.last))))
    values = {"first": periods.first.isoformat(), "last": periods.last.isoformat(), "hours_per_week": f"{minutes / 60 / weeks:.2f}"} | given  # fmt: skip
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{reverse('resources:demand-create')}?{query}"


def _group_cell(user: User, code: str, kind: str, number: int, periods: Periods, load: str) -> Cell | None:
    model: Any = {"r": Role, "u": Unit, "s": Skill}[kind]
    name = {"r": "role", "u": "unit", "s": "skill"}[kind]
    subject = model.objects.filter(pk=number).first()
    if subject is None and number:
        return None
    empty = {"r": _("without a project role"), "u": _("without a unit"), "s": _("without a skill")}[kind]
    choice = Choice(periods.first, **{name: number})  # type: ignore[arg-type]
    people = people_of(user, choice, periods)
    if kind == "u":
        people = [one for one in people if one.unit_id == number]
    needs = [one for one in needs_of(user, choice, periods) if _belongs(one, kind, number)]
    cell = Cell(code, str(subject or empty), (periods.first, periods.last))
    cell.people = sorted(loads_of(people, periods, load), key=lambda one: one.net - one.load)
    here = {one.pk for one in people}
    cell.net = sum(one.net for one in cell.people)
    cell.load = sum(one.load for one in cell.people)
    counted = LOADS[load]
    cell.load += sum(int(one.counted.sum()) for one in needs if one.kind in counted and one.person not in here)
    if not people and not needs:
        return None
    cell.lacks = _lacks(user, needs)
    if can(user, "create", Demand):
        cell.ask = ask_url(
            periods, cell.over or max(0, cell.load - cell.net), **({name: number} if kind != "s" else {})
        )
    return cell


def _belongs(need: Need, kind: str, number: int) -> bool:
    if kind == "r":
        return (need.role or 0) == number
    if kind == "u":
        return (need.unit or 0) == number
    return any(skill == number for skill, _level in need.skills)


def _lacks(user: User, needs: list[Need]) -> list[Lack]:
    rows = {
        one.pk: one for one in Demand.objects.filter(pk__in=[need.pk for need in needs]).select_related("project__portfolio")
    }  # fmt: skip
    found = []
    for need in needs:
        row = rows[need.pk]
        asks = row.state in {"open", "partly_filled"} and can(user, "edit", row)
        found.append(Lack(need, int(np.sum(need.minutes)), str(row.project), asks))
    return sorted(found, key=lambda one: -one.minutes)
