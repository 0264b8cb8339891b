"""The follow-up calculation in rows: what was signed, what came and where that is booked or measured, and what it changed year by year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.drawing import span_bar
from stellwerk.controlling.selectors.follow_up import BENEFIT, Follow
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.engine.investment import discounted
from stellwerk.engine.money import minor


def _words() -> dict[str, str]:
    return {"capex": _("Investment (CapEx)"), "opex": _("Running cost (OpEx)"), "benefit": _("Benefit")}


def signed_and_come(found: Follow | None, user: User) -> list[dict[str, Any]]:
    """One row per kind of amount; what came opens to its bookings or benefits."""
    if found is None:
        return []
    names = _words()
    return [
        {
            "name": names[code],
            "cells": [
                {
                    "planned": plan, "actual": actual, "closed": at < found.closed,
                    "url": _source(found, code, at, user) if at < found.closed and actual is not None else "",
                }
                for at, (plan, actual) in enumerate(zip(found.planned[code], found.actual[code], strict=True))
            ],
        }
        for code in found.planned
    ]  # fmt: skip


def _source(found: Follow, code: str, at: int, user: User) -> str:
    """Bookings of a year (the first one with all that was spent before), or the benefits that are measured in money."""
    key = found.project.key
    if code == BENEFIT:
        asked = {"project__is": key, "cash": "yes", "columns": "name,disbenefit,planned,measured"}
        return f"{reverse('controlling:benefit-list')}?{urlencode(asked)}" if can(user, "view", "controlling.benefit") else ""  # fmt: skip
    if not can(user, "view", "controlling.booking"):
        return ""
    year = found.years[at]
    asked = {
        "project__is": key, "kind": BookingKind.ACTUAL.value, "spending": code, "left_out__empty": "yes", "obsolete": "no",
        "month__to": dt.date(year, 12, 1).isoformat(), "columns": "posted,document,text,month,spending,amount",
    }  # fmt: skip
    if at:
        asked["month__from"] = dt.date(year, 1, 1).isoformat()
    return f"{reverse('controlling:booking-list')}?{urlencode(asked)}"


def effects(found: Follow | None) -> list[dict[str, Any]]:
    """What each kind of amount does to the net present value, with the differences of the years discounted to the first."""
    if found is None or not found.result.effects:
        return []
    names = _words()
    most = max(abs(effect.amount) for effect in found.result.effects)
    return [
        {
            "name": names[effect.key], "amount": effect.amount, "years": _by_year(found, effect.key),
            "bar": span_bar(0, effect.amount, 0, -most, most, kinds=("press", "d1")),
        }
        for effect in found.result.effects
    ]  # fmt: skip


def _by_year(found: Follow, code: str) -> list[dict[str, int]]:
    """Difference of each year that is over, as it came and as it counts today."""
    sign = 1 if code == BENEFIT else -1
    moves: Sequence[int] = [
        sign * (now - planned) for now, planned in zip(found.counted[code], found.planned[code], strict=False)
    ]
    return [
        {"year": year, "difference": move, "present": minor(present)}
        for year, move, present in zip(found.years, moves, discounted(moves, found.model.rate), strict=False)
    ]
