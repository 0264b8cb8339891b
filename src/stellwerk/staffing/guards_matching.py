"""What keeps a match from being moved past its services: nobody counts as asked without a question, nobody as refused without a reason."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import effect, guard
from stellwerk.core.states import advance
from stellwerk.staffing.choices import Side
from stellwerk.staffing.mails_matching import mail_declined
from stellwerk.staffing.models import Match, Vacancy
from stellwerk.staffing.services.appointments import cancel_coming

MATCH, VACANCY = "staffing.match", "staffing.vacancy"


@guard(MATCH, "contact")
def questions_are_written(obj: models.Model, by: User | None) -> Iterable[Text]:
    """``services.contacting.ask_both`` writes them first, and mails them."""
    assert isinstance(obj, Match)
    if obj.answers.count() < len(Side.values):
        return [_("Both sides are asked by mail: use “Ask both sides” on the page of the match.")]
    return []


@guard(MATCH, "first_yes")
@guard(MATCH, "second_yes")
@guard(MATCH, "refuse")
@guard(MATCH, "expire")
@guard(MATCH, "sign")
def follows_by_itself(obj: models.Model, by: User | None) -> Iterable[Text]:
    """The answers of both sides, their time, and the contract do these."""
    return [_("This follows from the answers of both sides, or from the contract.")] if by is not None else []


@guard(MATCH, "decline")
@guard(MATCH, "end")
def reason_of_the_work(obj: models.Model, by: User | None) -> Iterable[Text]:
    """AGG §§ 7, 22: kept by ``services.matching.decline`` and ``services.contacting.end_talks`` before the step."""
    assert isinstance(obj, Match)
    if by is not None and not obj.ended_reason:
        return [_("Choose a reason that has to do with the work, on the page of the match.")]
    return []


@effect(MATCH, "end")
def nobody_comes_for_nothing(obj: models.Model, by: User | None, before: str) -> None:
    """Talks that were still to come are taken back from both calendars."""
    assert isinstance(obj, Match)
    cancel_coming(obj, by)


@effect(VACANCY, "fill")
@effect(VACANCY, "cancel")
def nobody_is_asked_in_vain(obj: models.Model, by: User | None, before: str) -> None:
    """Questions about a vacancy that is filled or cancelled are settled, and whoever was asked is told; talks go on until somebody ends them."""
    assert isinstance(obj, Vacancy)
    waiting = Match.objects.filter(vacancy=obj, state__in=("proposed", "confirmed", "contacted", "one_yes"))
    for match in waiting.order_by("pk"):
        asked = match.state in {"contacted", "one_yes"}
        match = advance(match, "refuse" if asked else "decline", by=None, reason="filled", ended_reason="filled")
        if asked:
            mail_declined(match, Side.PERSON)
