"""Baselines: a plan is frozen row by row, proposed, and approved by somebody else. Rows never change afterwards.

Until changes are governed, whoever may ``approve`` the project (its sponsor, executives) approves its baselines.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import bulk
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, validate
from stellwerk.core.snapshots import canonical
from stellwerk.core.states import advance
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Plan

COPIED: Final = (
    "uid",
    "position",
    "level",
    "summary",
    "kind",
    "wbs",
    "name",
    "duration",
    "work",
    "cost",
    "ev_method",
    "weight",
)
"""Columns that a frozen row takes over from the activity as they are; dates follow as minutes."""
SEALED: Final = ("uid", "position", "level", "summary", "kind", "wbs", "start", "finish", "duration", "work", "cost", "ev_method", "weight")  # fmt: skip
"""What the digest covers. Names stand outside: an erasure may take a person's name out of them, and the seal stays whole."""
FOUR = Decimal("0.0001")


def propose_baseline(*, plan: Plan, reason: str, name: str = "", by: User | None) -> Baseline:
    """Freeze the rows of a plan under the next number and ask for approval.

    Errors: ``NotAllowed``, ``Refused`` (archived project, or another baseline waits already), ``Invalid`` (no reason,
    no rows, a name that is too long).
    """
    require(by, "edit", plan)
    if plan.project.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    if not reason.strip():
        raise Invalid({"reason": [_("Please give a reason.")]})
    with transaction.atomic():
        # The plan is locked: two proposals at once would freeze the same rows twice.
        plan = Plan.objects.select_for_update().select_related("project").get(pk=plan.pk)
        waiting = plan.baselines.filter(state__in=("draft", "proposed")).first()
        if waiting is not None:
            raise Refused(
                _("Baseline %(name)s waits for a decision already.") % {"name": waiting},
                _("Have it approved or rejected first."),
                code="baseline_waiting",
            )
        baseline = _draft(plan, name.strip(), reason.strip(), by)
        count = freeze(baseline)
        if not count:
            raise Invalid({"__all__": [_("The plan has no rows: there is nothing to approve.")]})
        return advance(baseline, "propose", by=by)


def _draft(plan: Plan, name: str, reason: str, by: User | None) -> Baseline:
    top = plan.baselines.aggregate(top=Max("number"))["top"]
    day = plan.data_date.date() if plan.data_date is not None else timezone.localdate()
    baseline = Baseline(plan=plan, number=0 if top is None else top + 1, name=name, reason=reason, data_date=day)
    validate(baseline)
    baseline.save(force_insert=True)
    record(baseline, by=by, verb="create", reason=reason, changes={"name": [None, name]} if name else {})
    return baseline


def freeze(baseline: Baseline) -> int:
    """Copy the rows that count now (neither inactive nor cancelled) and seal them; returns how many."""
    rows = (
        Activity.objects.filter(plan_id=baseline.plan_id, active=True)
        .exclude(state="cancelled")
        .order_by("position", "pk")
    )
    minutes = {"from_": Cast("start", BigIntegerField()), "until": Cast("finish", BigIntegerField())}
    found = list(rows.annotate(**minutes).values_list("pk", *COPIED, *minutes))
    names = ("baseline_id", "activity_id", *COPIED, "start", "finish")
    bulk.insert(BaselineRow, names, ((baseline.pk, *map(_stored, row)) for row in found))
    Baseline.objects.filter(pk=baseline.pk).update(sha256=seal_of(stored_rows(baseline)))
    baseline.refresh_from_db(fields=["sha256"])
    return len(found)


def _stored(value: Any) -> bulk.Value:
    return str(value) if isinstance(value, Decimal) else value


def stored_rows(baseline: Baseline) -> QuerySet[Any, tuple[Any, ...]]:
    """The sealed columns of each row as they are stored, in order; dates in minutes since 1950."""
    minutes = {"from_": Cast("start", BigIntegerField()), "until": Cast("finish", BigIntegerField())}
    columns = ["from_" if name == "start" else "until" if name == "finish" else name for name in SEALED]
    rows: QuerySet[BaselineRow] = BaselineRow.objects.filter(baseline=baseline).order_by("position", "uid")
    return rows.annotate(**minutes).values_list(*columns)


def seal_of(rows: Iterable[Sequence[Any]]) -> str:
    """SHA-256 over the canonical JSON of the rows (columns :data:`SEALED`)."""
    plain = [
        [format(value.quantize(FOUR), "f") if isinstance(value, Decimal) else value for value in row] for row in rows
    ]
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


def intact(baseline: Baseline) -> bool:
    """Do the stored rows still have the digest with which they were proposed? Imported baselines have none."""
    return not baseline.sha256 or seal_of(stored_rows(baseline)) == baseline.sha256


def approve_baseline(*, baseline: Baseline, by: User | None, version: int | None = None) -> Baseline:
    """Approve; the one approved before is superseded. Errors: ``NotAllowed`` (also whoever proposed it), ``WrongState``."""
    return advance(baseline, "approve", by=by, version=version)


def reject_baseline(*, baseline: Baseline, by: User | None, reason: str, version: int | None = None) -> Baseline:
    """Reject with a reason. Errors: ``NotAllowed`` (also whoever proposed it), ``WrongState``, ``Invalid``."""
    return advance(baseline, "reject", by=by, reason=reason, version=version)


def span_of(baseline: Baseline) -> tuple[dt.date | None, dt.date | None]:
    """First start and last finish of the frozen rows."""
    rows = BaselineRow.objects.filter(baseline=baseline)
    first = rows.exclude(start=None).order_by("start").values_list("start", flat=True).first()
    last = rows.exclude(finish=None).order_by("-finish").values_list("finish", flat=True).first()
    return (first.date() if first else None, last.date() if last else None)
