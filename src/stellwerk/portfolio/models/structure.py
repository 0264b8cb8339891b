"""Portfolios and programmes: what projects report into."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Person, Unit
from stellwerk.portfolio.choices import PORTFOLIO_STATES, PROGRAMME_STATES


class Portfolio(Entity):
    """All projects that are steered together; each project and programme reports into exactly one portfolio."""

    KEY_PREFIX: ClassVar[str] = "PF"

    name = models.CharField(_("name"), max_length=160)
    objectives = models.TextField(_("objectives"), blank=True)
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="portfolios"
    )
    manager = models.ForeignKey(
        Person, verbose_name=_("portfolio manager"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    state = models.CharField(_("state"), max_length=16, choices=PORTFOLIO_STATES, default="draft", editable=False)
    scoring_model = models.ForeignKey(
        "portfolio.ScoringModel",
        verbose_name=_("scoring model"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="portfolios",
    )
    cycle_days = models.PositiveSmallIntegerField(_("reporting cycle in days"), default=14)
    cycle_anchor = models.DateField(_("first data date"), null=True, blank=True)
    data_date = models.DateField(
        _("data date"),
        null=True,
        blank=True,
        editable=False,
        help_text="Newest date with lights; kept by write_figures.",
    )
    fresh_from = models.DateField(
        null=True, blank=True, editable=False, help_text="Data date less one cycle: lights before it show as grey."
    )
    thresholds = models.JSONField(
        _("traffic light thresholds"), default=dict, blank=True, help_text=_("Empty: the defaults of the method.")
    )

    class Meta:
        verbose_name = _("portfolio")
        verbose_name_plural = _("portfolios")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class PortfolioBudget(Versioned):
    """The frame that a portfolio may spend in a year, in minor units of its currency."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="budgets")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.BigIntegerField(_("budget"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("yearly budget")
        verbose_name_plural = _("yearly budgets")
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["portfolio", "year"], name="portfolio_budget_once")]

    def __str__(self) -> str:
        return f"{self.portfolio} {self.year}"


class Programme(Entity):
    """Projects with a common vision; it closes after all its components."""

    KEY_PREFIX: ClassVar[str] = "PRG"

    name = models.CharField(_("name"), max_length=160)
    vision = models.TextField(_("vision"), blank=True)
    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="programmes"
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="programmes"
    )
    sponsor = models.ForeignKey(
        Person,
        verbose_name=_("sponsor"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sponsored_programmes",
    )
    manager = models.ForeignKey(
        Person,
        verbose_name=_("programme manager"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_programmes",
    )
    state = models.CharField(_("state"), max_length=16, choices=PROGRAMME_STATES, default="identified", editable=False)
    start = models.DateField(_("start"), null=True, blank=True)
    finish = models.DateField(_("finish"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finish__isnull=True)
                | models.Q(start__isnull=True)
                | models.Q(finish__gte=models.F("start")),
                name="programme_dates_in_order",
                violation_error_message=_("The finish lies before the start."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.manager_id is not None and self.manager_id == self.sponsor_id:
            raise ValidationError({"manager": _("Sponsor and manager must be different persons.")})


class Tranche(Versioned):
    """A step of a programme after which part of its vision is reached."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="tranches")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    name = models.CharField(_("name"), max_length=160)
    start = models.DateField(_("start"), null=True, blank=True)
    finish = models.DateField(_("finish"), null=True, blank=True)

    class Meta:
        verbose_name = _("tranche")
        verbose_name_plural = _("tranches")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name
