"""What the close of a month freezes, and the proof that it still comes out of bookings and lines to the last cent.

One snapshot per month (``controlling.month``: sums of the bookings, one line per project) and one per project
(``controlling.ev``: PV, EV, AC, BAC, the progress and the rules that they were computed with). Nothing in them names a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, Sum

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.models import Booking, Budget, MoneyRules, Period
from stellwerk.controlling.selectors.earned_value import ProjectEv, Sources
from stellwerk.controlling.selectors.periods import MONTH, projects_of
from stellwerk.controlling.selectors.progress import Progress
from stellwerk.core.models import Snapshot, User
from stellwerk.core.services import record
from stellwerk.core.snapshots import freeze, intact, latest
from stellwerk.portfolio.models import Project

EARNED: Final = "controlling.ev"
"""Kind of the snapshot of a project's earned value at the end of a closed month."""
FIGURES: Final = ("bac", "pv", "ev", "ac", "commitment")


@transaction.atomic
def freeze_month(period: Period, by: User | None, checks: Sequence[Mapping[str, Any]] = ()) -> Snapshot:
    """Freeze the month and each of its projects; what was frozen before a reopening is superseded. ``checks``: how the list stood."""
    day = m.last_day(period.month)
    views, rules = measured(period)
    stands = commitment_stands(period)
    commitments = committed(period, stands)
    lines = []
    former = _former([view.project for view in views], day)
    for view in views:
        told = payload_of(view, commitments.get(view.project.pk, 0), rules.get(view.project.pk))
        freeze(view.project, kind=EARNED, data_date=day, payload=told, by=by, supersedes=former.get(view.project.pk))
        lines.append({name: told[name] for name in ("project", "number", "currency", "budget", *FIGURES)})
    payload = {
        "organisation": period.organisation.key, "month": m.code(period.month), "day": day.isoformat(), "stands": stands,
        "bookings": booked_sums(period), "projects": lines, "checks": list(checks),
    }  # fmt: skip
    snapshot = freeze(period, kind=MONTH, data_date=day, payload=payload, by=by, supersedes=latest(period, MONTH))
    record(period, verb="freeze_month", by=by, changes={"snapshot": [None, snapshot.digest]})
    return snapshot


def _former(projects: Iterable[Project], day: dt.date) -> dict[int, Snapshot]:
    rows = Snapshot.objects.filter(
        entity_type="portfolio.project", entity_id__in=[project.pk for project in projects], kind=EARNED, data_date=day,
        superseded_by__isnull=True,
    )  # fmt: skip
    return {snapshot.entity_id: snapshot for snapshot in rows}


def measured(period: Period) -> tuple[list[ProjectEv], Mapping[int, MoneyRules]]:
    """Earned value at the end of the month of every project that has a budget or a booking by then; and the rules it was measured with."""
    day = m.last_day(period.month)
    spent = Booking.objects.filter(organisation=period.organisation, month__lte=period.month, project__isnull=False)
    planned = Budget.objects.filter(kind="plan", state__in=("approved", "superseded"), archived_at=None)
    rows = projects_of(period.organisation).filter(
        Q(pk__in=planned.values("project")) | Q(pk__in=spent.values("project"))
    )
    projects = list(rows.order_by("key"))
    if not projects:
        return [], {}
    sources = Sources(projects, [day])
    return list(sources.at(day).values()), sources.rules


def payload_of(view: ProjectEv, commitment: int, rules: MoneyRules | None) -> dict[str, Any]:
    """What is frozen of a project; amounts in minor units of its currency, ratios as exact fractions."""
    measures = view.measures
    schedule = view.schedule.schedule if view.schedule is not None else None
    return {
        "project": view.project.key, "number": view.project.pk, "currency": view.project.currency, "day": view.day.isoformat(),
        "budget": view.budget.key if view.budget is not None else None,
        "bac": measures.bac if measures else None, "pv": measures.pv if measures else None, "ev": measures.ev if measures else None,
        "ac": sum(view.actual_months.values()), "commitment": commitment,
        "etc": measures.bottom_up_etc if measures else None, "variant": int(rules.eac_variant) if rules else 2,
        "cap": str(rules.percent_cap) if rules else "90.00", "eac": _exact(measures.eac if measures else None),
        "es": _exact(schedule.es if schedule else None), "at": _exact(schedule.at if schedule else None),
        "months": {m.code(month): amount for month, amount in view.actual_months.items()},
        "packages": [
            {
                "activity": row.activity.pk if row.activity is not None else None, "wbs": row.wbs, "budget": row.budget, "pv": row.pv,
                "ev": row.ev, "ac": row.ac, "progress": told_progress(row.progress),
            }
            for row in view.packages
        ],
    }  # fmt: skip


def _exact(value: Fraction | Decimal | int | None) -> str | None:
    return None if value is None else str(value)


def told_progress(progress: Progress) -> dict[str, Any]:
    return {
        "method": str(progress.method), "started": progress.started, "finished": progress.finished, "percent": str(progress.percent),
        "steps": [list(step) for step in progress.steps],
    }  # fmt: skip


def progress_in(payload: Mapping[str, Any]) -> dict[int, Progress]:
    """The progress that a project's snapshot was computed with, by activity."""
    return {
        row["activity"]: Progress(
            method=row["progress"]["method"], started=row["progress"]["started"], finished=row["progress"]["finished"],
            percent=Decimal(row["progress"]["percent"]), steps=tuple((weight, reached) for weight, reached in row["progress"]["steps"]),
        )
        for row in payload["packages"]
        if row["activity"] is not None
    }  # fmt: skip


# ── what the bookings add up to ──────────────────────────────────────────────────────────────────


def booked_sums(period: Period) -> list[list[Any]]:
    """Actuals of the month: ``[source, left out, currency, lines, amount, amount in the projects' currencies]`` in a fixed order."""
    rows = Booking.objects.filter(organisation=period.organisation, month=period.month, kind=BookingKind.ACTUAL)
    told = rows.order_by().values_list("source", "left_out", "currency", "project_currency").annotate(count=Count("pk"), total=Sum("amount"), own=Sum("project_amount"))  # fmt: skip
    return sorted([source, left_out, currency, into, count, total, own or 0] for source, left_out, currency, into, count, total, own in told)  # fmt: skip


def commitment_stands(period: Period) -> list[int]:
    """The imports whose commitments counted at the close (a newer stand replaces them later)."""
    rows = Booking.objects.filter(
        organisation=period.organisation, kind=BookingKind.COMMITMENT, obsolete=False, month__lte=period.month, batch__isnull=False
    )  # fmt: skip
    return sorted(set(rows.order_by().values_list("batch_id", flat=True).distinct()))


def committed(period: Period, stands: Iterable[int]) -> dict[int, int]:
    """Open orders by project as those imports told them; minor units of the project's currency."""
    rows = Booking.objects.filter(
        organisation=period.organisation, kind=BookingKind.COMMITMENT, left_out="", batch__in=list(stands), project__isnull=False
    )  # fmt: skip
    told = rows.order_by().values_list("project_id").annotate(total=Sum("project_amount"))
    return {project: total or 0 for project, total in told}


# ── the proof ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Differs:
    """One figure that no longer comes out as it was frozen. ``project``: its key, empty for the month's sums; amounts in minor units."""

    project: str
    figure: str
    frozen: int | None
    now: int | None
    currency: str = ""


@dataclass(frozen=True)
class Proof:
    """``broken``: keys whose seal does not fit (empty text: the month's own). ``figures``: how many were compared."""

    snapshot: Snapshot
    figures: int
    differs: tuple[Differs, ...]
    broken: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.differs and not self.broken


def prove(period: Period) -> Proof | None:
    """Compute a frozen month anew from bookings and lines; None where nothing is frozen."""
    snapshot = latest(period, MONTH)
    if snapshot is None:
        return None
    day = m.last_day(period.month)
    frozen = {line["number"]: line for line in snapshot.payload["projects"]}
    projects = list(Project.objects.filter(pk__in=frozen))
    seals = _former(projects, day)
    broken = [] if intact(snapshot) else [""]
    broken += [frozen[number]["project"] for number, seal in seals.items() if not intact(seal)]
    progress = {number: progress_in(seal.payload) for number, seal in seals.items()}
    differs: list[Differs] = []
    counted = 0
    if projects:
        sources = Sources(projects, [day])
        sources.rules = {number: _rules(number, seal.payload) for number, seal in seals.items()}
        commitments = committed(period, snapshot.payload["stands"])
        for number, view in sources.at(day, progress=progress).items():
            line = frozen[number]
            measures = view.measures
            now: dict[str, int | None] = {
                "ac": sum(view.actual_months.values()),
                "commitment": commitments.get(number, 0),
            }
            if (
                line["bac"] is not None
            ):  # a first budget that was approved after the close changes nothing that was frozen
                now |= {name: getattr(measures, name) if measures is not None else None for name in ("bac", "pv", "ev")}
            counted += len(now)
            differs += [
                Differs(line["project"], name, line[name], value, line["currency"])
                for name, value in now.items() if value != line[name]
            ]  # fmt: skip
    gone = set(frozen) - {project.pk for project in projects}
    differs += [Differs(frozen[number]["project"], "ac", frozen[number]["ac"], None, frozen[number]["currency"]) for number in sorted(gone)]  # fmt: skip
    found, wanted = _by_kind(booked_sums(period)), _by_kind(snapshot.payload["bookings"])
    counted += len(found.keys() | wanted.keys())
    differs += [
        Differs("", " ".join(part for part in key if part), wanted.get(key), found.get(key), key[2])
        for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)
    ]  # fmt: skip
    return Proof(snapshot, counted, tuple(differs), tuple(broken))


def _by_kind(rows: Iterable[list[Any]]) -> dict[tuple[str, str, str, str], int]:
    return {(row[0], row[1], row[2], row[3]): row[5] for row in rows}


def _rules(project: int, payload: Mapping[str, Any]) -> MoneyRules:
    return MoneyRules(project_id=project, percent_cap=Decimal(payload["cap"]), eac_variant=payload["variant"])
