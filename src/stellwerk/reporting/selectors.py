"""Every read of this room that spans tables or depends on the reader."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import Snapshot, User
from stellwerk.core.permissions import can, grants_of, visible, visible_rows
from stellwerk.core.snapshots import contents
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.reporting.clock import CycleClock
from stellwerk.reporting.models import Cycle, CycleStep, ReportedLight, StatusReport
from stellwerk.reporting.payload import DeckPayload, PayloadError, StatusPayload
from stellwerk.reporting.working_days import WorkCalendar

STATUS_KIND = "status_report"
DECK_KIND = "deck"
DATA_KIND = "cycle_data"

DELIVERED = ("submitted", "accepted", "published", "superseded")
RUNNING = ("open", "collecting")
FINISHED_PHASES = ("closed", "stopped")


# ── where and when ───────────────────────────────────────────────────────────────────────────────


def organisation_of(portfolio: Portfolio) -> Organisation | None:
    return portfolio.unit.organisation if portfolio.unit_id and portfolio.unit else None


def calendar_of(portfolio: Portfolio) -> WorkCalendar:
    """The working calendar of the portfolio's organisation (none: Germany without a federal state)."""
    organisation = organisation_of(portfolio)
    return WorkCalendar(organisation.country, organisation.subdivision) if organisation else WorkCalendar()


def clock_of(cycle: Cycle) -> CycleClock:
    organisation = organisation_of(cycle.portfolio)
    zone = organisation.time_zone if organisation else settings.TIME_ZONE
    return CycleClock(cycle.data_date, calendar_of(cycle.portfolio), zone)


def local_today(portfolio: Portfolio, now: dt.datetime | None = None) -> dt.date:
    """Today where the portfolio's organisation is."""
    organisation = organisation_of(portfolio)
    zone = CycleClock(dt.date.min, time_zone=organisation.time_zone if organisation else settings.TIME_ZONE).zone
    return (now or timezone.now()).astimezone(zone).date()


# ── cycles ───────────────────────────────────────────────────────────────────────────────────────


def cycles() -> QuerySet[Cycle]:
    return Cycle.objects.select_related("portfolio__unit__organisation", "snapshot")


def cycles_in_line() -> QuerySet[Cycle]:
    """Cycles with as much of them, and of where they are, as one line in a list of duties needs."""
    place = "portfolio__unit__organisation"
    fields = ("key", "state", "number", "data_date", "portfolio__name", "portfolio__unit", place)
    return Cycle.objects.select_related(place).only(*fields, f"{place}__country", f"{place}__subdivision")


_CYCLES = KeptQuery(lambda which: cycles_in_line().filter(which))


def cycles_to_publish(user: User) -> list[Cycle]:
    """Cycles that wait for this user to consolidate or to publish them."""
    return _CYCLES.rows(Q(visible(user, Cycle, "publish"), state__in=("cut_off", "pmo_review", "consolidated")))


def open_cycle(portfolio: Portfolio) -> Cycle | None:
    """The cycle that collects reports now; of several the one whose date comes first."""
    return cycles().filter(portfolio=portfolio, state__in=RUNNING, archived_at=None).order_by("data_date").first()


def reporting_projects(portfolio: Portfolio) -> QuerySet[Project]:
    """Projects that must report: not archived, not closed or stopped."""
    return (
        Project.objects.filter(portfolio=portfolio, archived_at=None)
        .exclude(phase__in=FINISHED_PHASES)
        .select_related("portfolio__unit__organisation", "programme__manager__user", "manager__user", "sponsor__user")
        .order_by("key")
    )


def steps_done(cycle: Cycle) -> dict[str, CycleStep]:
    return {step.code: step for step in cycle.steps.all()}


@dataclass(frozen=True)
class Delivery:
    """One project's place in a cycle: its report (None: not begun) and since when it is as it is."""

    project: Project
    report: StatusReport | None
    since: dt.datetime | None = None

    @property
    def state(self) -> str:
        return self.report.state if self.report else "none"

    @property
    def delivered(self) -> bool:
        return self.state in DELIVERED


def deliveries(cycle: Cycle, user: User | None = None) -> list[Delivery]:
    """Who has delivered and who has not, missing first, then by key; only projects that the reader may see."""
    projects = list(visible_rows(user, reporting_projects(cycle.portfolio)))
    reports: dict[int, StatusReport] = {}
    found = StatusReport.objects.filter(cycle=cycle).select_related(
        "project__manager__user", "project__programme__manager__user", "project__sponsor__user", "project__portfolio",
        "author", "snapshot",
    )  # fmt: skip
    for report in visible_rows(user, found).order_by("edition"):
        reports[report.project_id] = report
    known = {project.pk for project in projects}
    projects += [report.project for number, report in reports.items() if number not in known]
    rows = [Delivery(p, reports.get(p.pk), r.updated_at if (r := reports.get(p.pk)) else None) for p in projects]
    order = {"missed": 0, "none": 1, "draft": 2, "returned": 3, "submitted": 4, "accepted": 5, "published": 6}
    return sorted(rows, key=lambda row: (order.get(row.state, 7), row.project.key))


def missing(cycle: Cycle) -> list[Delivery]:
    """Projects that have not delivered for this cycle."""
    return [row for row in deliveries(cycle) if not row.delivered]


# ── reports ──────────────────────────────────────────────────────────────────────────────────────


def reports() -> QuerySet[StatusReport]:
    return StatusReport.objects.select_related(
        "project__portfolio__unit__organisation", "project__programme__manager__user", "project__manager__user",
        "project__sponsor__user", "project__unit", "cycle", "author__user", "snapshot",
    )  # fmt: skip


def working_report(project: Project) -> StatusReport | None:
    """The report of this project that is not published yet, newest first."""
    unfinished = ("draft", "returned", "submitted", "accepted", "missed")
    found = reports().filter(project=project, state__in=unfinished, archived_at=None)
    return (
        found.exclude(state="missed", cycle__state__in=("published", "archived"))
        .order_by("-data_date", "-edition")
        .first()
    )


def published_snapshots(projects: Iterable[Project | int], on: dt.date | None = None) -> dict[int, Snapshot]:
    """The snapshot of each project that counts on a day (None: today): newest date, not superseded. One query."""
    numbers = {item.pk if isinstance(item, Project) else item for item in projects}
    rows = Snapshot.objects.filter(
        kind=STATUS_KIND, superseded_by__isnull=True, pk__in=_report_snapshots(numbers).values("snapshot_id")
    )
    if on is not None:
        rows = rows.filter(data_date__lte=on)
    owner = dict(_report_snapshots(numbers).values_list("snapshot_id", "project_id"))
    found: dict[int, Snapshot] = {}
    for snapshot in rows.order_by("data_date", "pk"):
        found[owner[snapshot.pk]] = snapshot
    return found


def _report_snapshots(projects: set[int]) -> QuerySet[StatusReport]:
    return StatusReport.objects.filter(project_id__in=projects, snapshot__isnull=False)


def earlier_snapshots(projects: Iterable[int], before: dt.date) -> dict[int, list[Snapshot]]:
    """All counting snapshots of each project before a day, newest first. One query."""
    found: dict[int, list[Snapshot]] = defaultdict(list)
    rows = (
        StatusReport.objects.filter(
            project_id__in=list(projects), state="published", data_date__lt=before, snapshot__isnull=False
        )
        .order_by("-data_date")
        .select_related("snapshot")
    )
    for report in rows:
        if report.snapshot is not None and len(found[report.project_id]) < 8:
            found[report.project_id].append(report.snapshot)
    return dict(found)


def status_payload_of(snapshot: Snapshot) -> StatusPayload:
    """The published status; raises :class:`PayloadError` if the stored text is damaged."""
    return StatusPayload.from_json(json.dumps(contents(snapshot)))


def deck_payload_of(snapshot: Snapshot) -> DeckPayload:
    return DeckPayload.from_json(json.dumps(contents(snapshot)))


def readable_payload(snapshot: Snapshot) -> StatusPayload | None:
    try:
        return status_payload_of(snapshot)
    except PayloadError:
        return None


def editions(report: StatusReport) -> list[StatusReport]:
    """All versions of this report, newest first."""
    found = StatusReport.objects.filter(project_id=report.project_id, data_date=report.data_date)
    return list(found.select_related("snapshot", "author").order_by("-edition"))


# ── what waits ───────────────────────────────────────────────────────────────────────────────────


def _due_for(user: User) -> Q:
    """Reports that this user still has to deliver, as the project's manager or in whose place."""
    stood_in_for = {grant.deputy_for_id for grant in grants_of(user) if grant.deputy_for_id is not None}
    mine = Q(project__manager__user__in=[user.pk, *sorted(stood_in_for)])
    late = Q(state="missed") & ~Q(cycle__state__in=("published", "archived"))
    return Q(mine, Q(state__in=("draft", "returned")) | late, visible(user, StatusReport, "submit"), archived_at=None)


def reports_due_for(user: User) -> list[StatusReport]:
    """Reports that this user, as manager of the project (or deputy), still has to deliver."""
    return _DUE.rows(_due_for(user))


def _to_review(user: User) -> Q:
    return Q(visible(user, StatusReport, "accept"), state="submitted", archived_at=None) & ~Q(author__user=user.pk)


def reports_to_review(user: User) -> QuerySet[StatusReport]:
    """Reports that wait for this user's acceptance."""
    return reports().filter(_to_review(user))


def _lines(*more: str) -> QuerySet[StatusReport]:
    """Reports with as much of them as one line in a list of duties says."""
    fields = ("key", "state", "data_date", "decisions", "project__key", "project__name", "project__portfolio")
    return StatusReport.objects.select_related("project").only(*fields, *more).order_by("data_date", "project__key")


_DUE = KeptQuery(lambda which: _lines("return_note", "return_due").filter(which))
_TO_DECIDE = KeptQuery(lambda which: _lines().filter(which))
_OPEN_LIGHTS = KeptQuery(
    lambda which: (
        ReportedLight.objects.filter(which, confirmed_by=None)
        .exclude(computed=F("value"))
        .only("report", "value", "computed", "confirmed_by")
    )
)


def reports_to_decide(user: User) -> list[tuple[StatusReport, list[ReportedLight]]]:
    """Reports that wait for this user's acceptance, and accepted ones outside a cycle that wait for publication.

    With each the open lights: those nobody confirmed that differ from what was computed.
    """
    alone = Q(visible(user, StatusReport, "publish"), state="accepted", cycle__isnull=True, archived_at=None)
    reports = _TO_DECIDE.rows(_to_review(user) | alone)
    lights: dict[int, list[ReportedLight]] = defaultdict(list)
    if reports:
        for light in _OPEN_LIGHTS.rows(Q(report__in=[report.pk for report in reports])):
            lights[light.report_id].append(light)
    return [(report, lights[report.pk]) for report in reports]


def reports_that_ask(user: User) -> QuerySet[StatusReport]:
    """The latest published report of each project that asks for a decision which this user may take."""
    later = StatusReport.objects.filter(
        project=OuterRef("project"), state="published", data_date__gt=OuterRef("data_date")
    )
    return (
        _lines()
        .filter(visible(user, StatusReport), state="published", project__in=visible_rows(user, Project.objects.order_by(), "approve").values("pk"))
        .exclude(decisions=[])
        .exclude(project__phase__in=FINISHED_PHASES)
        .exclude(Exists(later))
    )  # fmt: skip


_REPORTS = KeptQuery(lambda which: StatusReport.objects.filter(which))


def waiting_count(user: User) -> int:
    """How many reports this user has to deliver or to review; one query."""
    waiting = _due_for(user)
    if can(user, "accept", "reporting.statusreport"):
        waiting |= _to_review(user)
    return _REPORTS.count(waiting)


_RUNNING = Q(state__in=("open", "collecting", "cut_off", "pmo_review", "consolidated"))


_RUNNING_CYCLES = KeptQuery(lambda seen: cycles().filter(_RUNNING).filter(seen).order_by("data_date")[:1])


def current_cycle(user: User) -> Cycle | None:
    """The running cycle that is due first, of those that this user sees."""
    return _RUNNING_CYCLES.first(visible(user, Cycle))


_CYCLE_NUMBERS: KeptQuery[Any] = KeptQuery(
    lambda seen: cycles().filter(_RUNNING).filter(seen).order_by("data_date").values_list("number", flat=True)[:1]
)


def current_number(user: User) -> int | None:
    """The number of :func:`current_cycle`: the shell of each page shows it."""
    number: int | None = _CYCLE_NUMBERS.first(visible(user, Cycle))
    return number


def cycle_counts(rows: Sequence[Cycle]) -> dict[int, dict[str, int]]:
    """Reports by state for each cycle: ``{cycle id: {state: number}}``; one query."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted: Any = (
        StatusReport.objects.filter(cycle__in=[row.pk for row in rows])
        .exclude(state="superseded")
        .values(number=F("cycle_id"), what=F("state"))
        .annotate(amount=Count("pk"))
        .order_by()
    )
    for row in counted:
        found[row["number"]][row["what"]] = row["amount"]
    return dict(found)
