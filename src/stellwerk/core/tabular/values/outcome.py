"""The outcome of reading one cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from stellwerk.core.tabular.notes import Note

Kind = Literal["ok", "empty", "absent", "unreadable"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """``ok``: ``value`` holds. ``empty``: nothing there. ``absent``: the cell says that there is no value
    (``reason``: exempt, not provided, …). ``unreadable``: something is there that we do not understand.

    ``remark`` tells what the reader decided on the way, for example which day a quarter became.
    """

    value: Any
    kind: Kind = "ok"
    reason: Note | None = None
    remark: Note | None = None


EMPTY = Parsed(None, "empty")


def ok(value: object, remark: Note | None = None) -> Parsed:
    """A value that holds."""
    return Parsed(value, "ok", None, remark)


def absent(reason: Note) -> Parsed:
    """The cell says in words that there is no value."""
    return Parsed(None, "absent", reason)


def unreadable(reason: Note, remark: Note | None = None) -> Parsed:
    """The cell holds something that is not understood."""
    return Parsed(None, "unreadable", reason, remark)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole currency units (euros, not cents, not thousands) and its ISO 4217 code if the file says it."""

    amount: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Light:
    """A traffic light. ``code``: green, amber_green, amber, amber_red, red; ``reported`` is the text in the file."""

    code: str
    reported: str

    @property
    def colour(self) -> str:
        """One of the three colours; the half steps of the five-point scale are amber."""
        return self.code if self.code in ("green", "red") else "amber"

    @property
    def is_half_step(self) -> bool:
        """Whether the light stands between two of the three colours."""
        return self.code in ("amber_green", "amber_red")
