"""On the page of a profile: the matches that its reader may see, and what one more skill would open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.access import actor
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Panel, register_panel
from stellwerk.staffing.advice import openings
from stellwerk.staffing.compute_matching import Compared, frozen
from stellwerk.staffing.models import Match, Profile, Term, Vacancy
from stellwerk.staffing.selectors.board import public_ads
from stellwerk.staffing.selectors.matching import open_vacancies, positions_of, switched_on, with_needs
from stellwerk.staffing.words_matching import Words

SHOWN = 20
COMPARED = 40
"""Vacancies that are looked at for advice: the newest ones."""
TIPS = 5
FITTING = 8


def _matches(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Profile)
    user = actor(request)
    if not can(user, "view", "staffing.match"):
        return None
    rows = visible_rows(user, Match.objects.filter(profile=obj, archived_at=None))
    found = list(rows.select_related("vacancy").order_by("-pk")[:SHOWN])
    return {"rows": found} if found else None


def _proposes(request: HttpRequest) -> bool:
    return can(request.user, "confirm", "staffing.match")


def _openings(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """For the person: counted over the newest published vacancies; no score is shown and nothing is decided by it."""
    assert isinstance(obj, Profile)
    if obj.state != "active" or _proposes(request) or not switched_on():
        return None
    public = list(with_needs(public_ads().order_by("-published_at", "pk"))[:COMPARED])
    found = _opened(positions_of(obj, timezone.localdate(), public))
    return {"rows": found} if found else None


def _opened(compared: list[tuple[Vacancy, Compared]]) -> list[dict[str, Any]]:
    """What one more skill would open, most vacancies first."""
    found = [one for one in openings([(vacancy.key, one.change) for vacancy, one in compared]) if one.opens][:TIPS]
    terms = Term.objects.in_bulk([one.term for one in found]) if found else {}
    return [{"term": terms[one.term], "to": one.to, "count": len(one.opens)} for one in found]


def _positions(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """For whoever proposes people: open vacancies for this person, best first, and what one more skill would open."""
    assert isinstance(obj, Profile)
    if obj.state != "active" or not _proposes(request) or not switched_on():
        return None
    vacancies = list(visible_rows(actor(request), open_vacancies())[:COMPARED])
    compared = positions_of(obj, timezone.localdate(), vacancies)
    if not compared:
        return None
    shown = [(vacancy, one, frozen(one)) for vacancy, one in compared[:FITTING]]
    words = Words(shown[0][0], [reasons for _vacancy, _one, reasons in shown])
    rows = []
    for vacancy, one, reasons in shown:
        words.vacancy = vacancy
        told = "; ".join(gate.text for gate in words.gates(reasons)) or words.change(reasons)
        rows.append({"vacancy": vacancy, "score": round(one.permille[2] / 10), "proposed": one.proposed, "told": told})
    return {"rows": rows, "openings": _opened(compared)}


register_panel(
    Panel(
        "staffing.profile",
        "matches",
        gettext_lazy("Matches"),
        "staffing/panel_profile_matches.html",
        _matches,
        order=10,
    )
)
register_panel(
    Panel(
        "staffing.profile", "openings", gettext_lazy("What one more skill would open"), "staffing/panel_openings.html",
        _openings, order=70,
    )
)  # fmt: skip
register_panel(
    Panel(
        "staffing.profile",
        "positions",
        gettext_lazy("Vacancies that fit"),
        "staffing/panel_positions.html",
        _positions,
        order=15,
    )
)
