"""Who comes into question for a vacancy, and which vacancies for a profile: read, compared, told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db import models
from django.db.models import Prefetch
from django.utils import timezone

from stellwerk.core.models import Setting, User
from stellwerk.core.permissions import can, visible
from stellwerk.resources.agency_clock import Limits, Span, clock_of
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.compute_matching import Compared, Comparison, compare, compare_one, weights_of, wording_of
from stellwerk.staffing.models import Contract, Match, Profile, Vacancy, VacancyTerm, WeightSet
from stellwerk.staffing.selectors.contracts import SIGNED, limits
from stellwerk.staffing.selectors.profiles import for_matching, with_parts
from stellwerk.staffing.selectors.rarity import pool_rarity
from stellwerk.staffing.selectors.readers import is_inside

SWITCH: Final = "staffing.matching"
OPEN: Final = ("approved", "published", "on_hold")
"""States of a vacancy for which people are looked for."""
LIVE: Final = ("proposed", "confirmed", "contacted", "one_yes", "both_yes", "conversation", "contract")


def switched_on() -> bool:
    """Does Stellwerk compute scores? Off only on record (``services.weights.switch_matching``)."""
    stored = Setting.objects.filter(pk=SWITCH).values_list("value", flat=True).first()
    return not (isinstance(stored, dict) and stored.get("off"))


def active_weights() -> WeightSet | None:
    return WeightSet.objects.filter(active=True).first()


def with_needs(rows: models.QuerySet[Vacancy]) -> models.QuerySet[Vacancy]:
    """Everything that a comparison reads of a vacancy, in a fixed number of queries."""
    return rows.select_related("client", "demand__project", "industry").prefetch_related(
        Prefetch("terms", VacancyTerm.objects.select_related("term")), "languages"
    )


def open_vacancies() -> models.QuerySet[Vacancy]:
    return with_needs(Vacancy.objects.filter(state__in=OPEN, archived_at=None).order_by("-published_at", "pk"))


def clocks_of(profiles: Iterable[Profile], vacancy: Vacancy) -> dict[int, dict[int, dt.date]]:
    """By profile the last lawful day of lending them to this vacancy's client; only who was lent there before has one."""
    rows = Contract.objects.filter(
        client=vacancy.client_id, form=ContractForm.LENDING, state__in=SIGNED, last__isnull=False,
        profile__in=[profile.pk for profile in profiles],
    ).values_list("profile_id", "first", "last")  # fmt: skip
    spans: dict[int, list[Span]] = {}
    for profile, first, last in rows:
        spans.setdefault(profile, []).append((first, last))
    if not spans:
        return {}
    begins = vacancy.start or timezone.localdate()
    rules = limits()
    agreed = Limits(vacancy.client.longest_months or rules.longest_months)
    found: dict[int, dict[int, dt.date]] = {}
    for number, known in spans.items():
        limit = clock_of([*known, (begins, None)], agreed).limit
        if limit is not None:
            found[number] = {vacancy.client_id: limit}
    return found


def people_for(vacancy: Vacancy, today: dt.date) -> Comparison:
    """Everybody whom matching may look at, compared with one vacancy (read by :func:`with_needs`)."""
    profiles = list(with_parts(for_matching(today)))
    lends = ContractForm.LENDING in vacancy.contract_forms
    clocks = clocks_of(profiles, vacancy) if lends else {}
    return compare(vacancy, profiles, active_weights(), today, rarity=pool_rarity(today), clocks=clocks)


def positions_of(
    profile: Profile, today: dt.date, vacancies: Iterable[Vacancy] | None = None
) -> list[tuple[Vacancy, Compared]]:
    """Open vacancies for one profile (read by ``with_parts``), best first; for the candidate's own page pass published ones."""
    weights, rarity = weights_of(active_weights()), pool_rarity(today)
    rows = [
        (one, compare_one(one, profile, weights, today, words=wording_of(one, rarity)))
        for one in (open_vacancies() if vacancies is None else vacancies)
    ]
    return sorted(rows, key=lambda row: (bool(row[1].match.gates), -row[1].match.score, row[0].pk))


def matches_of(vacancy: Vacancy) -> dict[int, Match]:
    """The living matches of a vacancy by profile, with their answers."""
    rows = Match.objects.filter(vacancy=vacancy, archived_at=None).prefetch_related("answers").order_by("pk")
    return {row.profile_id: row for row in rows}


def revealed_to(user: User, match: Match) -> bool:
    """May this reader know who the other side is? The house does; the two sides (and partners) once both said yes."""
    return match.revealed_at is not None or is_inside(user)


def own_candidates(user: User, vacancy: Vacancy) -> list[Profile]:
    """Whom a partner could propose for this vacancy: its active candidates without a running match for it; nobody for others."""
    if vacancy.state not in OPEN or is_inside(user) or not can(user, "create", Match):
        return []
    rows = Profile.objects.filter(visible(user, Profile), state="active", archived_at=None)
    return list(
        rows.exclude(matches__in=Match.objects.filter(vacancy=vacancy, state__in=LIVE)).order_by("last_name", "pk")
    )
