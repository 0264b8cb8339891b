"""Messages about cells, rows and files: translated when shown, not when made.

A background job makes the message, a person reads it later in their own language. So a note keeps the translatable
template and its parameters apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Note:
    """One message with a stable ``code``; ``str(note)`` gives the text in the active language."""

    code: str
    template: str | _StrPromise
    params: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        text = str(self.template)
        return text % dict(self.params) if self.params else text


def note(code: str, template: str | _StrPromise, params: Mapping[str, object] | None = None) -> Note:
    """A note; ``template`` uses ``%(name)s`` placeholders."""
    return Note(code, template, tuple((params or {}).items()))


def shorten(value: object, limit: int = SHOWN_CHARACTERS) -> str:
    """The value as one line of at most ``limit`` characters, for messages."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
