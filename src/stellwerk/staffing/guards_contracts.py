"""What forbids a step of a contract (the law, who decides, what is missing), and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import archive_guard, effect, guard
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.law import Finding, Weight
from stellwerk.staffing.law_words import said
from stellwerk.staffing.models import Contract
from stellwerk.staffing.notices_contracts import tell_step
from stellwerk.staffing.selectors.contracts import limits, to_approve, to_begin, to_sign
from stellwerk.staffing.services.contracts_plan import (
    end_in_plan,
    extend_in_plan,
    known_person,
    person_here,
    put_into_plan,
)

CONTRACT = "staffing.contract"


def _blocking(findings: Iterable[Finding]) -> list[str]:
    return [said(one) for one in findings if one.weight is Weight.BLOCK]


@guard(CONTRACT, "approve")
@guard(CONTRACT, "send")
def may_be_offered(obj: models.Model, by: User | None) -> Iterable[Text]:
    """The law's limits, and the figures that a contract is about."""
    assert isinstance(obj, Contract)
    missing = []
    if obj.pay is None:
        missing.append(_("The pay is still missing."))
    if obj.rate is None and not obj.client.own:
        missing.append(_("The rate to the client is still missing."))
    if obj.profile is None:
        missing.append(_("The profile has been erased."))
    return [*missing, *_blocking(to_approve(obj, timezone.localdate(), limits()))]


@guard(CONTRACT, "sign")
def signed_by_all(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Contract)
    found = _blocking(to_sign(obj, limits()))
    if obj.profile is None:
        found.append(_("The profile has been erased."))
    elif person_here(obj) and obj.unit_of_person_id is None and known_person(obj) is None:
        found.append(_("Name the unit in which the person works."))
    return found


@guard(CONTRACT, "begin")
def law_before_the_start(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Contract)
    today = timezone.localdate()
    early = [_("It begins on %(day)s.") % {"day": formats.day(obj.first)}] if obj.first > today else []
    return [*early, *_blocking(to_begin(obj, today, limits()))]


@guard(CONTRACT, "extend")
def has_a_new_day(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Contract)
    return [] if obj.extension_last is not None else [_("Say until when.")]


@guard(CONTRACT, "resume")
def extension_is_lawful(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Contract)
    if obj.extension_last is None:
        return [_("Say until when.")]
    found = to_approve(obj, timezone.localdate(), limits(), last=obj.extension_last)
    if obj.form == ContractForm.FREELANCE:
        found = [one for one in found if one.code != "signs_unanswered"]
    return _blocking(found)


@effect(CONTRACT, "rework")
def signatures_fall_away(obj: models.Model, by: User | None, before: str) -> None:
    """What was signed was another text."""
    assert isinstance(obj, Contract)
    obj.signatures.all().delete()


@effect(CONTRACT, "sign")
def into_the_plan(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Contract)
    put_into_plan(obj, by)


@effect(CONTRACT, "resume")
def longer_in_the_plan(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Contract)
    extend_in_plan(obj, by)


@effect(CONTRACT, "end")
def out_of_the_plan(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Contract)
    end_in_plan(obj, by, cut_short=True)


@effect(CONTRACT, "terminate")
def cut_out_of_the_plan(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Contract)
    if before != "sent":
        end_in_plan(obj, by, cut_short=True)


@effect(CONTRACT, "*")
def told(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Contract)
    tell_step(obj, by, before)


@archive_guard(CONTRACT)
def nothing_running(contract: Contract) -> Iterable[Text]:
    if contract.state in {"signed", "active", "extended"}:
        yield _("The contract is running: end it first.")
