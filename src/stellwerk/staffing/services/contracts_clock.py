"""Contracts by the clock: they begin, end, and warn of their end, of tenure, equal pay and the status of freelancers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from stellwerk.core.errors import Refused
from stellwerk.core.states import advance
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.law import Limits, freelance, lending
from stellwerk.staffing.models import Contract
from stellwerk.staffing.notices_contracts import (
    warn_cannot_begin,
    warn_end,
    warn_equal_pay,
    warn_status,
    warn_tenure,
)
from stellwerk.staffing.selectors.contracts import RELATED, case_of


def begin_due(today: dt.date) -> int:
    """Signed contracts whose first day has come; where the law forbids it, whoever runs them is told why."""
    done = 0
    for row in Contract.objects.filter(state="signed", first__lte=today, archived_at=None).order_by("pk"):
        try:
            advance(row, "begin", by=None)
            done += 1
        except Refused as refusal:
            warn_cannot_begin(row, str(refusal.message))
    return done


def end_due(today: dt.date) -> int:
    """Contracts whose last day has passed; how many."""
    done = 0
    rows = Contract.objects.filter(state__in=("active", "extended"), last__lt=today, archived_at=None)
    for number in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Contract.objects.select_for_update().filter(pk=number, state__in=("active", "extended")).first()
            if row is not None and row.last is not None and row.last < today:
                advance(row, "end", by=None)
                done += 1
    return done


def _open(today: dt.date) -> QuerySet[Contract]:
    return Contract.objects.filter(state__in=("signed", "active", "extended"), archived_at=None).select_related(
        *RELATED
    )


def warn_due(today: dt.date, rules: Limits) -> int:
    """Warnings of all running contracts; how many notices were written."""
    told = 0
    for row in _open(today).order_by("pk"):
        if row.last is not None:
            left = (row.last - today).days
            near = [days for days in sorted(rules.end_warn_days) if 0 <= left <= days]
            told += warn_end(row, near[0]) if near and row.state != "extended" else 0
        if row.form == ContractForm.LENDING and row.earlier_asked:
            told += _lending(row, today, rules)
        if row.form == ContractForm.FREELANCE and row.status_asked is None:
            until = freelance.status_until(row.first, rules)
            told += warn_status(row, until) if row.first <= today <= until else 0
    return told


def _lending(row: Contract, today: dt.date, rules: Limits) -> int:
    case = case_of(row)
    told = 0
    months = lending.warning(case, today, rules)
    if months:
        told += warn_tenure(row, months, lending.longest_day(case, rules))
    day = lending.equal_pay_day(case, rules)
    equal = case.pay is not None and case.comparable is not None and case.pay >= case.comparable
    if not equal and day is not None and day > row.first and 0 <= (day - today).days <= rules.equal_pay_notice_days:
        told += warn_equal_pay(row, day)
    return told
