"""What was approved: baselines, frozen row by row, and the forecast of each milestone at each reporting date."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User, Versioned
from stellwerk.planning.choices import BASELINE_STATES, Kind
from stellwerk.planning.models.fields import LocalTimeField
from stellwerk.planning.models.plans import Activity, Plan


class Baseline(Versioned):
    """Baseline B0, B1 … of a plan; its rows are frozen when it is proposed and never change."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="baselines", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=160, blank=True)
    reason = models.TextField(_("reason"), help_text=_("What changed, and why the plan is approved anew."))
    state = models.CharField(_("state"), max_length=12, choices=BASELINE_STATES, default="draft", editable=False)
    data_date = models.DateField(_("data date"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        User, verbose_name=_("approved by"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    imported = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="baseline_number_once")]

    def __str__(self) -> str:
        return f"B{self.number}"


FROZEN = "the rows of a baseline never change"


class FrozenRows(models.QuerySet[Any]):
    """Refuses to change what was frozen; rows go only with their baseline."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(FROZEN)

    def delete(self) -> NoReturn:
        raise TypeError(FROZEN)


class BaselineRow(models.Model):
    """One row as it was frozen: scope, dates, effort (hours), cost (minor units of the project's currency)."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="rows", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.SET_NULL, null=True, related_name="baseline_rows")
    uid = models.IntegerField()
    position = models.BigIntegerField()
    level = models.PositiveSmallIntegerField(default=1)
    summary = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TASK)
    wbs = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=500)
    start = LocalTimeField(null=True)
    finish = LocalTimeField(null=True)
    duration = models.BigIntegerField(null=True)
    work = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    cost = models.BigIntegerField(null=True)
    ev_method = models.CharField(max_length=10, blank=True)
    weight = models.PositiveSmallIntegerField(null=True)

    objects = FrozenRows.as_manager()

    class Meta:
        verbose_name = _("row of a baseline")
        verbose_name_plural = _("rows of a baseline")
        ordering = ["baseline", "position"]
        constraints = [models.UniqueConstraint(fields=["baseline", "uid"], name="baseline_row_once")]

    def __str__(self) -> str:
        return f"{self.wbs} {self.name}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError(FROZEN)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(FROZEN)


class MilestoneForecast(models.Model):
    """When a milestone was expected at a reporting date: one point of the milestone trend analysis."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="forecasts", db_index=False)
    date = models.DateField(_("reporting date"))
    forecast = models.DateField(_("forecast"))

    class Meta:
        verbose_name = _("forecast of a milestone")
        verbose_name_plural = _("forecasts of milestones")
        ordering = ["activity", "date"]
        constraints = [models.UniqueConstraint(fields=["activity", "date"], name="milestone_forecast_once")]

    def __str__(self) -> str:
        return f"{self.activity} {self.date}: {self.forecast}"
