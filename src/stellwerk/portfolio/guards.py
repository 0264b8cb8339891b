"""Guards of the portfolio's own transitions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import ACTS, guard
from stellwerk.engine.scoring import weights_complete
from stellwerk.portfolio.models import Portfolio, Programme, Project, Proposal, ProposalYear, ScoringModel
from stellwerk.portfolio.services.proposals import recommended_option, score_of

OVER = ("closed", "stopped")
ACTS.add(("portfolio.projectstatus", "import"))  # asked by importing.writing.check_dates


def _only_back_to(phase: str) -> None:
    def returns_to_prior_phase(obj: models.Model, by: User | None) -> Iterable[Text]:
        if isinstance(obj, Project) and obj.phase_before_hold != phase:
            yield _("The project returns to the phase that it was in before the hold.")

    guard("portfolio.project", f"resume_{phase}")(returns_to_prior_phase)


for _phase in ("initiating", "planning", "executing", "transition", "closing"):
    _only_back_to(_phase)


@guard("portfolio.project", "start_execution")
def sponsor_is_not_manager(obj: models.Model, by: User | None) -> Iterable[Text]:
    """One project manager, one sponsor, different persons: required from here on."""
    if isinstance(obj, Project) and obj.manager_id is not None and obj.manager_id == obj.sponsor_id:
        yield _("Sponsor and project manager must be different persons.")


@guard("portfolio.proposal", "approve")
@guard("portfolio.proposal", "reject")
def requester_does_not_decide(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Whoever asks for the money does not grant it, also where somebody else pressed “Submit” for them."""
    if isinstance(obj, Proposal) and by is not None and obj.requester is not None and obj.requester.user_id == by.pk:
        yield _("Whoever asked for it may not decide it: another person must do this.")


def _names(rows: Iterable[models.Model]) -> str:
    listed = list(rows)
    names = ", ".join(f"{getattr(row, 'key', '')} {row}".strip() for row in listed[:5])
    return names + (" …" if len(listed) > 5 else "")


@guard("portfolio.programme", "close")
def components_are_closed(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A programme closes after all its components."""
    if isinstance(obj, Programme):
        open_ = list(obj.projects.filter(archived_at__isnull=True).exclude(phase__in=OVER)[:6])
        if open_:
            yield ngettext("Still open: %(names)s.", "Still open: %(names)s.", len(open_)) % {"names": _names(open_)}


@guard("portfolio.portfolio", "close")
def nothing_reports_into_it(obj: models.Model, by: User | None) -> Iterable[Text]:
    if isinstance(obj, Portfolio):
        projects = list(obj.projects.filter(archived_at__isnull=True).exclude(phase__in=OVER)[:6])
        programmes = list(
            obj.programmes.filter(archived_at__isnull=True).exclude(state__in=("closed", "terminated"))[:6]
        )
        if projects or programmes:
            yield _("Still open: %(names)s.") % {"names": _names([*programmes, *projects])}


@guard("portfolio.scoringmodel", "activate")
def weights_sum_to_a_hundred(obj: models.Model, by: User | None) -> Iterable[Text]:
    if isinstance(obj, ScoringModel):
        weights = list(obj.criteria.values_list("weight", flat=True))
        if not weights_complete(weights):
            total = format(sum(weights, Decimal(0)).normalize(), "f")
            yield _("The weights sum to %(total)s; they must sum to 100.") % {"total": total}


@guard("portfolio.proposal", "submit")
def business_case_is_complete(obj: models.Model, by: User | None) -> Iterable[Text]:
    if not isinstance(obj, Proposal):
        return
    options = list(obj.options.all())
    if not any(option.do_nothing for option in options):
        yield _("The options lack “do nothing”: what happens if the project is not done?")
    if not any(not option.do_nothing for option in options):
        yield _("There is no option beside “do nothing”.")
    chosen = recommended_option(obj)
    if chosen is None:
        yield _("No option is recommended.")
    elif not chosen.do_nothing and not ProposalYear.objects.filter(option=chosen).exclude(cost=0, benefit=0).exists():
        yield _("The recommended option has no cost or benefit in any year.")


@guard("portfolio.proposal", "score")
def every_criterion_is_scored(obj: models.Model, by: User | None) -> Iterable[Text]:
    if not isinstance(obj, Proposal):
        return
    result = score_of(obj)
    if result is None:
        yield _("The proposal has no scoring model.")
    elif result.score is None:
        yield _("Without a score on every criterion it cannot be ranked.")


@guard("portfolio.proposal", "approve")
def hurdles_are_passed(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A proposal below a hurdle is excluded, unless it is mandatory."""
    if isinstance(obj, Proposal) and not obj.mandatory:
        result = score_of(obj)
        if result is not None and result.below_hurdle:
            names = obj.scores.filter(criterion_id__in=result.below_hurdle).values_list("criterion__name", flat=True)
            yield _("Misses the hurdle of: %(names)s.") % {"names": ", ".join(names)}


@guard("portfolio.proposal", "approve")
def prerequisites_are_on_their_way(obj: models.Model, by: User | None) -> Iterable[Text]:
    if not isinstance(obj, Proposal):
        return
    missing = list(obj.prerequisites.exclude(state__in=("approved", "converted"))[:6])
    if missing:
        yield _("Needs first: %(names)s.") % {"names": _names(missing)}
    against = list(obj.exclusions.filter(state__in=("approved", "converted"))[:6])
    if against:
        yield _("Excludes what is approved already: %(names)s.") % {"names": _names(against)}
