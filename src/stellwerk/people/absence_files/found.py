"""What a file says about absences, and what of it could not be used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.people.models import AbsenceKind

MOST_ROWS: Final = 2_000
MOST_BYTES: Final = 5_000_000

# Words in headings of calendar entries and in cells, folded, → reason.
WORDS: Final = {
    AbsenceKind.VACATION: ("urlaub", "vacation", "holiday", "ferien", "annual leave", "frei"),
    AbsenceKind.SICK: ("krank", "sick", "au ", "arbeitsunfahig", "kur"),
    AbsenceKind.TRAINING: ("schulung", "training", "seminar", "fortbildung", "weiterbildung", "course", "lehrgang"),
    AbsenceKind.PARENTAL: ("elternzeit", "parental", "mutterschutz", "maternity", "paternity"),
}


@dataclass(frozen=True)
class Found:
    """One absence of a file: both days included, ``part`` of each day in percent; ``who`` names the person in a table."""

    where: str
    first: dt.date
    last: dt.date
    part: int = 100
    kind: str = ""
    who: str = ""
    note: str = ""
    uid: str = ""


@dataclass(frozen=True)
class Skipped:
    """What is no absence, or not readable: where in the file, and why."""

    where: str
    why: str


@dataclass
class Reading:
    """Everything a file says; ``source`` is told with each absence."""

    source: str
    rows: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def kind_of(text: str) -> str:
    """The reason that a folded text speaks of, or an empty text."""
    padded = f"{text} "
    return next((kind.value for kind, words in WORDS.items() if any(word in padded for word in words)), "")


def refuse_size(content: bytes) -> None:
    """Errors: ``Refused`` for an empty file and one that is larger than absences can be."""
    if not content.strip():
        raise Refused(_("The file is empty."), _("Choose another file."), code="empty")
    if len(content) > MOST_BYTES:
        raise Refused(
            _("The file is larger than 5 MB."), _("Export the absences of one year or one unit."), code="too_large"
        )


def too_many() -> Refused:
    text = _("The file holds more than %(most)s entries.") % {"most": MOST_ROWS}
    return Refused(text, _("Export the absences of one year or one unit."), code="too_large")
