"""Traffic lights: rules as data, worst indicator per dimension, overall light, grey rules, half steps, arrows.

Prose with worked numbers: ``docs/algorithms/traffic-lights.md``. Thresholds compare unrounded values; a value of
None is ignored; a dimension of which nothing is known at all is *not assessed* (None) and never counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

Light = Literal["red", "amber", "green", "grey"]
Number = int | float | Decimal
Arrow = Literal["up", "same", "down"]

RED: Final = "red"
AMBER: Final = "amber"
GREEN: Final = "green"
GREY: Final = "grey"

CORE: Final = ("schedule", "cost", "scope")
OTHERS: Final = ("quality", "resources", "risk")
DIMENSIONS: Final = (*CORE, *OTHERS)

INDEX_STEP: Final = Decimal("0.02")
EAC_STEP: Final = Decimal("0.01")
GREY_DIMENSIONS: Final = 3
IMPROVING_REASON: Final = 20

_WORSE: Final[dict[str, int]] = {GREEN: 1, AMBER: 2, RED: 3}


@dataclass(frozen=True)
class Rule:
    """One indicator: green up to ``green``, amber up to ``amber``, else ``worst``.

    ``higher_is_better`` turns the comparison round. Without ``amber`` there is no step between green and ``worst``.
    Ratios are plain numbers (0.05 = 5 %), delays are working days, vacancies weeks, flags 0 or 1.
    """

    code: str
    dimension: str
    green: Decimal
    amber: Decimal | None = None
    higher_is_better: bool = False
    worst: Literal["red", "amber"] = "red"


def _rule(
    code: str,
    dimension: str,
    green: str,
    amber: str | None = None,
    *,
    up: bool = False,
    worst: Literal["red", "amber"] = "red",
) -> Rule:
    return Rule(code, dimension, Decimal(green), None if amber is None else Decimal(amber), up, worst)


DEFAULT_RULES: Final[tuple[Rule, ...]] = (
    _rule("spi_t", "schedule", "0.95", "0.85", up=True),
    _rule("milestone_delay", "schedule", "5", "20"),
    _rule("eac_overrun", "cost", "0.05", "0.10"),
    _rule("over_approved_budget", "cost", "0"),
    _rule("pending_changes", "scope", "0.05", "0.10"),
    _rule("must_lost", "scope", "0"),
    _rule("major_overdue", "quality", "0", worst="amber"),
    _rule("test_pass", "quality", "0.95", "0.90", up=True),
    _rule("critical_open_days", "quality", "5"),
    _rule("gate_failed", "quality", "0"),
    _rule("unfilled_need", "resources", "0.05", "0.15"),
    _rule("key_role_vacant_weeks", "resources", "4"),
    _rule("high_risks_answered", "risk", "0", worst="amber"),
    _rule("high_risks_unanswered", "risk", "0"),
    _rule("emv_of_contingency", "risk", "0.80", "1.00"),
)
RULE_CODES: Final = frozenset(rule.code for rule in DEFAULT_RULES)


def exact(value: Number) -> Decimal:
    """A number as it is written: 0.95 is 0.95, not the nearest binary fraction."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rules_with(thresholds: Mapping[str, Mapping[str, object]]) -> tuple[Rule, ...]:
    """The default rules with other thresholds: ``{"spi_t": {"green": "0.97", "amber": "0.9"}}``.

    Raises ``ValueError`` (naming the rule) for unknown rules, texts that are no numbers, and limits in wrong order.
    """
    unknown = set(thresholds) - RULE_CODES
    if unknown:
        raise ValueError(f"unknown rules: {', '.join(sorted(unknown))}")
    return tuple(_changed(rule, thresholds.get(rule.code, {})) for rule in DEFAULT_RULES)


def _changed(rule: Rule, limits: Mapping[str, object]) -> Rule:
    try:
        green = Decimal(str(limits["green"])) if limits.get("green") not in (None, "") else rule.green
        amber = Decimal(str(limits["amber"])) if limits.get("amber") not in (None, "") else rule.amber
    except InvalidOperation:
        raise ValueError(f"{rule.code}: not a number") from None
    if not green.is_finite() or (amber is not None and not amber.is_finite()):
        raise ValueError(f"{rule.code}: not a number")
    if rule.amber is None:
        amber = None
    if amber is not None and (amber > green if rule.higher_is_better else amber < green):
        raise ValueError(f"{rule.code}: the limit of amber lies on the green side of the limit of green")
    return replace(rule, green=green, amber=amber)


def light_of(rule: Rule, value: Number | None) -> Light | None:
    """The colour of one indicator; None has none."""
    if value is None:
        return None
    number = exact(value)
    if number.is_nan():
        return None
    sign = -1 if rule.higher_is_better else 1
    if sign * number <= sign * rule.green:
        return GREEN
    if rule.amber is not None and sign * number <= sign * rule.amber:
        return AMBER
    return rule.worst


@dataclass(frozen=True)
class Reading:
    """One indicator with its value and its colour: the *why* of a light."""

    rule: Rule
    value: Decimal
    light: Light


@dataclass(frozen=True)
class Assessment:
    """A dimension's light with the readings that made it, worst first; ``light`` None: not assessed."""

    dimension: str
    light: Light | None
    readings: tuple[Reading, ...] = ()

    @property
    def decisive(self) -> tuple[Reading, ...]:
        return tuple(reading for reading in self.readings if reading.light == self.light)


def assess(
    dimension: str, indicators: Mapping[str, Number | None] | None, rules: Sequence[Rule] = DEFAULT_RULES
) -> Assessment:
    """The worst indicator wins. No indicator at all: not assessed; only None: grey (no data)."""
    mine = [
        rule for rule in rules if rule.dimension == dimension and indicators is not None and rule.code in indicators
    ]
    if not mine or indicators is None:
        return Assessment(dimension, None)
    readings: list[Reading] = []
    for rule in mine:
        value = indicators[rule.code]
        light = light_of(rule, value)
        if light is not None and value is not None:
            readings.append(Reading(rule, exact(value), light))
    if not readings:
        return Assessment(dimension, GREY)
    readings.sort(key=lambda reading: -_WORSE[reading.light])
    return Assessment(dimension, readings[0].light, tuple(readings))


def worst(lights: Iterable[str | None]) -> Light | None:
    """The worst colour among lights that are known; grey only if nothing better is known."""
    known = {light for light in lights if light}
    for colour in (RED, AMBER, GREEN):
        if colour in known:
            return colour
    return GREY if known else None


def overall(lights: Mapping[str, str | None]) -> Light | None:
    """The project's light from those of its dimensions (None or a missing key: not assessed, not counted).

    Grey from three grey dimensions, or if nothing else is known; red if schedule, cost or scope is red or two others
    are; amber if another is red, a core one is amber, or two others are amber; else green.
    """
    core = [lights.get(name) or None for name in CORE]
    others = [lights.get(name) or None for name in OTHERS]
    known = [light for light in (*core, *others) if light is not None]
    if not known:
        return None
    grey = known.count(GREY)
    if grey >= GREY_DIMENSIONS or grey == len(known):
        return GREY
    if RED in core or others.count(RED) >= 2:
        return RED
    if RED in others or AMBER in core or others.count(AMBER) >= 2:
        return AMBER
    return GREEN


def is_stale(data_date: dt.date, viewed: dt.date, cycle_days: int) -> bool:
    """Older than one cycle at the viewed date."""
    return (viewed - data_date).days > cycle_days


def shown(
    light: str | None,
    data_date: dt.date | None,
    viewed: dt.date,
    cycle_days: int,
    *,
    on_hold: bool = False,
    missed: bool = False,
) -> Light | None:
    """The light as it may be shown: an old colour is never carried forward."""
    if not light:
        return None
    if on_hold or missed or data_date is None or is_stale(data_date, viewed, cycle_days):
        return GREY
    return light if light in _WORSE else GREY  # type: ignore[return-value]


# ── scales of others ─────────────────────────────────────────────────────────────────────────────

# Position between green (0) and red (4); half steps stand between the colours.
_FIVE_POINT: Final[dict[str, int]] = {"green": 0, "amber/green": 1, "amber": 2, "amber/red": 3, "red": 4}
_FIVE_POINT_SPELLINGS: Final[dict[str, str]] = {
    "ambergreen": "amber/green", "greenamber": "amber/green", "ag": "amber/green", "gelbgruen": "amber/green",
    "gruengelb": "amber/green", "amberred": "amber/red", "redamber": "amber/red", "ar": "amber/red",
    "gelbrot": "amber/red", "rotgelb": "amber/red", "green": "green", "gruen": "green", "g": "green", "amber": "amber",
    "yellow": "amber", "gelb": "amber", "a": "amber", "red": "red", "rot": "red", "r": "red",
}  # fmt: skip


@dataclass(frozen=True)
class Reported:
    """A light on the scale of its source, shown on ours."""

    light: Light
    half_step: bool
    reported: str


def from_five_point(text: str) -> Reported | None:
    """Read a light of the three- or five-point scale; None: no such value (never guessed)."""
    folded = text.strip().casefold().replace("ü", "ue")
    name = _FIVE_POINT_SPELLINGS.get("".join(letter for letter in folded if letter.isalpha()))
    if name is None:
        return None
    half = "/" in name
    return Reported(AMBER if half else name, half, text.strip())  # type: ignore[arg-type]


def severity(light: str | None, half_step: bool = False, reported: str = "") -> int | None:
    """0 (green) to 4 (red) on the reported scale; grey and unknown have none."""
    if light not in _WORSE:
        return None
    if half_step:
        read = from_five_point(reported)
        if read is not None and read.half_step:
            name = _FIVE_POINT_SPELLINGS["".join(c for c in reported.casefold().replace("ü", "ue") if c.isalpha())]
            return _FIVE_POINT[name]
    return _FIVE_POINT[light]


# ── arrows and overrides ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """What an arrow compares: the light, the index (CPI or SPI(t)) and the forecast cost with its budget."""

    light: str | None
    half_step: bool = False
    reported: str = ""
    index: Number | None = None
    eac: Number | None = None
    bac: Number | None = None


def arrow(before: Standing | None, now: Standing) -> Arrow | None:
    """Better (up), worse (down) or same against the last published report; None: no report, or grey on either side.

    A change of colour decides; then an index moved by at least 0.02, or EAC by at least 1 % of BAC. Where index and
    EAC disagree, worse wins.
    """
    if before is None:
        return None
    then_, now_ = (severity(s.light, s.half_step, s.reported) for s in (before, now))
    if then_ is None or now_ is None:
        return None
    if then_ != now_:
        return "down" if now_ > then_ else "up"
    moves = {_index_move(before.index, now.index), _eac_move(before, now)}
    if "down" in moves:
        return "down"
    return "up" if "up" in moves else "same"


def _index_move(before: Number | None, now: Number | None) -> Arrow:
    if before is None or now is None:
        return "same"
    change = exact(now) - exact(before)
    if abs(change) < INDEX_STEP:
        return "same"
    return "up" if change > 0 else "down"


def _eac_move(before: Standing, now: Standing) -> Arrow:
    if before.eac is None or now.eac is None or not now.bac:
        return "same"
    change = exact(now.eac) - exact(before.eac)
    if abs(change) < EAC_STEP * abs(exact(now.bac)):
        return "same"
    return "down" if change > 0 else "up"


def override_needs(
    calculated: str, wanted: str, reason: str, confirmed: bool
) -> Literal["", "reason", "long_reason", "confirmation"]:
    """What is still missing before ``wanted`` may replace the calculated light; empty: allowed.

    Worsening needs a reason; improving (also out of grey) needs 20 characters of reason and the PMO's confirmation.
    """
    if calculated == wanted:
        return ""
    rank = {GREEN: 0, AMBER: 1, RED: 2}
    worsens = calculated in rank and wanted in rank and rank[wanted] > rank[calculated]
    length = len(reason.strip())
    if worsens:
        return "" if length else "reason"
    if length < IMPROVING_REASON:
        return "long_reason"
    return "" if confirmed else "confirmation"
