"""Large schedule files are read and written in the background; ``jobs.py`` imports this."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.planning.services import drafts
from stellwerk.planning.services.importing import StaleImport

PREVIEW, APPLY = "planning.import_preview", "planning.import_apply"


def _owner(progress: Progress, draft: ChangeSet) -> User:
    if progress.user is None or draft.created_by_id != progress.user.pk:
        raise NotAllowed
    return progress.user


@job(PREVIEW, title=_("Read a schedule"), max_attempts=2)
def preview_schedule(progress: Progress, *, change_set: int) -> dict[str, Any]:
    """Repeatable: it writes only the preview."""
    draft = ChangeSet.objects.get(pk=change_set)
    progress.result_url = reverse("planning:import-preview", args=[draft.uid])
    if draft.state != ChangeSetState.PREVIEWED:
        return {"stage": draft.state}
    progress.check_cancelled()
    drafts.run_preview(draft, by=_owner(progress, draft))
    return {"stage": draft.plan["stage"]}


@job(APPLY, title=_("Import a schedule"), max_attempts=2)
def apply_schedule(progress: Progress, *, change_set: int) -> dict[str, Any]:
    """Everything in one transaction; started again after a crash, it sees whether that was committed."""
    draft = ChangeSet.objects.get(pk=change_set)
    progress.result_url = reverse("planning:import-preview", args=[draft.uid])
    if draft.state == ChangeSetState.APPLIED:
        return {"applied": True}
    progress.check_cancelled()
    try:
        drafts.run_apply(draft, by=_owner(progress, draft))
    except StaleImport:
        drafts.mark_stale(draft)
        return {"applied": False, "stale": True}
    except NotAllowed:
        raise
    except Refused as refusal:
        drafts.mark_refused(draft, str(refusal))
        return {"applied": False}
    return {"applied": True}


@job("planning.import_tidy", title=_("Discard old previews of schedules"), daily_at=dt.time(3, 45))
def tidy(progress: Progress) -> dict[str, Any]:
    return {"discarded": drafts.tidy()}
