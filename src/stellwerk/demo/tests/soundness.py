"""What holds for the plans of every company that is made."""

from __future__ import annotations

from stellwerk.planning.compute import compute
from stellwerk.planning.models import Plan


def the_plans_are_sound() -> None:
    """Computed anew nothing moves, and each ends when its project says."""
    for plan in Plan.objects.select_related("project", "calendar"):
        assert compute(plan).changed_rows().tolist() == [], plan
        assert plan.finish is not None and plan.finish.date() == plan.project.finish_forecast
