"""What waits for whom in staffing: questions, talks, proposals, papers to sign. Each reader finds their own side alone."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import OUTSIDE, can, roles_of, visible, visible_rows
from stellwerk.staffing.choices import Side
from stellwerk.staffing.models import Answer, Appointment, Consent, Contract, Match, Signature, Vacancy, VacancyShare
from stellwerk.staffing.selectors.matching import LIVE
from stellwerk.staffing.selectors.profiles import LIVE_CONSENTS
from stellwerk.staffing.selectors.readers import is_inside

TALKING = ("both_yes", "conversation")
RENEW_DAYS = 30
MOST = 10  # vacancies in a list of duties


def from_outside(user: User) -> bool:
    """A client, a partner or a candidate, and nobody of the house."""
    return bool(roles_of(user) & OUTSIDE) and not is_inside(user)


def _drafts(maker: Q, which: Q) -> models.QuerySet[Vacancy]:
    made = AuditEntry.objects.filter(
        maker, entity_type="staffing.vacancy", entity_id=OuterRef("pk"), verb__in=("create", "raise")
    )
    rows = Vacancy.objects.filter(~Exists(made), state="draft", archived_at=None).select_related("client")
    return rows.filter(which).order_by("start", "pk")[:MOST]


_DRAFTS = KeptQuery(_drafts)


def vacancies_to_approve(user: User) -> list[Vacancy]:
    """Drafts that somebody else made."""
    return _DRAFTS.rows(Q(actor=user.pk), visible(user, Vacancy, "approve"))


def questions_to(user: User) -> models.QuerySet[Answer]:
    """Asked and not answered yet: of the company its contacts, of the person themselves or their partner."""
    company = Q(side=Side.COMPANY, match__vacancy__client__contacts__user=user)
    person = Q(side=Side.PERSON) & (Q(match__profile__user=user) | Q(match__profile__partner__contacts__user=user))
    rows = Answer.objects.filter(
        company | person, answer="", expires_at__gt=timezone.now(), match__state__in=("contacted", "one_yes"),
        match__archived_at=None,
    )  # fmt: skip
    return rows.select_related("match__vacancy__client__industry", "match__profile__partner").order_by("expires_at", "pk").distinct()  # fmt: skip


def talks_of(user: User, now: dt.datetime) -> models.QuerySet[Appointment]:
    """Talks to come: those of one's own side, and for whoever runs matches all of them."""
    side = (
        Q(match__vacancy__client__contacts__user=user)
        | Q(match__profile__user=user)
        | Q(match__profile__partner__contacts__user=user)
    )
    rows = Appointment.objects.filter(
        starts__gte=now - dt.timedelta(hours=1), cancelled_at=None, match__state__in=TALKING, match__archived_at=None
    )
    if can(user, "confirm", "staffing.match"):
        rows = rows.filter(match__in=visible_rows(user, Match.objects.all(), "confirm"))
    else:
        rows = rows.filter(side)
    return rows.select_related("match__vacancy__client__industry", "match__profile").order_by("starts", "pk").distinct()


def matches_to_move(user: User, now: dt.datetime) -> models.QuerySet[Match]:
    """For whoever runs them: proposed and not decided, both said yes and no talk is arranged, a talk is over and nobody noted it.

    ``talk_at``: the latest talk that is over, ``coming``: another one is arranged, ``noted``: somebody has written since.
    """
    talks = Appointment.objects.filter(match=OuterRef("pk"), cancelled_at=None)
    latest = talks.filter(starts__lt=now).order_by("-starts")
    rows = Match.objects.filter(state__in=("proposed", "confirmed", *TALKING), archived_at=None).annotate(
        talk_at=models.Subquery(latest.values("starts")[:1]),
        coming=Exists(talks.filter(starts__gte=now)),
        noted=Exists(Match.objects.filter(pk=OuterRef("pk"), notes__created_at__gte=OuterRef("talk_at"))),
    )
    silent = (
        Q(state__in=("proposed", "confirmed")) | Q(coming=False, talk_at=None) | Q(talk_at__isnull=False, noted=False)
    )
    return visible_rows(user, rows.filter(silent), "confirm").select_related("vacancy", "profile").order_by("pk")


def contracts_to_sign(user: User) -> models.QuerySet[Contract]:
    """Sent, and the reader's side has not signed."""

    def unsigned(side: str) -> Q:
        return ~Q(Exists(Signature.objects.filter(contract=OuterRef("pk"), side=side)))

    mine = (
        Q(client__contacts__user=user) & unsigned("client")
        | Q(profile__user=user) & unsigned("person")
        | Q(partner__contacts__user=user) & unsigned("partner")
    )
    rows = Contract.objects.filter(mine, state="sent", archived_at=None)
    return rows.select_related("client", "profile", "vacancy").order_by("first", "pk").distinct()


def vacancies_without_candidate(user: User) -> models.QuerySet[VacancyShare]:
    """Shared with the reader's agency, published, and none of its candidates is in play there."""
    proposed = Match.objects.filter(vacancy=OuterRef("vacancy"), profile__partner=OuterRef("partner"), state__in=LIVE)
    rows = VacancyShare.objects.filter(
        ~Exists(proposed), partner__contacts__user=user, vacancy__state="published", vacancy__archived_at=None
    )
    return rows.select_related("vacancy").order_by("vacancy__start", "pk").distinct()


def consents_to_renew(user: User, today: dt.date) -> models.QuerySet[Consent]:
    """Of the reader's own profile, or of their agency's candidates: they end within a month."""
    own = Q(profile__user=user) | Q(profile__partner__contacts__user=user)
    rows = Consent.objects.filter(
        own, state__in=LIVE_CONSENTS, expires__gte=today, expires__lte=today + dt.timedelta(days=RENEW_DAYS),
        profile__state__in=("draft", "active", "paused"),
    )  # fmt: skip
    return rows.select_related("profile").order_by("expires", "pk").distinct()
