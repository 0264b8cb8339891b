"""Writing a plan: one change set, one transaction, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import bulk
from stellwerk.core.changesets import Recorder
from stellwerk.core.db import refresh_statistics
from stellwerk.core.errors import Refused, Text, WrongState
from stellwerk.core.models import AuditEntry, ChangeItem, User
from stellwerk.core.permissions import require
from stellwerk.core.registry import GUARDS
from stellwerk.core.services import next_keys, validate
from stellwerk.core.tabular.matching import normal_name
from stellwerk.core.tabular.words import normal
from stellwerk.people.models import Person
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.importing.changes import Change, chunks, master_of, status_values
from stellwerk.portfolio.importing.plan import Plan, Tell, fingerprint
from stellwerk.portfolio.importing.recognition import Entry
from stellwerk.portfolio.importing.records import Row, attribute_figures
from stellwerk.portfolio.models import Figure, Gate, Portfolio, Programme, Project, ProjectAlias, ProjectStatus
from stellwerk.portfolio.services.figures import FigureRow, insert_figures, note_data_dates, write_figures

NEW_AT_ONCE = 4000
MANY = 100
"""From so many statuses on, the planner of the database is told what was written."""
DEFAULT_PHASE = "executing"
"""Of a new project whose list names no phase: a list of projects is a list of running ones."""

_PLAIN = (
    "name",
    "external_key",
    "description",
    "kind",
    "category",
    "department",
    "sponsor_name",
    "manager_name",
    "currency",
)
_DAYS = ("start_baseline", "start_forecast", "start_actual", "finish_baseline", "finish_forecast", "finish_actual")
_PROJECT = (
    "id", "key", "version", "created_at", "updated_at", "confidentiality", "size", "phase", "phase_before_hold", "portfolio_id",
    "programme_id", "manager_id", "sponsor_id", "priority", "budget", "attributes", *_PLAIN, *_DAYS,
)  # fmt: skip
_STATUS = (
    "project_id", "date", "source", "source_label", "source_url", "summary", "narrative", "attributes", "master", "remarks",
    "content_hash", "change_set_id",
)  # fmt: skip
_GATE = ("project_id", "code", "name", "order", "forecast", "state", "version", "created_at", "updated_at")
_ITEM = ("change_set_id", "entity_type", "entity_id", "operation", "before", "after")
_AUDIT = (
    "entity_type",
    "entity_id",
    "at",
    "actor_id",
    "pseudonym",
    "entity_key",
    "verb",
    "changes",
    "reason",
    "change_set_id",
    "entity_version",
)
_ALIAS = ("project_id", "portfolio_id", "normalised")


class StalePlan(Refused):
    """The portfolio changed between preview and apply."""

    code = "stale_plan"

    def __init__(self) -> None:
        super().__init__(
            _("The portfolio has changed since this preview was made."),
            _("Nothing has been written. Look at the new preview and apply that one."),
        )


def check_dates(portfolio: Portfolio, days: Iterable[dt.date], by: User | None) -> None:
    """Ask the rooms above whether statuses of these dates may still come in. Errors: ``WrongState`` with their reasons.

    They register ``guard("portfolio.projectstatus", "import")``; the object is an unsaved status that carries the date and
    a project of the portfolio.
    """
    reasons: list[str] = []
    for day in days:
        probe = ProjectStatus(project=Project(portfolio=portfolio), date=day, source=Source.IMPORTED)
        reasons += [
            str(reason)
            for guard in GUARDS.get(("portfolio.projectstatus", "import"), ())
            for reason in guard(probe, by)
        ]
    if reasons:
        raise WrongState(
            " ".join(dict.fromkeys(reasons)),
            _("Choose another data date for this file, or correct the published report."),
        )


class Writer:
    """Writes one plan through a recorder, inside the recorder's transaction."""

    def __init__(self, plan: Plan, recorder: Recorder, by: User | None, tell: Tell | None) -> None:
        self.plan = plan
        self.recorder = recorder
        self.by = by
        self.tell = tell or (lambda done, total, text: None)
        self.total = len(plan.new) + len(plan.changes)
        self.done = 0
        self.label = plan.source.title[:160]
        self.url = _url_of(recorder.change_set.uid)
        self.people = _people() if any(use.code in ("manager", "sponsor") for use in plan.mapped.uses) else {}
        self.programmes: dict[str, int] = {}

    def write(self, portfolio: Portfolio | None) -> Portfolio:
        """All of it. Errors: ``StalePlan``, ``WrongState`` (closed date), ``NotAllowed``, ``Invalid`` (portfolio key)."""
        locked = self._portfolio(portfolio)
        check_dates(locked, self.plan.dates, self.by)
        self._programmes(locked)
        try:
            for part in chunks(self.plan.new, NEW_AT_ONCE):
                self._create(part, locked)
                self._step(len(part), _("Writing new projects"))
            for part_known in chunks(self.plan.changes):
                self._update(part_known, locked)
                self._step(len(part_known), _("Updating projects"))
        except IntegrityError as error:
            raise StalePlan from error
        if self.plan.statuses >= MANY:
            refresh_statistics(Project, ProjectStatus, Figure)
        one = Project.objects.filter(portfolio=locked).values_list("pk", flat=True).first()
        note_data_dates(projects=[one] if one is not None else [])
        return locked

    def _step(self, count: int, text: Text) -> None:
        self.done += count
        self.tell(self.done, self.total, text)

    # ── around the projects ──────────────────────────────────────────────────────────────────────

    def _portfolio(self, portfolio: Portfolio | None) -> Portfolio:
        if portfolio is None:
            key = self.plan.portfolio_key
            if Portfolio.objects.filter(key=key).exists():
                raise StalePlan
            currency = self.plan.records.currency or "EUR"
            made = Portfolio(key=key, name=key, currency=currency, state="active", version=1)
            require(self.by, "create", made)
            require(self.by, "import", made)
            validate(made)
            return self.recorder.create([made])[0]
        found = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
        if fingerprint(found) != self.plan.fingerprint:
            raise StalePlan
        return found

    def _programmes(self, portfolio: Portfolio) -> None:
        """Programmes by name; missing ones are created only where the user chose so."""
        names = {row.master["programme"] for row in self.plan.records.rows if "programme" in row.master}
        if not names:
            return
        known = Programme.objects.filter(portfolio=portfolio, archived_at__isnull=True).values_list("name", "pk")
        self.programmes = {normal(name): pk for name, pk in known}
        missing = {normal(name): name for name in sorted(names) if normal(name) not in self.programmes}
        if not self.plan.options.create_programmes or not missing:
            return
        require(self.by, "create", Programme(portfolio=portfolio))
        keys = free_keys(Programme, "PRG", len(missing))
        made = self.recorder.create(
            Programme(key=key, name=name[:160], portfolio=portfolio, state="delivering", version=1)
            for key, name in zip(keys, missing.values(), strict=True)
        )
        self.programmes |= {normal(programme.name): programme.pk for programme in made}

    def _programme(self, name: Any) -> int | None:
        return self.programmes.get(normal(str(name))) if name else None

    def _person(self, name: Any) -> int | None:
        return self.people.get(normal(str(name))) if name else None

    # ── new projects ─────────────────────────────────────────────────────────────────────────────

    def _create(self, entries: Sequence[Entry], portfolio: Portfolio) -> None:
        numbers = bulk.reserve(Project, len(entries))
        keys = free_keys(Project, "PRJ", len(entries))
        now = bulk.instant(timezone.now())
        made = [(number, key, entry, _newest(entry)) for number, key, entry in zip(numbers, keys, entries, strict=True)]
        bulk.insert(
            Project, _PROJECT, (self._project(n, k, entry, master, portfolio, now) for n, k, entry, master in made)
        )
        bulk.insert(ProjectStatus, _STATUS, (self._status(n, row) for n, _k, entry, _m in made for row in entry.rows))
        bulk.insert(
            Gate, _GATE, (gate for n, _k, _e, master in made for gate in self._gates(n, master.get("gates", {}), now))
        )
        self._other_names(made, portfolio)
        insert_figures(
            rows=[figure for n, _k, entry, _m in made for row in entry.rows for figure in self._figures(n, row)],
            change_set=self.recorder.change_set,
        )
        self._keep(made, now)

    def _project(
        self, number: int, key: str, entry: Entry, master: Mapping[str, Any], portfolio: Portfolio, now: str
    ) -> tuple[bulk.Value, ...]:
        manager, sponsor = self._person(master.get("manager_name")), self._person(master.get("sponsor_name"))
        attributes: dict[str, Any] = {}
        for row in entry.rows:
            attributes.update(row.attributes)
        plain = [master.get(name, "") for name in _PLAIN]
        plain[-1] = plain[-1] or entry.newest.currency or portfolio.currency
        return (
            number, key, 1, now, now, "internal", "", master.get("phase", DEFAULT_PHASE), "", portfolio.pk,
            self._programme(master.get("programme")), manager, sponsor if sponsor != manager else None, master.get("priority"),
            master.get("budget"), bulk.json_text(attributes), *plain, *(master.get(name) for name in _DAYS),
        )  # fmt: skip

    def _status(self, project: int, row: Row) -> tuple[bulk.Value, ...]:
        values = status_values(row)
        return (
            project, str(row.date), Source.IMPORTED.value, self._place(row), self.url, values["summary"],
            bulk.json_text(values["narrative"]), bulk.json_text(values["attributes"]), bulk.json_text(values["master"]),
            bulk.json_text(values["remarks"]), row.hash, self.recorder.change_set.pk,
        )  # fmt: skip

    def _gates(self, project: int, gates: Mapping[str, str], now: str) -> Iterable[tuple[bulk.Value, ...]]:
        for code, day in gates.items():
            name, order = self.plan.records.gates.get(code, (code, 0))
            yield project, code, name, order, day, "planned", 1, now, now

    def _other_names(self, made: Sequence[tuple[int, str, Entry, dict[str, Any]]], portfolio: Portfolio) -> None:
        """Names that the same file gives a project at other dates."""
        rows = [
            (number, portfolio.pk, name[:250])
            for number, _key, entry, _master in made if len(entry.rows) > 1
            for name in entry.names[1:] if name
        ]  # fmt: skip
        taken = (
            set(ProjectAlias.objects.filter(portfolio=portfolio).values_list("normalised", flat=True))
            if rows
            else set()
        )
        unique = {row[2]: row for row in rows if row[2] not in taken}
        bulk.insert(ProjectAlias, _ALIAS, unique.values())

    def _keep(self, made: Sequence[tuple[int, str, Entry, dict[str, Any]]], now: str) -> None:
        """What an undo needs (that the project was created here) and what the audit trail tells."""
        change_set = self.recorder.change_set.pk
        label = Project._meta.label_lower
        bulk.insert(ChangeItem, _ITEM, (
            (change_set, label, number, "create", "{}", bulk.json_text({"name": master["name"]})) for number, _k, _e, master in made
        ))  # fmt: skip
        self.recorder.counts["create"] += len(made)
        actor = self.by.pk if self.by else None
        pseudonym = bulk.uuid_text(self.by.pseudonym) if self.by else None
        bulk.insert(AuditEntry, _AUDIT, (
            (label, number, now, actor, pseudonym, key, "import", _told(master), self.label, change_set, 1)
            for number, key, _entry, master in made
        ))  # fmt: skip

    def _place(self, row: Row) -> str:
        return f"{self.label}, {row.number}"

    def _figures(self, project: int, row: Row) -> Iterable[FigureRow]:
        label, source = self._place(row), Source.IMPORTED.value
        assert row.date is not None
        for code, light, half, told, amount, currency, value, day, text in attribute_figures(row.figures).values():
            yield FigureRow(
                project, code, row.date, light, half, told, amount, currency, value, day, text, source, label, self.url
            )

    # ── projects that we have ────────────────────────────────────────────────────────────────────

    def _update(self, part: Sequence[Change], portfolio: Portfolio) -> None:
        recorder = self.recorder
        projects = Project.objects.select_related("manager", "sponsor").in_bulk([change.project for change in part])
        touched = [
            (projects[change.project], self._values(projects[change.project], change))
            for change in part
            if change.master
        ]
        recorder.update(touched)
        recorder.create(self._new_statuses(part), audit=False)
        old = ProjectStatus.objects.in_bulk([s.pk for change in part for s in change.statuses if s.pk])
        recorder.update(
            [
                (old[s.pk], {**s.values, "change_set": recorder.change_set})
                for change in part
                for s in change.statuses
                if s.pk
            ],
            audit=False,
        )
        self._put_gates(part)
        self._put_aliases(part, portfolio)
        figures = [
            figure
            for change in part
            for status in change.statuses
            for figure in self._figures(change.project, status.row)
        ]
        write_figures(rows=figures, by=self.by, change_set=recorder.change_set, note_dates=False)

    def _values(self, project: Project, change: Change) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in change.master.items():
            if name == "programme":
                programme = self._programme(value)
                if programme is not None:
                    values["programme"] = (
                        Programme.objects.get(pk=programme) if programme != project.programme_id else project.programme
                    )
                continue
            values[name] = Project._meta.get_field(name).to_python(value)  # type: ignore[union-attr]
            if name in ("manager_name", "sponsor_name"):
                self._put_person(project, name.removesuffix("_name"), value, values)
        manager = values.get("manager", project.manager)
        if manager is not None and manager == values.get("sponsor", project.sponsor):
            values["sponsor"] = None
        return values

    def _put_person(self, project: Project, role: str, name: Any, values: dict[str, Any]) -> None:
        """The person of that name; a person who was there only by the name reported before goes."""
        found = self._person(name)
        current: Person | None = getattr(project, role)
        if found is not None:
            values[role] = current if current is not None and current.pk == found else Person.objects.get(pk=found)
        elif current is not None and self._person(getattr(project, f"{role}_name")) == current.pk:
            values[role] = None

    def _new_statuses(self, part: Sequence[Change]) -> Iterable[ProjectStatus]:
        for change in part:
            for status in change.statuses:
                if status.pk is None and status.row.date is not None:
                    yield ProjectStatus(
                        project_id=change.project, date=status.row.date, source=Source.IMPORTED, source_label=self._place(status.row),
                        source_url=self.url, content_hash=status.row.hash, change_set=self.recorder.change_set, **status_values(status.row),
                    )  # fmt: skip

    def _put_gates(self, part: Sequence[Change]) -> None:
        wanted = {(change.project, code): day for change in part for code, day in change.gates.items()}
        stored = {
            (g.project_id, g.code): g
            for g in Gate.objects.filter(project_id__in={project for project, _code in wanted})
        }
        fresh, changed = [], []
        for (project, code), day in wanted.items():
            gate = stored.get((project, code))
            if gate is not None:
                changed.append((gate, {"forecast": dt.date.fromisoformat(day)}))
            else:
                name, order = self.plan.records.gates.get(code, (code, 0))
                fresh.append(
                    Gate(
                        project_id=project,
                        code=code,
                        name=name,
                        order=order,
                        forecast=dt.date.fromisoformat(day),
                        version=1,
                    )
                )
        self.recorder.create(fresh, audit=False)
        self.recorder.update(changed, audit=False)

    def _put_aliases(self, part: Sequence[Change], portfolio: Portfolio) -> None:
        wanted = {
            normal_name(name)[:250]: change.project for change in part for name in change.aliases if normal_name(name)
        }
        taken = set(
            ProjectAlias.objects.filter(portfolio=portfolio, normalised__in=wanted).values_list("normalised", flat=True)
        )
        self.recorder.create(
            [
                ProjectAlias(project_id=project, portfolio=portfolio, normalised=name)
                for name, project in wanted.items()
                if name not in taken
            ],
            audit=False,
        )


def _newest(entry: Entry) -> dict[str, Any]:
    """Master data over the dates of the file: what a newer row does not say, the older one said."""
    if len(entry.rows) == 1:
        return master_of(entry.rows[0])
    master: dict[str, Any] = {}
    for row in entry.rows:
        gates = {**master.get("gates", {}), **row.gates}
        master = {**master, **row.master, **({"gates": gates} if gates else {})}
    return master


def _told(master: Mapping[str, Any]) -> str:
    return bulk.json_text(
        {name: [None, value] for name, value in master.items() if name not in ("gates", "description")}
    )


def _url_of(uid: Any) -> str:
    from django.urls import reverse

    return reverse("core:changeset", args=[uid])


def _people() -> dict[str, int]:
    """Persons by “first last”, “last first” and mail address; names that two persons share are left out."""
    found: dict[str, int] = {}
    shared: set[str] = set()
    for pk, first, last, email in Person.objects.filter(archived_at__isnull=True).values_list(
        "pk", "first_name", "last_name", "email"
    ):
        for name in {normal(f"{first} {last}"), normal(f"{last} {first}"), normal(email or "")} - {""}:
            if found.setdefault(name, pk) != pk:
                shared.add(name)
    return {name: pk for name, pk in found.items() if name not in shared}


def free_keys(model: type[models.Model], prefix: str, count: int) -> list[str]:
    """Keys of the sequence, without those that somebody typed by hand before."""
    keys: list[str] = []
    while len(keys) < count:
        wanted = next_keys(prefix, count - len(keys))
        taken: set[str] = set()
        for part in chunks(wanted):
            taken |= set(model._default_manager.filter(key__in=part).values_list("key", flat=True))
        keys += [key for key in wanted if key not in taken]
    return keys
