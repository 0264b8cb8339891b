"""What the approval of a baseline triggers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_verb
from stellwerk.core.models import User
from stellwerk.core.registry import effect
from stellwerk.core.services import write
from stellwerk.planning.models import Baseline
from stellwerk.planning.services.baselines import span_of
from stellwerk.planning.services.figures import note_plan_change
from stellwerk.portfolio.services.projects import set_baseline_dates

register_verb("supersede", _("superseded"))
register_verb("baseline", _("baseline approved"))


@effect("planning.baseline", "approve")
def supersede_the_one_before(obj: models.Model, by: User | None, before: str) -> None:
    """One baseline counts at a time; the earlier ones stay, B0 for ever."""
    assert isinstance(obj, Baseline)
    for earlier in Baseline.objects.filter(plan=obj.plan_id, state="approved").exclude(pk=obj.pk):
        write(earlier, {"state": "superseded"}, by=by, verb="supersede", reason=str(obj))


@effect("planning.baseline", "approve")
def dates_become_the_project_s(obj: models.Model, by: User | None, before: str) -> None:
    """Start and finish of the project's baseline are those of the approved plan."""
    assert isinstance(obj, Baseline)
    start, finish = span_of(obj)
    project = obj.plan.project
    set_baseline_dates(project=project, start=start, finish=finish, by=by, reason=f"{obj} {obj.name}".strip())
    note_plan_change(obj.plan_id)
