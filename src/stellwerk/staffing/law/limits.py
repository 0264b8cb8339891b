"""Every number of the law in one place. They are defaults: a collective agreement or a new law changes data, not code. Not legal advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from stellwerk.resources import agency_clock


@dataclass(frozen=True)
class Limits:
    """Months count as in §§ 187(2), 188(2) BGB (``agency_clock.last_day``); shares are fractions of one."""

    longest_months: int = agency_clock.LIMIT_MONTHS
    reset_months: int = agency_clock.RESET_MONTHS
    warn_months: tuple[int, ...] = agency_clock.WARN_MONTHS
    equal_pay_months: int = agency_clock.EQUAL_PAY_MONTHS
    supplement_months: int = 15
    """Months until equal pay where a collective agreement with supplements of the sector is applied."""
    equal_pay_notice_days: int = 42
    """The task to prepare equal pay appears so many days before."""
    former_employee_months: int = 6
    text_form_from: dt.date = dt.date(2025, 1, 1)
    lending_surcharge: Fraction = Fraction(21, 100)
    """What an employee costs above the pay (employer's share of social insurance), for the margin."""
    status_months: int = 1
    """Within so many months of the start the status should be clarified."""
    amber_from: Fraction = Fraction(1, 5)
    red_from: Fraction = Fraction(1, 2)
    claim_months: int = 2
    retention_months: int = 6
    pool_months: int = 24
    renew_days: int = 30
    fair_share: Fraction = Fraction(4, 5)
    least_group: int = 5
    ai_act_from: dt.date = dt.date(2027, 12, 2)
    end_warn_days: tuple[int, ...] = (60, 30, 14)
    """Days before its last day on which the end of a contract is told."""

    def clock(self, *, client_months: int | None = None, supplement: bool = False) -> agency_clock.Limits:
        """For the clock of temporary work; ``client_months``: what the client's sector has agreed in place of the law."""
        return agency_clock.Limits(
            client_months or self.longest_months,
            self.supplement_months if supplement else self.equal_pay_months,
            self.reset_months,
        )


LAW: Final = Limits()


class Weight(StrEnum):
    """``BLOCK``: it does not go on like this; ``WARN``: somebody must look; ``NOTE``: good to know."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """What a rule says of a case. ``basis``: where it is written; ``values``: what its text needs."""

    code: str
    weight: Weight
    basis: str
    values: Mapping[str, Any] = field(default_factory=dict)


def blocked(findings: list[Finding]) -> bool:
    return any(one.weight is Weight.BLOCK for one in findings)
