"""The steering committee's pack: what is published of a portfolio at a data date, frozen, and the deck made from it.

Per project counts, in this order: its published snapshot of the date, else its dated status with the figures in force
(an imported portfolio; marked as reported). Whoever has nothing for the date is late and shows grey, or, in a portfolio
that is only imported, has left it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.errors import Refused
from stellwerk.core.models import Snapshot, User
from stellwerk.core.permissions import can, require, visible_rows
from stellwerk.core.snapshots import freeze, same_as
from stellwerk.people.models import Organisation
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Figure as FigureRecord
from stellwerk.portfolio.models import Portfolio, Project, ProjectStatus
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at, reporting_dates
from stellwerk.reporting import compute, selectors
from stellwerk.reporting.earned import portfolio_curve
from stellwerk.reporting.freeze import frozen_figures, head, money_facts, names_in
from stellwerk.reporting.live import Live, figure_entries
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.payload import (
    ChangeLine,
    CycleCounts,
    DeckPayload,
    DependencyLine,
    FollowUp,
    LateReport,
    Light,
    LightSource,
    LightValue,
    Money,
    MoneyPoint,
    MoneyTrend,
    RoleMonth,
    StatusPayload,
)
from stellwerk.reporting.selectors import DECK_KIND, FINISHED_PHASES
from stellwerk.reporting.supplies import open_dependencies
from stellwerk.resources.selectors.manpower_pack import role_figures

HISTORY_DATES = 6
EAC_STEP = Decimal("0.01")
NAMES = ("overall", *DIMENSIONS)
GREY: LightValue = "grey"

if TYPE_CHECKING:
    from stellwerk.reporting.deck.build import DeckSummary, Format


def publish_pack(
    portfolio: Portfolio,
    data_date: dt.date | None,
    by: User | None,
    *,
    supersedes: Snapshot | None = None,
    cycle: Cycle | None = None,
) -> Snapshot:
    """Freeze the deck of a portfolio at a date (None: its latest) with what ``by`` may see.

    The same content by the same person is frozen once: the snapshot that exists is returned. Errors: ``NotAllowed``;
    ``Refused`` (``no_data``) where nothing was reported up to that date.
    """
    if cycle is None:
        require(by, "export", portfolio)
    with transaction.atomic():
        deck = deck_payload(portfolio, data_date, by)
        payload, names = json.loads(deck.to_json()), names_in(deck)
        if supersedes is None:
            same = same_as(portfolio, kind=DECK_KIND, payload=payload, by=by, names=names)
            if same is not None:
                return same
        return freeze(
            portfolio,
            kind=DECK_KIND,
            data_date=deck.data_date,
            payload=payload,
            by=by,
            supersedes=supersedes,
            names=names,
        )


def render_deck(
    snapshot: Snapshot,
    lang: Lang,
    fmt: Format,
    target: Path | BinaryIO,
    *,
    template: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DeckSummary:
    """Write the deck of a frozen pack, whole or not at all; every figure is the snapshot's."""
    from stellwerk.reporting.deck.build import write_deck  # heavy: only where a deck is drawn

    return write_deck(
        selectors.deck_payload_of(snapshot), lang=lang, fmt=fmt, target=target, template=template, progress=progress
    )


def may_see_all(user: User, snapshot: Snapshot) -> bool:
    """May the reader see every project of this pack? Else a pack of the reader's own must be made."""
    keys = {str(row.get("key")) for row in snapshot.payload.get("data", {}).get("projects", [])}
    seen = set(visible_rows(user, Project.objects.filter(key__in=keys)).values_list("key", flat=True))
    return keys <= seen


# ── collecting ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Edition:
    """What stood at one reporting date: who was part of it, and what was said."""

    on: dt.date
    payloads: dict[int, StatusPayload]
    members: set[int]


class Collector:
    """Reads a portfolio once for several dates; a constant number of queries for any number of projects."""

    def __init__(self, portfolio: Portfolio, projects: Sequence[Project], last: dt.date) -> None:
        self.portfolio = portfolio
        self.projects = {project.pk: project for project in projects}
        numbers = list(self.projects)
        self.members: dict[dt.date, set[int]] = defaultdict(set)
        self.imported: set[dt.date] = set()
        statuses = ProjectStatus.objects.filter(project_id__in=numbers, date__lte=last)
        for number, day, source in statuses.values_list("project_id", "date", "source"):
            self.members[day].add(number)
            if source == "imported":
                self.imported.add(day)
        dated = FigureRecord.objects.filter(project_id__in=numbers, code="light.overall", date__lte=last)
        for number, day in dated.values_list("project_id", "date"):
            self.members[day].add(number)
        self.cycles = {
            cycle.data_date: cycle
            for cycle in Cycle.objects.filter(portfolio=portfolio, data_date__lte=last).exclude(
                state__in=("planned", "archived")
            )
        }
        self.snapshots: dict[tuple[int, dt.date], Snapshot] = {}
        rows = StatusReport.objects.filter(
            project_id__in=numbers, state="published", data_date__lte=last, snapshot__isnull=False
        )
        for report in rows.select_related("snapshot"):
            if report.snapshot is not None:
                self.snapshots[report.project_id, report.data_date] = report.snapshot

    def edition(self, on: dt.date, before: dt.date | None) -> Edition:
        numbers = list(self.projects)
        figures = figures_at(numbers, None, on)
        earlier = (
            figures_at(numbers, [f"light.{name}" for name in NAMES] + ["eac", "bac", "spi_t", "cpi"], before)
            if before
            else {}
        )
        texts: dict[int, ProjectStatus] = {}
        for status in ProjectStatus.objects.filter(project_id__in=numbers, date__lte=on).order_by("date"):
            texts[status.project_id] = status
        payloads = {}
        for number, project in self.projects.items():
            last = self.last_date(number, on)
            snapshot = self.snapshots.get((number, last)) if last is not None and self._fresh(last, on) else None
            payload = selectors.readable_payload(snapshot) if snapshot else None
            payloads[number] = payload or self._from_figures(
                project, figures.get(number, {}), earlier.get(number, {}), texts.get(number), on, before
            )
        return Edition(on, payloads, set(self.members.get(on, ())))

    def _from_figures(
        self, project: Project, figures: dict[str, FigureValue], earlier: dict[str, FigureValue],
        status: ProjectStatus | None, on: dt.date, before: dt.date | None,
    ) -> StatusPayload:  # fmt: skip
        entries = figure_entries(Live(project, on, selectors.calendar_of(self.portfolio), figures))
        said = status.date if status is not None else None
        phase = figures.get("phase")

        def when(code: str) -> dt.date | None:
            value = entries.get(code, {}).get("value")
            return dt.date.fromisoformat(value) if value else None

        lights: dict[str, Any] = {name: self._light(name, figures, earlier, on) for name in NAMES}
        return StatusPayload(
            key=project.key,
            name=project.name,
            data_date=min(said, on) if said else on,
            **head(project),
            phase=phase.text if phase and phase.text else project.phase,
            previous_date=before,
            **lights,
            summary=_summary(status),
            start=when("start.forecast"),
            baseline_finish=when("finish.baseline"),
            forecast_finish=when("finish.forecast"),
            money=money_facts(entries, project.currency),
            cpi=_ratio(figures, "cpi"),
            spi_t=_ratio(figures, "spi_t"),
            figures=frozen_figures(entries),
        )

    def _light(self, name: str, figures: dict[str, FigureValue], earlier: dict[str, FigureValue], on: dt.date) -> Light:
        now, then_ = figures.get(f"light.{name}"), earlier.get(f"light.{name}")
        if now is None or not now.light:
            return Light()
        value = now.light if now.date == on or self._fresh(now.date, on) else GREY
        source: LightSource = "reported" if now.source in {"reported", "imported"} else cast(LightSource, now.source)
        half = compute.half_step_side(now.reported, now.half_step) if value == "amber" else ""
        standing = _standing(name, value, now, figures)
        return Light(
            value=cast(LightValue, value),
            source=source,
            computed_value=cast(
                "LightValue | None",
                now.text if source == "overridden" and now.text in {"red", "amber", "green"} else None,
            ),
            previous=cast("LightValue | None", (then_.light or None) if then_ else None),
            arrow=compute.arrow(_standing(name, then_.light, then_, earlier) if then_ else None, standing),
            reported_value=now.reported if half else "",
            half_step=cast(Any, half or None),
        )

    def last_date(self, number: int, on: dt.date) -> dt.date | None:
        """The newest date not after ``on`` at which something was said about this project."""
        return max((day for day, members in self.members.items() if day <= on and number in members), default=None)

    def is_current(self, number: int, on: dt.date) -> bool:
        """Said at this very date; or, where no cycle sets the dates, not longer ago than one."""
        if number in self.members.get(on, ()):
            return True
        last = self.last_date(number, on)
        return last is not None and on not in self.cycles and on not in self.imported and self._fresh(last, on)

    def _fresh(self, date: dt.date, on: dt.date) -> bool:
        return (on - date).days <= self.portfolio.cycle_days

    def counts(self, on: dt.date) -> CycleCounts:
        members = self.members.get(on, set())
        figures = figures_at(list(members), ["light.overall"], on)
        lights = [figures[number]["light.overall"].light if number in figures else "" for number in members]
        return _counts(on, lights)


def _standing(name: str, value: str, figure: FigureValue, all_of: dict[str, FigureValue]) -> compute.Standing:
    index = {"schedule": "spi_t", "cost": "cpi", "overall": "spi_t"}.get(name, "")
    money = name in {"cost", "overall"}

    def amount(code: str) -> int | None:
        return all_of[code].amount if money and code in all_of else None

    return compute.Standing(
        value or None,
        figure.half_step,
        figure.reported,
        _ratio(all_of, index) if index else None,
        amount("eac"),
        amount("bac"),
    )


def _ratio(figures: dict[str, FigureValue], code: str) -> Decimal | None:
    figure = figures.get(code)
    return figure.value if figure is not None else None


def _summary(status: ProjectStatus | None) -> str:
    if status is None:
        return ""
    return status.summary or next((str(text) for text in (status.narrative or {}).values() if text), "")


def _counts(on: dt.date, lights: Sequence[str | None]) -> CycleCounts:
    return CycleCounts(
        on,
        red=lights.count("red"),
        amber=lights.count("amber"),
        green=lights.count("green"),
        grey=lights.count("grey"),
        not_assessed=sum(1 for light in lights if not light),
    )


# ── the payload ──────────────────────────────────────────────────────────────────────────────────


def dates_of(portfolio: Portfolio, last: dt.date | None = None) -> list[dt.date]:
    """Reporting dates of a portfolio up to a day, newest first: published, imported, or cut off as a cycle."""
    cut = Cycle.objects.filter(
        portfolio=portfolio, state__in=("cut_off", "pmo_review", "consolidated", "published", "corrected")
    )
    days = set(reporting_dates(portfolio)) | set(cut.values_list("data_date", flat=True))
    return sorted((day for day in days if last is None or day <= last), reverse=True)


def deck_payload(portfolio: Portfolio, data_date: dt.date | None, by: User | None) -> DeckPayload:
    """What the deck of a portfolio shows to ``by`` at the newest reporting date not after ``data_date``."""
    days = dates_of(portfolio, data_date)
    if not days:
        raise Refused(
            _("The portfolio %(key)s has no reported status up to %(date)s.")
            % {"key": portfolio.key, "date": formats.day(data_date) if data_date else _("today")},
            _("Publish a status report or import a portfolio first."),
            code="no_data",
        )
    on = days[0]
    before = days[1] if len(days) > 1 else None
    everything = Project.objects.filter(portfolio=portfolio, archived_at=None)
    projects = list(
        visible_rows(by, everything)
        .select_related("portfolio__unit__organisation", "programme", "manager", "sponsor")
        .order_by("key")
    )
    collector = Collector(portfolio, projects, on)
    now = collector.edition(on, before)
    shown, late = _shown(collector, now)
    earlier = collector.edition(before, days[2] if len(days) > 2 else None) if before else None
    if earlier:
        shown = {number: _compared(number, payload, earlier) for number, payload in shown.items()}
    payloads = tuple(shown.values())
    history = [collector.counts(day) for day in reversed(days[1:HISTORY_DATES])]
    history.append(_counts(on, [payload.overall.value for payload in payloads]))
    organisation = selectors.organisation_of(portfolio)
    cycle = collector.cycles.get(on)
    return DeckPayload(
        organisation=organisation.name if organisation else "",
        data_date=on,
        portfolio_key=portfolio.key,
        portfolio_name=portfolio.name,
        body=cycle.meeting_name if cycle else "",
        meeting_date=cycle.meeting_date if cycle else None,
        previous_date=before,
        confidentiality=portfolio.confidentiality,
        projects=payloads,
        history=tuple(history),
        changes=tuple(changes(shown, earlier, collector)) if earlier else (),
        curve=portfolio_curve(portfolio, on, by),
        late=tuple(late),
        dependencies=_dependencies(projects, by) if on == dates_of(portfolio)[0] else (),
        capacity=_capacity(organisation, on, by) if on == dates_of(portfolio)[0] else (),
        follow_up=follow_up(shown, collector, on),
        money_trend=money_trend(shown, earlier, days[:HISTORY_DATES]),
        hidden_count=hidden_count(portfolio, projects, on),
    )


def _dependencies(projects: Sequence[Project], by: User | None) -> tuple[DependencyLine, ...]:
    """Open deliveries between projects as their plans have them now: what is promised against what is needed, the latest first.

    Plans keep no such dates of the past: a deck of an earlier reporting date shows none.
    """
    return open_dependencies([project.pk for project in projects], by)


def _capacity(company: Organisation | None, on: dt.date, by: User | None) -> tuple[RoleMonth, ...]:
    """The manpower plan from the data date on; bookings and absences of the past are not kept, an earlier deck shows none."""
    rows = role_figures(by, company, on)
    return tuple(RoleMonth(row.role, row.month, row.capacity, row.demand, row.covered) for row in rows)


def hidden_count(portfolio: Portfolio, seen: Sequence[Project], on: dt.date) -> int:
    """Projects that would be part of the deck but that the reader may not see."""
    others = Project.objects.filter(portfolio=portfolio, archived_at=None).exclude(
        pk__in=[project.pk for project in seen]
    )
    reported = others.filter(statuses__date=on).distinct().count()
    running = (
        others.exclude(phase__in=FINISHED_PHASES).count()
        if Cycle.objects.filter(portfolio=portfolio, data_date=on).exists()
        else 0
    )
    return max(reported, running)


def _shown(collector: Collector, now: Edition) -> tuple[dict[int, StatusPayload], list[LateReport]]:
    """The projects of the deck, and those that owe a report."""
    shown: dict[int, StatusPayload] = {}
    late: list[LateReport] = []
    cycle = collector.cycles.get(now.on)
    states = dict(StatusReport.objects.filter(cycle=cycle).values_list("project_id", "state")) if cycle else {}
    only_imported = cycle is None and now.on in collector.imported
    for number, project in collector.projects.items():
        payload = now.payloads[number]
        published = (number, now.on) in collector.snapshots
        if collector.is_current(number, now.on) and (
            published or states.get(number) not in {"missed", "draft", "returned", "submitted", "accepted"}
        ):
            shown[number] = payload
            continue
        if only_imported or (project.phase in FINISHED_PHASES and number not in now.members):
            continue
        last = max(
            (day for day, members in collector.members.items() if number in members and day < now.on), default=None
        )
        shown[number] = _grey(payload)
        late.append(
            LateReport(project.key, project.name, payload.pm, "missing" if last is None or cycle else "stale", last)
        )
    return shown, late


def _grey(payload: StatusPayload) -> StatusPayload:
    """An old colour is never carried forward."""
    grey = {
        name: Light(value=GREY, previous=light.value if light.value != GREY else light.previous)
        for name in NAMES
        if name == "overall" or payload.light(name).value is not None
        for light in (payload.light(name),)
    }
    return replace(payload, **cast(dict[str, Any], grey))


def _compared(number: int, payload: StatusPayload, earlier: Edition) -> StatusPayload:
    """All lights against the one date that the deck names; a report that skipped a cycle compares with an older one itself."""
    before = earlier.payloads.get(number)
    if before is None or number not in earlier.members:
        return payload
    changed: dict[str, Any] = {}
    for name in NAMES:
        old, light = before.light(name), payload.light(name)
        if light.value is None or old.value is None or old.value == light.previous:
            continue
        way = compute.arrow(_frozen_standing(before, name), _frozen_standing(payload, name))
        changed[name] = replace(light, previous=old.value, arrow=way)
    return replace(payload, **changed)


def _frozen_standing(payload: StatusPayload, name: str) -> compute.Standing:
    light = payload.light(name)
    index = {"schedule": payload.spi_t, "cost": payload.cpi, "overall": payload.spi_t}.get(name)
    total = payload.money.total if payload.money and name in {"cost", "overall"} else None
    eac, bac = (total.eac, total.bac) if total else (None, None)
    return compute.Standing(
        light.value, light.half_step is not None, light.reported_value, index,
        eac.minor if eac else None, bac.minor if bac else None,
    )  # fmt: skip


# ── what the last report asked for ───────────────────────────────────────────────────────────────


def follow_up(shown: dict[int, StatusPayload], collector: Collector, on: dt.date) -> tuple[FollowUp, ...]:
    """Decisions and measures of each project's last published report before ``on``, with what has become of them."""
    lines: list[FollowUp] = []
    for number, payload in shown.items():
        last = max((day for owner, day in collector.snapshots if owner == number and day < on), default=None)
        before = selectors.readable_payload(collector.snapshots[number, last]) if last else None
        if before is not None:
            reported = (number, on) in collector.snapshots
            lines += _asked_before(before, payload if reported else None)
    return tuple(lines)


def _asked_before(before: StatusPayload, now: StatusPayload | None) -> list[FollowUp]:
    decisions = {_same(line.question): line for line in now.decisions} if now else {}
    steps = {(step.dimension, _same(step.measure)): step for step in now.path_to_green} if now else {}
    gone: Literal["gone", "unknown"] = "gone" if now else "unknown"
    rows = []
    for line in before.decisions:
        again = decisions.get(_same(line.question))
        rows.append(
            FollowUp(
                before.key, before.name, "decision", line.question, "open" if again else gone, line.decided_by,
                before.data_date, line.due, again.due if again else None,
            )
        )  # fmt: skip
    for step in before.path_to_green:
        if not step.measure:
            continue
        still = steps.get((step.dimension, _same(step.measure)))
        rows.append(
            FollowUp(
                before.key, before.name, "measure", step.measure, "open" if still else gone, step.owner,
                before.data_date, step.due, still.due if still else None, step.dimension,
                now.light(step.dimension).value if now else None,
            )
        )  # fmt: skip
    return rows


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


# ── money over the reporting dates ───────────────────────────────────────────────────────────────

TREND_CODES = ("bac", "ac", "eac")


def money_trend(shown: dict[int, StatusPayload], earlier: Edition | None, days: Sequence[dt.date]) -> MoneyTrend | None:
    """BAC, AC and EAC at the last reporting dates, over the projects that know all of them at every date (one currency)."""
    rows: dict[dt.date, dict[int, dict[str, Money]]] = {}
    for index, day in enumerate(days):
        known = shown if index == 0 else earlier.payloads if index == 1 and earlier else None
        rows[day] = _frozen_amounts(known) if known is not None else _standing_amounts(list(shown), day)
    if len(rows) < 3:
        return None
    common = [number for number in shown if all(len(rows[day].get(number, {})) == len(TREND_CODES) for day in rows)]
    currencies = {money.currency for day in rows for number in common for money in rows[day][number].values()}
    if len(currencies) != 1:
        return None
    currency = currencies.pop()
    sums = {
        day: {code: Money(sum(values[number][code].minor for number in common), currency) for code in TREND_CODES}
        for day, values in rows.items()
    }
    keys = tuple(shown[number].key for number in common)
    return MoneyTrend(keys, tuple(MoneyPoint(day, **sums[day]) for day in sorted(sums)))


def _frozen_amounts(payloads: Mapping[int, StatusPayload]) -> dict[int, dict[str, Money]]:
    return {
        number: {code: money for code in TREND_CODES if (money := getattr(payload.money.total, code)) is not None}
        for number, payload in payloads.items()
        if payload.money is not None
    }


def _standing_amounts(numbers: list[int], day: dt.date) -> dict[int, dict[str, Money]]:
    found = figures_at(numbers, list(TREND_CODES), day)
    return {
        number: {
            code: Money(figure.amount, figure.currency) for code, figure in figures.items() if figure.amount is not None
        }
        for number, figures in found.items()
    }


# ── what has changed ─────────────────────────────────────────────────────────────────────────────


def changes(shown: dict[int, StatusPayload], earlier: Edition, collector: Collector) -> list[ChangeLine]:
    """What differs from the last reporting date, worst first."""
    lines: list[tuple[int, ChangeLine]] = []
    for number, payload in shown.items():
        before = earlier.payloads.get(number)
        if number not in earlier.members or before is None:
            lines.append((3, ChangeLine(payload.key, payload.name, "new")))
            continue
        lines += _changes_of(payload, before, collector)
    for number in sorted(earlier.members - set(shown)):
        before = earlier.payloads.get(number)
        if before is not None:
            lines.append((4, ChangeLine(before.key, before.name, "ended")))
    lines.sort(key=lambda row: (row[0], row[1].project_key, row[1].kind, row[1].subject))
    return [line for _order, line in lines]


_RANK = {"red": 0, "amber": 1, "green": 2}


def _changes_of(now: StatusPayload, before: StatusPayload, collector: Collector) -> list[tuple[int, ChangeLine]]:
    rows: list[tuple[int, ChangeLine]] = []
    for name in NAMES:
        old, new = before.light(name).value, now.light(name).value
        if old != new and old is not None and new is not None:
            worse = _RANK.get(new, 1) < _RANK.get(old, 1)
            order = (0 if worse else 2) + (0 if name == "overall" else 5)
            rows.append((order, ChangeLine(now.key, now.name, "light", name, old, new)))
    rows += _money_change(now, before)
    old_day, new_day = before.forecast_finish, now.forecast_finish
    if old_day and new_day and old_day != new_day:
        days = selectors.calendar_of(collector.portfolio).between(old_day, new_day)
        rows.append(
            (
                1 if days > 0 else 2,
                ChangeLine(now.key, now.name, "milestone", "", before_date=old_day, after_date=new_day, days=days),
            )
        )
    if now.phase and before.phase and now.phase != before.phase:
        rows.append((3, ChangeLine(now.key, now.name, "phase", before=before.phase, after=now.phase)))
    if now.pm and before.pm and now.pm != before.pm:
        rows.append((4, ChangeLine(now.key, now.name, "person", "", before.pm, now.pm)))
    return rows


def _money_change(now: StatusPayload, before: StatusPayload) -> list[tuple[int, ChangeLine]]:
    old = before.money.total.eac if before.money else None
    new = now.money.total.eac if now.money else None
    if old is None or new is None or old.currency != new.currency or old == new:
        return []
    base = (now.money.total.bac if now.money else None) or old
    if base.minor and abs(Decimal(new.minor - old.minor)) < EAC_STEP * abs(base.minor):
        return []
    line = ChangeLine(now.key, now.name, "eac", before_money=old, after_money=new)
    return [(1 if new.minor > old.minor else 2, line)]


def visible_portfolios(user: User) -> list[Portfolio]:
    """Portfolios of which this user may make a deck."""
    rows = visible_rows(user, Portfolio.objects.filter(archived_at=None).order_by("name"), "export")
    return [portfolio for portfolio in rows if can(user, "view", portfolio)]
