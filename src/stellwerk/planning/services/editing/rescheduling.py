"""Taking a rescheduling back: the dates before it are kept, because nothing else could bring them again.

Dates are derived: an edit is undone by computing anew. A rescheduling has no operations to take back, so its change set keeps the computed
columns of the rows it moved, and a digest of all dates it left. Whoever takes it back gets those columns, and the plan waits for its planner
again; where dates changed since, it is refused, because the old dates of some rows would stand beside new ones of others.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import bulk
from stellwerk.core.changesets import ChangeKind, register_change_kind
from stellwerk.core.errors import Text
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import require
from stellwerk.engine.calendars import moment
from stellwerk.planning.columns import NULL, OUTPUTS, Columns, Integers, read_columns
from stellwerk.planning.compute import Computed
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.aftermath import plan_changed

KIND: Final = "plan_reschedule"
FLAGS: Final = ("summary", "critical")
TEXTS: Final = ("wbs", "finding")


def kept(computed: Computed, changed: Integers) -> dict[str, Any]:
    """What a change set remembers of a rescheduling: computed columns of the ``changed`` rows before it, and the digest of what it left."""
    number, text = computed.columns.number, computed.columns.text
    columns: dict[str, list[Any]] = {name: number[name][changed].tolist() for name in ("pk", *OUTPUTS, "summary")}
    rows = changed.tolist()
    columns |= {name: [text[name][row] for row in rows] for name in TEXTS}
    return {
        "before": columns,
        "left": _digest(number["pk"], computed.results["start"], computed.results["finish"]),
    }


def _digest(*columns: Integers) -> str:
    """Of dates by number of the row, whatever the order of the rows."""
    order = np.argsort(columns[0], kind="stable")
    return hashlib.sha256(b"".join(np.ascontiguousarray(one[order]).tobytes() for one in columns)).hexdigest()


def _left_by(columns: Columns) -> str:
    return _digest(columns.number["pk"], columns.number["start"], columns.number["finish"])


def _locked(change_set: ChangeSet) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("project").get(pk=change_set.plan["plan"])


def _may_undo(change_set: ChangeSet, by: User | None) -> None:
    require(by, "edit", Plan.objects.select_related("project").get(pk=change_set.plan["plan"]))


def _reasons(change_set: ChangeSet) -> list[Text]:
    """Why the old dates can no longer be put back: archived, or dates, rows or both changed since."""
    plan = _locked(change_set)
    if plan.project.archived:
        return [_("This project is archived.")]
    if _left_by(read_columns(plan)) == change_set.plan["left"]:
        return []
    later = ChangeSet.objects.filter(state="applied", pk__gt=change_set.pk, plan__plan=plan.pk).order_by("-pk").first()
    what = _("The plan has got other dates since it was rescheduled; the old ones no longer fit.")
    if later is None:
        return [what]
    told = {"title": later.title, "who": later.created_by or "Stellwerk"}
    return [what, _("The last change was “%(title)s” by %(who)s: take that back first.") % told]


def _put_back(change_set: ChangeSet, by: User | None) -> None:
    """The columns as they were, under a new revision; the plan waits to be rescheduled again."""
    plan = _locked(change_set)
    before = change_set.plan["before"]
    names = [*OUTPUTS, "summary", *TEXTS]
    columns = [[_value(name, one) for one in before[name]] for name in names]
    plan.revision += 1
    rows = zip(*columns, [plan.revision] * len(before["pk"]), before["pk"], strict=True)
    bulk.update(Activity, [*names, "changed_in"], rows)
    ends = read_columns(plan).number["finish"]
    real = ends[ends != NULL]
    plan.finish = moment(int(real.max())) if real.size else None
    plan.stale = True
    Plan.objects.filter(pk=plan.pk).update(revision=plan.revision, finish=plan.finish, stale=True)
    plan_changed(plan, moved=len(before["pk"]))


def _value(name: str, value: Any) -> Any:
    if name in FLAGS:
        return bool(value)
    return None if value == NULL else value


register_change_kind(
    ChangeKind(
        KIND,
        gettext_lazy("Plan rescheduled"),
        icon="timeline",
        permit=_may_undo,
        undoable=_reasons,
        after_undo=_put_back,
    )
)
