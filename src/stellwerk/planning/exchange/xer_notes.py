"""Notes of Primavera: HTML as told, text for everybody else."""

from __future__ import annotations

import html
import re

from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.xer_tables import NEWLINE, Row

# One pass over the tags takes time in proportion to the text, whatever stands in it.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*|!--|![A-Za-z]+)?[^<>]*>")
_PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_HIDDEN = {"head", "style", "script", "title"}
_BREAKS = {"br", "p", "li", "div", "tr"}


def memo_plain_text(told: str) -> str:
    """A note without markup; line breaks as they are everywhere else."""
    told = told.replace(NEWLINE, "\n").replace("\x7f", "\n").replace("\ufeff", "")
    if not _TAG.search(told):
        return told.strip()
    if _PAGE.search(told):
        told = told.replace("\n", " ")  # there, only tags break lines
    parts: list[str] = []
    hidden, place = 0, 0
    for tag in _TAG.finditer(told):
        if not hidden:
            parts.append(told[place : tag.start()])
        place = tag.end()
        name = (tag[2] or "").lower()
        if name in _HIDDEN:
            hidden = max(0, hidden + (-1 if tag[1] else 1))
        elif name in _BREAKS and not tag[1]:
            parts.append("\n")
        elif not name:
            parts.append(tag[0])  # “<5>” is no markup
    if not hidden:
        parts.append(told[place:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(parts)).split("\n"))
    return "\n".join(line for line in lines if line)


def memo_text(rows: list[Row], column: str) -> tuple[str, tuple[Kept, ...]]:
    """All notes of a row as one text, and the originals, so that they can be written back as they were."""
    texts = [memo_plain_text(row.get(column)) for row in rows]
    kept = tuple(Kept(f"memo:{row.get('memo_type_id')}", row.get(column)) for row in rows)
    return "\n\n".join(text for text in texts if text), kept
