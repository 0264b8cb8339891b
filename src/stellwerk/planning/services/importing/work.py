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
from stellwerk.planning.choices import ProgressMode
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
from stellwerk.planning.network import dates_win, overrides
from stellwerk.planning.selectors.documents import (
    DAY_ONE,
    columns_of_assignment,
    columns_of_link,
    columns_of_resource,
    columns_of_task,
    minute_of,
    task_of_columns,
    told_of_project,
    with_exact,
)
from stellwerk.planning.services.importing.baselines import write_baselines
from stellwerk.planning.services.importing.calendars import Calendars
from stellwerk.planning.services.importing.merging import UNSAID_PLAN, merged, positions
from stellwerk.planning.services.importing.own import OwnWords, news, own_words
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
        self.own = OwnWords()

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
        if not self.new:
            self.own = own_words(self.plan, self.document)
        self.calendars = Calendars(recorder, self.plan, self.document, self.own)
        self.calendars.write()
        tasks = self._tasks()
        self._links(tasks)
        self._assignments(tasks, self._resources())
        self._settings()
        self.calendars.leave()
        told, made = write_baselines(self.recorder, self.plan, self.document, tasks, self.name, self.by)
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
            "calendar": calendar, "auto_wbs": False, "source": self.document.format, "lag_calendar": _lag_calendar(self.document),
            "dates_win": dates_win(self.document),
        }  # fmt: skip
        if self.new and overrides(self.document):
            values["progress_mode"] = ProgressMode.OVERRIDE
        if not self.new:
            unsaid = {name for name in UNSAID_PLAN.get(self.document.format, ()) if getattr(info, name, None) is None}
            unsaid |= self._unchanged(values)
            values = {name: value for name, value in values.items() if name not in unsaid}
            if not self.renumbered:
                values.pop("auto_wbs")
        held = {one.pk: uid for uid, one in self.calendars.rows.items()}
        shadow = Plan(
            project=self.project,
            start=values.get("start", self.plan.start),
            data_date=values.get("data_date", self.plan.data_date),
            must_finish=values.get("must_finish", self.plan.must_finish),
            dates_win=values.get("dates_win", self.plan.dates_win),
        )
        shadow.calendar = values.get("calendar", self.plan.calendar)
        shadow.stale = True
        self.told["project"] = told_of_project(shadow, info, held)
        for part in ("code_types", "fields", "tables"):
            rows = getattr(self.document, part)
            if rows:
                self.told[part] = [encoded(one) for one in rows]
        if self.own.same_beside(self.document):
            values.pop("source")
        else:
            values["told"] = self.told
        stored = Plan.objects.get(pk=self.plan.pk)
        changed = self.recorder.update([(stored, values)], audit=not self.new)
        self.plan = stored
        self.plan.project = self.project
        self.touched |= bool(changed)

    def _unchanged(self, values: Mapping[str, Any]) -> set[str]:
        """Columns of the plan that the file says as the plan itself would (P6 wants a data date where there is none)."""
        if not self.own.tasks:
            return set()
        info, mine = self.document.project, self.own.document.project
        same = {
            name
            for name in ("start", "data_date", "must_finish", "dates_win")
            if getattr(info, name) == getattr(mine, name)
        }
        if info.calendar == mine.calendar and mine.calendar in self.own.calendars(
            self.document, self.calendars.numbers
        ):
            same.add("calendar")
        return same | ({"lag_calendar"} if _lag_calendar(self.own.document) == values["lag_calendar"] else set())

    def _finish(self) -> None:
        """A new revision; the dates are the file's until somebody has them computed."""
        plan = self.plan
        if not self.was_stale:  # why a date was computed here says nothing of a date that a file gave
            Activity.objects.filter(plan=plan).update(reason=None, driver=None, finding="")
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
        # A row that only the format needs (the root of P6) is none of the plan; new rows lie that much deeper in the file.
        above = self.own.tasks.keys() - stored.keys() if stored else set()
        tasks = [task for task in self.document.tasks if not task.blank and task.uid not in above]
        depth = min((one.level for one in tasks if one.uid in stored), default=1) - 1 if above else 0
        blanks = [[place, encoded(task)] for place, task in enumerate(self.document.tasks) if task.blank]
        if blanks:
            self.told["blanks"] = blanks
        people = responsible_of(self.document, self.persons)
        revision = self.plan.revision + 1
        fresh: list[Activity] = []
        changed: list[tuple[Activity, Mapping[str, Any]]] = []
        rows: dict[int, Activity] = {}
        summaries = _summaries(tasks)
        known_places = {uid: row.position for uid, row in stored.items()}
        places = positions(self.own.order([task.uid for task in tasks], known_places), known_places)
        numbers = self.calendars.numbers
        own_summaries = _summaries(list(self.own.tasks.values()))
        own_numbers = self.own.calendars(self.document, numbers)
        for task in tasks:
            values = self._columns(task, numbers, summary=task.uid in summaries) | {"position": places[task.uid]}
            known = stored.get(task.uid)
            if known is None:
                values["level"] = max(1, values["level"] - depth) if depth else values["level"]
                row = Activity(plan=self.plan, changed_in=revision, responsible=people.get(task.uid), **values)
                fresh.append(row)
            else:
                row = known
                mine = self.own.tasks.get(task.uid)
                own = None if mine is None else self._columns(mine, own_numbers, summary=mine.uid in own_summaries)
                values = news(merged(known, values, self.document.format), own)
                if known.responsible_id is None and task.uid in people:
                    values["responsible"] = people[task.uid]
                if "calendar_id" in values:
                    values.pop("calendar_id")
                    values["calendar"] = self.calendars.rows.get(task.calendar) if task.calendar is not None else None
                self.renumbered |= known.wbs != values.get("wbs", known.wbs)
                changed.append((known, values))
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

    def _columns(self, task: Task, calendars: Mapping[int, int], *, summary: bool) -> dict[str, Any]:
        """Columns of a row, with what they cannot hold exactly; ``calendars``: number in the file → number here."""
        ours, given = self.project.currency, self.document.project.currency
        currency = ours if not summary and given in ("", ours) else ""
        values = columns_of_task(task, calendars, currency)
        held = {here: there for there, here in calendars.items()}
        back = task_of_columns(values, held, summary=summary, currency=ours)
        return with_exact(values, task, back) | {"summary": summary}

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
                mine = self.own.links.get(ends)
                changed.append((stored[ends], news(values, columns_of_link(mine) if mine else None)))
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
        own_numbers = self.own.calendars(self.document, self.calendars.numbers)
        fresh, changed = [], []
        for resource in self.document.resources:
            values = columns_of_resource(resource, self.calendars.numbers)
            known = stored.get(resource.uid)
            if known is None:
                row = PlanResource(plan=self.plan, person=people.get(resource.uid), **values)
                fresh.append(row)
            else:
                row = known
                mine = self.own.resources.get(resource.uid)
                values = news(values, columns_of_resource(mine, own_numbers) if mine else None)
                if "calendar_id" in values:
                    values.pop("calendar_id")
                    values["calendar"] = self.calendars.rows.get(resource.calendar) if resource.calendar else None
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
                mine = self.own.assignments.get(one.uid)
                changed.append((stored[one.uid], news(values, columns_of_assignment(mine) if mine else None) | ends))
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


def _lag_calendar(document: Document) -> str:
    """P6 has an option, the predecessor's calendar by default; everybody else counts in the successor's."""
    if document.format != "xer":
        return "successor"
    for table in document.tables:
        if table.name == "SCHEDOPTIONS" and table.rows:
            options = dict(zip(table.columns, table.rows[0], strict=False))
            wanted = options.get("sched_calendar_on_relationship_lag", "")
            known = {"rcal_Successor": "successor", "rcal_ProjDefault": "project", "rcal_24Hour": "elapsed"}
            return known.get(wanted, "predecessor")
    return "predecessor"


def _summaries(tasks: Sequence[Task]) -> set[int]:
    """Rows that are followed by a deeper one; what only calls itself a summary is a leaf without work."""
    return {one.uid for one, after in pairwise(tasks) if after.level > one.level}
