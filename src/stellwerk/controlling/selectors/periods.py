"""The close of a month as a list of checks with their live state: what is done, what is missing, what was accepted with a reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Booking, Budget, Period
from stellwerk.controlling.selectors.labour import Labour, held_labour, labour_differs, labour_of, labour_type
from stellwerk.controlling.selectors.month_sheets import SheetCount, count_sheets
from stellwerk.controlling.selectors.reconciliation import Reconciliation, reconcile
from stellwerk.core.models import Snapshot
from stellwerk.core.snapshots import latest
from stellwerk.people.holidays import is_public_holiday
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project

MONTH: Final = "controlling.month"
"""Kind of the snapshot of a closed month."""
OVER: Final = ("closed", "stopped")

# Working day of the next month on which a check is due (domain.md section 5), and the step that asks for it first.
PLAN: Final[Mapping[str, tuple[int, str]]] = {
    "time_sheets": (2, "load"),
    "actuals": (3, "load"),
    "labour": (3, "load"),
    "unmatched": (5, "reconcile"),
    "differences": (5, "reconcile"),
    "forecasts": (6, "confirm"),
    "snapshot": (8, "close"),
}
STEPS: Final = ("load", "reconcile", "confirm", "close")


@dataclass
class Check:
    """One check. ``facts`` names exactly what is missing: an acceptance counts while they are the same. ``numbers`` feed the page."""

    code: str
    due: dt.date
    done: bool
    facts: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    accepted: Mapping[str, str] | None = None
    acceptable: bool = True

    @property
    def fine(self) -> bool:
        return self.done or self.accepted is not None


def working_day(organisation: Organisation, month: dt.date, number: int) -> dt.date:
    """The ``number``-th working day of the month after ``month``, by the organisation's public holidays."""
    day = m.step(month)
    count = 0
    while True:
        if day.weekday() < 5 and not is_public_holiday(organisation.country, organisation.subdivision, day):
            count += 1
            if count == number:
                return day
        day += dt.timedelta(days=1)


def projects_of(organisation: Organisation) -> QuerySet[Project]:
    """Projects whose money this legal entity counts: those of its portfolios, else of its units."""
    return Project.objects.filter(
        Q(portfolio__unit__organisation=organisation) | Q(portfolio__unit__isnull=True, unit__organisation=organisation)
    )


class Closing:
    """All that is known about the close of one month; each part is read when it is asked for, once."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.organisation, self.month = period.organisation, period.month

    @cached_property
    def checks(self) -> list[Check]:
        return [self.check(code) for code in PLAN]

    def check(self, code: str) -> Check:
        """One check alone."""
        return self._with_acceptance(getattr(self, f"_{code}")())

    def missing(self, step: str) -> list[Check]:
        """The checks that forbid ``step``: its own and those of the steps before; frozen is what the close itself does."""
        asked = STEPS[: STEPS.index(step) + 1]
        return [check for check in self.checks if PLAN[check.code][1] in asked and check.code != "snapshot" and not check.fine]  # fmt: skip

    @property
    def over(self) -> bool:
        return m.last_day(self.month) < timezone.localdate()

    @cached_property
    def earlier_open(self) -> Period | None:
        """The first month before this one that somebody works on and that is not closed."""
        rows = Period.objects.filter(organisation=self.organisation, month__lt=self.month).exclude(state="closed")
        return rows.order_by("month").first()

    @cached_property
    def later_closed(self) -> Period | None:
        rows = Period.objects.filter(organisation=self.organisation, month__gt=self.month, state="closed")
        return rows.order_by("-month").first()

    @cached_property
    def snapshot(self) -> Snapshot | None:
        return latest(self.period, MONTH) if self.period.pk and self.period.state == "closed" else None

    def _with_acceptance(self, check: Check) -> Check:
        said = self.period.accepted.get(check.code)
        if not check.done and check.acceptable and said is not None and said.get("facts") == check.facts:
            check.accepted = said
        return check

    def _check(self, code: str, done: bool, facts: str = "", acceptable: bool = True, **numbers: Any) -> Check:
        due = working_day(self.organisation, self.month, PLAN[code][0])
        return Check(code, due, done, facts, numbers, acceptable=acceptable)

    # ── the checks ───────────────────────────────────────────────────────────────────────────────

    @cached_property
    def sheets(self) -> SheetCount:
        """Time sheets of the organisation's people in the weeks that the month touches."""
        return count_sheets(self.organisation, self.month)

    def _time_sheets(self) -> Check:
        told, states = self.sheets, self.sheets.states
        waiting = {state: states[state] for state in ("approved", "submitted")}
        done = not (sum(waiting.values()) or told.missing)
        return self._check(
            "time_sheets",
            done,
            f"{waiting} missing {told.missing}",
            locked=states["locked"],
            missing=told.missing,
            approved=waiting["approved"],
            submitted=waiting["submitted"],
        )

    @cached_property
    def reconciliation(self) -> Reconciliation:
        return reconcile(self.organisation, self.month)

    def _actuals(self) -> Check:
        batches = self.reconciliation.imports
        lines = sum(row.lines for row in self.reconciliation.rows)
        return self._check(
            "actuals", bool(batches), "no file", files=len(batches), lines=lines, commitments=self.reconciliation.stands,
            last=batches[-1] if batches else None,
        )  # fmt: skip

    @cached_property
    def labour(self) -> Labour | None:
        """Labour of the month, or None where no cost type takes hours."""
        kind = labour_type()
        return labour_of(self.organisation, self.month, kind) if kind is not None else None

    def _labour(self) -> Check:
        labour = self.labour
        if labour is None:
            return self._check("labour", True, none=True)
        held = held_labour(self.organisation, self.month)
        differs = labour_differs(held, labour)
        facts = f"gaps {len(labour.gaps)} {sum(gap.minutes for gap in labour.gaps)} exchange {len(labour.exchange)}"
        sums: Counter[str] = Counter()
        for row in held.values():
            sums[row.currency] += row.amount
        return self._check(
            "labour", not differs and not labour.gaps and not labour.exchange, facts, acceptable=not differs, differs=differs,
            gaps=len(labour.gaps), exchange=len(labour.exchange), sums=dict(sums), minutes=sum(row.minutes for row in labour.rows),
        )  # fmt: skip

    def _unmatched(self) -> Check:
        rows = unmatched(self.organisation, self.month)
        told = list(rows.order_by().values_list("currency").annotate(count=Count("pk"), total=Sum("amount")))
        count = sum(row[1] for row in told)
        sums = {currency: total for currency, _count, total in sorted(told)}
        return self._check("unmatched", not count, f"{count} {sums}", count=count, sums=sums)

    def _differences(self) -> Check:
        found = self.reconciliation
        return self._check(
            "differences", found.agrees, found.facts, rows=found.rows, differs=found.differs, refused=found.refused,
            unreadable=found.unreadable,
        )  # fmt: skip

    @cached_property
    def asked(self) -> list[Project]:
        """Running projects with an approved budget, each with ``confirmed``: does a confirmed forecast begin after this month?"""
        running = projects_of(self.organisation).filter(archived_at=None).exclude(phase__in=OVER)
        live = Budget.objects.filter(state="approved", archived_at=None)
        confirmed = live.filter(project=OuterRef("pk"), kind=BudgetKind.FORECAST, first_open__gt=self.month)
        wanted = running.filter(pk__in=live.filter(kind=BudgetKind.PLAN).values("project"))
        around = ("manager", "sponsor", "portfolio__unit", "programme__manager", "programme__sponsor")  # who may see it
        return list(wanted.annotate(confirmed=Exists(confirmed)).select_related(*around).order_by("key"))

    @property
    def unconfirmed(self) -> list[Project]:
        return [project for project in self.asked if not project.confirmed]  # type: ignore[attr-defined]

    def _forecasts(self) -> Check:
        lacking = self.unconfirmed
        facts = " ".join(str(project.pk) for project in lacking)  # no keys: not all are for every reader
        return self._check("forecasts", not lacking, facts, missing=lacking, asked=len(self.asked))

    def _snapshot(self) -> Check:
        return self._check("snapshot", self.snapshot is not None, acceptable=False, snapshot=self.snapshot)


def closing_of(period: Period) -> Closing:
    """The same for everybody who asks during one page: it is read once per object."""
    found = period.__dict__.get("_closing")
    if not isinstance(found, Closing):
        found = Closing(period)
        period.__dict__["_closing"] = found
    return found


def as_closed(closing: Closing) -> list[Check]:
    """The checks of a closed month as they stood when it was closed; what happens later does not open them again."""
    assert closing.snapshot is not None
    told = {row["code"]: row for row in closing.snapshot.payload.get("checks", [])}
    found = []
    for code, (day, _step) in PLAN.items():
        due = working_day(closing.organisation, closing.month, day)
        row = told.get(code, {"done": True, "said": "", "accepted": None})
        if code == "snapshot":
            found.append(Check(code, due, True, numbers={"snapshot": closing.snapshot}, acceptable=False))
        else:
            found.append(Check(code, due, row["done"], numbers={"said": row["said"] or "–"}, accepted=row["accepted"], acceptable=False))  # fmt: skip
    return found


def unmatched(organisation: Organisation, month: dt.date | None = None) -> QuerySet[Booking]:
    """The work list: lines of which nobody has said where they belong."""
    rows = Booking.objects.filter(organisation=organisation, project=None, left_out="", obsolete=False)
    return rows.filter(month=month) if month is not None else rows
