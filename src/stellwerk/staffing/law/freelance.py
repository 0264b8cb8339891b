"""Bogus self-employment: signs on both sides, judged as a whole (SGB IV §§ 7, 7a). Never "safe": a light, not an opinion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from stellwerk.resources.agency_clock import last_day
from stellwerk.staffing.law.limits import LAW, Finding, Limits, Weight

BASIS: Final = "SGB IV §§ 7, 7a"


class Light(StrEnum):
    """``FEW``: few signs. There is no light that says safe."""

    FEW = "few"
    SOME = "some"
    STRONG = "strong"


@dataclass(frozen=True)
class Sign:
    """A question; ``employed``: the answer that speaks for employment; ``weight`` 1 to 3."""

    code: str
    employed: bool
    weight: int


SIGNS: Final[tuple[Sign, ...]] = (
    Sign("told_when", True, 3), Sign("told_where", True, 2), Sign("told_how", True, 3), Sign("in_team", True, 3),
    Sign("client_tools", True, 2), Sign("client_address", True, 1), Sign("hours_reported", True, 1), Sign("absence_asked", True, 2),
    Sign("same_as_staff", True, 2), Sign("was_employee", True, 2), Sign("paid_when_ill", True, 2),
    Sign("other_clients", False, 2), Sign("may_send_other", False, 2), Sign("may_refuse", False, 2), Sign("own_risk", False, 3),
    Sign("paid_by_result", False, 1), Sign("own_market", False, 1), Sign("own_staff", False, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """The whole picture. ``share``: weight of the signs for employment among those answered; None: nothing answered."""

    light: Light
    share: Fraction | None
    employed: tuple[str, ...]
    independent: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def offer_lending(self) -> bool:
        """Employment and assignment is the form that asks none of this; it is offered unless the signs are few."""
        return self.light is not Light.FEW


def picture(answers: Mapping[str, bool | None], limits: Limits = LAW, signs: tuple[Sign, ...] = SIGNS) -> Picture:
    """No single sign decides. What is unknown keeps the light from the lowest step."""
    employed = tuple(one.code for one in signs if answers.get(one.code) is one.employed)
    independent = tuple(one.code for one in signs if answers.get(one.code) is (not one.employed))
    unknown = tuple(one.code for one in signs if answers.get(one.code) is None)
    weight = {one.code: one.weight for one in signs}
    against, answered = sum(weight[c] for c in employed), sum(weight[c] for c in (*employed, *independent))
    share = Fraction(against, answered) if answered else None
    if share is not None and share >= limits.red_from:
        light = Light.STRONG
    elif share is None or unknown or share >= limits.amber_from:
        light = Light.SOME
    else:
        light = Light.FEW
    return Picture(light, share, employed, independent, unknown)


def status_until(first: dt.date, limits: Limits = LAW) -> dt.date:
    """The day until which the status should be asked for at the pension insurance: within a month of the start."""
    return last_day(first, limits.status_months)


def to_begin(
    answers: Mapping[str, bool | None], first: dt.date, today: dt.date, *, asked: bool = False, limits: Limits = LAW
) -> list[Finding]:
    """Strong signs stop a freelance contract; some are shown; the status is reminded of in the first month."""
    found = picture(answers, limits)
    rows: list[Finding] = []
    if found.share is None:
        rows.append(Finding("signs_unanswered", Weight.BLOCK, BASIS))
    elif found.light is Light.STRONG:
        rows.append(Finding("signs_strong", Weight.BLOCK, BASIS, {"share": found.share}))
    elif found.light is Light.SOME:
        rows.append(Finding("signs_some", Weight.WARN, BASIS, {"share": found.share, "unknown": len(found.unknown)}))
    else:
        rows.append(Finding("signs_few", Weight.NOTE, BASIS, {"share": found.share}))
    until = status_until(first, limits)
    if not asked and first <= today <= until:
        rows.append(Finding("status_due", Weight.WARN, BASIS, {"day": until}))
    return rows
