"""Sessions in Django's table; the query that each page begins with is kept."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from stellwerk.core.kept import KeptQuery

_SESSIONS = KeptQuery(lambda which: Session.objects.filter(which))


class SessionStore(db.SessionStore):
    """Reads as Django's does."""

    def _get_session_from_db(self) -> Any:
        found = _SESSIONS.first(Q(session_key=self.session_key, expire_date__gt=timezone.now()))
        if found is None:
            self._session_key = None
        return found
