"""Parts of the page frame, drawn once for all pages that would show the same.

A part sees nothing but the facts of the shell that stand in :data:`PARTS`, and these are what it is remembered by: whatever
may change it is part of the key. The token of the forms and the present address differ on each page; they are put in afterwards.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from stellwerk.web.context import Shell

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "web/_side.html": ("urls", "main_nav", "tail_nav", "side", "organisation", "data_date", "cycle"),
    "web/_top.html": ("urls", "create", "unread", "languages", "language", "theme", "density", "who"),
    "web/_phone.html": ("urls", "phone_nav", "phone_more", "create", "languages", "language"),
    "web/_palette.html": ("urls",),
}
MOST = 1000
_TOKEN, _HERE = "\ue000token\ue001", "\ue000here\ue001"
_drawn: dict[tuple[Any, ...], str] = {}


def drawn(shell: Shell, name: str, token: str) -> SafeString:
    """A part of the frame as this shell shows it."""
    facts = {fact: getattr(shell, fact) for fact in PARTS[name]}
    key = (name, get_language(), bool(token), *map(_frozen, facts.values()))
    text = _drawn.get(key)
    if text is None:
        view = SimpleNamespace(**facts, here=mark_safe(_HERE))  # noqa: S308 - a constant
        text = get_template(name).render({"shell": view, "csrf_token": _TOKEN if token else ""})
        if len(_drawn) > MOST:
            _drawn.clear()
        if not settings.DEBUG:  # a template that is being written is drawn anew
            _drawn[key] = text
    return mark_safe(text.replace(_TOKEN, token).replace(_HERE, escape(shell.here)))  # noqa: S308 - drawn by a template


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _frozen(one)) for name, one in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
