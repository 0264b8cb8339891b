"""The lists of business cases, objectives and rounds."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, CharField, Count, IntegerField, Model, OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.controlling import models
from stellwerk.controlling.choices import CASE_STATES, ROUND_STATES, FlowKind
from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.people.lists import person_column


def say(text: str, result: ListResult) -> str:
    return text % {"count": formats.number(result.count)}


def _flows(kind: str) -> Combinable:
    rows = models.CaseFlowYear.objects.filter(
        flow__case=OuterRef("pk"), flow__kind=kind, flow__option__recommended=True
    )
    total = rows.order_by().values("flow__case").annotate(t=Sum("amount")).values("t")[:1]
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)


def _cost() -> Combinable:
    return _flows(FlowKind.COST)


def _benefit() -> Combinable:
    return _flows(FlowKind.BENEFIT)


def proposal_column(**options: Any) -> Column:
    return Column(
        "proposal", _("Proposal"), "link", path="proposal__name", key="proposal__key", to="portfolio.proposal", groupable=True,
        **options,
    )  # fmt: skip


register_list(
    ListSpec(
        "controlling.businesscase",
        models.BusinessCase,
        (
            Column("key", _("Key"), "link"),
            proposal_column(),
            Column(
                "portfolio", _("Portfolio"), "link", path="proposal__portfolio__name", key="proposal__portfolio__key",
                to="portfolio.portfolio", groupable=True, quick=True,
            ),
            Column("number", _("Version"), "number"),
            Column("state", _("State"), "choice", choices=CASE_STATES, groupable=True, quick=True),
            Column("cost", _("Cost"), "money", expression=_cost, scale="k"),
            Column("benefit", _("Benefit"), "money", expression=_benefit, scale="k"),
            Column("discount_rate", _("Discount rate in %"), "number", decimals=2, default=False),
            Column("public_sector", _("Public body (WiBe)"), "bool", default=False),
            Column("signed", _("Signed"), "date", path="signed_at__date"),
            Column("updated", _("Changed"), "date", path="updated_at__date", default=False),
        ),
        default_sort=("proposal", "-number"),
        currency="proposal__currency",
        answer=lambda _request, result: say(
            ngettext("%(count)s business case", "%(count)s business cases", result.count), result
        ),
        icon="scale",
        empty_title=_("No business cases yet"),
        empty_text=_("A business case is made on the page of its proposal."),
    )
)  # fmt: skip


def _count(model: type[Model], name: str) -> Combinable:
    rows = model._default_manager.filter(**{name: OuterRef("pk")})
    total = rows.order_by().values(name).annotate(n=Count("pk")).values("n")[:1]
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def _round_items() -> Combinable:
    return _count(models.RoundItem, "round")


def _first_year() -> Combinable:
    """A year names, it does not count: no thousands separator."""
    return Cast("first_year", CharField())


register_list(
    ListSpec(
        "controlling.investmentround",
        models.InvestmentRound,
        (
            Column("name", _("Name"), "link"),
            Column("key", _("Key"), default=False),
            Column(
                "portfolio", _("Portfolio"), "link", path="portfolio__name", key="portfolio__key", to="portfolio.portfolio",
                groupable=True, quick=True,
            ),
            Column("state", _("State"), "choice", choices=ROUND_STATES, groupable=True, quick=True),
            Column("first_year", _("First year"), expression=_first_year, sort=("first_year",)),
            Column("years", _("Years"), "number"),
            Column("items", _("Proposals"), "number", expression=_round_items),
            Column("submissions_until", _("Submissions until"), "date"),
            Column("decision_on", _("Decision on"), "date"),
        ),
        default_sort=("-first_year", "name"),
        answer=lambda _request, result: say(
            ngettext("%(count)s investment round", "%(count)s investment rounds", result.count), result
        ),
        create_url="controlling:round-create",
        create_label=_("New investment round"),
        icon="wallet",
        empty_title=_("No investment rounds yet"),
        empty_text=_("A round takes the proposals of a portfolio for a year, from the call to the board's approval."),
    )
)  # fmt: skip


def _contributing() -> Combinable:
    rows = models.Contribution.objects.filter(objective=OuterRef("pk"), level__gt=0)
    total = rows.order_by().values("objective").annotate(n=Count("pk")).values("n")[:1]
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


register_list(
    ListSpec(
        "controlling.strategicobjective",
        models.StrategicObjective,
        (
            Column("name", _("Name"), "link", edit="name"),
            Column("key", _("Key"), default=False),
            Column("measure", _("Measure"), edit="measure"),
            Column("target", pgettext_lazy("objective", "Target"), edit="target"),
            Column("due", _("By"), "date"),
            person_column("holder", _("Responsible")),
            Column("weight", _("Weight"), "number", decimals=2),
            Column("contributing", _("Contribute"), "number", expression=_contributing),
            Column(
                "organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key",
                to="people.organisation", groupable=True, default=False,
            ),
        ),
        default_sort=("-weight", "name"),
        answer=lambda _request, result: say(
            ngettext("%(count)s strategic objective", "%(count)s strategic objectives", result.count), result
        ),
        create_url="controlling:objective-create",
        create_label=_("New objective"),
        icon="target",
        empty_title=_("No strategic objectives yet"),
        empty_text=_("What does the company want to reach, how is it measured, how much does it count?"),
    )
)  # fmt: skip
