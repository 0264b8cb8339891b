"""Cost figures for boards, lists and reports: what bookings sum up to at the end of each month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.models import Booking
from stellwerk.controlling.months import last_day
from stellwerk.controlling.services.evm_figures import note_money_change
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.services.figures import FigureRow, write_figures

COUNTING: Final = Q(left_out="", obsolete=False)
AT_ONCE: Final = 400


def write_cost_figures(projects: Iterable[int], months: Iterable[dt.date] = ()) -> None:
    """``ac`` (cumulative) and ``commitment`` (still open) of these projects, at the end of each month with bookings; earned value follows.

    ``months``: months whose bookings changed; they get a figure too where no booking is left in them.
    """
    numbers, changed = sorted(set(projects)), sorted(set(months))
    for at in range(0, len(numbers), AT_ONCE):
        write_figures(rows=_rows(numbers[at : at + AT_ONCE], changed), by=None)
    note_money_change(numbers)


def _rows(projects: list[int], changed: list[dt.date]) -> list[FigureRow]:
    currencies = dict(Project.objects.filter(pk__in=projects).values_list("pk", "currency"))
    sums = (
        Booking.objects.filter(COUNTING, project__in=projects)
        .order_by("project_id", "month")
        .values_list("project_id", "kind", "month")
        .annotate(total=Sum("project_amount"))
    )
    monthly: dict[tuple[int, str], dict[dt.date, int]] = defaultdict(dict)
    for project, kind, month, total in sums:
        monthly[project, kind][month] = total or 0
    rows = []
    for project in projects:
        actual = 0
        spent = monthly[project, BookingKind.ACTUAL]
        for month in sorted({*spent, *changed}):
            actual += spent.get(month, 0)
            rows.append(_figure(project, "ac", month, actual, currencies[project]))
        open_orders = monthly[project, BookingKind.COMMITMENT]
        if open_orders:
            rows.append(
                _figure(project, "commitment", max(open_orders), sum(open_orders.values()), currencies[project])
            )
    return rows


def _figure(project: int, code: str, month: dt.date, amount: int, currency: str) -> FigureRow:
    return FigureRow(project, code, last_day(month), amount=amount, currency=currency, source_label=_("Bookings"))
