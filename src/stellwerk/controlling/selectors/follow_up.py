"""The follow-up calculation (Nachrechnung): a signed case with what was booked and measured in the years that are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind, FlowKind, Spending
from stellwerk.controlling.models import BenefitValue, Booking, BusinessCase
from stellwerk.controlling.selectors.cases import CaseModel, Driver, model_of
from stellwerk.core.models import Snapshot
from stellwerk.core.snapshots import latest
from stellwerk.engine.investment import Case, FollowUp, Kind, Line, follow_up, with_actuals
from stellwerk.portfolio.models import Project

SNAPSHOT: Final = "controlling.follow_up"
MONTHS: Final = 12
"""So long after go-live the follow-up calculation is due."""
CAPEX, OPEX, BENEFIT = "capex", "opex", "benefit"


@dataclass(frozen=True)
class Follow:
    """What was planned and what came, by calendar year, minor units; ``closed``: the years that are over, from the first of the case on.

    ``unmeasured``: years that are over without any measured benefit: there the signed amount stands, so that nothing is invented.
    """

    project: Project
    model: CaseModel
    years: tuple[int, ...]
    closed: int
    planned: Mapping[str, tuple[int, ...]]
    actual: Mapping[str, tuple[int | None, ...]]
    unmeasured: tuple[int, ...]
    counted: Mapping[str, tuple[int, ...]]
    """What counts of the years that are over: what came, where nothing was measured what was signed; a cost below zero is a benefit."""
    result: FollowUp


def go_live(project: Project) -> dt.date | None:
    """The day on which the result is in use: the project's actual finish."""
    return project.finish_actual


def due_on(project: Project) -> dt.date | None:
    """Twelve months after go-live."""
    day = go_live(project)
    if day is None:
        return None
    month = m.step(m.month_of(day), MONTHS)
    return min(month + dt.timedelta(days=day.day - 1), m.last_day(month))


def frozen(case: BusinessCase) -> Snapshot | None:
    return latest(case, SNAPSHOT)


def due_cases(today: dt.date | None = None, rows: Any = None) -> list[tuple[BusinessCase, Project, dt.date]]:
    """Signed cases whose follow-up calculation is due and not made, the longest due first."""
    today = today or timezone.localdate()
    found = BusinessCase.objects.all() if rows is None else rows
    found = found.filter(state="signed", archived_at=None, proposal__project__finish_actual__isnull=False)
    found = found.select_related("proposal__project__portfolio", "proposal__portfolio")
    done = Snapshot.objects.filter(entity_type="controlling.businesscase", kind=SNAPSHOT, entity_id=OuterRef("pk"))
    found = found.filter(~Exists(done))
    due = [(case, case.proposal.project, due_on(case.proposal.project)) for case in found]
    return sorted(((c, p, day) for c, p, day in due if day is not None and day <= today), key=lambda row: row[2])


def follow_of(case: BusinessCase, today: dt.date | None = None) -> Follow | None:
    """None: the case is not signed, has no project, or none of its years is over."""
    project = Project.objects.filter(proposal=case.proposal_id).select_related("portfolio").first()
    model = model_of(case)
    chosen = model.chosen
    if project is None or model.snapshot is None or chosen is None or not model.years:
        return None
    today = today or timezone.localdate()
    years = tuple(model.years)
    closed = sum(year < today.year for year in years)
    if not closed:
        return None
    planned = {code: _planned(chosen.drivers, code, years) for code in (CAPEX, OPEX, BENEFIT)}
    costs, benefits = booked(project), measured(project)
    actual: dict[str, tuple[int | None, ...]] = {
        code: tuple(costs.get((code, year), 0) if at < closed else None for at, year in enumerate(years))
        for code in (CAPEX, OPEX)
    }
    # What was spent before the first year of the case belongs to the case, or it would look cheaper than it was.
    for code in (CAPEX, OPEX):
        early = sum(amount for (kind, year), amount in costs.items() if kind == code and year < years[0])
        actual[code] = ((actual[code][0] or 0) + early, *actual[code][1:])
    actual[BENEFIT] = tuple(benefits.get(year) if at < closed else None for at, year in enumerate(years))
    unmeasured = tuple(years[at] for at in range(closed) if actual[BENEFIT][at] is None and planned[BENEFIT][at])
    approved = Case(tuple(Line(code, _kind(code), planned[code]) for code in planned), model.rate)
    known = {
        code: [planned[code][at] if value is None else value for at, value in enumerate(actual[code][:closed])]
        for code in actual
    }
    # A cost that was booked back below zero in a year is a refund: the engine knows it as a benefit.
    for code in (CAPEX, OPEX):
        for at, value in enumerate(known[code]):
            if value < 0:
                known[BENEFIT][at] -= value
                known[code][at] = 0
    now = with_actuals(approved, known, closed)
    counted = {code: tuple(row) for code, row in known.items()}
    return Follow(project, model, years, closed, planned, actual, unmeasured, counted, follow_up(approved, now))


def _kind(code: str) -> Kind:
    return Kind.BENEFIT if code == BENEFIT else Kind.COST


def _planned(drivers: Iterable[Driver], code: str, years: tuple[int, ...]) -> tuple[int, ...]:
    def belongs(one: Driver) -> bool:
        return one.kind == FlowKind.BENEFIT if code == BENEFIT else one.kind == FlowKind.COST and one.spending == code

    return tuple(sum(one.amounts.get(year, 0) for one in drivers if belongs(one)) for year in years)


def booked(project: Project) -> dict[tuple[str, int], int]:
    """Actual cost by CapEx or OpEx and calendar year, minor units of the project's currency."""
    rows = Booking.objects.filter(project=project, kind=BookingKind.ACTUAL, left_out="", obsolete=False)
    sums = rows.order_by().values_list("spending", ExtractYear("month")).annotate(total=Sum("project_amount"))
    found: dict[tuple[str, int], int] = {}
    for spending, year, total in sums:
        code = CAPEX if spending == Spending.CAPEX else OPEX
        found[code, year] = found.get((code, year), 0) + int(total or 0)
    return found


def measured(project: Project) -> dict[int, int]:
    """Measured money of the benefits by calendar year, dis-benefits negative; years in which nothing was measured are missing."""
    rows = BenefitValue.objects.filter(
        benefit__project=project, benefit__cash=True, benefit__archived_at=None, actual__isnull=False
    )
    found: dict[int, int] = {}
    for year, against, total in (
        rows.order_by().values_list(ExtractYear("month"), "benefit__disbenefit").annotate(total=Sum("actual"))
    ):
        found[year] = found.get(year, 0) + (-1 if against else 1) * int(total or 0)
    return found


def payload_of(found: Follow) -> dict[str, Any]:
    return {
        "project": found.project.key, "years": list(found.years), "closed": found.closed, "currency": found.model.currency,
        "planned": {code: list(row) for code, row in found.planned.items()},
        "actual": {code: list(row) for code, row in found.actual.items()}, "unmeasured": list(found.unmeasured),
        "npv_signed": str(found.result.approved.npv), "npv_now": str(found.result.now.npv),
        "effects": {effect.key: effect.amount for effect in found.result.effects},
    }  # fmt: skip
