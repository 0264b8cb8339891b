"""What was understood of a profile. Age, sex, origin, photo and marital status are not in here: they are not taken from any file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Station:
    """A job, a course of study, a project: ``first`` and ``last`` as ``YYYY`` or ``YYYY-MM``; ``last`` empty: not told, ``now``: goes on."""

    kind: str  # work, education, project
    title: str = ""
    organisation: str = ""
    place: str = ""
    first: str = ""
    last: str = ""
    text: str = ""


@dataclass(frozen=True)
class Skill:
    """A term of our vocabulary (``code``) or the person's own word. ``level`` 1 to 4 only where the file tells one."""

    label: str
    code: str = ""
    kind: str = ""
    level: int | None = None
    way: str = ""  # exact, form, fuzzy; told: the file lists it as a skill
    evidence: str = ""


@dataclass(frozen=True)
class Language:
    """``level``: A1 to C2, ``native``, or empty where the file tells none."""

    code: str
    name: str
    level: str = ""


@dataclass
class Profile:
    """``left_out``: what the file tells and is not taken; ``notes``: what the person should know about the reading."""

    format: str
    name: str = ""
    mail: str = ""
    phone: str = ""
    place: str = ""
    headline: str = ""
    summary: str = ""
    links: list[str] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    skills: list[Skill] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
