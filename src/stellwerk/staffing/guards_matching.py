"""What keeps a match from being moved past its services: nobody counts as asked without a question, nobody as refused without a reason."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import effect, guard
from stellwerk.staffing.choices import Side
from stellwerk.staffing.models import Match
from stellwerk.staffing.services.appointments import cancel_coming

MATCH = "staffing.match"


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
