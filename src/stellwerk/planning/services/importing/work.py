"""One import on its way into the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core.changesets import Recorder
from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.planning.exchange import Document, Problem
from stellwerk.planning.exchange.document import Task
from stellwerk.planning.models import (
    Activity,
    Assignment,
    Link,
    MilestoneForecast,
    Plan,
    PlanResource,
)
from stellwerk.planning.selectors.documents import (
    DAY_ONE,
    columns_of_assignment,
    columns_of_link,
    columns_of_resource,
    columns_of_task,
    minute_of,
    task_of,
    told_of_project,
    with_exact,
)
from stellwerk.planning.services.importing.baselines import write_baselines
from stellwerk.planning.services.importing.calendars import Calendars
from stellwerk.planning.services.importing.merging import UNSAID_PLAN, merged, positions
from stellwerk.planning.services.importing.people import persons_of, responsible_of
from stellwerk.planning.services.importing.results import Imported, Rows, StaleImport
from stellwerk.planning.telling import encoded
from stellwerk.portfolio.models import Project

ALIKE: Final = 0.5
"""Share of rows with the same number that must have the same name; below, it is another schedule and all rows are new."""


class Import:
    """One import on its way into the tables."""

    def __init__(self, project: Project, document: Document, by: User | None, name: str, seen: int | None) -> None:
        self.project = project
        self.document = document
        self.by = by
        self.name = name
        self.seen = seen
        self.new = self.was_stale = False
        self.added = self.changed = 0
        self.removed: list[str] = []
        self.touched = False
        self.warnings: list[Problem] = []
        self.told: dict[str, Any] = {}
        self.renumbered = False

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
        self.persons = persons_of(self.document, self.by)
        self._plan()
        self.calendars = Calendars(recorder, self.plan, self.document)
        self.calendars.write()
        tasks = self._tasks()
        self._links(tasks)
        self._assignments(tasks, self._resources())
        self._settings()
        self.calendars.leave()
        told, made = write_baselines(self.recorder, self.plan, self.document, tasks, self.name)
        self.warnings += told
        self.touched |= made
        self.touched |= self.calendars.touched
        if self.touched:
            self._finish()

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def _plan(self) -> None:
        found = Plan.objects.select_for_update().filter(project=self.project).first()
        if self.seen is not None and self.seen != (found.revision if found is not None else 0):
            raise StaleImport
        self.new = found is None
        self.was_stale = found is None or found.stale
        self.plan = found or Plan(project=self.project, start=DAY_ONE)
        self.plan.project = self.project
        if self.new:
            start, _finish = self.document.span()
            self.plan.start = minute_of(self.document.project.start or start or DAY_ONE)
            self.recorder.create([self.plan])
            self.touched = True

    def _settings(self) -> None:
        """What the document says of the plan as a whole, and everything that has no row."""
        info = self.document.project
        start, _finish = self.document.span()
        calendar = self.calendars.rows.get(info.calendar) if info.calendar is not None else None
        values: dict[str, Any] = {
            "start": minute_of(info.start or start or DAY_ONE), "data_date": minute_of(info.data_date), "must_finish": minute_of(info.must_finish),
            "calendar": calendar, "auto_wbs": False, "source": self.document.format, "lag_calendar": self._lag_calendar(),
        }  # fmt: skip
        if not self.new:
            unsaid = {name for name in UNSAID_PLAN.get(self.document.format, ()) if getattr(info, name, None) is None}
            values = {name: value for name, value in values.items() if name not in unsaid}
            if not self.renumbered:
                values.pop("auto_wbs")
        held = {one.pk: uid for uid, one in self.calendars.rows.items()}
        shadow = Plan(
            project=self.project,
            start=values.get("start", self.plan.start),
            data_date=values.get("data_date", self.plan.data_date),
            must_finish=values.get("must_finish", self.plan.must_finish),
        )
        shadow.calendar = values.get("calendar", self.plan.calendar)
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

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def _tasks(self) -> dict[int, Activity]:
        stored = self._known_rows()
        held = {pk: uid for uid, pk in self.calendars.numbers.items()}
        tasks = [task for task in self.document.tasks if not task.blank]
        blanks = [[place, encoded(task)] for place, task in enumerate(self.document.tasks) if task.blank]
        if blanks:
            self.told["blanks"] = blanks
        people = responsible_of(self.document, self.persons)
        revision = self.plan.revision + 1
        fresh: list[Activity] = []
        changed: list[tuple[Activity, Mapping[str, Any]]] = []
        rows: dict[int, Activity] = {}
        summaries = _summaries(tasks)
        places = positions([task.uid for task in tasks], {uid: row.position for uid, row in stored.items()})
        for task in tasks:
            values = columns_of_task(task, self.calendars.numbers)
            summary = task.uid in summaries
            back = task_of(
                values | {"late_start": None, "late_finish": None, "critical": None},
                held,
                summary=summary,
                as_imported=True,
            )
            values = with_exact(values, task, back) | {"position": places[task.uid], "summary": summary}
            known = stored.get(task.uid)
            if known is None:
                row = Activity(plan=self.plan, changed_in=revision, responsible=people.get(task.uid), **values)
                fresh.append(row)
            else:
                row = known
                if known.responsible_id is None and task.uid in people:
                    values["responsible"] = people[task.uid]
                values = merged(known, values, self.document.format)
                if "calendar_id" in values:
                    values.pop("calendar_id")
                    values["calendar"] = self.calendars.rows.get(task.calendar) if task.calendar is not None else None
                self.renumbered |= known.wbs != values["wbs"]
                changed.append(
                    (known, values | {"reason": None, "driver": None, "finding": ""} if not self.plan.stale else values)
                )
            rows[task.uid] = row
        self.recorder.create(fresh)
        self.added = len(fresh)
        self.renumbered |= bool(fresh)
        self.changed = self.recorder.update(changed)
        if self.changed:
            Activity.objects.filter(plan=self.plan).update(changed_in=revision)
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
        people = self.persons
        rows: dict[int, PlanResource] = {}
        fresh, changed = [], []
        for resource in self.document.resources:
            values = columns_of_resource(resource, self.calendars.numbers)
            known = stored.get(resource.uid)
            if known is None:
                row = PlanResource(plan=self.plan, person=people.get(resource.uid), **values)
                fresh.append(row)
            else:
                row = known
                values["calendar"] = (
                    self.calendars.rows.get(resource.calendar) if resource.calendar is not None else None
                )
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


def _summaries(tasks: Sequence[Task]) -> set[int]:
    """Rows that are followed by a deeper one; what only calls itself a summary is a leaf without work."""
    return {one.uid for one, after in pairwise(tasks) if after.level > one.level}
