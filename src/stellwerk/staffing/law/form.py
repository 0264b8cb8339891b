"""In which form a contract is signed: text form, or by hand or qualified electronic signature. Not legal advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from stellwerk.staffing.law.limits import LAW, Finding, Limits, Weight

TEXT, QUALIFIED, WRITTEN = "text", "qualified", "written"
STRICT: Final = (QUALIFIED, WRITTEN)
LENDING_FORM, FIXED_FORM = "AÜG § 12(1)", "TzBfG § 14(4), BGB § 126a"


def sides(form: str, *, by_partner: bool = False) -> tuple[str, ...]:
    """Who signs. Permanent: client and person; lent: lender, client, person; freelance: we, client, person or the partner they come through."""
    if form == "permanent":
        return ("client", "person")
    if form == "freelance":
        return ("us", "client", "partner" if by_partner else "person")
    return ("partner" if by_partner else "us", "client", "person")


def needed(form: str, side: str, day: dt.date, *, fixed_term: bool = False, limits: Limits = LAW) -> str:
    """The least form in which this side signs on this day.

    Lending: text form is enough since 1 January 2025. A fixed-term employment contract, between employer and person, needs more.
    """
    employer = "client" if form == "permanent" else "us"
    if (
        form != "freelance"
        and fixed_term
        and (side in (employer, "person") or (form == "lending" and side == "partner"))
    ):
        return QUALIFIED
    if form == "lending" and side != "person" and day < limits.text_form_from:
        return WRITTEN
    return TEXT


def good_enough(way: str, least: str) -> bool:
    """By hand and the qualified signature stand for each other (§ 126a BGB) and for text form."""
    return least == TEXT or way in STRICT


def signatures(
    form: str, given: Mapping[str, tuple[str, dt.date]], *, fixed_term: bool = False, by_partner: bool = False,
    limits: Limits = LAW,
) -> list[Finding]:  # fmt: skip
    """``given``: by side the way and the day. Missing sides, and signatures that are not enough."""
    found: list[Finding] = []
    for side in sides(form, by_partner=by_partner):
        if side not in given:
            found.append(
                Finding("unsigned", Weight.BLOCK, LENDING_FORM if form == "lending" else "BGB § 127", {"side": side})
            )
            continue
        way, day = given[side]
        least = needed(form, side, day, fixed_term=fixed_term, limits=limits)
        if not good_enough(way, least):
            basis = FIXED_FORM if least == QUALIFIED else LENDING_FORM
            found.append(Finding("form_too_weak", Weight.BLOCK, basis, {"side": side, "least": least}))
    return found
