"""What this room offers on its own pages beside what their views show."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core.access import actor
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, Duty, register_action, register_duties
from stellwerk.people.models import Person, PersonSkill, Unit
from stellwerk.people.selectors.profile import skills_running_out, skills_to_confirm
from stellwerk.people.services.disclosing import may_disclose
from stellwerk.people.services.persons import is_erased


def _data(request: HttpRequest, obj: models.Model) -> str | None:
    if not isinstance(obj, Person) or is_erased(obj) or not may_disclose(obj, actor(request)):
        return None
    return reverse("people:person-data", args=[obj.key])


register_action(
    Action("people.person", "data", gettext_lazy("All stored personal data"), _data, icon="download", order=90)
)


def _matrix(request: HttpRequest, obj: models.Model) -> str | None:
    if not isinstance(obj, Unit) or not can(actor(request), "view", PersonSkill):
        return None
    return reverse("people:unit-skills", args=[obj.key])


register_action(Action("people.unit", "skills", gettext_lazy("Skill matrix"), _matrix, icon="award", order=20))


@register_duties("approval", boards=False)
def _skills_to_confirm(user: User) -> Iterable[Duty]:
    """One line for all claims of one's people, and for confirmations that run out."""
    if not can(user, "confirm", PersonSkill):
        return
    rows = list(skills_to_confirm(user).select_related("person", "skill")[:200])
    if not rows:
        return
    names = list(dict.fromkeys(f"{row.person}: {row.skill}" for row in rows))
    title = ngettext("Confirm %(count)s skill", "Confirm %(count)s skills", len(rows)) % {"count": len(rows)}
    yield Duty(
        title=title, text=" · ".join(names[:3]) + (" …" if len(names) > 3 else ""), kind="approval", icon="award",
        url=reverse("people:personskill-list") + "?state=open&state=expired&state=soon",
        due=min((row.expires for row in rows if row.expires is not None), default=None), button=_("Confirm"),
    )  # fmt: skip


@register_duties("task")
def _skills_running_out(user: User) -> Iterable[Duty]:
    """One's own confirmed skills that soon no longer count."""
    if not can(user, "edit", PersonSkill):
        return
    for row in skills_running_out(user).select_related("skill", "person"):
        yield Duty(
            title=_("Renew “%(skill)s”") % {"skill": row.skill}, text=_("The confirmation runs out."), icon="award", kind="task",
            url=reverse("people:person-detail", args=[row.person.key]) + "#skills", due=row.expires, button=_("Open"),
        )  # fmt: skip
