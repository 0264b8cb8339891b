"""The past weeks of staffing in the demo company: who did what and when, talks held and to come, notes, a reminder, an appointment that was moved.

The steps themselves were taken by the services a moment ago; here they get the days on which such things happen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db.models import F
from django.utils import timezone

from stellwerk.core.models import AuditEntry, User
from stellwerk.demo.story import is_free, workday
from stellwerk.staffing.models import (
    Answer,
    Appointment,
    Contract,
    Match,
    Profile,
    ScoreLog,
    Signature,
    TalkNote,
    Vacancy,
)
from stellwerk.staffing.services.contacting import REMINDED, VALID, expire_due, remind_due
from stellwerk.staffing.services.matching import decline

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

NOTES: Final = (
    ("Was war Ihr schwierigster Monatsabschluss?", "Beschreibt ruhig und mit Zahlen, wie 140 T€ falsch gebuchte Eigenleistung gefunden wurden.", 5),
    ("Wie erklären Sie eine Abweichung dem Lenkungskreis?", "Eine Folie, drei Ursachen, ein Vorschlag. Fragt nach, wer entscheidet.", 4),
    ("", "Möchte zwei Tage in der Woche vor Ort sein; passt. Zweites Gespräch mit der Projektleitung vereinbart.", None),
)  # fmt: skip
STAMPS: Final = frozenset({"contacted_at", "revealed_at", "filled_at", "sent_at", "labelled_at", "named_at"})
"""What a step stamps with its moment."""
MOVED: Final = "Die Werkführung beginnt später; bitte Sicherheitsschuhe mitbringen."


class Step(NamedTuple):
    """When a step was taken: working days before today, hour, and by whom (nobody: Stellwerk itself, or a link in a mail)."""

    days: int
    hour: int
    by: User | None = None


def tell_past(company: Company, users: Mapping[str, User]) -> None:
    """Last of all: needs vacancies, matches and contracts as they shall stand."""
    rosa, petra = users["rosa"], company.users["petra"]
    _vacancies(users, petra)
    matches = list(Match.objects.select_related("vacancy", "profile").order_by("pk"))
    moments = {match.pk: _of_match(match, number, rosa) for number, match in enumerate(matches)}
    _entries("staffing.match", moments)
    _answers(matches, moments)
    _talks(matches, moments, rosa)
    _contracts(company, rosa)
    _profiles(rosa)


def at(days: int, hour: int, minute: int = 0) -> dt.datetime:
    """An hour so many working days before today (after it: negative); never past now where it is over."""
    day, step = timezone.localdate(), dt.timedelta(days=1 if days < 0 else -1)
    for _number in range(abs(days)):
        day += step
        while is_free(day):
            day += step
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))
    return moment if days < 0 else min(moment, timezone.now() - dt.timedelta(minutes=5))


# ── vacancies ────────────────────────────────────────────────────────────────────────────────────


def _vacancies(users: Mapping[str, User], petra: User) -> None:
    """Made by Rosa (a draft by Klaus), approved by Petra, published and shown to partners by Rosa."""
    rosa, klaus = users["rosa"], users["klaus"]
    rows, entries = list(Vacancy.objects.order_by("pk")), []
    for number, row in enumerate(rows):
        if row.state == "draft":
            row.created_at = at(3, 16, 20)
            entries.append(_entry(row, row.created_at, klaus, "create", {"title": [None, row.title]}))
            continue
        day = 29 - 3 * number
        row.created_at, row.published_at = at(day + 3, 9, 12), at(day, 8, 30)
        maker = None if row.demand_id is not None else rosa
        entries += [
            _entry(row, row.created_at, maker, "raise" if row.demand_id else "create", {"title": [None, row.title]}),
            _entry(row, at(day + 2, 11, 40), rosa, "edit", {"pay_least": [None, row.pay_least], "pay_most": [None, row.pay_most]}),
            _entry(row, at(day + 1, 15, 5), petra, "approve", {"state": ["draft", "approved"]}),
            _entry(row, row.published_at, rosa, "publish", {"state": ["approved", "published"]}),
            _entry(row, row.published_at + dt.timedelta(minutes=6), rosa, "share", {}),
        ]  # fmt: skip
        ScoreLog._base_manager.filter(vacancy=row).update(at=row.published_at + dt.timedelta(hours=2))
    for row in rows:
        row.filled_at = at(11, 14) if row.filled_at is not None else None
    Vacancy.objects.bulk_update(rows, ["created_at", "published_at", "filled_at"])
    _insert(entries)
    _entries(
        "staffing.vacancy", {row.pk: {"fill": Step(11, 14)} for row in rows if row.state == "filled"}, after=("fill",)
    )


# ── matches ──────────────────────────────────────────────────────────────────────────────────────


def _of_match(match: Match, number: int, rosa: User) -> dict[str, Step]:
    """By verb. Questions that wait were asked two to four days ago; what is settled lies further back."""
    if match.state in {"contacted", "one_yes"}:
        asked = 2 + number % 3
        return {"create": Step(asked + 2, 10, rosa), "confirm": Step(asked, 9, rosa), "contact": Step(asked, 9, rosa), "answer": Step(1, 17), "first_yes": Step(1, 17)}  # fmt: skip
    if match.state == "proposed":
        return {"create": Step(2 + number % 3, 11, rosa)}
    asked = 17 - number % 3
    return {
        "create": Step(asked + 2, 10, rosa), "confirm": Step(asked, 9, rosa), "contact": Step(asked, 9, rosa),
        "answer": Step(asked - 2, 13), "first_yes": Step(asked - 2, 13), "second_yes": Step(asked - 3, 18), "refuse": Step(asked - 2, 13),
        "talk": Step(asked - 4, 9, rosa), "expire": Step(asked - 8, 6), "sign": Step(11, 15),
    }  # fmt: skip


def _answers(matches: Sequence[Match], moments: Mapping[int, Mapping[str, Step]]) -> None:
    """Dates of questions and answers; whoever has waited for three days is reminded by the service."""
    asked = {match.pk: _moment(moments[match.pk]["contact"]) for match in matches if "contact" in moments[match.pk]}
    oldest = timezone.now() - VALID + dt.timedelta(hours=26)  # over holidays too a question that waits is alive
    asked |= {match.pk: max(asked[match.pk], oldest) for match in matches if match.state in {"contacted", "one_yes"}}
    rows = list(Answer.objects.filter(match__in=list(asked)).order_by("match", "answered_at", "pk"))
    seen: set[int] = set()
    for row in rows:
        steps, sent = moments[row.match_id], asked[row.match_id]
        row.sent_at, row.expires_at = sent, sent + VALID
        if row.answered_at is not None:
            row.answered_at = _moment(steps["second_yes" if row.match_id in seen else "answer"])
            seen.add(row.match_id)
    Answer.objects.bulk_update(rows, ["sent_at", "expires_at", "answered_at"])
    for match in matches:
        match.created_at = _moment(moments[match.pk]["create"])
        match.contacted_at = asked.get(match.pk) if match.contacted_at is not None else None
        match.revealed_at = _moment(moments[match.pk]["second_yes"]) if match.revealed_at is not None else None
    Match.objects.bulk_update(matches, ["created_at", "contacted_at", "revealed_at"])
    remind_due(timezone.now())
    Answer.objects.exclude(reminded_at=None).update(reminded_at=F("sent_at") + REMINDED)


def _talks(matches: Sequence[Match], moments: Mapping[int, Mapping[str, Step]], rosa: User) -> None:
    """One with notes and a second talk that was moved, one that nobody has noted yet, others to come."""
    talking = sorted(
        (match for match in matches if match.state in {"conversation", "contract"}),
        key=lambda one: one.state == "contract",
    )
    rows: list[Appointment] = []
    entries: list[AuditEntry] = []
    for place, match in enumerate(talking):
        begun = _moment(moments[match.pk]["talk"])
        held = Appointment(
            match=match, starts=at(7, 10) if place == 0 else at(1, 14, 30), minutes=45, place="Videokonferenz"
        )
        coming = Appointment(
            match=match, starts=at(-3 - place % 3, 10 + place % 4, 30), minutes=60, place=f"{match.vacancy.client.name}, Besprechungsraum Weser",
            text=MOVED if place == 0 else "", sequence=int(place == 0),
        )  # fmt: skip
        chosen = (held, coming) if place == 0 else (held,) if place == 1 or match.state == "contract" else (coming,)
        for row in chosen:
            rows.append(row)
            before = _told(row.starts - dt.timedelta(hours=1 if row.sequence else 0))
            entries.append(
                _entry(match, begun if row is held else at(5, 11), rosa, "invite", {"appointment": [None, before]})
            )
            if row.sequence:
                entries.append(_entry(match, at(2, 16), rosa, "move", {"appointment": [before, _told(row.starts)]}))
    Appointment.objects.bulk_create(rows)
    if talking:
        entries += _notes(talking[0], rosa)
    _insert(sorted(entries, key=lambda one: one.at))


def _notes(match: Match, rosa: User) -> Iterable[AuditEntry]:
    made = TalkNote.objects.bulk_create(
        TalkNote(match=match, author=rosa, question=question, text=text, rating=rating)
        for question, text, rating in NOTES
    )
    for number, row in enumerate(made):
        row.created_at = at(7, 11, 5 + 10 * number)
        yield _entry(match, row.created_at, rosa, "note", {})
    TalkNote.objects.bulk_update(made, ["created_at"])


def _told(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def expire_filled(now: dt.datetime) -> None:
    """Whoever was asked for a vacancy that is filled meanwhile and never answered; whoever was not asked any more is declined."""
    waiting = Answer.objects.filter(
        match__vacancy__state="filled", match__state__in=("contacted", "one_yes"), answer=""
    )
    waiting.update(expires_at=now - dt.timedelta(days=8))
    expire_due(now)
    for match in Match.objects.filter(vacancy__state="filled", state__in=("proposed", "confirmed")):
        decline(match=match, by=None, code="filled")


# ── contracts and profiles ───────────────────────────────────────────────────────────────────────


def _contracts(company: Company, rosa: User) -> None:
    """Made and sent by Rosa, approved by Conny, who sees what it costs; signed within three days."""
    conny = company.users["conny"]
    moments: dict[int, dict[str, Step]] = {}
    rows = list(Contract.objects.order_by("pk"))
    for number, row in enumerate(rows):
        if row.state == "active":
            continue
        last = 16 if row.state == "signed" else 8 - number % 3
        moments[row.pk] = {
            "create": Step(last, 10, rosa), "check": Step(last, 10, rosa), "edit": Step(last, 11, rosa), "approve": Step(last - 2, 14, conny),
            "send": Step(last - 3, 9, rosa), "sign": Step(last - 5, 15, rosa),
        }  # fmt: skip
        row.created_at = _moment(moments[row.pk]["create"])
        if row.sent_at is not None:
            row.sent_at = _moment(moments[row.pk]["send"])
            row.labelled_at = row.sent_at if row.labelled_at is not None else None
            row.named_at = row.sent_at if row.named_at is not None else None
    Contract.objects.bulk_update(rows, ["created_at", "sent_at", "labelled_at", "named_at"])
    signed = [one.pk for one in rows if one.state == "signed"]
    Signature.objects.filter(contract__in=signed).update(signed_on=timezone.localdate(at(12, 9)))
    _entries("staffing.contract", moments)
    _insert(entry for row in rows if row.state == "active" for entry in _running(row, rosa, conny))


def _running(row: Contract, rosa: User, conny: User) -> Iterable[AuditEntry]:
    """The beginning of a contract that runs for long."""
    steps = (("create", None, "draft", 28, rosa), ("approve", "draft", "approved", 21, conny), ("send", "approved", "sent", 14, rosa), ("sign", "sent", "signed", 7, rosa), ("begin", "signed", "active", 0, None))  # fmt: skip
    for verb, before, after, days, by in steps:
        day = workday(row.first - dt.timedelta(days=days))
        moment = timezone.make_aware(dt.datetime.combine(day, dt.time(10, 15)))
        yield _entry(row, moment, by, verb, {"state": [before, after]})


def _profiles(rosa: User) -> None:
    """Registered at the entrance, or entered by Rosa; a locked one says why."""
    rows = list(Profile.objects.prefetch_related("consents").order_by("pk"))
    entries = []
    for number, row in enumerate(rows):
        given = [one.given_at for one in row.consents.all()]
        row.created_at = min(given) if given else at(40 + number, 11)
        by = None if row.source == "entrance" else rosa
        entries.append(_entry(row, row.created_at, by, "create", {"headline": [None, row.headline]}))
        if row.state == "locked":
            entries.append(_entry(row, at(40, 8), None, "lock", {"state": ["active", "locked"]}, "Die Einwilligung wurde widerrufen."))  # fmt: skip
    Profile.objects.bulk_update(rows, ["created_at"])
    _insert(entries)


# ── entries of the trail ─────────────────────────────────────────────────────────────────────────


def _moment(step: Step) -> dt.datetime:
    return at(step.days, step.hour)


def _entry(
    obj: Any, moment: dt.datetime, by: User | None, verb: str, changes: dict[str, Any], reason: str = ""
) -> AuditEntry:
    entry = AuditEntry(
        entity_type=obj._meta.label_lower, entity_id=obj.pk, entity_key=obj.key, actor=by, pseudonym=by.pseudonym if by else None,
        verb=verb, changes=changes, reason=reason, entity_version=obj.version,
    )  # fmt: skip
    entry.at = moment
    return entry


def _insert(entries: Iterable[AuditEntry]) -> None:
    """New rows are dated by the database layer when they are written; their own moment follows."""
    made = list(entries)
    moments = [entry.at for entry in made]
    AuditEntry.objects.bulk_create(made)
    for entry, moment in zip(made, moments, strict=True):
        entry.at = moment
    AuditEntry._base_manager.bulk_update(made, ["at"])


def _entries(
    label: str,
    moments: Mapping[int, Mapping[str, Step]],
    *,
    after: tuple[str, ...] = (),
    only: Sequence[int] | None = None,
) -> None:
    """What the services wrote a moment ago gets its day and its actor, in the order in which it was written."""
    rows = AuditEntry.objects.filter(entity_type=label, entity_id__in=list(moments))
    changed: list[AuditEntry] = []
    latest: dict[int, dt.datetime] = {}
    for entry in rows.order_by("pk"):
        step = moments[entry.entity_id].get(entry.verb)
        if step is None or (after and entry.verb not in after):
            continue
        moment = max(_moment(step), latest.get(entry.entity_id, _moment(step)) + dt.timedelta(minutes=1))
        latest[entry.entity_id] = entry.at = moment
        if step.by is not None:
            entry.actor, entry.pseudonym = step.by, step.by.pseudonym
        for name in STAMPS & entry.changes.keys():
            entry.changes[name][1] = moment.isoformat()
        changed.append(entry)
    AuditEntry._base_manager.bulk_update(changed, ["at", "actor", "pseudonym", "changes"])
