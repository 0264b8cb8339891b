"""What this room shows on My day: the reader's projects, and proposals that wait for an assessment or a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User
from stellwerk.core.myday import MY_DAY
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import Duty, Panel, register_duties, register_panel, url_of
from stellwerk.portfolio.models import Gate, Proposal
from stellwerk.portfolio.roadmap import REACHED, working_days
from stellwerk.portfolio.selectors.mine import my_projects

LATE_DAYS = 5  # bold from here on, as on the board


_PROPOSALS = KeptQuery(
    lambda which: Proposal.objects.filter(which).select_related("portfolio", "requester").order_by("-score", "key")
)


def _proposals(user: User, state: str, verb: str) -> Iterable[Proposal]:
    if not can(user, verb, "portfolio.proposal"):
        return []
    return _PROPOSALS.rows(Q(visible(user, Proposal, verb), state=state, archived_at=None))


def _duty(proposal: Proposal, title: str, button: str, kind: str) -> Duty:
    parts = [proposal.key, proposal.portfolio.name, str(proposal.requester or "")]
    return Duty(
        title=title, about=proposal.name, text=" · ".join(part for part in parts if part), url=url_of(proposal), icon="bulb",
        kind=kind, button=button, portfolio=proposal.portfolio_id,
    )  # fmt: skip


@register_duties("approval")
def _proposals_to_decide(user: User) -> Iterable[Duty]:
    """Scored proposals that this user may approve, defer or reject."""
    for proposal in _proposals(user, "scored", "approve"):
        if proposal.requester is None or proposal.requester.user_id != user.pk:
            yield _duty(proposal, _("Decide about the proposal"), _("Decide"), "approval")


@register_duties("task")
def _proposals_to_assess(user: User) -> Iterable[Duty]:
    """Submitted proposals that this user assesses or returns."""
    for proposal in _proposals(user, "submitted", "import"):
        yield _duty(proposal, _("Assess the proposal"), _("Open"), "task")


def _my_projects(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, User)
    projects, count = my_projects(obj)
    if not projects:
        return None
    rows = [
        {"project": project, "gate": (gate := _next_gate(project.gates.all())), **_late(gate)} for project in projects
    ]
    return {"rows": rows, "count": count}


def _next_gate(gates: Iterable[Gate]) -> Gate | None:
    return next((gate for gate in gates if gate.state not in REACHED and gate.date), None)


def _late(gate: Gate | None) -> dict[str, Any]:
    days = None
    if gate is not None and gate.baseline and gate.date:
        baseline: dt.date = gate.baseline
        days = working_days(baseline, gate.date)
    return {"late": days, "bold": days is not None and days > LATE_DAYS}


register_panel(
    Panel(
        MY_DAY, "my_projects", gettext_lazy("My projects"), "portfolio/myday_projects.html", _my_projects, order=20, width=2
    )
)  # fmt: skip
