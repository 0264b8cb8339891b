"""The card that offers to take back what was just done in one go."""

from __future__ import annotations

from django.http import HttpRequest

from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState

KEY = "undo_card"


def offer_undo(request: HttpRequest, change_set: ChangeSet) -> None:
    """Show the undo card of this set on the next page that the reader sees."""
    request.session[KEY] = str(change_set.uid)


def offered(request: HttpRequest) -> ChangeSet | None:
    """The set to offer, once; None if there is none, or if it can no longer be taken back."""
    session = getattr(request, "session", None)
    if session is None or KEY not in session or not isinstance(request.user, User):
        return None
    found = ChangeSet.objects.filter(uid=session.pop(KEY), created_by=request.user, state=ChangeSetState.APPLIED)
    return found.first()
