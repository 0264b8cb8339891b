"""A few SVG elements as text. Every text that comes from outside is escaped here and nowhere else."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from stellwerk.core.documents.text import clean

FONTS: Final = "Arimo, Arial, 'Liberation Sans', Helvetica, sans-serif"


def number(value: float) -> str:
    """A coordinate in points, to a tenth of the smallest thing an eye sees on paper."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def content(text: object) -> str:
    return escape(clean(text))


def quoted(text: object) -> str:
    return escape(clean(text), {'"': "&quot;"})


def text(
    x: float,
    y: float,
    words: object,
    size: float,
    *,
    fill: str = "",
    bold: bool = False,
    anchor: str = "",
    more: str = "",
) -> str:
    """One line; ``y`` is its base line. White space inside is kept as it is."""
    attributes = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
    if fill:
        attributes += f' fill="{fill}"'
    if bold:
        attributes += ' font-weight="700"'
    if anchor:
        attributes += f' text-anchor="{anchor}"'
    return f"<text {attributes}{more}>{content(words)}</text>"


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(0.0, width))}" height="{number(height)}" fill="{fill}"{more}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 0.5, more: str = "") -> str:
    path = f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"
    return f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"{more}/>'


def path(
    points: list[tuple[float, float]],
    stroke: str,
    width: float,
    *,
    fill: str = "none",
    closed: bool = False,
    more: str = "",
) -> str:
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    end = "Z" if closed else ""
    return f'<path d="M{steps}{end}" fill="{fill}" stroke="{stroke}" stroke-width="{number(width)}"{more}/>'


def diamond(x: float, y: float, r: float, fill: str, stroke: str, width: float = 0.8) -> str:
    return path([(x - r, y), (x, y - r), (x + r, y), (x, y + r)], stroke, width, fill=fill, closed=True)
