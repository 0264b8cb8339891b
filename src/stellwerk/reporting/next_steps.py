"""My day of a house that has projects but does not report yet: what comes after the import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.models import User
from stellwerk.core.myday import MY_DAY
from stellwerk.core.permissions import can
from stellwerk.core.registry import Panel, register_panel
from stellwerk.people.models import Person
from stellwerk.portfolio.models import Project
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle


def cycle_of(request: HttpRequest, user: User) -> Cycle | None:
    """The running cycle, read once for all panels of a page."""
    if not hasattr(request, "running_cycle"):
        request.running_cycle = selectors.current_cycle(user)  # type: ignore[attr-defined]
    found: Cycle | None = request.running_cycle  # type: ignore[attr-defined]
    return found


def next_steps(user: User, running: Cycle | None) -> list[dict[str, str]]:
    """Steps that this user may take and nobody has taken; none as soon as there is a reporting cycle."""
    if running is not None or not can(user, "create", "reporting.cycle"):
        return []
    if Cycle.objects.exists() or not Project.objects.exists():
        return []
    steps = [
        _step("presentation", _("Make the deck"), _("The steering committee's slides from the list you imported."), "reporting:deck"),
        _step("layout-grid", _("Look at the board"), _("All projects with lights, roadmap and money."), "portfolio:board-all"),
        _step("calendar-event", _("Plan cycles"), _("From then on project managers are asked for their reports."), "reporting:cycle-plan"),
    ]  # fmt: skip
    if can(user, "create", "people.person") and not Person.objects.exists():
        steps.append(
            _step("users", _("New person"), _("People lead projects, report and are planned."), "people:person-create")
        )
    if can(user, "create", "core.user") and User.objects.count() == 1:
        steps.append(
            _step("user-plus", _("New account"), _("Invite colleagues by mail and give them a role."), "people:user-create")
        )  # fmt: skip
    return [step for step in steps if step["url"]]


def _step(icon: str, label: str, text: str, name: str) -> dict[str, str]:
    try:
        url = reverse(name)
    except NoReverseMatch:  # an installation without that room
        url = ""
    return {"icon": icon, "label": label, "text": text, "url": url}


def _panel(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, User)
    if not can(obj, "view", "reporting.cycle"):
        return None
    steps = next_steps(obj, cycle_of(request, obj))
    return {"steps": steps} if steps else None


register_panel(
    Panel(MY_DAY, "next_steps", gettext_lazy("Next steps"), "reporting/myday_next.html", _panel, order=5, width=2)
)
