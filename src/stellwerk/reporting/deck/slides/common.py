"""What several groups of slides share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LightName,
)
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.payload import StatusPayload

LIGHTS: dict[str, LightName] = {"red": "red", "amber": "amber", "grey": "grey", "green": "green"}


def keys(facts: Facts, projects: list[StatusPayload], most: int = 4) -> str:
    """ "A, B und C", at most ``most`` of them by name."""
    names = [project.key for project in projects]
    if len(names) <= most:
        return facts.numbers.list(names)
    return ", ".join(names[: most - 1]) + " " + _("and %(count)s more") % {"count": len(names) - most + 1}
