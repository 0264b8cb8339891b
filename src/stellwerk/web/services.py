"""Writes of the shell: the personal preferences of an account (no audit entry: they concern only their owner)."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from stellwerk.core.models import User
from stellwerk.core.models.users import Theme


@transaction.atomic
def save_preferences(*, user: User, language: str = "", theme: str = "") -> User:
    """Keep the language and the appearance of an account; an empty text leaves a preference as it is.

    Raises ``ValueError`` for a language or appearance that does not exist.
    """
    changed: dict[str, str] = {}
    if language:
        if language not in dict(settings.LANGUAGES):
            raise ValueError(f"unknown language {language!r}")
        changed["language"] = language
    if theme:
        if theme not in Theme.values:
            raise ValueError(f"unknown appearance {theme!r}")
        changed["theme"] = theme
    if changed:
        User.objects.filter(pk=user.pk).update(**changed)
        for name, value in changed.items():
            setattr(user, name, value)
    return user
