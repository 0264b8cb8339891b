"""Actuals and commitments of the demo company: files of the ERP month by month, labour from hours, months that were closed, one that is being closed.

At the end of each month the bookings of a project add up to what its story says it has spent. The last month is half way: its file is
booked, a few lines wait for a project, one was refused, one time sheet week is signed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from stellwerk.controlling import months as m
from stellwerk.controlling.models import ActualsImport, Booking, BudgetLine, BudgetMonth, CostType, MappingRule, Period
from stellwerk.controlling.selectors.earned_value import Sources
from stellwerk.controlling.selectors.labour import labour_of
from stellwerk.controlling.selectors.periods import MONTH, Closing
from stellwerk.controlling.selectors.progress import Reported, reported_of
from stellwerk.controlling.services.close import EARNED, FIGURES, booked_sums, payload_of
from stellwerk.controlling.services.tally import Tally
from stellwerk.core import bulk
from stellwerk.core.db import refresh_statistics
from stellwerk.core.models import AuditEntry, Snapshot
from stellwerk.core.snapshots import digest_of
from stellwerk.demo.money_base import LABOUR, SERVICES
from stellwerk.demo.money_budgets import spent_until
from stellwerk.demo.plans.baselines import AUDIT
from stellwerk.demo.plans.writing import filled, full
from stellwerk.demo.story import Course, workday
from stellwerk.engine.money import spread
from stellwerk.planning.choices import EvMethod
from stellwerk.portfolio.models import Project

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

AT_ONCE: Final = 100
MONTHS_BACK: Final = 30
FROZEN: Final = 8
"""So many closed months have their snapshot, in a large company fewer."""
MOST_LINES: Final = 4
SUPPLIERS: Final = (
    "Elbe Netzbau GmbH", "Rheinstahl Apparate AG", "Weser Leittechnik GmbH", "Harz Gerüstbau KG", "Nordkabel GmbH", "Ingenieurbüro Tiedemann",
    "Havel Software GmbH", "Prüfstelle Nord e. V.", "Kieler Pumpenwerk GmbH", "Lotsen Consulting GmbH",
)  # fmt: skip
ACCOUNTS: Final = {SERVICES: "417000", 2: "400100", 3: "411000", 4: "431000", 5: "466000"}
COLUMNS: Final = (
    "organisation_id", "kind", "source", "month", "posted", "project_id", "activity_id", "cost_type_id", "cost_centre_id", "spending", "amount",
    "currency", "project_amount", "project_currency", "rate", "document", "line", "reverses", "erp_object", "erp_cost_centre", "erp_account",
    "supplier", "text", "minutes", "fingerprint", "batch_id", "left_out", "obsolete",
)  # fmt: skip
LABOUR_HOUR: Final = 96_00
"""Cents for an hour of the months that no time sheet is left of."""
STRAYS: Final = (
    ("2499.01", "417000", 18_450_00, "Lotsen Consulting GmbH", "Beratung Ausschreibung Q4"),
    ("2499.01", "417000", 6_120_00, "Lotsen Consulting GmbH", "Beratung Ausschreibung Q4, Nachlauf"),
    ("INV-88120", "400100", 27_300_00, "Kieler Pumpenwerk GmbH", "Ersatzpumpe, Objekt fehlt"),
    ("INV-88120", "400100", -1_365_00, "Kieler Pumpenwerk GmbH", "Skonto Ersatzpumpe"),
    ("WARTUNG-HH", "477100", 2_980_00, "Harz Gerüstbau KG", "Gerüst Halle 3"),
)  # fmt: skip
CHECKS: Final = [
    {"code": code, "done": True, "said": said, "accepted": None}
    for code, said in (
        ("time_sheets", "alle gesperrt"), ("actuals", "1 Datei · Obligo geladen"), ("labour", "gebucht"), ("unmatched", "keine Zeile wartet"),
        ("differences", "kein Unterschied"), ("forecasts", "alle bestätigt"),
    )
]  # fmt: skip
REFUSED: Final = 184_000_00
"""Turkish lira: there is no exchange rate."""


@dataclass
class _Place:
    """A budget line as a place for bookings: what was planned there month by month, how far its work is, what is booked on it so far."""

    activity: int | None
    wbs: str
    text: str
    kind: int
    centre: int | None
    centre_number: str
    spending: str
    months: dict[dt.date, int] = field(default_factory=dict)
    reported: Reported | None = None
    booked: int = 0

    def done(self, day: dt.date, today: dt.date) -> int:
        """What of the line's budget its work was worth at the end of ``day``: cost comes with the work, not with the plan."""
        if self.reported is None or self.reported.now.method == EvMethod.LOE:
            month = m.month_of(day)
            running = self.months.get(month, 0) * day.day // m.last_day(month).day
            return sum(amount for at, amount in self.months.items() if at < month) + running
        then = self.reported.at(day, today)
        return int(sum(self.months.values()) * (100 if then.finished else then.percent) / 100)


@dataclass
class _Books:
    """What is written, and what the files of each month add up to."""

    company: Company
    types: list[CostType]
    rng: random.Random
    rows: list[Sequence[bulk.Value]] = field(default_factory=list)
    batches: dict[dt.date, ActualsImport] = field(default_factory=dict)
    tallies: dict[dt.date, Tally] = field(default_factory=lambda: defaultdict(Tally))
    document: int = 100_000_000

    def next_document(self) -> str:
        self.document += self.rng.choice((1, 1, 1, 2))
        return str(self.document)


def add_money_actuals(company: Company) -> None:
    """Imports, bookings, commitments, mapping rules and months; by bulk inserts, in chunks of a hundred projects."""
    rng = random.Random(company.size.seed * 67 + 29)
    types = list(CostType.objects.order_by("order"))
    books = _Books(company, types, rng)
    running = m.month_of(company.today)
    closing = m.step(running, -1)
    first = m.step(running, 1 - MONTHS_BACK)
    for month in m.between(first, running):
        books.batches[month] = _batch(company, month)
    labour = {month: _labour(company, month) for month in (closing, running)}
    for begin in range(0, len(company.projects), AT_ONCE):
        pairs = list(zip(company.projects, company.courses, strict=True))[begin : begin + AT_ONCE]
        places = _places(books, [project.pk for project, _course in pairs])
        for project, course in pairs:
            _project(books, project, course, places.get(project.pk, []), first, labour)
        _write(books)
    _strays(books, closing)
    stands = _commitments(books, closing)
    _write(books)
    _finish_batches(books, closing)
    _rules(company)
    _months(books, first, closing, stands)
    refresh_statistics(Booking)


# ── files of the ERP ─────────────────────────────────────────────────────────────────────────────


def _batch(company: Company, month: dt.date) -> ActualsImport:
    name = f"CJI3_{m.code(month)}.csv"
    return ActualsImport.objects.create(
        organisation=company.organisation, month=month, file_name=name, state="booked", by=company.users["conny"],
        digest=hashlib.sha256(name.encode()).hexdigest(),
        mapping={
            "document": "Belegnummer", "line": "BuZei", "posted": "Buchungsdatum", "account": "Kostenart", "object": "PSP-Element",
            "cost_centre": "Kostenstelle", "amount": "Wert/BWähr", "currency": "BWähr", "text": "Buchungstext",
        },
    )  # fmt: skip


def _labour(company: Company, month: dt.date) -> dict[int, list[tuple[int | None, str, int, int]]]:
    """Labour from the time sheets of ``month`` by project: work package, CapEx or OpEx, cents, minutes."""
    found: dict[int, list[tuple[int | None, str, int, int]]] = defaultdict(list)
    for row in labour_of(company.organisation, month).rows:
        found[row.key.project].append((row.key.activity, row.key.spending, row.amount, row.minutes))
    return found


def _places(books: _Books, projects: Sequence[int]) -> dict[int, list[_Place]]:
    """The lines of the approved budget of each project, in euros, with their months."""
    kinds = {kind.pk: at for at, kind in enumerate(books.types)}
    lines = BudgetLine.objects.filter(
        budget__project__in=projects, budget__kind="plan", budget__state="approved", reserve="", currency="EUR"
    )
    found: dict[int, list[_Place]] = defaultdict(list)
    known: dict[int, _Place] = {}
    for line in lines.select_related("budget", "cost_centre").order_by("pk"):
        centre = line.cost_centre
        known[line.pk] = _Place(
            line.activity_id, line.wbs, line.text, kinds.get(line.cost_type_id or 0, SERVICES), centre.pk if centre else None,
            centre.number if centre else "", line.spending,
        )  # fmt: skip
        found[line.budget.project_id].append(known[line.pk])
    rows = BudgetMonth.objects.filter(line__in=known)
    for number, month, amount in rows.values_list("line_id", "month", "amount"):
        known[number].months[month] = amount
    progress = reported_of(place.activity for place in known.values())
    for place in known.values():
        place.reported = progress.get(place.activity) if place.activity is not None else None
    return found


def _project(
    books: _Books, project: Project, course: Course, places: list[_Place], first: dt.date,
    labour: dict[dt.date, dict[int, list[tuple[int | None, str, int, int]]]],
) -> None:  # fmt: skip
    """Bookings of one project month by month; what lies before the first month is booked in it."""
    today = books.company.today
    before = 0
    for month in m.between(first, today):
        end = min(m.last_day(month), today)
        upto = spent_until(course, end)
        amount, before = upto - before, upto
        for activity, spending, cents, minutes in labour.get(month, {}).get(project.pk, []):
            _hours(books, project.pk, month, activity, spending, cents, minutes)
            amount -= cents
            place = next((one for one in places if one.kind == LABOUR and one.activity == activity), None)
            if place is not None:
                place.booked += cents
        if amount > 0:
            _work(books, project, month, end, amount, _owed(places, end, today, upto, hours=month not in labour))


def _owed(places: list[_Place], day: dt.date, today: dt.date, spent: int, *, hours: bool) -> list[tuple[_Place, int]]:
    """The places whose work is worth more than is booked on them, at the cost ratio of the project, with what is missing; most first.

    ``hours``: own labour too, where no time sheet is left to tell it.
    """
    done = [place.done(day, today) for place in places]
    whole = sum(done)
    if not whole:
        return []
    found = [(place, spent * worth // whole - place.booked) for place, worth in zip(places, done, strict=True)]
    found = [(place, missing) for place, missing in found if missing > 0 and (hours or place.kind != LABOUR)]
    return sorted(found, key=lambda row: -row[1])


def _work(
    books: _Books, project: Project, month: dt.date, end: dt.date, amount: int, owed: list[tuple[_Place, int]]
) -> None:
    """The month's cost where its work was done: hours on own labour, invoices on the rest; small remainders wait for a later month."""
    own = [row for row in owed if row[0].kind == LABOUR][:MOST_LINES]
    bought = [row for row in owed if row[0].kind != LABOUR][:MOST_LINES]
    chosen = [*own, *bought] or [(_Place(None, "", "Vorarbeiten", SERVICES, None, "", "opex"), 1)]
    shares = spread(amount, [missing for _place, missing in chosen])
    for (place, _missing), cents in zip(chosen, shares, strict=True):
        place.booked += cents
        if cents and place.kind == LABOUR:
            minutes = max(15, round(cents * 60 / LABOUR_HOUR / 15) * 15)
            _hours(books, project.pk, month, place.activity, "opex", cents, minutes)
        elif cents:
            _invoiced(books, project, month, end, place, cents)


def _hours(
    books: _Books, project: int, month: dt.date, activity: int | None, spending: str, cents: int, minutes: int
) -> None:
    """As ``services/labour.py`` books them, so that computing the month again finds nothing new."""
    print_ = f"hours|{m.code(month)}|{project}|{activity or 0}|{spending[0]}|1"
    books.rows.append(
        _row(
            books, source="hours", month=month, posted=min(m.last_day(month), books.company.today), project=project, activity=activity, kind=LABOUR, centre=None, spending=spending,
            amount=cents, document=f"H-{m.code(month)}", text="Freigegebene Stunden", minutes=minutes, print_=print_,
        )
    )  # fmt: skip


def _invoiced(books: _Books, project: Project, month: dt.date, end: dt.date, place: _Place, cents: int) -> None:
    """An invoice of the month; now and then one is reversed and posted again."""
    rng = books.rng
    supplier = rng.choice(SUPPLIERS)
    document, posted = _invoice(books, project, month, end, place, cents, supplier)
    if rng.random() < 0.02:
        _invoice(books, project, posted, end, place, -cents, supplier, reverses=document)
        _invoice(books, project, posted, end, place, cents, supplier)


def _invoice(
    books: _Books, project: Project, first: dt.date, end: dt.date, place: _Place, cents: int, supplier: str, reverses: str = ""
) -> tuple[str, dt.date]:  # fmt: skip
    """A line posted between two days of a month; its document and day."""
    month = m.month_of(first)
    kind = place.kind
    document = books.next_document()
    posted = first + dt.timedelta(days=books.rng.randint(0, (end - first).days))
    text = f"Storno {place.text}" if reverses else f"{place.text}, Rechnung {supplier}"
    centre = place.centre_number
    books.rows.append(
        _row(
            books, month=month, posted=posted, project=project.pk, activity=place.activity, kind=kind, centre=place.centre,
            spending=str(books.types[kind].spending), amount=cents, document=document, reverses=reverses,
            erp_object=f"{project.external_key}.{place.wbs}" if place.wbs else str(project.external_key), erp_centre=centre,
            account=ACCOUNTS[kind], supplier=supplier, text=text[:300],
        )
    )  # fmt: skip
    books.tallies[month].booked(m.code(month), "EUR", cents)
    return document, posted


def _row(
    books: _Books, *, month: dt.date, posted: dt.date, amount: int, project: int | None = None, activity: int | None = None, kind: int | None = None,
    centre: int | None = None, spending: str = "opex", document: str = "", reverses: str = "", erp_object: str = "", erp_centre: str = "",
    account: str = "", supplier: str = "", text: str = "", minutes: int | None = None, print_: str = "", source: str = "erp",
    commitment: ActualsImport | None = None, obsolete: bool = False,
) -> Sequence[bulk.Value]:  # fmt: skip
    batch = commitment or books.batches.get(month)
    base = f"{'c' if commitment else 'a'}|{commitment.pk if commitment else 0}|{document}|1|{account}|{erp_object}"
    known = project is not None
    return (
        books.company.organisation.pk, "commitment" if commitment else "actual", source, month.isoformat(), posted.isoformat(), project, activity,
        books.types[kind].pk if kind is not None else None, centre, spending, amount, "EUR", amount if known else None, "EUR" if known else "",
        "1" if known else None, document, "1" if source == "erp" else "", reverses, erp_object, erp_centre, account, supplier, text, minutes,
        print_ or hashlib.sha1(base.encode(), usedforsecurity=False).hexdigest(),
        batch.pk if batch is not None and source == "erp" else None, "", obsolete,
    )  # fmt: skip


def _write(books: _Books) -> None:
    bulk.insert(Booking, COLUMNS, books.rows)
    books.rows.clear()


def _strays(books: _Books, month: dt.date) -> None:
    """Lines of the last file that nobody can place, and one that was refused."""
    tally = books.tallies[month]
    for at, (erp_object, account, cents, supplier, text) in enumerate(STRAYS):
        kind = {"417000": SERVICES, "400100": 2}.get(account)
        books.rows.append(
            _row(
                books, month=month, posted=month + dt.timedelta(days=9 + at), kind=kind, amount=cents, document=books.next_document(),
                erp_object=erp_object, erp_centre="9990" if at == 4 else "", account=account, supplier=supplier, text=text,
                spending=str(books.types[kind].spending) if kind is not None else "opex",
            )
        )  # fmt: skip
        tally.booked(m.code(month), "EUR", cents)
    tally.refused(m.code(month), "TRY", REFUSED, print_="demo-refused-line")


def _commitments(books: _Books, closing: dt.date) -> list[int]:
    """Open orders: the stand of the month before and the one that counts. Returns the numbers of the imports."""
    company, stands = books.company, []
    for back, obsolete in ((1, True), (0, False)):
        month = m.step(closing, -back)
        batch = ActualsImport.objects.create(
            organisation=company.organisation, month=month, kind="commitment", file_name=f"CJI5_{m.code(month)}.csv", state="booked",
            by=company.users["conny"], digest=hashlib.sha256(f"c{month}".encode()).hexdigest(),
        )  # fmt: skip
        stands.append(batch.pk)
        count = 0
        for project, course in zip(company.projects, company.courses, strict=True):
            moment = next((one for one in reversed(course.moments) if one.date <= m.last_day(month)), None)
            if moment is None or moment.commitment <= 0 or project.phase in ("closed", "stopped"):
                continue
            for at, cents in enumerate(spread(moment.commitment, [3, 2, 1][: 1 + project.pk % 3])):
                if cents:
                    count += 1
                    books.rows.append(
                        _row(
                            books, month=month, posted=m.last_day(month), project=project.pk, kind=SERVICES if at else 2, amount=cents,
                            document=f"45{project.pk:06d}{at}", erp_object=str(project.external_key), account="417000" if at else "400100",
                            supplier=SUPPLIERS[(project.pk + at) % len(SUPPLIERS)], text="Bestellung", commitment=batch, obsolete=obsolete,
                            spending="opex" if at else "capex",
                        )
                    )  # fmt: skip
        stamp = _stamp(company, month, dt.time(9, 45))
        ActualsImport.objects.filter(pk=batch.pk).update(told=_told(count, count), created_at=stamp, updated_at=stamp)
    return stands


def _stamp(company: Company, month: dt.date, time: dt.time) -> dt.datetime:
    """When the file of a month is taken in; the one of the running month came last night."""
    return min(dt.datetime.combine(workday(m.step(month) + dt.timedelta(days=3)), time, dt.UTC), company.night)


def _told(lines: int, booked: int) -> dict[str, object]:
    return {
        "lines": lines, "booked": booked, "duplicates": 0, "unmapped": 0, "left_out": 0, "reversals": 0, "rejected": [], "rejected_count": 0,
        "sum_by_currency": {}, "months": {}, "problems": {}, "unknown": [], "parts": {}, "open": [], "unreadable": 0,
    }  # fmt: skip


def _finish_batches(books: _Books, closing: dt.date) -> None:
    """What each file told; of months without lines there is none."""
    for month, batch in books.batches.items():
        tally = books.tallies.get(month)
        if tally is None:
            batch.delete()
            continue
        count = sum(part.lines for part in tally.parts.values())
        told = _told(count, count) | tally.told()
        if month == closing:
            told |= {
                "booked": count - 1, "unmapped": len(STRAYS), "rejected_count": 1,
                "rejected": [{"line": 148, "column": "", "reason": f"Am 14.{month:%m.%Y} gilt kein Wechselkurs von TRY in EUR."}],
                "unknown": [
                    {"what": "cost_centre", "value": "9990", "line": 212, "count": 1}, {"what": "cost_type", "value": "477100", "line": 212, "count": 1},
                ],
            }  # fmt: skip
        batch.told = told
        batch.save(update_fields=["told"])
        stamp = _stamp(books.company, month, dt.time(9, 30))
        ActualsImport.objects.filter(pk=batch.pk).update(created_at=stamp, updated_at=stamp)


def _rules(company: Company) -> None:
    """What the controller has said before about objects that carry no project's key."""
    MappingRule.objects.bulk_create(
        [
            MappingRule(organisation=company.organisation, object="INV-77*", project=company.projects[0]),
            MappingRule(organisation=company.organisation, object="KANTINE*", ignore=True),
        ]
    )


# ── months ───────────────────────────────────────────────────────────────────────────────────────


def _months(books: _Books, first: dt.date, closing: dt.date, stands: list[int]) -> None:
    """Closed months with their snapshots, and the one that is being closed."""
    company = books.company
    count = FROZEN if len(company.projects) <= 200 else 2
    months = m.between(m.step(closing, -count), m.step(closing, -1))
    periods = [
        Period.objects.create(
            organisation=company.organisation, month=month, state="closed", version=5,
            closed_at=dt.datetime.combine(workday(m.step(month) + dt.timedelta(days=11)), dt.time(14, 40), dt.UTC),
        )
        for month in months
    ]  # fmt: skip
    _freeze(company, periods, stands)
    now = Period.objects.create(organisation=company.organisation, month=closing, state="actuals_loaded")
    check = Closing(now).check("time_sheets")
    if not check.done:
        now.accepted = {
            "time_sheets": {
                "reason": "Die letzte Woche ragt in den Folgemonat und wird mit ihm gesperrt; was fehlt, ist angemahnt.", "facts": check.facts,
                "by": str(company.users["conny"]), "at": company.today.isoformat(),
            }
        }  # fmt: skip
        now.save(update_fields=["accepted"])
    bulk.insert(
        AuditEntry,
        full(AuditEntry, AUDIT),
        (filled(AuditEntry, AUDIT, entry) for entry in _history(company, [*periods, now])),
    )


def _freeze(company: Company, periods: Sequence[Period], stands: list[int]) -> None:
    """The snapshots that closing the months would have written; sources are read once for all of them."""
    days = [m.last_day(period.month) for period in periods]
    if not days:
        return
    sources = Sources(company.projects, days)
    commitments = _committed(stands[0])
    snapshots = []
    for period, day in zip(periods, days, strict=True):
        lines = []
        latest = period.month == periods[-1].month
        for view in sources.at(day).values():
            told = payload_of(
                view, commitments.get(view.project.pk, 0) if latest else 0, sources.rules.get(view.project.pk)
            )
            lines.append({name: told[name] for name in ("project", "number", "currency", "budget", *FIGURES)})
            snapshots.append(_snapshot("portfolio.project", view.project.pk, EARNED, day, told, company))
        payload: dict[str, Any] = {
            "organisation": company.organisation.key, "month": m.code(period.month), "day": day.isoformat(),
            "stands": stands[:1] if latest else [], "bookings": booked_sums(period), "projects": lines, "checks": CHECKS,
        }  # fmt: skip
        snapshots.append(_snapshot("controlling.period", period.pk, MONTH, day, payload, company))
    Snapshot.objects.bulk_create(snapshots, batch_size=500)


def _committed(stand: int) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for project, amount in Booking.objects.filter(batch=stand).values_list("project_id", "project_amount"):
        if project is not None:
            found[project] += amount or 0
    return found


def _snapshot(
    label: str, number: int, kind: str, day: dt.date, payload: dict[str, Any], company: Company
) -> Snapshot:  # fmt: skip
    return Snapshot(
        entity_type=label, entity_id=number, kind=kind, data_date=day, payload=payload, digest=digest_of(payload),
        published_by=company.users["conny"],
    )  # fmt: skip


def _history(company: Company, periods: Sequence[Period]) -> Iterator[tuple[bulk.Value, ...]]:
    """Begun, loaded, reconciled, confirmed and closed by the controller on the working days of the calendar."""
    conny = company.users["conny"]
    steps = (
        (1, "create", None, "open"), (3, "load", "open", "actuals_loaded"), (5, "reconcile", "actuals_loaded", "reconciled"),
        (9, "confirm", "reconciled", "forecast_confirmed"), (11, "close", "forecast_confirmed", "closed"),
    )  # fmt: skip
    for period in periods:
        for days, verb, before, after in steps if period.state == "closed" else steps[:2]:
            day = workday(m.step(period.month) + dt.timedelta(days=days))
            at = bulk.instant(min(dt.datetime.combine(day, dt.time(8 + days // 2), dt.UTC), company.night))
            changes = bulk.json_text({"state": [before, after]})
            yield at, "controlling.period", period.pk, conny.pk, bulk.uuid_text(conny.pseudonym), verb, changes, "", 1
