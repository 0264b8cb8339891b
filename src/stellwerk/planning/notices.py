"""Tells the manager of a taker when a giver of another project moves one of their milestones."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.aftermath import TAKERS_MOVED
from stellwerk.planning.services.editing.effects import Effect, Move

TOLD = 5
"""Milestones named in one message."""


def tell_of_slip(giver: Plan, taker: Plan, effect: Effect) -> int:
    """One line and mail to the taker's project manager when milestones move to a later day; how many were told.

    A giver that the manager may not see stays nameless.
    """
    manager = taker.project.manager
    user = manager.user if manager is not None else None
    if user is None:
        return 0
    later = {move.row: move for move in effect.moves if move.finish[1].date() > move.finish[0].date()}
    rows = Activity.objects.filter(pk__in=later, kind__in=MILESTONES, active=True, actual_finish=None)
    slipped = sorted((later[pk] for pk in rows.values_list("pk", flat=True)), key=lambda move: (-move.days, move.row))
    if not slipped:
        return 0
    worst = slipped[0]
    who = giver.key if can(user, "view", giver) else ""
    told = notify(
        [user],
        kind="planning.slip",
        title=lambda: _title(who, taker, worst),
        text=lambda: _text(slipped, effect),
        obj=taker,
        dedupe=f"planning.slip:{taker.pk}:{giver.pk}:{worst.row}:{worst.finish[1].date()}",
    )
    return len(told)


def _title(giver: str, taker: Plan, worst: Move) -> str:
    words = {
        "giver": giver or _("Another project"), "taker": taker.key, "name": worst.name,
        "date": formats.day(worst.finish[1].date()), "days": formats.number(worst.days, _decimals(worst), sign=True),
    }  # fmt: skip
    return _("%(giver)s moves “%(name)s” in %(taker)s by %(days)s WD to %(date)s") % words


def _text(slipped: Sequence[Move], effect: Effect) -> str:
    lines = [
        _("%(name)s: %(before)s → %(after)s (%(days)s WD)")
        % {
            "name": f"{move.wbs} {move.name}".strip(), "before": formats.day(move.finish[0].date()),
            "after": formats.day(move.finish[1].date()), "days": formats.number(move.days, _decimals(move), sign=True),
        }
        for move in slipped[:TOLD]
    ]  # fmt: skip
    if len(slipped) > TOLD:
        more = len(slipped) - TOLD
        lines.append(ngettext("and %(count)s more milestone", "and %(count)s more milestones", more) % {"count": more})
    return "\n".join([*lines, effect.text])


def _decimals(move: Move) -> int:
    return 0 if move.days == move.days.to_integral_value() else 1


TAKERS_MOVED.append(tell_of_slip)
