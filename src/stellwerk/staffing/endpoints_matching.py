"""Matches in the API: proposed, confirmed by asking both sides, answered, talked about, withdrawn; scores with their reasons.

Who is covered on the page is covered here: the reader gets the same names, scores and keys, and of the other side nothing.
"""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, StrictBool

from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.declare import Action, Resource
from stellwerk.core.api.resources import add_resource
from stellwerk.core.api.schemas import READ_PROBLEMS, VERSION, Strict
from stellwerk.core.api.values import for_reader, refuse_unstorable
from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.staffing.compute_matching import frozen
from stellwerk.staffing.endpoints_vacancies import VACANCY
from stellwerk.staffing.mails_matching import client_name, cover_name
from stellwerk.staffing.models import Answer, Match, Vacancy
from stellwerk.staffing.reasons_matching import NAMES
from stellwerk.staffing.selectors.matching import matches_of, revealed_to
from stellwerk.staffing.selectors.people_page import sides_seen
from stellwerk.staffing.selectors.readers import is_client, is_inside, is_partner
from stellwerk.staffing.services import appointments, contacting, matching
from stellwerk.staffing.words_matching import COMPANY_ORDER, PERSON_ORDER, TOPICS, Words

router = Router()
Reason = Literal[tuple(NAMES)]  # type: ignore[valid-type]
THOUSANDTHS = "Thousandths; null where it is not for this reader."


class ScoresOut(Schema):
    company: int | None = Field(..., description=f"How well the person fits the company. {THOUSANDTHS}")
    person: int | None = Field(..., description=f"How well the job fits the person. {THOUSANDTHS}")
    both: int | None = Field(..., description=f"Harmonic mean of the two. {THOUSANDTHS}")


class PartOut(Schema):
    side: Literal["company", "person"]
    topic: str
    label: str
    points: float = Field(..., description="Thousandths; the points of a side add up to its score.")
    possible: float
    subject: str | None = Field(..., description="The skill, certificate or industry, where it is about one.")


class ShutGateOut(Schema):
    code: str
    label: str
    text: str


class ReasonsOut(Schema):
    scores: ScoresOut
    contributions: list[PartOut]
    gates: list[ShutGateOut] = Field(..., description="Hard conditions that are not met; for the house.")
    missing: list[str] = Field(..., description="What is not told and was not counted; for the house.")
    counterfactual: str = Field(..., description="What would have to change for a proposal; for the house.")
    weights: int | None = Field(..., description="Version of the weights.")
    override: str = Field(..., description="Why they were proposed all the same; for the house.")


class ComparedOut(ReasonsOut):
    rank: int = Field(..., description="0: a hard condition is not met.")
    profile: str
    name: str
    proposed: bool
    match: str | None = Field(..., description="Key of the living match, if there is one.")


class AnswerOut(Schema):
    side: Literal["company", "person"]
    answer: Literal["yes", "no"] | None
    answered_at: dt.datetime | None
    reminded_at: dt.datetime | None
    expires_at: dt.datetime
    reason: str
    text: str


class AppointmentOut(Schema):
    uid: UUID
    starts: dt.datetime
    minutes: int
    place: str
    text: str
    sequence: int = Field(..., description="As in the invitation: raised by each change.")
    cancelled_at: dt.datetime | None


class ProposeIn(Strict):
    vacancy: str = Field(..., max_length=60, description="Key of the vacancy.")
    profile: str = Field(..., max_length=60, description="Key of the profile.")
    override: str = Field(
        "", max_length=500, description="Why, although a hard condition is not met; 20 letters at least."
    )
    reason: str = Field("", max_length=5000)


class AskBothIn(Strict):
    version: int | None = VERSION


class AnswerIn(Strict):
    yes: StrictBool
    reason: Reason | None = Field(None, description="Needed for a no.")  # type: ignore[valid-type]
    text: str = Field("", max_length=1000)


class WithdrawIn(Strict):
    version: int | None = VERSION
    code: Reason = Field(..., description="The reason, which has to do with the work.")  # type: ignore[valid-type]
    reason: str = Field("", max_length=500, description="In own words.")


class InviteIn(Strict):
    starts: AwareDatetime
    minutes: int = Field(45, ge=5, le=480)
    place: str = Field(..., min_length=1, max_length=300)
    text: str = Field("", max_length=2000)


class MoveIn(InviteIn):
    uid: UUID


class CancelIn(Strict):
    uid: UUID


class NoteIn(Strict):
    text: str = Field(..., min_length=1, max_length=6000)
    question: str = Field("", max_length=300)
    rating: int | None = Field(None, ge=1, le=5)


# ── what is shown, and to whom ───────────────────────────────────────────────────────────────────


@for_reader
def _profile(match: Match, user: User) -> str | None:
    return match.profile.key if can(user, "view", match.profile) else None


@for_reader
def _vacancy(match: Match, user: User) -> str | None:
    return match.vacancy.key if can(user, "view", match.vacancy) else None


@for_reader
def _person(match: Match, user: User) -> str:
    known = revealed_to(user, match) or match.profile.user_id == user.pk or is_partner(user, match)
    return match.profile.full_name if known else cover_name(match)


@for_reader
def _company(match: Match, user: User) -> str:
    return client_name(match, revealed=revealed_to(user, match) or is_client(user, match))


@for_reader
def _scores(match: Match, user: User) -> dict[str, Any]:
    company, person, both = sides_seen(inside=is_inside(user), company=is_client(user, match))
    return {
        "company": match.company_score if company else None, "person": match.person_score if person else None,
        "both": match.score if both else None,
    }  # fmt: skip


def _open(match: Match, user: User) -> Answer | None:
    return next((one for one in match.answers.all() if not one.answer and contacting.may_answer(user, one)), None)


@for_reader
def _asked(match: Match, user: User) -> dt.datetime | None:
    row = _open(match, user) if match.state in {"contacted", "one_yes"} else None
    return row.expires_at if row is not None else None


@for_reader
def _answers(match: Match, user: User) -> list[dict[str, Any]]:
    if not can(user, "confirm", match):
        return []
    names = ("side", "answered_at", "reminded_at", "expires_at", "reason", "text")
    return [
        {name: getattr(row, name) for name in names} | {"answer": row.answer or None} for row in match.answers.all()
    ]


@for_reader
def _talks(match: Match, user: User) -> list[dict[str, Any]]:
    """The sides have them by mail; erasure blanks what was written in them."""
    if not (can(user, "confirm", match) or match.revealed_at is not None):
        return []
    names = ("uid", "starts", "minutes", "place", "text", "sequence", "cancelled_at")
    return [{name: getattr(row, name) for name in names} for row in match.appointments.all()]


def _parts(words: Words, reasons: dict[str, Any], *, company: bool, person: bool) -> list[dict[str, Any]]:
    order = {("company", topic): at for at, topic in enumerate(COMPANY_ORDER)}
    order |= {("person", topic): at for at, topic in enumerate(PERSON_ORDER, start=100)}
    seen = {"company": company, "person": person}
    rows = [row for row in reasons.get("parts", ()) if seen[row["side"]]]
    return [
        {
            "side": row["side"], "topic": row["topic"], "label": str(TOPICS[row["topic"]]), "points": row["points"],
            "possible": row["possible"],
            "subject": str(words.terms[row["subject"]]) if row["subject"] in words.terms else None,
        }
        for row in sorted(rows, key=lambda row: order[row["side"], row["topic"]])
    ]  # fmt: skip


def _told(words: Words, reasons: dict[str, Any], *, inside: bool, company: bool, person: bool) -> dict[str, Any]:
    gates = [{"code": gate.code, "label": gate.label, "text": gate.text} for gate in words.gates(reasons)]
    return {
        "contributions": _parts(words, reasons, company=company, person=person),
        "gates": gates if inside else [], "missing": words.missing(reasons) if inside else [],
        "counterfactual": words.change(reasons) if inside and reasons else "",
    }  # fmt: skip


# ── what is done ─────────────────────────────────────────────────────────────────────────────────


def _propose(values: dict[str, Any], *, by: User) -> Match:
    return matching.propose(
        vacancy=values["vacancy"], profile=values["profile"], by=by, override=values.get("override") or ""
    )


def _ask(obj: Any, data: Any, user: User) -> Any:
    return contacting.ask_both(match=obj, by=user, version=data.version)


def _answer(obj: Any, data: Any, user: User) -> Any:
    mine = _open(obj, user)
    if mine is None:
        raise contacting.LinkDead(_("This question is settled: no answer is needed any more."))
    return contacting.give_answer(answer=mine, yes=data.yes, reason=data.reason or "", text=data.text, by=user)


def _withdraw(obj: Any, data: Any, user: User) -> Any:
    service = matching.decline if obj.state in {"proposed", "confirmed"} else contacting.end_talks
    return service(match=obj, by=user, code=data.code, reason=data.reason, version=data.version)


def _invite(obj: Any, data: Any, user: User) -> Any:
    appointments.invite(match=obj, by=user, **data.model_dump())
    return obj


def _move(obj: Any, data: Any, user: User) -> Any:
    appointments.move(match=obj, by=user, **(data.model_dump() | {"uid": str(data.uid)}))
    return obj


def _cancel(obj: Any, data: Any, user: User) -> Any:
    appointments.cancel(match=obj, uid=str(data.uid), by=user)
    return obj


def _note(obj: Any, data: Any, user: User) -> Any:
    appointments.add_note(match=obj, by=user, **data.model_dump())
    return obj


MATCHES = Resource(
    Match,
    "matches",
    read=("key", "version", "state", "contacted_at", "revealed_at", "created_at", "updated_at"),
    computed={
        "vacancy": (str | None, _vacancy), "reference": (str, lambda match: match.vacancy.reference),
        "title": (str, lambda match: match.vacancy.title), "company": (str, _company), "profile": (str | None, _profile),
        "person": (str, _person), "scores": (ScoresOut, _scores), "answer_until": (dt.datetime | None, _asked),
        "answers": (list[AnswerOut], _answers), "appointments": (list[AppointmentOut], _talks),
    },
    start=ProposeIn,
    create=_propose,
    queryset=lambda: Match.objects.select_related(
        "vacancy__client__industry", "vacancy__demand__project__programme", "profile__partner", "weights"
    ).prefetch_related("answers", "appointments", "vacancy__client__contacts", "profile__partner__contacts"),
    actions=(
        Action("ask", _ask, AskBothIn, verb="confirm", summary="Confirm, and ask both sides by mail"),
        Action("answer", _answer, AnswerIn, verb="answer", summary="Answer for one's own side"),
        Action("withdraw", _withdraw, WithdrawIn, summary="End it without a contract"),
        Action("invite", _invite, InviteIn, summary="Invite both sides to a talk"),
        Action("move", _move, MoveIn, summary="Move an appointment: both sides get the new time"),
        Action("cancel", _cancel, CancelIn, summary="Cancel an appointment: both sides are told"),
        Action("note", _note, NoteIn, summary="Keep a note of a talk"),
    ),
)  # fmt: skip
add_resource(router, MATCHES)


@router.get(
    "/matches/{key}/reasons", response={200: ReasonsOut, **READ_PROBLEMS}, tags=MATCHES.tags,
    operation_id="reasons_matches", summary="Scores with their exact contributions, as far as they concern the reader",
)  # fmt: skip
def reasons(request: HttpRequest, key: str) -> Any:
    user = actor(request)
    match = MATCHES.one(request, key)
    inside = is_inside(user)
    company, person, _both = sides_seen(inside=inside, company=is_client(user, match))
    told = _told(Words(match.vacancy, [match.reasons]), match.reasons, inside=inside, company=company, person=person)
    return told | {
        "scores": _scores(match, user), "weights": match.weights.number if match.weights else None,
        "override": match.override if inside else "",
    }  # fmt: skip


@router.get(
    "/vacancies/{key}/people", response={200: list[ComparedOut], **READ_PROBLEMS, 409: READ_PROBLEMS[404]},
    tags=MATCHES.tags, operation_id="people_vacancies", summary="Everybody compared with a vacancy, best first",
    description="Who fails a hard condition comes last, with what would have to change. Each score is logged.",
)  # fmt: skip
def people(request: HttpRequest, key: str) -> Any:
    check_scope(request, "read", VACANCY)
    refuse_unstorable("key", key)
    user = actor(request)
    vacancy = fetch(user, Vacancy.objects.select_related("client", "demand__project"), key=key)
    if not can(user, "confirm", "staffing.match"):
        raise NotAllowed()
    found = matching.compare_people(vacancy=vacancy, by=user)
    rows = [*enumerate(found.ranked, start=1), *((0, one) for one in found.shut)]
    kept = {one.profile.pk: frozen(one) for _rank, one in rows}
    words, living = Words(found.vacancy, kept.values()), matches_of(vacancy)
    version = found.weights.number if found.weights is not None else None
    told = []
    for rank, one in rows:
        company, person, both = one.permille
        match = living.get(one.profile.pk)
        told.append(
            _told(words, kept[one.profile.pk], inside=True, company=True, person=True)
            | {
                "rank": rank,
                "profile": one.profile.key,
                "name": one.profile.full_name,
                "proposed": one.proposed,
                "scores": {"company": company, "person": person, "both": both},
                "weights": version,
                "override": "",
                "match": match.key if match is not None else None,
            }
        )
    return told
