"""Colours of the printed chart: those of the pages in their light scheme (``frontend/styles/tokens.css``)."""

from typing import Final

INK: Final = "#16202b"
GREY: Final = "#434f5c"
LINK: Final = "#5f6b78"
GHOST: Final = "#8792a0"
HAIR: Final = "#b9c2cc"
FREE: Final = "#c9d0d8"
SOFT: Final = "#dce1e7"
STRIPE: Final = "#f0f2f5"
ACCENT: Final = "#1c5d99"
PLANNED: Final = "#a9c8e3"
CRITICAL: Final = "#b9578a"
CRITICAL_DARK: Final = "#8b2a5c"
