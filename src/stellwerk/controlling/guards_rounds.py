"""What forbids a step of an investment round, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import RoundDecision
from stellwerk.controlling.models import AuthorityLimit, InvestmentRound, RoundItem
from stellwerk.controlling.round_words import rule_text
from stellwerk.controlling.selectors.rounds import (
    RoundModel,
    hidden_keys,
    known_model,
    masked,
    problem_of,
    rule_told,
    seen_keys,
    start_of,
)
from stellwerk.controlling.services.authority import covers
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.controlling.services.rounds import decide_proposals, load_round
from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import roles_that_may, users_who_can
from stellwerk.core.registry import effect, guard
from stellwerk.engine.selection import check

ROUND = "controlling.investmentround"
SHOWN = 6


def _list(keys: Iterable[str], hidden: Collection[str]) -> str:
    """The keys; of what the reader may not see only that there is something."""
    names = list(dict.fromkeys("…" if key in hidden else key for key in keys))
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


@guard(ROUND, "close_call")
@guard(ROUND, "balance")
def has_proposals(obj: models.Model, by: User | None) -> Iterable[Text]:
    if not RoundItem.objects.filter(round=obj.pk).exists():
        yield _("There is no proposal in the round yet.")


@guard(ROUND, "balance")
def all_are_scored(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, InvestmentRound)
    open_ = RoundItem.objects.filter(round=obj.pk, proposal__score=None, proposal__mandatory=False)
    keys = list(open_.order_by("proposal__key").values_list("proposal__key", flat=True)[: SHOWN + 1])
    if keys:
        yield _("Not scored yet: %(keys)s.") % {"keys": _list(keys, hidden_keys(obj, by))}


@guard(ROUND, "propose")
def everything_is_decided(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Each proposal has a decision, those that come in are scored and signed, and no rule or limit is broken."""
    assert isinstance(obj, InvestmentRound)
    try:
        model = known_model(obj)
    except MissingRate as missing:
        yield str(missing.message)
        return
    hidden = hidden_keys(obj, by)
    undecided = [entry.key for entry in model.entries if not entry.item.decision]
    if undecided:
        yield _("Not decided yet: %(keys)s.") % {"keys": _list(undecided, hidden)}
    inside = [entry for entry in model.entries if entry.item.decision == RoundDecision.IN]
    early = [entry.key for entry in inside if entry.proposal.state not in ("scored", "approved", "converted")]
    if early:
        yield _("Not scored yet: %(keys)s.") % {"keys": _list(early, hidden)}
    unsigned = [entry.key for entry in inside if entry.case is None or entry.case.state != "signed"]
    if unsigned:
        yield _("The controller has not signed the figures of %(keys)s.") % {"keys": _list(unsigned, hidden)}
    yield from _broken(model, [entry.key for entry in inside], by)


def _broken(model: RoundModel, chosen: list[str], by: User | None) -> Iterable[Text]:
    hidden = hidden_keys(model.round, by)
    lacking = [key for key in chosen if key in model.lacking]
    for key in lacking[:SHOWN]:
        yield _("%(key)s does not go without or together with %(others)s, which is not in the round.") % {"key": masked(key, hidden), "others": ", ".join(seen_keys(model.lacking[key], by))}  # fmt: skip
    problem, _factor = problem_of(model, inside=chosen)
    for rule in check(problem, start_of(problem, chosen))[:SHOWN]:
        if rule.kind.value != "barred":
            yield rule_text(masked(rule_told(problem, rule, model), hidden), model)


@guard(ROUND, "approve")
def within_authority(obj: models.Model, by: User | None) -> Iterable[Text]:
    """The largest single amount of the round lies within the limit of authority of whoever approves it."""
    assert isinstance(obj, InvestmentRound)
    if by is None:
        return
    try:
        model = known_model(obj)
    except MissingRate as missing:
        yield str(missing.message)
        return
    costs = {entry.key: sum(entry.cost.values()) for entry in model.entries if entry.item.decision == RoundDecision.IN}
    largest = max(costs, key=lambda key: costs[key], default=None)
    if largest is None:
        yield _("Nothing is in the round.")
        return
    organisation = obj.portfolio.unit.organisation if obj.portfolio.unit is not None else None
    limits = list(AuthorityLimit.objects.filter(organisation=organisation, role__in=roles_that_may(by, "approve", obj)))
    rates = Rates({obj.currency, *(limit.currency for limit in limits)})
    today = timezone.localdate()
    if not any(covers(limit, costs[largest], obj.currency, rates, today) for limit in limits):
        if largest in hidden_keys(obj, by):
            yield _("A proposal that you do not see costs more than your limit of authority.")
            return
        yield _("%(key)s costs %(amount)s: that is above your limit of authority.") % {"key": largest, "amount": formats.money(costs[largest], obj.currency)}  # fmt: skip


@guard(ROUND, "approve")
def whoever_asks_does_not_approve(obj: models.Model, by: User | None) -> Iterable[Text]:
    if (
        by is not None
        and RoundItem.objects.filter(round=obj.pk, decision=RoundDecision.IN, proposal__requester__user=by).exists()
    ):
        yield _("Whoever asked for it may not decide it: another person must do this.")


@effect(ROUND, "approve")
def proposals_are_decided(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, InvestmentRound)
    decide_proposals(obj, by)


@effect(ROUND, "load")
def become_projects(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, InvestmentRound)
    load_round(obj, by)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


@effect(ROUND, "propose")
def tell_the_board(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, InvestmentRound)
    notify(
        [user for user in users_who_can("approve", obj) if user != by], kind="controlling.investmentround",
        title=lambda: _("%(round)s waits for the board's decision") % {"round": f"{obj.key} {obj}"}, obj=obj,
    )  # fmt: skip


@effect(ROUND, "open_call")
def tell_who_asks(obj: models.Model, by: User | None, before: str) -> None:
    """Those with proposals of the portfolio that are not decided."""
    from stellwerk.portfolio.models import Proposal

    assert isinstance(obj, InvestmentRound)
    rows = Proposal.objects.filter(portfolio=obj.portfolio_id, archived_at=None, requester__user__isnull=False)
    rows = rows.filter(state__in=("draft", "submitted", "assessment", "scored", "deferred", "returned"))
    users = {row.requester.user for row in rows.select_related("requester__user") if row.requester is not None and row.requester.user is not None}  # fmt: skip
    until = formats.day(obj.submissions_until)
    notify(
        [user for user in sorted(users, key=lambda user: user.pk) if user != by], kind="controlling.investmentround",
        title=lambda: _("%(round)s: proposals are called for until %(day)s") % {"round": str(obj), "day": until},
    )  # fmt: skip
