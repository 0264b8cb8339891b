"""An investment round as a problem of selection: what its proposals cost, need and bring, its limits and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

import numpy as np
from django.db.models import Sum
from django.utils import timezone

from stellwerk.controlling.models import BusinessCase, InvestmentRound, RoundItem, RoundLimit
from stellwerk.controlling.selectors.cases import live_models
from stellwerk.controlling.selectors.strategy import alignments
from stellwerk.controlling.services.rates import Rates
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.money import minor
from stellwerk.engine.selection import (
    NONE,
    UNLIMITED,
    Exclusions,
    Items,
    Kind,
    Needs,
    Problem,
    Resources,
    Rule,
    RuleKind,
)
from stellwerk.engine.selection.model import LARGEST
from stellwerk.people.models import Role
from stellwerk.portfolio.models import Project, Proposal, ProposalCapacity, ProposalYear

MEASURES: Final = ("score", "npv", "alignment")
"""What is made as large as possible: points of the scoring model, net present value, points of strategic alignment."""
MONEY: Final = "money"


@dataclass
class Entry:
    """A proposal of a round. Cost by year in minor units of the round's currency, hours by (role, year), both as they are.

    ``npv`` comes from the signed (else the newest) case, in minor units of the round's currency; ``value``: what counts in the selection.
    """

    item: RoundItem
    proposal: Proposal
    cost: dict[int, int] = field(default_factory=dict)
    hours: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    npv: int | None = None
    alignment: Decimal | None = None
    case: BusinessCase | None = None
    benefit: int = 0

    @property
    def key(self) -> str:
        return self.proposal.key

    def total(self, years: Collection[int]) -> int:
        return sum(amount for year, amount in self.cost.items() if year in years)

    def value(self, measure: str) -> Decimal | int | None:
        return {"score": self.proposal.score, "npv": self.npv, "alignment": self.alignment}[measure]


@dataclass
class RoundModel:
    """A round with all that its selection needs."""

    round: InvestmentRound
    entries: list[Entry]
    years: list[int]
    roles: list[Role]
    limits: dict[tuple[int | None, int], int]
    """(role or None for money, year) → amount in minor units, or hours."""
    needs: list[tuple[str, str]] = field(default_factory=list)
    exclusions: list[tuple[str, str]] = field(default_factory=list)
    lacking: dict[str, list[str]] = field(default_factory=dict)
    """Proposals that cannot be in, with the keys of what they need or exclude outside of the round."""

    @property
    def by_key(self) -> dict[str, Entry]:
        return {entry.key: entry for entry in self.entries}

    def resources(self) -> list[tuple[int | None, str]]:
        """Money first, then every role that somebody needs or that has a limit."""
        return [(None, MONEY), *((role.pk, str(role)) for role in self.roles)]


def model_of(round_: InvestmentRound) -> RoundModel:
    items = list(
        RoundItem.objects.filter(round=round_).select_related("proposal__portfolio", "proposal__requester", "proposal__sponsor", "project").order_by("proposal__key")
    )  # fmt: skip
    years = list(range(round_.first_year, round_.first_year + round_.years))
    entries = [Entry(item, item.proposal) for item in items]
    currencies = {round_.currency, *(entry.proposal.currency for entry in entries)}
    rates = Rates(currencies) if len(currencies) > 1 else None
    _costs(entries, round_, rates)
    _hours(entries, years)
    _cases(entries, round_, rates)
    found = alignments(proposals=[entry.proposal.pk for entry in entries])
    for entry in entries:
        entry.alignment = found.get(entry.proposal.pk)
    limits = {(row.role_id, row.year): row.amount for row in RoundLimit.objects.filter(round=round_)}
    numbers = {role for entry in entries for role, _year in entry.hours} | {role for role, _year in limits if role}
    model = RoundModel(round_, entries, years, list(Role.objects.filter(pk__in=numbers)), limits)
    _relations(model)
    return model


def _costs(entries: list[Entry], round_: InvestmentRound, rates: Rates | None) -> None:
    """Of the recommended option, else of the only one that does something. Raises ``MissingRate``."""
    by_proposal = {entry.proposal.pk: entry for entry in entries}
    options: dict[int, dict[int, tuple[bool, bool]]] = {}
    years: dict[int, list[tuple[int, int, int]]] = {}
    rows = ProposalYear.objects.filter(option__proposal__in=by_proposal).order_by("option", "year")
    for proposal, option, nothing, recommended, year, cost, benefit in rows.values_list(
        "option__proposal", "option", "option__do_nothing", "option__recommended", "year", "cost", "benefit"
    ):
        options.setdefault(proposal, {})[option] = (nothing, recommended)
        years.setdefault(option, []).append((year, cost, benefit))
    for proposal, known in options.items():
        marked = [option for option, (_nothing, recommended) in known.items() if recommended]
        active = [option for option, (nothing, _recommended) in known.items() if not nothing]
        if not marked and len(active) != 1:
            continue
        entry = by_proposal[proposal]
        for year, cost, benefit in years[(marked or active)[0]]:
            if cost:
                entry.cost[year] = _converted(cost, entry.proposal.currency, round_.currency, rates)
            entry.benefit += _converted(benefit, entry.proposal.currency, round_.currency, rates)


def _converted(amount: int, currency: str, into: str, rates: Rates | None) -> int:
    """At the rate of today. Raises ``MissingRate``."""
    return amount if rates is None else rates.convert(amount, currency, into, timezone.localdate())


def _hours(entries: list[Entry], years: list[int]) -> None:
    by_proposal = {entry.proposal.pk: entry for entry in entries}
    rows = ProposalCapacity.objects.filter(proposal__in=by_proposal, year__in=years).order_by()
    for proposal, role, year, hours in rows.values_list("proposal", "role", "year").annotate(h=Sum("hours")):
        if hours:
            by_proposal[proposal].hours[role, year] = hours


def _cases(entries: list[Entry], round_: InvestmentRound, rates: Rates | None) -> None:
    """The case that counts of each proposal: the signed one, else the newest."""
    newest: dict[int, BusinessCase] = {}
    rows = BusinessCase.objects.filter(proposal__in=[entry.proposal.pk for entry in entries], archived_at=None)
    for case in rows.order_by("number"):
        if case.state == "signed" or newest.get(case.proposal_id) is None or newest[case.proposal_id].state != "signed":
            newest[case.proposal_id] = case
    models = live_models(newest.values(), [entry.proposal for entry in entries])
    for entry in entries:
        entry.case = newest.get(entry.proposal.pk)
        model = models[entry.case.pk] if entry.case is not None else None
        if model is not None and model.case is not None:
            entry.npv = _converted(minor(model.case.appraisal.npv), model.currency, round_.currency, rates)


def _relations(model: RoundModel) -> None:
    """Prerequisites and exclusions between the proposals; what has become a project already is settled."""
    inside = {entry.proposal.pk: entry.key for entry in model.entries}
    needs = Proposal.prerequisites.through.objects.filter(from_proposal__in=inside)
    against = Proposal.exclusions.through.objects.filter(from_proposal__in=inside)
    pairs = [(row.from_proposal_id, row.to_proposal_id) for row in needs]
    barring = [(row.from_proposal_id, row.to_proposal_id) for row in against]
    others = {other for _one, other in (*pairs, *barring)} - set(inside)
    settled = set(Project.objects.filter(proposal__in=others, archived_at=None).exclude(phase="stopped").values_list("proposal", flat=True))  # fmt: skip
    names = dict(Proposal.objects.filter(pk__in=others).values_list("pk", "key"))
    for one, other in pairs:
        if other in inside:
            model.needs.append((inside[one], inside[other]))
        elif other not in settled:
            model.lacking.setdefault(inside[one], []).append(names[other])
    done: set[frozenset[int]] = set()
    for one, other in barring:
        if other in inside:
            if frozenset((one, other)) not in done:
                done.add(frozenset((one, other)))
                model.exclusions.append((inside[one], inside[other]))
        elif other in settled:
            model.lacking.setdefault(inside[one], []).append(names[other])
    model.needs.sort()
    model.exclusions.sort()


def hidden_keys(round_: InvestmentRound, user: User | None) -> set[str]:
    """Keys of proposals in the round that this reader may not see: they are counted and not named."""
    rows = Proposal.objects.filter(pk__in=RoundItem.objects.filter(round=round_.pk).values("proposal"))
    return set(rows.exclude(visible(user, Proposal)).values_list("key", flat=True))


def seen_keys(keys: Collection[str], user: User | None) -> list[str]:
    """These keys of proposals, with “…” for those that the reader may not see."""
    if not keys:
        return []
    seen = set(Proposal.objects.filter(visible(user, Proposal), key__in=keys).values_list("key", flat=True))
    return [key if key in seen else "…" for key in keys]


def masked(told: Any, hidden: Collection[str]) -> Any:
    """What was told of a selection, with “…” for keys that the reader may not know; what was told of these alone is left out.

    By how much a limit is missed is left out too: from it and what they see, readers could tell what the hidden ones cost.
    """
    if isinstance(told, Mapping):
        return {
            name: None if hidden and name == "missing" else masked(value, hidden)
            for name, value in told.items() if name not in hidden
        }  # fmt: skip
    if isinstance(told, list):
        return [masked(value, hidden) for value in told]
    return "…" if isinstance(told, str) and told in hidden else told


def masked_history(user: User, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes of rounds name proposals by key: those that the reader may not see are left out of all entries."""
    named = {text for changes in entries for text in (*changes, *_texts(changes.values()))}
    there = Proposal.objects.filter(key__in=named)
    hidden = set(there.exclude(visible(user, Proposal)).values_list("key", flat=True)) if named else set()
    return [masked(changes, hidden) if hidden else changes for changes in entries]


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts(value)


def known(told: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A selection for a reader from whom some proposals are hidden: sums over all of them are left out (domain.md section 1)."""
    found: dict[str, Any] = masked(told, hidden)
    if not hidden:
        return found
    found |= {name: None for name in ("value", "bound", "gap", "binding") if name in found}
    found |= {name: [] for name in ("uses", "next", "frontier") if name in found}
    if found.get("greedy"):
        found["greedy"] |= {"value": None}
    for item in found.get("items", {}).values():
        if "…" in (*item.get("entering", ()), *item.get("leaving", ())):
            item["loss"] = None
    return found


def known_model(round_: InvestmentRound) -> RoundModel:
    """The model that a page has read of this very object already, else a fresh one."""
    known = round_.__dict__.get("_round_model")
    return known if isinstance(known, RoundModel) else model_of(round_)


def remember(round_: InvestmentRound, model: RoundModel) -> None:
    """For the guards of the steps that the same page offers."""
    round_.__dict__["_round_model"] = model


# ── the problem ──────────────────────────────────────────────────────────────────────────────────


def problem_of(
    model: RoundModel,
    *,
    measure: str = "score",
    percent: int = 100,
    inside: Iterable[str] = (),
    outside: Iterable[str] = (),
) -> tuple[Problem, int]:
    """The problem and by how much its values were multiplied. Money in whole units of the currency: needs rounded up, limits rounded down.

    ``percent``: of all money limits. ``inside`` and ``outside``: keys that are decided already. A proposal without a value cannot be
    ranked: it is out unless it is mandatory. Raises ``ProblemError``.
    """
    kept_in, kept_out = set(inside), set(outside)
    values = [entry.value(measure) for entry in model.entries]
    numbers, factor = _whole_values(values, measure, model.round.currency)
    resources = model.resources()
    demand = np.zeros((len(model.entries), len(resources), len(model.years)), np.int64)
    limit = np.full((len(resources), len(model.years)), UNLIMITED, np.int64)
    place = {resource: row for row, (resource, _name) in enumerate(resources)}
    column = {year: at for at, year in enumerate(model.years)}
    digits = formats.minor_digits(model.round.currency)
    for row, entry in enumerate(model.entries):
        for year, amount in entry.cost.items():
            if year in column:
                demand[row, 0, column[year]] = -(-amount // 10**digits)
        for (role, year), hours in entry.hours.items():
            if year in column:
                demand[row, place[role], column[year]] = int(hours.to_integral_value(ROUND_CEILING))
    for (resource, year), amount in model.limits.items():
        if year in column and resource in place:
            limit[place[resource], column[year]] = amount * percent // 100 // 10**digits if resource is None else amount
    mandatory = np.array([entry.proposal.mandatory or entry.key in kept_in for entry in model.entries], np.bool_)
    barred = np.array(
        [
            not must and (entry.key in kept_out or entry.key in model.lacking or value is None)
            for entry, value, must in zip(model.entries, values, mandatory, strict=True)
        ],
        np.bool_,
    )
    rows = {entry.key: at for at, entry in enumerate(model.entries)}
    problem = Problem(
        Items(tuple(rows), numbers, mandatory, barred),
        Resources(
            tuple(str(resource or MONEY) for resource, _name in resources),
            tuple(Kind.BUDGET if resource is None else Kind.CAPACITY for resource, _name in resources), limit,
        ),
        demand,
        Needs(_places(rows, model.needs, 0), _places(rows, model.needs, 1)),
        Exclusions(_places(rows, model.exclusions, 0), _places(rows, model.exclusions, 1)),
    )  # fmt: skip
    return problem, factor


def _places(rows: Mapping[str, int], pairs: list[tuple[str, str]], side: int) -> np.ndarray:
    return np.array([rows[pair[side]] for pair in pairs], np.int64)


def _whole_values(values: list[Decimal | int | None], measure: str, currency: str) -> tuple[np.ndarray, int]:
    """Points × 100, money in whole units."""
    if measure == "npv":
        units = [0 if value is None else int(formats.major(int(value), currency)) for value in values]
        return np.clip(np.array(units, np.int64), -LARGEST, LARGEST), 1
    return np.array([0 if value is None else int(Decimal(value) * 100) for value in values], np.int64), 100


def start_of(problem: Problem, chosen: Collection[str]) -> np.ndarray:
    """The set as the engine writes it."""
    return np.array([0 if key in chosen else NONE for key in problem.items.key], np.int64)


def rule_told(problem: Problem, rule: Rule, model: RoundModel) -> dict[str, Any]:
    """A rule by keys, so that any reader may be told in their language."""
    keys = problem.items.key
    told: dict[str, Any] = {"kind": rule.kind.value}
    if rule.kind is RuleKind.NEED:
        return told | {"item": keys[int(problem.needs.item[rule.row])], "other": keys[int(problem.needs.needed[rule.row])]}  # fmt: skip
    if rule.kind is RuleKind.EXCLUSION:
        both = problem.exclusions
        return told | {"item": keys[int(both.first[rule.row])], "other": keys[int(both.second[rule.row])]}
    if rule.kind is RuleKind.LIMIT:
        resource = model.resources()[rule.row][0]
        return told | {"resource": resource, "year": model.years[rule.period], "missing": int(rule.missing)}
    if rule.kind in (RuleKind.GROUP_LEAST, RuleKind.GROUP_MOST):
        return told
    return told | {"item": keys[rule.row]}


@dataclass
class Totals:
    """What a set of proposals takes and brings."""

    count: int
    score: Decimal
    npv: int
    cost: int
    by_year: dict[int, int]
    hours: dict[tuple[int, int], Decimal]


def totals_of(model: RoundModel, chosen: Collection[str]) -> Totals:
    entries = [entry for entry in model.entries if entry.key in chosen]
    by_year = {year: sum(entry.cost.get(year, 0) for entry in entries) for year in model.years}
    hours: dict[tuple[int, int], Decimal] = {}
    for entry in entries:
        for place, value in entry.hours.items():
            hours[place] = hours.get(place, Decimal(0)) + value
    return Totals(
        len(entries), sum((entry.proposal.score or Decimal(0) for entry in entries), Decimal(0)),
        sum(entry.npv or 0 for entry in entries), sum(by_year.values()), by_year, hours,
    )  # fmt: skip


def limits_told(model: RoundModel) -> Mapping[str, int]:
    return {f"{role or MONEY}:{year}": amount for (role, year), amount in sorted(model.limits.items(), key=lambda row: (row[0][0] or 0, row[0][1]))}  # fmt: skip
