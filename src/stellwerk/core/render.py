"""Small pieces of HTML that lists need thousands of: icons, lights, arrows, bars. Plain functions, cached.

Template tags (``{% light %}``) and cotton components (``<c-light/>``) both call these; in long lists use the tags or
call the functions from a view, they cost about a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from stellwerk.core.assets import ICONS, asset_url

STATES = {
    "r": "r", "red": "r", "a": "a", "amber": "a", "yellow": "a", "g": "g", "green": "g", "n": "n", "grey": "n", "gray": "n",
}  # fmt: skip
TRENDS = {
    "up": "up", "better": "up", "1": "up", "same": "eq", "eq": "eq", "flat": "eq", "0": "eq", "down": "dn", "dn": "dn", "worse": "dn", "-1": "dn",
}  # fmt: skip
WORDS = {
    "r": pgettext_lazy("traffic light", "Red"),
    "a": pgettext_lazy("traffic light", "Amber"),
    "g": pgettext_lazy("traffic light", "Green"),
    "n": pgettext_lazy("traffic light", "Grey"),
}
BAR_KINDS = frozenset({"d1", "d2", "d3", "d4", "plan", "press", "hatch", "fore", "rest", "r", "a", "g", "n", "accent"})


def state_code(state: Any) -> str:
    """``r``, ``a``, ``g`` or ``n`` of any spelling; unknown and missing states are grey, never green."""
    return STATES.get(str(state or "").strip().lower(), "n")


def trend_code(trend: Any) -> str:
    """``up`` (better), ``eq``, ``dn`` (worse) or an empty text where no trend is known."""
    if trend is None or trend == "":
        return ""
    return TRENDS.get(str(trend).strip().lower(), "")


def word_of(state: Any) -> str:
    """The state's word in the active language."""
    return str(WORDS[state_code(state)])


def trend_word(trend: Any) -> str:
    code = trend_code(trend)
    if code == "up":
        return pgettext("trend", "better")
    if code == "dn":
        return pgettext("trend", "worse")
    return pgettext("trend", "unchanged") if code else ""


def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite (names: frontend/icons.json); without ``label`` it is hidden from screen readers."""
    css = f"i {size}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', css, label, asset_url(ICONS), name
        )
    return _plain_icon(name, css)


@lru_cache(maxsize=512)
def _plain_icon(name: str, css: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, asset_url(ICONS), name)


def shape(state: Any, size: str = "", label: bool = True) -> SafeString:
    """Only the status shape."""
    return _shape(state_code(state), size, label, get_language() or "")


@lru_cache(maxsize=128)
def _shape(code: str, size: str, label: bool, _language: str) -> SafeString:
    css = f"st {code} {size}".strip()
    if not label:
        return format_html('<svg class="{}" aria-hidden="true"><use href="#st-{}"/></svg>', css, code)
    return format_html('<svg class="{}" role="img" aria-label="{}"><use href="#st-{}"/></svg>', css, WORDS[code], code)


def trend(direction: Any) -> SafeString:
    """The trend arrow: worse is dark, better and same are quiet; nothing known keeps the slot empty."""
    return _trend(trend_code(direction), get_language() or "")


@lru_cache(maxsize=16)
def _trend(code: str, _language: str) -> SafeString:
    if not code:
        return SafeString('<svg class="tr no" aria-hidden="true"><use href="#tr-eq"/></svg>')
    return format_html(
        '<svg class="tr {}" role="img" aria-label="{}"><use href="#tr-{}"/></svg>', code, trend_word(code), code
    )


def light(state: Any, direction: Any = None, word: bool = False, size: str = "", arrow: bool = True) -> SafeString:
    """A traffic light: shape, optionally its word, and the trend arrow in its fixed slot (``arrow=False``: none)."""
    return _light(state_code(state), trend_code(direction), bool(word), size, bool(arrow), get_language() or "")


@lru_cache(maxsize=512)
def _light(code: str, direction: str, word: bool, size: str, arrow: bool, language: str) -> SafeString:
    text = format_html('<span class="word {} {}">{}</span>', code, size, WORDS[code]) if word else SafeString("")
    return format_html(
        '<span class="lamp">{}{}{}</span>',
        _shape(code, size, not word, language),
        text,
        _trend(direction, language) if arrow else SafeString(""),
    )


def bar(
    parts: Iterable[tuple[str, float]],
    total: float | None = None,
    height: int = 8,
    tick: float | None = None,
    label: str = "",
    gap: bool = False,
) -> SafeString:
    """A horizontal bar as SVG (no inline style, prints, works without scripts).

    ``parts``: (kind, value) with kind of :data:`BAR_KINDS`; ``total``: value of the full width (default: the sum);
    ``tick``: value of a mark across the bar (a budget); ``gap``: white space between the parts.
    """
    rows = [(kind if kind in BAR_KINDS else "d1", max(0.0, float(value or 0))) for kind, value in parts]
    whole = float(total or 0) or sum(value for _kind, value in rows) or 1.0
    top = 3 if tick is not None else 0
    pieces: list[str] = []
    start = 0.0
    for kind, value in rows:
        width = min(value / whole * 100, 100 - start)
        if width > 0:
            fill = ' fill="url(#hatch)"' if kind == "hatch" else ""
            pieces.append(
                f'<rect class="f-{kind}"{fill} x="{start:.2f}%" y="{top}" width="{width:.2f}%" height="{height}"/>'
            )
            if gap and start > 0:
                pieces.append(f'<rect class="f-gap" x="{start:.2f}%" y="{top}" width="2" height="{height}"/>')
        start += width
    if tick is not None:
        at = min(max(float(tick) / whole * 100, 0), 100)
        pieces.append(f'<rect class="f-tick" x="{at:.2f}%" y="0" width="2" height="{height + 6}"/>')
    head = f'role="img" aria-label="{conditional_escape(label)}"' if label else 'aria-hidden="true"'
    back = f'<rect class="f-back" x="0" y="{top}" width="100%" height="{height}"/>' if total is not None else ""
    return mark_safe(  # noqa: S308 - numbers, known kinds and an escaped label only
        f'<svg class="hb" width="100%" height="{height + 2 * top}" {head}>{back}{"".join(pieces)}</svg>'
    )


def split(red: int = 0, amber: int = 0, grey: int = 0, green: int = 0) -> SafeString:
    """The distribution of lights as one bar, always in the order red, amber, grey, green."""
    label = ", ".join(f"{count} {word_of(code)}" for code, count in zip("rang", (red, amber, grey, green), strict=True))
    return bar((("r", red), ("a", amber), ("n", grey), ("g", green)), label=label, gap=True)


def money_bar(
    actual: float, committed: float = 0, rest: float = 0, budget: float | None = None, scale: float | None = None
) -> SafeString:
    """Actual solid, commitment hatched, remainder outlined, budget as a tick; ``scale`` is the full width."""
    whole = scale or max(actual + committed + rest, budget or 0) or 1
    return bar((("d1", actual), ("hatch", committed), ("fore", rest)), total=whole, height=14, tick=budget)


def level(value: int | None, most: int = 4) -> SafeString:
    """A skill level 0-4 as filled squares with its number for screen readers."""
    filled = int(value or 0)
    squares = "".join('<i class="on"></i>' if place < filled else "<i></i>" for place in range(most))
    text = _("Level %(level)s of %(most)s") % {"level": filled, "most": most}
    return format_html('<span class="lv" role="img" aria-label="{}">{}</span>', text, mark_safe(squares))  # noqa: S308


def spark(values: Sequence[float | None], label: str = "", width: int = 80, height: int = 20) -> SafeString:
    """A sparkline as SVG; gaps stay gaps, the last value carries a dot."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString('<span class="mut">–</span>')
    low, high = min(known), max(known)
    span = (high - low) or 1
    step = (width - 6) / max(len(values) - 1, 1)
    points = [
        None if value is None else (3 + place * step, height - 3 - (value - low) / span * (height - 6))
        for place, value in enumerate(values)
    ]
    path, pen = [], False
    for point in points:
        if point is not None:
            path.append(f"{'L' if pen else 'M'}{point[0]:.1f} {point[1]:.1f}")
        pen = point is not None
    last = [point for point in points if point is not None][-1]
    head = f'role="img" aria-label="{conditional_escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(  # noqa: S308 - numbers and an escaped label only
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {head}>'
        f'<path d="{"".join(path)}"/><circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.2"/></svg>'
    )


def initials(name: str) -> str:
    """Two letters of a person's name: first and last word, titles left out."""
    words = [word for word in str(name).replace("Dr. ", "").replace("Prof. ", "").split() if word[:1].isalpha()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in picked).upper() or "?"
