"""What open demands ask of skills, for the skill matrix of a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.skill_needs import Need, register_needs
from stellwerk.resources.models import Demand, DemandSkill, DemandWeek
from stellwerk.resources.selectors.demands import WAITING
from stellwerk.resources.weeks import monday


@register_needs
def needs_of_demands(user: User, units: Sequence[int]) -> Iterable[Need]:
    """Required skills of demands that ask these units and are not filled, by skill and level; hours from this week on."""
    today = timezone.localdate()
    demands = Demand.objects.filter(visible(user, Demand), state__in=WAITING, archived_at=None, last__gte=today)
    demands = demands.filter(unit__in=units).order_by()
    rows = list(
        DemandSkill.objects.filter(demand__in=demands.values("pk"), must=True, level__gt=0)
        .order_by("skill", "level", "demand")
        .values_list("skill", "level", "demand", "demand__key")
    )
    if not rows:
        return
    weeks = DemandWeek.objects.filter(demand__in={row[2] for row in rows}, monday__gte=monday(today)).order_by()
    minutes = dict(weeks.values_list("demand").annotate(total=Sum("minutes")))
    asked: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    for skill, level, demand, key in rows:
        asked[(skill, level)].append((demand, key))
    for (skill, level), found in asked.items():
        total = sum(minutes.get(demand, 0) for demand, _key in found)
        url = reverse("resources:demand-detail", args=[found[0][1]]) if len(found) == 1 else ""
        yield Need(skill, level, len(found), total, url)
