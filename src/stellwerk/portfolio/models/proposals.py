"""Proposals with their business case, and the scoring models that rank them."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Person, Role, Unit
from stellwerk.portfolio.choices import PROPOSAL_STATES, SCORING_STATES, Category
from stellwerk.portfolio.models.structure import Portfolio, Programme


class ScoringModel(Entity):
    """Weighted criteria; immutable once used (domain.md 3.7)."""

    KEY_PREFIX: ClassVar[str] = "SCM"

    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=SCORING_STATES, default="draft", editable=False)

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Criterion(Versioned):
    """One criterion: its weight (all weights of a model sum to 100) and its scale."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    name = models.CharField(_("name"), max_length=120)
    weight = models.DecimalField(
        _("weight"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    scale_min = models.SmallIntegerField(_("scale from"), default=1)
    scale_max = models.SmallIntegerField(_("scale to"), default=5)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    hurdle = models.SmallIntegerField(
        _("hurdle"), null=True, blank=True, help_text=_("A score below it excludes the proposal.")
    )
    anchors = models.TextField(_("scale anchors"), blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scale_max__gt=models.F("scale_min")),
                name="criterion_scale_in_order",
                violation_error_message=_("The scale ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Proposal(Entity):
    """A request for a project with its business case (options incl. do-nothing)."""

    KEY_PREFIX: ClassVar[str] = "PRP"

    name = models.CharField(_("name"), max_length=200)
    problem = models.TextField(_("problem"), blank=True)
    benefit = models.TextField(_("expected benefit"), blank=True)
    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="proposals"
    )
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="proposals",
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    requester = models.ForeignKey(
        Person,
        verbose_name=_("requester"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requested_proposals",
    )
    sponsor = models.ForeignKey(
        Person,
        verbose_name=_("sponsor"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sponsored_proposals",
    )
    category = models.CharField(_("category"), max_length=10, choices=Category.choices, default=Category.GROW)
    mandatory = models.BooleanField(_("mandatory"), default=False)
    mandatory_reason = models.CharField(_("why mandatory"), max_length=300, blank=True)
    wanted_start = models.DateField(_("wanted start"), null=True, blank=True)
    duration_months = models.PositiveSmallIntegerField(_("duration in months"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    prerequisites = models.ManyToManyField(
        "self", verbose_name=_("prerequisites"), symmetrical=False, blank=True, related_name="enables"
    )
    exclusions = models.ManyToManyField("self", verbose_name=_("excludes"), symmetrical=True, blank=True)
    scoring_model = models.ForeignKey(
        ScoringModel,
        verbose_name=_("scoring model"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    score = models.DecimalField(_("score"), max_digits=6, decimal_places=2, null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=PROPOSAL_STATES, default="draft", editable=False)
    decision_note = models.TextField(_("decision"), blank=True, editable=False)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-created_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.mandatory and not self.mandatory_reason:
            raise ValidationError({"mandatory_reason": _("Say which law, contract or decision makes it mandatory.")})


class ProposalOption(Versioned):
    """One way to solve the problem; “do nothing” is always among them."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    do_nothing = models.BooleanField(_("do nothing"), default=False)
    recommended = models.BooleanField(_("recommended"), default=False)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class ProposalYear(Versioned):
    """Cost and benefit of an option in a calendar year, in minor units of the proposal's currency."""

    option = models.ForeignKey(ProposalOption, verbose_name=_("option"), on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    cost = models.BigIntegerField(_("cost"), default=0, validators=[MinValueValidator(0)])
    benefit = models.BigIntegerField(_("benefit"), default=0)

    class Meta:
        verbose_name = _("cost and benefit of a year")
        verbose_name_plural = _("costs and benefits by year")
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["option", "year"], name="proposal_year_once")]

    def __str__(self) -> str:
        return f"{self.option} {self.year}"


class ProposalCapacity(Versioned):
    """Hours of a role that the proposal needs in a year."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="capacities")
    role = models.ForeignKey(Role, verbose_name=_("project role"), on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    hours = models.DecimalField(_("hours"), max_digits=9, decimal_places=1, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("capacity needed")
        verbose_name_plural = _("capacity needed")
        ordering = ["year", "role"]
        constraints = [models.UniqueConstraint(fields=["proposal", "role", "year"], name="proposal_capacity_once")]

    def __str__(self) -> str:
        return f"{self.role} {self.year}"


class ProposalScore(Versioned):
    """The score of a proposal on one criterion."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.SmallIntegerField(_("score"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("criterion score")
        verbose_name_plural = _("criterion scores")
        ordering = ["criterion__order", "pk"]
        constraints = [models.UniqueConstraint(fields=["proposal", "criterion"], name="proposal_score_once")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"
