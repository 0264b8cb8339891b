"""The figures of a month, an import and the work list, each with the address of the rows that it adds up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind, BookingSource, LeftOut
from stellwerk.controlling.evm_page import figure_url, page_url
from stellwerk.controlling.models import ActualsImport, Period
from stellwerk.controlling.selectors.bookings import Waiting
from stellwerk.controlling.selectors.periods import Closing
from stellwerk.controlling.selectors.project_money import names_of
from stellwerk.controlling.services.close import FIGURES
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project

COLUMNS: Final = "posted,document,project,text,supplier,source,own_amount,own_currency,amount"
PLACES: Final = {"projects": ("no", "yes"), "waiting": ("yes", "yes")}
"""Of a row of the reconciliation: is the project empty, is the reason to leave it out?"""


def bookings_url(organisation: Organisation, month: dt.date | None, **filters: str) -> str:
    """The list with exactly these bookings of a legal entity, of one month or of all."""
    months = {"month__from": month.isoformat(), "month__to": month.isoformat()} if month is not None else {}
    values = {"organisation__is": organisation.key, **months, **filters, "columns": COLUMNS}
    return f"{reverse('controlling:booking-list')}?{urlencode(values)}"


def _actuals_url(period: Period, **filters: str) -> str:
    return bookings_url(period.organisation, period.month, kind=BookingKind.ACTUAL.value, **filters)


def exact(amount: int | None, currency: str, *, sign: bool = False, bare: bool = False) -> str:
    """An amount to its last minor unit, so that a column of them stands one below the other."""
    if amount is None:
        return formats.NO_DATA
    text = formats.number(formats.major(amount, currency), formats.minor_digits(currency), sign=sign)
    return text if bare else f"{text}{formats.NBSP}{formats.money_unit(currency, '')}"


# ── files against bookings ───────────────────────────────────────────────────────────────────────


def reconciliation_lines(closing: Closing, user: User) -> list[dict[str, Any]]:
    """One line per part, one cell per currency; what stands in the bookings opens there."""
    period, found = closing.period, closing.reconciliation
    files = found.imports
    one_file = (
        reverse("controlling:actuals-import", args=[files[0].pk]) if len(files) == 1 and _imports(user, period) else ""
    )
    opens = can(user, "view", "controlling.booking")
    labels = (
        ("file", _("Sum of the files, each line once"), ""), ("booked", _("Booked"), ""), ("difference", _("Difference"), "total"),
        ("projects", _("of the booked: on projects"), "mut"), ("waiting", _("waiting for a project"), "mut"),
        ("not_project", _("not a project"), "mut"), ("labour", _("labour, which comes from time sheets"), "mut"),
    )  # fmt: skip
    lines = []
    for code, label, kind in labels:
        cells = []
        for row in found.rows:
            amount: int = getattr(row, code)
            url = one_file if code == "file" else _part_url(period, code, row.currency) if opens and amount else ""
            cells.append({"text": exact(amount, row.currency, sign=code == "difference", bare=True), "url": url})
        lines.append({"code": code, "label": label, "kind": kind, "cells": cells})
    return lines


def _imports(user: User, period: Period) -> bool:
    return can(user, "import", ActualsImport(organisation=period.organisation))


def _part_url(period: Period, code: str, currency: str) -> str:
    if code == "difference":  # of the two figures above it
        return ""
    filters = {"source": BookingSource.ERP.value, "own_currency__is": currency}
    if code in PLACES:
        filters |= dict(zip(("project__empty", "left_out__empty"), PLACES[code], strict=True))
    elif code != "booked":
        filters["left_out"] = LeftOut.NO_PROJECT.value if code == "not_project" else LeftOut.LABOUR.value
    return _actuals_url(period, **filters)


# ── actual cost of the month ─────────────────────────────────────────────────────────────────────


def booked_lines(closing: Closing, user: User) -> dict[str, Any]:
    """The actuals of the month from all sources, as they were frozen where the month is closed; what counts, by currency, below."""
    period, snapshot = closing.period, closing.snapshot
    told = snapshot.payload["bookings"] if snapshot is not None else closing.reconciliation.sources
    opens = can(user, "view", "controlling.booking")
    lines, sums = [], defaultdict[str, int](int)
    for source, left_out, currency, into, count, total, own in told:
        counts = bool(into) and not left_out
        if counts:
            sums[into] += own
        filters = {"source": source, "own_currency__is": currency, "project__empty": "no" if into else "yes"}
        filters |= {"left_out": left_out} if left_out else {"left_out__empty": "yes"}
        filters |= {"project_currency__is": into} if into else {}
        lines.append(
            {
                "source": BookingSource(source).label, "counts": counts, "count": count, "amount": exact(total, currency),
                "why": LeftOut(left_out).label if left_out else "" if counts else _("waits for a project"),
                "own": exact(own, into) if counts else formats.NO_DATA, "url": _actuals_url(period, **filters) if opens else "",
            }
        )  # fmt: skip
    return {"lines": lines, "sums": [exact(amount, currency) for currency, amount in sorted(sums.items())]}


def labour_url(period: Period, project: Project) -> str:
    """What is booked from hours of the month on a project."""
    return _actuals_url(period, source=BookingSource.HOURS.value, project__is=project.key)


# ── imports and the work list ────────────────────────────────────────────────────────────────────


def import_url(batch: ActualsImport, month: str, currency: str) -> str:
    """What an import has booked in a month and currency."""
    return bookings_url(batch.organisation, m.parse(month), batch=str(batch.pk), own_currency__is=currency)


def waiting_url(organisation: Organisation, month: dt.date | None, row: Waiting) -> str:
    """The lines of an object of the ERP, or of a cost centre for lines without one, that wait for a project."""
    filters = {"project__empty": "yes", "left_out__empty": "yes", "obsolete": "no"}
    if row.by_centre:
        filters |= {"erp_object__empty": "yes"}
    name = "erp_cost_centre" if row.by_centre else "erp_object"
    return bookings_url(
        organisation, month, **filters, **{f"{name}__is" if row.name else f"{name}__empty": row.name or "yes"}
    )


def account_url(organisation: Organisation, month: dt.date | None, row: Waiting) -> str:
    """The lines of an account that has no cost type."""
    return bookings_url(organisation, month, source=BookingSource.ERP.value, obsolete="no", left_out__empty="yes", cost_type__empty="yes", erp_account__is=row.name)  # fmt: skip


# ── frozen figures ───────────────────────────────────────────────────────────────────────────────


def frozen_table(closing: Closing, user: User) -> dict[str, Any] | None:
    """The frozen projects with their sums by currency; each figure opens as of the last day of the month."""
    snapshot = closing.snapshot
    if snapshot is None:
        return None
    told = snapshot.payload["projects"]
    numbers = [line["number"] for line in told]
    names, day = names_of(numbers, user), m.last_day(closing.month)
    open_to = visible_rows(user, Project.objects.filter(pk__in=numbers), "money").in_bulk()
    see_budgets = can(user, "view", "controlling.budget")
    lines = [_frozen_line(line, names, open_to.get(line["number"]), day, see_budgets) for line in told]
    return {"snapshot": snapshot, "lines": lines, "sums": _frozen_sums(told)}


def _frozen_line(
    line: Mapping[str, Any], names: Mapping[int, str], project: Project | None, day: dt.date, see_budgets: bool
) -> dict[str, Any]:
    measured = line["bac"] is not None
    cells = [
        {
            "text": exact(line[code], line["currency"]),
            "url": figure_url(project, code, day) if project is not None and measured and line[code] is not None else "",
        }
        for code in FIGURES
    ]  # fmt: skip
    return {
        "name": names.get(line["number"], formats.NO_DATA), "url": page_url(project, day) if project is not None else "",
        "budget": line["budget"] or "", "cells": cells,
        "budget_url": reverse("controlling:budget-detail", args=[line["budget"]]) if project is not None and see_budgets and line["budget"] else "",
    }  # fmt: skip


def _frozen_sums(told: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """The sum of each column, one line per currency: money is not added over currencies."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for line in told:
        for code in FIGURES:
            sums[line["currency"]][code] += line[code] or 0
    return [[exact(sums[currency][code], currency) for code in FIGURES] for currency in sorted(sums)]
