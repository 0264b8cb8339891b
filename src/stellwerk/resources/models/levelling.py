"""Runs of levelling: what was asked, how far it is, what it proposes and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User, Versioned
from stellwerk.planning.models import Activity
from stellwerk.planning.models.fields import LocalTimeField
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.choices import RUN_STATES, Objective


class LevellingRun(Versioned):
    """One computation over a portfolio or a project. ``told``: bound, gap, seed, curve, finish dates and load before and after."""

    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    objective = models.CharField(_("aim"), max_length=10, choices=Objective.choices, default=Objective.TARDINESS)
    seconds = models.PositiveIntegerField(_("seconds"), default=20)
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=RUN_STATES, default="running", editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    told = models.JSONField(default=dict, blank=True)
    stop = models.BooleanField(
        default=False, editable=False, help_text="Somebody has seen enough: the best so far counts."
    )
    applied = models.JSONField(
        default=list, blank=True, editable=False, help_text="Change sets of the plans, by number."
    )

    class Meta:
        verbose_name = _("levelling")
        verbose_name_plural = _("levelling runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(portfolio__isnull=False) | models.Q(project__isnull=False),
                name="levelling_run_has_a_scope",
            )
        ]

    def __str__(self) -> str:
        return str(self.project or self.portfolio or "")


class LevellingMove(models.Model):
    """One activity that the proposal moves, stretches or gives to somebody else; times of the plan, without a zone.

    ``people``: [assignment (null: the responsible), person before, person after] for each change of person, as numbers. ``duration``: working
    minutes of its calendar that it then takes, as people work. ``reason``: what the engine says, by numbers of activities and people.
    """

    run = models.ForeignKey(LevellingRun, on_delete=models.CASCADE, related_name="moves")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")
    start_before = LocalTimeField(null=True)
    finish_before = LocalTimeField(null=True)
    start = LocalTimeField()
    finish = LocalTimeField()
    duration = models.BigIntegerField(null=True)
    people = models.JSONField(default=list)
    reason = models.JSONField(default=dict)
    accepted = models.BooleanField(null=True)

    class Meta:
        ordering = ["run", "start", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "activity"], name="levelling_move_once")]

    def __str__(self) -> str:
        return str(self.activity)
