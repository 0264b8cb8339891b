"""The pack's look back: what the last report asked for, money over the reporting dates, what has changed since the last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.reporting import selectors
from stellwerk.reporting.pack_collect import NAMES, Collector, Edition
from stellwerk.reporting.payload import (
    ChangeLine,
    FollowUp,
    Money,
    MoneyPoint,
    MoneyTrend,
    StatusPayload,
)

EAC_STEP = Decimal("0.01")


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
