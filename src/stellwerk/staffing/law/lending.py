"""Temporary work (Arbeitnehmerüberlassung): the rules of the AÜG as functions of one assignment. Not legal advice.

Time is counted by ``resources.agency_clock``, the one clock of the house.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stellwerk.resources.agency_clock import Clock, Span, clock_of, last_day
from stellwerk.resources.weeks import DAY
from stellwerk.staffing.law.limits import LAW, Finding, Limits, Weight

CLOCK, PAY, LABEL = "AÜG § 1(1b)", "AÜG § 8(4)", "AÜG § 1(1) s. 5–6, § 11(2) s. 4"
LICENCE, TRADES, FIRST_DAY, FORMER, COUNCIL = (
    "AÜG § 1(1)", "AÜG § 1b", "AÜG § 8(1)", "AÜG § 8(3)", "AÜG § 14(3), BetrVG § 99",
)  # fmt: skip


@dataclass(frozen=True)
class Lending:
    """One assignment of one person to one legal entity. ``earlier``: assignments there through any agency; None: nobody has asked yet.

    ``licence``/``licence_expires`` of the company that lends; ``agreement``: the collective agreement it applies, empty: none;
    ``supplement``: one with supplements of the sector; ``pay``/``comparable``: what the person gets and what comparable staff of the
    client get, minor units per hour; ``left_client``: last day as the client's own employee.
    """

    first: dt.date
    last: dt.date | None
    earlier: Sequence[Span] | None = None
    client_months: int | None = None
    licence: str = ""
    licence_expires: dt.date | None = None
    construction: bool = False
    agreement: str = ""
    supplement: bool = False
    pay: int | None = None
    comparable: int | None = None
    left_client: dt.date | None = None
    works_council: bool = False
    council_at: dt.datetime | None = None
    labelled_at: dt.datetime | None = None
    named_at: dt.datetime | None = None
    told_at: dt.datetime | None = None


# ── how long ─────────────────────────────────────────────────────────────────────────────────────


def clock_for(case: Lending, limits: Limits = LAW) -> Clock:
    """The clock of this person at this client, the assignment included. Whoever was not asked counts as never having been there."""
    counted = limits.clock(client_months=case.client_months, supplement=case.supplement)
    return clock_of([*(case.earlier or ()), (case.first, case.last)], counted)


def longest_day(case: Lending, limits: Limits = LAW) -> dt.date:
    """The last day on which this assignment may end, were it to go on and on."""
    counted = limits.clock(client_months=case.client_months, supplement=case.supplement)
    open_ended = clock_of([*(case.earlier or ()), (case.first, None)], counted)
    assert open_ended.limit is not None  # what goes on reaches every limit
    return open_ended.limit


def time_limit(case: Lending, today: dt.date, limits: Limits = LAW) -> list[Finding]:
    """§ 1(1b): asked for earlier agencies, not beyond the limit, warned on the way there."""
    if case.earlier is None:
        return [Finding("earlier_unknown", Weight.BLOCK, CLOCK)]
    end = longest_day(case, limits)
    months = case.client_months or limits.longest_months
    if case.last is None:
        return [Finding("no_end", Weight.BLOCK, CLOCK, {"day": end, "months": months})]
    if case.last > end:
        return [Finding("too_long", Weight.BLOCK, CLOCK, {"day": end, "months": months})]
    stage = warning(case, today, limits)
    return [Finding("long", Weight.WARN, CLOCK, {"months": stage, "day": end})] if stage else []


def warning(case: Lending, today: dt.date, limits: Limits = LAW) -> int:
    """The highest warning (12, 15, 17 months) that is over on this day; 0: none yet, or the assignment is over."""
    if today < case.first or (case.last is not None and today > case.last):
        return 0
    clock = clock_for(case, limits)
    over = [months for months in limits.warn_months if (end := clock.after(months)) is not None and today > end]
    return max(over, default=0)


# ── equal pay ────────────────────────────────────────────────────────────────────────────────────


def deviation_ends(case: Lending, limits: Limits = LAW) -> dt.date | None:
    """The last day on which a collective agreement may pay less than comparable staff get; None: no day may, or the assignment ends before.

    3 April 2017 and nine months: 2 January 2018. Without an agreement, or for a former own employee of the client, it never begins.
    """
    if not may_deviate(case, limits):
        return None
    day = clock_for(case, limits).equal_pay
    return day - DAY if day is not None else None


def may_deviate(case: Lending, limits: Limits = LAW) -> bool:
    """A collective agreement is applied, and the person did not leave the client within six months before."""
    return bool(case.agreement.strip()) and not former_employee(case, limits)


def former_employee(case: Lending, limits: Limits = LAW) -> bool:
    """§ 8(3): own employee of the client in the last six months before the assignment."""
    return case.left_client is not None and case.first <= last_day(
        case.left_client + DAY, limits.former_employee_months
    )


def equal_pay_day(case: Lending, limits: Limits = LAW) -> dt.date | None:
    """The first day on which pay must be equal; None where the assignment ends before."""
    if not may_deviate(case, limits):
        return case.first
    day = clock_for(case, limits).equal_pay
    return None if day is not None and case.last is not None and day > case.last else day


def equal_pay(case: Lending, today: dt.date, limits: Limits = LAW) -> list[Finding]:
    """§ 8(1), (3), (4): from the first day without an agreement, after nine months with one; a task before."""
    day = equal_pay_day(case, limits)
    if day is None:
        return []
    basis = FORMER if former_employee(case, limits) else PAY if may_deviate(case, limits) else FIRST_DAY
    due = max(case.first, today) >= day
    if case.comparable is None:
        weight = Weight.BLOCK if due else Weight.WARN if _near(day, today, limits) else Weight.NOTE
        return [Finding("comparable_unknown", weight, basis, {"day": day})]
    if case.pay is None or case.pay < case.comparable:
        weight = Weight.BLOCK if due else Weight.WARN if _near(day, today, limits) else Weight.NOTE
        return [Finding("pay_below", weight, basis, {"day": day, "pay": case.comparable})]
    return []


def _near(day: dt.date, today: dt.date, limits: Limits) -> bool:
    return (day - today).days <= limits.equal_pay_notice_days


# ── before the start ─────────────────────────────────────────────────────────────────────────────


def before_start(case: Lending, limits: Limits = LAW) -> list[Finding]:
    """§ 1(1) s. 5–6, § 11(2) s. 4: labelled, person named, worker told, each with its time, before the first day."""
    found: list[Finding] = []
    for code, at in (("label", case.labelled_at), ("name", case.named_at), ("told", case.told_at)):
        if at is None:
            found.append(Finding(f"{code}_missing", Weight.BLOCK, LABEL))
        elif at.date() >= case.first:
            found.append(Finding(f"{code}_late", Weight.BLOCK, LABEL, {"day": at.date(), "first": case.first}))
    return found


def licence(case: Lending) -> list[Finding]:
    """§ 1(1): a licence of the lending company, with its number, that lasts."""
    if not case.licence.strip():
        return [Finding("licence_missing", Weight.BLOCK, LICENCE)]
    if case.licence_expires is None:
        return []
    if case.licence_expires < case.first:
        return [Finding("licence_over", Weight.BLOCK, LICENCE, {"day": case.licence_expires})]
    if case.last is None or case.licence_expires < case.last:
        return [Finding("licence_ends", Weight.WARN, LICENCE, {"day": case.licence_expires})]
    return []


def construction(case: Lending) -> list[Finding]:
    """§ 1b: nobody is lent into construction trades."""
    return [Finding("construction", Weight.BLOCK, TRADES)] if case.construction else []


def works_council(case: Lending) -> list[Finding]:
    """§ 14(3) with § 99 BetrVG: the client's works council agrees before the person is taken on."""
    if case.works_council and case.council_at is None:
        return [Finding("council_missing", Weight.BLOCK, COUNCIL)]
    return []


def to_propose(case: Lending, today: dt.date, limits: Limits = LAW) -> list[Finding]:
    """What must be right before anybody is proposed or a contract is drafted for it."""
    return [*time_limit(case, today, limits), *licence(case), *construction(case)]


def to_begin(case: Lending, today: dt.date, limits: Limits = LAW) -> list[Finding]:
    """Everything that must be right before the first day."""
    return [
        *to_propose(case, today, limits), *equal_pay(case, today, limits), *before_start(case, limits), *works_council(case),
    ]  # fmt: skip
