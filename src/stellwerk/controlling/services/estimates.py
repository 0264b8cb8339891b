"""Three-point estimates of a plan: saved in one go, every wrong row named; suggested from the plan by how well known the work is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.models import Estimate
from stellwerk.controlling.selectors.simulation import run_on
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.text import without_control
from stellwerk.planning.models import Activity, Plan

MOST_ROWS: Final = 20_000
LONGEST: Final = 20 * 365 * 1440
"""Minutes that an activity can take at most."""
DEAREST: Final = 10**15
POINTS: Final = ("low", "likely", "high")
COSTS: Final = ("cost_low", "cost_likely", "cost_high")
FIELDS: Final = ("distribution", *POINTS, *COSTS, "group")
SUGGESTIONS: Final = {"routine": (5, 10), "usual": (10, 25), "uncertain": (20, 60), "new": (30, 100)}
"""Percent below and above the plan, by how well known the work is."""


@dataclass(frozen=True)
class Points:
    """One row as it shall be: minutes and minor units; all empty: no estimate. ``version`` of the row that was seen (None: there was none)."""

    activity: int
    distribution: str = Distribution.PERT
    low: int | None = None
    likely: int | None = None
    high: int | None = None
    cost_low: int | None = None
    cost_likely: int | None = None
    cost_high: int | None = None
    group: str = ""
    version: int | None = None

    @property
    def empty(self) -> bool:
        return all(getattr(self, name) is None for name in (*POINTS, *COSTS)) and not self.group


@transaction.atomic
def save_estimates(*, plan: Plan, rows: Sequence[Points], by: User | None) -> int:
    """Write what differs, remove what was emptied; returns how many rows changed.

    Errors: ``NotAllowed``, ``Invalid`` with ``row-<activity>`` for each row that is wrong or that somebody else changed meanwhile.
    """
    require(by, "edit", run_on(plan.project))
    if len(rows) > MOST_ROWS:
        raise Invalid({"__all__": [_("At most %(most)s rows, please.") % {"most": MOST_ROWS}]})
    wanted = {row.activity: row for row in rows}
    names = dict(Activity.objects.filter(plan=plan, pk__in=wanted).values_list("pk", "name"))
    rows_now = Estimate.objects.select_for_update().filter(activity__plan=plan, activity__in=wanted)
    stored = {one.activity_id: one for one in rows_now}
    errors = {f"row-{number}": found for number, row in wanted.items() if (found := _problems(row, names, stored.get(number)))}  # fmt: skip
    if errors:
        raise Invalid(errors)
    new = [Estimate(activity_id=number, **_values(row)) for number, row in wanted.items() if number not in stored and not row.empty]  # fmt: skip
    differing = [one for number, one in stored.items() if _values(wanted[number]) != _values(one)]
    gone = [one.pk for one in differing if wanted[one.activity_id].empty]
    changed = [one for one in differing if one.pk not in gone]
    for one in changed:
        for name, value in _values(wanted[one.activity_id]).items():
            setattr(one, name, value)
        one.version += 1
        one.updated_at = timezone.now()
    Estimate.objects.bulk_create(new)
    Estimate.objects.bulk_update(changed, [*FIELDS, "version", "updated_at"], batch_size=500)
    Estimate.objects.filter(pk__in=gone).delete()
    total = len(new) + len(differing)
    if total:
        record(plan.project, by=by, verb="estimates", changes={"rows": [None, total]})
    return total


def _problems(row: Points, names: Mapping[int, str], stored: Estimate | None) -> list[str]:
    """Everything that is wrong with a row, in words with the name of its activity."""
    name = names.get(row.activity)
    if name is None:
        return [_("This activity is not part of the plan any more.")]
    found = list(_wrong(row))
    if stored is not None and _values(row) != _values(stored) and row.version != stored.version:
        found.append(_("somebody else has changed this meanwhile, to %(what)s. Saving again keeps your input.") % {"what": _said(stored)})  # fmt: skip
    return [_("%(name)s: %(text)s") % {"name": name, "text": text} for text in found]


def _values(row: Points | Estimate) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _said(one: Estimate) -> str:
    return " / ".join("–" if value is None else f"{value / 480:g}" for value in (one.low, one.likely, one.high))


def _wrong(row: Points) -> Iterable[str]:
    if row.distribution not in Distribution.values:
        yield _("choose one of the distributions.")
    for names, most in ((POINTS, LONGEST), (COSTS, DEAREST)):
        points = [getattr(row, name) for name in names]
        known = [value for value in points if value is not None]
        if not known:
            continue
        if len(known) < 3:
            yield _("give all three points, or none.")
        elif not points[0] <= points[1] <= points[2]:
            yield _("the three points are out of order: optimistic ≤ most likely ≤ pessimistic.")
        if min(known) < 0:
            yield _("a point is not negative.")
        if max(known) > most:
            yield _("this is too large.")
        if row.distribution == Distribution.LOGNORMAL and len(known) == 3 and known[0] == 0 and known[2] > 0:
            yield _("a log-normal estimate begins above 0.")
    if len(row.group) > 60:
        yield _("the name of a group has at most 60 characters.")


def suggested(duration: int, below: int, above: int) -> tuple[int, int, int]:
    """Three points around a plan value, in percent below and above it."""
    return duration * (100 - below) // 100, duration, -(-duration * (100 + above) // 100)


def clean_group(text: str) -> str:
    return without_control(text).strip()


def check_percent(data: Mapping[str, str]) -> tuple[int, int]:
    """The two percents of a suggestion. Raises ``Invalid``."""
    if data.get("kind") in SUGGESTIONS:
        return SUGGESTIONS[data["kind"]]
    found = []
    for name, most in (("below", 99), ("above", 1000)):
        text = data.get(name, "").strip().rstrip("%").strip()
        if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) > most:
            raise Invalid({"__all__": [_("Percents are whole numbers: below the plan up to 99, above it up to 1,000.")]})  # fmt: skip
        found.append(int(text))
    return found[0], found[1]
