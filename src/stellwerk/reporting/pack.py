"""The steering committee's pack: what is published of a portfolio at a data date, frozen, and the deck made from it.

Per project counts, in this order: its published snapshot of the date, else its dated status with the figures in force
(an imported portfolio; marked as reported). Whoever has nothing for the date is late and shows grey, or, in a portfolio
that is only imported, has left it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.errors import Refused
from stellwerk.core.models import Snapshot, User
from stellwerk.core.permissions import can, require, visible_rows
from stellwerk.core.snapshots import freeze, same_as
from stellwerk.people.models import Organisation, Role
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import reporting_dates
from stellwerk.reporting import compute, selectors
from stellwerk.reporting.earned import frozen_curve
from stellwerk.reporting.freeze import names_in
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.pack_changes import changes, follow_up, money_trend
from stellwerk.reporting.pack_collect import GREY, NAMES, Collector, Edition, counts_of
from stellwerk.reporting.payload import (
    DeckPayload,
    DependencyLine,
    LateReport,
    Light,
    RoleMonth,
    StatusPayload,
)
from stellwerk.reporting.selectors import DECK_KIND, FINISHED_PHASES
from stellwerk.reporting.supplies import open_dependencies
from stellwerk.resources.selectors.manpower_pack import role_figures

HISTORY_DATES = 6

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
    history.append(counts_of(on, [payload.overall.value for payload in payloads]))
    organisation = selectors.organisation_of(portfolio)
    cycle = collector.cycles.get(on)
    missing = {line.key for line in late}
    current = {number: payload for number, payload in shown.items() if payload.key not in missing}
    curve, counted = frozen_curve(portfolio, on, by, current)
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
        curve=curve,
        curve_projects=len(counted),
        curve_keys=tuple(sorted(shown[number].key for number in counted)),
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
    named = {str(role): role for role in Role.objects.all()} if rows else {}
    found = []
    for row in rows:
        role = named.get(row.role)  # a deck is read in either language
        name, english = (role.name, role.name_en) if role is not None else (row.role, "")
        found.append(RoleMonth(name, row.month, row.capacity, row.demand, row.covered, english))
    return tuple(found)


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


def visible_portfolios(user: User) -> list[Portfolio]:
    """Portfolios of which this user may make a deck."""
    rows = visible_rows(user, Portfolio.objects.filter(archived_at=None).order_by("name"), "export")
    return [portfolio for portfolio in rows if can(user, "view", portfolio)]
