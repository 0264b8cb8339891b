"""Absences from a file: what each line would do, then do it, then take it back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core.db import fold
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible
from stellwerk.people.absence_files import Found, Reading, Skipped
from stellwerk.people.models import Absence, AbsenceKind, Person
from stellwerk.people.services.removing import remove
from stellwerk.people.services.working_time import check_days, edit_absence, enter_absence, overlapping

NEW: Final = "new"
CHANGED: Final = "changed"
SAME: Final = "same"


@dataclass(frozen=True)
class Planned:
    """One line of a file and what it would do: ``new``, ``changed`` (known by the calendar's number) or ``same``."""

    found: Found
    person: Person
    kind: str
    effect: str
    absence: Absence | None = None

    @property
    def kind_label(self) -> str:
        return str(AbsenceKind(self.kind).label)


@dataclass
class Plan:
    source: str
    rows: list[Planned] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def to_do(self) -> list[Planned]:
        return [row for row in self.rows if row.effect != SAME]


def plan_import(reading: Reading, *, by: User, person: Person | None, kind: str = AbsenceKind.VACATION) -> Plan:
    """What each line would do. ``person``: whose absences these are where the file does not say; ``kind``: likewise the reason."""
    plan = Plan(reading.source, skipped=list(reading.skipped))
    people = _People(by, reading.rows, person)
    known: dict[int, list[Absence]] = defaultdict(list)
    for row in Absence.objects.filter(person__in=people.numbers).filter(visible(by, Absence)):
        known[row.person_id].append(row)
    for found in reading.rows:
        who, why = people.find(found.who)
        if who is None:
            plan.skipped.append(Skipped(found.where, why))
            continue
        try:
            check_days({"first": found.first, "last": found.last})
        except Invalid as refusal:
            plan.skipped.append(Skipped(found.where, " ".join(t for texts in refusal.errors.values() for t in texts)))
            continue
        planned = _planned(found, who, kind, reading.source, known[who.pk])
        if isinstance(planned, Skipped):
            plan.skipped.append(planned)
            continue
        plan.rows.append(planned)
        if planned.effect != SAME:
            rows = known[who.pk] = [row for row in known[who.pk] if row is not planned.absence]
            rows.append(
                Absence(
                    person=who,
                    first=found.first,
                    last=found.last,
                    part=found.part,
                    source=reading.source,
                    uid=found.uid,
                )
            )
    return plan


def _planned(found: Found, who: Person, kind: str, source: str, known: Sequence[Absence]) -> Planned | Skipped:
    old = next((row for row in known if found.uid and (row.source, row.uid) == (source, found.uid)), None)
    days = (found.first, found.last, found.part)
    if old is not None and old.pk is None:
        return Skipped(found.where, _("The calendar has this entry twice."))
    equal = old or next((row for row in known if (row.first, row.last, row.part) == days), None)
    if equal is not None and (equal.first, equal.last, equal.part) == days:
        return Planned(found, who, equal.kind, SAME, equal)
    clash = overlapping([row for row in known if row is not old], *days)
    if clash is not None:
        return Skipped(found.where, _("It overlaps with another absence of %(name)s.") % {"name": who})
    return Planned(found, who, found.kind or kind, CHANGED if old else NEW, old)


class _People:
    """Finds persons by key, mail or name among those for whom the reader may enter absences."""

    def __init__(self, by: User, rows: Sequence[Found], given: Person | None) -> None:
        self._given, self._by = given, by
        self._known: dict[str, list[Person]] = defaultdict(list)
        self._allowed: dict[int, bool] = {}
        seen = Person.objects.filter(visible(by, Person), archived_at=None) if any(row.who for row in rows) else []
        people = [*seen, *([given] if given else [])]
        self.numbers = [person.pk for person in people]
        for person in {one.pk: one for one in people}.values():
            last_first = f"{person.last_name}, {person.first_name}"
            plain = f"{person.first_name} {person.last_name}"
            for text in {person.key, person.email, person.full_name, plain, last_first, last_first.replace(",", "")}:
                if text:
                    self._known[fold(text) or ""].append(person)

    def find(self, text: str) -> tuple[Person | None, str]:
        """The person, else why there is none. Who may not be entered for is as unknown as who does not exist."""
        if not text:
            missing = _("The line names nobody. Choose a person for lines without a name.")
            return (self._given, "") if self._given else (None, missing)
        found = [one for one in self._known.get(fold(" ".join(text.split())) or "", []) if self._may(one)]
        if len(found) == 1:
            return found[0], ""
        if found:
            return None, _("Several people are called “%(name)s”. Write the key or the e-mail.") % {"name": text}
        return None, _("“%(name)s” is nobody whose absences you enter.") % {"name": text}

    def _may(self, person: Person) -> bool:
        if person.pk not in self._allowed:
            self._allowed[person.pk] = can(self._by, "create", Absence(person=person))
        return self._allowed[person.pk]


# ── doing it, and back ───────────────────────────────────────────────────────────────────────────


@dataclass
class Done:
    """What an import did, small enough to travel in a signed form; ``problems`` could not be written."""

    created: list[list[int]] = field(default_factory=list)  # number, version
    changed: list[list[Any]] = field(default_factory=list)  # number, version, first, last, part before
    problems: list[Skipped] = field(default_factory=list)


def apply_import(plan: Plan, *, by: User) -> Done:
    """Write each line of its own; one that no longer fits is told and the others stand. Errors: none."""
    done = Done()
    with transaction.atomic():
        for row in plan.to_do:
            found = row.found
            try:
                with transaction.atomic():
                    _write(row, plan.source, by, done)
            except Invalid as refusal:
                texts = " ".join(text for texts in refusal.errors.values() for text in texts)
                done.problems.append(Skipped(found.where, texts))
            except Refused as refusal:
                done.problems.append(Skipped(found.where, str(refusal)))
    return done


def _write(row: Planned, source: str, by: User, done: Done) -> None:
    found, old = row.found, row.absence
    days = {"first": found.first, "last": found.last, "part": found.part}
    if old is not None:
        before = [old.first.isoformat(), old.last.isoformat(), old.part]
        saved = edit_absence(old, days, by=by, version=old.version)
        done.changed.append([saved.pk, saved.version, *before])
        return
    more = {"person": row.person, "kind": row.kind, "note": found.note, "source": source, "uid": found.uid}
    saved = enter_absence({**days, **more}, by=by)
    done.created.append([saved.pk, saved.version])


def undo_import(done: Done, *, by: User) -> tuple[int, int]:
    """Take an import back: (taken back, left because somebody changed them since)."""
    taken, left = 0, 0
    numbers = {int(row[0]): row for row in [*done.created, *done.changed]}
    for absence in Absence.objects.filter(pk__in=numbers).select_related("person"):
        row = numbers[absence.pk]
        try:
            with transaction.atomic():
                if len(row) == 2:
                    remove(absence, by=by, version=row[1])
                else:
                    first, last = (dt.date.fromisoformat(text) for text in row[2:4])
                    edit_absence(absence, {"first": first, "last": last, "part": row[4]}, by=by, version=row[1])
            taken += 1
        except Refused:
            left += 1
    return taken, left
