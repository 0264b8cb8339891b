"""The operations of an edit, one method each: they change rows through the recorder of a change set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.changesets import Recorder
from stellwerk.core.errors import FieldConflict, Invalid, NotAllowed
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can, visible
from stellwerk.core.services import changed_fields, validate
from stellwerk.planning.choices import MILESTONES, Kind, LinkType, ProgressMode
from stellwerk.planning.models import Activity, Assignment, Link, MilestoneForecast, Plan, WorkingCalendar
from stellwerk.planning.selectors.calendars import Clock, clock_of
from stellwerk.planning.selectors.links import with_an_end_in
from stellwerk.planning.services.editing.errors import EditFault, EditRefused, PlanStale, RowConflict, unknown_row
from stellwerk.planning.services.editing.outline import Line, Outline
from stellwerk.planning.services.editing.values import PROGRESS, columns_of, read_time

MOST_OPERATIONS: Final = 2000
MOST_ROWS: Final = 200_000
PLAN_TIMES: Final = ("start", "data_date", "must_finish")
LONGEST_LAG: Final = 10_000_000


class Operations:
    """Applies operations one after the other; any fault refuses all of them."""

    def __init__(self, plan: Plan, recorder: Recorder, by: User | None, reason: str) -> None:
        self.plan = plan
        self.recorder = recorder
        self.by = by
        self.reason = reason
        self.op = 0
        self.refs: dict[str, int] = {}
        self.removed_rows: list[int] = []
        self.removed_links: list[int] = []
        self.touched_links: set[int] = set()
        self.touched_rows: set[int] = set()
        self.structure = False
        self._uids_known = False
        self.calendars_changed = False
        self.may_edit = can(by, "edit", plan)
        self.title = ""

    def apply(self, operations: Sequence[Mapping[str, Any]]) -> None:
        handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "set": self._set, "add": self._add, "remove": self._remove, "indent": self._indent, "outdent": self._outdent,
            "move": self._move, "link": self._link, "set_link": self._set_link, "unlink": self._unlink, "plan": self._plan,
        }  # fmt: skip
        if not operations or len(operations) > MOST_OPERATIONS:
            raise self._fault("", _("Send between 1 and %(most)s changes at once.") % {"most": MOST_OPERATIONS})
        for number, operation in enumerate(operations):
            self.op = number
            handler = handlers.get(str(operation.get("op")) if isinstance(operation, Mapping) else "")
            if handler is None:
                raise self._fault("op", _("There is no such change."))
            if handler != self._set and not self.may_edit:
                raise NotAllowed()
            handler(operation)
        if self.structure:
            self._write_outline()

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def _set(self, operation: Mapping[str, Any]) -> None:
        activity = self._activity(operation.get("row"))
        given = operation.get("values")
        if not isinstance(given, Mapping) or not given:
            raise self._fault("values", _("Nothing to change was sent."), activity.pk)
        if not self.may_edit and not (set(given) <= PROGRESS and can(self.by, "progress", activity)):
            raise NotAllowed()
        values = self._columns(activity, given)
        self._fresh(activity, operation.get("version"), given, values)
        self._valid(activity, values)
        before = changed_fields(activity, dict(values))
        if self.recorder.update([(activity, values)], reason=self.reason):
            self.touched_rows.add(activity.pk)
            self._name_it(activity, before)

    def _columns(self, activity: Activity, given: Mapping[str, Any]) -> dict[str, Any]:
        self.calendars_changed = self.calendars_changed or "calendar" in given
        try:
            return columns_of(
                activity, given, clock=self.clock, by=self.by, reason=self.reason, currency=self.plan.project.currency
            )
        except Invalid as error:
            raise self._faults(error, activity.pk) from error

    def _valid(self, activity: Activity, values: Mapping[str, Any]) -> None:
        """Django's own rules on the row as it would be; the object is left as stored."""
        names = {name: getattr(activity, name) for name in values}
        try:
            for name, value in values.items():
                setattr(activity, name, value)
            validate(activity, fields=values)
        except Invalid as error:
            raise self._faults(error, activity.pk) from error
        finally:
            for name, value in names.items():
                setattr(activity, name, value)

    def _fresh(self, activity: Activity, version: Any, given: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Refuse what was typed over a row that changed in the meantime, unless both say the same."""
        if version is None or version == activity.version:
            return
        differing = changed_fields(activity, {name: values[name] for name in values if name != "state"})
        shown = [name for name in differing if name in given] or list(differing)
        if not shown:
            return
        conflicts = [
            RowConflict(
                activity.pk,
                FieldConflict(
                    name,
                    str(getattr(Activity._meta.get_field(name), "verbose_name", name)),
                    yours=self._typed(name, differing[name][1]),
                    theirs=self._typed(name, differing[name][0]),
                ),
            )
            for name in shown
        ]
        last = AuditEntry.objects.filter(entity_type="planning.activity", entity_id=activity.pk).first()
        raise PlanStale(conflicts, self.plan.revision, str(last.actor) if last and last.actor else "")

    def _typed(self, name: str, value: Any) -> Any:
        """A stored value as it is typed."""
        return (
            float(formats.major(value, self.plan.project.currency)) if name == "cost" and value is not None else value
        )

    def _add(self, operation: Mapping[str, Any]) -> None:
        after = operation.get("after")
        number = None if after is None else self._activity(after).pk
        level = operation.get("level")
        if level is not None and (not isinstance(level, int) or isinstance(level, bool)):
            raise self._fault("level", _("The level is a whole number."))
        given = operation.get("values") or {}
        if not isinstance(given, Mapping):
            raise self._fault("values", _("Nothing to change was sent."))
        if len(self.outline.lines) >= MOST_ROWS:
            raise self._fault("", _("A plan holds at most %(most)s rows.") % {"most": MOST_ROWS})
        place, depth = self.outline.place_after(number, level)
        activity = Activity(plan=self.plan, uid=self._uid(), position=0, level=depth, name="", kind=Kind.TASK)
        activity.duration = self.clock.day(self.clock.default)
        values = self._columns(activity, {"name": _("New activity"), **given})
        for name, value in values.items():
            setattr(activity, name, value)
        self._valid(activity, {"name": activity.name, **values})
        self.recorder.create([activity], reason=self.reason)
        self.outline.insert(place, [Line(activity.pk, 0, depth)])
        self.touched_rows.add(activity.pk)
        self.structure = True
        ref = operation.get("ref")
        if isinstance(ref, str):
            self.refs[ref] = activity.pk
        self._title(_("Row added: %(name)s") % {"name": activity.name})

    def _uid(self) -> int:
        """The next number of a row, also where rows came in with numbers of their own."""
        if not self._uids_known:
            self.plan.next_uid = max(self.plan.next_uid, next_uid(self.plan))
            self._uids_known = True
        self.plan.next_uid += 1
        return self.plan.next_uid - 1

    def _remove(self, operation: Mapping[str, Any]) -> None:
        numbers = self._rows(operation)
        gone = self.outline.numbers(self.outline.blocks(numbers))
        rows = list(Activity.objects.filter(pk__in=gone))
        outer = Plan.objects.filter(links__predecessor__in=gone).exclude(pk=self.plan.pk).distinct()
        takers = list(outer.select_related("project")[:20])
        if takers:
            hidden = _("a project that you may not see")
            names = ", ".join(sorted({one.key if can(self.by, "view", one) else hidden for one in takers}))
            raise self._fault(
                "", _("Other projects depend on it: %(names)s. Take those links out first.") % {"names": names}
            )
        links = list(Link.objects.filter(Q(predecessor__in=gone) | Q(successor__in=gone)).distinct())
        self.recorder.delete(links)
        self.removed_links += [one.pk for one in links]
        self.recorder.delete(Assignment.objects.filter(activity__in=gone))
        self.recorder.delete(MilestoneForecast.objects.filter(activity__in=gone), audit=False)
        self.removed_rows += gone
        name = rows[0].name if rows else ""
        self.recorder.delete(rows, reason=self.reason)
        self.outline.remove(gone)
        self.structure = True
        self._title(_("Removed: %(name)s") % {"name": name})

    def _indent(self, operation: Mapping[str, Any]) -> None:
        self._shift(operation, 1, _("It cannot go deeper: there is no row above to go below."))

    def _outdent(self, operation: Mapping[str, Any]) -> None:
        self._shift(operation, -1, _("It stands at the top level already."))

    def _shift(self, operation: Mapping[str, Any], by: int, message: str) -> None:
        refused = self.outline.shift(self._rows(operation), by)
        if refused:
            raise self._fault("level", message, refused[0])
        self.structure = True
        self._title(_("Indented") if by > 0 else _("Outdented"))

    def _move(self, operation: Mapping[str, Any]) -> None:
        after = operation.get("after")
        number = None if after is None else self._activity(after).pk
        level = operation.get("level")
        if not self.outline.move(self._rows(operation), number, level if isinstance(level, int) else None):
            raise self._fault("after", _("A row cannot move below itself."))
        self.structure = True
        self._title(_("Rows moved"))

    # ── links ────────────────────────────────────────────────────────────────────────────────────

    def _link(self, operation: Mapping[str, Any]) -> None:
        before, after = self._link_end(operation, "from"), self._link_end(operation, "to")
        if after.plan_id != self.plan.pk:
            raise self._fault("to", _("A link belongs to the plan of its successor: draw it there."), after.pk)
        link = Link(plan=self.plan, predecessor=before, successor=after)
        self._link_values(
            link, {name: operation[name] for name in ("type", "lag", "days", "lag_elapsed") if name in operation}
        )
        self._link_checked(link)
        self.recorder.create([link], reason=self.reason)
        self.touched_links.add(link.pk)
        self.touched_rows.add(after.pk)
        outer = before.plan_id != self.plan.pk
        told = _("another project") if outer else before.wbs or before.name
        self._title(_("Link %(before)s → %(after)s") % {"before": told, "after": after.wbs or after.name})

    def _link_end(self, operation: Mapping[str, Any], name: str) -> Activity:
        value = operation.get(name)
        number = self.refs.get(value) if isinstance(value, str) else value
        found = None
        if isinstance(number, int) and not isinstance(number, bool):
            rows = Activity.objects.select_related("plan__project").filter(pk=number)
            found = rows.filter(Q(plan=self.plan) | Q(plan__in=Plan.objects.filter(visible(self.by, Plan)))).first()
        if found is None:
            raise self._fault(name, _("This activity does not exist, or you may not see it."))
        if self._is_summary(found):
            raise self._fault(name, _("“%(name)s” is a summary: link the rows below it.") % {"name": found}, found.pk)
        return found

    def _is_summary(self, activity: Activity) -> bool:
        if activity.plan_id == self.plan.pk and self.structure:
            return activity.pk in self.outline.summaries()
        return activity.summary

    def _link_values(self, link: Link, given: Mapping[str, Any]) -> None:
        if "type" in given:
            if given["type"] not in LinkType.values:
                raise self._fault("type", _("Links are FS, SS, FF or SF."))
            link.type = given["type"]
        if "lag_elapsed" in given:
            link.lag_elapsed = bool(given["lag_elapsed"])
        if "days" in given or "lag" in given:
            link.lag = self._lag(link, given)
            link.lag_percent = None

    def _lag(self, link: Link, given: Mapping[str, Any]) -> int:
        try:
            if "lag" in given:
                minutes = Decimal(str(given["lag"]))
            else:
                row = self.clock.of(link.successor.calendar_id, elapsed=link.lag_elapsed or link.successor.elapsed)
                minutes = Decimal(str(given["days"] or 0)) * self.clock.day(row)
            whole = int(minutes.to_integral_value())
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self._fault("days", _("This is not a number of days.")) from error
        if abs(whole) > LONGEST_LAG:
            raise self._fault("days", _("This lag is too long."))
        return whole

    def _link_checked(self, link: Link) -> None:
        try:
            link.full_clean(exclude=["plan", "told"])
        except ValidationError as error:
            raise self._fault("to", " ".join(error.messages), link.successor_id) from error

    def _set_link(self, operation: Mapping[str, Any]) -> None:
        link = self._stored_link(operation.get("link"))
        given = operation.get("values")
        if not isinstance(given, Mapping) or not given:
            raise self._fault("values", _("Nothing to change was sent."))
        stored = {name: getattr(link, name) for name in ("type", "lag", "lag_elapsed", "lag_percent")}
        self._link_values(link, given)
        values = {name: getattr(link, name) for name in stored}
        self._link_checked(link)
        for name, value in stored.items():
            setattr(link, name, value)
        version = operation.get("version")
        if version is not None and version != link.version:
            differing = changed_fields(link, values)
            if differing:
                raise PlanStale(
                    [
                        RowConflict(link.successor_id, FieldConflict(name, name, yours=two, theirs=one))
                        for name, (one, two) in differing.items()
                    ],
                    self.plan.revision,
                )
        if self.recorder.update([(link, values)], reason=self.reason):
            self.touched_links.add(link.pk)
            self._title(_("Link changed: %(link)s") % {"link": self._told(link)})

    def _unlink(self, operation: Mapping[str, Any]) -> None:
        numbers = operation.get("links")
        links = [self._stored_link(number) for number in numbers] if isinstance(numbers, Sequence) else []
        if not links:
            raise self._fault("links", _("Nothing to change was sent."))
        self.removed_links += [one.pk for one in links]
        self._title(_("Link removed: %(link)s") % {"link": self._told(links[0])})
        self.recorder.delete(links, reason=self.reason)

    def _told(self, link: Link) -> str:
        """Titles are read by everybody who sees this plan: an activity of another project is not named."""
        if link.predecessor.plan_id == self.plan.pk:
            return str(link)
        return f"{_('another project')} → {link.successor} {link.type}"

    def _stored_link(self, number: Any) -> Link:
        rows = Link.objects.select_related("predecessor", "successor")
        found = rows.filter(pk=number, plan=self.plan).first() if isinstance(number, int) else None
        if found is None:
            raise self._fault("link", _("This link is not in the plan any more."))
        return found

    # ── the plan itself ──────────────────────────────────────────────────────────────────────────

    def _plan(self, operation: Mapping[str, Any]) -> None:
        given = operation.get("values")
        if not isinstance(given, Mapping) or not given:
            raise self._fault("values", _("Nothing to change was sent."))
        values: dict[str, Any] = {}
        for name, value in given.items():
            values[name] = self._plan_value(name, value)
        version = operation.get("version")
        differing = changed_fields(self.plan, values)
        if version is not None and version != self.plan.version and differing:
            raise PlanStale(
                [
                    RowConflict(
                        0,
                        FieldConflict(
                            name, str(getattr(Plan._meta.get_field(name), "verbose_name", name)), yours=two, theirs=one
                        ),
                    )
                    for name, (one, two) in differing.items()
                ],
                self.plan.revision,
            )
        self.recorder.update([(self.plan, values)], reason=self.reason)
        self.__dict__.pop("clock", None)
        self._title(_("Plan settings"))

    def _plan_value(self, name: str, value: Any) -> Any:
        if name in PLAN_TIMES:
            try:
                found = read_time(value, self.clock, self.clock.default, end=name == "must_finish")
            except (ValueError, TypeError) as error:
                raise self._fault(name, _("This is not a date between 1950 and 2150.")) from error
            if found is None and name == "start":
                raise self._fault(name, _("A plan needs a start."))
            return found
        if name == "calendar":
            if value is None:
                return None
            rows = WorkingCalendar.objects.filter(
                Q(plan=self.plan) | Q(plan=None), pk=value if isinstance(value, int) else 0
            )
            found_calendar = rows.first()
            if found_calendar is None:
                raise self._fault(name, _("This does not exist, or you may not see it."))
            return found_calendar
        if name == "progress_mode" and value in ProgressMode.values:
            return value
        if name in ("auto_wbs", "dates_win") and isinstance(value, bool):
            return value
        raise self._fault(name, _("“%(field)s” cannot be set.") % {"field": name})

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────

    @property
    def known_clock(self) -> Clock | None:
        """The clock that the operations used, if the plan still works by the same calendars."""
        return None if self.calendars_changed else self.__dict__.get("clock")

    @property
    def linked(self) -> bool:
        """Whether links were changed."""
        return bool(self.touched_links or self.removed_links)

    @property
    def clock(self) -> Clock:
        found: Clock = self.__dict__.get("clock") or clock_of(self.plan)
        self.__dict__["clock"] = found
        return found

    @cached_property
    def outline(self) -> Outline:
        rows = Activity.objects.filter(plan=self.plan).order_by("position", "pk").values_list("pk", "position", "level")
        return Outline([Line(*row) for row in rows])

    def _activity(self, row: Any) -> Activity:
        number = self.refs.get(row) if isinstance(row, str) else row
        if not isinstance(number, int) or isinstance(number, bool):
            raise unknown_row(self.op, row)
        found = Activity.objects.select_related("calendar", "responsible").filter(pk=number, plan=self.plan).first()
        if found is None:
            raise unknown_row(self.op, row)
        found.plan = self.plan
        if self.structure:
            found.summary = found.pk in self.outline.summaries()
        return found

    def _rows(self, operation: Mapping[str, Any]) -> list[int]:
        given = operation.get("rows")
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            raise self._fault("rows", _("No row was chosen."))
        numbers = [self.refs.get(row, 0) if isinstance(row, str) else row for row in given]
        for number in numbers:
            if not isinstance(number, int) or number not in self.outline.place:
                raise unknown_row(self.op, number)
        return numbers

    def _write_outline(self) -> None:
        """Levels and positions that changed; a row that became a summary must not carry links or work of its own."""
        outline = self.outline
        rows = Activity.objects.filter(pk__in=outline.moved).in_bulk()
        lines = {line.pk: line for line in outline.lines}
        updates: list[tuple[Activity, Mapping[str, Any]]] = [
            (rows[pk], {"position": lines[pk].position, "level": lines[pk].level})
            for pk in sorted(outline.moved & set(rows), key=lambda one: lines[one].position)
        ]
        self.recorder.update(updates, reason=self.reason)
        self.touched_rows |= set(rows)
        summaries = outline.summaries()
        stones = list(Activity.objects.filter(plan=self.plan, pk__in=summaries, kind__in=MILESTONES))
        self.touched_rows |= {row.pk for row in stones}
        self.recorder.update([(row, {"kind": Kind.TASK}) for row in stones], reason=self.reason)
        linked = Link.objects.filter(with_an_end_in([self.plan.pk]))
        for before, after in linked.values_list("predecessor_id", "successor_id"):
            bad = {before, after} & summaries
            if bad and not {before, after} & self._summaries_before:
                pk = bad.pop()
                name = Activity.objects.get(pk=pk)
                raise self._fault(
                    "level",
                    _("“%(name)s” has links and would become a summary: take its links out first.") % {"name": name},
                    pk,
                )

    @cached_property
    def _summaries_before(self) -> set[int]:
        """Summaries as stored: an imported plan may link them already."""
        return set(Activity.objects.filter(plan=self.plan, summary=True).values_list("pk", flat=True))

    def _title(self, text: str) -> None:
        self.title = self.title or text

    def _name_it(self, activity: Activity, before: Mapping[str, Sequence[Any]]) -> None:
        from stellwerk.planning.services.editing.naming import change_title

        self._title(change_title(activity, before, self.clock))

    def _fault(self, field: str, message: str, row: int | None = None) -> EditRefused:
        return EditRefused([EditFault(self.op, row, field, message)])

    def _faults(self, error: Invalid, row: int | None) -> EditRefused:
        found: Iterable[EditFault] = (
            EditFault(self.op, row, "" if name == "__all__" else name, text)
            for name, texts in error.errors.items()
            for text in texts
        )
        return EditRefused(list(found))


def next_uid(plan: Plan) -> int:
    """The first number that no row of the plan has."""
    return int(Activity.objects.filter(plan=plan).aggregate(top=Max("uid"))["top"] or 0) + 1
