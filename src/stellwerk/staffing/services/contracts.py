"""Contracts: drafted from a match or by form with nothing typed twice, changed, signed, extended, ended.

What the law asks stands as guards on the transitions (``guards_contracts.py``); what follows from them in the plan in
``services/contracts_plan.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale, write
from stellwerk.core.states import advance
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.law import blocked
from stellwerk.staffing.law.freelance import SIGNS
from stellwerk.staffing.law_words import said
from stellwerk.staffing.models import Contract, Match, Profile, Signature, Vacancy
from stellwerk.staffing.selectors.contracts import limits, sides_of, to_approve
from stellwerk.staffing.selectors.contracts_prefill import prefilled
from stellwerk.staffing.services.locking import lock_person

OPEN = ("draft", "approved", "sent", "signed", "active", "extended")
MATCHED = ("both_yes", "conversation", "contract")


@transaction.atomic
def create_contract(*, values: Mapping[str, Any], by: User | None, match: Match | None = None) -> Contract:
    """A draft. With a match, vacancy and person are those of the match, and the match moves on to the contract.

    Errors: ``Invalid``, ``NotAllowed``, ``Refused`` (one is running for this person and vacancy, or the names are still covered).
    """
    filled = dict(values)
    given = match.profile if match is not None else filled.get("profile")
    lock_person(given.pk if given is not None else None)
    if match is not None:
        match = Match.objects.select_for_update().select_related("vacancy", "profile").get(pk=match.pk)
        if match.state not in MATCHED:
            raise Refused(_("Both sides must have said yes before a contract is made."), code="not_revealed")
        filled |= {"match": match, "vacancy": match.vacancy, "profile": match.profile}
    vacancy: Vacancy | None = filled.get("vacancy")
    profile: Profile | None = filled.get("profile")
    if vacancy is None or profile is None:
        raise Invalid({name: [_("Please choose.")] for name in ("vacancy", "profile") if filled.get(name) is None})
    filled |= {"organisation": vacancy.organisation, "client": vacancy.client}
    _check(None, filled)
    _check_single(vacancy, profile)
    contract = services.create(Contract, filled, by=by)
    if match is not None and match.state != "contract":
        advance(match, "sign", by=None)
    return contract


def contract_from_match(*, match: Match, by: User | None, form: str = "") -> Contract:
    """One click: everything is taken from the vacancy and the profile. Errors: as :func:`create_contract`."""
    return create_contract(values=prefilled(match.vacancy, match.profile, form), by=by, match=match)


def _check_single(vacancy: Vacancy, profile: Profile) -> None:
    Vacancy.objects.select_for_update().get(pk=vacancy.pk)
    profile.refresh_from_db(fields=["state"])  # locked before: who erases it is done, or waits
    if profile.state in {"locked", "erased"}:
        raise Refused(_("This profile is locked or erased: no contract is made with it."), code="locked")
    if vacancy.state in {"draft", "cancelled"}:
        raise Refused(_("The vacancy is not approved, or cancelled."), code="vacancy_closed")
    if Contract.objects.filter(vacancy=vacancy, profile=profile, state__in=OPEN, archived_at=None).exists():
        raise Refused(_("There is a contract for this person and vacancy already."), code="contract_exists")


def _check(contract: Contract | None, values: Mapping[str, Any]) -> None:
    """What fits together, told at the field."""

    def value(name: str) -> Any:
        return values[name] if name in values else getattr(contract, name, None)

    errors: dict[str, list[str]] = {}
    first, last, form = value("first"), value("last"), value("form")
    if first is None:
        errors["first"] = [_("Please give the first day.")]
    elif last is not None and last < first:
        errors["last"] = [_("The last day lies before the first.")]
    if form == ContractForm.FREELANCE and value("fixed_term"):
        errors["fixed_term"] = [_("A freelance contract is no employment.")]
    if form == ContractForm.PERMANENT and value("partner") is not None:
        errors["partner"] = [_("Permanent at the client: the client employs, no lending company takes part.")]
    if value("fixed_term") and last is None:
        errors["last"] = [_("A fixed-term employment needs a last day.")]
    organisation, unit = value("organisation"), value("unit_of_person")
    if unit is not None and organisation is not None and unit.organisation_id != organisation.pk:
        errors["unit_of_person"] = [_("The unit belongs to another company.")]
    if errors:
        raise Invalid(errors)


@transaction.atomic
def edit_contract(
    *, contract: Contract, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> Contract:
    """Other terms, in a draft only. Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``, ``WrongState``."""
    current = _locked(contract, by, version)
    if current.state != "draft":
        raise WrongState(_("Terms are changed in a draft only: take it back to the draft first."))
    _check(current, values)
    return services.edit(current, values, by=by, version=version, reason=reason)


def _locked(contract: Contract, by: User | None, version: int | None = None) -> Contract:
    require(by, "edit", contract)
    current = Contract.objects.select_for_update().get(pk=contract.pk)
    if current.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    if version is not None and current.version != version:
        raise stale(current, {})
    return current


@transaction.atomic
def answer_signs(
    *, contract: Contract, answers: Mapping[str, bool | None], by: User | None, version: int | None = None
) -> Contract:
    """The checklist on self-employment: true, false or not known, sign by sign. Errors: as :func:`edit_contract`, ``Invalid``."""
    current = _locked(contract, by, version)
    if current.form != ContractForm.FREELANCE:
        raise WrongState(_("The checklist belongs to freelance contracts."))
    if current.state in {"ended", "terminated"}:
        raise WrongState(_("The contract has ended."))
    known = {one.code for one in SIGNS}
    if not set(answers) <= known or not all(value in (True, False, None) for value in answers.values()):
        raise Invalid({"signs": [_("Please answer with yes, no or not known.")]})
    before = current.signs if isinstance(current.signs, dict) else {}
    after = {code: answers.get(code) for code in sorted(known)}
    changed = {f"sign_{code}": [before.get(code), value] for code, value in after.items() if before.get(code) != value}
    if not changed and before:
        return current
    # Directly: the trail names each answer by its statement, not the stored table.
    Contract.objects.filter(pk=current.pk).update(signs=after, version=current.version + 1, updated_at=timezone.now())
    current.refresh_from_db()
    record(current, by=by, verb="check", changes=changed)
    return current


@transaction.atomic
def status_asked(*, contract: Contract, by: User | None, day: dt.date | None = None) -> Contract:
    """The pension insurance was asked to clarify the status. Errors: as :func:`edit_contract`."""
    current = _locked(contract, by)
    if current.form != ContractForm.FREELANCE or current.state in {"ended", "terminated"}:
        raise WrongState(_("The checklist belongs to freelance contracts."))
    asked = day or timezone.localdate()
    if asked > timezone.localdate():
        raise Invalid({"day": [_("This day has not come yet.")]})
    return write(current, {"status_asked": asked}, by=by, verb="check")


STEPS = {"told": "told_at", "council": "council_at"}


@transaction.atomic
def confirm_step(*, contract: Contract, step: str, by: User | None) -> Contract:
    """Now: the worker was told (``told``), or the client's works council has agreed (``council``). Errors: as :func:`edit_contract`."""
    current = _locked(contract, by)
    if current.form != ContractForm.LENDING or step not in STEPS:
        raise WrongState(_("This belongs to temporary work."))
    if current.state not in {"sent", "signed"}:
        raise WrongState(_("Send the contract first: it carries the label and the name."))
    if getattr(current, STEPS[step]) is not None:
        return current
    return write(current, {STEPS[step]: timezone.now()}, by=by, verb="check")


@transaction.atomic
def record_signature(
    *, contract: Contract, side: str, name: str, way: str, signed_on: dt.date, by: User | None
) -> Signature:
    """One side has signed. Errors: ``Invalid``, ``NotAllowed``, ``WrongState`` (it has not been sent)."""
    current = _locked(contract, by)
    if current.state != "sent":
        raise WrongState(_("Signatures are recorded once the contract is sent."))
    errors: dict[str, list[str]] = {}
    if side not in sides_of(current):
        errors["side"] = [_("This side does not sign here.")]
    if not name.strip():
        errors["name"] = [_("Please give the name.")]
    if signed_on > timezone.localdate():
        errors["signed_on"] = [_("This day has not come yet.")]
    if errors:
        raise Invalid(errors)
    values = {"name": name.strip()[:160], "way": way, "signed_on": signed_on}
    before = Signature.objects.filter(contract=current, side=side).first()
    row = before or Signature(contract=current, side=side)
    for field, value in values.items():
        setattr(row, field, value)
    services.validate(row, fields=values)
    row.save()
    record(current, by=by, verb="sign", changes={"signatures": [None, f"{side} {way} {signed_on.isoformat()}"]})
    return row


# ── extension ────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def propose_extension(
    *, contract: Contract, last: dt.date, by: User | None, way: str = "text", version: int | None = None
) -> Contract:
    """A later last day; another person confirms it. The law is asked again with the new day.

    Errors: ``Invalid`` at ``last`` or ``way``, ``NotAllowed``, ``StaleEdit``, ``WrongState`` with the rule that forbids it.
    """
    current = _locked(contract, by, version)
    if current.state != "active":
        raise WrongState(_("Only a running contract is extended."))
    if current.last is None:
        raise Invalid({"last": [_("The contract has no last day: there is nothing to extend.")]})
    if last <= current.last:
        raise Invalid({"last": [_("Give a day after the present last day.")]})
    if current.fixed_term and way == "text":
        raise Invalid(
            {"way": [_("A fixed-term employment is extended by hand or with a qualified electronic signature.")]}
        )
    if way not in {"text", "qualified", "written"}:
        raise Invalid({"way": [_("Please choose.")]})
    found = [
        one for one in to_approve(current, timezone.localdate(), limits(), last=last) if one.code != "signs_unanswered"
    ]
    if blocked(found):
        raise Invalid({"last": [said(one) for one in found if one.weight == "block"]})
    written = write(current, {"extension_last": last, "extension_way": way}, by=by, verb="edit")
    return advance(written, "extend", by=by)
