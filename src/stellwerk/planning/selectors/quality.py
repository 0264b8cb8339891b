"""The quality of stored plans: what is assessed, and what was found when they were looked at last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.engine.calendars import CalendarError
from stellwerk.engine.network import HorizonError, NetworkError, Schedule
from stellwerk.planning.choices import ProgressMode
from stellwerk.planning.models import Plan, PlanCheck
from stellwerk.planning.network import Plan as Network
from stellwerk.planning.network import plan_of
from stellwerk.planning.quality import RULES, Result, Rule, assess
from stellwerk.planning.selectors.assessed import assessed
from stellwerk.portfolio.models import Portfolio, Project

RULE_OF: Final[Mapping[str, Rule]] = {rule.code: rule for rule in RULES}
WEIGHT: Final = {"critical": 1000, "major": 100, "minor": 10, "hint": 1}
"""How a failed check counts when plans are ranked: a worse one outweighs any number of lighter ones that occur together."""


class NotComputable(Refused):
    """A plan that has nothing to check, or whose dates cannot be computed."""

    code = "not_computable"


# ── assessing ────────────────────────────────────────────────────────────────────────────────────


def quality_of(plan: Plan) -> list[Result]:
    """All checks on a stored plan, against its approved baseline; nothing is written.

    Errors: ``NotComputable`` (no activities, or no dates can be computed).
    """
    return assess(*network_of(plan))


def network_of(plan: Plan) -> tuple[Network, Schedule]:
    """What the checks look at, with its dates.

    Errors: as :func:`quality_of`.
    """
    try:
        network = plan_of(assessed(plan))
        if not any(not task.external for task in network.tasks):
            raise NotComputable(_("The plan has no activities to check."))
        network = replace(network, override=plan.progress_mode == ProgressMode.OVERRIDE)
        dates = network.computed()
    except (HorizonError, NetworkError, CalendarError) as error:
        raise NotComputable(_("The dates of this plan cannot be computed."), str(error)) from error
    # Where the plan came from says nothing about what it can hold here.
    return replace(network, document=replace(network.document, format="")), dates


# ── what was found last ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Found:
    """A stored or fresh result as pages show it; ``items`` are (uid, detail) of the first rows."""

    rule: Rule
    passed: bool | None
    count: int
    total: int
    share: float | None
    reason: str = ""
    items: tuple[tuple[int, str], ...] = ()

    @property
    def measured(self) -> bool:
        return self.share is not None

    @property
    def short(self) -> str:
        """What counts, as short as it can be told: the index, the share that must be reached, or the number of findings."""
        if self.share is not None and (self.rule.index or self.rule.at_least):
            return _share(self.share, 0, index=self.rule.index)
        return formats.number(self.count)

    @property
    def figures(self) -> str:
        """“3 of 42 (7.1 %), at most 5 %”; why where nothing was measured."""
        return figures_of(self.rule, self.count, self.total, self.share, self.reason)


def figures_of(rule: Rule, count: int, total: int, share: float | Fraction | None, reason: str = "") -> str:
    """“3 of 42 (7.1 %), at most 5 %”; what must be reached without the count: “85.7 %, at least 90 %”."""
    if share is None:
        return reason
    text = _share(float(share), 1, index=rule.index)
    if not rule.at_least:
        counts = {"count": formats.number(count), "total": formats.number(total), "share": text}
        text = _("%(count)s of %(total)s (%(share)s)") % counts
    if rule.threshold is None:
        return text
    limit = _("at least %(limit)s") if rule.at_least else _("at most %(limit)s")
    return f"{text}, {limit % {'limit': _share(float(rule.threshold), 0, index=rule.index)}}"


def _share(value: float, decimals: int, *, index: bool) -> str:
    return formats.number(value, 2) if index else formats.percent(value, decimals)


def spoken(text: Any) -> str:
    """A stored text in the active language."""
    if isinstance(text, dict):
        code = (get_language() or "").split("-")[0]
        return str(text.get(code) or next(iter(text.values()), ""))
    return str(text or "")


def found_of(row: PlanCheck, *, items: bool = True) -> Found | None:
    """A stored row, with or without the rows that it names; None for a check that no longer exists."""
    rule = RULE_OF.get(row.code)
    if rule is None:
        return None
    named = tuple((int(uid), spoken(detail)) for uid, detail in row.items) if items else ()
    return Found(rule, row.passed, row.count, row.total, row.share, spoken(row.reason), named)


def found_from(result: Result) -> Found:
    items = tuple((item.uid, str(item.detail)) for item in result.items)
    share = None if result.share is None else float(result.share)
    return Found(result.rule, result.passed, len(result.items), result.total, share, str(result.reason), items)


def checks_of(plan: Plan) -> list[Found]:
    """The stored results where they are those of this revision, else computed now; worst first.

    Errors: ``NotComputable``.
    """
    rows = list(PlanCheck.objects.filter(plan=plan))
    if rows and all(row.revision == plan.revision for row in rows):
        found = [one for row in rows if (one := found_of(row)) is not None]
    else:
        found = [found_from(one) for one in quality_of(plan)]
    return sorted(found, key=_rank)


def stored_checks(project: Project) -> list[Found]:
    """What was found last in the plan of a project, without the rows, worst first; one query."""
    rows = PlanCheck.objects.filter(plan__project=project).defer("items")
    return sorted((one for row in rows if (one := found_of(row, items=False)) is not None), key=_rank)


def _rank(one: Found) -> tuple[int, int, str]:
    """Failed before not measured before passed, worse before lighter."""
    return ({False: 0, None: 1, True: 2}[one.passed], -WEIGHT[one.rule.severity], one.rule.code)


# ── many plans ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class PlanLine:
    """A plan among others: its results by code."""

    plan: Plan
    checks: dict[str, Found] = field(default_factory=dict)

    def _of(self, passed: bool | None) -> int:
        return sum(one.passed is passed for one in self.checks.values())

    @cached_property
    def failed(self) -> int:
        return self._of(False)

    @cached_property
    def passed(self) -> int:
        return self._of(True)

    @cached_property
    def open(self) -> int:
        """Checks that neither passed nor failed."""
        return self._of(None)

    @cached_property
    def severity(self) -> int:
        return sum(WEIGHT[one.rule.severity] for one in self.checks.values() if one.passed is False)

    @cached_property
    def findings(self) -> int:
        """Rows that break a rule, over all failed checks."""
        return sum(one.count for one in self.checks.values() if one.passed is False)

    @property
    def cells(self) -> list[Found | None]:
        return [self.checks.get(rule.code) for rule in RULES]


def quality_lines(user: User, *, portfolio: Portfolio | None = None, code: str = "") -> list[PlanLine]:
    """Plans of running projects that the user may see, worst first; two queries. ``code``: only those that fail this check."""
    plans = visible_rows(user, Plan.objects.select_related("project__portfolio"), "view")
    plans = plans.filter(project__archived_at=None).exclude(project__phase__in=("closed", "stopped"))
    if portfolio is not None:
        plans = plans.filter(project__portfolio=portfolio)
    lines = {plan.pk: PlanLine(plan) for plan in plans}
    for row in stored(lines):
        found = found_of(row, items=False)
        if found is not None:
            lines[row.plan_id].checks[row.code] = found
    chosen = [line for line in lines.values() if not code or ((one := line.checks.get(code)) and one.passed is False)]
    return sorted(chosen, key=lambda line: (-line.severity, -line.findings, not line.checks, line.plan.project.name))


def stored(plans: Iterable[int]) -> Iterable[PlanCheck]:
    """Results of some plans without the rows that they name."""
    return PlanCheck.objects.filter(plan__in=list(plans)).only(
        "plan_id", "code", "passed", "count", "total", "share", "reason"
    )
