"""Small proposals with options for tests of business cases and rounds; amounts in thousands of euros as in domain.md 3.3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.services.cases import FlowLine, create_case, save_flows
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Proposal, ProposalOption

K = 1000_00
COSTS = (100, 10, 10, 10, 10, 10)
BENEFITS = (0, 40, 45, 50, 40, 30)
YEAR = 2027


def proposal_of(cast: Any, name: str = "Heat grid", **values: Any) -> Proposal:
    number = Proposal.objects.count() + 1
    values.setdefault("requester", cast.people["tom"])
    proposal = Proposal.objects.create(key=f"PRP-{number:04d}", name=name, portfolio=cast.portfolio, unit=cast.unit, problem="Too slow.", **values)  # fmt: skip
    ProposalOption.objects.create(proposal=proposal, order=1, name="Nothing", do_nothing=True)
    ProposalOption.objects.create(proposal=proposal, order=2, name="Build", recommended=True)
    return proposal


def years(amounts: Sequence[int], first: int = YEAR) -> dict[int, int]:
    return {first + at: amount * K for at, amount in enumerate(amounts) if amount}


def lines(
    proposal: Proposal, costs: Sequence[int] = COSTS, benefits: Sequence[int] = BENEFITS, first: int = YEAR
) -> list[FlowLine]:
    """The worked example: investment as CapEx in year 0, running cost as OpEx, one benefit."""
    build = proposal.options.get(do_nothing=False).pk
    return [
        FlowLine(1, build, "Investment", "cost", "capex", True, years(costs[:1], first)),
        FlowLine(2, build, "Running", "cost", "opex", True, years(costs[1:], first + 1)),
        FlowLine(3, build, "Less energy", "benefit", "opex", True, years(benefits, first)),
    ]


def case_of(
    cast: Any, proposal: Proposal | None = None, rows: list[FlowLine] | None = None, **values: Any
) -> BusinessCase:
    proposal = proposal or proposal_of(cast)
    case = create_case(proposal=proposal, values=values, by=cast.tom, empty=True)
    return save_flows(case=case, lines=lines(proposal) if rows is None else rows, by=cast.tom, version=case.version)


def signed(
    cast: Any, proposal: Proposal | None = None, rows: list[FlowLine] | None = None, **values: Any
) -> BusinessCase:
    case = advance(case_of(cast, proposal, rows, **values), "submit", by=cast.tom)
    return advance(case, "sign", by=cast.conny)
