"""Contracts in every form for the tests of this subject, driven through the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stellwerk.core.models import User
from stellwerk.core.states import advance
from stellwerk.resources.models import DemandWeek
from stellwerk.resources.weeks import mondays
from stellwerk.staffing.law.freelance import SIGNS
from stellwerk.staffing.models import Contract
from stellwerk.staffing.selectors.contracts import sides_of
from stellwerk.staffing.services import contracts
from stellwerk.staffing.tests.company import Staffing

TODAY = dt.date(2026, 12, 14)
"""Three weeks before the contracts of the staffing cast begin."""
FREE = {one.code: not one.employed for one in SIGNS}
"""Every answer speaks for self-employment."""


def draft(made: Staffing, profile: str = "fabian", vacancy: str = "online", **fields: Any) -> Contract:
    """A draft by Rosa, who may not approve it then."""
    values: dict[str, Any] = {
        "form": "freelance", "vacancy": made.vacancies[vacancy], "profile": made.profiles[profile], "first": dt.date(2027, 1, 4),
        "last": dt.date(2027, 6, 30), "pay": 95_00, "rate": 112_00, "unit_of_person": made.cast.unit,
        "partner": made.profiles[profile].partner,
    }  # fmt: skip
    return contracts.create_contract(values=values | fields, by=made.rosa)


def lent(made: Staffing, **fields: Any) -> Contract:
    """Frida, employed by us and lent to the client, in order but for what happens after it is sent."""
    values: dict[str, Any] = {
        "form": "lending", "pay": 40_00, "rate": 75_00, "comparable": 40_00, "licence": "AÜ-HH-1", "agreement": "GVP/DGB",
        "earlier_asked": True,
    }  # fmt: skip
    return draft(made, "frida", **values | fields)


def sent(made: Staffing, contract: Contract, by: User | None = None) -> Contract:
    if contract.form == "freelance":
        contracts.answer_signs(contract=contract, answers=FREE, by=made.rosa)
    contract = advance(contract, "approve", by=by or made.cast.conny)
    return advance(contract, "send", by=made.rosa)


def signed(made: Staffing, contract: Contract, way: str = "text", day: dt.date = TODAY) -> Contract:
    contract = sent(made, contract)
    for side in sides_of(contract):
        contracts.record_signature(
            contract=contract, side=side, name=f"Signs for {side}", way=way, signed_on=day, by=made.rosa
        )
    return advance(contract, "sign", by=made.rosa)


def running(made: Staffing, contract: Contract) -> Contract:
    """Signed and begun without waiting for its first day."""
    contract = signed(made, contract)
    Contract.objects.filter(pk=contract.pk).update(state="active")
    contract.refresh_from_db()
    return contract


def asks_hours(made: Staffing, hours: int) -> None:
    """The demand behind the raised vacancy asks so many hours in each of its weeks; its vacancy is online."""
    vacancy = made.vacancies["raised"]
    demand = vacancy.demand
    assert demand is not None
    DemandWeek.objects.bulk_create(
        DemandWeek(demand=demand, monday=day, minutes=hours * 60) for day in mondays(demand.first, demand.last)
    )
    type(vacancy).objects.filter(pk=vacancy.pk).update(state="published")
    vacancy.refresh_from_db()
