"""Business cases and rounds on other pages: the button on a proposal, what waits on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling.models import BusinessCase, InvestmentRound, RoundItem
from stellwerk.controlling.selectors.follow_up import due_cases
from stellwerk.controlling.services.rounds import CALLS, open_round
from stellwerk.core.access import actor
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.portfolio.models import Project, Proposal

CASE, ROUND = "controlling.businesscase", "controlling.investmentround"


def _case_url(request: HttpRequest, obj: models.Model) -> str | None:
    """The newest version that the reader may see; where there is none, the form of the first."""
    assert isinstance(obj, Proposal)
    user = actor(request)
    found = visible_rows(user, BusinessCase.objects.filter(proposal=obj, archived_at=None)).order_by("-number").first()
    if found is not None:
        return url_of(found)
    if obj.archived or not can(user, "create", BusinessCase(proposal=obj)):
        return None
    return reverse("controlling:case-create", args=[obj.key])


register_action(Action("portfolio.proposal", "case", gettext_lazy("Business case"), _case_url, icon="scale", order=10))


def _contributes(request: HttpRequest, obj: models.Model) -> str | None:
    """The form of contributions, for who may edit the project or proposal; without objectives it says so itself."""
    assert isinstance(obj, Project | Proposal)
    if obj.archived or not can(actor(request), "edit", obj):
        return None
    return reverse(
        "controlling:project-contributions" if isinstance(obj, Project) else "controlling:proposal-contributions",
        args=[obj.key],
    )


for _label in ("portfolio.project", "portfolio.proposal"):
    register_action(
        Action(
            _label, "contribution", gettext_lazy("Contribution to the strategy"), _contributes, icon="target", order=60
        )
    )


def _rounds(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """The rounds that the proposal is in, and the one into which the reader may submit it."""
    assert isinstance(obj, Proposal)
    user = actor(request)
    items = list(
        RoundItem.objects.filter(proposal=obj, round__archived_at=None).select_related("round__portfolio__unit")
    )
    open_ = open_round(user, obj) if obj.state in CALLS else None
    if not items and open_ is None:
        return None
    return {
        "rows": [{"item": item, "seen": can(user, "view", item.round)} for item in items],
        "open": open_,
        "proposal": obj,
    }


register_panel(
    Panel(
        "portfolio.proposal",
        "rounds",
        gettext_lazy("Investment round"),
        "controlling/panel_round.html",
        _rounds,
        order=30,
    )
)


@register_duties("approval")
def _rounds_to_approve(user: User) -> Iterable[Duty]:
    """Rounds that lie before the board."""
    if not can(user, "approve", ROUND):
        return
    rows = InvestmentRound.objects.filter(state="board_approval", archived_at=None).select_related("portfolio__unit")
    for round_ in visible_rows(user, rows, "approve"):
        yield Duty(
            title=_("Decide about the investment round"), about=str(round_), text=f"{round_.key} · {round_.portfolio}", url=url_of(round_),
            icon="wallet", due=round_.decision_on, kind="approval", button=_("Decide"), portfolio=round_.portfolio_id,
        )  # fmt: skip


@register_duties("approval")
def _cases_to_sign(user: User) -> Iterable[Duty]:
    """Submitted figures that this user may sign."""
    if not can(user, "sign", CASE):
        return
    rows = BusinessCase.objects.filter(state="submitted", archived_at=None).select_related("proposal__portfolio", "proposal__requester")  # fmt: skip
    for case in visible_rows(user, rows, "sign").order_by("updated_at"):
        if case.proposal.requester is None or case.proposal.requester.user_id != user.pk:
            yield Duty(
                title=_("Check and sign the figures"), about=case.proposal.name, text=f"{case.key} · {case.proposal.portfolio}",
                url=url_of(case), icon="scale", kind="approval", button=_("Open"), portfolio=case.proposal.portfolio_id,
            )  # fmt: skip


@register_duties("task")
def _follow_ups(user: User) -> Iterable[Duty]:
    """Signed cases whose follow-up calculation is due."""
    if not can(user, "sign", CASE):
        return
    for case, project, due in due_cases(rows=visible_rows(user, BusinessCase.objects.all(), "sign")):
        yield Duty(
            title=_("Follow-up calculation"), about=project.name, text=f"{case.key} · {case.proposal.portfolio}",
            url=reverse("controlling:case-follow-up", args=[case.key]), icon="scale", due=due, kind="task", button=_("Compare"),
            portfolio=case.proposal.portfolio_id,
        )  # fmt: skip
