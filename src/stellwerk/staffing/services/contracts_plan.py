"""What a signed contract does to the plan: the person, their rate, the booking for the demand, the vacancy; and what its end does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.services import write
from stellwerk.core.states import advance
from stellwerk.people.models import EmploymentType, Person
from stellwerk.people.models.rates import RateKind
from stellwerk.people.services.persons import create_person, edit_person, is_erased
from stellwerk.people.services.rates import set_person_rate
from stellwerk.resources.models import AgencyAssignment
from stellwerk.resources.services.hired import book_hired, extend_hired, shorten_hired
from stellwerk.resources.weeks import DAY
from stellwerk.staffing.choices import ContractForm, PayUnit
from stellwerk.staffing.law.price import cost_of
from stellwerk.staffing.models import Contract
from stellwerk.staffing.selectors.contracts import RUNNING, limits
from stellwerk.staffing.selectors.contracts_prefill import hourly

FULL_TIME = Decimal(40)
LONGEST = Decimal(60)


def person_here(contract: Contract) -> bool:
    """Does the person work in our plan? Not where an outside client employs them and no demand of ours is filled."""
    return contract.form != ContractForm.PERMANENT or contract.client.own or contract.vacancy.demand_id is not None


def employment(contract: Contract) -> EmploymentType:
    """Lent to us by a partner: a temporary worker; our own whom we lend: an employee."""
    if contract.form == ContractForm.FREELANCE:
        return EmploymentType.FREELANCER
    if contract.form == ContractForm.LENDING and contract.partner_id is not None:
        return EmploymentType.TEMPORARY
    return EmploymentType.EMPLOYEE


def known_person(contract: Contract) -> Person | None:
    """The person of the profile, of its account, or with its address in our company; nobody whose data were erased."""
    profile = contract.profile
    if profile is None:
        return None
    found = profile.person
    if found is None and profile.user_id is not None:
        found = Person.objects.filter(user=profile.user_id).first()
    if found is None and profile.email:
        rows = Person.objects.filter(email__iexact=profile.email, unit__organisation=contract.organisation_id)
        found = rows.order_by("pk").first()
    return None if found is None or is_erased(found) else found


@transaction.atomic
def put_into_plan(contract: Contract, by: User | None) -> Contract:
    """Signed: the person with employment, unit and dates, the rate, the booking, the vacancy. By Stellwerk, for the contract's sake."""
    if person_here(contract):
        person = _person(contract)
        _rate(contract, person)
        allocation = None
        demand = contract.vacancy.demand
        if demand is not None:
            until = contract.last or demand.last
            allocation = book_hired(
                demand=demand,
                person=person,
                first=contract.first,
                last=until,
                reason=_("Contract %(key)s") % {"key": contract.key},
            )
        contract = write(contract, {"person": person, "allocation": allocation}, by=None, verb="edit")
    _fill_vacancy(contract)
    return contract


def _person(contract: Contract) -> Person:
    profile = contract.profile
    assert profile is not None  # guards_contracts.py: nothing is signed without a profile
    known = known_person(contract)
    hours = min(contract.weekly_hours, LONGEST)
    if known is not None and _employed_by_us(known, contract.first):
        person = known  # stays what they are; the contract only books them
    else:
        kind = employment(contract)
        unit = contract.unit_of_person or (known.unit if known is not None else None)
        assert unit is not None  # guards_contracts.py
        values: dict[str, Any] = {
            "unit": unit, "employment_type": kind, "weekly_hours": hours, "fte": min(Decimal(1), (hours / FULL_TIME).quantize(Decimal("0.01"))),
            "entry_date": contract.first, "exit_date": contract.last,
        }  # fmt: skip
        role = contract.vacancy.role or (contract.vacancy.demand.role if contract.vacancy.demand else None)
        if role is not None:
            values["role"] = role
        if known is None:
            person = create_person(
                {"first_name": profile.first_name, "last_name": profile.last_name, "email": profile.email, "phone": profile.phone, "user": _free_user(contract)} | values,
                by=None,
            )  # fmt: skip
        else:
            _keep_past(known, contract)
            person = edit_person(known, _joined(known, values), by=None)
        _tell_clock(person, contract)
    if profile.person_id != person.pk:
        write(profile, {"person": person}, by=None, verb="edit")
    return person


def _employed_by_us(person: Person, day: dt.date) -> bool:
    return person.employment_type == EmploymentType.EMPLOYEE and (person.exit_date is None or person.exit_date >= day)


def _free_user(contract: Contract) -> User | None:
    user = contract.profile.user if contract.profile is not None else None
    return None if user is None or Person.objects.filter(user=user).exists() else user


def _joined(person: Person, values: dict[str, Any]) -> dict[str, Any]:
    """Whoever goes on without a break keeps the first day."""
    ends, begins = person.exit_date, values["entry_date"]
    if person.entry_date is not None and person.entry_date <= begins and (ends is None or ends >= begins - DAY):
        return values | {"entry_date": person.entry_date}
    return values


def _keep_past(person: Person, contract: Contract) -> None:
    """An earlier stay as a temporary worker counts for the clock once entry and exit are those of the new contract."""
    if person.employment_type != EmploymentType.TEMPORARY or person.entry_date is None or person.exit_date is None:
        return
    if person.exit_date < contract.first - DAY:
        AgencyAssignment.objects.get_or_create(
            person=person, organisation=person.unit.organisation, first=person.entry_date, last=person.exit_date
        )


def _tell_clock(person: Person, contract: Contract) -> None:
    """What the person told of other agencies stands with the person, so that there is one clock."""
    if person.employment_type != EmploymentType.TEMPORARY or not contract.client.own:
        return
    for one in contract.earlier.all():
        AgencyAssignment.objects.get_or_create(
            person=person,
            organisation=person.unit.organisation,
            first=one.first,
            last=one.last,
            defaults={"agency": one.agency},
        )


def _rate(contract: Contract, person: Person) -> None:
    """What an hour costs us, from the first day; a rate that holds already stays (controllers keep rates)."""
    if contract.pay is None or (contract.unit == PayUnit.YEAR and not contract.weekly_hours):
        return
    pay = hourly(contract.pay, contract.unit, contract.weekly_hours)
    if pay is None:
        return
    own = employment(contract) == EmploymentType.EMPLOYEE
    amount = cost_of("lending" if own else contract.form, pay, by_partner=not own, limits=limits())
    values = {
        "person": person, "kind": RateKind.INTERNAL if own else RateKind.EXTERNAL, "amount": amount, "currency": contract.currency,
        "valid_from": contract.first, "valid_to": contract.last,
    }  # fmt: skip
    try:
        with transaction.atomic():
            set_person_rate(values, by=None)
    except Invalid:
        return


def _fill_vacancy(contract: Contract) -> None:
    """Filled once as many contracts are signed as there are positions."""
    vacancy = type(contract.vacancy).objects.select_for_update().get(pk=contract.vacancy_id)
    signed = Contract.objects.filter(vacancy=vacancy, state__in=RUNNING, archived_at=None).count()
    if signed >= vacancy.positions and vacancy.state in {"approved", "published", "on_hold"}:
        advance(vacancy, "fill", by=None)


@transaction.atomic
def extend_in_plan(contract: Contract, by: User | None) -> None:
    """Extended: the person stays longer, the booking follows as far as the demand reaches."""
    person, last = contract.person, contract.last
    if person is None or last is None:
        return
    if not _employed_by_us(person, contract.first) and person.exit_date is not None and person.exit_date < last:
        edit_person(person, {"exit_date": last}, by=None)
    if contract.allocation is not None:
        extend_hired(allocation=contract.allocation, last=last, reason=_("Contract %(key)s") % {"key": contract.key})


@transaction.atomic
def end_in_plan(contract: Contract, by: User | None, *, cut_short: bool) -> None:
    """Ended or terminated: the person leaves on the last day, hours after it are given back, the demand is open again."""
    last = contract.last or timezone.localdate()
    nothing_worked = cut_short and contract.first > timezone.localdate()
    allocation = contract.allocation
    if allocation is not None and cut_short:
        until = contract.first - DAY if nothing_worked else last
        shorten_hired(
            allocation=allocation, last=until, reason=_("Contract %(key)s has ended") % {"key": contract.key}, by=None
        )
    person = contract.person
    if person is None or is_erased(person):
        return
    others = Contract.objects.filter(person=person, state__in=RUNNING).exclude(pk=contract.pk).exists()
    if others or (person.exit_date is not None and person.exit_date <= last):
        return
    if employment(contract) == person.employment_type and person.entry_date == contract.first:
        edit_person(person, {"exit_date": max(last, person.entry_date)}, by=None)
