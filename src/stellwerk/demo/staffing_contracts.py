"""Contracts of the demo company in every form and state; needs its vacancies and profiles. Driven by the services wherever the law lets them begin today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from stellwerk.core.errors import Refused
from stellwerk.core.services import next_keys
from stellwerk.core.states import advance
from stellwerk.staffing.choices import ContractForm, ProfileKind
from stellwerk.staffing.law.freelance import SIGNS
from stellwerk.staffing.models import Contract, EarlierStay, Match, Profile, Signature, Vacancy
from stellwerk.staffing.selectors.contracts import sides_of
from stellwerk.staffing.selectors.contracts_prefill import prefilled
from stellwerk.staffing.services import contracts

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

    _Make = Callable[[Company, Vacancy, Profile], None]

DAY: Final = dt.timedelta(days=1)
FREE: Final = {one.code: not one.employed for one in SIGNS}
DOUBTFUL: Final = FREE | {"told_when": True, "told_how": True, "in_team": True, "other_clients": None}
LICENCE: Final = {"licence": "AÜG-HH-2019-0471", "agreement": "GVP/DGB-Tarifwerk", "earlier_asked": True}


def add_contracts(company: Company) -> int:
    """How many were made; none where there is no vacancy or no profile yet."""
    vacancies = list(
        Vacancy.objects.exclude(state__in=("draft", "cancelled"))
        .select_related("demand__project", "client")
        .prefetch_related("terms")
        .order_by("pk")
    )
    profiles = (
        Profile.objects.filter(state="active", user=None)
        .select_related("partner")
        .prefetch_related("terms")
        .order_by("pk")
    )
    taken = set(Contract.objects.values_list("profile", flat=True))
    free = [one for one in profiles if one.pk not in taken]
    plan: tuple[tuple[_Make, ContractForm, int], ...] = (
        (_draft, ContractForm.FREELANCE, 0), (_signed, ContractForm.FREELANCE, 1), (_sent, ContractForm.LENDING, 0),
        (_doubtful, ContractForm.FREELANCE, 0), (_long_lent, ContractForm.LENDING, 1), (_permanent, ContractForm.PERMANENT, 0),
    )  # fmt: skip
    made = 0
    for make, form, place in plan:
        pair = _pair(vacancies, free, form, place)
        if pair is None:
            continue
        free.remove(pair[1])
        try:
            make(company, *pair)
            made += 1
        except Refused:  # the law: the story goes on without it
            continue
    return made


def _pair(
    vacancies: list[Vacancy], free: list[Profile], form: ContractForm, place: int
) -> tuple[Vacancy, Profile] | None:
    """A vacancy that offers the form, and who wants it: those who said yes first, then who can most of it."""
    offering = [one for one in vacancies if form in (one.contract_forms or ())]
    if not offering:
        return None
    vacancy = offering[place % len(offering)]
    wanting = [
        one for one in free if form in (one.contract_forms or _usual(one)) and not (vacancy.client.own and one.kind == ProfileKind.EMPLOYEE)
    ]  # fmt: skip
    if not wanting:
        return None
    agreed = set(
        Match.objects.filter(vacancy=vacancy, state__in=("both_yes", "conversation")).values_list("profile", flat=True)
    )
    asked = {one.term_id for one in vacancy.terms.all()}

    def fit(profile: Profile) -> tuple[bool, int]:
        return profile.pk in agreed, len(asked & {one.term_id for one in profile.terms.all()})

    return vacancy, max(wanting, key=fit)


def _usual(profile: Profile) -> tuple[ContractForm, ...]:
    """What fits somebody who names no form: our own people can be lent, others may take each."""
    return (ContractForm.LENDING,) if profile.kind == ProfileKind.EMPLOYEE else tuple(ContractForm)


def _values(company: Company, vacancy: Vacancy, profile: Profile, form: ContractForm, **more: Any) -> dict[str, Any]:
    """Prefilled as the form is; a start in three weeks, pay and rate where the vacancy says none."""
    values = prefilled(vacancy, profile, form)
    first = max(values["first"], company.today + 21 * DAY)
    last = values["last"] if values["last"] is not None and values["last"] > first else first + 180 * DAY
    yearly = form == ContractForm.PERMANENT
    money = (
        {"pay": 62_000_00, "rate": 15_500_00, "unit": "year"}
        if yearly
        else {"pay": 92_00, "rate": 114_00, "unit": "hour"}
    )
    return values | {
        "first": first, "last": None if yearly else last, "fixed_term": False,
        "unit_of_person": values["unit_of_person"] or company.cast["petra"].unit, **money, **more,
    }  # fmt: skip


def _made(company: Company, vacancy: Vacancy, profile: Profile, form: ContractForm, **more: Any) -> Contract:
    match = Match.objects.filter(vacancy=vacancy, profile=profile, state__in=("both_yes", "conversation")).first()
    return contracts.create_contract(values=_values(company, vacancy, profile, form, **more), by=None, match=match)


def _draft(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    contract = _made(company, vacancy, profile, ContractForm.FREELANCE)
    contracts.answer_signs(contract=contract, answers=FREE, by=None)


def _doubtful(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    contract = _made(company, vacancy, profile, ContractForm.FREELANCE, pay=98_00)
    contracts.answer_signs(contract=contract, answers=DOUBTFUL, by=None)


def _sent(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    """Temporary work on its way to the signatures: told and agreed are still open."""
    contract = _made(
        company, vacancy, profile, ContractForm.LENDING, pay=41_00, rate=78_00, comparable=41_00, **LICENCE
    )
    contract = advance(contract, "approve", by=None)
    advance(contract, "send", by=None)


def _signed(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    """Signed by all: the person stands in the plan."""
    contract = _made(company, vacancy, profile, ContractForm.FREELANCE)
    contracts.answer_signs(contract=contract, answers=FREE, by=None)
    contract = advance(contract, "approve", by=None)
    contract = advance(contract, "send", by=None)
    for side in sides_of(contract):
        contracts.record_signature(
            contract=contract,
            side=side,
            name=_signer(company, contract, side),
            way="text",
            signed_on=timezone.localdate(),
            by=None,
        )
    advance(contract, "sign", by=None)


def _signer(company: Company, contract: Contract, side: str) -> str:
    if side == "person" and contract.profile is not None:
        return contract.profile.full_name
    return str(company.cast["petra"]) if side == "us" else str(contract.client)


def _permanent(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    contract = _made(company, vacancy, profile, ContractForm.PERMANENT)
    advance(contract, "approve", by=None)


def _long_lent(company: Company, vacancy: Vacancy, profile: Profile) -> None:
    """Running for twelve and a half months after an earlier stay: the clock warns, equal pay is reached. Its past is written as it was."""
    first = company.today - 380 * DAY
    values = _values(company, vacancy, profile, ContractForm.LENDING, **LICENCE)
    before = timezone.make_aware(dt.datetime.combine(first - 14 * DAY, dt.time(10)))
    values |= {
        "first": first, "last": first + 430 * DAY, "pay": 43_00, "rate": 74_00, "comparable": 43_00, "organisation": vacancy.organisation,
        "client": vacancy.client, "state": "active", "labelled_at": before, "named_at": before, "told_at": before, "council_at": before,
        "sent_at": before, "key": next_keys(Contract.KEY_PREFIX)[0],
    }  # fmt: skip
    contract = Contract.objects.create(**values)
    EarlierStay.objects.create(
        contract=contract, agency="Hanse Personal GmbH", first=first - 90 * DAY, last=first - 31 * DAY
    )
    Signature.objects.bulk_create(
        Signature(
            contract=contract, side=side, name=_signer(company, contract, side), way="text", signed_on=before.date()
        )
        for side in sides_of(contract)
    )
