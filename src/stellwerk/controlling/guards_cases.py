"""What forbids a step of a business case, and what follows from it: sealed figures, the proposal's sums, who is told."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.selectors.cases import live_model
from stellwerk.controlling.services.cases import freeze_case, supersede_former, write_years
from stellwerk.core.errors import Text
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, users_who_can
from stellwerk.core.registry import effect, guard

CASE = "controlling.businesscase"


@guard(CASE, "submit")
@guard(CASE, "sign")
def complete(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Options with “do nothing”, one of them recommended, with cost and benefit."""
    assert isinstance(obj, BusinessCase)
    model = live_model(obj)
    if model.nothing is None:
        yield _("The options lack “do nothing”: what happens if the project is not done?")
    if model.chosen is None:
        yield _("No option is recommended.")
    elif not any(one.total for one in model.chosen.drivers):
        yield _("The recommended option has no cost or benefit in any year.")
    if obj.public_sector and obj.quality_value is None and model.wibe is not None and model.wibe.npv < 0:
        yield _("The net present value is negative: the WiBe needs the quality value Q.")


@guard(CASE, "sign")
def requester_does_not_sign(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Whoever asks for the money does not check its figures, also where somebody else wrote them down."""
    assert isinstance(obj, BusinessCase)
    requester = obj.proposal.requester
    editors = AuditEntry.objects.filter(entity_type=CASE, entity_id=obj.pk, verb="edit")
    if by is None:
        return
    if (requester is not None and requester.user_id == by.pk) or editors.filter(actor=by).exists():
        yield _("Whoever wrote the figures may not sign them: another controller must do this.")


@guard(CASE, "supersede")
def by_the_next_signature(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, BusinessCase)
    if not BusinessCase.objects.filter(proposal=obj.proposal_id, state="signed").exclude(pk=obj.pk).exists():
        yield _("The signature of the next version supersedes this one.")


@effect(CASE, "sign")
def counts_from_now_on(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, BusinessCase)
    supersede_former(obj, by)
    write_years(obj, by)
    freeze_case(obj, by)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def _words(case: BusinessCase) -> dict[str, str]:
    return {"case": case.key, "proposal": f"{case.proposal.key} {case.proposal}"}


@effect(CASE, "submit")
def tell_the_controllers(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, BusinessCase)
    notify(
        [user for user in users_who_can("sign", obj) if user != by], kind="controlling.businesscase",
        title=lambda: _("%(proposal)s: the figures of %(case)s wait for your signature") % _words(obj), obj=obj,
    )  # fmt: skip


def _tell_the_author(case: BusinessCase, by: User | None, step: str) -> None:
    rows = AuditEntry.objects.filter(entity_type=CASE, entity_id=case.pk).order_by("-pk")
    entry, last = rows.filter(verb="submit").first(), rows.filter(verb=step).first()
    if entry is None or entry.actor is None or entry.actor == by or not can(entry.actor, "view", case):
        return
    titles = {
        "sign": lambda: _("%(proposal)s: the figures of %(case)s are signed") % _words(case),
        "return": lambda: _("%(proposal)s: %(case)s came back") % _words(case),
    }
    notify([entry.actor], kind="controlling.businesscase", title=titles[step], text=last.reason if last else "", obj=case)  # fmt: skip


@effect(CASE, "sign")
def tell_the_signature(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, BusinessCase)
    _tell_the_author(obj, by, "sign")


@effect(CASE, "return")
def tell_the_return(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, BusinessCase)
    _tell_the_author(obj, by, "return")
