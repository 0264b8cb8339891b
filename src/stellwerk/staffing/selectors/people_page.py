"""What the page of a vacancy's people shows: cards in order, why others are not proposed, and the sentence at the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.compute_matching import Compared, Comparison, frozen
from stellwerk.staffing.models import Match, Profile
from stellwerk.staffing.words_matching import Line, Told, Words, pay_text

TONES = ("d1", "d2", "d3", "d4")
SHOWN = 50
"""Cards on the page; the rest is counted and found by the list."""


@dataclass(frozen=True)
class Card:
    """One person for one vacancy: scores of 100, both sides' lines, what is missing, what would open it."""

    profile: Profile | None
    rank: int
    company: int | None
    person: int | None
    score: int | None
    company_lines: list[Line]
    person_lines: list[Line]
    gates: list[Told]
    missing: list[str]
    change: str
    proposed: bool
    facts: str
    match: Match | None
    override: str = ""

    @property
    def company_parts(self) -> list[tuple[str, int]]:
        return _parts(self.company_lines)

    @property
    def person_parts(self) -> list[tuple[str, int]]:
        return _parts(self.person_lines)


def _parts(lines: list[Line]) -> list[tuple[str, int]]:
    return [(TONES[(line.step - 1) % len(TONES)], line.points) for line in lines]


def _of_100(permille: int | None) -> int | None:
    return None if permille is None else round(permille / 10)


def people_page(found: Comparison, matches: Mapping[int, Match]) -> dict[str, Any]:
    """Context of ``staffing/people.html``."""
    rows = [*found.ranked, *found.shut]
    reasons = {one.profile.pk: frozen(one) for one in rows}
    words = Words(found.vacancy, reasons.values())
    cards = [
        _card(one, reasons[one.profile.pk], words, rank, matches) for rank, one in enumerate(found.ranked, start=1)
    ]
    shut = [_card(one, reasons[one.profile.pk], words, 0, matches) for one in found.shut]
    proposed = [card for card in cards if card.proposed]
    return {
        "cards": proposed[:SHOWN], "below": [card for card in cards if not card.proposed][:SHOWN], "shut": shut[:SHOWN],
        "more": max(0, len(rows) - 3 * SHOWN), "answer": _answer(found, proposed), "looked_at": found.looked_at,
        "nobody": _nobody(found) if not proposed else "",
    }  # fmt: skip


def _answer(found: Comparison, proposed: list[Card]) -> str:
    if not found.looked_at:
        return _("No profile may be matched yet")
    text = ngettext(
        "%(count)s of %(all)s profiles comes into question",
        "%(count)s of %(all)s profiles come into question",
        len(proposed),
    ) % {"count": formats.number(len(proposed)), "all": formats.number(found.looked_at)}
    best = proposed[0].profile if proposed else None
    return text + ("; " + _("%(name)s fits both sides best") % {"name": best.full_name} if best is not None else "")


def _nobody(found: Comparison) -> str:
    """A vacancy that nobody can fill: which condition shuts out most."""
    if not found.looked_at:
        return _("Profiles come in through the public entrances, by partners, or are entered by recruiters.")
    counts: dict[str, int] = {}
    for one in found.shut:
        for code in {gate.code.value for gate in one.match.gates}:
            counts[code] = counts.get(code, 0) + 1
    if not counts:
        return _("Everybody falls below the threshold of the weights: look at the musts and their levels.")
    from stellwerk.staffing.words_matching import GATES

    code, count = max(counts.items(), key=lambda row: (row[1], row[0]))
    return ngettext(
        "The condition “%(gate)s” shuts out %(count)s profile: it is the one to speak about.",
        "The condition “%(gate)s” shuts out %(count)s profiles: it is the one to speak about.", count,
    ) % {"gate": GATES[code], "count": formats.number(count)}  # fmt: skip


def _card(one: Compared, reasons: dict[str, Any], words: Words, rank: int, matches: Mapping[int, Match]) -> Card:
    company, person, score = one.permille
    return Card(
        one.profile, rank, _of_100(company), _of_100(person), _of_100(score), words.lines(reasons, "company"),
        words.lines(reasons, "person"), words.gates(reasons), words.missing(reasons), words.change(reasons), one.proposed,
        facts_of(one.profile, one.form), matches.get(one.profile.pk),
    )  # fmt: skip


def facts_of(profile: Profile, form: str = "") -> str:
    """Kind or contract form, start, workload, pay: what one looks for first."""
    parts = [str(dict(ContractForm.choices).get(form, profile.get_kind_display()))]
    if profile.available is not None:
        parts.append(_("from %(day)s") % {"day": formats.day(profile.available)})
    if profile.workload_most is not None:
        parts.append(f"{profile.workload_most} %")
    if profile.asks is not None:
        parts.append(_("from %(pay)s") % {"pay": pay_text(profile.asks, profile.currency, profile.pay_unit)})
    return " · ".join(parts)


def sides_seen(*, inside: bool, company: bool) -> tuple[bool, bool, bool]:
    """Whether a reader sees the score of the company, of the person, of both: outsiders that of their own side alone."""
    return inside or company, inside or not company, inside


def card_of(match: Match, *, inside: bool, company: bool, facts: bool = False) -> Card:
    """The frozen explanation of a match; outsiders read their own side only, and no score of the other. ``facts``: with what is asked."""
    words = Words(match.vacancy, [match.reasons])
    sees_company, sees_person, _both = sides_seen(inside=inside, company=company)
    return Card(
        match.profile if inside else None, 0,
        _of_100(match.company_score) if sees_company else None, _of_100(match.person_score) if sees_person else None,
        _of_100(match.score) if inside else None,
        words.lines(match.reasons, "company") if sees_company else [], words.lines(match.reasons, "person") if sees_person else [],
        words.gates(match.reasons) if inside else [], words.missing(match.reasons) if inside else [],
        words.change(match.reasons) if inside and match.reasons else "", not match.reasons.get("gates"),
        facts_of(match.profile) if facts else "", match, match.override if inside else "",
    )  # fmt: skip
