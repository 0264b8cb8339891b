"""Investment rounds: submissions, limits, decisions, and what an approved round becomes: projects with their budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind, FlowKind, RoundDecision
from stellwerk.controlling.models import Budget, InvestmentRound, RoundItem, RoundLimit
from stellwerk.controlling.selectors.budgets import approved_budget
from stellwerk.controlling.selectors.cases import model_of as case_model
from stellwerk.controlling.selectors.cases import signed_case
from stellwerk.controlling.services import budget_sources
from stellwerk.controlling.services.budget_sources import Draft
from stellwerk.controlling.services.budgets import create_budget
from stellwerk.core import services
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can, require
from stellwerk.core.services import record
from stellwerk.core.states import advance
from stellwerk.engine.earned_value import Profile, phase
from stellwerk.people.models import Role
from stellwerk.portfolio.models import PortfolioBudget, Project, Proposal

OPEN_STATES: Final = ("draft", "call_open", "submissions_closed", "evaluation", "balancing")
"""Proposals, limits and decisions may change until the board has the round."""
CALLS: Final = ("assessment", "scored", "approved", "deferred", "submitted")
"""States of a proposal that may stand in a round."""
BIGGEST: Final = 10**15
ROUND = "controlling.investmentround"


# ── making ───────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_round(*, values: Mapping[str, Any], by: User | None) -> InvestmentRound:
    """A round with the portfolio's scoring model and, where it has yearly budgets, these as limits. Errors: ``NotAllowed``, ``Invalid``."""
    portfolio = values["portfolio"]
    filled = {"scoring_model": portfolio.scoring_model, "currency": portfolio.currency} | {k: v for k, v in values.items() if v not in (None, "")}  # fmt: skip
    round_ = services.create(InvestmentRound, filled, by=by)
    years = range(round_.first_year, round_.first_year + round_.years)
    if round_.currency == portfolio.currency:
        RoundLimit.objects.bulk_create(
            RoundLimit(round=round_, year=row.year, amount=row.amount)
            for row in PortfolioBudget.objects.filter(portfolio=portfolio, year__in=years)
        )
    return round_


def _open(round_: InvestmentRound) -> InvestmentRound:
    """The locked row, while it may still change. Errors: ``WrongState``, ``Refused``."""
    locked = InvestmentRound.objects.select_for_update().select_related("portfolio").get(pk=round_.pk)
    if locked.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    if locked.state not in OPEN_STATES:
        raise WrongState(
            _("The round is before the board or decided: nothing changes any more."),
            _("Send it back to balancing first."),
        )
    return locked


def _touch(round_: InvestmentRound) -> None:
    InvestmentRound.objects.filter(pk=round_.pk).update(version=F("version") + 1, updated_at=timezone.now())


@transaction.atomic
def set_limits(
    *, round_: InvestmentRound, limits: Mapping[tuple[int | None, int], int], by: User | None
) -> InvestmentRound:
    """Replace all limits: (role or None for money, year) → minor units, or hours. Errors: ``NotAllowed``, ``WrongState``, ``Invalid``."""
    require(by, "edit", round_)
    round_ = _open(round_)
    years = range(round_.first_year, round_.first_year + round_.years)
    roles = set(Role.objects.filter(pk__in={role for role, _year in limits if role}).values_list("pk", flat=True))
    for (role, year), amount in limits.items():
        if year not in years:
            raise Invalid({"limits": [_("%(year)s is not a year of the round.") % {"year": year}]})
        if role is not None and role not in roles:
            raise Invalid({"limits": [_("There is no such project role.")]})
        if not 0 <= amount <= BIGGEST:
            raise Invalid({"limits": [_("A limit is 0 or more: check the sign.")]})
    before = {(row.role_id, row.year): row.amount for row in RoundLimit.objects.filter(round=round_)}
    if before == dict(limits):
        return round_
    RoundLimit.objects.filter(round=round_).delete()
    RoundLimit.objects.bulk_create(
        RoundLimit(round=round_, role_id=role, year=year, amount=amount) for (role, year), amount in limits.items()
    )
    _touch(round_)
    keys = sorted({*before, *limits}, key=lambda key: (key[0] or 0, key[1]))
    changes = {f"{role or 'money'} {year}": [before.get((role, year)), limits.get((role, year))] for role, year in keys if before.get((role, year)) != limits.get((role, year))}  # fmt: skip
    record(round_, by=by, verb="edit", changes=changes)
    return round_


# ── submissions ──────────────────────────────────────────────────────────────────────────────────


def may_submit(user: User, round_: InvestmentRound, proposal: Proposal) -> bool:
    """Who runs the round, and while the call is open who asks for the money."""
    if round_.state not in OPEN_STATES or proposal.archived:
        return False
    if can(user, "edit", round_):
        return True
    requester = proposal.requester.user_id if proposal.requester is not None else None
    return round_.state == "call_open" and requester == user.pk


def open_round(user: User, proposal: Proposal) -> InvestmentRound | None:
    """The round of its portfolio into which this user may submit it now."""
    rows = InvestmentRound.objects.filter(portfolio=proposal.portfolio_id, state__in=OPEN_STATES, archived_at=None)
    rows = rows.exclude(items__proposal=proposal).select_related("portfolio__unit").order_by("first_year", "pk")
    return next((row for row in rows if may_submit(user, row, proposal)), None)


@transaction.atomic
def submit_proposals(*, round_: InvestmentRound, proposals: Collection[Proposal], by: User) -> list[RoundItem]:
    """Proposals into the round; what is in it already stays. Errors: ``NotAllowed``, ``WrongState``, ``Invalid`` (another portfolio, decided)."""
    round_ = _open(round_)
    inside = set(RoundItem.objects.filter(round=round_).values_list("proposal", flat=True))
    rows = []
    for proposal in proposals:
        if proposal.pk in inside:
            continue
        if not may_submit(by, round_, proposal):
            raise NotAllowed()
        if proposal.portfolio_id != round_.portfolio_id:
            raise Invalid({"proposals": [_("%(key)s belongs to another portfolio.") % {"key": proposal.key}]})
        if proposal.state not in CALLS or Project.objects.filter(proposal=proposal).exists():
            raise Invalid({"proposals": [_("%(key)s is not submitted, or decided already.") % {"key": proposal.key}]})
        if proposal.scoring_model_id is None and round_.scoring_model_id is not None:
            services.write(proposal, {"scoring_model": round_.scoring_model}, by=None, reason=round_.key)
        rows.append(RoundItem(round=round_, proposal=proposal))
    made = RoundItem.objects.bulk_create(rows)
    if made:
        _touch(round_)
        record(round_, by=by, verb="edit", changes={"items": [None, [item.proposal.key for item in made]]})
    return made


@transaction.atomic
def remove_item(*, item: RoundItem, by: User | None) -> None:
    """Out of the round altogether. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "edit", item.round)
    round_ = _open(item.round)
    record(round_, by=by, verb="edit", changes={"items": [[item.proposal.key], None]})
    item.delete()
    _touch(round_)


# ── decisions ────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def decide(*, round_: InvestmentRound, decisions: Mapping[int, tuple[str, str]], by: User | None) -> InvestmentRound:
    """What is to be done with proposals, by number of the item: (decision, reason). What is left out or put off needs a reason.

    Errors: ``NotAllowed``, ``WrongState`` (not balancing), ``Invalid`` by ``item-7``.
    """
    require(by, "select", round_)
    round_ = _open(round_)
    if round_.state != "balancing":
        raise WrongState(_("Decisions are prepared while the round is balanced."))
    items = {item.pk: item for item in RoundItem.objects.filter(round=round_).select_related("proposal")}
    errors: dict[str, list[str]] = {}
    changes: dict[str, list[Any]] = {}
    for number, (decision, reason) in decisions.items():
        item, reason = items.get(number), reason.strip()[:300]
        if item is None or decision not in RoundDecision.values:
            errors[f"item-{number}"] = [_("There is no such proposal in the round, or no such decision.")]
            continue
        if decision in (RoundDecision.OUT, RoundDecision.LATER) and not reason:
            errors[f"item-{number}"] = [_("%(key)s: please give a reason.") % {"key": item.proposal.key}]
            continue
        if (item.decision, item.reason) != (decision, reason):
            changes[item.proposal.key] = [f"{item.decision} {item.reason}".strip(), f"{decision} {reason}".strip()]
            item.decision, item.reason, item.version = decision, reason, item.version + 1
    if errors:
        raise Invalid(errors)
    if changes:
        RoundItem.objects.bulk_update(items.values(), ["decision", "reason", "version"])
        _touch(round_)
        record(round_, by=by, verb="edit", changes=changes)
    round_.refresh_from_db()
    return round_


# ── loading ──────────────────────────────────────────────────────────────────────────────────────


def decide_proposals(round_: InvestmentRound, by: User | None) -> None:
    """The board's approval decides the proposals: in, out, later. What is decided already stays as it is."""
    for item in RoundItem.objects.filter(round=round_).select_related("proposal__requester"):
        step = {RoundDecision.IN: "approve", RoundDecision.OUT: "reject", RoundDecision.LATER: "defer"}.get(
            item.decision
        )  # type: ignore[call-overload]
        if step is not None and item.proposal.state == "scored":
            advance(item.proposal, step, by=by, reason=f"{round_.key}: {item.reason}".strip(": "))


def load_round(round_: InvestmentRound, by: User | None) -> list[Project]:
    """Each approved proposal becomes a project with an approved budget from its signed costs. Repeatable: what is loaded stays."""
    approver = _approver(round_)
    loaded = []
    items = RoundItem.objects.select_for_update().filter(round=round_, decision=RoundDecision.IN)
    for item in items.select_related("proposal").order_by("pk"):
        project = Project.objects.filter(proposal=item.proposal_id).first()
        if project is None:
            advance(item.proposal, "convert", by=by, reason=round_.key)
            project = Project.objects.get(proposal=item.proposal_id)
        if approved_budget(project) is None:
            _load_budget(project, item.proposal, round_, approver)
        if item.project_id != project.pk:
            RoundItem.objects.filter(pk=item.pk).update(project=project)
            record(round_, by=by, verb="load_round", changes={item.proposal.key: [None, project.key]})
        loaded.append(project)
    return loaded


def _approver(round_: InvestmentRound) -> User | None:
    entry = AuditEntry.objects.filter(entity_type=ROUND, entity_id=round_.pk, verb="approve").order_by("-pk").first()
    return entry.actor if entry is not None else None


def _load_budget(project: Project, proposal: Proposal, round_: InvestmentRound, approver: User | None) -> Budget | None:
    """A budget approved by whoever approved the round: the board has decided about this very amount."""
    drafts = budget_drafts(project, proposal)
    if not drafts:
        return None
    reason = _("From the investment round %(key)s") % {"key": round_.key}
    budget = create_budget(project=project, kind=BudgetKind.PLAN, source="empty", name=str(round_)[:160], reason=reason, by=None)  # fmt: skip
    budget_sources.insert(budget, drafts)
    advance(budget, "submit", by=None, reason=reason)
    return advance(budget, "approve", by=None, reason=reason, approved_by=approver)


def budget_drafts(project: Project, proposal: Proposal) -> list[Draft]:
    """Costs of the signed case by driver and month; without one the sums of the proposal. Running cost after the finish is no project budget."""
    case = signed_case(proposal)
    chosen = case_model(case).chosen if case is not None else None
    first = m.month_of(project.start) if project.start else None
    # A project that ends on the first of a month ended with the month before.
    last = m.month_of(project.finish - dt.timedelta(days=1)) if project.finish else None
    drafts = []
    if chosen is not None:
        for one in chosen.drivers:
            if one.kind == FlowKind.COST:
                months = _phased(one.amounts, first, last)
                if months:
                    drafts.append(Draft(months, text=one.name, spending=one.spending, currency=proposal.currency))
        return drafts
    for draft in budget_sources.from_proposal(project):
        year = min(draft.months).year
        if last is None or year <= last.year:
            drafts.append(draft)
    return drafts


def _phased(amounts: Mapping[int, int], first: dt.date | None, last: dt.date | None) -> dict[dt.date, int]:
    """Each year evenly over its months of the project; a year before the start as a whole, years after the finish not at all."""
    found: dict[dt.date, int] = {}
    for year, amount in sorted(amounts.items()):
        if not amount or (last is not None and year > last.year):
            continue
        whole = m.between(dt.date(year, 1, 1), dt.date(year, 12, 1))
        inside = [month for month in whole if (first is None or month >= first) and (last is None or month <= last)]
        months = inside or whole
        found.update(zip(months, phase(amount, len(months), Profile.LINEAR), strict=True))
    return found
