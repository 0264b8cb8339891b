"""What is held on a person, handed out (GDPR Art. 15 and 20): the file of the page and of the API, written down each time."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from stellwerk.core.disclosure import stored_about
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.registry import ENTITIES
from stellwerk.core.services import record
from stellwerk.staffing.models import Match, Profile


@transaction.atomic
def held_about(*, profile: Profile, by: User | None) -> dict[str, Any]:
    """Everything of the profile, its matches and account by table, scores included; the self-disclosure is kept apart.

    Errors: ``NotAllowed``.
    """
    require(by, "export", profile)
    matches = {match.pk: match for match in Match.objects.filter(profile=profile)}
    subjects: list[models.Model] = [profile, *matches.values()]
    if profile.user is not None:
        subjects.append(profile.user)
    tables = stored_about(subjects)
    tables.pop("staffing.disclosure", None)
    for row in tables.get("staffing.match", []):  # what a side may not read in the history is the person's to have
        row |= {name: getattr(matches[row["id"]], name) for name in ENTITIES["staffing.match"].guarded}
    record(profile, by=by, verb="export")
    return {"profile": profile.key, "tables": tables}
