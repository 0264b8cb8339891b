"""Schedule and cost risk: three-point estimates, discrete risks kept with the run, and what the simulation told."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.controlling.choices import RUN_STATES, Distribution
from stellwerk.core.models import User, Versioned
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Portfolio, Programme, Project


class Estimate(Versioned):
    """Three points of an activity's duration (working minutes) and of its cost (minor units of the project's currency).

    Of the whole activity: of one that has begun, the share that is left counts. ``low`` ≤ ``likely`` ≤ ``high``; what is empty is taken
    as planned. Activities of one ``group`` move together.
    """

    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="estimate")
    distribution = models.CharField(
        _("distribution"), max_length=10, choices=Distribution.choices, default=Distribution.PERT
    )
    low = models.BigIntegerField(_("optimistic"), null=True, blank=True, validators=[MinValueValidator(0)])
    likely = models.BigIntegerField(_("most likely"), null=True, blank=True, validators=[MinValueValidator(0)])
    high = models.BigIntegerField(_("pessimistic"), null=True, blank=True, validators=[MinValueValidator(0)])
    cost_low = models.BigIntegerField(_("cost, optimistic"), null=True, blank=True, validators=[MinValueValidator(0)])
    cost_likely = models.BigIntegerField(
        _("cost, most likely"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cost_high = models.BigIntegerField(_("cost, pessimistic"), null=True, blank=True, validators=[MinValueValidator(0)])
    group = models.CharField(_("moves together with"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("three-point estimate")
        verbose_name_plural = _("three-point estimates")
        ordering = ["activity"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__isnull=True)
                | (models.Q(low__lte=models.F("likely")) & models.Q(likely__lte=models.F("high"))),
                name="estimate_points_in_order",
                violation_error_message=_("Optimistic ≤ most likely ≤ pessimistic."),
            ),
            models.CheckConstraint(
                condition=models.Q(cost_low__isnull=True)
                | (models.Q(cost_low__lte=models.F("cost_likely")) & models.Q(cost_likely__lte=models.F("cost_high"))),
                name="estimate_costs_in_order",
                violation_error_message=_("Optimistic ≤ most likely ≤ pessimistic."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.activity)


class SimulationRun(Versioned):
    """One simulation of a project, else a programme, else a portfolio (what the scope is part of is filled too). ``told``: results.

    ``asked``: what moves together, and one distribution for all estimates (empty: each its own).

    Until governance keeps risks, they are the list ``risks`` of the run: name, probability, activities, three points of delay and cost.
    """

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, null=True, blank=True, related_name="simulations"
    )
    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    iterations = models.PositiveIntegerField(
        _("iterations"), default=10000, validators=[MinValueValidator(100), MaxValueValidator(200000)]
    )
    seed = models.PositiveIntegerField(_("seed"), default=1)
    correlation = models.DecimalField(
        _("correlation within a group"), max_digits=4, decimal_places=3, default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )  # fmt: skip
    risks = models.JSONField(_("discrete risks"), default=list, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    told = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=RUN_STATES, default="running", editable=False)
    stop = models.BooleanField(default=False, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project__isnull=False)
                | models.Q(programme__isnull=False)
                | models.Q(portfolio__isnull=False),
                name="simulation_has_a_scope",
            )
        ]

    def __str__(self) -> str:
        return str(self.project or self.programme or self.portfolio or "")
