"""What the approval of a baseline triggers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.history import register_verb
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, users_who_can
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


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def _words(baseline: Baseline) -> dict[str, str]:
    return {
        "name": f"{baseline} {baseline.name}".strip(),
        "project": f"{baseline.plan.project.key} {baseline.plan.project}",
    }


@effect("planning.baseline", "propose")
def tell_who_decides(obj: models.Model, by: User | None, before: str) -> None:
    """The sponsor of the project; without one that can sign in, everybody who may approve it."""
    assert isinstance(obj, Baseline)
    sponsor = obj.plan.project.sponsor
    user = sponsor.user if sponsor is not None else None
    asked = [user] if user is not None and can(user, "approve", obj) else users_who_can("approve", obj)
    notify(
        [one for one in asked if by is None or one.pk != by.pk],
        kind="planning.baseline",
        title=lambda: gettext("%(project)s: baseline %(name)s waits for your decision") % _words(obj),
        text=obj.reason,
        obj=obj,
    )


def _tell_who_asked(baseline: Baseline, by: User | None, title: Callable[[], str], text: str = "") -> None:
    asked = AuditEntry.objects.filter(entity_type="planning.baseline", entity_id=baseline.pk, verb="propose").first()
    if asked is not None and asked.actor is not None and asked.actor != by:
        notify([asked.actor], kind="planning.baseline", title=title, text=text, obj=baseline)


@effect("planning.baseline", "approve")
def tell_the_approval(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Baseline)
    _tell_who_asked(obj, by, lambda: gettext("%(project)s: baseline %(name)s is approved") % _words(obj))


@effect("planning.baseline", "reject")
def tell_the_rejection(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Baseline)
    last = AuditEntry.objects.filter(entity_type="planning.baseline", entity_id=obj.pk, verb="reject").first()
    reason = last.reason if last is not None else ""
    _tell_who_asked(obj, by, lambda: gettext("%(project)s: baseline %(name)s is rejected") % _words(obj), reason)
