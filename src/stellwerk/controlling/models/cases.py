"""Business cases, strategy, and the investment round that selects among proposals."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.controlling.choices import (
    CASE_STATES,
    ROUND_STATES,
    RUN_STATES,
    FlowKind,
    RoundDecision,
    Spending,
)
from stellwerk.core.models import Entity, User, Versioned
from stellwerk.people.models import Organisation, Person, Role
from stellwerk.portfolio.models import Portfolio, Project, Proposal, ProposalOption, ScoringModel


class BusinessCase(Entity):
    """A version of a proposal's business case. What the controller signs is frozen as a snapshot and never changes.

    Options and sums by year stand in the proposal; here stand what they are made of (``CaseFlow``) and how they are judged.
    """

    KEY_PREFIX: ClassVar[str] = "BCA"

    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="business_cases"
    )
    number = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    discount_rate = models.DecimalField(
        _("discount rate in %"), max_digits=6, decimal_places=3, default=Decimal(8),
        validators=[MinValueValidator(Decimal("-50")), MaxValueValidator(100)],
    )  # fmt: skip
    public_sector = models.BooleanField(_("public body (WiBe)"), default=False)
    quality_value = models.DecimalField(
        _("quality value Q (0–100)"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    external_effects = models.DecimalField(
        _("external effects E (0–100)"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    swing = models.DecimalField(
        _("sensitivity in %"), max_digits=5, decimal_places=2, default=Decimal(20),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    assumptions = models.TextField(_("assumptions"), blank=True)
    reason = models.TextField(_("reason of this version"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CASE_STATES, default="draft", editable=False)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True, editable=False)
    signed_by = models.ForeignKey(
        User, verbose_name=_("signed by"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("business case")
        verbose_name_plural = _("business cases")
        ordering = ["proposal", "-number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="business_case_number_once")]

    def __str__(self) -> str:
        return f"{self.proposal} v{self.number}"


class CaseFlow(Versioned):
    """One driver of cost or benefit of an option; the proposal's sums by year are the sums of these."""

    case = models.ForeignKey(BusinessCase, on_delete=models.CASCADE, related_name="flows")
    option = models.ForeignKey(ProposalOption, verbose_name=_("option"), on_delete=models.PROTECT, related_name="flows")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    name = models.CharField(_("driver"), max_length=160)
    kind = models.CharField(_("type"), max_length=7, choices=FlowKind.choices, default=FlowKind.COST)
    spending = models.CharField(_("CapEx or OpEx"), max_length=5, choices=Spending.choices, default=Spending.OPEX)
    budget_effective = models.BooleanField(_("effective on the budget"), default=True)

    class Meta:
        verbose_name = _("driver of a business case")
        verbose_name_plural = _("drivers of a business case")
        ordering = ["case", "option", "kind", "order", "pk"]

    def __str__(self) -> str:
        return self.name


class CaseFlowYear(models.Model):
    """The amount of a driver in a year, in minor units of the proposal's currency; the first year of the case is t = 0."""

    flow = models.ForeignKey(CaseFlow, on_delete=models.CASCADE, related_name="years", db_index=False)
    year = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        ordering = ["flow", "year"]
        constraints = [models.UniqueConstraint(fields=["flow", "year"], name="case_flow_year_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"


class StrategicObjective(Entity):
    """What the company wants to reach: how it is measured, by when, how much it counts (weights are relative)."""

    KEY_PREFIX: ClassVar[str] = "OBJ"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="strategic_objectives"
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    measure = models.CharField(_("measure"), max_length=200, blank=True)
    target = models.CharField(_("target"), max_length=120, blank=True)
    due = models.DateField(_("by"), null=True, blank=True)
    holder = models.ForeignKey(
        Person, verbose_name=_("responsible"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    weight = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=2, default=Decimal(10), validators=[MinValueValidator(0)]
    )

    class Meta:
        verbose_name = _("strategic objective")
        verbose_name_plural = _("strategic objectives")
        ordering = ["-weight", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class Contribution(Versioned):
    """How much a project or a proposal contributes to an objective: 0 nothing to 4 decisive."""

    objective = models.ForeignKey(StrategicObjective, on_delete=models.CASCADE, related_name="contributions")
    project = models.ForeignKey(
        Project,
        verbose_name=_("project"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="contributions",
    )
    proposal = models.ForeignKey(
        Proposal,
        verbose_name=_("proposal"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="contributions",
    )
    level = models.PositiveSmallIntegerField(_("contribution"), default=0, validators=[MaxValueValidator(4)])
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["objective", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "project"], name="contribution_of_project_once"),
            models.UniqueConstraint(fields=["objective", "proposal"], name="contribution_of_proposal_once"),
            models.CheckConstraint(
                condition=models.Q(project__isnull=False, proposal__isnull=True)
                | models.Q(project__isnull=True, proposal__isnull=False),
                name="contribution_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.level}"


class InvestmentRound(Entity):
    """The yearly planning of a portfolio (domain.md section 5): call, evaluation, balancing, approval, loading."""

    KEY_PREFIX: ClassVar[str] = "RND"

    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="investment_rounds"
    )
    name = models.CharField(_("name"), max_length=160)
    first_year = models.PositiveSmallIntegerField(_("first year"))
    years = models.PositiveSmallIntegerField(
        _("years"), default=4, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    submissions_until = models.DateField(_("submissions until"), null=True, blank=True)
    decision_on = models.DateField(_("decision on"), null=True, blank=True)
    scoring_model = models.ForeignKey(
        ScoringModel, verbose_name=_("scoring model"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="investment_rounds",
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    note = models.TextField(_("targets of the board"), blank=True)
    state = models.CharField(_("state"), max_length=20, choices=ROUND_STATES, default="draft", editable=False)

    class Meta:
        verbose_name = _("investment round")
        verbose_name_plural = _("investment rounds")
        ordering = ["-first_year", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class RoundLimit(Versioned):
    """A limit of a round in a year: money (no role) in minor units, or hours of a role."""

    round = models.ForeignKey(InvestmentRound, on_delete=models.CASCADE, related_name="limits")
    year = models.PositiveSmallIntegerField(_("year"))
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    amount = models.BigIntegerField(_("limit"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("limit of a round")
        verbose_name_plural = _("limits of a round")
        ordering = ["round", "role", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "year", "role"], name="round_limit_once", nulls_distinct=False
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} {self.role or self.round.currency}: {self.amount}"


class RoundItem(Versioned):
    """A proposal in a round and what was decided about it."""

    round = models.ForeignKey(InvestmentRound, on_delete=models.CASCADE, related_name="items")
    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="round_items"
    )
    decision = models.CharField(
        _("decision"), max_length=6, choices=RoundDecision.choices, blank=True, default=RoundDecision.OPEN
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="round_items",
    )  # fmt: skip

    class Meta:
        verbose_name = _("item of a round")
        verbose_name_plural = _("items of a round")
        ordering = ["round", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "proposal"], name="round_item_once")]

    def __str__(self) -> str:
        return str(self.proposal)


class SelectionRun(Versioned):
    """One computed selection of a round. ``asked``: limits, seed, seconds; ``told``: chosen, bound, greedy, binding limits, frontier."""

    round = models.ForeignKey(InvestmentRound, on_delete=models.CASCADE, related_name="runs")
    asked = models.JSONField(default=dict, blank=True)
    told = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=RUN_STATES, default="running", editable=False)
    stop = models.BooleanField(default=False, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selections")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.round} {self.pk}"
