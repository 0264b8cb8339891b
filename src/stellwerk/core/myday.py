"""My day: what waits for a user, first what is due today; panels of the rooms; first steps where nothing is there yet.

Rooms contribute duties (``registry.register_duties``) and panels (``register_panel(Panel(entity=MY_DAY, …))``; ``width=2``
stands in the wide column, ``width=1`` in the right one; ``context(request, user)`` gets the user as its object).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import Notification, User
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES, MACHINES, PANELS, Duty, duties_of, register_duties

MY_DAY = "my_day"
MENTIONS_SHOWN = 5
SHOW = ("approval", "report", "task", "mention")


@dataclass(frozen=True)
class FirstStep:
    """A button that a new installation starts with; shown where its page exists and the user may open it."""

    code: str
    label: Text
    icon: str
    url_name: str
    may: Callable[[User], bool]
    order: int = 100
    primary: bool = False


FIRST_STEPS: dict[str, FirstStep] = {}


def register_first_step(step: FirstStep) -> FirstStep:
    """Offer a first step on the empty My day (importing a portfolio, loading the demo company)."""
    FIRST_STEPS[step.code] = step
    return step


def first_steps_for(user: User) -> list[dict[str, Any]]:
    rows = []
    for step in sorted(FIRST_STEPS.values(), key=lambda row: (row.order, row.code)):
        try:
            url = reverse(step.url_name)
        except NoReverseMatch:
            continue
        if step.may(user):
            rows.append({"step": step, "url": url})
    return rows


def greeting(now: dt.datetime | None = None) -> str:
    hour = timezone.localtime(now).hour
    if hour < 11:
        return _("Good morning")
    return _("Good day") if hour < 18 else _("Good evening")


@register_duties("mention")
def mentions(user: User) -> Iterable[Duty]:
    """Unread mentions wait for an answer."""
    rows = Notification.objects.filter(user=user, kind="mention", read_at__isnull=True)[:MENTIONS_SHOWN]
    for row in rows:
        yield Duty(
            title=row.title, text=row.text[:140], url=reverse("notifications:open", args=[row.pk]), icon="at", kind="mention",
            button=_("Reply"),
        )  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """A duty as the page shows it."""

    duty: Duty
    when: str
    late: bool
    post: bool


def waiting_for(user: User, today: dt.date) -> tuple[list[Waiting], list[Waiting]]:
    """(due today or before, later or without a date)."""
    now: list[Waiting] = []
    later: list[Waiting] = []
    for duty in duties_of(user):
        line = Waiting(duty, _when(duty.due, today), duty.due is not None and duty.due < today, duty.kind == "mention")
        (now if duty.due is not None and duty.due <= today else later).append(line)
    return now, later


def _when(due: dt.date | None, today: dt.date) -> str:
    if due is None:
        return ""
    if due == today:
        return _("today")
    text = formats.day(due, short=True)
    return _("since %(day)s") % {"day": text} if due < today else _("until %(day)s") % {"day": text}


def has_data() -> bool:
    """Is there anything to steer in this house (any entity with a state machine)? An administrator may see none of it."""
    kinds = [ENTITIES[label] for label in MACHINES if label in ENTITIES]
    return any(kind.model._default_manager.exists() for kind in kinds)


def panels(request: HttpRequest, user: User) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(wide column, right column) of what the rooms show on My day."""
    wide: list[dict[str, Any]] = []
    narrow: list[dict[str, Any]] = []
    for panel in PANELS.get(MY_DAY, []):
        context = panel.context(request, user)
        if context is not None:
            (wide if panel.width > 1 else narrow).append({"panel": panel, "context": context})
    return wide, narrow


def sub_line(today: dt.date, first: Waiting | None) -> str:
    from babel.dates import format_date
    from django.utils.translation import get_language

    weekday = format_date(today, "EEEE", locale=(get_language() or "de")[:2])
    text = f"{weekday}, {formats.day(today)}, {formats.iso_week(today)}."
    if first is None:
        return text
    title = first.duty.line.rstrip(".")
    return text + " " + _("First: %(what)s") % {"what": title if title.endswith(("?", "!")) else f"{title}."}


def day_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """Everything that the page My day shows."""
    today = timezone.localdate()
    now, later = waiting_for(user, today)
    every = [*now, *later]
    show = request.GET.get("show", "")
    show = show if show in SHOW else ""
    kinds = {kind: sum(1 for line in every if line.duty.kind == kind) for kind in SHOW}
    wide, narrow = panels(request, user)
    empty = not every and not wide and not has_data()
    return {
        "greeting": greeting(), "today": today, "sub": sub_line(today, every[0] if every else None), "count": len(every),
        "due": len(now), "now": _shown(now, show), "later": _shown(later, show), "show": show, "tabs": _tabs(len(every), kinds, show),
        "wide": wide, "narrow": narrow, "empty": empty, "first_steps": first_steps_for(user) if empty else [],
    }  # fmt: skip


def _shown(lines: list[Waiting], show: str) -> list[Waiting]:
    return [line for line in lines if not show or line.duty.kind == show]


def _tabs(total: int, kinds: dict[str, int], show: str) -> list[dict[str, Any]]:
    names = {"approval": _("Approvals"), "report": _("Reports"), "task": _("Tasks"), "mention": _("Mentions")}
    every = _("All")
    rows: list[dict[str, Any]] = [{"label": f"{every} {total}", "url": "?", "current": not show}]
    rows += [
        {"label": f"{names[kind]} {count}", "url": f"?show={kind}", "current": show == kind}
        for kind, count in kinds.items()
        if count or show == kind
    ]
    return rows


def _may_import(user: User) -> bool:
    return can(user, "import", "portfolio.project") if "portfolio.project" in ENTITIES else False


register_first_step(
    FirstStep(
        "import",
        gettext_lazy("Import a portfolio"),
        "file-import",
        "portfolio:import",
        _may_import,
        order=10,
        primary=True,
    )
)
