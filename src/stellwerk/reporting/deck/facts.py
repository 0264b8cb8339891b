"""What the payload says, counted once. Titles and key messages take their numbers from here and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from stellwerk.core.documents.numbers import Lang, Numbers, Scale, scale_for
from stellwerk.core.documents.scene import WIDE, Page
from stellwerk.reporting.payload import (
    DIMENSIONS,
    Amounts,
    CycleCounts,
    DecisionLine,
    DeckPayload,
    DependencyLine,
    IssueLine,
    MilestoneLine,
    Money,
    MoneyRow,
    RiskLine,
    StatusPayload,
    add_amounts,
)

_RANK = {"red": 0, "amber": 1, "grey": 2, "green": 3, None: 4}
SLIP_DAYS = 5  # working days beyond which a milestone counts as slipping (domain: green up to 5)


class ClaimError(RuntimeError):
    """A sentence of the deck would contradict its data. Never caught: a wrong deck must not leave the house."""


def claim(condition: bool, what: str) -> None:
    if not condition:
        raise ClaimError(what)


@dataclass(frozen=True)
class Slip:
    project: StatusPayload
    milestone: MilestoneLine
    days: int


class Facts:
    """Counts, orders and sums over one deck payload, with its language and money units, and the page that they are laid out for."""

    def __init__(self, payload: DeckPayload, lang: Lang, page: Page = WIDE) -> None:
        self.payload = payload
        self.page = page
        self.numbers = Numbers(lang)
        self.lang = lang
        claim(sum(self.counts.values()) == self.total, "lights do not add up to the projects")

    # ------------------------------------------------ projects

    @property
    def total(self) -> int:
        return len(self.payload.projects)

    @cached_property
    def projects(self) -> tuple[StatusPayload, ...]:
        """By need for action: overall light, number of red and amber lights, cost overrun, key."""

        def need(project: StatusPayload) -> tuple[object, ...]:
            values = [project.light(name).value for name in DIMENSIONS]
            half = {"worse": 0, None: 1, "better": 2}[project.overall.half_step]
            worse = 0 if project.overall.arrow == "down" else 1
            overrun = self.overrun(project) or Decimal(0)
            return (
                _RANK[project.overall.value],
                half,
                -values.count("red"),
                -values.count("amber"),
                worse,
                -overrun,
                project.key,
            )

        return tuple(sorted(self.payload.projects, key=need))

    @cached_property
    def counts(self) -> Counter[str | None]:
        return Counter(project.overall.value for project in self.payload.projects)

    def with_light(self, value: str | None) -> list[StatusPayload]:
        return [project for project in self.projects if project.overall.value == value]

    @cached_property
    def newly_red(self) -> list[StatusPayload]:
        return [p for p in self.with_light("red") if p.overall.previous not in (None, "red")]

    @cached_property
    def worse(self) -> list[StatusPayload]:
        """Overall light changed for the worse among red, amber and green."""
        return [p for p in self.projects if self._moved(p) < 0]

    @cached_property
    def better(self) -> list[StatusPayload]:
        return [p for p in self.projects if self._moved(p) > 0]

    @staticmethod
    def _moved(project: StatusPayload) -> int:
        order = {"red": 0, "amber": 1, "green": 2}
        now, before = order.get(project.overall.value or ""), order.get(project.overall.previous or "")
        return 0 if now is None or before is None else now - before

    @cached_property
    def has_previous(self) -> bool:
        return any(project.overall.previous is not None for project in self.payload.projects)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that at least one project assesses."""
        return tuple(name for name in DIMENSIONS if any(p.light(name).value is not None for p in self.payload.projects))

    @cached_property
    def all_reported(self) -> bool:
        """Every light that is there was reported or imported, none computed."""
        lights = [p.light(name) for p in self.payload.projects for name in ("overall", *DIMENSIONS)]
        shown = [light for light in lights if light.value is not None]
        return bool(shown) and all(light.source == "reported" for light in shown)

    @cached_property
    def history(self) -> tuple[CycleCounts, ...]:
        rows = sorted(self.payload.history, key=lambda row: row.on)[-6:]
        return tuple(rows)

    # ------------------------------------------------ money

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        found = {money.currency for money in self._all_money()}
        return tuple(sorted(found))

    def _all_money(self) -> Iterable[Money]:
        rows = [p.money.total for p in self.payload.projects if p.money is not None]
        rows += [row.amounts for row in self.payload.money]
        for row in rows:
            for name in Amounts.__dataclass_fields__:
                value = getattr(row, name)
                if value is not None:
                    yield value
        for decision in self.decisions:
            if decision.impact_money is not None:
                yield decision.impact_money
        for _project, risk in self.risks:
            if risk.emv is not None:
                yield risk.emv

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """One unit per currency for the whole deck, chosen by the largest amount shown."""
        largest: dict[str, int] = {}
        for money in [*self._all_money(), *(m for row in self.money_totals for m in _amounts(row.amounts))]:
            largest[money.currency] = max(largest.get(money.currency, 0), abs(money.minor))
        return {currency: scale_for(currency, amount) for currency, amount in largest.items()}

    def scale(self, currency: str) -> Scale:
        return self.scales.get(currency) or Scale(currency, 3)

    @property
    def unit(self) -> str:
        """Unit of all amounts, empty when several currencies occur (then every amount carries its own)."""
        return self.numbers.unit(self.scale(self.currencies[0])) if len(self.currencies) == 1 else ""

    def amount(self, money: Money | None, sign: bool = False) -> str:
        """For table cells: without unit where the heading can name it."""
        if money is None:
            return "–"
        if len(self.currencies) == 1:
            return self.numbers.amount(money.minor, self.scale(money.currency), sign)
        return self.money(money, sign)

    def money(self, money: Money | None, sign: bool = False) -> str:
        return "–" if money is None else self.numbers.money(money.minor, self.scale(money.currency), sign)

    def value(self, money: Money | None) -> Decimal | None:
        """The exact amount in the deck's unit."""
        return None if money is None else self.scale(money.currency).value(money.minor)

    @staticmethod
    def overrun(project: StatusPayload) -> Decimal | None:
        """EAC over BAC as a ratio (0.13 = 13 % over)."""
        if project.money is None:
            return None
        return ratio_over(project.money.total.eac, project.money.total.bac)

    @cached_property
    def money_rows(self) -> tuple[MoneyRow, ...]:
        """By programme; a payload without rows gets them from its projects (only projects with amounts are added)."""
        return self.payload.money or programme_rows(self.payload.projects)

    @cached_property
    def money_totals(self) -> tuple[MoneyRow, ...]:
        """One row per currency, added up from the rows."""
        totals = []
        for currency in sorted({_currency(row.amounts) for row in self.money_rows} - {""}):
            rows = [row for row in self.money_rows if _currency(row.amounts) == currency]
            counted, missing = sum(row.projects for row in rows), sum(row.without_data for row in rows)
            totals.append(MoneyRow("", add_amounts(row.amounts for row in rows), counted, missing))
        return tuple(totals)

    # ------------------------------------------------ the rest

    @cached_property
    def decisions(self) -> tuple[DecisionLine, ...]:
        if self.payload.decisions:
            return self.payload.decisions
        from dataclasses import replace

        found = [
            replace(line, project_key=line.project_key or p.key, project_name=line.project_name or p.name)
            for p in self.payload.projects
            for line in p.decisions
        ]
        return tuple(sorted(found, key=lambda line: (line.due or date.max, line.project_key)))

    @cached_property
    def risks(self) -> list[tuple[StatusPayload, RiskLine]]:
        rows = [(p, risk) for p in self.payload.projects for risk in p.risks]
        return sorted(
            rows,
            key=lambda row: (-(row[1].score or 0), -(row[1].emv.minor if row[1].emv else 0), row[0].key, row[1].key),
        )

    @cached_property
    def issues(self) -> list[tuple[StatusPayload, IssueLine]]:
        order = {"critical": 0, "high": 1, "medium": 2, "low": 3}
        rows = [(p, issue) for p in self.payload.projects for issue in p.issues]
        return sorted(
            rows, key=lambda row: (order.get(row[1].severity, 4), row[1].due or date.max, row[0].key, row[1].key)
        )

    @cached_property
    def slips(self) -> list[Slip]:
        """Open milestones and gates later than planned by more than :data:`SLIP_DAYS` working days, worst first."""
        rows = [
            Slip(p, m, m.delta_days)
            for p in self.payload.projects
            for m in p.milestones
            if m.actual is None and m.delta_days is not None and m.delta_days > SLIP_DAYS
        ]
        return sorted(rows, key=lambda row: (-row.days, row.project.key, row.milestone.forecast or date.max))

    @cached_property
    def next_gates(self) -> list[tuple[StatusPayload, MilestoneLine]]:
        """Gates forecast within twelve weeks after the data date."""
        today = self.payload.data_date
        rows = [
            (p, m)
            for p in self.payload.projects
            for m in p.milestones
            if m.is_gate and m.actual is None and m.forecast is not None and 0 <= (m.forecast - today).days <= 84
        ]
        return sorted(rows, key=lambda row: (row[1].forecast or date.max, row[0].key))

    @cached_property
    def dependencies(self) -> tuple[DependencyLine, ...]:
        rows = self.payload.dependencies or tuple(
            dict.fromkeys(line for p in self.payload.projects for line in p.dependencies)
        )
        return tuple(
            sorted(
                rows,
                key=lambda line: (
                    -(line.delta_days if line.delta_days is not None else -999),
                    line.needed_by or date.max,
                ),
            )
        )


def ratio_over(value: Money | None, base: Money | None) -> Decimal | None:
    """value / base - 1, None where undefined."""
    if value is None or base is None or base.minor == 0 or value.currency != base.currency:
        return None
    return Decimal(value.minor) / Decimal(base.minor) - 1


def _amounts(row: Amounts) -> list[Money]:
    return [value for name in Amounts.__dataclass_fields__ if (value := getattr(row, name)) is not None]


def _currency(row: Amounts) -> str:
    found = {money.currency for money in _amounts(row)}
    return found.pop() if len(found) == 1 else ""


def programme_rows(projects: Iterable[StatusPayload]) -> tuple[MoneyRow, ...]:
    """Amounts by programme (and currency).

    Added up are the columns that at least half of the projects with money know, over the projects that know all of them, so
    that all columns of a row speak of the same projects. The others are counted in ``without_data``, not guessed.
    """
    projects = tuple(projects)
    known = [(p, p.money.total) for p in projects if p.money is not None and _currency(p.money.total)]
    columns = [
        name
        for name in Amounts.__dataclass_fields__
        if 2 * sum(getattr(amounts, name) is not None for _p, amounts in known) >= max(len(known), 1)
    ]
    groups: dict[tuple[str, str], list[Amounts]] = {}
    missing: Counter[str] = Counter()
    for project in projects:
        amounts = project.money.total if project.money is not None else Amounts()
        if columns and _currency(amounts) and all(getattr(amounts, name) is not None for name in columns):
            groups.setdefault((project.programme, _currency(amounts)), []).append(amounts)
        else:
            missing[project.programme] += 1
    return tuple(
        MoneyRow(name, add_amounts(rows), len(rows), missing.pop(name, 0))
        for (name, _code), rows in sorted(groups.items())
    )
