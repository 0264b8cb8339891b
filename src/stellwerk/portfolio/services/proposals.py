"""Scores of proposals, and the project that an approved proposal becomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.registry import effect
from stellwerk.core.services import write
from stellwerk.engine.scoring import ScoredCriterion, ScoreResult, score
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.models import Project, Proposal, ProposalOption, ProposalScore, ProposalYear, ScoringModel
from stellwerk.portfolio.services.figures import FigureRow, write_figures

_CENT = Decimal("0.01")


def engine_criteria(model: ScoringModel) -> list[ScoredCriterion]:
    return [
        ScoredCriterion(str(c.pk), c.weight, c.scale_min, c.scale_max, c.higher_is_better, c.hurdle)
        for c in model.criteria.all()
    ]


def score_of(proposal: Proposal) -> ScoreResult | None:
    """The weighted score with what is missing; None without a scoring model."""
    if proposal.scoring_model is None:
        return None
    given = {str(criterion): value for criterion, value in proposal.scores.values_list("criterion_id", "value")}
    return score(engine_criteria(proposal.scoring_model), given)


@transaction.atomic
def score_proposal(
    *, proposal: Proposal, scores: Mapping[int, tuple[int | None, str]], by: User | None, version: int | None = None
) -> Proposal:
    """Keep the scores (criterion id → (value, reason)) and the weighted score. Only in assessment.

    Errors: ``NotAllowed``, ``WrongState``, ``Invalid`` (outside the scale, no active scoring model), ``StaleEdit``.
    """
    require(by, "import", proposal)
    if proposal.state != "assessment":
        raise WrongState(_("Scores are given while the proposal is in assessment."))
    model = proposal.scoring_model
    if model is None or model.state != "active":
        raise Invalid({"scoring_model": [_("The proposal needs an active scoring model.")]})
    criteria = {criterion.pk: criterion for criterion in model.criteria.all()}
    errors = {
        f"score-{pk}": [
            _("Between %(low)s and %(high)s, please.") % {"low": criteria[pk].scale_min, "high": criteria[pk].scale_max}
        ]
        for pk, (value, _reason) in scores.items()
        if pk in criteria and value is not None and not criteria[pk].scale_min <= value <= criteria[pk].scale_max
    }
    if errors:
        raise Invalid(errors)
    for pk, (value, reason) in scores.items():
        if pk not in criteria:
            continue
        if value is None:
            ProposalScore.objects.filter(proposal=proposal, criterion_id=pk).delete()
        else:
            ProposalScore.objects.update_or_create(
                proposal=proposal, criterion_id=pk, defaults={"value": value, "reason": reason.strip()}
            )
    result = score_of(proposal)
    total = result.score.quantize(_CENT, ROUND_HALF_UP) if result is not None and result.score is not None else None
    return write(proposal, {"score": total}, by=by, version=version, verb="score_edit")


def recommended_option(proposal: Proposal) -> ProposalOption | None:
    """The option that the proposal asks for: the recommended one, else the only one that does something."""
    options = list(proposal.options.all())
    chosen = [option for option in options if option.recommended]
    active = [option for option in options if not option.do_nothing]
    return chosen[0] if chosen else active[0] if len(active) == 1 else None


def _months_after(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    first = dt.date(index // 12, index % 12 + 1, 1)
    following = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + dt.timedelta(days=day.day - 1), following - dt.timedelta(days=1))


@effect("portfolio.proposal", "convert")
def convert_to_project(obj: models.Model, by: User | None, before: str) -> None:
    """The approved proposal becomes a project: everything known is carried over, nothing is typed again."""
    assert isinstance(obj, Proposal)
    option = recommended_option(obj)
    sums = (
        ProposalYear.objects.filter(option=option).aggregate(cost=Sum("cost"), benefit=Sum("benefit")) if option else {}
    )
    finish = None
    if obj.wanted_start is not None and obj.duration_months:
        finish = _months_after(obj.wanted_start, obj.duration_months)
    texts = [obj.problem, option.description if option else "", obj.benefit]
    project = services.create(
        Project,
        {
            "name": obj.name, "description": "\n\n".join(text for text in texts if text), "portfolio": obj.portfolio,
            "programme": obj.programme, "unit": obj.unit, "sponsor": obj.sponsor, "category": obj.category, "currency": obj.currency,
            "owner": obj.owner, "confidentiality": obj.confidentiality, "budget": sums.get("cost"), "proposal": obj,
            "start_baseline": obj.wanted_start, "start_forecast": obj.wanted_start, "finish_baseline": finish, "finish_forecast": finish,
        },
        by=by,
        reason=_("From the proposal %(key)s") % {"key": obj.key},
    )  # fmt: skip
    today = timezone.localdate()
    rows = []
    label = str(obj)
    if obj.score is not None:
        rows.append(FigureRow(project.pk, "value", today, value=obj.score, source=Source.REPORTED, source_label=label))
    if sums.get("benefit"):
        rows.append(
            FigureRow(
                project.pk,
                "benefit",
                today,
                amount=sums["benefit"],
                currency=obj.currency,
                source=Source.REPORTED,
                source_label=label,
            )
        )
    write_figures(rows=rows, by=None)
