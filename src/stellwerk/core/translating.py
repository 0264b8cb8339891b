"""Texts of all rooms in one dictionary per language."""

from __future__ import annotations

from gettext import GNUTranslations
from typing import Any

from django.utils.translation import trans_real


def merge_catalogs() -> None:
    """Let Django merge catalogs of the same plural rule, as it means to: later ones win.

    It compares a function with its code, so that each room's catalog stays alone, and each text of a page is looked for
    in up to thirty dictionaries.
    """
    trans_real.TranslationCatalog.update = _update  # type: ignore[method-assign, assignment]


def _update(self: Any, other: GNUTranslations) -> None:
    rule: Any = other.plural  # type: ignore[attr-defined]
    texts = other._catalog  # type: ignore[attr-defined]
    if rule.__code__ == self._plurals[0].__code__:
        self._catalogs[0].update(texts)
    else:
        self._catalogs.insert(0, texts.copy())
        self._plurals.insert(0, rule)
