"""Reporting cycles: plan the dates, take the steps of the clock, chase, consolidate, publish."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import takewhile

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import Grant, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import url_of
from stellwerk.core.services import create
from stellwerk.core.snapshots import freeze
from stellwerk.core.states import advance
from stellwerk.planning.services.forecasts import capture_forecasts
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.reporting import selectors
from stellwerk.reporting.clock import DueStep, cycle_dates, due_steps
from stellwerk.reporting.live import canonical
from stellwerk.reporting.models import Cycle, CycleStep, StatusReport
from stellwerk.reporting.selectors import Delivery
from stellwerk.reporting.services.reports import create_drafts

MOST_CYCLES = 60


# ── planning ─────────────────────────────────────────────────────────────────────────────────────


def plan_cycles(*, portfolio: Portfolio, by: User | None, count: int = 6, start: dt.date | None = None) -> list[Cycle]:
    """Create the next ``count`` cycles from ``start`` (default: today) on, by the portfolio's anchor and rhythm.

    Dates that exist already are left alone; the numbers count from the anchor. Errors: ``NotAllowed``, ``Invalid`` (no
    anchor, a count outside 1 to 60).
    """
    if portfolio.cycle_anchor is None:
        raise Invalid({"__all__": [_("The portfolio has no first data date: enter it on the portfolio's page.")]})
    if not 1 <= count <= MOST_CYCLES or portfolio.cycle_days < 1:
        raise Invalid({"count": [_("Please enter a number from 1 to %(most)s.") % {"most": MOST_CYCLES}]})
    first = start or selectors.local_today(portfolio)
    with transaction.atomic():
        require(by, "create", Cycle(portfolio=portfolio, confidentiality=portfolio.confidentiality))
        Portfolio.objects.select_for_update().get(pk=portfolio.pk)
        known = set(Cycle.objects.filter(portfolio=portfolio).values_list("data_date", flat=True))
        made: list[Cycle] = []
        wanted = 0
        for number, day in cycle_dates(portfolio.cycle_anchor, portfolio.cycle_days, selectors.calendar_of(portfolio)):
            if day < first:
                continue
            wanted += 1
            if day not in known:
                values = {
                    "portfolio": portfolio,
                    "number": number,
                    "data_date": day,
                    "confidentiality": portfolio.confidentiality,
                }
                made.append(create(Cycle, values, by=by))
            if wanted == count:
                break
    return made


def next_dates(portfolio: Portfolio, count: int, start: dt.date) -> list[tuple[int, dt.date]]:
    """What :func:`plan_cycles` would create, for the preview."""
    if portfolio.cycle_anchor is None or portfolio.cycle_days < 1:
        return []
    rows = cycle_dates(portfolio.cycle_anchor, portfolio.cycle_days, selectors.calendar_of(portfolio))
    found: list[tuple[int, dt.date]] = []
    for number, day in takewhile(lambda row: len(found) < count, rows):
        if day >= start:
            found.append((number, day))
    return found


# ── steps of the clock ───────────────────────────────────────────────────────────────────────────


def take_due_steps(*, cycle: Cycle, now: dt.datetime | None = None) -> list[DueStep]:
    """Take every step that is due, in order, each with its effects in one transaction and exactly once."""
    instant = now or timezone.now()
    if cycle.state in {"consolidated", "published", "corrected", "archived"} or cycle.archived:
        return []
    taken = []
    done = set(cycle.steps.values_list("code", flat=True))
    for step in due_steps(selectors.clock_of(cycle), instant, done):
        if _take(cycle, step):
            taken.append(step)
    return taken


def _take(cycle: Cycle, step: DueStep) -> bool:
    """One step; False if another worker has taken it (its row is written first and is unique)."""
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        row, created = CycleStep.objects.get_or_create(
            cycle=cycle, code=step.code, defaults={"due_at": step.due_at, "skipped": step.skipped}
        )
        if not created:
            return False
        if not step.skipped:
            told = ACTIONS[step.code](selectors.cycles().get(pk=cycle.pk))
            row.told = sorted(user.pk for user in told)
            row.save(update_fields=["told"])
    return True


def _open(cycle: Cycle) -> list[User]:
    """DD−3 WD: open, prefill, tell the managers."""
    if cycle.state == "planned":
        advance(cycle, "open", by=None)
    return []  # the managers are told by the step "open" itself, also when a person opens the cycle


def open_reports(cycle: Cycle) -> list[StatusReport]:
    """Drafts for all projects that must report and have none for this date; their managers are told."""
    taken = set(
        StatusReport.objects.filter(data_date=cycle.data_date, project__portfolio_id=cycle.portfolio_id).values_list(
            "project_id", flat=True
        )
    )
    StatusReport.objects.filter(data_date=cycle.data_date, project__portfolio_id=cycle.portfolio_id, cycle=None).update(
        cycle=cycle
    )
    projects = [project for project in selectors.reporting_projects(cycle.portfolio) if project.pk not in taken]
    drafts = create_drafts(projects, cycle.data_date, cycle, by=None)
    due = selectors.clock_of(cycle).due_at
    _tell(
        cycle,
        [Delivery(draft.project, draft) for draft in drafts],
        kind="report_due",
        whom=_manager,
        title=lambda rows: (
            ngettext("Status report %(list)s is open", "%(count)s status reports are open", len(rows)) % _words(rows)
        ),
        text=lambda rows: (
            _("Data date %(date)s, due at %(time)s. It is prefilled.")
            % {"date": formats.day(cycle.data_date), "time": f"{due:%H:%M}"}
        ),
    )
    return drafts


def _remind(cycle: Cycle) -> list[User]:
    """DD−1 and DD 09:00: reminder to those who have not delivered."""
    if cycle.state == "open":
        advance(cycle, "collect", by=None)
    due = selectors.clock_of(cycle).due_at
    return _tell(
        cycle,
        selectors.missing(cycle),
        kind="report_reminder",
        whom=_manager,
        title=lambda rows: (
            ngettext("Reminder: status report %(list)s", "Reminder: %(count)s status reports", len(rows)) % _words(rows)
        ),
        text=lambda rows: _("Due on %(date)s at %(time)s.") % {"date": formats.day(due.date()), "time": f"{due:%H:%M}"},
    )


def _due(cycle: Cycle) -> list[User]:
    """DD 12:00: the data is frozen; late: manager and programme manager are told."""
    freeze_data(cycle)
    return _tell(
        cycle,
        selectors.missing(cycle),
        kind="report_late",
        whom=lambda row: [*_manager(row), *_programme_manager(row)],
        title=lambda rows: (
            ngettext("Status report %(list)s is late", "%(count)s status reports are late", len(rows)) % _words(rows)
        ),
        text=lambda rows: (
            _("It was due on %(date)s at 12:00. Missing: %(names)s.")
            % {"date": formats.day(cycle.data_date), **_words(rows)}
        ),
    )


def _escalate(cycle: Cycle) -> list[User]:
    """DD+1 10:00: the sponsors and the PMO lead are told."""
    leads = pmo_leads(cycle)
    return _tell(
        cycle,
        selectors.missing(cycle),
        kind="report_escalation",
        whom=lambda row: [*_sponsor(row), *leads],
        title=lambda rows: (
            ngettext("Status report %(list)s is missing", "%(count)s status reports are missing", len(rows))
            % _words(rows)
        ),
        text=lambda rows: (
            _("Data date %(date)s. Missing: %(names)s. At 17:00 they count as missed and show grey.")
            % {"date": formats.day(cycle.data_date), **_words(rows)}
        ),
    )


def _miss(cycle: Cycle) -> list[User]:
    """DD+1 17:00: what is missing counts as missed; the cycle is cut off and goes to the review."""
    for step, source in (("open", "planned"), ("collect", "open"), ("cut_off", "collecting"), ("review", "cut_off")):
        if cycle.state == source:
            cycle = advance(cycle, step, by=None)
    return []


def mark_missed(cycle: Cycle) -> None:
    """Drafts become missed; a project without any report gets one in that state, so that it can be delivered late."""
    rows = selectors.deliveries(cycle)
    begun = {row.project.pk for row in rows if row.report is not None}
    for row in rows:
        if row.report is not None and row.state in {"draft", "returned"}:
            advance(row.report, "miss", by=None)
    absent = [row.project for row in rows if row.project.pk not in begun]
    for report in create_drafts(absent, cycle.data_date, cycle, by=None):
        advance(report, "miss", by=None)


def freeze_data(cycle: Cycle) -> None:
    """The figures of all projects as they stood at noon of the data date, and what their plans forecast for milestones."""
    projects = list(selectors.reporting_projects(cycle.portfolio))
    capture_forecasts(projects=projects, date=cycle.data_date)
    found = figures_at([project.pk for project in projects], None, cycle.data_date)
    from stellwerk.core.registry import FIGURES

    payload = {
        "portfolio": cycle.portfolio.key,
        "data_date": cycle.data_date.isoformat(),
        "projects": {
            project.key: {
                code: figure.light if FIGURES[code].kind == "light" else canonical(FIGURES[code].kind, figure)
                for code, figure in sorted(found.get(project.pk, {}).items())
                if code in FIGURES
            }
            for project in projects
        },
    }
    freeze(cycle, kind=selectors.DATA_KIND, data_date=cycle.data_date, payload=payload, by=None)


ACTIONS: dict[str, Callable[[Cycle], list[User]]] = {
    "open": _open,
    "remind_before": _remind,
    "remind": _remind,
    "due": _due,
    "escalate": _escalate,
    "miss": _miss,
}


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def _users(*people: object) -> list[User]:
    found = [getattr(person, "user", None) for person in people if person is not None]
    return [user for user in found if isinstance(user, User)]


def _manager(row: Delivery) -> list[User]:
    return _users(row.project.manager)


def _programme_manager(row: Delivery) -> list[User]:
    return _users(row.project.programme.manager) if row.project.programme else []


def _sponsor(row: Delivery) -> list[User]:
    return _users(row.project.sponsor)


def pmo_leads(cycle: Cycle) -> list[User]:
    """PMO leads who may see this cycle."""
    users = User.objects.filter(is_active=True, grants__role="pmo_lead").distinct()
    return [user for user in users if can(user, "view", cycle)]


def _words(rows: list[Delivery]) -> dict[str, object]:
    names = ", ".join(f"{row.project.key} {row.project.name}" for row in rows)
    return {"list": ", ".join(row.project.key for row in rows), "names": names, "count": len(rows)}


def _tell(
    cycle: Cycle,
    rows: Iterable[Delivery],
    *,
    kind: str,
    whom: Callable[[Delivery], list[User]],
    title: Callable[[list[Delivery]], str],
    text: Callable[[list[Delivery]], str],
) -> list[User]:
    """One message per person about all reports that concern it; nobody is told of projects that it may not see."""
    users: dict[int, User] = {}
    concerns: dict[int, list[Delivery]] = defaultdict(list)
    for row in rows:
        for user in {user.pk: user for user in whom(row)}.values():
            if user.is_active and can(user, "view", row.project):
                users[user.pk] = user
                concerns[user.pk].append(row)
    for number, user in users.items():
        mine = concerns[number]
        only = mine[0]
        obj = (
            only.report
            if len(mine) == 1 and only.report is not None and can(user, "view", only.report)
            else only.project
        )
        url = url_of(obj) if len(mine) == 1 or not can(user, "view", cycle) else url_of(cycle)
        notify([user], kind=kind, title=_said(title, mine), text=_said(text, mine), obj=obj, url=url)
    return list(users.values())


def _said(function: Callable[[list[Delivery]], str], rows: list[Delivery]) -> Callable[[], str]:
    return lambda: function(rows)


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def remind_missing(*, cycle: Cycle, by: User, projects: Iterable[Project] | None = None) -> list[User]:
    """Remind the managers of missing reports now (all, or of some projects). Errors: ``NotAllowed``, ``Refused``."""
    with transaction.atomic():
        require(by, "edit", cycle)
        if cycle.state not in {"open", "collecting", "cut_off", "pmo_review"}:
            raise Refused(_("This cycle does not collect reports now."), code="wrong_state")
        wanted = {project.pk for project in projects} if projects is not None else None
        rows = [row for row in selectors.missing(cycle) if wanted is None or row.project.pk in wanted]
        due = selectors.clock_of(cycle).due_at
        from stellwerk.core.services import record

        record(cycle, by=by, verb="remind", changes={"reminded": [None, len(rows)]})
        return _tell(
            cycle,
            rows,
            kind="report_reminder",
            whom=_manager,
            title=lambda mine: (
                ngettext("Reminder: status report %(list)s", "Reminder: %(count)s status reports", len(mine))
                % _words(mine)
            ),
            text=lambda mine: (
                _("Due on %(date)s at %(time)s.") % {"date": formats.day(due.date()), "time": f"{due:%H:%M}"}
            ),
        )


def consolidate_cycle(*, cycle: Cycle, by: User | None, version: int | None = None) -> Cycle:
    """PMO review → consolidated: everything is reviewed, what was returned and never came back counts as missed."""
    return _step(cycle, "consolidate", by, version)


def publish_cycle(*, cycle: Cycle, by: User | None, version: int | None = None) -> Cycle:
    """Publish all accepted reports and the pack, tell the stakeholders: one transaction, exactly once."""
    return _step(cycle, "republish" if cycle.state == "corrected" else "publish", by, version)


def _step(cycle: Cycle, step: str, by: User | None, version: int | None) -> Cycle:
    with transaction.atomic():
        locked = selectors.cycles().select_for_update(of=("self",)).get(pk=cycle.pk)
        if version is not None and version != locked.version:
            raise StaleEdit([], locked.version)
        if not can(by, "view", locked):
            raise NotAllowed
        return advance(locked, step, by=by, version=locked.version)


def stakeholders(cycle: Cycle) -> list[User]:
    """Who reads what is published: sponsors, programme and project managers, executives of the portfolio."""
    people: dict[int, User] = {}
    for project in selectors.reporting_projects(cycle.portfolio).select_related("programme__sponsor__user"):
        programme = project.programme
        for user in _users(
            project.manager, project.sponsor, programme and programme.manager, programme and programme.sponsor
        ):
            people[user.pk] = user
    for grant in Grant.objects.filter(role__in=("executive", "portfolio_manager")).select_related("user"):
        people[grant.user_id] = grant.user
    return [user for user in people.values() if user.is_active and can(user, "view", cycle)]
