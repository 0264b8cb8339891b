"""What the approval of a baseline triggers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.history import register_verb
from stellwerk.core.models import User
from stellwerk.core.registry import effect, guard
from stellwerk.core.states import advance
from stellwerk.planning.models import Baseline
from stellwerk.planning.services.baselines import span_of
from stellwerk.planning.services.figures import note_plan_change
from stellwerk.portfolio.services.projects import set_baseline_dates

register_verb("baseline", _("baseline approved"))


@guard("planning.baseline", "supersede")
def a_later_one_is_approved(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A plan whose baseline was approved once always has one that counts."""
    if isinstance(obj, Baseline):
        later = Baseline.objects.filter(plan=obj.plan_id, state="approved", number__gt=obj.number)
        if not later.exists():
            yield gettext("A baseline is superseded by the approval of the next one.")


@effect("planning.baseline", "approve")
def supersede_the_one_before(obj: models.Model, by: User | None, before: str) -> None:
    """One baseline counts at a time; the earlier ones stay, B0 for ever."""
    assert isinstance(obj, Baseline)
    for earlier in Baseline.objects.filter(plan=obj.plan_id, state="approved").exclude(pk=obj.pk):
        advance(earlier, "supersede", by=by, reason=str(obj))


@effect("planning.baseline", "approve")
def dates_become_the_project_s(obj: models.Model, by: User | None, before: str) -> None:
    """Start and finish of the project's baseline are those of the approved plan."""
    assert isinstance(obj, Baseline)
    start, finish = span_of(obj)
    project = obj.plan.project
    set_baseline_dates(project=project, start=start, finish=finish, by=by, reason=f"{obj} {obj.name}".strip())
    note_plan_change(obj.plan_id)
