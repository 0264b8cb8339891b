"""Large files of actuals are read and booked in the background; ``jobs.py`` imports this."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.controlling.models import ActualsImport, Period
from stellwerk.controlling.period_words import month_text
from stellwerk.controlling.services import actuals_drafts as drafts
from stellwerk.controlling.services.close import prove
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.jobs import Progress, job
from stellwerk.core.notify import notify
from stellwerk.core.permissions import users_who_can

PROVED = 12
"""So many months of each legal entity are computed anew every night."""
PREVIEW, APPLY = "controlling.preview_actuals", "controlling.book_actuals"


def _batch(progress: Progress, number: int) -> ActualsImport:
    batch = ActualsImport.objects.select_related("organisation").get(pk=number)
    if progress.user is None or batch.by_id != progress.user.pk:
        raise NotAllowed
    progress.result_url = reverse("controlling:actuals-import", args=[batch.pk])
    return batch


def _telling(progress: Progress, text: Any) -> Any:
    def step(done: int, total: int | None) -> None:
        progress.check_cancelled()
        progress.step(done, total, text)

    return step


@job(PREVIEW, title=gettext_lazy("Read a file of actuals"), max_attempts=2)
def preview_actuals(progress: Progress, *, batch: int) -> dict[str, Any]:
    """Repeatable: it writes only the preview."""
    held = _batch(progress, batch)
    if held.state != "preview":
        return {"state": held.state}
    drafts.run_preview(held, by=progress.user, step=_telling(progress, _("Reading lines")))
    return {"stage": held.draft["stage"]}


@job(APPLY, title=gettext_lazy("Book a file of actuals"), max_attempts=2)
def book_actuals(progress: Progress, *, batch: int) -> dict[str, Any]:
    """One transaction; started again after a crash, it sees whether that was committed."""
    held = _batch(progress, batch)
    if held.state == "booked":
        return {"booked": True}
    try:
        outcome = drafts.run_apply(held, by=progress.user, step=_telling(progress, _("Booking lines")))
    except NotAllowed:
        raise
    except Refused as refusal:
        drafts.mark_refused(held, str(refusal))
        return {"booked": False}
    return {"booked": True, "lines": outcome.lines}


@job("controlling.tidy_actuals", title=gettext_lazy("Discard old previews of actuals"), daily_at=dt.time(3, 55))
def tidy_actuals(progress: Progress) -> dict[str, Any]:
    return {"discarded": drafts.tidy()}


@job("controlling.prove_months", title=gettext_lazy("Recompute closed months"), daily_at=dt.time(2, 40))
def prove_months(progress: Progress) -> dict[str, Any]:
    """The newest closed months of each legal entity are computed anew; controllers are told where a figure differs. Repeatable."""
    rows = Period.objects.filter(state="closed").select_related("organisation").order_by("organisation_id", "-month")
    seen: Counter[int] = Counter()
    differing = 0
    for period in rows:
        seen[period.organisation_id] += 1
        if seen[period.organisation_id] > PROVED:
            continue
        progress.check_cancelled()
        proof = prove(period)
        if proof is not None and not proof.holds:
            differing += 1
            _tell(period, len(proof.differs) + len(proof.broken))
    return {"months": sum(min(count, PROVED) for count in seen.values()), "differing": differing}


def _tell(period: Period, count: int) -> None:
    notify(
        users_who_can("close", period),
        kind="controlling.proof",
        title=lambda: _("%(month)s no longer comes out as it was frozen") % {"month": month_text(period.month)},
        text=lambda: ngettext("%(count)s figure differs.", "%(count)s figures differ.", count) % {"count": count},
        obj=period,
        url=reverse("controlling:month-proof", args=[period.pk]),
        dedupe=f"controlling.proof:{period.pk}",
    )  # fmt: skip
