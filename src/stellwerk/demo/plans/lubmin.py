"""The plan of the project that every visitor opens first: the electrolysis plant in Lubmin, late by its rectifier.

Days as expected and as in the approved baseline B2, progress at the data date, and what each row waits for, by its
number. The dates are right for the week of 20 November 2026; in other weeks everything lies that much earlier or later.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

from stellwerk.demo.plans.calendars import clock
from stellwerk.demo.plans.network import Draft, Row, Tie, Variant, add_dates, number_rows
from stellwerk.demo.plans.templates import ROLES
from stellwerk.demo.story import GATE_NAMES, Course, later, workday
from stellwerk.engine.calendars import moment
from stellwerk.planning.choices import Kind

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

NAME: Final = "Elektrolyse Lubmin 20 MW"
DRAWN_FOR: Final = dt.date(2026, 11, 20)
STARTED: Final = dt.date(2026, 6, 1)
DELAYS: Final = (0, 0, 0, 0, 0, 0, 0, 2, 5, 9, 15)
"""Working days by which the gates ahead were late at the reports before the last one."""


class Line(NamedTuple):
    """``now``, ``base``: working days; ``after``: ids of predecessors, with type and lag as in ``2.1 FS+15``."""

    level: int
    wbs: str
    name: str
    role: str = ""
    now: int = 0
    base: int = 0
    percent: int = 0
    after: str = ""


LINES: Final = (
    Line(1, "1", "Auftrag und Genehmigung"),
    Line(2, "1.1", "G0", "PL"),
    Line(2, "1.2", "Auftragsklärung und Vertrag", "PL", 15, 15, 100, "1.1"),
    Line(2, "1.3", "Projekthandbuch und Terminrahmen", "PL", 7, 7, 100, "1.2"),
    Line(2, "1.4", "G1", "PL", after="1.3"),
    Line(2, "1.5", "Genehmigung nach BImSchG"),
    Line(3, "1.5.1", "Antragsunterlagen", "GM", 25, 25, 100, "1.4"),
    Line(3, "1.5.2", "Prüfung durch die Behörde", "GM", 22, 22, 100, "1.5.1"),
    Line(3, "1.5.3", "◆ Genehmigungsbescheid", "GM", after="1.5.2"),
    Line(2, "1.6", "Bestellung der Langläufer"),
    Line(3, "1.6.1", "Vergabe Gleichrichter", "EK", 33, 33, 100, "1.4"),
    Line(3, "1.6.2", "Vergabe Elektrolyse-Stacks", "EK", 44, 44, 100, "1.4"),
    Line(3, "1.6.3", "Vergabe Transformator", "EK", 48, 48, 100, "1.4"),
    Line(2, "1.7", "Budget und Freigabeunterlagen", "PC", 1, 1, 100, "1.5.3"),
    Line(2, "1.8", "G2", "PL", after="1.7"),
    Line(2, "1.9", "Projektleitung und Controlling", "PL"),
    Line(1, "2", "Engineering"),
    Line(2, "2.1", "Verfahrenstechnik (Basic)", "VT", 40, 40, 100, "1.4"),
    Line(2, "2.2", "Detail-Engineering Stack und BoP", "VT", 66, 61, 92, "2.1"),
    Line(2, "2.3", "Elektro- und Leittechnikplanung", "ET", 60, 55, 70, "2.1 FS+15"),
    Line(2, "2.4", "◆ G2.1 Engineering-Freigabe", "VT", after="2.2, 2.3"),
    Line(1, "3", "Beschaffung"),
    Line(2, "3.1", "Gleichrichter bis Lieferung", "EK", 136, 110, 45, "1.6.1"),
    Line(2, "3.2", "Elektrolyse-Stacks: Fertigung", "EK", 95, 95, 46, "1.6.2"),
    Line(2, "3.3", "Transformator 30 MVA", "EK", 100, 100, 38, "1.6.3"),
    Line(2, "3.4", "◆ Gleichrichter auf Baustelle", "EK", after="3.1"),
    Line(1, "4", "Bau"),
    Line(2, "4.1", "Tiefbau und Fundamente", "BL", 62, 59, 80, "1.8"),
    Line(2, "4.2", "Hallenstahlbau", "BL", 30, 30, 0, "4.1"),
    Line(2, "4.3", "Kabeltrassen und Erdung", "MO", 40, 40, 0, "4.1 FS+15"),
    Line(1, "5", "Montage"),
    Line(2, "5.1", "Stacks und Rohrleitungen", "MO", 40, 40, 0, "3.2, 4.2"),
    Line(2, "5.2", "Gleichrichter und Trafo", "ET", 25, 25, 0, "3.4, 3.3"),
    Line(2, "5.3", "Schaltanlage und Verkabelung", "ET", 20, 20, 0, "5.2, 4.3"),
    Line(2, "5.4", "◆ Mechanisch fertig", "MO", after="5.1, 5.3"),
    Line(1, "6", "Leittechnik und Inbetriebnahme"),
    Line(2, "6.1", "SPS-Programmierung", "SPS", 65, 65, 0, "2.4"),
    Line(2, "6.2", "Werksabnahme Leittechnik (FAT)", "SPS", 10, 10, 0, "6.1"),
    Line(2, "6.3", "Kalt-Inbetriebnahme", "IB", 15, 15, 0, "5.4, 6.2"),
    Line(2, "6.4", "Warm-Inbetriebnahme", "IB", 25, 25, 0, "6.3"),
    Line(2, "6.5", "G3", "PL", after="6.4"),
    Line(1, "7", "Übergabe"),
    Line(2, "7.1", "Probebetrieb beim Kunden", "IB", 30, 30, 0, "6.5"),
    Line(2, "7.2", "G4", "PL", after="7.1"),
    Line(1, "8", "Abschluss"),
    Line(2, "8.1", "Schlussrechnung und Abschlussbericht", "PC", 10, 10, 0, "7.2"),
    Line(2, "8.2", "G5", "PL", after="8.1"),
)
GATES: Final = tuple(GATE_NAMES)


def lubmin(company: Company) -> Draft:
    """The rows with dates as first planned, as approved and as expected now."""
    start = workday(STARTED + (company.dates[-1] - DRAWN_FOR))
    places = {line.wbs: number for number, line in enumerate(LINES)}
    rows = [_row(line, number) for number, line in enumerate(LINES)]
    ties = [
        _tie(text, places, number) for number, line in enumerate(LINES) if line.after for text in line.after.split(", ")
    ]
    effort = places["1.9"]
    ties += [Tie(places["1.1"], effort, "SS"), Tie(places["8.2"], effort, "FF")]
    draft = Draft(start, company.calendars["MV"].pk, rows, ties)
    number_rows(rows)
    variants: tuple[Variant, ...] = ("first", "second", "base", "now")
    for variant in variants:
        add_dates([draft], clock(company), variant)
    return draft


def _row(line: Line, number: int) -> Row:
    below = number + 1 < len(LINES) and LINES[number + 1].level > line.level
    days: dict[Variant, int] = {"first": line.base, "second": line.base, "base": line.base, "now": line.now}
    if below:
        return Row(line.name, line.level, Kind.WBS)
    role = ROLES[line.role]
    if line.name in GATE_NAMES:
        kind = Kind.START_MILESTONE if line.name == "G0" else Kind.MILESTONE
        return Row(f"{line.name} {GATE_NAMES[line.name]}", line.level, kind, role, line.name, days=days)
    if line.name.startswith("◆"):
        return Row(line.name.removeprefix("◆ "), line.level, Kind.MILESTONE, role, days=days)
    kind = Kind.TASK if line.now else Kind.LEVEL_OF_EFFORT
    if line.wbs == "3.2":
        days["first"] = days["second"] = 90  # B2 gave the stacks more time
    if line.wbs == "6.4":
        days["first"] = 20  # B1 the warm commissioning
    return Row(line.name, line.level, kind, role, days=days, percent=line.percent)


def _tie(text: str, places: dict[str, int], number: int) -> Tie:
    wbs, _, rest = text.partition(" ")
    return Tie(places[wbs], number, rest[:2] or "FS", int(rest[2:] or 0))


def lubmin_course(company: Company, budget: int, value: int) -> Course:
    """The story of the project as its plan tells it: gates as approved, and as forecast at each data date."""
    draft = lubmin(company)
    base, now = ({code: _day(draft, code, variant) for code in GATES} for variant in ("base", "now"))
    course = Course("L", "slipping", draft.start, base["G5"], budget, value, base, baselines=3)
    for number, date in enumerate(company.dates):
        if number == len(company.dates) - 1:
            course.told.append(now)
            continue
        delay = DELAYS[number - len(company.dates) + 1]
        course.told.append(
            {code: now[code] if now[code] <= date else min(later(day, delay), now[code]) for code, day in base.items()}
        )
    return course


def _day(draft: Draft, code: str, variant: Variant) -> dt.date:
    row = draft.row_of(code)
    assert row is not None
    return moment(row.finish[variant]).date()
