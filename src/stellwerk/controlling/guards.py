"""What forbids a step of a budget or an exception, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.controlling import guards_cases, guards_evm, guards_exceptions, guards_periods, guards_rounds  # noqa: F401 - they register their guards
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget, BudgetLine
from stellwerk.controlling.selectors.budgets import sheet_of
from stellwerk.controlling.services.approval import freeze_budget, supersede_former, write_budget
from stellwerk.controlling.services.authority import (
    CONTROLLER,
    above_authority,
    endorsed_it,
    ladder_of,
    no_endorsement,
    role_text,
)
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core.errors import Text
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, roles_that_may, users_who_can
from stellwerk.core.registry import effect, guard
from stellwerk.planning.models import Baseline

BUDGET = "controlling.budget"


@guard(BUDGET, "submit")
def something_to_approve(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Budget)
    if not BudgetLine.objects.filter(budget=obj).exists():
        return [_("It has no lines yet.")]
    try:
        sheet = sheet_of(obj)
        if obj.kind == BudgetKind.PLAN:
            ladder_of(obj)  # whose limit covers it can be said
    except MissingRate as missing:
        return [str(missing.message)]
    return [] if sheet.total or obj.kind == BudgetKind.FORECAST else [_("All amounts are 0.")]


@guard(BUDGET, "submit")
@guard(BUDGET, "approve")
def on_the_baseline_that_counts(obj: models.Model, by: User | None) -> Iterable[Text]:
    """The budget of a project with a plan stands on the approved baseline and carries its number."""
    assert isinstance(obj, Budget)
    if obj.kind != BudgetKind.PLAN:
        return []
    latest = Baseline.objects.filter(plan__project=obj.project_id, state="approved").order_by("-number").first()
    if obj.baseline_id is not None and latest is not None and latest.pk != obj.baseline_id:
        return [
            _("It stands on baseline %(old)s, but %(new)s is approved: choose that one.")
            % {"old": obj.baseline, "new": latest}
        ]
    taken = Budget.objects.filter(
        project=obj.project_id, kind=obj.kind, number=obj.number, state__in=("approved", "superseded")
    ).exclude(pk=obj.pk)
    if taken.exists():
        return [
            _("Version %(number)s is approved already: a new budget needs a new baseline.") % {"number": obj.number}
        ]
    return []


@guard(BUDGET, "approve")
def within_authority(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A budget needs a limit of authority that is high enough; a forecast is confirmed by a controller."""
    assert isinstance(obj, Budget)
    if by is None:
        return []
    if obj.kind == BudgetKind.FORECAST:
        return [] if CONTROLLER in roles_that_may(by, "approve", obj) else [_("A forecast is confirmed by the controller.")]  # fmt: skip
    return _against(above_authority, obj, by)


@guard(BUDGET, "endorse")
def above_ones_own_authority(obj: models.Model, by: User | None) -> Iterable[Text]:
    """An authority endorses what its own limit does not cover, once; then it goes on to the next higher one."""
    assert isinstance(obj, Budget)
    return [] if by is None else _against(no_endorsement, obj, by)


def _against(why: Callable[[Budget, User], str], budget: Budget, by: User) -> list[Text]:
    """What speaks against a step; an exchange rate that is missing does, too."""
    try:
        text = why(budget, by)
    except MissingRate as missing:
        text = str(missing.message)
    return [text] if text else []


@guard(BUDGET, "approve")
def not_who_endorsed(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Budget)
    if by is not None and endorsed_it(obj, by):
        yield _("Whoever endorsed it does not approve it as well: another person must do this.")


@guard(BUDGET, "supersede")
def by_the_next_approval(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Budget)
    others = Budget.objects.filter(project=obj.project_id, kind=obj.kind, state="approved").exclude(pk=obj.pk)
    if not others.exists():
        yield _("The approval of the next version supersedes this one.")


@effect(BUDGET, "approve")
def counts_from_now_on(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    supersede_former(obj, by)
    write_budget(obj, by)
    freeze_budget(obj, by)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def _words(budget: Budget) -> dict[str, str]:
    return {"budget": f"{budget.key} {budget}".strip(), "project": f"{budget.project.key} {budget.project}"}


def _deciders(budget: Budget) -> list[User]:
    """Whose turn it is: the authority it waits for, the project's sponsor first; where none is known, those whose limit is high enough."""
    able = users_who_can("approve", budget)
    if budget.awaits:
        found = [user for user in able if budget.awaits in roles_that_may(user, "approve", budget)]
    else:
        found = [user for user in able if not above_authority(budget, user)]
    sponsor = budget.project.sponsor.user if budget.project.sponsor is not None else None
    return [sponsor] if sponsor is not None and sponsor in found else found


@effect(BUDGET, "submit")
@effect(BUDGET, "endorse")
def tell_whose_turn_it_is(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    notify(
        [user for user in _deciders(obj) if user != by],
        kind="controlling.budget",
        title=lambda: _("%(project)s: %(budget)s waits for your decision") % _words(obj),
        text=_comment(obj, "endorse") if obj.endorsed_by_id else obj.reason,
        obj=obj,
    )


def _comment(budget: Budget, verb: str) -> str:
    last = AuditEntry.objects.filter(entity_type=BUDGET, entity_id=budget.pk, verb=verb).order_by("-pk").first()
    return last.reason if last is not None else ""


def _tell_who_asked(budget: Budget, by: User | None, title: Callable[[], str], text: str = "") -> None:
    entry = AuditEntry.objects.filter(entity_type=BUDGET, entity_id=budget.pk, verb="submit").order_by("-pk").first()
    if entry is not None and entry.actor is not None and entry.actor != by and can(entry.actor, "view", budget):
        notify([entry.actor], kind="controlling.budget", title=title, text=text, obj=budget)


@effect(BUDGET, "approve")
def tell_the_approval(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    _tell_who_asked(obj, by, lambda: _("%(project)s: %(budget)s is approved") % _words(obj))


@effect(BUDGET, "endorse")
def tell_the_endorsement(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    _tell_who_asked(
        obj, by,
        lambda: _("%(project)s: %(budget)s is endorsed and goes on to: %(role)s") % {**_words(obj), "role": role_text(obj.awaits)},
        _comment(obj, "endorse"),
    )  # fmt: skip


@effect(BUDGET, "reject")
def tell_the_rejection(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    _tell_who_asked(obj, by, lambda: _("%(project)s: %(budget)s is rejected") % _words(obj), _comment(obj, "reject"))
