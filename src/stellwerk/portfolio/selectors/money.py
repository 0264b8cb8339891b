"""Money of many projects: summed by programme in the currency that most of them use."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from stellwerk.portfolio.selectors.figures import Projects, read_rows

if TYPE_CHECKING:
    from stellwerk.portfolio.selectors.board import BoardRow

MONEY_CODES: Final = ("budget", "bac", "ac", "commitment", "eac", "year.budget", "year.forecast")
TOTAL_CODES: Final = ("budget", "bac", "eac")
YEAR_CODES: Final = ("year.budget", "year.forecast")

Amounts = dict[int, dict[str, tuple[int, str]]]  # amount and currency by project and code


class Money(NamedTuple):
    """Sums in minor units. ``eac`` and ``compared`` only over projects that have both forecast and budget."""

    budget: int = 0
    actual: int = 0
    commitment: int = 0
    rest: int = 0
    eac: int = 0
    compared: int = 0
    projects: int = 0
    with_both: int = 0

    def plus(self, other: Money) -> Money:
        return Money(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def deviation(self) -> float | None:
        """(EAC − budget) / budget over comparable projects."""
        return (self.eac - self.compared) / self.compared if self.compared else None

    @property
    def total(self) -> int:
        return max(self.actual + self.commitment + self.rest, self.budget)


def added(parts: list[Money]) -> Money:
    """The sum of many, column by column."""
    return Money(*map(sum, zip(*parts, strict=True))) if parts else Money()


@dataclass
class MoneyTable:
    """Money by group of the dominant currency; ``yearly`` tells that the figures are those of the year."""

    currency: str
    groups: list[tuple[str, str, Money]]
    total: Money
    before: Money | None = None
    other_currencies: int = 0
    yearly: bool = False


def _amounts(numbers: Projects, on: dt.date, codes: tuple[str, ...]) -> Amounts:
    found: Amounts = defaultdict(dict)
    columns = "new.project_id, new.code, new.amount, new.currency"
    for number, code, amount, currency in read_rows(numbers, codes, on, columns):
        if amount is not None:
            found[number][code] = (amount, currency)
    return found


def money_table(
    rows: list[BoardRow], numbers: Projects, found: Amounts, before: Mapping[int, dt.date | None]
) -> MoneyTable | None:
    """From ``found`` (amount and currency by project and code): money by programme (or by portfolio, where no project has one) in the currency that most projects use."""
    for row in rows:
        if row.budget is not None and "budget" not in found[row.id]:
            found[row.id]["budget"] = (row.budget, row.currency)
    currencies = Counter(currency for per in found.values() for _amount, currency in per.values())
    if not currencies:
        return None
    currency = currencies.most_common(1)[0][0]
    mine = {n: {c: a for c, (a, cur) in per.items() if cur == currency} for n, per in found.items()}
    yearly = not any("eac" in per or "ac" in per for per in mine.values()) and any(
        "year.forecast" in per for per in mine.values()
    )
    members: dict[tuple[str, str], list[Money]] = defaultdict(list)
    for row in rows:
        per = mine.get(row.id)
        if per:
            members[row.programme].append(_project_money(per, yearly))
    groups = {key: added(parts) for key, parts in members.items()}
    total = added(list(groups.values()))
    listed = sorted(((key, name, money) for (key, name), money in groups.items()), key=lambda g: -g[2].total)
    table = MoneyTable(currency, listed, total, yearly=yearly)
    table.other_currencies = sum(
        1 for per in found.values() if per and all(cur != currency for _a, cur in per.values())
    )
    days = [day for day in before.values() if day is not None]
    if days and total.deviation is not None:
        parts = []
        for number, per_code in _amounts(numbers, max(days), YEAR_CODES if yearly else TOTAL_CODES).items():
            per = {code: amount for code, (amount, cur) in per_code.items() if cur == currency}
            if "bac" not in per and "budget" not in per and "budget" in mine.get(number, {}):
                per["budget"] = mine[number]["budget"]
            parts.append(_project_money(per, yearly))
        table.before = added(parts)
    return table


def _project_money(per: Mapping[str, int], yearly: bool) -> Money:
    budget = per.get("year.budget") if yearly else per.get("bac", per.get("budget"))
    eac = per.get("year.forecast") if yearly else per.get("eac")
    actual, commitment = (0, 0) if yearly else (per.get("ac", 0), per.get("commitment", 0))
    rest = max(0, (eac if eac is not None else 0) - actual - commitment)
    both = budget is not None and eac is not None
    return Money(
        budget or 0, actual, commitment, rest, eac or 0 if both else 0, budget or 0 if both else 0, 1, 1 if both else 0
    )
