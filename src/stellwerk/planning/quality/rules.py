"""The checks as data, and how their results are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.engine.network import Schedule
from stellwerk.planning.network import Plan
from stellwerk.planning.quality import measures
from stellwerk.planning.quality.case import Case, Item, Limits, Measure

ZERO, TWENTIETH, NINETY, NINETY_FIVE, ALL = (Fraction(number, 100) for number in (0, 5, 90, 95, 100))


@dataclass(frozen=True, slots=True)
class Rule:
    """A check. ``threshold`` is the most (``at_least``: the least) that its share may be; None: reported only.

    ``index``: the share is a ratio such as CPLI, no percentage.
    """

    code: str
    severity: str
    title: Text
    explanation: Text
    standard: str
    measure: Callable[[Case], Measure]
    threshold: Fraction | None = ZERO
    at_least: bool = False
    index: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A rule on one schedule. ``passed`` None: reported only, or not measured for a ``reason``."""

    rule: Rule
    items: tuple[Item, ...]
    total: int
    share: Fraction | None
    passed: bool | None
    reason: Text = ""

    def as_json(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "code": rule.code,
            "severity": rule.severity,
            "title": str(rule.title),
            "count": len(self.items),
            "total": self.total,
            "share": None if self.share is None else round(float(self.share), 6),
            "threshold": None if rule.threshold is None else float(rule.threshold),
            "at_least": rule.at_least,
            "pass": self.passed,
            "reason": str(self.reason),
            "explanation": str(rule.explanation),
            "standard": rule.standard,
            "items": [
                {"uid": one.uid, "id": one.id, "name": one.name, "detail": str(one.detail)} for one in self.items
            ],
        }


def assess(
    plan: Plan, schedule: Schedule, *, limits: Limits | None = None, rules: Sequence[Rule] | None = None
) -> list[Result]:
    """Every rule on one computed schedule, in the order of the codes."""
    case = Case(plan, schedule, limits or Limits())
    return [_judged(rule, rule.measure(case)) for rule in (RULES if rules is None else rules)]


def _judged(rule: Rule, found: Measure) -> Result:
    passed = None
    if found.share is not None and rule.threshold is not None:
        passed = found.share >= rule.threshold if rule.at_least else found.share <= rule.threshold
    return Result(rule, found.items, found.total, found.share, passed, found.reason)


RULES: Final = (
    Rule(
        "PLN001", "critical", _("Missing links"),
        _("Without a predecessor and a successor an activity does not move when it should, and floats mean nothing."),
        "DCMA 1; GAO BP 2", measures.logic, TWENTIETH,
    ),
    Rule(
        "PLN002", "major", _("Negative lags (leads)"),
        _("A negative lag starts work before its reason exists. Split the predecessor, or link its start."),
        "DCMA 2; GAO BP 2", measures.leads,
    ),
    Rule(
        "PLN003", "minor", _("Positive lags"),
        _("A lag is time that nobody is responsible for. Make it an activity (delivery, hardening, approval)."),
        "DCMA 3; GAO BP 2", measures.lags, TWENTIETH,
    ),
    Rule(
        "PLN004", "minor", _("Finish-to-start links"),
        _("Most links should be finish-to-start: others hide what work really waits for."),
        "DCMA 4; GAO BP 2", measures.finish_to_start, NINETY, at_least=True,
    ),
    Rule(
        "PLN005", "major", _("Hard constraints"),
        _("A date that must hold stops the schedule from showing delay. Use a deadline and a link."),
        "DCMA 5; GAO BP 2", measures.hard_constraints, TWENTIETH,
    ),
    Rule(
        "PLN006", "minor", _("High float"),
        _("More than 44 working days of float usually mean that a successor is missing."),
        "DCMA 6; GAO BP 7", measures.high_float, TWENTIETH,
    ),
    Rule(
        "PLN007", "critical", _("Negative float"),
        _("These activities cannot keep a date that the schedule promises."),
        "DCMA 7; GAO BP 7", measures.negative_float,
    ),
    Rule(
        "PLN008", "minor", _("Long activities"),
        _("Nobody can judge the progress of an activity of more than 44 working days. Split it."),
        "DCMA 8; GAO BP 4", measures.high_duration, TWENTIETH,
    ),
    Rule(
        "PLN009", "critical", _("Invalid dates"),
        _("What is not done lies in the future, and what is done lies in the past, seen from the data date."),
        "DCMA 9; GAO BP 9", measures.invalid_dates,
    ),
    Rule(
        "PLN010", "hint", _("Activities without resources"),
        _("Without people or cost nobody sees whether the plan can be done."),
        "DCMA 10; GAO BP 3", measures.resources, None,
    ),
    Rule(
        "PLN011", "major", _("Missed activities"),
        _("What should be finished by the baseline is late or not finished."),
        "DCMA 11; GAO BP 10", measures.missed, TWENTIETH,
    ),
    Rule(
        "PLN012", "critical", _("Critical path test"),
        _("A delay of 600 working days on the most critical activity must arrive at the end of the project."),
        "DCMA 12; GAO BP 6", measures.critical_path_test, ALL, at_least=True,
    ),
    Rule(
        "PLN013", "major", _("Critical path length index (CPLI)"),
        _("Below 1 the end of the baseline can only be kept by working faster than planned."),
        "DCMA 13", measures.cpli, NINETY_FIVE, at_least=True, index=True,
    ),
    Rule(
        "PLN014", "major", _("Baseline execution index (BEI)"),
        _("Finished activities against those that should be finished by the baseline."),
        "DCMA 14", measures.bei, NINETY_FIVE, at_least=True, index=True,
    ),
    Rule(
        "PLN015", "major", _("Activities without a responsible person"),
        _("What belongs to nobody is done by nobody."), "DIN 69900; GAO BP 3", measures.responsible,
    ),
    Rule(
        "PLN016", "minor", _("Activities without effort"),
        _("Without effort there is no utilisation and no earned value."), "GAO BP 3", measures.effort, TWENTIETH,
    ),
    Rule(
        "PLN017", "major", _("Activities without baseline"),
        _("What is not in the baseline cannot be measured against it."), "GAO BP 10", measures.baseline, TWENTIETH,
    ),
    Rule(
        "PLN018", "major", _("Activities without calendar"),
        _("Without a calendar nobody knows when work is possible; a standard week was used."),
        "GAO BP 4", measures.calendars,
    ),
    Rule(
        "PLN019", "major", _("Dangling activities"),
        _("A start that waits for nothing, or a finish that nothing waits for: a longer duration delays nobody."),
        "GAO BP 2", measures.dangling, TWENTIETH,
    ),
    Rule(
        "PLN020", "hint", _("Redundant links"),
        _("Other links say the same. Fewer links make the logic readable."), "GAO BP 2", measures.redundant, TWENTIETH,
    ),
    Rule(
        "PLN021", "major", _("Progress out of sequence"),
        _("Work began or ended before its link allows: the link or the progress is wrong."),
        "GAO BP 9", measures.out_of_sequence,
    ),
    Rule(
        "PLN022", "major", _("Links of summary rows"),
        _("Summary rows only add up. Link the activities below them."), "GAO BP 2", measures.summary_links,
    ),
)  # fmt: skip
