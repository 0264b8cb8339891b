"""Voluntary self-disclosure: kept apart from profiles, found only by a token that needs the secret key of the installation.

Matching never reads it, nobody sees it by person but the person; decisions are counted by group from it (``selectors.fairness``).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import AuditEntry, User
from stellwerk.staffing.models import Disclosure, Profile
from stellwerk.staffing.selectors.fairness import TRAITS, token_of


@transaction.atomic
def disclose(*, profile: Profile, values: Mapping[str, str], by: User | None) -> int:
    """Keep what the person tells of themself; an empty answer takes it back. Returns how many answers are kept now.

    The history knows that somebody changed theirs, not who. Errors: ``NotAllowed`` (anybody but the person), ``Invalid``.
    """
    if by is None or profile.user_id != by.pk or profile.state == "erased":
        raise NotAllowed(_("Only the person may tell this, and only of themself."))
    wrong = {
        trait: [_("Please choose one of the answers.")]
        for trait, value in values.items()
        if value and value not in TRAITS.get(trait, {})
    }
    if wrong:
        raise Invalid(wrong)
    kept = 0
    for trait in TRAITS:
        token, value = token_of(profile.pk, trait), values.get(trait, "")
        if value:
            Disclosure.objects.update_or_create(token=token, trait=trait, defaults={"value": value})
            kept += 1
        else:
            Disclosure.objects.filter(token=token).delete()
    AuditEntry.objects.create(
        entity_type="staffing.disclosure", entity_id=0, entity_key="disclosure", actor=None, verb="disclose", changes={}
    )
    return kept


def forget(profile: Profile) -> None:
    """When a profile is erased, and after a restore."""
    Disclosure.objects.filter(token__in=[token_of(profile.pk, trait) for trait in TRAITS]).delete()
