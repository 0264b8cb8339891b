"""The discrete risks that are kept with a run: what people type, checked; read back from the run.

Until governance keeps a register they are a list of the run: name, probability, threat or opportunity, the project and the activity they hit,
three points of delay (working minutes) and of cost (minor units of the project's currency).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid

MOST_RISKS: Final = 200
LONGEST_DELAY: Final = 10 * 365 * 480
DEAREST: Final = 10**15
Points = tuple[int, int, int]
DELAY: Final = ("d1", "d2", "d3")
COST: Final = ("c1", "c2", "c3")


@dataclass(frozen=True)
class Risk:
    """``activity``: number of the row of the plan, None where only money is at stake. ``delay`` and ``cost``: low, likely, high, or None."""

    name: str
    probability: float
    project: int
    opportunity: bool = False
    activity: int | None = None
    delay: Points | None = None
    cost: Points | None = None

    @property
    def expected_cost(self) -> float:
        """Expected monetary value in minor units by the triangular mean; an opportunity is negative (domain.md 3.4)."""
        mean = sum(self.cost) / 3 if self.cost else 0.0
        return (-1 if self.opportunity else 1) * self.probability * mean


def as_json(risks: Iterable[Risk]) -> list[dict[str, Any]]:
    return [asdict(risk) for risk in risks]


def from_json(rows: Sequence[Mapping[str, Any]]) -> list[Risk]:
    return [
        Risk(**{**row, "delay": _points(row.get("delay")), "cost": _points(row.get("cost"))}) for row in rows
    ]  # fmt: skip


def _points(value: Any) -> Points | None:
    return (int(value[0]), int(value[1]), int(value[2])) if value else None


def check_risks(risks: Sequence[Risk]) -> None:
    """Raises ``Invalid`` with ``risk-N`` (from 1) for each row that cannot be."""
    errors: dict[str, list[str]] = {}
    if len(risks) > MOST_RISKS:
        raise Invalid({"__all__": [_("At most %(most)s risks, please.") % {"most": MOST_RISKS}]})
    for at, risk in enumerate(risks, start=1):
        found = [text for _cells, text in faults_of(risk)]
        if found:
            errors[f"risk-{at}"] = [_("Risk %(row)s: %(text)s") % {"row": at, "text": text} for text in found]
    if errors:
        raise Invalid(errors)


def faults_of(risk: Risk) -> Iterable[tuple[tuple[str, ...], str]]:
    """What is wrong with a risk: the cells of its row in the form (``CELLS`` of ``simulation.typed``), and why."""
    if not risk.name.strip():
        yield ("name",), _("give it a name.")
    if not 0 <= risk.probability <= 1:
        yield (
            ("probability",),
            _("the probability lies between 0 and 100 %%, not at %(value)s %%.")
            % {"value": f"{Decimal(str(risk.probability)) * 100:f}".rstrip("0").rstrip(".")},
        )
    if risk.delay is None and risk.cost is None:
        yield ("d1", "c1"), _("say what it does: a delay, a cost, or both.")
    for cells, points, most in ((DELAY, risk.delay, LONGEST_DELAY), (COST, risk.cost, DEAREST)):
        if points is None:
            continue
        if not points[0] <= points[1] <= points[2]:
            yield cells, _("the three points are out of order: optimistic ≤ most likely ≤ pessimistic.")
        if min(points) < 0:
            yield cells, _("an effect is not negative; what saves time or money is an opportunity.")
        if max(points) > most:
            yield cells, _("this effect is too large.")
    if risk.delay is not None and risk.activity is None:
        yield ("wbs",), _("a delay needs the activity that it hits.")
