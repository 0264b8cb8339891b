"""Background jobs of the import: large files are read and written here, with progress and cancel."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import NotAllowed, Text
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.portfolio.importing import drafts
from stellwerk.portfolio.importing.plan import Tell
from stellwerk.portfolio.importing.writing import StalePlan


def _tell(progress: Progress) -> Tell:
    def tell(done: int, total: int, text: Text) -> None:
        progress.step(done, total, text)
        progress.check_cancelled()

    return tell


def _owner(progress: Progress, draft: ChangeSet) -> User:
    if progress.user is None or draft.created_by_id != progress.user.pk:
        raise NotAllowed
    return progress.user


@job("portfolio.import_preview", title=_("Read a file to import"), max_attempts=2)
def preview_import(progress: Progress, *, change_set: int) -> dict[str, Any]:
    """Repeatable: it writes only the preview."""
    draft = ChangeSet.objects.get(pk=change_set)
    drafts.run_preview(draft, by=_owner(progress, draft), tell=_tell(progress))
    progress.result_url = reverse("portfolio:import-preview", args=[draft.uid])
    return {"stage": draft.plan["stage"]}


@job("portfolio.import_apply", title=_("Import a portfolio"), max_attempts=2)
def apply_import(progress: Progress, *, change_set: int) -> dict[str, Any]:
    """Everything in one transaction; started again after a crash, it sees whether that was committed."""
    draft = ChangeSet.objects.get(pk=change_set)
    progress.result_url = reverse("portfolio:import-preview", args=[draft.uid])
    if draft.state == ChangeSetState.APPLIED:
        return {"applied": True}
    try:
        drafts.run_apply(draft, by=_owner(progress, draft), tell=_tell(progress))
    except StalePlan:
        return {"applied": False, "stale": True}
    return {"applied": True}


@job("portfolio.import_tidy", title=_("Discard old import previews"), daily_at=dt.time(3, 40))
def tidy(progress: Progress) -> dict[str, Any]:
    return {"discarded": drafts.tidy()}
