"""Traffic lights and yes/no."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.cells import Cell, cell_text
from stellwerk.core.tabular.notes import note, shorten
from stellwerk.core.tabular.values.absence import absence_of, because
from stellwerk.core.tabular.values.outcome import EMPTY, Light, Parsed, absent, ok, unreadable

_COLOURS: dict[str, str] = {
    **dict.fromkeys(("red", "rot", "🔴", "🟥", "❌", "⛔", "🚨", "off track", "critical", "kritisch"), "red"),
    **dict.fromkeys(("off schedule", "nicht im plan", "sehr kritisch", "in trouble", "needs recovery"), "red"),
    **dict.fromkeys(("amber", "yellow", "gelb", "orange", "🟡", "🟨", "🟠", "⚠", "⚠️", "at risk", "gefährdet"), "amber"),
    **dict.fromkeys(
        ("watch", "caution", "warning", "needs attention", "needs help", "leicht kritisch", "angespannt"), "amber"
    ),
    **dict.fromkeys(
        ("green", "grün", "gruen", "🟢", "🟩", "✅", "☑", "✔", "✔️", "on track", "im plan", "planmäßig"), "green"
    ),
    **dict.fromkeys(
        ("healthy", "on schedule", "on budget", "im zeitplan", "auf kurs", "unkritisch", "plangemäß"), "green"
    ),
}
LETTERS = {
    "r": "red",
    "a": "amber",
    "y": "amber",
    "o": "amber",
    "g": "green",
    "ge": "amber",
    "gr": "green",
    "gn": "green",
}
_HALVES = {
    frozenset(("amber", "green")): "amber_green",
    frozenset(("amber", "red")): "amber_red",
}
_SHORT_HALVES = {"ag": "amber_green", "ar": "amber_red", "a/g": "amber_green", "a/r": "amber_red", "g/a": "amber_green",
                 "r/a": "amber_red", "a-g": "amber_green", "a-r": "amber_red"}  # fmt: skip
_WITHOUT: dict[str, str] = {
    **dict.fromkeys(("grey", "gray", "grau", "white", "weiß", "weiss", "⚪", "⚫", "black", "schwarz"), "not_assessed"),
    **dict.fromkeys(("not assessed", "not rated", "nicht bewertet", "no dca", "no rag", "no rating"), "not_assessed"),
    **dict.fromkeys(("blue", "blau", "🔵", "🟦"), "completed"),
    **dict.fromkeys(("complete", "completed", "closed", "finished", "done", "delivered"), "completed"),
    **dict.fromkeys(("abgeschlossen", "fertig", "erledigt", "beendet", "geschlossen"), "completed"),
    **dict.fromkeys(("reset", "re-set"), "reset"),
}
_DECORATION = re.compile(r"^(?:rag|dca|ampel|status|rating)\s*[:=]\s*|\s*[(\[{][^()]{0,80}[)\]}]$|[\s.*!↑↓→↗↘▲▼]+$")
_NUMBERED = re.compile(r"^\d\s*[-–:.)=]\s*(?=\D)")
_LEGEND = re.compile(r"(\d+)\s*(?:[=:–-]|ist|is)\s*([^\W\d_]+)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[/\\|\-–+]|\bto\b|\bund\b|\band\b|\bbis\b)\s*")
_YES = {"yes", "y", "ja", "j", "true", "wahr", "x", "✓", "✔", "☑", "1", "on", "vrai", "oui"}
_NO = {"no", "n", "nein", "false", "falsch", "☐", "✗", "✘", "0", "off"}

_DOUBTFUL = (
    "delayed",
    "slightly delayed",
    "behind schedule",
    "late",
    "verzögert",
    "leicht verzögert",
    "in verzug",
    "im verzug",
)
"""Amber here and red there: which it is, is asked."""
COLOUR_WORDS = frozenset(_COLOURS) | frozenset(("grey", "gray", "grau", "blue", "blau", "no dca", "no rag", *_DOUBTFUL))
"""Words that make a column one of lights; "closed" and "done" stand in columns of states as well."""


def parse_light(cell: Cell, *, numbers: dict[str, str] | None = None) -> Parsed:
    """A :class:`Light`. ``numbers`` maps cells such as ``1`` to codes, for files that grade in numbers."""
    text = cell_text(cell)
    if not text:
        return EMPTY
    if numbers and text in numbers:
        return ok(Light(numbers[text], text))
    lower = text.lower()
    code = light_code(lower)
    if code is not None:
        return ok(Light(code, text))
    if lower in _WITHOUT:
        return absent(because(_WITHOUT[lower], text))
    bare = _DECORATION.sub("", _DECORATION.sub("", lower)).strip()
    if bare and bare != lower:
        code = light_code(bare)
        if code is not None:
            return ok(
                Light(code, text), note("light_words", _("light with a comment: “%(text)s”"), {"text": shorten(text)})
            )
        if bare in _WITHOUT:
            return absent(because(_WITHOUT[bare], text))
    missing = absence_of(text)
    if missing is not None:
        return absent(missing)
    return unreadable(note("no_light", _("“%(text)s” is not a traffic light"), {"text": shorten(text)}))


def light_code(lower: str) -> str | None:
    """The code of a colour word, letter or pair of colours in small letters, perhaps numbered (``3 - rot``); None for
    anything else."""
    lower = _NUMBERED.sub("", lower)
    found = _COLOURS.get(lower) or LETTERS.get(lower) or _SHORT_HALVES.get(lower)
    if found is not None or len(lower) > 40:
        return found
    parts = _SEPARATOR.split(lower) if not lower.isalpha() else []
    if len(parts) == 1:
        parts = lower.split()
    if len(parts) != 2:
        return None
    colours = [_COLOURS.get(part) for part in parts]
    if colours[0] is None or colours[1] is None:
        return None
    return colours[0] if colours[0] == colours[1] else _HALVES.get(frozenset((colours[0], colours[1])))


def light_legend(heading: str) -> dict[str, str]:
    """What a heading such as ``Ampel (1 = grün, 2 = gelb, 3 = rot)`` says about numbers."""
    found = {number: _COLOURS.get(word.lower()) for number, word in _LEGEND.findall(heading)}
    return {number: code for number, code in found.items() if code is not None}


def parse_boolean(cell: Cell) -> Parsed:
    """True or False."""
    if cell is None:
        return EMPTY
    if isinstance(cell, bool):
        return ok(cell)
    text = cell_text(cell)
    if not text:
        return EMPTY
    lower = text.lower()
    if lower in _YES:
        return ok(True)
    if lower in _NO:
        return ok(False)
    missing = absence_of(text)
    if missing is not None:
        return absent(missing)
    return unreadable(note("no_boolean", _("“%(text)s” is neither yes nor no"), {"text": shorten(text)}))


def parse_text(cell: Cell) -> Parsed:
    """Text as it stands, line breaks kept; white space at the ends goes."""
    if isinstance(cell, str):
        text = cell.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").strip()
        return ok(text) if text else EMPTY
    text = cell_text(cell)
    return ok(text) if text else EMPTY
