"""Earned value of closed months as it was frozen: its numbers count, whatever the plans say since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Period
from stellwerk.controlling.selectors.budgets import organisation_of
from stellwerk.controlling.selectors.earned_value import VARIANTS, PackageRow, ProjectEv
from stellwerk.controlling.services.close import EARNED, progress_in
from stellwerk.core.models import Snapshot
from stellwerk.engine.earned_value import Measures
from stellwerk.portfolio.models import Project

Payload = Mapping[str, Any]


def frozen_of(projects: Iterable[Project], days: Collection[dt.date]) -> dict[tuple[int, dt.date], Payload]:
    """What was frozen of these projects at those days that end a closed month; a month that was reopened counts live again."""
    ends = {day for day in days if day == m.last_day(m.month_of(day))}
    owners = {project.pk: organisation_of(project) for project in projects}
    if not ends or not owners:
        return {}
    closed = set(Period.objects.filter(state="closed", month__in=[m.month_of(day) for day in ends]).values_list("organisation", "month"))  # fmt: skip
    if not closed:
        return {}
    rows = Snapshot.objects.filter(
        entity_type="portfolio.project", entity_id__in=list(owners), kind=EARNED, data_date__in=ends, superseded_by__isnull=True
    )  # fmt: skip
    found: dict[tuple[int, dt.date], Payload] = {}
    for number, day, payload in rows.order_by("pk").values_list("entity_id", "data_date", "payload"):
        owner = owners[number]
        if owner is not None and (owner.pk, m.month_of(day)) in closed:
            found[number, day] = payload
    return found


def as_frozen(view: ProjectEv, payload: Payload) -> ProjectEv:
    """The view with the numbers of the snapshot; plan and budget lines stay those that counted on the day."""
    progress = progress_in(payload)
    known = {row.activity.pk if row.activity is not None else None: row for row in view.packages}
    packages = []
    for told in payload["packages"]:
        number = told["activity"]
        row = known.get(number) or PackageRow(None, told["wbs"], told["wbs"], 0, 0, progress[number])
        numbers = {name: told[name] for name in ("budget", "pv", "ev", "ac")}
        packages.append(replace(row, progress=progress.get(number, row.progress), **numbers))
    measures = None
    if payload["bac"] is not None:
        measures = Measures(
            payload["bac"], payload["pv"], payload["ev"], payload["ac"], payload["etc"], VARIANTS[payload["variant"]]
        )
    months = {m.parse(code): amount for code, amount in payload["months"].items()}
    return replace(
        view, packages=packages, measures=measures, actual_months=months, commitment=payload["commitment"], estimated=False, frozen=True
    )  # fmt: skip
