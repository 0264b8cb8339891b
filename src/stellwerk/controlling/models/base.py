"""What money is counted by: cost types, cost centres, exchange rates, rules of a project, authority limits."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.controlling.choices import EacVariant, LabourSource, Spending
from stellwerk.core import formats
from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation, Unit
from stellwerk.portfolio.models import Project


class CostType(Entity):
    """Kind of cost (Kostenart). ``accounts``: ERP accounts that it covers, single numbers, ranges and patterns, by comma.

    A cost type of labour says where its actuals come from: approved hours or the ERP, never both.
    """

    KEY_PREFIX: ClassVar[str] = "CTY"

    name = models.CharField(_("name (German)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    spending = models.CharField(_("CapEx or OpEx"), max_length=5, choices=Spending.choices, default=Spending.OPEX)
    accounts = models.CharField(
        _("ERP accounts"), max_length=400, blank=True, help_text=_("For example 400000-409999, 4711, 65*")
    )
    labour = models.BooleanField(_("labour"), default=False)
    labour_source = models.CharField(
        _("actuals of labour from"), max_length=5, choices=LabourSource.choices, default=LabourSource.HOURS
    )
    order = models.PositiveSmallIntegerField(_("order"), default=10)

    class Meta:
        verbose_name = _("cost type")
        verbose_name_plural = _("cost types")
        ordering = ["order", "name", "pk"]

    def __str__(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "de").startswith("de") else self.name


class CostCentre(Entity):
    """Cost centre (Kostenstelle) of a legal entity; its number is what the ERP calls it."""

    KEY_PREFIX: ClassVar[str] = "CCT"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="cost_centres"
    )
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.SET_NULL, null=True, blank=True, related_name="cost_centres"
    )

    class Meta:
        verbose_name = _("cost centre")
        verbose_name_plural = _("cost centres")
        ordering = ["number", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="cost_centre_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ExchangeRate(Versioned):
    """One ``currency`` in ``into`` from ``valid_from`` until the next rate of the pair: amount × ``rate``.

    PV, EV and BAC count at the rate of the budget's approval, actuals at the rate of their posting day.
    """

    currency = models.CharField(_("currency"), max_length=3)
    into = models.CharField(_("into"), max_length=3, default="EUR")
    valid_from = models.DateField(_("valid from"))
    rate = models.DecimalField(
        _("rate"), max_digits=18, decimal_places=8, validators=[MinValueValidator(Decimal("0.00000001"))]
    )
    source = models.CharField(_("source"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "into", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "into", "valid_from"], name="exchange_rate_once"),
            models.CheckConstraint(
                condition=~models.Q(currency=models.F("into")),
                name="exchange_rate_of_two_currencies",
                violation_error_message=_("A rate stands between two different currencies."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency}/{self.into} {formats.day(self.valid_from)}: {formats.number(self.rate, 6)}"


class MoneyRules(Versioned):
    """How a project's money is judged: the forecast that drives its light, its tolerance, its cap of % complete."""

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="money_rules"
    )
    eac_variant = models.PositiveSmallIntegerField(
        _("forecast that counts"), choices=EacVariant.choices, default=EacVariant.TREND
    )
    percent_cap = models.DecimalField(
        _("% complete counts up to, before acceptance"), max_digits=5, decimal_places=2, default=Decimal(90),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    cost_tolerance = models.DecimalField(
        _("tolerance of cost in % of the budget"), max_digits=5, decimal_places=2, default=Decimal(10),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    time_tolerance = models.PositiveSmallIntegerField(_("tolerance of the finish in working days"), default=20)

    class Meta:
        verbose_name = _("money rules of a project")
        verbose_name_plural = _("money rules of projects")
        ordering = ["project"]

    def __str__(self) -> str:
        return str(self.project)


class AuthorityLimit(Versioned):
    """Up to which amount a role approves budgets (Wertgrenze); without a row for a role it approves none."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="authority_limits"
    )
    role = models.CharField(_("role"), max_length=30)
    amount = models.BigIntegerField(_("approves up to"), validators=[MinValueValidator(0)], null=True, blank=True,
                                    help_text=_("Empty: without a limit."))  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, default="EUR")

    class Meta:
        verbose_name = _("authority limit")
        verbose_name_plural = _("authority limits")
        ordering = ["organisation", "amount", "role"]
        constraints = [models.UniqueConstraint(fields=["organisation", "role"], name="authority_limit_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.amount}"
