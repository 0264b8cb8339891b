"""Budgets and forecasts of the demo company: phased by the baselines of its plans, approved within limits, forecast month by month.

The work lines of an approved budget add up to the budget of the project's story; reserves stand beside them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Budget, BudgetLine, BudgetMonth, CostCentre, CostType
from stellwerk.controlling.services.rates import Rates
from stellwerk.core import bulk
from stellwerk.core.db import refresh_statistics
from stellwerk.core.models import AuditEntry, User
from stellwerk.demo.company import add_sequences
from stellwerk.demo.money_base import (
    LABOUR,
    LICENCES,
    MATERIAL,
    OPINIONS,
    SERVICES,
    SPONSOR_LIMIT,
    add_catalogues,
    add_rules,
)
from stellwerk.demo.money_benefits import add_benefits
from stellwerk.demo.money_exceptions import FRESH, add_exceptions, breaches_of
from stellwerk.demo.money_sheets import Row, Sheet, courses_of, last_report
from stellwerk.demo.plans.baselines import AUDIT
from stellwerk.demo.plans.writing import filled, full
from stellwerk.demo.story import Course, Moment, workday
from stellwerk.engine.money import spread
from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Activity, Baseline, BaselineRow
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.services.figures import FigureRow, write_figures

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

AT_ONCE: Final = 100
RELEASED: Final = ("executing", "transition", "closing", "closed", "on_hold", "stopped")
RUNNING: Final = ("executing", "transition", "closing")
HUNDRED: Final = 100_00
"""Lines are planned in hundreds, their months in whole units."""
BEFORE_NOW: Final = 94
"""Per cent of the budget that the version before a change request had."""
FOREIGN: Final = 25
"""One of so many projects buys in dollars."""
STALE: Final = 5
"""One of so many running projects has no forecast yet."""
WORDS: Final = (
    (MATERIAL, ("liefer", "beschaff", "montage", "fertigung", "rohr", "pump", "verdichter", "elektrolys", "kabel", "bau", "schalt", "fundament", "aufstell")),
    (OPINIONS, ("genehm", "gutacht", "antrag", "behörd", "umwelt", "abnahme", "prüfung")),
    (LICENCES, ("software", "lizenz", "server", "system", "daten", "schnittstelle", "migration", "cloud")),
)  # fmt: skip
ENDORSED: Final = "Fachlich abgestimmt; liegt über meiner Wertgrenze, bitte um Genehmigung durch den Vorstand."
BUDGET = (
    "id", "version", "created_at", "updated_at", "key", "project_id", "kind", "number", "name", "baseline_id", "currency", "rate_date", "first_open",
    "reason", "state", "awaits", "endorsed_at", "endorsed_by_id", "endorsed_role", "approved_at", "approved_by_id",
)  # fmt: skip
LINE = (
    "id", "version", "created_at", "updated_at", "budget_id", "position", "activity_id", "wbs", "text", "cost_type_id", "cost_centre_id", "spending",
    "reserve", "currency",
)  # fmt: skip


@dataclass
class _Maker:
    company: Company
    types: list[CostType]
    centres: dict[int, CostCentre]
    rng: random.Random
    rates: Rates = field(default_factory=Rates)
    count: int = 0
    endorsed: int = 0


def add_money_budgets(company: Company) -> None:
    """Catalogues, budgets, forecasts, exceptions and benefits; by bulk inserts, in chunks of a hundred projects."""
    types, centres = add_catalogues(company)
    tolerance = add_rules(company)
    maker = _Maker(company, types, centres, random.Random(company.size.seed * 131 + 5))
    breaches: list[tuple[Sheet, Moment]] = []
    for begin in range(0, len(company.projects), AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, len(company.projects)))
        sheets = list(_sheets(maker, numbers))
        _store(maker, sheets)
        _tell_figures(company, sheets)
        breaches += breaches_of(company, sheets, tolerance)
    add_sequences({"BUD": maker.count})
    add_exceptions(company, breaches)
    add_benefits(company)
    refresh_statistics(Budget, BudgetLine, BudgetMonth)


# ── sheets ───────────────────────────────────────────────────────────────────────────────────────


def _sheets(maker: _Maker, numbers: Sequence[int]) -> Iterator[Sheet]:
    company = maker.company
    projects = {company.projects[number].pk: number for number in numbers}
    found = Baseline.objects.filter(plan__project__in=projects).select_related("plan", "approved_by").order_by("number")
    baselines: dict[int, list[Baseline]] = {}
    for baseline in found:
        baselines.setdefault(baseline.plan.project_id, []).append(baseline)
    frozen: dict[int, list[BaselineRow]] = {}
    wanted = [baseline.pk for rows in baselines.values() for baseline in rows]
    for row in BaselineRow.objects.filter(baseline__in=wanted, summary=False).order_by("baseline", "position"):
        frozen.setdefault(row.baseline_id, []).append(row)
    dates = {
        pk: (start, finish)
        for pk, start, finish in Activity.objects.filter(plan__project__in=projects, summary=False).values_list("pk", "start", "finish")
    }  # fmt: skip
    for pk, number in projects.items():
        project, course = company.projects[number], company.courses[number]
        sheet: Sheet | None = None
        for baseline in baselines.get(pk, []):
            amount = course.budget * BEFORE_NOW // 100 if baseline.state == "superseded" else course.budget
            rows = _lines(maker, number, frozen.get(baseline.pk, []), amount)
            if rows:
                sheet = _approved(maker, project, course, baseline, rows)
                yield sheet
        if sheet is not None and sheet.state == "approved" and project.phase in RUNNING and number % STALE != STALE - 1:
            yield from _forecasts(maker, number, sheet, dates)


def _lines(maker: _Maker, number: int, frozen: list[BaselineRow], amount: int) -> list[Row]:
    """The work of a baseline in lines by cost type, adding up to ``amount``."""
    packages = [row for row in frozen if row.work and row.start and row.finish and row.kind != Kind.MILESTONE]
    if not packages:
        return []
    lines: list[Row] = []
    shares = spread(amount // HUNDRED, [int(row.work or 0) for row in packages])
    for row, share in zip(packages, shares, strict=True):
        assert row.start is not None and row.finish is not None
        first, last = row.start.date(), max(row.start, row.finish).date()
        kind, own = _mix(row.name, maker.rng)
        parts = [(LABOUR, share * own // 100), (kind, share - share * own // 100)]
        for cost_type, hundreds in parts:
            if hundreds:
                months = by_weekdays(hundreds * HUNDRED, first, last)
                lines.append(Row(row.activity_id, row.wbs, row.name, cost_type, months))
    largest = max(lines, key=lambda line: line.total)
    month = max(largest.months, key=lambda one: largest.months[one])
    largest.months[month] += amount - sum(line.total for line in lines)
    if number % FOREIGN == FOREIGN - 1 or number == 6:
        _in_dollars(maker, lines)
    return lines


def _mix(name: str, rng: random.Random) -> tuple[int, int]:
    """The second cost type of a work package by its name, and the share of own labour in per cent."""
    text = name.lower()
    for kind, words in WORDS:
        if any(word in text for word in words):
            return kind, rng.randint(20, 45)
    return SERVICES, 100 if rng.random() < 0.55 else rng.randint(45, 80)


def _in_dollars(maker: _Maker, lines: list[Row]) -> None:
    """The biggest purchase is paid in dollars; what rounding leaves goes to the biggest line in euros."""
    bought = [line for line in lines if line.kind in (MATERIAL, LICENCES, SERVICES)]
    if len(bought) < 2:
        return
    chosen = max(bought, key=lambda line: line.total)
    rest = max((line for line in lines if line is not chosen), key=lambda line: line.total)
    day = _rate_day(maker.company)
    before = chosen.total
    chosen.months = {
        month: maker.rates.convert(amount, "EUR", "USD", day) // 100 * 100 for month, amount in chosen.months.items()
    }
    chosen.currency = "USD"
    after = sum(maker.rates.convert(amount, "USD", "EUR", day) for amount in chosen.months.values())
    rest.months[max(rest.months, key=lambda one: rest.months[one])] += before - after


def _rate_day(company: Company) -> dt.date:
    """The day whose rates the budgets in dollars stand on: the same for the sheet and its amounts."""
    return dt.date(company.today.year - 1, 12, 15)


def by_weekdays(amount: int, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """``amount`` over the weekdays from ``first`` to ``last`` by month, in whole units, cumulatively rounded."""
    days = weekdays_between(first, last)
    if days < 1:
        return {m.month_of(first): amount}
    found: dict[dt.date, int] = {}
    before = 0
    for month in m.between(first, last):
        end = min(last, m.last_day(month))
        upto = amount if end == last else amount * weekdays_between(first, end) // days // 100 * 100
        if upto != before:
            found[month] = upto - before
        before = upto
    return found


def weekdays_between(first: dt.date, last: dt.date) -> int:
    """Mondays to Fridays from ``first`` to ``last``, both included."""

    def until(day: int) -> int:  # Mondays to Fridays of the proleptic calendar before ``day``; 1 is a Monday
        weeks, rest = divmod(day - 1, 7)
        return weeks * 5 + min(rest, 5)

    return until(last.toordinal() + 1) - until(first.toordinal())


def _approved(maker: _Maker, project: Project, course: Course, baseline: Baseline, rows: list[Row]) -> Sheet:
    company = maker.company
    first = min(month for row in rows for month in row.months)
    last = max(month for row in rows for month in row.months)
    months = m.between(first, last)
    risk = int(course.budget * maker.rng.uniform(0.04, 0.08)) // 1_000_00 * 1_000_00
    late = months[len(months) // 2 :]
    rows.append(Row(None, "", "Risikovorsorge", None, dict(zip(late, _even(risk, len(late)), strict=True)), "contingency"))  # fmt: skip
    if course.size != "S":
        spare = int(course.budget * maker.rng.uniform(0.02, 0.04)) // 1_000_00 * 1_000_00
        rows.append(Row(None, "", "Managementreserve", None, {months[-1]: spare}, "management"))
    state = {"approved": "approved", "superseded": "superseded"}.get(baseline.state)
    made = baseline.approved_at.date() if baseline.approved_at else company.dates[-1]
    sponsor = project.sponsor.user if project.sponsor is not None else None
    small = course.budget + risk <= SPONSOR_LIMIT
    approver = sponsor if sponsor is not None and small else company.users["elke"]
    if state is None:  # not released yet: two of three wait for the decision, the others are being filled
        high = sponsor is not None and not small  # the sponsor endorses, the board decides
        waiting = high or project.priority is None or project.priority % 3 != 0
        sheet = Sheet(project, "plan", 0, "draft", made, rows, reason="Budget zur Ausführungsfreigabe")
        return _waiting(maker, sheet, sponsor, course.budget + risk) if waiting else sheet
    return Sheet(project, "plan", baseline.number, state, made, rows, approver, baseline.pk, reason=baseline.reason)


def _waiting(maker: _Maker, sheet: Sheet, sponsor: User | None, amount: int) -> Sheet:
    """Submitted: to the sponsor; every other one above the sponsor's limit is endorsed already and waits for the board."""
    sheet.state, sheet.awaits = "submitted", "sponsor" if sponsor is not None else "executive"
    if sponsor is not None and amount > SPONSOR_LIMIT:
        maker.endorsed += 1
        if maker.endorsed % 2:
            sheet.state, sheet.awaits, sheet.endorser = "endorsed", "executive", sponsor
    return sheet


def _even(amount: int, count: int) -> list[int]:
    ends = [amount * at // count // 100 * 100 for at in range(1, count)] + [amount]
    return [end - begin for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


# ── forecasts ────────────────────────────────────────────────────────────────────────────────────


def first_open(company: Company) -> dt.date:
    """The month that the confirmed forecasts begin with: months before it are actuals."""
    return m.month_of(company.today)


def spent_until(course: Course, day: dt.date) -> int:
    """Actual cost of the story at the end of ``day``, in cents: between two reports in a straight line."""
    moments = course.moments
    if day <= moments[0].date:
        begin = min(course.start, moments[0].date - dt.timedelta(days=1))
        share = (day - begin).days / (moments[0].date - begin).days
        return int(moments[0].ac * max(0.0, share)) // 100 * 100
    for before, after in pairwise(moments):
        if day <= after.date:
            share = (day - before.date).days / (after.date - before.date).days
            return int(before.ac + (after.ac - before.ac) * share) // 100 * 100
    return moments[-1].ac


def _forecasts(
    maker: _Maker, number: int, budget: Sheet, dates: dict[int, tuple[dt.datetime | None, dt.datetime | None]]
) -> Iterator[Sheet]:
    """A forecast that the controller has confirmed; Paul's first project also has the next one in the making."""
    company, course, project = maker.company, maker.company.courses[number], maker.company.projects[number]
    since = first_open(company)
    asked = company.dates[-1] if number == FRESH else workday(since + dt.timedelta(days=7))
    made = min(company.today - dt.timedelta(days=1), asked)
    conny = company.users["conny"]
    rows = _rest(budget, course, since, dates)
    if number == 0:
        earlier = m.step(since, -1)
        older = _rest(budget, course, earlier, dates)
        if older:
            yield Sheet(project, "forecast", 1, "approved", workday(earlier + dt.timedelta(days=7)), older, conny, first_open=earlier, reason="Vorschau des Vormonats")  # fmt: skip
        if rows:
            copy = [replace(row, months=dict(row.months)) for row in rows]
            yield Sheet(project, "forecast", 2, "draft", made, copy, first_open=since, reason="Vorschau dieses Monats")
        return
    if rows:
        yield Sheet(project, "forecast", 1, "approved", made, rows, conny, first_open=since, reason="Monatliche Vorschau")  # fmt: skip


def _rest(
    budget: Sheet, course: Course, since: dt.date, dates: dict[int, tuple[dt.datetime | None, dt.datetime | None]]
) -> list[Row]:
    """What is expected from ``since`` on: the open part of each line by the plan as it is now, adding up to EAC − spent."""
    amount = last_report(course).eac - spent_until(course, since - dt.timedelta(days=1))
    if amount <= 0:
        return []
    open_: list[tuple[Row, dt.date, dt.date, int]] = []
    for row in budget.rows:
        if row.reserve or row.currency != "EUR" or row.activity is None:
            continue
        start, finish = dates.get(row.activity, (None, None))
        if start is None or finish is None or finish.date() < since:
            continue
        first, last = max(start.date(), since), max(start, finish).date()
        whole = max(1, weekdays_between(start.date(), last))
        weight = row.total * weekdays_between(first, last) // whole // HUNDRED
        if weight > 0:
            open_.append((row, first, last, weight))
    if not open_:
        return [Row(None, "", "Restarbeiten", SERVICES, {since: amount})]
    shares = spread(amount, [weight for _row, _first, _last, weight in open_])
    return [
        Row(row.activity, row.wbs, row.text, row.kind, by_weekdays(share, first, last))
        for (row, first, last, _weight), share in zip(open_, shares, strict=True)
        if share
    ]


# ── into the tables ──────────────────────────────────────────────────────────────────────────────


def _store(maker: _Maker, sheets: list[Sheet]) -> None:
    company = maker.company
    for sheet, number in zip(sheets, bulk.reserve(Budget, len(sheets)), strict=True):
        maker.count += 1
        sheet.pk, sheet.key = number, f"BUD-{maker.count:04d}"
    bulk.insert(Budget, full(Budget, BUDGET), (filled(Budget, BUDGET, _head(company, sheet)) for sheet in sheets))
    pairs = [(sheet, at, row) for sheet in sheets for at, row in enumerate(sheet.rows, start=1)]
    numbers = list(bulk.reserve(BudgetLine, len(pairs)))
    bulk.insert(
        BudgetLine, full(BudgetLine, LINE),
        (filled(BudgetLine, LINE, _line(maker, number, *pair)) for number, pair in zip(numbers, pairs, strict=True)),
    )  # fmt: skip
    bulk.insert(
        BudgetMonth, ("line_id", "month", "amount"),
        (
            (number, month.isoformat(), amount)
            for number, (_sheet, _at, row) in zip(numbers, pairs, strict=True)
            for month, amount in sorted(row.months.items())
        ),
    )  # fmt: skip
    bulk.insert(AuditEntry, full(AuditEntry, AUDIT), (filled(AuditEntry, AUDIT, entry) for entry in _history(sheets)))


def _at(day: dt.date, hour: int) -> str:
    return bulk.instant(dt.datetime.combine(day, dt.time(hour), dt.UTC))


def _head(company: Company, sheet: Sheet) -> tuple[bulk.Value, ...]:
    decided = sheet.approver is not None and sheet.state in ("approved", "superseded")
    dollars = any(row.currency != "EUR" for row in sheet.rows)
    rate_day = _rate_day(company) if dollars else sheet.made
    at = _at(sheet.made, 14)
    return (
        sheet.pk, 2, _at(sheet.made, 9), at, sheet.key, sheet.project.pk, sheet.kind, sheet.number, "", sheet.baseline, "EUR",
        rate_day.isoformat() if decided or dollars else None, sheet.first_open.isoformat() if sheet.first_open else None,
        sheet.reason, sheet.state, sheet.awaits, at if sheet.endorser else None,
        sheet.endorser.pk if sheet.endorser else None, "sponsor" if sheet.endorser else "", at if decided else None, sheet.approver.pk if decided and sheet.approver else None,
    )  # fmt: skip


def _line(maker: _Maker, number: int, sheet: Sheet, at: int, row: Row) -> tuple[bulk.Value, ...]:
    company = maker.company
    unit = sheet.project.unit_id
    centre = maker.centres.get(unit or 0)
    if centre is None or centre.organisation_id != company.organisation.pk:
        centre = maker.centres[company.units["Anlagenbau"].pk]
    cost_type = maker.types[row.kind] if row.kind is not None else None
    moment = _at(sheet.made, 14)
    return (
        number, 1, moment, moment, sheet.pk, at, row.activity, row.wbs, row.text[:300], cost_type.pk if cost_type else None,
        None if row.reserve else centre.pk, str(cost_type.spending) if cost_type else "opex", row.reserve, row.currency,
    )  # fmt: skip


def _history(sheets: Iterable[Sheet]) -> Iterator[tuple[bulk.Value, ...]]:
    """Drafted and submitted by the project manager, endorsed and approved by somebody else."""
    for sheet in sheets:
        manager = sheet.project.manager.user if sheet.project.manager is not None else None
        steps: list[tuple[int, User | None, str, dict[str, list[str | None]]]] = [
            (9, manager, "create", {"state": [None, "draft"]})
        ]
        if sheet.state != "draft":
            steps.append((11, manager, "submit", {"state": ["draft", "submitted"]}))
        if sheet.endorser is not None:
            told: dict[str, list[str | None]] = {
                "state": ["submitted", "endorsed"],
                "endorsed_role": ["", "sponsor"],
                "awaits": ["sponsor", "executive"],
            }
            steps.append((13, sheet.endorser, "endorse", told))
        if sheet.approver is not None:
            steps.append((14, sheet.approver, "approve", {"state": ["submitted", "approved"]}))
        for hour, by, verb, changes in steps:
            pseudonym = bulk.uuid_text(by.pseudonym) if by is not None else None
            number = by.pk if by is not None else None
            comment = ENDORSED if verb == "endorse" else ""
            yield _at(sheet.made, hour), "controlling.budget", sheet.pk, number, pseudonym, verb, bulk.json_text(changes), comment, 1  # fmt: skip


def _tell_figures(company: Company, sheets: list[Sheet]) -> None:
    """The forecast of each project; its budget stays the figure of its story, which is the sum of the work lines."""
    rows = []
    courses = courses_of(company)
    for sheet in sheets:
        if sheet.kind == "forecast" and sheet.state == "approved" and sheet.first_open is not None:
            course = courses[sheet.project.pk]
            spent = spent_until(course, sheet.first_open - dt.timedelta(days=1))
            rows.append(
                FigureRow(
                    sheet.project.pk, "forecast", sheet.made, amount=spent + sheet.work(), currency="EUR",
                    source_label=sheet.key, source_url=f"/money/budgets/{sheet.key}",
                )
            )  # fmt: skip
    write_figures(rows=rows, by=None, note_dates=False)
