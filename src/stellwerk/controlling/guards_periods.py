"""Which steps of a month's close are possible, what closing and reopening do, and that hours of closed months stay as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Booking, Period
from stellwerk.controlling.period_words import missing_text, month_text, state_text
from stellwerk.controlling.selectors.periods import Closing, closing_of
from stellwerk.controlling.services.close import freeze_month
from stellwerk.controlling.services.periods import lock_books
from stellwerk.core.errors import Text, WrongState
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import users_who_can
from stellwerk.core.registry import ACTS, Guard, effect, guard
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project
from stellwerk.resources.closed_days import register_closed_days
from stellwerk.resources.models import TimeSheet

PERIOD = "controlling.period"
SHEET = "resources.timesheet"


def _needs(step: str) -> Guard:
    def missing(obj: models.Model, by: User | None) -> Iterable[Text]:
        assert isinstance(obj, Period)
        return [missing_text(check) for check in closing_of(obj).missing(step)]

    return missing


for _step in ("load", "reconcile", "confirm", "close"):
    guard(PERIOD, _step)(_needs(_step))


@guard(PERIOD, "close")
def in_order(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A month closes after its last day and after the months before it: its figures stand on theirs."""
    assert isinstance(obj, Period)
    closing = closing_of(obj)
    if not closing.over:
        yield _("This month is not over yet.")
    if closing.earlier_open is not None:
        yield _("%(month)s is not closed yet: close the months in their order.") % {"month": month_text(closing.earlier_open.month)}  # fmt: skip


@guard(PERIOD, "reopen")
def the_latest_first(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Period)
    later = closing_of(obj).later_closed
    if later is not None:
        yield _("%(month)s stands on this month and is closed: reopen it first.") % {"month": month_text(later.month)}


@effect(PERIOD, "close")
def frozen_with_the_close(obj: models.Model, by: User | None, before: str) -> None:
    """Nobody books while this happens; what came in between the guards and the lock is asked for again."""
    assert isinstance(obj, Period)
    lock_books(obj.organisation)
    closing = Closing(obj)
    late = closing.missing("close")
    if late:
        raise WrongState(" ".join(missing_text(check) for check in late))
    checks = [
        {"code": check.code, "done": check.done, "said": state_text(check), "accepted": check.accepted}
        for check in closing.checks
        if check.code != "snapshot"
    ]
    freeze_month(obj, by, checks)
    _tell(obj, by, lambda: _("%(organisation)s: %(month)s is closed") % _words(obj))


@effect(PERIOD, "reopen")
def told_to_all_who_see_it(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Period)
    entry = AuditEntry.objects.filter(entity_type=PERIOD, entity_id=obj.pk, verb="reopen").order_by("-pk").first()
    reason = entry.reason if entry is not None else ""
    _tell(obj, by, lambda: _("%(organisation)s: %(month)s is open again") % _words(obj), reason)


def _words(period: Period) -> dict[str, str]:
    return {"organisation": str(period.organisation), "month": month_text(period.month)}


def _tell(period: Period, by: User | None, title: Callable[[], str], text: str = "") -> None:
    """Everybody who sees months, and not who did it."""
    notify(
        [user for user in users_who_can("view", period) if user != by],
        kind="controlling.period", title=title, text=text, obj=period,
    )  # fmt: skip


ACTS.add(("portfolio.project", "merge"))


@guard("portfolio.project", "merge")
def bookings_of_closed_months_stay(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A merge would move them to the other project, and the months would no longer come out as they were frozen."""
    assert isinstance(obj, Project)
    shut = Period.objects.filter(state="closed", organisation=OuterRef("organisation"), month=OuterRef("month"))
    if Booking.objects.filter(Exists(shut), project=obj).exists():
        yield _("%(project)s has bookings in closed months: they stay with it.") % {"project": obj.key}


# ── hours of closed months ───────────────────────────────────────────────────────────────────────


@register_closed_days
def closed_days(cells: Iterable[tuple[int, dt.date]], held: bool = False) -> set[tuple[int, dt.date]]:
    """Of (project, day) those whose month is closed in the project's legal entity. ``held``: nobody closes one meanwhile."""
    wanted = set(cells)
    if not held and not _shut(wanted):
        return set()
    rows = Project.objects.filter(pk__in={project for project, _day in wanted})
    owners = {
        number: of_portfolio or of_unit
        for number, of_portfolio, of_unit in rows.values_list("pk", "portfolio__unit__organisation_id", "unit__organisation_id")
    }  # fmt: skip
    if held:
        concerned = {owner for owner in owners.values() if owner is not None}
        for organisation in Organisation.objects.filter(pk__in=concerned).order_by(
            "pk"
        ):  # all in one order: no deadlock
            lock_books(organisation)
    shut = _shut(wanted)
    return {(project, day) for project, day in wanted if (owners.get(project), day.replace(day=1)) in shut}


def _shut(cells: Iterable[tuple[int, dt.date]]) -> set[tuple[int, dt.date]]:
    """Closed months of all legal entities, among those that the cells lie in."""
    months = {day.replace(day=1) for _project, day in cells}
    return set(Period.objects.filter(state="closed", month__in=months).values_list("organisation_id", "month"))


@guard(SHEET, "approve")
def hours_of_open_months(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Approved hours become cost: not in a month that is closed."""
    assert isinstance(obj, TimeSheet)
    return _in_closed_months(obj, held=False)


@effect(SHEET, "approve")
def still_open_under_the_lock(obj: models.Model, by: User | None, before: str) -> None:
    """Nobody closes the month while its hours are approved; who was first is asked again under the lock of the books."""
    assert isinstance(obj, TimeSheet)
    late = _in_closed_months(obj, held=True)
    if late:
        raise WrongState(" ".join(late))


def _in_closed_months(sheet: TimeSheet, *, held: bool) -> list[str]:
    """A sentence for each closed month that this week has hours in."""
    shut = closed_days(sheet.entries.values_list("project_id", "day"), held)
    return [
        _("Hours of this week belong to %(month)s, which is closed: the controller can reopen it with a reason.")
        % {"month": month_text(month)}
        for month in sorted({day.replace(day=1) for _project, day in shut})
    ]
