"""Checks of project data: what is missing or contradicts itself, with a code, a severity and what to do.

Findings never block: imports bring what people have. Transitions demand what the method demands (``guards.py``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import checks as core_checks
from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.portfolio.models import Figure, Gate, Project, ProjectStatus

Severity = Literal["error", "warning", "info"]
RUNNING: Final = ("executing", "transition", "closing")
PLANNED: Final = ("planning", *RUNNING)
OVER: Final = ("closed", "stopped")


@dataclass(frozen=True)
class Finding:
    """One finding on a project: stable code, severity, what is wrong, what to do, the standard it comes from."""

    code: str
    severity: Severity
    text: str
    todo: str
    source: str = ""


@dataclass(frozen=True)
class Facts:
    """What the checks look at; ``last_status`` is the newest data date of the project."""

    project: Project
    gates: tuple[Gate, ...]
    today: dt.date
    last_status: dt.date | None
    cycle_days: int
    has_budget_figure: bool = False


Check = Callable[[Facts], Iterator[Finding]]


def missing_people(facts: Facts) -> Iterator[Finding]:
    project = facts.project
    if project.phase in OVER:
        return
    severity: Severity = "error" if project.phase in RUNNING else "warning"
    if project.manager_id is None:
        known = f" ({project.manager_name})" if project.manager_name else ""
        yield Finding(
            "PRJ001",
            severity,
            _("No project manager is named.") + known,
            _("Choose a person as project manager."),
            "ISO 21502",
        )
    if project.sponsor_id is None:
        known = f" ({project.sponsor_name})" if project.sponsor_name else ""
        yield Finding(
            "PRJ002",
            severity,
            _("No sponsor is named.") + known,
            _("Choose the person who owns the business case."),
            "ISO 21502",
        )
    if project.manager_id is not None and project.manager_id == project.sponsor_id:
        yield Finding(
            "PRJ003",
            "error",
            _("Sponsor and project manager are the same person."),
            _("Name two different persons."),
            "ISO 21502",
        )


def dates_in_order(facts: Facts) -> Iterator[Finding]:
    project = facts.project
    pairs = (
        (project.start_baseline, project.finish_baseline, _("baseline")),
        (project.start_forecast, project.finish_forecast, _("forecast")),
        (project.start_actual, project.finish_actual, _("actual")),
    )
    for start, finish, which in pairs:
        if start is not None and finish is not None and finish < start:
            yield Finding(
                "PRJ010",
                "error",
                _("The finish lies before the start (%(which)s).") % {"which": which},
                _("Correct one of the two dates."),
            )
    for day, what in ((project.start_actual, _("start")), (project.finish_actual, _("finish"))):
        if day is not None and day > facts.today:
            yield Finding(
                "PRJ011", "error", _("The actual %(what)s %(day)s lies in the future.") % {"what": what, "day": formats.day(day)},
                _("Enter it as forecast."),
            )  # fmt: skip


def overdue(facts: Facts) -> Iterator[Finding]:
    project = facts.project
    if project.phase in OVER or project.finish_actual is not None:
        return
    finish = project.finish_forecast or project.finish_baseline
    if finish is not None and finish < facts.today:
        yield Finding(
            "PRJ012", "warning", _("The forecast finish %(day)s has passed.") % {"day": formats.day(finish)},
            _("Forecast a new date, or close the project."), "DCMA 9",
        )  # fmt: skip
    for gate in facts.gates:
        day = gate.forecast or gate.baseline
        if (
            gate.actual is None
            and gate.state not in {"go", "conditional_go", "stop"}
            and day is not None
            and day < facts.today
        ):
            yield Finding(
                "PRJ013", "warning", _("Gate %(gate)s was due on %(day)s.") % {"gate": gate.code, "day": formats.day(day)},
                _("Decide it, or forecast a new date."),
            )  # fmt: skip
    if project.phase in RUNNING and finish is None:
        yield Finding(
            "PRJ014", "warning", _("The project runs without a finish date."), _("Enter a baseline or a forecast.")
        )


def finished_but_open(facts: Facts) -> Iterator[Finding]:
    if facts.project.finish_actual is not None and facts.project.phase not in (*OVER, "closing"):
        yield Finding(
            "PRJ015", "info", _("The project has an actual finish, but its phase goes on."), _("Start closing.")
        )


def status_is_current(facts: Facts) -> Iterator[Finding]:
    if facts.project.phase in (*OVER, "on_hold"):
        return
    if facts.last_status is None:
        yield Finding(
            "PRJ020", "info", _("There is no status yet."), _("Write the first status report, or import one.")
        )
    elif (facts.today - facts.last_status).days > facts.cycle_days:
        yield Finding(
            "PRJ021", "warning", _("The last status is of %(day)s, older than one cycle.") % {"day": formats.day(facts.last_status)},
            _("Report the present state; the lights are grey until then."),
        )  # fmt: skip


def budget_is_known(facts: Facts) -> Iterator[Finding]:
    if facts.project.phase in RUNNING and facts.project.budget is None and not facts.has_budget_figure:
        yield Finding(
            "PRJ030", "info", _("The project runs without an approved budget."), _("Enter the approved budget.")
        )


CHECKS: Final[tuple[Check, ...]] = (
    missing_people,
    dates_in_order,
    overdue,
    finished_but_open,
    status_is_current,
    budget_is_known,
)
_ORDER: Final = {"error": 0, "warning": 1, "info": 2}


def findings(facts: Facts) -> list[Finding]:
    """All findings on a project, errors first."""
    found = [finding for check in CHECKS for finding in check(facts)]
    return sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.code))


# ── the same rules in the register of all checks ─────────────────────────────────────────────────


def _facts(projects: QuerySet[Project]) -> Iterator[Facts]:
    """Facts of many projects in four queries."""
    rows = list(projects.select_related("portfolio", "manager", "sponsor"))
    numbers = [project.pk for project in rows]
    gates: dict[int, list[Gate]] = {}
    for gate in Gate.objects.filter(project_id__in=numbers):
        gates.setdefault(gate.project_id, []).append(gate)
    last = dict(
        ProjectStatus.objects.filter(project_id__in=numbers)
        .order_by()
        .values("project_id")
        .annotate(day=Max("date"))
        .values_list("project_id", "day")
    )
    budgets = set(
        Figure.objects.filter(project_id__in=numbers, code__in=("budget", "bac"), until__isnull=True).values_list(
            "project_id", flat=True
        )
    )
    for project in rows:
        yield Facts(
            project,
            tuple(gates.get(project.pk, ())),
            timezone.localdate(),
            last.get(project.pk),
            project.portfolio.cycle_days,
            project.pk in budgets,
        )


def _facts_once(projects: QuerySet[Project]) -> list[Facts]:
    """All rules of one page get the same queryset: its facts are read for the first of them."""
    known: list[Facts] | None = getattr(projects, "_stellwerk_facts", None)
    if known is None:
        known = list(_facts(projects))
        projects._stellwerk_facts = known  # type: ignore[attr-defined]
    return known


_RULES: Final = (
    ("PRJ001", "major", missing_people, gettext_lazy("Project without project manager"), gettext_lazy("One project has one manager: without a name nobody answers for dates, cost and scope."), "ISO 21502"),
    ("PRJ002", "major", missing_people, gettext_lazy("Project without sponsor"), gettext_lazy("The sponsor owns the business case and decides at gates."), "ISO 21502"),
    ("PRJ003", "critical", missing_people, gettext_lazy("Sponsor and project manager are one person"), gettext_lazy("Whoever asks does not approve: the two roles need two persons."), "ISO 21502"),
    ("PRJ010", "critical", dates_in_order, gettext_lazy("Finish before start"), gettext_lazy("A project cannot end before it begins."), ""),
    ("PRJ011", "critical", dates_in_order, gettext_lazy("Actual date in the future"), gettext_lazy("Actual dates tell what has happened."), "DCMA 9"),
    ("PRJ012", "major", overdue, gettext_lazy("Finish has passed"), gettext_lazy("A forecast in the past is no forecast."), "DCMA 9"),
    ("PRJ013", "minor", overdue, gettext_lazy("Gate overdue"), gettext_lazy("A gate without decision stops or hides the next phase."), ""),
    ("PRJ014", "major", overdue, gettext_lazy("Project without finish date"), gettext_lazy("Without a finish neither delay nor capacity can be judged."), ""),
    ("PRJ015", "hint", finished_but_open, gettext_lazy("Finished but not closing"), gettext_lazy("Closing secures acceptance, lessons and the final costing."), ""),
    ("PRJ020", "hint", status_is_current, gettext_lazy("Project without status"), gettext_lazy("Lights without a status are grey."), ""),
    ("PRJ021", "major", status_is_current, gettext_lazy("Status older than one cycle"), gettext_lazy("An old colour is never carried forward: the lights are grey."), ""),
    ("PRJ030", "hint", budget_is_known, gettext_lazy("Project without budget"), gettext_lazy("Without an approved budget an overrun cannot be seen."), ""),
)  # fmt: skip


def _register(code: str, severity: str, function: Check, title: Text, explanation: Text, standard: str) -> None:
    @core_checks.check(code, severity, "portfolio.project", title=title, explanation=explanation, standard=standard)
    def run(projects: QuerySet[Project]) -> Iterator[core_checks.Hit]:
        for facts in _facts_once(projects):
            for finding in function(facts):
                if finding.code == code:
                    yield core_checks.Hit(facts.project, finding.text)


for _rule in _RULES:
    _register(*_rule)
