"""What follows for earned value when a budget or a forecast is approved."""

from __future__ import annotations

from django.db import models

from stellwerk.controlling.models import Budget
from stellwerk.controlling.services.evm_figures import note_money_change
from stellwerk.core.models import User
from stellwerk.core.registry import effect


@effect("controlling.budget", "approve")
def figures_follow(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Budget)
    note_money_change([obj.project_id])
