"""What a file of actuals sums up to, by month and currency: the side of the reconciliation that does not look at the bookings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

MOST_OPEN: Final = 1000
"""Refused lines that are kept one by one; of more than that only the sum is known."""


@dataclass
class Part:
    """Amounts in minor units of one month and currency. ``file``: all lines that could be read; ``known``: of these, what an
    import (by its number) had booked before."""

    file: int = 0
    booked: int = 0
    refused: int = 0
    lines: int = 0
    known: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def told(self) -> dict[str, Any]:
        known = {str(batch): amount for batch, amount in sorted(self.known.items()) if amount}
        return {"file": self.file, "booked": self.booked, "refused": self.refused, "lines": self.lines, "known": known}


@dataclass
class Tally:
    """Adds up a file. ``open``: refused lines by their fingerprint, so that a later file can settle them."""

    parts: dict[tuple[str, str], Part] = field(default_factory=lambda: defaultdict(Part))
    open: list[dict[str, Any]] = field(default_factory=list)
    unreadable: int = 0

    def booked(self, month: str, currency: str, amount: int) -> None:
        part = self.parts[month, currency]
        part.lines += 1
        part.file += amount
        part.booked += amount

    def known(self, month: str, currency: str, amount: int, batch: int) -> None:
        part = self.parts[month, currency]
        part.lines += 1
        part.file += amount
        part.known[batch] += amount

    def refused(
        self, month: str, currency: str, amount: int, *, print_: str, instead: tuple[int, int] | None = None
    ) -> None:
        """``instead``: (amount, import) that the same line was booked with before."""
        part = self.parts[month, currency]
        part.lines += 1
        part.file += amount
        part.refused += amount
        if instead is not None:
            part.refused -= instead[0]
            part.known[instead[1]] += instead[0]
        elif len(self.open) < MOST_OPEN:
            self.open.append({"print": print_, "month": month, "currency": currency, "amount": amount})

    def told(self) -> dict[str, Any]:
        months: dict[str, dict[str, Any]] = {}
        for (month, currency), part in sorted(self.parts.items()):
            months.setdefault(month, {})[currency] = part.told()
        return {"parts": months, "open": self.open, "unreadable": self.unreadable}
