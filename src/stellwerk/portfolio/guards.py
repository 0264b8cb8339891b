"""Guards of the portfolio's own transitions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import guard
from stellwerk.portfolio.models import Project


def _only_back_to(phase: str) -> None:
    def returns_to_prior_phase(obj: models.Model, by: User | None) -> Iterable[Text]:
        if isinstance(obj, Project) and obj.phase_before_hold != phase:
            yield _("The project returns to the phase that it was in before the hold.")

    guard("portfolio.project", f"resume_{phase}")(returns_to_prior_phase)


for _phase in ("initiating", "planning", "executing", "transition", "closing"):
    _only_back_to(_phase)
