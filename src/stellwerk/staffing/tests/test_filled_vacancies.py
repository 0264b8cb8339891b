"""A vacancy that is filled or cancelled leaves nobody waiting for an answer."""

from __future__ import annotations

import pytest

from stellwerk.core.models import Mail
from stellwerk.core.states import advance
from stellwerk.staffing.models import Match
from stellwerk.staffing.services import contacting, matching
from stellwerk.staffing.services.contacting import LinkDead
from stellwerk.staffing.tests.company import match_of

STEPS = [("fill", ""), ("cancel", "The project is postponed.")]


@pytest.mark.parametrize(("step", "reason"), STEPS)
def test_questions_are_settled_and_who_was_asked_is_told_without_a_name(staffed, step, reason):
    vacancy = staffed.vacancies["online"]
    match = matching.propose(vacancy=vacancy, profile=staffed.profiles["frida"], by=staffed.rosa)
    match = contacting.ask_both(match=match, by=staffed.rosa)
    Mail.objects.all().delete()
    advance(vacancy, step, by=staffed.rosa, reason=reason)
    match.refresh_from_db()
    assert (match.state, match.ended_reason) == ("declined", "filled")
    mail = Mail.objects.get(to="frida@example.com")
    assert "Weserstahl" not in mail.subject + mail.text
    for answer in match.answers.all():
        with pytest.raises(LinkDead):
            contacting.give_answer(answer=answer, yes=True)


@pytest.mark.parametrize("state", ["proposed", "confirmed"])
def test_who_was_only_proposed_is_declined_and_nobody_is_written_to(staffed, state):
    match = match_of(staffed, key="MAT-0001", state=state)
    advance(staffed.vacancies["online"], "fill", by=staffed.rosa)
    match.refresh_from_db()
    assert (match.state, match.ended_reason) == ("declined", "filled") and not Mail.objects.exists()


@pytest.mark.parametrize("state", ["both_yes", "conversation", "contract", "ended", "expired"])
def test_talks_and_contracts_stay_as_they_are(staffed, state):
    match = match_of(staffed, key="MAT-0001", state=state)
    advance(staffed.vacancies["online"], "fill", by=staffed.rosa)
    assert Match.objects.get(pk=match.pk).state == state
