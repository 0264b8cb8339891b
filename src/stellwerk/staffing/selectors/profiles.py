"""Profiles as the engine compares them, and what their pages show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.db import models
from django.db.models import Prefetch

from stellwerk.engine.matching import Held, Person, Place, Wishes
from stellwerk.staffing.choices import Known, TermKind
from stellwerk.staffing.models import Consent, Contract, Profile, ProfileTerm, ProfileWish
from stellwerk.staffing.own_words import words_of

SKILL_KINDS: Final = (TermKind.DISCIPLINE, TermKind.METHOD, TermKind.TOOL, TermKind.SKILL)
LIVE_CONSENTS: Final = ("given", "renewed")
UNTOLD_LEVEL: Final = 2
"""A skill named without a level counts as "works with guidance": neither left out nor flattered; the person is asked for it."""


def with_parts(rows: models.QuerySet[Profile]) -> models.QuerySet[Profile]:
    """Everything that :func:`profile_person` reads, in a fixed number of queries."""
    return rows.prefetch_related(
        Prefetch("terms", ProfileTerm.objects.select_related("term")),
        "languages",
        Prefetch("term_wishes", ProfileWish.objects.select_related("term")),
        "industries",
        "stations",
    )


def for_matching(today: dt.date) -> models.QuerySet[Profile]:
    """Whom matching may look at: active profiles with a living consent to be processed, kept or proposed; own employees need none."""
    living = living_consents(today).filter(kind__in=KEEPING)
    consented = models.Q(kind="employee") | models.Exists(living.filter(profile=models.OuterRef("pk")))
    return Profile.objects.filter(consented, state="active", archived_at=None)


def profile_person(profile: Profile, lent_until: Mapping[int, dt.date] | None = None) -> Person:
    """A profile in the engine's words; numbers are those of the terms. ``lent_until``: the clocks of lending, by client."""
    skills: dict[int, Held] = {}
    soft: dict[int, int] = {}
    certificates: set[int] = set()
    for row in profile.terms.all():
        if row.term.kind in SKILL_KINDS:
            skills[row.term_id] = Held(row.level or UNTOLD_LEVEL, row.used, row.known != Known.READ)
        elif row.term.kind == TermKind.SOFT:
            soft[row.term_id] = row.level or UNTOLD_LEVEL
        elif row.term.kind == TermKind.CERTIFICATE:
            certificates.add(row.term_id)
    languages = {row.code: row.level for row in profile.languages.all()}
    placed = profile.latitude is not None and profile.longitude is not None
    return Person(
        profile.pk,
        skills=skills,
        soft=soft,
        languages=languages or None,
        certificates=frozenset(certificates),
        years=profile.years,
        industries=frozenset(term.pk for term in profile.industries.all()),
        contracts=frozenset(profile.contract_forms) or None,
        available=profile.available,
        workload=_workload(profile),
        asks=profile.asks,
        place=Place(profile.latitude or 0, profile.longitude or 0) if placed else None,
        radius=profile.radius,
        permits=frozenset(profile.permits) or None,
        lent_until=dict(lent_until or {}),
        wishes=_wishes(profile),
        words=profile_words(profile),
    )


def profile_words(profile: Profile) -> tuple[str, ...]:
    """The words of what somebody has done and can do, as ``own_words`` compares them; no name, no town, no wish."""
    texts = [profile.headline, profile.summary]
    texts += [f"{row.title}\n{row.text}" for row in profile.stations.all()]
    texts += [f"{row.term.name}\n{row.term.name_en}" for row in profile.terms.all()]
    left_out = words_of(f"{profile.first_name} {profile.last_name} {profile.city}")
    return tuple(dict.fromkeys(form for text in texts if text for form in words_of(text) if form not in left_out))


def _workload(profile: Profile) -> tuple[int, int] | None:
    """Told in part: the other end is free (1 to 100 %)."""
    if profile.workload_least is None and profile.workload_most is None:
        return None
    return profile.workload_least or 1, profile.workload_most or 100


def _wishes(profile: Profile) -> Wishes:
    found: dict[tuple[bool, bool], set[int]] = {}
    for row in profile.term_wishes.all():
        found.setdefault((row.term.kind == TermKind.INDUSTRY, row.wanted), set()).add(row.term_id)

    def pick(industry: bool, wanted: bool) -> frozenset[int]:
        return frozenset(found.get((industry, wanted), ()))

    team = None
    if profile.team_least is not None or profile.team_most is not None:
        team = (profile.team_least or 0, profile.team_most or 10_000)
    return Wishes(
        skills=pick(False, True),
        no_skills=pick(False, False),
        industries=pick(True, True),
        no_industries=pick(True, False),
        workload=profile.workload_wish,
        remote=profile.remote_wish,
        pay=profile.pay_wish,
        team=team,
    )


# ── consents, running processes, duplicates ──────────────────────────────────────────────────────

OPEN_MATCHES: Final = ("proposed", "confirmed", "contacted", "one_yes", "both_yes", "conversation", "contract")
ASKED_MATCHES: Final = ("contacted", "one_yes", "both_yes", "conversation", "contract")
RUNNING_CONTRACTS: Final = ("signed", "active", "extended")
KEEPING: Final = ("process", "pool", "partner")
"""Consents on which somebody may be compared and asked."""


def living_consents(today: dt.date) -> models.QuerySet[Consent]:
    return Consent.objects.filter(state__in=LIVE_CONSENTS).exclude(expires__lt=today)


def has_living_consent(profile: Profile, today: dt.date, kinds: tuple[str, ...] = KEEPING) -> bool:
    return living_consents(today).filter(profile=profile, kind__in=kinds).exists()


def is_running(profile: Profile) -> bool:
    """Is somebody being asked about a vacancy, or under contract?"""
    return (
        profile.matches.filter(state__in=ASKED_MATCHES).exists()
        or Contract.objects.filter(
            profile=profile, state__in=("approved", "sent", *RUNNING_CONTRACTS), archived_at=None
        ).exists()
    )


def same_person(profile: Profile) -> list[Profile]:
    """Other profiles that look like the same person: the same address, phone number, or name in the same town."""
    same = models.Q(pk__in=[])
    if profile.email:
        same |= models.Q(email__iexact=profile.email)
    if profile.phone:
        same |= models.Q(phone=profile.phone)
    named = models.Q(first_name__iexact=profile.first_name, last_name__iexact=profile.last_name)
    same |= named & (models.Q(city__iexact=profile.city) | models.Q(city="")) if profile.city else named
    found = Profile.objects.filter(same).exclude(pk=profile.pk).exclude(state="erased")
    return list(found.select_related("partner").order_by("pk")[:10])
