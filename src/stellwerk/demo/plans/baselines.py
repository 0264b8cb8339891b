"""Baselines of the demo's plans with their frozen rows, and what each reporting date forecast of the milestones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from stellwerk.core import bulk
from stellwerk.core.models import AuditEntry, User
from stellwerk.demo.plans.costs import frozen_costs
from stellwerk.demo.plans.network import DAY, Row, Variant
from stellwerk.demo.plans.progress import Fact
from stellwerk.demo.plans.writing import STEP, Made, filled, full
from stellwerk.demo.story import Course, later, workday, working_days
from stellwerk.engine.calendars import moment
from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Baseline, BaselineRow, MilestoneForecast
from stellwerk.planning.services.baselines import seal_of

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

FORECASTS: Final = 6
"""At how many of the last reporting dates the forecasts of milestones were kept."""
REASONS: Final = (
    "Basisplan zur Ausführungsfreigabe.",
    "Nachtrag des Kunden: größerer Umfang, neuer Termin vereinbart.",
    "Termin der Langläufer neu vereinbart; Gesamttermin unverändert gegenüber dem Kunden.",
)
NAMES: Final = ("Ausführungsfreigabe", "Nachtrag 1", "Nachtrag 2")
BASELINE = (
    "id", "version", "created_at", "updated_at", "plan_id", "number", "name", "reason", "state", "data_date", "approved_at", "approved_by_id", "sha256",
)  # fmt: skip
FROZEN = (
    "baseline_id", "activity_id", "uid", "position", "level", "summary", "kind", "wbs", "name", "start", "finish", "duration", "work", "cost", "ev_method",
    "weight",
)  # fmt: skip
AUDIT = ("at", "entity_type", "entity_id", "actor_id", "pseudonym", "verb", "changes", "reason", "entity_version")


@dataclass(frozen=True)
class _Version:
    """One baseline: which durations it froze, when, and what became of it."""

    number: int
    variant: Variant
    day: dt.date
    state: str


def versions(course: Course, on: dt.date) -> list[_Version]:
    """Released work has baselines; a plan that waits for its release is proposed; before that there is none."""
    gates = course.moments[-1].gates
    if gates["G2"] > on:
        return [_Version(0, "base", on, "proposed")] if gates["G1"] <= on else []
    variants: tuple[Variant, ...] = ("first", "second", "base")
    count = course.baselines if working_days(gates["G2"], on) >= 10 * course.baselines else 1
    chosen = variants[: count - 1] + variants[-1:]
    span = (on - gates["G2"]).days
    return [
        _Version(number, variant, workday(gates["G2"] + dt.timedelta(days=span * number // count)), "approved" if number == count - 1 else "superseded")
        for number, variant in enumerate(chosen)
    ]  # fmt: skip


def insert_baselines(company: Company, made: Sequence[Made]) -> None:
    """Baselines, approved by the sponsor of each project (or the executive where that one has no account), and their history."""
    on = company.dates[-1]
    wanted = [(one, version) for one in made for version in versions(one.course, on)]
    numbers = list(bulk.reserve(Baseline, len(wanted)))
    heads, frozen, history = [], [], []
    for (one, version), number in zip(wanted, numbers, strict=True):
        costs = frozen_costs(one, superseded=version.state == "superseded")
        rows = [
            _frozen(one, place, row, fact, version.variant, costs[place])
            for place, (row, fact) in enumerate(zip(one.draft.rows, one.facts.rows, strict=True))
        ]
        frozen += [(number, *row) for row in rows]
        sponsor = one.project.sponsor.user if one.project.sponsor is not None else None
        approver = sponsor or company.users["elke"]
        at = bulk.instant(dt.datetime.combine(version.day, dt.time(14), dt.UTC))
        decided = (at, approver.pk) if version.state != "proposed" else (None, None)
        reason = REASONS[version.number]
        heads.append(
            (number, 2, at, at, one.plan, version.number, NAMES[version.number], reason, version.state, version.day.isoformat(), *decided, _seal(rows))
        )  # fmt: skip
        manager = one.project.manager.user if one.project.manager is not None else None
        history.append(_entry(number, at, manager, "propose", "draft", "proposed", reason))
        if version.state != "proposed":
            history.append(_entry(number, at, approver, "approve", "proposed", "approved", ""))
    bulk.insert(Baseline, full(Baseline, BASELINE), (filled(Baseline, BASELINE, head) for head in heads))
    bulk.insert(BaselineRow, FROZEN, (_stored(row) for row in frozen))
    bulk.insert(AuditEntry, full(AuditEntry, AUDIT), (filled(AuditEntry, AUDIT, entry) for entry in history))


def _frozen(
    one: Made, place: int, row: Row, fact: Fact, variant: Variant, cost: int | None
) -> tuple[bulk.Value | Decimal, ...]:
    kind = Kind.TASK if row.summary else row.kind
    took = None if row.summary else 0 if row.milestone else row.days[variant] * DAY
    work = None if fact.work is None else Decimal(fact.work)
    return (
        one.activity(place), place + 1, (place + 1) * STEP, row.level, row.summary, str(kind), row.wbs, row.name, row.start[variant], row.finish[variant], took,
        work, cost, str(fact.ev_method), fact.weight,
    )  # fmt: skip


def _seal(rows: Sequence[tuple[bulk.Value | Decimal, ...]]) -> str:
    """As :func:`stellwerk.planning.services.baselines.freeze` seals: without activity and name."""
    return seal_of((*row[1:7], *row[8:]) for row in rows)


def _stored(row: tuple[bulk.Value | Decimal, ...]) -> tuple[bulk.Value, ...]:
    return tuple(str(value) if isinstance(value, Decimal) else value for value in row)


def _entry(
    number: int, at: str, by: User | None, verb: str, before: str, after: str, reason: str
) -> tuple[bulk.Value, ...]:
    changes = bulk.json_text({"state": [before, after]})
    pseudonym = bulk.uuid_text(by.pseudonym) if by is not None else None
    return (at, "planning.baseline", number, by.pk if by is not None else None, pseudonym, verb, changes, reason, 2)


# ── forecasts ────────────────────────────────────────────────────────────────────────────────────


def insert_forecasts(company: Company, made: Sequence[Made]) -> None:
    """Forecasts of all milestones at the last reporting dates: gates as the story told them, others between."""
    dates = company.dates[-FORECASTS:]
    rows = (point for one in made for point in _points(one, dates))
    bulk.insert(MilestoneForecast, ("activity_id", "date", "forecast"), rows)


def _points(one: Made, dates: Sequence[dt.date]) -> Iterator[tuple[bulk.Value, ...]]:
    moments = one.course.moments[-len(dates) :]
    shares = [_drifted(one.course, moment.gates) for moment in moments]
    for place, (row, fact) in enumerate(zip(one.draft.rows, one.facts.rows, strict=True)):
        if not row.milestone:
            continue
        end = moment(row.finish["now"]).date()
        planned = moment(row.finish["base"]).date()
        for date, told, share in zip(dates, moments, shares, strict=True):
            if fact.actual_finish is not None and end <= date:
                # Reached: one more point, on the diagonal, if it came since the report before.
                if (date - end).days < company_cycle(dates):
                    yield one.activity(place), date.isoformat(), end.isoformat()
                continue
            expected = told.gates[row.code] if row.code in told.gates else _between(planned, end, share, date)
            yield one.activity(place), date.isoformat(), expected.isoformat()


def company_cycle(dates: Sequence[dt.date]) -> int:
    """Days from one reporting date to the next."""
    return (dates[-1] - dates[-2]).days


def _drifted(course: Course, gates: dict[str, dt.date]) -> float:
    """Which share of the delay that is expected now was expected then."""
    now = max((course.moments[-1].gates[code] - day).days for code, day in course.gates.items())
    then = max((gates[code] - day).days for code, day in course.gates.items())
    return min(1.0, max(0.0, then / now)) if now > 0 else 1.0


def _between(planned: dt.date, end: dt.date, share: float, date: dt.date) -> dt.date:
    """A forecast of then: never before the day on which it was made."""
    expected = workday(planned + dt.timedelta(days=round((end - planned).days * share)))
    return max(expected, later(workday(date), 1))
