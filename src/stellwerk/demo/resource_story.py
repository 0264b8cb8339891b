"""Whom the projects of the demo company need, and what line managers answered: bookings, requests, reservations, conflicts."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stellwerk.demo.company import add_sequences
from stellwerk.demo.story import shut
from stellwerk.people.models import Person, Role, Unit
from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.choices import DemandSource
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek
from stellwerk.resources.weeks import covered, cut, monday, spread_rate

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

BEHIND: Final = dt.timedelta(weeks=12)
AHEAD: Final = dt.timedelta(weeks=40)
OVER: Final = ("closed", "stopped")
FIRM: Final = ("hard", "active", "completed")
RATES: Final = (8, 8, 12, 16, 16, 20, 24, 32)
LEAST: Final = 6
"""Hours a week below which nobody is booked."""
AT_ONCE: Final = 100
USABLE: Final = 0.9
"""Of the week: the rest goes into meetings, training and the line."""

# Role → what for, and from which to which share of the project's time it is needed.
WORK: Final[dict[str, tuple[str, float, float]]] = {
    "Projektleitung": ("Teilprojektleitung", 0.0, 1.0),
    "Verfahrenstechnik": ("Auslegung und Fließbilder", 0.0, 0.6),
    "E-Technik": ("E-Planung und Schaltschränke", 0.15, 0.85),
    "SPS-Programmierung": ("Leittechnik programmieren", 0.35, 1.0),
    "Bauleitung": ("Bauleitung vor Ort", 0.35, 0.9),
    "Konstruktion": ("3D-Konstruktion und Rohrleitungen", 0.1, 0.65),
    "Einkauf": ("Beschaffung der Hauptkomponenten", 0.1, 0.7),
    "Inbetriebnahme": ("Kalt- und Warminbetriebnahme", 0.65, 1.0),
    "Qualitätssicherung": ("Prüfpläne und Abnahmen", 0.3, 1.0),
    "Softwareentwicklung": ("Schnittstellen und Auswertung", 0.25, 0.9),
    "Projektcontrolling": ("Kosten verfolgen", 0.0, 1.0),
    "Montage": ("Montage und Verrohrung", 0.4, 0.9),
    "Genehmigungsmanagement": ("Genehmigungsantrag begleiten", 0.0, 0.4),
}
COUNT: Final = {"S": 2, "M": 4, "L": 6}
OVERTIME: Final = "Beide Inbetriebnahmen fallen in dieselben Wochen; Mehrarbeit ist mit dem Betriebsrat abgestimmt."


@dataclass
class Book:
    """Rows to insert, and how many firm minutes each person has per week so far."""

    today: dt.date
    rng: random.Random
    people: dict[str, list[Person]]
    units: dict[str, Unit]
    load: dict[int, dict[dt.date, int]] = field(default_factory=lambda: defaultdict(dict))
    demands: list[Demand] = field(default_factory=list)
    weeks: list[dict[dt.date, int]] = field(default_factory=list)
    bookings: list[tuple[int, Allocation, dict[dt.date, int]]] = field(default_factory=list)

    def ask(
        self, project: Project, role: Role, first: dt.date, last: dt.date, rate: int, *, title: str = "",
        person: Person | None = None, state: str = "open", probability: int = 100, priority: int = 3, note: str = "",
    ) -> int:  # fmt: skip
        """A demand with ``rate`` hours a week; its place in the list."""
        unit = person.unit if person is not None else self.units.get(role.name)
        self.demands.append(
            Demand(
                project=project, source=DemandSource.REQUEST, title=title or WORK.get(role.name, (role.name, 0, 1))[0], role=role,
                person=person, unit=unit, first=first, last=last, priority=priority, probability=probability, note=note, state=state,
            )
        )  # fmt: skip
        self.weeks.append(_spread(first, last, rate * 60))
        return len(self.demands) - 1

    def book(
        self, at: int, person: Person, state: str, *, rate: int | None = None, expires: dt.date | None = None,
        instead_of: Person | None = None, reason: str = "", first: dt.date | None = None, last: dt.date | None = None,
    ) -> None:  # fmt: skip
        """Somebody for the demand at this place, for all of its weeks or some of them."""
        demand = self.demands[at]
        start, end = first or demand.first, last or demand.last
        weeks = _spread(start, end, rate * 60) if rate is not None else cut(self.weeks[at], start, end)
        if state == "hard":
            state = "completed" if end < self.today else "active" if start <= self.today else "hard"
        self.bookings.append(
            (
                at,
                Allocation(
                    person=person, first=start, last=end, state=state, expires=expires, offered_instead_of=instead_of,
                    overbooking_reason=reason,
                ),
                weeks,
            )
        )  # fmt: skip
        if state in FIRM:
            own = self.load[person.pk]
            for week, minutes in weeks.items():
                own[week] = own.get(week, 0) + minutes

    def free(self, person: Person, first: dt.date, last: dt.date) -> int:
        """Hours a week that the person has left in every week of the period."""
        if (person.entry_date and person.entry_date > first) or (person.exit_date and person.exit_date < last):
            return 0
        most = float(person.weekly_hours) * USABLE
        own = self.load[person.pk]
        used = max((own.get(week, 0) for week in spread_rate(first, last, 60)), default=0)
        return int(most - used / 60)

    def somebody(self, role: Role, first: dt.date, last: dt.date, wanted: Mapping[int, int]) -> Person | None:
        """Who of the role has most time left; those who are responsible for the work before all others."""
        found = [
            (self.free(person, first, last), -number, person) for number, person in enumerate(self.people[role.name])
        ]
        able = [row for row in found if row[0] >= LEAST]
        best = max(able, key=lambda row: (wanted.get(row[2].pk, 0), *row[:2]), default=None)
        return best[2] if best is not None else None


def _spread(first: dt.date, last: dt.date, minutes: int) -> dict[dt.date, int]:
    """``minutes`` a week, less on days on which the company is closed; a week that is closed whole is left out."""
    found: dict[dt.date, int] = {}
    for week, share in spread_rate(first, last, minutes).items():
        days = [day for at in range(5) if first <= (day := week + dt.timedelta(days=at)) <= last]
        left = share * sum(not shut(day) for day in days) // len(days) if days else share
        if left:
            found[week] = left
    return found


def add_resources(company: Company) -> None:
    """Demands and bookings of all projects that run or begin soon, when their plans need them; by bulk inserts."""
    people: dict[str, list[Person]] = defaultdict(list)
    count: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    units = {unit.pk: unit for unit in company.units.values()}
    for person in company.people:
        if person.role is not None:
            if person.pk != company.cast["tom"].pk:  # his bookings are told one by one
                people[person.role.name].append(person)
            count[person.role.name][person.unit_id] += 1
    asked = {name: units[max(found, key=lambda pk: (found[pk], -pk))] for name, found in count.items()}
    book = Book(company.today, random.Random(company.size.seed * 31 + 5), people, asked)
    running = [project for project in company.projects if project.phase not in OVER]
    _special(book, company, running)
    sizes = dict(
        zip((project.pk for project in company.projects), (course.size for course in company.courses), strict=True)
    )
    for begin in range(0, len(running), AT_ONCE):
        part = running[begin : begin + AT_ONCE]
        needs = _needs([project.pk for project in part])
        for number, project in enumerate(part, start=begin):
            _of_project(book, company, project, sizes[project.pk] if number < 400 else "S", needs.get(project.pk, {}))
    _write(book)


@dataclass
class Need:
    """When a role has work in a plan: its packages with their dates, and who is responsible for most of them."""

    work: list[tuple[int, dt.date, dt.date]] = field(default_factory=list)
    people: Counter[int] = field(default_factory=Counter)


def _needs(projects: list[int]) -> dict[int, dict[int, Need]]:
    """By project and role, from the work packages as they are planned now."""
    rows = Activity.objects.filter(
        plan__project__in=projects, summary=False, active=True, kind=Kind.TASK, start__isnull=False, responsible__role__isnull=False
    ).order_by("plan", "position")  # fmt: skip
    found: dict[int, dict[int, Need]] = defaultdict(lambda: defaultdict(Need))
    for project, role, person, pk, start, finish in rows.values_list(
        "plan__project_id", "responsible__role_id", "responsible_id", "pk", "start", "finish"
    ):
        need = found[project][role]
        if start is not None and finish is not None:
            need.work.append((pk, start.date(), max(start, finish).date()))
        need.people[person] += 1
    return found


def _window(book: Book, project: Project, begin: float, end: float) -> tuple[dt.date, dt.date] | None:
    """The part of the project's time, as far as it lies near today; None: nothing of it does."""
    start, finish = project.start, project.finish
    if start is None or finish is None or finish <= start:
        return None
    length = (finish - start).days
    return _near(book, start + dt.timedelta(days=int(length * begin)), start + dt.timedelta(days=int(length * end)))


def _near(book: Book, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date] | None:
    """Whole weeks of the period, as far as it lies near today; None: too little of it does."""
    first, last = monday(max(first, book.today - BEHIND)), monday(min(last, book.today + AHEAD)) + dt.timedelta(days=4)
    return (first, last) if (last - first).days >= 18 else None


def _planned(book: Book, need: Need) -> tuple[tuple[dt.date, dt.date], int | None] | None:
    """When the plan needs the role near today, and the package where it is one alone."""
    near = [row for row in need.work if row[2] >= book.today - BEHIND and row[1] <= book.today + AHEAD]
    if not near:
        return None
    window = _near(book, min(first for _pk, first, _last in near), max(last for _pk, _first, last in near))
    return (window, near[0][0] if len(near) == 1 else None) if window is not None else None


def _of_project(book: Book, company: Company, project: Project, size: str, needs: Mapping[int, Need]) -> None:
    """Roles that the plan has work for come first; then what a project of its size has beside it."""
    rng = book.rng
    names = list(WORK)
    rng.shuffle(names)
    names.sort(key=lambda name: name not in company.roles or company.roles[name].pk not in needs)
    made = 0
    for name in names:
        role = company.roles.get(name)
        if role is None:
            continue
        need = needs.get(role.pk)
        if need is not None:
            planned = _planned(book, need)
            if planned is None:
                continue
            before = len(book.demands)
            _answered(book, project, role, *planned[0], wanted=need.people)
            for demand in book.demands[before:]:
                demand.activity_id = planned[1]
        else:
            window = _window(book, project, *WORK[name][1:])
            if window is None:
                continue
            _answered(book, project, role, *window)
        made += 1
        if made >= COUNT[size]:
            return


def _answered(
    book: Book, project: Project, role: Role, first: dt.date, last: dt.date, *, wanted: Mapping[int, int] | None = None
) -> None:  # fmt: skip
    """One demand and how it stands: mostly firm, some asked, reserved, open, unlikely. ``wanted``: who is responsible for its work."""
    rng, today = book.rng, book.today
    rate = rng.choice(RATES)
    person = book.somebody(role, first, last, wanted or {})
    dice = rng.random()
    if person is None and last <= today:
        return
    if person is None or (dice > 0.88 and last > today):
        at = book.ask(
            project,
            role,
            max(first, monday(today)),
            last,
            rate,
            probability=rng.choice((100, 100, 60)),
            priority=rng.choice((1, 2, 3, 3)),
        )
        if person is None and rng.random() < 0.4:
            book.demands[at].state = "vacancy_raised"
        return  # fmt: skip
    rate = min(rate, max(8, book.free(person, first, last)))
    if dice < 0.66 or last <= today:
        at = book.ask(project, role, first, last, rate)
        book.book(at, person, "hard")
    elif dice < 0.74:
        # One covers the first half, the rest is still asked for.
        middle = monday(first + (last - first) / 2)
        at = book.ask(project, role, first, last, rate)
        book.book(at, person, "hard", last=middle - dt.timedelta(days=3))
        book.book(at, person, "requested", first=max(middle, monday(today)))
    else:
        begin = max(first, monday(today) + dt.timedelta(weeks=1))
        if (last - begin).days < 11:
            return
        soft = dice < 0.81
        at = book.ask(
            project,
            role,
            begin,
            last,
            rate,
            person=person if rng.random() < 0.4 else None,
            probability=rng.choice((100, 80, 50)),
        )
        expires = today + dt.timedelta(days=rng.randint(1, 14)) if soft else None
        book.book(at, person, "soft" if soft else "requested", expires=expires)  # fmt: skip


def _special(book: Book, company: Company, running: list[Project]) -> None:
    """What the cast meets: Tom on two jobs at once, a reservation about to end, an offer for Paul, a vacancy."""
    tom, rita, today = company.cast["tom"], company.cast["rita"], monday(book.today)
    plc, electric = company.roles["SPS-Programmierung"], company.roles["E-Technik"]
    week = dt.timedelta(weeks=1)
    friday = dt.timedelta(days=4)
    projects = [*running[:4], *[running[0]] * (4 - min(4, len(running)))] if running else []
    if not projects:
        return
    first, second, third, fourth = projects
    at = book.ask(
        first,
        plc,
        today - 8 * week,
        today + 11 * week + friday,
        24,
        person=tom,
        priority=1,
        title="Leittechnik Elektrolyse",
    )
    book.book(at, tom, "hard")
    at = book.ask(
        second,
        plc,
        today + 2 * week,
        today + 9 * week + friday,
        24,
        person=tom,
        priority=1,
        title="Inbetriebnahme der Steuerung",
    )
    book.book(at, tom, "hard", reason=OVERTIME)
    at = book.ask(third, plc, today + 10 * week, today + 15 * week + friday, 16, title="Umbau der Steuerung")
    book.book(at, tom, "soft", expires=book.today + dt.timedelta(days=2))
    colleagues = [one for one in company.people if one.unit_id == rita.unit_id and one not in (tom, rita)]
    if len(colleagues) > 1:
        wanted, offered = colleagues[0], colleagues[1]
        at = book.ask(
            first,
            electric,
            today + 3 * week,
            today + 12 * week + friday,
            16,
            person=wanted,
            title="Schaltanlage prüfen",
            priority=2,
        )
        book.book(at, offered, "countered", instead_of=wanted)
    for number, colleague in enumerate(colleagues[2:6]):
        start = today + (2 + number) * week
        at = book.ask(
            projects[number % 4],
            electric,
            start,
            start + 8 * week + friday,
            (16, 24, 40, 12)[number],
            person=colleague,
            title=("Kabelwege planen", "Schaltschränke prüfen", "Baustelle E-Technik", "Dokumentation E-Technik")[
                number
            ],
        )
        book.book(at, colleague, "requested")
    book.ask(
        fourth,
        plc,
        today + 4 * week,
        today + 25 * week + friday,
        40,
        state="vacancy_raised",
        priority=1,
        title="Leittechnik für die Inbetriebnahme",
        note="Niemand mit dieser Rolle ist in den Wochen frei: Eine freie Mitarbeiterin oder ein freier Mitarbeiter wird gesucht.",
    )
    book.ask(second, electric, today + 6 * week, today + 17 * week + friday, 20, priority=2, title="E-Planung Nachtrag")  # fmt: skip


def _write(book: Book) -> None:
    firm: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for at, allocation, weeks in book.bookings:
        if allocation.state in FIRM:
            for week, minutes in weeks.items():
                firm[at][week] = firm[at].get(week, 0) + minutes
    for number, (demand, weeks) in enumerate(zip(book.demands, book.weeks, strict=True)):
        demand.key = f"DEM-{number + 1:04d}"
        got = covered(weeks, firm.get(number, {}))
        if demand.state == "open":
            demand.state = "filled" if got >= sum(weeks.values()) else "partly_filled" if got else "open"
    demands = Demand.objects.bulk_create(book.demands, batch_size=1000)
    for number, (at, allocation, _weeks) in enumerate(book.bookings):
        allocation.key, allocation.demand = f"ALC-{number + 1:04d}", demands[at]
    allocations = Allocation.objects.bulk_create([row for _at, row, _weeks in book.bookings], batch_size=1000)
    DemandWeek.objects.bulk_create(_demand_weeks(demands, book.weeks), batch_size=5000)
    AllocationWeek.objects.bulk_create(
        _booked_weeks(allocations, [weeks for _at, _row, weeks in book.bookings]), batch_size=5000
    )
    add_sequences({"DEM": len(demands), "ALC": len(allocations)})


def _demand_weeks(demands: Iterable[Demand], weeks: list[dict[dt.date, int]]) -> list[DemandWeek]:
    return [
        DemandWeek(demand=demand, monday=week, minutes=minutes)
        for demand, own in zip(demands, weeks, strict=True)
        for week, minutes in own.items()
        if minutes
    ]


def _booked_weeks(rows: Iterable[Allocation], weeks: list[dict[dt.date, int]]) -> list[AllocationWeek]:
    return [
        AllocationWeek(allocation=row, monday=week, minutes=minutes)
        for row, own in zip(rows, weeks, strict=True)
        for week, minutes in own.items()
        if minutes
    ]
