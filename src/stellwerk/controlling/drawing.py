"""Small pictures drawn on the server: a bar from one value to another on a scale, with a mark where it starts from."""

from __future__ import annotations

from fractions import Fraction

from django.utils.html import format_html
from django.utils.safestring import SafeString

Amount = int | float | Fraction
WIDTH = 200


def span_bar(
    low: Amount, high: Amount, mark: Amount, least: Amount, most: Amount, *, kinds: tuple[str, str] = ("d2", "d1")
) -> SafeString:
    """From ``low`` to ``high`` on the scale ``least`` to ``most``: what lies below ``mark`` in the first colour, what lies above in the second."""
    width = float(most - least) or 1.0

    def at(value: Amount) -> float:
        return min(max(float(value - least) / width, 0.0), 1.0) * WIDTH

    begin, end, middle = at(min(low, high)), at(max(low, high)), at(mark)
    cut = min(max(middle, begin), end)
    return format_html(
        '<svg class="span" width="{}" height="14" viewBox="0 0 {} 14" aria-hidden="true"><rect class="f-{}" x="{}" y="2" width="{}" height="10"/>'
        '<rect class="f-{}" x="{}" y="2" width="{}" height="10"/><rect class="f-tick" x="{}" y="0" width="1" height="14"/></svg>',
        WIDTH, WIDTH, kinds[0], f"{begin:.2f}", f"{cut - begin:.2f}", kinds[1], f"{cut:.2f}", f"{end - cut:.2f}", f"{max(middle - 0.5, 0):.2f}",
    )  # fmt: skip
