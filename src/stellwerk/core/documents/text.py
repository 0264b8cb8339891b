"""Text for documents: cleaned of what file formats refuse, measured, and shortened so that it never overflows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from stellwerk.core.documents.metrics import BOLD, REGULAR

NBSP = "\u00a0"
ELLIPSIS = "…"
LINE_HEIGHT = 1.2  # of the type size; what both office programs and our PDF use for Arial and its twins
_SAFETY = 1.015  # renderers differ by kerning and rounding

# Control characters (XML 1.0 refuses them), surrogates, non-characters, and marks that reorder or hide text.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"[ \t\r\n\x85\u2028\u2029]+")
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60\U0001f000-\U0001ffff]"
)


def clean(text: object) -> str:
    """One line of harmless text: control and reordering characters removed, white space collapsed."""
    return _SPACES.sub(" ", _FORBIDDEN.sub("", str(text))).strip(" ")


def clean_lines(text: object) -> list[str]:
    """The paragraphs of a narrative, each :func:`clean`, empty ones dropped."""
    return [line for part in re.split(r"\r\n|[\r\n\x85\u2028\u2029]", str(text)) if (line := clean(part))]


def needs_other_fonts(text: str) -> bool:
    """Whether the text uses characters that Arimo may lack (beyond Latin, Greek, Cyrillic, Hebrew and common signs)."""
    return any(
        not (ord(char) < 0x0600 or 0x1E00 <= ord(char) < 0x2300 or 0x25A0 <= ord(char) < 0x2700) for char in text
    )


@lru_cache(maxsize=65536)
def _units(text: str, bold: bool) -> int:
    table = BOLD if bold else REGULAR
    return sum(table.get(char) or (1000 if _WIDE.match(char) else 667) for char in text)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Width in inches at ``size`` points, with a small reserve."""
    return _units(text, bold) * size * _SAFETY / 72000


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Greedy lines as an office program breaks them; a word wider than the line is broken inside."""
    lines: list[str] = []
    line = ""
    for word in _words(text):
        candidate = line + word
        if not line or width_of(candidate.rstrip(" "), size, bold) <= width:
            line = candidate
        else:
            lines.append(line.rstrip(" "))
            line = word
        while width_of(line.rstrip(" "), size, bold) > width and len(line) > 1:
            cut = _prefix(line, size, width, bold)
            lines.append(line[:cut])
            line = line[cut:]
    if line.rstrip(" ") or not lines:
        lines.append(line.rstrip(" "))
    return lines


def _words(text: str) -> list[str]:
    """Pieces after which a line may end: a word with its spaces; also behind a hyphen or slash within a word."""
    return re.findall(r"[^ \-/]+[\-/]+(?=[^\W\d])|[^ ]+? +|[^ ]*?[\-/]+(?=[^\W\d])|[^ ]+ *| +", text) if text else []


def _prefix(text: str, size: float, width: float, bold: bool) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle], size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return low


@lru_cache(maxsize=32768)
def fit(text: str, size: float, width: float, lines: int = 1, bold: bool = False) -> str:
    """The text, or its beginning with an ellipsis, so that it takes at most ``lines`` lines of ``width`` inches."""
    text = clean(text)
    if len(wrap(text, size, width, bold)) <= lines:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(wrap(_cut(text, middle), size, width, bold)) <= lines:
            low = middle
        else:
            high = middle - 1
    return _cut(text, low)


def _cut(text: str, length: int) -> str:
    part = text[:length].rstrip(" ,;:–-(")
    space = part.rfind(" ")
    if space > length * 0.6 and length < len(text) and text[length] != " ":
        part = part[:space].rstrip(" ,;:–-(")
    return part + ELLIPSIS


def height_of(lines: int, size: float) -> float:
    """Height in inches of that many lines."""
    return lines * size * LINE_HEIGHT / 72


def largest_size(text: str, sizes: Sequence[float], width: float, lines: int, bold: bool = False) -> float:
    """The first of ``sizes`` (falling) at which the text takes at most ``lines`` lines; the last one otherwise."""
    return next((size for size in sizes if len(wrap(text, size, width, bold)) <= lines), sizes[-1])
