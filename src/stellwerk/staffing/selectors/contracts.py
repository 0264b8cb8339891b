"""What is read about contracts: the case that the law judges, its findings, who may see which figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from stellwerk.core.models import Setting, User
from stellwerk.core.permissions import can
from stellwerk.resources.agency_clock import Span
from stellwerk.resources.models import AgencyAssignment
from stellwerk.resources.selectors.agency import limits_by_company
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.law import LAW, Finding, Limits, form, freelance, lending
from stellwerk.staffing.law.freelance import Picture, picture
from stellwerk.staffing.law.price import Margin, margin
from stellwerk.staffing.models import Contract

RELATED = (
    "organisation", "vacancy__demand__project", "profile", "client", "partner", "person__unit", "unit_of_person", "allocation", "match",
)  # fmt: skip
SIGNED = ("signed", "active", "extended", "ended", "terminated")
"""States in which the parties are or were bound."""
RUNNING = ("signed", "active", "extended")
SETTING = "staffing.law"


def limits() -> Limits:
    """The law's limits with what the organisation has set (``staffing.law``); what is no number from 1 to 120 stays the law's.

    Months of temporary work are those of ``resources.temporary_workers``, so that both clocks of the house agree.
    """
    general, _own = limits_by_company()
    found = replace(LAW, longest_months=general.months, equal_pay_months=general.equal_pay, reset_months=general.reset)
    stored = Setting.objects.filter(pk=SETTING).values_list("value", flat=True).first()
    values = stored if isinstance(stored, dict) else {}

    def months(name: str, usual: int) -> int:
        number = values.get(name)
        return number if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 120 else usual

    return replace(
        found, supplement_months=months("supplement_months", found.supplement_months),
        equal_pay_notice_days=months("equal_pay_notice_days", found.equal_pay_notice_days),
        former_employee_months=months("former_employee_months", found.former_employee_months),
        status_months=months("status_months", found.status_months),
    )  # fmt: skip


# ── the case ─────────────────────────────────────────────────────────────────────────────────────


def stays(contract: Contract) -> list[Span]:
    """Earlier assignments to the same client: told by the person, kept by people, and through other contracts here."""
    found: list[Span] = list(contract.earlier.order_by("first").values_list("first", "last"))
    same = Q(profile=contract.profile_id) if contract.profile_id else Q(pk__in=[])
    if contract.person_id:
        same |= Q(person=contract.person_id)
    others = Contract.objects.filter(same, client=contract.client_id, form=ContractForm.LENDING, state__in=SIGNED)
    begun = others.exclude(pk=contract.pk).exclude(state="terminated", first__gt=contract.first)
    found += [(first, last) for first, last in begun.values_list("first", "last") if last is not None]
    person = contract.person_id or (contract.profile.person_id if contract.profile is not None else None)
    if person and contract.client.own:
        kept = AgencyAssignment.objects.filter(person=person, organisation=contract.organisation_id)
        found += list(kept.values_list("first", "last"))
    return found


def case_of(contract: Contract, *, last: dt.date | None = None) -> lending.Lending:
    """The assignment as the law's rules read it; ``last``: another last day (an extension)."""
    known = contract.earlier_asked
    return lending.Lending(
        first=contract.first, last=last or contract.last, earlier=tuple(stays(contract)) if known else None,
        client_months=contract.client.longest_months, licence=contract.licence, licence_expires=contract.licence_expires,
        construction=contract.client.construction, agreement=contract.agreement, supplement=contract.supplement,
        pay=contract.pay, comparable=contract.comparable, left_client=contract.left_client,
        works_council=contract.client.works_council, council_at=contract.council_at, labelled_at=_local(contract.labelled_at),
        named_at=_local(contract.named_at), told_at=_local(contract.told_at),
    )  # fmt: skip


def _local(at: dt.datetime | None) -> dt.datetime | None:
    """The rules ask for the day on which something happened: the day here, not the one of UTC."""
    return timezone.localtime(at) if at is not None else None


def answers_of(contract: Contract) -> dict[str, bool | None]:
    stored = contract.signs if isinstance(contract.signs, dict) else {}
    return {one.code: stored.get(one.code) for one in freelance.SIGNS}


def picture_of(contract: Contract, rules: Limits) -> Picture | None:
    return picture(answers_of(contract), rules) if contract.form == ContractForm.FREELANCE else None


def given(contract: Contract) -> Mapping[str, tuple[str, dt.date]]:
    return {row.side: (row.way, row.signed_on) for row in contract.signatures.all()}


def sides_of(contract: Contract) -> tuple[str, ...]:
    return form.sides(contract.form, by_partner=contract.partner_id is not None)


# ── what the law says of it ──────────────────────────────────────────────────────────────────────


def to_approve(contract: Contract, today: dt.date, rules: Limits, *, last: dt.date | None = None) -> list[Finding]:
    """Before anybody approves or sends it, and before an extension."""
    case = case_of(contract, last=last) if contract.form == ContractForm.LENDING else None
    return _approved(contract, case, today, rules)


def _approved(contract: Contract, case: lending.Lending | None, today: dt.date, rules: Limits) -> list[Finding]:
    if case is not None:
        return [*lending.to_propose(case, today, rules), *lending.equal_pay(case, today, rules)]
    if contract.form == ContractForm.FREELANCE:
        asked = contract.status_asked is not None
        return freelance.to_begin(answers_of(contract), contract.first, today, asked=asked, limits=rules)
    return []


def to_sign(contract: Contract, rules: Limits) -> list[Finding]:
    return form.signatures(
        contract.form, given(contract), fixed_term=contract.fixed_term, by_partner=contract.partner_id is not None,
        limits=rules,
    )  # fmt: skip


def to_begin(contract: Contract, today: dt.date, rules: Limits) -> list[Finding]:
    if contract.form == ContractForm.LENDING:
        return lending.to_begin(case_of(contract), today, rules)
    return to_approve(contract, today, rules)


@dataclass(frozen=True)
class Gates:
    """All findings of a contract by the step that asks them."""

    approve: list[Finding]
    sign: list[Finding]
    begin: list[Finding]
    case: lending.Lending | None = None


def gates_of(contract: Contract, today: dt.date, rules: Limits) -> Gates:
    case = case_of(contract) if contract.form == ContractForm.LENDING else None
    first = _approved(contract, case, today, rules)
    seen = {one.code for one in first}
    begun = first if case is None else lending.to_begin(case, today, rules)
    before = [one for one in begun if one.code not in seen]
    return Gates(first, to_sign(contract, rules), before, case)


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Figures:
    """What this reader sees: ``pay``, ``rate``, and ``margin`` only where both; None where it is not theirs or not known."""

    pay: int | None
    rate: int | None
    comparable: int | None
    margin: Margin | None
    sees_pay: bool
    sees_rate: bool


def figures_for(user: User | None, contract: Contract, rules: Limits) -> Figures:
    sees_pay, sees_rate = can(user, "pay", contract), can(user, "rates", contract)
    both = sees_pay and sees_rate and can(user, "margin", contract)
    left = None
    if both and contract.pay is not None and contract.rate is not None and contract.form != ContractForm.PERMANENT:
        left = margin(
            contract.form, contract.rate, contract.pay, by_partner=contract.partner_id is not None, limits=rules
        )
    return Figures(
        contract.pay if sees_pay else None, contract.rate if sees_rate else None, contract.comparable if sees_pay else None, left,
        sees_pay, sees_rate,
    )  # fmt: skip


def contracts_of_person(person: int) -> QuerySet[Contract]:
    return Contract.objects.filter(person=person, archived_at=None).select_related("vacancy", "client")
