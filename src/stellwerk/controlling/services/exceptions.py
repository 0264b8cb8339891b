"""Exceptions: a forecast outside the tolerance of its project opens one, due in three working days (domain.md section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.models import ForecastException
from stellwerk.controlling.selectors.budgets import approved_budget, organisation_of, sheet_of
from stellwerk.controlling.services.catalogues import rules_of
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import roles_that_may, users_who_can
from stellwerk.core.services import next_keys, record, validate
from stellwerk.people.holidays import is_public_holiday
from stellwerk.portfolio.models import Project

DUE_IN: Final = 3
SATURDAY: Final = 5
RUNNING: Final = ("open", "reported")


def check_tolerance(
    project: Project, *, eac: int | None = None, bac: int | None = None, delay: int | None = None,
    on: dt.date | None = None, by: User | None = None, source: str = "",
) -> ForecastException | None:  # fmt: skip
    """Open an exception where the expected cost or finish left the tolerance; None where all is within, or one is open already.

    ``eac`` and ``bac`` in minor units of the project's currency (``bac`` default: the approved budget's work lines), ``delay`` of
    the finish in working days. A breach that is being reported already only gets the newer numbers. Asks no permission.
    """
    told = breach_of(project, eac=eac, bac=bac, delay=delay)
    if not told:
        return None
    if source:
        told["source"] = source
    day = on or timezone.localdate()
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        running = ForecastException.objects.filter(project=project, state__in=RUNNING, archived_at=None).first()
        if running is not None:
            if running.told != told:
                ForecastException.objects.filter(pk=running.pk).update(told=told, updated_at=timezone.now())
                record(running, by=by, verb="edit", changes={"told": [running.told, told]})
            return None
        found = ForecastException(
            key=next_keys(ForecastException.KEY_PREFIX)[0], project=project, opened_on=day,
            due=add_working_days(project, day, DUE_IN), told=told, confidentiality=project.confidentiality,
        )  # fmt: skip
        validate(found)
        found.save(force_insert=True)
        record(found, by=by, verb="create", changes={"told": [None, told]})
        _tell(found)
        return found


def breach_of(
    project: Project, *, eac: int | None = None, bac: int | None = None, delay: int | None = None
) -> dict[str, Any]:
    """What left the tolerance: ``{"cost": {value, limit, percent, eac, bac}, "time": {value, limit}}``; empty: nothing."""
    rules = rules_of(project)
    told: dict[str, Any] = {}
    if eac is not None:
        if bac is None:
            budget = approved_budget(project)
            bac = sheet_of(budget).bac if budget is not None else None
        # Unrounded: 10.004 % is more than 10 %.
        if bac and Decimal(eac - bac) * 100 > rules.cost_tolerance * bac:
            percent = (Decimal(eac - bac) * 100 / bac).quantize(Decimal("0.01"))
            told["cost"] = {
                "value": eac - bac, "eac": eac, "bac": bac, "percent": str(percent), "limit": str(rules.cost_tolerance),
                "currency": project.currency,
            }  # fmt: skip
    if delay is not None and delay > rules.time_tolerance:
        told["time"] = {"value": delay, "limit": rules.time_tolerance}
    return told


def said(told: Mapping[str, Any]) -> list[str]:
    """The breach in words of the reader."""
    lines = []
    if cost := told.get("cost"):
        lines.append(
            _("The forecast of %(eac)s is %(percent)s above the budget of %(bac)s; %(limit)s are tolerated.") % {
                "eac": formats.money(cost["eac"], cost["currency"]), "bac": formats.money(cost["bac"], cost["currency"]),
                "percent": formats.percent(Decimal(cost["percent"]) / 100), "limit": formats.percent(Decimal(cost["limit"]) / 100),
            }
        )  # fmt: skip
    if time := told.get("time"):
        lines.append(
            _("The finish is %(days)s working days late; %(limit)s are tolerated.")
            % {"days": time["value"], "limit": time["limit"]}
        )
    return lines


def add_working_days(project: Project, day: dt.date, count: int) -> dt.date:
    """``count`` working days later, by the public holidays of the project's legal entity."""
    organisation = organisation_of(project)
    country, part = (organisation.country, organisation.subdivision) if organisation is not None else ("DE", "")
    while count:
        day += dt.timedelta(days=1)
        if day.weekday() < SATURDAY and not is_public_holiday(country, part, day):
            count -= 1
    return day


def _tell(found: ForecastException) -> None:
    """Project manager, sponsor and the PMO leads who may see it."""
    concerned = {person.user_id for person in (found.project.manager, found.project.sponsor) if person is not None}
    able = users_who_can("view", found)
    notify(
        [user for user in able if user.pk in concerned or "pmo_lead" in roles_that_may(user, "view", found)],
        kind="controlling.exception",
        title=lambda: (
            _("%(project)s is outside its tolerance: exception report due on %(day)s")
            % {"project": f"{found.project.key} {found.project}", "day": formats.day(found.due)}
        ),
        text=lambda: " ".join(said(found.told)),
        obj=found,
    )
