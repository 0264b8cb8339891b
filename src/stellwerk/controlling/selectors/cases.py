"""A business case as the engine sees it: from its drivers while it is being made, from its snapshot once it is signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from stellwerk.controlling.choices import FlowKind
from stellwerk.controlling.models import BusinessCase, CaseFlow, CaseFlowYear
from stellwerk.core.models import Snapshot
from stellwerk.core.snapshots import contents, latest
from stellwerk.engine.investment import Bar, Case, Comparison, Kind, Line, Wibe, compare, tornado, wibe
from stellwerk.portfolio.models import Proposal

SNAPSHOT = "controlling.case"
FROZEN = ("signed", "superseded")


@dataclass(frozen=True)
class Driver:
    """A line of a case as it is shown: ``key`` names it in the engine, amounts in minor units by calendar year."""

    key: str
    name: str
    kind: str
    spending: str
    budget_effective: bool
    amounts: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.amounts.values())


@dataclass(frozen=True)
class OptionModel:
    """One option with its drivers."""

    key: str
    name: str
    do_nothing: bool
    recommended: bool
    drivers: tuple[Driver, ...]

    def case(self, rate: Fraction, years: Iterable[int]) -> Case:
        wanted = list(years)
        return Case(
            tuple(
                Line(
                    one.key, Kind(one.kind), tuple(one.amounts.get(year, 0) for year in wanted),
                    budget_effective=one.budget_effective,
                )
                for one in self.drivers
            ),
            rate,
        )  # fmt: skip


@dataclass
class CaseModel:
    """All options of a case over the same years; the first of them is year 0. ``rate`` is a ratio (0.08 = 8 %)."""

    currency: str
    rate: Fraction
    swing: Fraction
    public_sector: bool
    quality: Decimal | None
    external: Decimal | None
    options: tuple[OptionModel, ...]
    snapshot: Snapshot | None = None
    years: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = {year for option in self.options for one in option.drivers for year in one.amounts}
        self.years = list(range(min(found), max(found) + 1)) if found else []

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The options that have drivers; doing nothing counts 0 where nothing is said about it."""
        return {
            one.key: one.case(self.rate, self.years)
            for one in self.options
            if self.years and (one.drivers or one.do_nothing)
        }

    @property
    def chosen(self) -> OptionModel | None:
        """The recommended option, else the only one that does something."""
        active = [one for one in self.options if not one.do_nothing]
        marked = [one for one in self.options if one.recommended]
        return marked[0] if marked else active[0] if len(active) == 1 else None

    @property
    def nothing(self) -> OptionModel | None:
        return next((one for one in self.options if one.do_nothing), None)

    @property
    def case(self) -> Case | None:
        """The case of the chosen option."""
        return self.cases.get(self.chosen.key) if self.chosen is not None else None

    @cached_property
    def comparison(self) -> Comparison | None:
        """All options by net present value, each against doing nothing (or the first, where that is missing)."""
        if not self.cases:
            return None
        nothing = self.nothing
        base = nothing.key if nothing is not None and nothing.key in self.cases else next(iter(self.cases))
        return compare(self.cases, base)

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        step = min(self.swing, Fraction(99, 100))
        return tornado(self.case, step) if self.case is not None and self.case.length else ()

    @cached_property
    def wibe(self) -> Wibe | None:
        if not self.public_sector or self.case is None:
            return None
        return wibe(self.case, self.quality, self.external)


def model_of(case: BusinessCase) -> CaseModel:
    """What is signed comes from its snapshot, whatever has been written since; the rest from the drivers."""
    snapshot = snapshot_of(case) if case.state in FROZEN else None
    return _from_payload(snapshot) if snapshot is not None else live_model(case)


def snapshot_of(case: BusinessCase) -> Snapshot | None:
    return latest(case, SNAPSHOT)


def live_model(case: BusinessCase) -> CaseModel:
    return live_models([case])[case.pk]


def live_models(cases: Iterable[BusinessCase], known: Iterable[Proposal] = ()) -> dict[int, CaseModel]:
    """Several cases from their drivers, in four queries; ``known``: their proposals, where the caller has them."""
    rows = list(cases)
    amounts: dict[int, dict[int, int]] = {}
    years = CaseFlowYear.objects.filter(flow__case__in=[row.pk for row in rows]).order_by("year")
    for flow, year, amount in years.values_list("flow_id", "year", "amount"):
        amounts.setdefault(flow, {})[year] = amount
    drivers: dict[tuple[int, int], list[Driver]] = {}
    flows = CaseFlow.objects.filter(case__in=[row.pk for row in rows])
    for flow_ in sorted(flows, key=lambda one: (one.kind != FlowKind.COST, one.order, one.pk)):
        driver = Driver(
            str(flow_.pk), flow_.name, flow_.kind, flow_.spending, flow_.budget_effective, amounts.get(flow_.pk, {})
        )
        drivers.setdefault((flow_.case_id, flow_.option_id), []).append(driver)
    options: dict[int, list[Any]] = {}
    wanted = {row.proposal_id for row in rows}
    proposals = [one for one in known if one.pk in wanted] or list(Proposal.objects.filter(pk__in=wanted))
    prefetch_related_objects(proposals, "options")
    currencies = {}
    for proposal in proposals:
        options[proposal.pk], currencies[proposal.pk] = list(proposal.options.all()), proposal.currency
    return {
        row.pk: CaseModel(
            currencies[row.proposal_id], _ratio(row.discount_rate), _ratio(row.swing), row.public_sector, row.quality_value,
            row.external_effects,
            tuple(
                OptionModel(
                    str(one.pk), one.name, one.do_nothing, one.recommended, tuple(drivers.get((row.pk, one.pk), ()))
                )
                for one in options[row.proposal_id]
            ),
        )
        for row in rows
    }  # fmt: skip


def _ratio(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


# ── the frozen form ──────────────────────────────────────────────────────────────────────────────


def payload_of(case: BusinessCase) -> dict[str, Any]:
    """What the controller signs: every driver, the rate, and the figures that follow from them."""
    model = live_model(case)
    return {
        "key": case.key, "proposal": case.proposal.key, "number": case.number, "currency": model.currency,
        "discount_rate": str(case.discount_rate), "swing": str(case.swing), "public_sector": case.public_sector,
        "quality": _text(case.quality_value), "external": _text(case.external_effects), "assumptions": case.assumptions,
        "options": [
            {
                "key": option.key, "name": option.name, "do_nothing": option.do_nothing, "recommended": option.recommended,
                "drivers": [
                    {
                        "key": one.key, "name": one.name, "kind": one.kind, "spending": one.spending,
                        "budget_effective": one.budget_effective,
                        "amounts": {str(year): amount for year, amount in sorted(one.amounts.items())},
                    }
                    for one in option.drivers
                ],
            }
            for option in model.options
        ],
        "figures": figures_of(model),
    }  # fmt: skip


def figures_of(model: CaseModel) -> dict[str, Any]:
    """The figures of the chosen option as exact texts; undefined ones are None."""
    case = model.case
    if case is None:
        return {}
    found = case.appraisal
    return {
        "npv": _text(found.npv), "irr": [str(rate) for rate in found.irr.rates], "payback": _text(found.payback),
        "discounted_payback": _text(found.discounted_payback), "bcr": _text(found.bcr),
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _from_payload(snapshot: Snapshot) -> CaseModel:
    told = contents(snapshot)
    options = tuple(
        OptionModel(
            option["key"], option["name"], option["do_nothing"], option["recommended"],
            tuple(
                Driver(
                    one["key"], one["name"], one["kind"], one["spending"], one["budget_effective"],
                    {int(year): amount for year, amount in one["amounts"].items()},
                )
                for one in option["drivers"]
            ),
        )
        for option in told["options"]
    )  # fmt: skip
    return CaseModel(
        told["currency"], _ratio(Decimal(told["discount_rate"])), _ratio(Decimal(told["swing"])), told["public_sector"],
        _decimal(told["quality"]), _decimal(told["external"]), options, snapshot,
    )  # fmt: skip


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def signed_case(proposal: Proposal) -> BusinessCase | None:
    """The version that counts now."""
    return BusinessCase.objects.filter(proposal=proposal, state="signed").order_by("-number").first()
