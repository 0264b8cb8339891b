"""The course of one project: what was planned, what happened, what each report said. Pure computing, no database."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass, field
from functools import lru_cache

from stellwerk.engine import lights
from stellwerk.people.holidays import is_public_holiday

MONTHS = {"S": (5, 10), "M": (9, 18), "L": (16, 34)}
BUDGET_MILLIONS = {"S": (0.15, 1.2), "M": (0.9, 6.0), "L": (5.0, 24.0)}
GATE_SHARES = {"G0": 0.0, "G1": 0.04, "G2": 0.10, "G3": 0.78, "G4": 0.92, "G5": 1.0}
GATE_NAMES = {
    "G0": "Vorprüfung",
    "G1": "Planungsfreigabe",
    "G2": "Ausführungsfreigabe",
    "G3": "Produktivsetzung",
    "G4": "Abschlussreife",
    "G5": "Abgeschlossen",
}
RECOVERED = 0.35  # share of a delay that still shows at the gates
TEMPERS = (
    ("steady", 0.62),
    ("slipping", 0.14),
    ("expensive", 0.10),
    ("troubled", 0.05),
    ("recovering", 0.05),
    ("silent", 0.04),
)


@dataclass(frozen=True)
class Moment:
    """The project at one data date; money in cents, shares 0 to 1."""

    date: dt.date
    phase: str
    planned: float
    earned: float
    budget: int
    bac: int
    ac: int
    commitment: int
    eac: int
    cpi: float | None
    spi_t: float | None
    finish: dt.date
    gates: dict[str, dt.date]
    gate_delay: int
    lights: dict[str, str]
    unfilled: float
    exposure: float
    summary: str
    reported: bool = True


@dataclass
class Course:
    """One project from start to now."""

    size: str
    temper: str
    start: dt.date
    finish: dt.date
    budget: int
    value: int
    gates: dict[str, dt.date] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    told: list[dict[str, dt.date]] = field(default_factory=list)
    """Gates as forecast at each data date, where a plan says them; empty: they follow from the speed."""
    baselines: int = 1
    """How many baselines were approved once the work was released."""


def s_curve(share: float) -> float:
    """Share of the work planned after a share of the time (smoothstep)."""
    x = min(max(share, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def inverse_s_curve(value: float) -> float:
    """The share of time at which ``value`` of the work was planned."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if s_curve(middle) < value else (low, middle)
    return (low + high) / 2


STATES = ("HH", "NI", "MV")


def shut(day: dt.date) -> bool:
    """The company is closed from Christmas Eve to the third of January."""
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 3)


def shutdowns(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each time of closing that lies in the period or touches it."""
    turns = ((dt.date(year, 12, 24), dt.date(year + 1, 1, 3)) for year in range(first.year - 1, last.year + 1))
    return [(begin, end) for begin, end in turns if begin <= last and end >= first]


@lru_cache(maxsize=20_000)
def is_free(day: dt.date) -> bool:
    """Weekend, plant shutdown, or a public holiday in one of the states where the company has sites."""
    return day.weekday() > 4 or shut(day) or any(is_public_holiday("DE", state, day) for state in STATES)


def workday(day: dt.date) -> dt.date:
    """The day itself, or the next on which all sites work."""
    while is_free(day):
        day += dt.timedelta(days=1)
    return day


def working_days(start: dt.date, end: dt.date) -> int:
    """Days on which all sites work from start (exclusive) to end (inclusive); negative if end lies before."""
    if end < start:
        return -working_days(end, start)
    return sum(not is_free(start + dt.timedelta(days=n)) for n in range(1, (end - start).days + 1))


def later(day: dt.date, count: int) -> dt.date:
    """The working day ``count`` days after a working day."""
    for _ in range(count):
        day = workday(day + dt.timedelta(days=1))
    return day


def plan(size: str, rng: random.Random, today: dt.date, temper: str) -> Course:
    """Invent a project that is somewhere between its start and its end today."""
    months = rng.uniform(*MONTHS[size])
    days = int(months * 30.4)
    share = rng.choice((-0.05, 0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9)) + rng.uniform(-0.06, 0.06)
    start = workday(today - dt.timedelta(days=int(days * share)))
    finish = workday(start + dt.timedelta(days=days))
    low, high = BUDGET_MILLIONS[size]
    millions = math.exp(rng.uniform(math.log(low), math.log(high)))
    step = 10_000 if millions < 1 else 50_000
    budget = round(millions * 1_000_000 / step) * step * 100
    gates: dict[str, dt.date] = {}
    for code, part in GATE_SHARES.items():
        planned = workday(start + dt.timedelta(days=int(days * part)))
        gates[code] = max(planned, later(list(gates.values())[-1], 2)) if gates else planned
    finish = gates["G5"]
    return Course(size, temper, start, finish, budget, rng.randint(18, 92), gates)


def _drift(temper: str, position: float, rng: random.Random) -> tuple[float, float]:
    """Speed and cost efficiency (1 is as planned) while ``position`` goes from 0 (first report) to 1 (today)."""
    noise = rng.gauss(0, 0.006)
    courses = {
        "steady": (1.0, 1.0),
        "slipping": (1.0 - 0.10 * position, 0.99 - 0.02 * position),
        "expensive": (0.99, 1.0 - 0.085 * position),
        "troubled": (0.98 - 0.17 * position, 0.97 - 0.14 * position),
        "recovering": (0.84 + 0.13 * position, 0.93 + 0.05 * position),
        "silent": (0.97, 0.98),
    }
    speed, cost = courses[temper]
    return speed + noise, cost + noise * 0.8


def tell(course: Course, dates: list[dt.date], rng: random.Random) -> None:
    """Fill ``course.moments`` for the data dates (ascending)."""
    days = (course.finish - course.start).days
    base_speed, base_cost = rng.gauss(1.0, 0.012), rng.gauss(1.0, 0.015)
    pressure = rng.uniform(0.1, 0.5)
    previous: Moment | None = None
    for number, day in enumerate(dates):
        position = number / max(1, len(dates) - 1)
        speed, cost = _drift(course.temper, position, rng)
        elapsed = (day - course.start).days / days
        moment = _moment(course, day, elapsed, speed * base_speed, cost * base_cost, pressure, rng, previous)
        if course.temper == "silent" and number >= len(dates) - 2:
            moment = Moment(**{**moment.__dict__, "reported": False})
        course.moments.append(moment)
        previous = moment


def _moment(
    course: Course,
    day: dt.date,
    elapsed: float,
    speed: float,
    cost: float,
    pressure: float,
    rng: random.Random,
    before: Moment | None,
) -> Moment:
    planned = s_curve(elapsed)
    earned = s_curve(min(1.0, max(0.0, elapsed) * speed)) if elapsed > 0 else 0.0
    if before is not None:
        earned = max(earned, before.earned)
    started = elapsed > 0.02
    bac = course.budget
    ac = int(bac * earned / cost / 100) * 100 if started else 0
    if before is not None:
        ac = max(ac, before.ac)
    cpi = bac * earned / ac if ac else None
    spi_t = inverse_s_curve(earned) / elapsed if started and elapsed < 1.0 else None
    eac = int(bac / cpi / 100_000) * 100_000 if cpi and earned > 0.03 else bac
    commitment = (
        int((eac - ac) * min(0.6, 0.15 + earned * 0.5) / 100_000) * 100_000 if started else int(bac * 0.04 / 100) * 100
    )
    gates = course.told[len(course.moments)] if course.told else _forecast(course, day, spi_t, before)
    finish = gates["G5"]
    coming = [code for code, gate_day in gates.items() if gate_day > day]
    delays = [working_days(course.gates[code], gates[code]) for code in coming]
    delay = max(delays, default=0)
    phase = _phase(day, gates, elapsed)
    earned = 1.0 if phase == "closed" else earned
    unfilled = max(0.0, pressure * 0.14 + rng.gauss(0, 0.015) - (0.03 if course.temper == "steady" else -0.03))
    exposure = min(
        140.0, max(4.0, 30 + pressure * 110 + (30 if course.temper in {"troubled", "expensive"} else 0) - planned * 30)
    )
    coloured = _lights(spi_t, delay, eac, bac, unfilled, exposure, started, course.temper, rng)
    return Moment(
        day, phase, planned, earned, course.budget, bac, ac, commitment, eac, cpi, spi_t, finish, gates, delay, coloured,
        unfilled, exposure, summary(phase, coloured, delays[0] if delays else 0, eac - bac, coming[0] if coming else "", gates),
    )  # fmt: skip


def _forecast(course: Course, day: dt.date, spi_t: float | None, before: Moment | None) -> dict[str, dt.date]:
    """When the gates are expected. Managers recover part of what they lose before it reaches the gates."""
    length = max(1, (course.finish - course.start).days)
    slip = int(length * (1 / spi_t - 1) * RECOVERED) if spi_t else 0
    slip = slip if slip > 6 else 0
    gates: dict[str, dt.date] = {}
    for code, planned in course.gates.items():
        known = before.gates[code] if before is not None else None
        if known is not None and before is not None and known <= before.date:
            gates[code] = known
            continue
        moved = workday(planned + dt.timedelta(days=int(slip * max(0.0, (planned - course.start).days / length))))
        if before is not None and moved <= before.date:  # nothing was reached unseen
            moved = workday(before.date + dt.timedelta(days=1))
        after = list(gates.values())[-1:]
        gates[code] = max(moved, later(after[0], 2)) if after else moved
    return gates


def _phase(day: dt.date, gates: dict[str, dt.date], elapsed: float) -> str:
    if day >= gates["G5"]:
        return "closed"
    if day >= gates["G4"]:
        return "closing"
    if day >= gates["G3"]:
        return "transition"
    if day >= gates["G2"]:
        return "executing"
    return "planning" if day >= gates["G1"] else "initiating"


def _lights(
    spi_t: float | None,
    delay: int,
    eac: int,
    bac: int,
    unfilled: float,
    exposure: float,
    started: bool,
    temper: str,
    rng: random.Random,
) -> dict[str, str]:
    readings: dict[str, dict[str, float | None]] = {
        "schedule": {"spi_t": spi_t, "milestone_delay": delay},
        "cost": {"eac_overrun": (eac - bac) / bac},
        "scope": {
            "pending_changes": rng.choice((0.0, 0.0, 0.01, 0.03))
            + (0.05 if temper in {"troubled", "expensive"} else 0.0)
        },
        "quality": {"major_overdue": 1 if temper == "troubled" or rng.random() < 0.05 else 0},
        "resources": {"unfilled_need": unfilled},
        "risk": {"emv_of_contingency": exposure / 100},
    }
    found: dict[str, str] = {}
    for dimension, indicators in readings.items():
        light = lights.assess(dimension, indicators).light
        if light:
            found[dimension] = light
    return found


_NEXT = {
    "G1": "Planungsfreigabe",
    "G2": "Ausführungsfreigabe",
    "G3": "Produktivsetzung",
    "G4": "Abschlussreife",
    "G5": "Projektabschluss",
    "G0": "Vorprüfung",
}


def _about(cents: int) -> str:
    """As people say an amount: two digits that count."""
    thousands = cents / 100_000
    if thousands >= 950:
        return f"rund {thousands / 1000:.1f} Mio. €".replace(".", ",", 1)
    return f"rund {round(thousands, -1 if thousands >= 100 else 0):.0f} T€"


def summary(
    phase: str, coloured: dict[str, str], delay: int, overrun: int, gate: str, gates: dict[str, dt.date]
) -> str:
    """Two or three sentences as a project manager would write them."""
    parts = []
    if gate:
        when = f"{gates[gate]:%d.%m.%Y}"
        if delay > 4:
            parts.append(f"Die {_NEXT[gate]} ({gate}) verschiebt sich um {delay} Arbeitstage auf den {when}.")
        else:
            parts.append(f"Die {_NEXT[gate]} ({gate}) ist weiter für den {when} geplant.")
    if overrun > 5_000_000 or (overrun > 0 and coloured.get("cost") in {"amber", "red"}):
        parts.append(f"Die Prognose liegt {_about(overrun)} über dem Budget.")
    elif overrun < -5_000_000:
        parts.append("Die Prognose liegt unter dem Budget.")
    else:
        parts.append("Die Kosten liegen im Rahmen.")
    red = [name for name, light in coloured.items() if light == "red"]
    if "resources" in red:
        parts.append("Für die nächsten acht Wochen fehlen Fachkräfte, vor allem in der Leittechnik.")
    if "risk" in red:
        parts.append("Die Risikovorsorge reicht nicht mehr für die bekannten Risiken.")
    if coloured.get("quality") in {"amber", "red"}:
        parts.append("Eine Hauptabweichung aus der Prüfung ist überfällig.")
    if not red and coloured.get("schedule") == "green":
        parts.append("Das Team arbeitet im Plan." if phase == "executing" else "Die Unterlagen sind vollständig.")
    return " ".join(parts)
