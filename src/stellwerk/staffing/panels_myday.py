"""Staffing on My day: what waits for recruiters, clients, partners and candidates, and the talks to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.myday import MY_DAY
from stellwerk.core.permissions import can
from stellwerk.core.registry import Duty, Panel, register_duties, register_panel, url_of
from stellwerk.staffing.advice import completeness
from stellwerk.staffing.choices import Side
from stellwerk.staffing.mails_matching import client_name, cover_name
from stellwerk.staffing.models import Answer, Appointment, Match, Profile
from stellwerk.staffing.selectors import myday
from stellwerk.staffing.selectors.profile_pages import facts_of
from stellwerk.staffing.selectors.profiles import with_parts

SHOWN = 10
COMPLETE = 80
"""Per cent of a profile from which on nobody is reminded of the rest."""


@register_duties("approval", boards=False)
def _vacancies(user: User) -> Iterable[Duty]:
    if not can(user, "approve", "staffing.vacancy"):
        return
    for row in myday.vacancies_to_approve(user):
        yield Duty(
            title=_("Approve the vacancy"), about=str(row), text=f"{row.client} · {row.reference}", url=url_of(row),
            icon="user-search", kind="approval", button=_("Open"), due=row.start,
        )  # fmt: skip


@register_duties("task")
def _matches(user: User) -> Iterable[Duty]:
    """For whoever runs matches."""
    if not can(user, "confirm", "staffing.match"):
        return
    for row in myday.matches_to_move(user, timezone.now())[:SHOWN]:
        if row.state in {"proposed", "confirmed"}:
            title = _("Ask both sides, or decline")
        elif row.talk_at is None:  # type: ignore[attr-defined]
            title = _("Both said yes: arrange a talk")
        else:
            day = formats.day(timezone.localtime(row.talk_at).date(), short=True)  # type: ignore[attr-defined]
            title = _("Note what came of the talk of %(day)s") % {"day": day}
        yield Duty(
            title=title, about=row.profile.full_name, text=f"{row.key} · {row.vacancy}", url=url_of(row), icon="arrows-join",
            kind="task", button=_("Open"),
        )  # fmt: skip


@register_duties("task")
def _questions(user: User) -> Iterable[Duty]:
    if not myday.from_outside(user):
        return
    for row in myday.questions_to(user)[:SHOWN]:
        yield Duty(
            title=_("Are you interested?"), about=_whom(user, row), text=str(row.match.vacancy), url=url_of(row.match),
            icon="question", kind="task", button=_("Open"), due=timezone.localtime(row.expires_at).date(),
        )  # fmt: skip


def _whom(user: User, row: Answer) -> str:
    """Covered, as in the mail; a partner reads the name of its own candidate."""
    match = row.match
    if row.side == Side.COMPANY:
        return cover_name(match)
    return client_name(match, revealed=False) if match.profile.user_id == user.pk else match.profile.full_name


@register_duties("task")
def _papers(user: User) -> Iterable[Duty]:
    if not myday.from_outside(user):
        return
    for row in myday.contracts_to_sign(user)[:SHOWN]:
        own = row.profile is not None and row.profile.user_id == user.pk
        other = row.client.name if own else row.profile.full_name if row.profile is not None else ""
        yield Duty(
            title=_("Read and sign the contract %(key)s") % {"key": row.key}, about=str(row.vacancy), text=other,
            url=url_of(row), icon="signature", kind="task", button=_("Open"), due=row.first,
        )  # fmt: skip


@register_duties("task")
def _candidates(user: User) -> Iterable[Duty]:
    """For partners: vacancies that wait for one of their people."""
    if not can(user, "create", "staffing.match") or not myday.from_outside(user):
        return
    for row in myday.vacancies_without_candidate(user)[:SHOWN]:
        yield Duty(
            title=_("Propose a candidate"), about=str(row.vacancy), text=row.vacancy.reference, url=url_of(row.vacancy),
            icon="user-plus", kind="task", button=_("Open"), due=row.vacancy.start,
        )  # fmt: skip


@register_duties("task")
def _own_profile(user: User) -> Iterable[Duty]:
    """Consents that end, and a profile on which nobody can find its owner."""
    if not myday.from_outside(user):
        return
    for row in myday.consents_to_renew(user, timezone.localdate())[:SHOWN]:
        own = row.profile.user_id == user.pk
        yield Duty(
            title=_("Renew the consent, or withdraw it"), about=row.profile.full_name, text=row.get_kind_display(),
            url=reverse("staffing:me") if own else url_of(row.profile), icon="checkbox", kind="task", button=_("Open"), due=row.expires,
        )  # fmt: skip
    profile = with_parts(Profile.objects.filter(user=user, state__in=("draft", "active"))).first()
    if profile is None:
        return
    found = completeness(facts_of(profile))
    if found.per_cent < COMPLETE:
        yield Duty(
            title=_("Complete your profile"), text=found.tips[0], url=reverse("staffing:me"), icon="user", kind="task", button=_("Open"),
        )  # fmt: skip


def _talks(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, User)
    if not (can(obj, "confirm", "staffing.match") or myday.from_outside(obj)):
        return None
    rows = [_talk(obj, row) for row in myday.talks_of(obj, timezone.now())[:SHOWN]]
    return {"rows": rows, "count": len(rows)} if rows else None


def _talk(user: User, row: Appointment) -> dict[str, Any]:
    match: Match = row.match
    begins = timezone.localtime(row.starts)
    with_whom = match.vacancy.client.name if match.profile.user_id == user.pk else match.profile.full_name
    return {
        "match": match, "day": begins.date(), "time": begins, "minutes": row.minutes, "place": row.place, "whom": with_whom,
        "soon": begins.date() <= timezone.localdate() + dt.timedelta(days=1),
    }  # fmt: skip


register_panel(
    Panel(MY_DAY, "talks", gettext_lazy("Talks to come"), "staffing/myday_talks.html", _talks, order=30, width=2)
)
