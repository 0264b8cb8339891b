"""Links between bars: their way and their heads."""

from __future__ import annotations

from collections.abc import Sequence

from stellwerk.planning.printing import svg
from stellwerk.planning.printing.canvas import Canvas
from stellwerk.planning.printing.facts import Arrow, Row
from stellwerk.planning.printing.tones import (
    CRITICAL_DARK,
    LINK,
)


class Links(Canvas):
    """Draws links."""

    def _links(self) -> None:
        """Links of rows of this page; what leads to another page ends at the edge."""
        seen: set[int] = set()
        for place in range(self.window.first, self.window.last):
            for arrow in self.drawing.arrows_at.get(place, ()):
                if id(arrow) not in seen:
                    seen.add(id(arrow))
                    self._arrow(arrow)

    def _arrow(self, arrow: Arrow) -> None:
        one, other = self.facts.rows[arrow.before], self.facts.rows[arrow.after]
        out, into = _side(one, arrow.type[0]), _side(other, arrow.type[1])
        points = self._way(arrow, (self._x(out), self._x(into)), one, other)
        xs = [x for x, _y in points]
        if max(xs) < self.layout.chart or min(xs) > self.right:
            return
        tone, width = (CRITICAL_DARK, 1.0) if arrow.critical else (LINK, 0.55)
        self.out.append(svg.path(points, tone, width))
        self._head(points, tone)

    def _way(self, arrow: Arrow, ends: tuple[float, float], one: Row, other: Row) -> list[tuple[float, float]]:
        """Corners of a link: out of the bar, along, into the bar; from above where there is room."""
        (x1, x2), lift = ends, self._thick * 0.12
        y1, y2 = self._middle(arrow.before) - lift, self._middle(arrow.after) - lift
        step, half = self.size * 0.6, self._thick * 0.55
        down = 1 if y2 > y1 else -1
        from_finish, to_start = arrow.type[0] == "F", arrow.type[1] == "S"
        x1 += (half if from_finish else -half) if one.milestone else 0
        if from_finish and to_start:
            if one.milestone and x2 >= x1 - half - self.size:  # its date stands at the right
                return self._down(x1 - half, y1 + down * half, x2 - (half if other.milestone else 0), y2, down)
            if x2 >= x1 - 0.5:
                x = x2 if other.milestone else x2 + min(2.0, step)
                return [(x1, y1), (x, y1), (x, y2 - down * half)]
            edge, between = x2 - step - (half if other.milestone else 0), y2 - down * self.paper.row / 2
            return [
                (x1, y1),
                (x1 + step, y1),
                (x1 + step, between),
                (edge, between),
                (edge, y2),
                (x2 - (half if other.milestone else 0), y2),
            ]
        x2 += (-half if to_start else half) if other.milestone else 0
        if from_finish == (not to_start):  # SS and FF stay on one side
            x = min(x1, x2) - step if to_start else max(x1, x2) + step
            return [(x1, y1), (x, y1), (x, y2), (x2, y2)]
        between = y2 - down * self.paper.row / 2
        return [(x1, y1), (x1 - step, y1), (x1 - step, between), (x2 + step, between), (x2 + step, y2), (x2, y2)]

    def _down(self, x1: float, y1: float, x2: float, y2: float, down: int) -> list[tuple[float, float]]:
        """From below (or above) a milestone; sideways into the bar where there is room for a head."""
        half = self._thick * 0.55
        if x2 - x1 > self.size * 0.9:
            return [(x1, y1), (x1, y2), (x2, y2)]
        between, x = y2 - down * self.paper.row / 2, max(x1, x2 + 2.0)
        return [(x1, y1), (x1, between), (x, between), (x, y2 - down * half)]

    def _head(self, points: Sequence[tuple[float, float]], tone: str) -> None:
        (x1, y1), (x, y) = points[-2], points[-1]
        a, b = self.size * 0.42, self.size * 0.24
        if abs(x - x1) < 0.01:
            s = 1 if y > y1 else -1
            corners = [(x, y), (x - b, y - s * a), (x + b, y - s * a)]
        else:
            s = 1 if x > x1 else -1
            corners = [(x, y), (x - s * a, y - b), (x - s * a, y + b)]
        self.out.append(svg.path(corners, "none", 0, fill=tone, closed=True))


def _side(row: Row, side: str) -> float:
    at = row.start if side == "S" and not row.milestone else row.finish
    assert at is not None
    return at
