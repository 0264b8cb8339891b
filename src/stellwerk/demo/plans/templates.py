"""Which work breakdown a project of the company has, and of which size.

Notation, a line each: ``= phase``, ``- package``, ``G3`` a gate, ``◆ name | role | C 30`` a milestone at 30 % of the time
between the gates G2 and G3, ``name | role | C 10-20 *`` an activity, ``*`` on the chain that decides the gate, ``sf``
ends when the next of the chain begins, ``L`` level of effort. Segments: A ends with G1, B with G2 … E with G5.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from stellwerk.demo.plans.templates_office import CHANGE, DEVELOPMENT, SOFTWARE
from stellwerk.demo.plans.templates_plant import CONTROL, INVESTMENT, PIPELINE, PLANT, PLANT_WORDS

Nature = Literal["phase", "package", "gate", "milestone", "effort", "task"]
SEGMENTS: Final = "ABCDE"
GATES: Final = ("G0", "G1", "G2", "G3", "G4", "G5")
ROLES: Final = {
    "PL": "Projektleitung", "VT": "Verfahrenstechnik", "ET": "E-Technik", "SPS": "SPS-Programmierung", "BL": "Bauleitung",
    "KO": "Konstruktion", "EK": "Einkauf", "IB": "Inbetriebnahme", "QS": "Qualitätssicherung", "SW": "Softwareentwicklung",
    "PC": "Projektcontrolling", "MO": "Montage", "GM": "Genehmigungsmanagement",
}  # fmt: skip
COUNTS: Final = {"S": (25, 31), "M": (34, 44), "L": (46, 60)}
"""How many activities and milestones a project of a size has, if nobody asks for a number."""
FEWEST: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a template; ``begin`` and ``end`` are shares of its segment."""

    nature: Nature
    name: str
    role: str = ""
    segment: int = 0
    begin: float = 0.0
    end: float = 0.0
    main: bool = False
    sf: bool = False

    @property
    def leaf(self) -> bool:
        return self.nature not in ("phase", "package")


_PLANTS = (
    ("h2", r"Elektrolyse"),
    ("tank", r"Tankstelle|Kaverne|Verdichter"),
    ("air", r"Rauchgas|Biogas|Emission|Deponie|verbrennung"),
    ("grid", r"Umspannwerk"),
    ("heat", r"Wärmepumpe|Wärmespeicher|Heizwerk|Abwärme"),
)


@lru_cache(maxsize=64)
def template_of(name: str, kind: str) -> tuple[Line, ...]:
    """The rows of a project by its name and type."""
    if kind == "IT-Projekt":
        return parse(SOFTWARE)
    if kind == "Entwicklung":
        return parse(DEVELOPMENT)
    if kind == "Organisation":
        return parse(CHANGE)
    if re.search(r"Fernwärme|Düker|Trasse", name):
        return parse(PIPELINE)
    if re.search(r"Leitsystem|leitstelle", name):
        return parse(CONTROL)
    if kind == "Investition":
        return parse(INVESTMENT)
    words = next((code for code, pattern in _PLANTS if re.search(pattern, name)), "water")
    return parse(PLANT.format(**PLANT_WORDS[words]))


@lru_cache(maxsize=64)
def parse(text: str) -> tuple[Line, ...]:
    return tuple(_line(line) for line in text.strip().splitlines())


def _line(text: str) -> Line:
    if text.startswith("= "):
        return Line("phase", text[2:])
    if text.startswith("- "):
        return Line("package", text[2:])
    if text in GATES:
        return Line("gate", text, segment=max(0, GATES.index(text) - 1))
    name, role, when = (part.strip() for part in text.split("|"))
    if when == "L":
        return Line("effort", name, ROLES[role])
    letter, span, *flags = when.split()
    begin, _, end = span.partition("-")
    return Line(
        "milestone" if name.startswith("◆") else "task", name.removeprefix("◆ "), ROLES[role], SEGMENTS.index(letter),
        int(begin) / 100, int(end or begin) / 100, "*" in flags, "sf" in flags,
    )  # fmt: skip


def sized(lines: tuple[Line, ...], count: int, rng: random.Random) -> list[Line]:
    """The template with about ``count`` leaves: side work is left out, or activities are done in several sections."""
    leaves = [number for number, line in enumerate(lines) if line.leaf]
    if count < len(leaves):
        side = [number for number in leaves if lines[number].nature in ("task", "milestone") and not lines[number].main]
        gone = set(rng.sample(side, min(len(side), len(leaves) - max(count, FEWEST))))
        return _without_empty([line for number, line in enumerate(lines) if number not in gone])
    tasks = [number for number in leaves if lines[number].nature == "task" and not lines[number].sf]
    tasks.sort(key=lambda number: (lines[number].segment != 2, lines[number].begin - lines[number].end, number))
    parts = dict.fromkeys(tasks, 1)
    for place in range(count - len(leaves)):
        parts[tasks[place % len(tasks)]] += 1
    return [part for number, line in enumerate(lines) for part in _parts(line, parts.get(number, 1))]


def _parts(line: Line, count: int) -> list[Line]:
    if count == 1:
        return [line]
    step = (line.end - line.begin) / count
    return [
        replace(line, name=f"{line.name}, Abschnitt {n + 1}", begin=line.begin + n * step, end=line.begin + (n + 1) * step)
        for n in range(count)
    ]  # fmt: skip


def _without_empty(lines: list[Line]) -> list[Line]:
    """Packages without rows, and phases without packages, are gone too."""
    kept: list[Line] = []
    for line in reversed(lines):
        below = kept[-1].nature if kept else "phase"
        if (
            line.leaf
            or (line.nature == "package" and below not in ("phase", "package"))
            or (line.nature == "phase" and below == "package")
        ):
            kept.append(line)
    return kept[::-1]
