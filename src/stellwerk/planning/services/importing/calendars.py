"""The calendars of a schedule file as calendars of its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from stellwerk.core.changesets import Recorder
from stellwerk.core.services import next_keys
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.exchange import Document, compare
from stellwerk.planning.exchange.document import DAY, Calendar
from stellwerk.planning.models import CalendarException, Plan, WorkingCalendar
from stellwerk.planning.selectors.calendars import as_exchange
from stellwerk.planning.selectors.documents import plan_calendars
from stellwerk.planning.services.importing.own import OwnWords
from stellwerk.planning.telling import told_of

CALENDAR_FIELDS: Final = ("uid", "name", "week", "exceptions", "base", "kind", "minutes_per_day")
EXCEPTION_FIELDS: Final = ("start", "finish", "times", "name")


class Calendars:
    """``rows`` and ``numbers``: number in the file → calendar and its number here; ``touched``: something was written."""

    def __init__(self, recorder: Recorder, plan: Plan, document: Document, own: OwnWords) -> None:
        self.own = own
        self.recorder = recorder
        self.plan = plan
        self.document = document
        self.rows: dict[int, WorkingCalendar] = {}
        self.numbers: dict[int, int] = {}
        self.touched = False

    def write(self) -> None:
        stored = {row.uid: row for row in WorkingCalendar.objects.filter(plan=self.plan) if row.uid is not None}
        known = self.document.calendar_by_uid
        shared = self._of_the_house()
        fresh = [uid for uid in known if uid not in stored and uid not in shared]
        keys = dict(zip(fresh, next_keys(WorkingCalendar.KEY_PREFIX, len(fresh)), strict=True)) if fresh else {}
        for uid in _bases_first(known):
            calendar = known[uid]
            if uid in shared and uid not in stored:
                self.rows[uid] = shared[uid]
                continue
            base = self.rows.get(calendar.base) if calendar.base is not None else None
            values = self._values(calendar) | {"base": base}
            if uid in stored:
                row = stored[uid]
                if self.own.same_calendar(calendar):
                    self.rows[uid] = row
                    continue
                self.touched |= bool(self.recorder.update([(row, values)]))
            else:
                row = self.recorder.create([WorkingCalendar(plan=self.plan, uid=uid, key=keys[uid], **values)])[0]
                self.touched = True
            self.rows[uid] = row
        own = {
            uid: row
            for uid, row in self.rows.items()
            if row.plan_id == self.plan.pk and not (uid in stored and self.own.same_calendar(known[uid]))
        }
        for uid, row in own.items():  # behind all calendars: an undo takes away what was written last
            self._exceptions(row, known[uid])
        self.numbers = {uid: row.pk for uid, row in self.rows.items()}

    def _of_the_house(self) -> dict[int, WorkingCalendar]:
        """Calendars that went out from here and came back as they are: number in the file → calendar of the house."""
        rows = {row.pk: row for row in plan_calendars(self.plan) if row.plan_id is None}
        made = as_exchange(rows.values(), by_uid=True)
        known = self.document.calendar_by_uid
        alike = {}
        for pk, calendar in made.items():
            given = known.get(calendar.uid)
            if given is None:
                continue
            if self.own.same_calendar(given) or not compare(_alone(given), _alone(calendar), native=False):
                alike[calendar.uid] = rows[pk]
        return alike

    def _values(self, calendar: Calendar) -> dict[str, Any]:
        told = told_of(calendar, without=CALENDAR_FIELDS)
        if len(calendar.name) > 250:
            told["name"] = calendar.name
        if calendar.base is not None and calendar.base not in self.document.calendar_by_uid:
            told["base"] = calendar.base
        length = calendar.minutes_per_day
        possible = length is None or 0 < length <= DAY
        if not possible:
            told["minutes_per_day"] = length
        return {
            "name": calendar.name[:250], "kind": calendar.kind if calendar.kind in CalendarKind.values else CalendarKind.BASE,
            "week": [None if day is None else [list(part) for part in day] for day in calendar.week],
            "minutes_per_day": length if possible else None, "told": told,
        }  # fmt: skip

    def _exceptions(self, row: WorkingCalendar, calendar: Calendar) -> None:
        wanted = [
            {
                "start": one.start, "finish": max(one.start, one.finish), "name": one.name[:250], "times": [list(part) for part in one.times],
                "told": told_of(one, without=EXCEPTION_FIELDS)
                | ({"finish": one.finish.isoformat()} if one.finish < one.start else {})
                | ({"name": one.name} if len(one.name) > 250 else {}),
            }
            for one in calendar.exceptions
        ]  # fmt: skip
        stored = list(CalendarException.objects.filter(calendar=row).order_by("pk"))
        if [
            {name: getattr(one, name) for name in ("start", "finish", "name", "times", "told")} for one in stored
        ] == wanted:
            return
        self.recorder.delete(stored, audit=False)
        self.recorder.create([CalendarException(calendar=row, **values) for values in wanted], audit=False)
        self.touched = True

    def leave(self) -> None:
        """Calendars that the file does not have any more go, those that derive from others first."""
        if self.document.format == "table":
            return  # it says nothing of calendars: rows keep those that they have
        left = {
            row.pk: row for row in WorkingCalendar.objects.filter(plan=self.plan).exclude(pk__in=self.numbers.values())
        }
        if not left:
            return
        self.recorder.delete(list(CalendarException.objects.filter(calendar__in=left).order_by("-pk")), audit=False)
        while left:
            bases = {row.base_id for row in left.values()}
            leaves = [row for pk, row in left.items() if pk not in bases] or list(left.values())
            self.recorder.delete(leaves)
            for row in leaves:
                left.pop(row.pk)
        self.touched = True


def _bases_first(calendars: Mapping[int, Calendar]) -> list[int]:
    """Numbers in an order in which every base stands before what derives from it; the order of the file otherwise."""
    done: dict[int, None] = {}

    def visit(uid: int, above: tuple[int, ...]) -> None:
        base = calendars[uid].base
        if base is not None and base in calendars and base not in done and base not in above:
            visit(base, (*above, uid))
        done.setdefault(uid)

    for uid in calendars:
        if uid not in done:
            visit(uid, ())
    return list(done)


def _alone(calendar: Calendar) -> Document:
    """A calendar to be compared; its type and the length of its day are not what makes it another one."""
    return Document(calendars=(replace(calendar, kind="base", minutes_per_day=None),))
