"""What several groups of slides share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import LightName
from stellwerk.core.documents.text import NBSP
from stellwerk.reporting.deck.facts import SLIP_DAYS, Facts
from stellwerk.reporting.deck.words import dimension_name
from stellwerk.reporting.payload import DIMENSIONS, StatusPayload

LIGHTS: dict[str, LightName] = {"red": "red", "amber": "amber", "grey": "grey", "green": "green"}


class Keyed(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


_NUMBERED = re.compile(r"[A-Z]+-\d+")
_SPEAKABLE = 34


def spoken(project: Keyed) -> str:
    """How a title calls a project: by a key that says something (ALPHA), else by its name unless that is long."""
    numbered = _NUMBERED.fullmatch(project.key) is not None
    return project.name if numbered and 0 < len(project.name) <= _SPEAKABLE else project.key


def named(facts: Facts, projects: Sequence[Keyed], most: int = 3) -> str:
    """:func:`keys` for titles, with :func:`spoken` names."""
    names = [spoken(project) for project in projects]
    if len(names) <= most:
        return facts.numbers.list(names)
    return ", ".join(names[: most - 1]) + " " + _("and %(count)s more") % {"count": len(names) - most + 1}


def keys(facts: Facts, projects: Sequence[Keyed], most: int = 4) -> str:
    """ "A, B und C", at most ``most`` of them by name."""
    names = [project.key for project in projects]
    if len(names) <= most:
        return facts.numbers.list(names)
    return ", ".join(names[: most - 1]) + " " + _("and %(count)s more") % {"count": len(names) - most + 1}


def trigger(facts: Facts, project: StatusPayload, name: str) -> str:
    """Why a light shows what it shows: the reason that was given, else the deciding figures, else the reported cause."""
    light = project.light(name)
    if light.reason and light.source == "overridden":
        return light.reason
    if light.value not in ("red", "amber"):
        return ""
    found = {"schedule": _schedule, "cost": _cost, "overall": _overall}.get(name, _nothing)(facts, project)
    cause = next((step.cause for step in project.path_to_green if step.dimension == name and step.cause), "")
    return found or light.reason or cause


def _nothing(facts: Facts, project: StatusPayload) -> str:
    return ""


def _schedule(facts: Facts, project: StatusPayload) -> str:
    parts = []
    if project.spi_t is not None and project.spi_t < Decimal("0.95"):
        parts.append(f"SPI(t){NBSP}{facts.numbers.decimal(project.spi_t, 2)}")
    late = [m for m in project.milestones if m.actual is None and (m.delta_days or 0) > SLIP_DAYS]
    if late:
        worst = max(late, key=lambda m: m.delta_days or 0)
        days = facts.numbers.decimal(worst.delta_days, sign=True)
        parts.append(_("%(what)s %(days)s WD") % {"what": worst.code or worst.name, "days": days})
    return "; ".join(parts)


def _cost(facts: Facts, project: StatusPayload) -> str:
    over = facts.overrun(project)
    if over is None or over <= 0:
        return ""
    return _("EAC %(percent)s over BAC") % {"percent": facts.numbers.percent(over)}


def _overall(facts: Facts, project: StatusPayload) -> str:
    """The dimensions that have the overall light's own colour."""
    same = [dimension_name(name) for name in DIMENSIONS if project.light(name).value == project.overall.value]
    return facts.numbers.list(same)
