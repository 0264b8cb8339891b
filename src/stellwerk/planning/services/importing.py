"""A schedule file into the plan of a project: everything or nothing, one change set, the same file twice changes nothing.

Rows are recognised by the number that the file gives them. The dates stay those of the file (``Plan.stale``) until somebody has the
plan computed here, with a preview of what that moves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import changesets
from stellwerk.core.changesets import ChangeKind, Recorder, register_change_kind
from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import require, visible
from stellwerk.core.services import next_keys
from stellwerk.people.models import Person
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.exchange import Document, Problem
from stellwerk.planning.exchange.document import Calendar, Counts, Task
from stellwerk.planning.exchange.problems import warning
from stellwerk.planning.models import (
    Activity,
    Assignment,
    Baseline,
    BaselineRow,
    CalendarException,
    Link,
    MilestoneForecast,
    Plan,
    PlanResource,
    WorkingCalendar,
)
from stellwerk.planning.network import plan_of
from stellwerk.planning.selectors.documents import (
    DAY_ONE,
    columns_of_assignment,
    columns_of_link,
    columns_of_resource,
    columns_of_task,
    task_of,
    told_of_project,
    with_exact,
)
from stellwerk.planning.services.aftermath import plan_changed
from stellwerk.planning.services.editing.outline import STEP
from stellwerk.planning.telling import encoded, told_of
from stellwerk.portfolio.models import Project

KIND: Final = "schedule_import"
CALENDAR_FIELDS: Final = ("uid", "name", "week", "exceptions", "base", "kind", "minutes_per_day")
EXCEPTION_FIELDS: Final = ("start", "finish", "times", "name")
ALIKE: Final = 0.5
"""Share of rows with the same number that must have the same name; below, it is another schedule and all rows are new."""


@dataclass(frozen=True)
class Rows:
    """How many rows an import adds, changes and removes."""

    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do (``change_set`` None with ``changes``: a dry run; without: nothing differs)."""

    counts: Counts
    start: dt.datetime | None
    finish: dt.datetime | None
    warnings: tuple[Problem, ...]
    rows: Rows
    changes: bool
    plan: Plan | None = None
    change_set: ChangeSet | None = None
    removed_names: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """What ``stellwerk import schedule --json`` prints."""
        return asdict(self.counts) | {
            "start": None if self.start is None else self.start.isoformat(timespec="minutes"),
            "finish": None if self.finish is None else self.finish.isoformat(timespec="minutes"),
            "warnings": [{"code": one.code, "line": one.line, "message": one.message} for one in self.warnings],
            "changes": {"added": self.rows.added, "changed": self.rows.changed, "removed": self.rows.removed},
        }


class StaleImport(Refused):
    """The plan changed between the preview and its application."""

    code = "stale_edit"

    def __init__(self) -> None:
        super().__init__(
            _("The plan has been changed by somebody else since this preview was made."),
            _("Nothing has been written. Look at the new preview and apply that."),
        )


class _DryRun(Exception):
    def __init__(self, result: Imported) -> None:
        self.result = result


def import_schedule(
    *, project: Project, document: Document, by: User | None, name: str = "", dry_run: bool = False, draft: ChangeSet | None = None,
    seen: int | None = None,
) -> Imported:  # fmt: skip
    """Take a document over as the plan of ``project``.

    ``draft`` is a previewed change set that becomes the applied one. ``seen`` is the revision of the plan that a preview was made of
    (0: there was none); None takes the plan as it is.

    Errors: ``NotAllowed``, ``StaleImport`` (the plan is not the one that was seen), ``Refused`` (archived; somebody begins the same plan at this
    moment; other projects depend on removed rows), ``WrongState`` (the draft has been applied or discarded).
    A file that cannot be computed is refused when it is read (:class:`~stellwerk.planning.exchange.ScheduleFileError`).
    """
    require(by, "edit", project)
    if project.archived:
        raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
    warnings = (*document.warnings, *plan_of(document).warnings)
    try:
        with transaction.atomic():
            work = _Import(project, document, by, name, seen)
            title = _("Schedule imported: %(name)s") % {"name": name or project.name}
            previewed = draft or changesets.preview(kind=KIND, title=title, plan={}, by=by)
            change_set = changesets.apply(previewed, by=by, work=work.run, verb=KIND)
            result = work.result((*warnings, *work.warnings), change_set)
            if dry_run or not result.changes:
                raise _DryRun(replace(result, change_set=None, plan=None if work.new else work.plan))
            change_set.plan["plan"] = work.plan.pk
            ChangeSet.objects.filter(pk=change_set.pk).update(plan=change_set.plan)
            plan_changed(work.plan, moved=work.added + work.changed)
            return result
    except _DryRun as done:
        return done.result
    except IntegrityError as error:
        if Plan.objects.filter(project=project).exists() and work.new:
            raise StaleImport from error
        raise


class _Import:
    """One import on its way into the tables."""

    def __init__(self, project: Project, document: Document, by: User | None, name: str, seen: int | None) -> None:
        self.project = project
        self.document = document
        self.by = by
        self.name = name
        self.seen = seen
        self.new = False
        self.added = self.changed = 0
        self.removed: list[str] = []
        self.touched = False
        self.warnings: list[Problem] = []
        self.told: dict[str, Any] = {}

    def result(self, warnings: Iterable[Problem], change_set: ChangeSet) -> Imported:
        start, finish = self.document.span()
        rows = Rows(self.added, self.changed, len(self.removed))
        return Imported(
            self.document.counts(),
            start,
            finish,
            tuple(warnings),
            rows,
            self.touched,
            self.plan,
            change_set,
            tuple(self.removed),
        )

    def run(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._plan()
        self._calendars()
        tasks = self._tasks()
        self._links(tasks)
        self._assignments(tasks, self._resources())
        self._settings()
        self._baselines(tasks)
        if self.touched:
            self._finish()

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def _plan(self) -> None:
        found = Plan.objects.select_for_update().filter(project=self.project).first()
        if self.seen is not None and self.seen != (found.revision if found is not None else 0):
            raise StaleImport
        self.new = found is None
        self.plan = found or Plan(project=self.project, start=DAY_ONE)
        self.plan.project = self.project
        if self.new:
            start, _finish = self.document.span()
            self.plan.start = _minute(self.document.project.start or start or DAY_ONE)
            self.recorder.create([self.plan])
            self.touched = True

    def _settings(self) -> None:
        """What the document says of the plan as a whole, and everything that has no row."""
        info = self.document.project
        start, _finish = self.document.span()
        calendar = self.calendars.get(info.calendar) if info.calendar is not None else None
        values: dict[str, Any] = {
            "start": _minute(info.start or start or DAY_ONE), "data_date": _minute(info.data_date), "must_finish": _minute(info.must_finish),
            "calendar": calendar, "auto_wbs": False, "source": self.document.format, "lag_calendar": self._lag_calendar(),
        }  # fmt: skip
        held = {one.pk: uid for uid, one in self.calendars.items()}
        shadow = Plan(
            project=self.project,
            start=values["start"],
            data_date=values["data_date"],
            must_finish=values["must_finish"],
        )
        shadow.calendar_id = calendar.pk if calendar is not None else None
        shadow.stale = True
        self.told["project"] = told_of_project(shadow, info, held)
        for part in ("code_types", "fields", "tables"):
            rows = getattr(self.document, part)
            if rows:
                self.told[part] = [encoded(one) for one in rows]
        values["told"] = self.told
        stored = Plan.objects.get(pk=self.plan.pk)
        changed = self.recorder.update([(stored, values)], audit=not self.new)
        self.plan = stored
        self.plan.project = self.project
        self.touched |= bool(changed)

    def _lag_calendar(self) -> str:
        """P6 has an option, the predecessor's calendar by default; everybody else counts in the successor's."""
        if self.document.format != "xer":
            return "successor"
        for table in self.document.tables:
            if table.name == "SCHEDOPTIONS" and table.rows:
                options = dict(zip(table.columns, table.rows[0], strict=False))
                wanted = options.get("sched_calendar_on_relationship_lag", "")
                known = {"rcal_Successor": "successor", "rcal_ProjDefault": "project", "rcal_24Hour": "elapsed"}
                return known.get(wanted, "predecessor")
        return "predecessor"

    def _finish(self) -> None:
        """A new revision; the dates are the file's until somebody has them computed."""
        plan = self.plan
        ends = Activity.objects.filter(plan=plan).aggregate(last=models.Max("finish"), top=models.Max("uid"))
        plan.revision += 1
        values = {
            "stale": True, "source_name": self.name[:250], "finish": ends["last"], "next_uid": (ends["top"] or 0) + 1,
            "revision": plan.revision, "reload_from": plan.revision,
        }  # fmt: skip
        Plan.objects.filter(pk=plan.pk).update(**values)
        for name, value in values.items():
            setattr(plan, name, value)

    # ── calendars ────────────────────────────────────────────────────────────────────────────────

    def _calendars(self) -> None:
        stored = {row.uid: row for row in WorkingCalendar.objects.filter(plan=self.plan) if row.uid is not None}
        known = self.document.calendar_by_uid
        self.calendars: dict[int, WorkingCalendar] = {}
        fresh = [uid for uid in known if uid not in stored]
        keys = dict(zip(fresh, next_keys(WorkingCalendar.KEY_PREFIX, len(fresh)), strict=True)) if fresh else {}
        for uid in _bases_first(known):
            calendar = known[uid]
            base = self.calendars.get(calendar.base) if calendar.base is not None else None
            values = self._calendar_values(calendar) | {"base": base}
            if uid in stored:
                row = stored[uid]
                self.touched |= bool(self.recorder.update([(row, values)]))
            else:
                row = self.recorder.create([WorkingCalendar(plan=self.plan, uid=uid, key=keys[uid], **values)])[0]
                self.touched = True
            self.calendars[uid] = row
        for uid, row in self.calendars.items():  # behind all calendars: an undo takes away what was written last
            self._exceptions(row, known[uid])
        self.stored_calendars = {uid: row.pk for uid, row in self.calendars.items()}

    def _calendar_values(self, calendar: Calendar) -> dict[str, Any]:
        told = told_of(calendar, without=CALENDAR_FIELDS)
        if len(calendar.name) > 250:
            told["name"] = calendar.name
        if calendar.base is not None and calendar.base not in self.document.calendar_by_uid:
            told["base"] = calendar.base
        return {
            "name": calendar.name[:250], "kind": calendar.kind if calendar.kind in CalendarKind.values else CalendarKind.BASE,
            "week": [None if day is None else [list(part) for part in day] for day in calendar.week],
            "minutes_per_day": calendar.minutes_per_day, "told": told,
        }  # fmt: skip

    def _exceptions(self, row: WorkingCalendar, calendar: Calendar) -> None:
        wanted = [
            {
                "start": one.start, "finish": max(one.start, one.finish), "name": one.name[:250], "times": [list(part) for part in one.times],
                "told": told_of(one, without=EXCEPTION_FIELDS) | ({"finish": one.finish.isoformat()} if one.finish < one.start else {}),
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

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def _tasks(self) -> dict[int, Activity]:
        stored = self._known_rows()
        held = {pk: uid for uid, pk in self.stored_calendars.items()}
        tasks = [task for task in self.document.tasks if not task.blank]
        blanks = [[place, encoded(task)] for place, task in enumerate(self.document.tasks) if task.blank]
        if blanks:
            self.told["blanks"] = blanks
        people = self._people()
        revision = self.plan.revision + 1
        fresh: list[Activity] = []
        changed: list[tuple[Activity, Mapping[str, Any]]] = []
        rows: dict[int, Activity] = {}
        summaries = _summaries(tasks)
        for place, task in enumerate(tasks, 1):
            values = columns_of_task(task, self.stored_calendars)
            summary = task.uid in summaries
            back = task_of(
                values | {"late_start": None, "late_finish": None, "critical": None},
                held,
                summary=summary,
                as_imported=True,
            )
            values = with_exact(values, task, back) | {"position": place * STEP, "summary": summary}
            known = stored.get(task.uid)
            if known is None:
                row = Activity(plan=self.plan, changed_in=revision, responsible=people.get(task.uid), **values)
                fresh.append(row)
            else:
                row = known
                if known.responsible_id is None and task.uid in people:
                    values["responsible"] = people[task.uid]
                values["calendar"] = self.calendars.get(task.calendar) if task.calendar is not None else None
                values.pop("calendar_id")
                changed.append(
                    (known, values | {"reason": None, "driver": None, "finding": ""} if not self.plan.stale else values)
                )
            rows[task.uid] = row
        self.recorder.create(fresh)
        self.added = len(fresh)
        self.changed = self.recorder.update(changed)
        Activity.objects.filter(pk__in=[row.pk for row in rows.values()]).update(
            changed_in=revision
        ) if self.changed else None
        self._remove([row for uid, row in stored.items() if uid not in rows])
        self.touched |= bool(self.added or self.changed)
        return rows

    def _known_rows(self) -> dict[int, Activity]:
        """Stored rows by number, or none if the numbers mean something else in this file."""
        stored = {row.uid: row for row in Activity.objects.filter(plan=self.plan).order_by("pk")}
        tasks = {task.uid: task.name for task in self.document.tasks if not task.blank}
        common = stored.keys() & tasks.keys()
        alike = sum(stored[uid].name == tasks[uid][:500] for uid in common)
        if common and alike < ALIKE * len(common):
            self._remove(list(stored.values()))
            return {}
        return stored

    def _remove(self, rows: Sequence[Activity]) -> None:
        if not rows:
            return
        numbers = [row.pk for row in rows]
        outer = (
            Link.objects.filter(predecessor__in=numbers).exclude(plan=self.plan).select_related("plan__project").first()
        )
        if outer is not None:
            raise Refused(
                _("Rows that the file does not have any more give to other projects (%(key)s).")
                % {"key": outer.plan.key},
                _("Take those links out first."),
                code="in_use",
            )
        links = Link.objects.filter(models.Q(predecessor__in=numbers) | models.Q(successor__in=numbers)).distinct()
        self.recorder.delete(list(links))
        self.recorder.delete(list(Assignment.objects.filter(activity__in=numbers)))
        self.recorder.delete(list(MilestoneForecast.objects.filter(activity__in=numbers)), audit=False)
        self.removed += [row.name for row in rows]
        self.recorder.delete(rows)
        self.touched = True

    def _people(self) -> dict[int, Person]:
        """uid of a task → the one person who works on it, where exactly one is known by mail address or whole name."""
        people = self._persons()
        found: dict[int, set[int]] = {}
        for one in self.document.assignments:
            person = people.get(one.resource) if one.resource is not None else None
            if person is not None:
                found.setdefault(one.task, set()).add(person.pk)
        by_pk = {person.pk: person for person in people.values()}
        return {uid: by_pk[next(iter(pks))] for uid, pks in found.items() if len(pks) == 1}

    def _persons(self) -> dict[int, Person]:
        """uid of a resource → person: by mail address, else by the whole name if only one has it. Never guessed."""
        if not hasattr(self, "_person_cache"):
            rows = Person.objects.filter(archived_at=None)
            if self.by is not None:
                rows = rows.filter(visible(self.by, Person))
            by_mail: dict[str, Person] = {}
            by_name: dict[str, list[Person]] = {}
            wanted = {resource.name.casefold() for resource in self.document.resources}
            for person in rows:
                if person.email:
                    by_mail[person.email.casefold()] = person
                for name in {f"{person.first_name} {person.last_name}", f"{person.last_name}, {person.first_name}"}:
                    if name.casefold() in wanted:
                        by_name.setdefault(name.casefold(), []).append(person)
            found = {}
            for resource in self.document.resources:
                same = by_name.get(resource.name.casefold(), [])
                person_or_none = by_mail.get(resource.email.casefold()) if resource.email else None
                person_or_none = person_or_none or (same[0] if len(same) == 1 else None)
                if person_or_none is not None:
                    found[resource.uid] = person_or_none
            self._person_cache = found
        return self._person_cache

    # ── links, resources, assignments ────────────────────────────────────────────────────────────

    def _links(self, rows: Mapping[int, Activity]) -> None:
        uids = {row.pk: uid for uid, row in rows.items()}
        stored = {
            (uids.get(one.predecessor_id), uids.get(one.successor_id), one.type): one
            for one in Link.objects.filter(plan=self.plan, predecessor__plan=self.plan)
        }
        revision = self.plan.revision + 1
        fresh, changed, seen, without = [], [], set(), []
        for link in self.document.links:
            ends = (link.predecessor, link.successor, link.type)
            if (
                link.predecessor not in rows
                or link.successor not in rows
                or link.predecessor == link.successor
                or ends in seen
            ):
                without.append(
                    encoded(link)
                )  # beside the plan: two links of one kind between two rows, or an end that is no row
                continue
            seen.add(ends)
            values = columns_of_link(link)
            if ends in stored:
                changed.append((stored[ends], values))
            else:
                before, after = rows[link.predecessor], rows[link.successor]
                fresh.append(Link(plan=self.plan, predecessor=before, successor=after, changed_in=revision, **values))
        gone = [one for ends, one in stored.items() if ends not in seen]
        self.recorder.delete(gone)
        self.recorder.create(fresh)
        if without:
            self.told["links"] = without
        self.touched |= bool(self.recorder.update(changed) or gone or fresh)

    def _resources(self) -> dict[int, PlanResource]:
        stored = {row.uid: row for row in PlanResource.objects.filter(plan=self.plan)}
        people = self._persons()
        rows: dict[int, PlanResource] = {}
        fresh, changed = [], []
        for resource in self.document.resources:
            values = columns_of_resource(resource, self.stored_calendars)
            known = stored.get(resource.uid)
            if known is None:
                row = PlanResource(plan=self.plan, person=people.get(resource.uid), **values)
                fresh.append(row)
            else:
                row = known
                values["calendar"] = self.calendars.get(resource.calendar) if resource.calendar is not None else None
                values.pop("calendar_id")
                changed.append((known, values))
            rows[resource.uid] = row
        self.recorder.create(fresh)
        self.stored_resources = stored
        self.touched |= bool(self.recorder.update(changed) or fresh)
        return rows

    def _assignments(self, rows: Mapping[int, Activity], resources: Mapping[int, PlanResource]) -> None:
        stored = {row.uid: row for row in Assignment.objects.filter(plan=self.plan)}
        fresh, changed, seen, without = [], [], set(), []
        for one in self.document.assignments:
            missing = one.task not in rows or (one.resource is not None and one.resource not in resources)
            if missing or one.uid in seen:
                without.append(encoded(one))
                continue
            seen.add(one.uid)
            values = columns_of_assignment(one)
            ends = {
                "activity": rows[one.task],
                "resource": resources.get(one.resource) if one.resource is not None else None,
            }
            if one.uid in stored:
                changed.append((stored[one.uid], values | ends))
            else:
                fresh.append(Assignment(plan=self.plan, **ends, **values))
        gone = [row for uid, row in stored.items() if uid not in seen]
        self.recorder.delete(gone)
        self.recorder.create(fresh)
        self.touched |= bool(self.recorder.update(changed) or gone or fresh)
        left = [row for uid, row in self.stored_resources.items() if uid not in resources]
        self.recorder.delete(left)
        self.touched |= bool(left)
        if without:
            self.told["assignments"] = without

    # ── baselines ────────────────────────────────────────────────────────────────────────────────

    def _baselines(self, rows: Mapping[int, Activity]) -> None:
        """Baselines of the file become baselines of the plan where there is none of that number yet."""
        numbers = sorted({one.number for task in self.document.tasks for one in task.baselines})
        known = {one.number: one for one in Baseline.objects.filter(plan=self.plan)}
        latest = numbers[-1] if numbers and not known else None
        for number in numbers:
            if number in known:
                if not known[number].imported:
                    self.warnings.append(warning("import_baseline", number=number))
                continue
            state = "approved" if number == latest else "superseded"
            made = self.recorder.create(
                [
                    Baseline(
                        plan=self.plan, number=number, name=self.name[:160], reason=_("From the imported file."), state=state,
                        data_date=_minute(self.document.project.data_date or self.document.project.saved or self.plan.start).date(),
                        imported=True,
                    )
                ]
            )[0]  # fmt: skip
            frozen = [
                BaselineRow(
                    baseline=made, activity=row, uid=task.uid, position=row.position, level=row.level, summary=row.summary, kind=row.kind,
                    wbs=row.wbs, name=row.name, start=_minute(one.start), finish=_minute(one.finish),
                    duration=None if one.duration is None else max(0, one.duration.minutes), work=one.work,
                    cost=None if one.cost is None else int(one.cost * 100), ev_method=row.ev_method, weight=row.weight,
                )
                for task in self.document.tasks
                if not task.blank and (row := rows.get(task.uid)) is not None
                for one in task.baselines
                if one.number == number
            ]  # fmt: skip
            self.recorder.create(frozen, audit=False)
            self.touched = True


def _minute(value: Any) -> Any:
    return None if value is None else value.replace(second=0, microsecond=0)


def _summaries(tasks: Sequence[Task]) -> set[int]:
    """Rows that are followed by a deeper one; what only calls itself a summary is a leaf without work."""
    return {one.uid for one, after in pairwise(tasks) if after.level > one.level}


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


def _plan_of(change_set: ChangeSet) -> Plan | None:
    return Plan.objects.select_related("project").filter(pk=change_set.plan.get("plan")).first()


def _may_undo(change_set: ChangeSet, by: User | None) -> None:
    plan = _plan_of(change_set)
    if plan is not None:
        require(by, "edit", plan)


def _after_undo(change_set: ChangeSet, by: User | None) -> None:
    """What was there before counts again; pages read everything anew."""
    plan = _plan_of(change_set)
    if plan is None:
        return
    ends = Activity.objects.filter(plan=plan).aggregate(last=models.Max("finish"))
    Plan.objects.filter(pk=plan.pk).update(
        revision=plan.revision + 1, reload_from=plan.revision + 1, stale=True, finish=ends["last"]
    )
    plan.refresh_from_db()
    plan_changed(plan, moved=1)


register_change_kind(
    ChangeKind(KIND, gettext_lazy("Schedule imported"), icon="upload", permit=_may_undo, after_undo=_after_undo)
)
