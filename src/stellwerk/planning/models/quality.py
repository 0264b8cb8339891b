"""What the checks of a plan found when it was looked at last: small rows, so that pages over many plans compute nothing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.planning.models.plans import Plan


class PlanCheck(models.Model):
    """The result of one check on one plan at one ``revision``; derived, written by ``services.quality`` alone.

    ``passed`` None: reported only, or not measured for a ``reason``. ``items``: the first rows that break the rule, each
    ``[uid, detail]``. Details and reasons are a text, or one text per language: ``{"de": …, "en": …}``.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="checks", db_index=False)
    code = models.CharField(_("code"), max_length=10)
    revision = models.PositiveIntegerField()
    passed = models.BooleanField(_("passed"), null=True)
    count = models.PositiveIntegerField(_("findings"), default=0)
    total = models.PositiveIntegerField(default=0)
    share = models.FloatField(_("share"), null=True)
    reason = models.JSONField(default=str, blank=True)
    items = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("check of a plan")
        verbose_name_plural = _("checks of plans")
        ordering = ["plan", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="plan_check_once")]

    def __str__(self) -> str:
        return f"{self.plan} {self.code}"
