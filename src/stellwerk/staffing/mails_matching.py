"""Mails to both sides: asked with the reasons that concern them, told the outcome, and names once both said yes.

Until then the company reads of “candidate 7F3”, the person of an industry and a town: no mail holds a name that is covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stellwerk.core.mail import queue_mail
from stellwerk.core.notify import absolute, notify
from stellwerk.core.permissions import users_who_can
from stellwerk.staffing.choices import Side
from stellwerk.staffing.models import Answer, Match, Vacancy
from stellwerk.staffing.words_matching import Words, forms, pay_text


@dataclass(frozen=True)
class Recipient:
    name: str
    email: str
    language: str


def recipients(match: Match, side: str) -> list[Recipient]:
    """Who is asked: the client's contacts (our own company: whoever leads the project, else whoever keeps the vacancy), the person, or their partner."""
    found = _company(match.vacancy) if side == Side.COMPANY else _person(match)
    return list({one.email.casefold(): one for one in found if one.email}.values())


def _company(vacancy: Vacancy) -> list[Recipient]:
    rows = [Recipient(row.name, row.email, row.language) for row in vacancy.client.contacts.all()]
    if rows or not vacancy.client.own:
        return rows
    manager = vacancy.demand.project.manager if vacancy.demand is not None else None
    users = [user for user in (manager.user if manager is not None else None, vacancy.owner) if user is not None]
    users = users or users_who_can("publish", vacancy)
    return [Recipient(user.name, user.email, user.language) for user in users[:3]]


def _person(match: Match) -> list[Recipient]:
    profile = match.profile
    if profile.partner is not None:
        return [Recipient(row.name, row.email, row.language) for row in profile.partner.contacts.all()]
    email = profile.email or (profile.person.email if profile.person is not None else "")
    return [Recipient(profile.full_name, email, profile.language)] if email else []


def cover_name(match: Match) -> str:
    """How the company speaks of somebody whom it does not know yet."""
    return _("Candidate %(code)s") % {"code": cover_code(match)}


def cover_code(match: Match) -> str:
    """Another one for each vacancy, and nobody gets from it to the row: keyed with the secret of the installation."""
    return (
        f"K-{salted_hmac('stellwerk.staffing.cover', f'{match.profile_id}|{match.vacancy_id}').hexdigest()[:4].upper()}"
    )


def client_name(match: Match, *, revealed: bool) -> str:
    """The client by name, or what may be said while it is covered."""
    client = match.vacancy.client
    if revealed or not client.covered:
        return client.name
    parts = [str(client.industry) if client.industry is not None else "", match.vacancy.city]
    told = ", ".join(part for part in parts if part)
    return _("a company (%(about)s)") % {"about": told} if told else _("a company")


def mail_asked(match: Match, side: str, token: str, *, reminder: bool = False) -> None:
    for one in recipients(match, side):
        with translation.override(one.language):
            url = absolute(reverse("staffing:answer", args=[token]))
            about = _ask_company(match) if side == Side.COMPANY else _ask_person(match)
            subject = _about(match)
            lines = [
                _("Dear %(name)s,") % {"name": one.name}, "", *about, "",
                _("Please answer within seven days; the link works once:"), url, "",
                _("Names and contact details stay covered until both sides have said yes."),
            ]  # fmt: skip
            queue_mail(
                one.email,
                subject=_("Reminder: %(text)s") % {"text": subject} if reminder else subject,
                text="\n".join(lines),
            )


def _about(match: Match) -> str:
    return _("%(title)s (reference %(reference)s): are you interested?") % {
        "title": str(match.vacancy), "reference": match.vacancy.reference,
    }  # fmt: skip


def _points(line: Any) -> str:
    return _("%(points)s of %(possible)s points") % {"points": line.points, "possible": line.possible}


def _ask_company(match: Match) -> list[str]:
    words = Words(match.vacancy, [match.reasons])
    lines = [_("for your vacancy “%(title)s” we propose %(who)s:") % {"title": match.vacancy, "who": cover_name(match)}]
    lines += [f"– {line.label}: {_points(line)}" + (f" ({line.text})" if line.text else "") for line in words.lines(match.reasons, "company")]  # fmt: skip
    profile = match.profile
    if profile.available:
        from stellwerk.core import formats

        lines.append("– " + _("available from %(day)s") % {"day": formats.day(profile.available)})
    return lines


def _ask_person(match: Match) -> list[str]:
    vacancy = match.vacancy
    words = Words(vacancy, [match.reasons])
    lines = [
        _("we have found a vacancy that fits you: “%(title)s” at %(client)s.") % {"title": vacancy, "client": client_name(match, revealed=False)},
        "– " + _("Contract: %(forms)s") % {"forms": forms(vacancy.contract_forms)},
    ]  # fmt: skip
    if vacancy.pay_most:
        lines.append(
            "– " + _("Pay up to %(pay)s") % {"pay": pay_text(vacancy.pay_most, vacancy.currency, vacancy.pay_unit)}
        )
    lines += [f"– {line.label}: {_points(line)}" for line in words.lines(match.reasons, "person")]
    return lines


def mail_revealed(match: Match, side: str) -> None:
    """Both said yes: each learns who the other is."""
    for one in recipients(match, side):
        with translation.override(one.language):
            other = Side.PERSON if side == Side.COMPANY else Side.COMPANY
            told = [", ".join(part for part in (r.name, r.email) if part) for r in recipients(match, other)]
            who = match.profile.full_name if side == Side.COMPANY else match.vacancy.client.name
            lines = [
                _("Dear %(name)s,") % {"name": one.name}, "",
                _("both sides have said yes to “%(title)s”.") % {"title": match.vacancy},
                _("You are getting to know: %(who)s") % {"who": who}, *told, "",
                _("We write to you with a proposal for a talk."),
            ]  # fmt: skip
            queue_mail(
                one.email, subject=_("Both said yes: %(title)s") % {"title": match.vacancy}, text="\n".join(lines)
            )


def mail_declined(match: Match, side: str) -> None:
    """One side said no: the other, which waits or has said yes, is told; neither why nor who."""
    for one in recipients(match, side):
        with translation.override(one.language):
            lines = [
                _("Dear %(name)s,") % {"name": one.name}, "",
                _("nothing comes of “%(title)s” this time: the other side has decided otherwise.") % {"title": match.vacancy},
                _("You need do nothing. We write again when something fits."),
            ]  # fmt: skip
            queue_mail(
                one.email, subject=_("Not this time: %(title)s") % {"title": match.vacancy}, text="\n".join(lines)
            )


def mail_answered(match: Match, answer: Answer) -> None:
    """Whoever runs the match learns of each answer under the bell."""

    def title() -> str:
        who = _("The company") if answer.side == Side.COMPANY else _("The person")
        said = _("%(who)s says yes: %(match)s") if answer.answer == "yes" else _("%(who)s says no: %(match)s")
        return said % {"who": who, "match": f"{match.key} · {match.vacancy}"}

    notify(users_who_can("confirm", match), kind="match_answer", title=title, obj=match, dedupe=f"answer-{answer.pk}")
