"""Following an entity: its news stand under the bell and on My day."""

from __future__ import annotations

from django.db import IntegrityError, models, transaction

from stellwerk.core.models import User, Watch
from stellwerk.core.permissions import can, require


def is_watching(obj: models.Model, user: User) -> bool:
    return Watch.objects.filter(user=user, entity_type=obj._meta.label_lower, entity_id=obj.pk).exists()


def watchers(obj: models.Model, verb: str = "view") -> list[User]:
    """Active users who follow this entity and may (still) see it, or ``verb``."""
    numbers = Watch.objects.filter(entity_type=obj._meta.label_lower, entity_id=obj.pk).values("user_id")
    people = User.objects.filter(pk__in=numbers, is_active=True).prefetch_related("grants")
    return [user for user in people if can(user, verb, obj)]


def watch(obj: models.Model, *, by: User) -> None:
    """Follow an entity (nothing happens if it is followed already). Errors: ``NotAllowed``.

    No audit entry: it concerns only the one who follows.
    """
    require(by, "view", obj)
    try:
        with transaction.atomic():
            Watch.objects.get_or_create(user=by, entity_type=obj._meta.label_lower, entity_id=obj.pk)
    except IntegrityError:
        return


def unwatch(obj: models.Model, *, by: User) -> None:
    """Follow no longer; also for what one may not see any more."""
    Watch.objects.filter(user=by, entity_type=obj._meta.label_lower, entity_id=obj.pk).delete()


def watched_by(user: User, label: str) -> list[int]:
    """The numbers of the entities of one kind that the user follows."""
    return list(
        Watch.objects.filter(user=user, entity_type=label).order_by("-created_at").values_list("entity_id", flat=True)
    )
