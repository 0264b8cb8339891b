"""Who is told that hours have moved: both line managers, the project, and other projects that share the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.resources.choices import LOADING
from stellwerk.resources.models import Allocation
from stellwerk.resources.notices import answering, asking
from stellwerk.resources.weeks import hours_text, week_spans

if TYPE_CHECKING:
    from stellwerk.resources.services.moving import Effect, Side


def tell_moved(booking: Allocation, target: Allocation, told: Effect, by: User | None) -> None:
    own = {user.pk: user for user in (*asking(booking.demand, booking), *answering(booking), *answering(target))}
    words = {
        "hours": hours_text(sum(told.take.values())), "project": str(booking.demand.project), "person": str(told.source.person),
        "other": str(told.target.person),
    }  # fmt: skip
    notify(
        [user for user in own.values() if by is None or user.pk != by.pk],
        kind="resources.hours_moved",
        title=lambda: (
            _("%(project)s: %(hours)s move from %(person)s to %(other)s")
            if told.source.person != told.target.person
            else _("%(project)s: %(hours)s of %(person)s move to other weeks")
        ) % words,
        text=lambda: "\n".join((_side(told.source), _side(told.target))),
        obj=target,
        dedupe=f"resources.hours_moved:{target.pk}:{target.version}",
    )  # fmt: skip
    _tell_others(booking, told, set(own), by)


def _tell_others(booking: Allocation, told: Effect, known: set[int], by: User | None) -> None:
    """Managers of other projects that book the same people in these weeks: only how much they have to do now, not for whom."""
    for side, weeks in ((told.source, told.take), (told.target, told.give)):
        rows = (
            Allocation.objects.filter(person=side.person, state__in=LOADING, weeks__monday__in=list(weeks), archived_at=None)
            .exclude(demand__project=booking.demand.project_id)
            .select_related("demand__project__manager__user")
            .distinct()
        )  # fmt: skip
        for row in rows:
            manager = row.demand.project.manager
            if manager is None or manager.user is None or manager.user_id in known or (by and manager.user_id == by.pk):
                continue
            known.add(manager.user_id or 0)
            notify(
                [manager.user],
                kind="resources.load_moved",
                title=lambda side=side, weeks=weeks: (
                    _("The load of %(person)s changes in %(weeks)s")
                    % {"person": side.person, "weeks": week_spans(list(weeks))}
                ),  # type: ignore[misc]
                text=lambda side=side: _side(side),  # type: ignore[misc]
                obj=row,
                dedupe=f"resources.load_moved:{row.pk}:{booking.pk}:{booking.version}",
            )


def _side(side: Side) -> str:
    before, after = side.ratio_before, side.ratio_after
    return _("%(person)s: %(before)s → %(after)s") % {
        "person": side.person,
        "before": formats.percent(before, 0) if before is not None else hours_text(side.before),
        "after": formats.percent(after, 0) if after is not None else hours_text(side.after),
    }
