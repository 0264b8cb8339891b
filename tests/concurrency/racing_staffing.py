"""Races of the staffing room: answers, proposals, signatures, erasure, appointments (part of ``tests.concurrency.racing``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

STAFFING_RACES = (
    "answering_one_link_twice",
    "saying_yes_on_both_sides",
    "asking_both_sides_twice",
    "proposing_one_person_twice",
    "proposing_while_erasing",
    "erasing_while_an_answer_arrives",
    "refusing_while_erasing",
    "withdrawing_while_refusing",
    "making_one_contract_twice",
    "signing_twice",
    "bringing_into_force_twice",
    "erasing_while_a_contract_is_signed",
    "moving_and_cancelling_an_appointment",
    "entering_one_pay_band_twice",
)


class StaffingRaces:
    """Mixed into ``Races``: ``cast``, ``number`` and :func:`race` come from there."""

    cast: Any
    number: int
    race: Callable[..., list[str]]
    _made: Any = None

    @property
    def staffing(self) -> Any:
        from stellwerk.staffing.tests.company import build_staffing

        if self._made is None:
            self._made = build_staffing(self.cast)
            self._made.users["ronja"] = self._second_recruiter()
            vacancy = self._made.vacancies["online"]
            vacancy.positions = 500  # a signed contract does not fill it for the next race
            vacancy.save()
        return self._made

    def _second_recruiter(self) -> Any:
        from stellwerk.core.models import Grant, Scope, User

        user = User.objects.create(email="ronja@example.com", password="!", name="Ronja Feld", language="en")
        Grant.objects.create(user=user, role="recruiter", scope=Scope.ORGANISATION)
        return user

    def _person(self) -> Any:
        """Somebody new, with a consent: each race has its own."""
        from django.utils import timezone

        from stellwerk.staffing.models import Consent, Profile

        self.number += 1
        profile = Profile.objects.create(
            key=f"PRF-R{self.number}", organisation=self.staffing.cast.organisation, first_name="Rita", last_name=f"Rasch{self.number}",
            kind="freelancer", email=f"rasch{self.number}@example.org", state="active", asks=90_00, workload_most=100,
            partner=None,
        )  # fmt: skip
        Consent.objects.create(
            profile=profile, kind="process", text_version="1", given_at=timezone.now(), expires=dt.date(2099, 1, 1)
        )
        return profile

    def _asked(self, profile: Any) -> tuple[Any, dict[str, str]]:
        """A match of which both sides were asked, and their links."""
        from stellwerk.staffing.services import contacting, matching

        made = self.staffing
        match = matching.propose(vacancy=made.vacancies["online"], profile=profile, by=made.rosa, override="x" * 30)
        match = contacting.ask_both(match=match, by=made.rosa)
        return match, {side: self._link(match, side) for side in ("company", "person")}

    def _link(self, match: Any, side: str) -> str:
        from stellwerk.core.models import ApiToken
        from stellwerk.staffing.models import Answer

        token = f"link-{match.pk}-{side}"
        Answer.objects.filter(match=match, side=side).update(digest=ApiToken.digest_of(token))
        return token

    def _answer(self, token: str, yes: bool) -> None:
        from stellwerk.staffing.services.contacting import give_answer

        give_answer(token=token, yes=yes, reason="" if yes else "skills")

    def answering_one_link_twice(self) -> tuple[list[str], list[str]]:
        """A double click, and two windows: yes and no. One of them counts, the other is told that it is settled."""
        from stellwerk.core.models import AuditEntry
        from stellwerk.staffing.models import Match

        match, links = self._asked(self._person())
        got = self.race(lambda: self._answer(links["person"], True), lambda: self._answer(links["person"], False))
        after = Match.objects.get(pk=match.pk)
        told = AuditEntry.objects.filter(entity_type="staffing.match", entity_id=match.pk, verb="answer").count()
        wanted = "one_yes" if got[0] == "ok" else "declined"
        return got, _one_winner(got) + (
            [] if (after.state, told) == (wanted, 1) else [f"{after.state}, {told} answers"]
        )

    def saying_yes_on_both_sides(self) -> tuple[list[str], list[str]]:
        """Both at the same moment: names are revealed once, to each."""
        from stellwerk.core.models import Mail
        from stellwerk.staffing.models import Match

        profile = self._person()
        match, links = self._asked(profile)
        Mail.objects.all().delete()
        got = self.race(*(lambda link=link: self._answer(link, True) for link in links.values()))
        after = Match.objects.get(pk=match.pk)
        mails = Mail.objects.filter(to=profile.email).count()
        fine = got == ["ok", "ok"] and after.state == "both_yes" and after.revealed_at is not None and mails == 1
        return got, [] if fine else [f"{got}, {after.state}, {mails} mails to the person"]

    def asking_both_sides_twice(self) -> tuple[list[str], list[str]]:
        from stellwerk.core.models import Mail
        from stellwerk.staffing.services import contacting, matching

        made, profile = self.staffing, self._person()
        match = matching.propose(vacancy=made.vacancies["online"], profile=profile, by=made.rosa, override="x" * 30)
        Mail.objects.all().delete()
        got = self.race(*(lambda by=by: contacting.ask_both(match=match, by=by) for by in (made.rosa, made.ronja)))
        counts = (match.answers.count(), Mail.objects.filter(to=profile.email).count())
        return got, _one_winner(got) + ([] if counts == (2, 1) else [f"answers and mails: {counts}"])

    def proposing_one_person_twice(self) -> tuple[list[str], list[str]]:
        """Two recruiters propose the same person for the same vacancy."""
        from stellwerk.staffing.models import Match
        from stellwerk.staffing.services import matching

        made, profile = self.staffing, self._person()
        got = self.race(
            *(
                lambda by=by: matching.propose(
                    vacancy=made.vacancies["online"], profile=profile, by=by, override="x" * 30
                )
                for by in (made.rosa, made.ronja)
            )
        )
        count = Match.objects.filter(profile=profile).count()
        return got, _one_winner(got) + ([] if count == 1 else [f"{count} matches"])

    def proposing_while_erasing(self) -> tuple[list[str], list[str]]:
        """Whoever is first: nobody who is erased is compared, and no open match of them stays."""
        from stellwerk.staffing.services import matching
        from stellwerk.staffing.services.erasing import erase_profile

        made, profile = self.staffing, self._person()
        got = self.race(
            lambda: erase_profile(profile=profile, by=made.rosa),
            lambda: matching.propose(
                vacancy=made.vacancies["online"], profile=profile, by=made.ronja, override="x" * 30
            ),
        )
        return got, _erased(profile) + ([] if got[0] == "ok" and got[1] in ("ok", "Refused") else [f"got {got}"])

    def _erasing_and(self, yes: bool) -> tuple[list[str], list[str]]:
        from stellwerk.staffing.services.erasing import erase_profile

        made, profile = self.staffing, self._person()
        _match, links = self._asked(profile)
        self._answer(links["company"], True)
        got = self.race(
            lambda: erase_profile(profile=profile, by=made.rosa), lambda: self._answer(links["person"], yes)
        )
        return got, _erased(profile) + ([] if got[0] == "ok" and got[1] in ("ok", "LinkDead") else [f"got {got}"])

    def erasing_while_an_answer_arrives(self) -> tuple[list[str], list[str]]:
        return self._erasing_and(yes=True)

    def refusing_while_erasing(self) -> tuple[list[str], list[str]]:
        return self._erasing_and(yes=False)

    def withdrawing_while_refusing(self) -> tuple[list[str], list[str]]:
        """The person withdraws the consent while the company says no: both end the match, and the profile is locked once."""
        from stellwerk.staffing.models import Consent, Match, Profile
        from stellwerk.staffing.services.consents import withdraw

        made, profile = self.staffing, self._person()
        match, links = self._asked(profile)
        consent = Consent.objects.get(profile=profile)
        got = self.race(lambda: withdraw(consent=consent, by=made.rosa), lambda: self._answer(links["company"], False))
        states = (Match.objects.get(pk=match.pk).state, Profile.objects.get(pk=profile.pk).state)
        fine = got[0] == "ok" and got[1] in ("ok", "LinkDead") and states == ("declined", "locked")
        return got, [] if fine else [f"{got}, {states}"]

    def _contract(self, profile: Any) -> Any:
        """A freelance contract that is sent and waits for its signatures."""
        from stellwerk.staffing.tests.hiring import draft, sent

        made = self.staffing
        made.profiles["racing"] = profile
        return sent(made, draft(made, "racing", first=dt.date(2099, 1, 5), last=dt.date(2099, 6, 30)))

    def making_one_contract_twice(self) -> tuple[list[str], list[str]]:
        from stellwerk.staffing.models import Contract
        from stellwerk.staffing.services.contracts import contract_from_match

        made, profile = self.staffing, self._person()
        match, links = self._asked(profile)
        for link in links.values():
            self._answer(link, True)
        got = self.race(*(lambda by=by: contract_from_match(match=match, by=by) for by in (made.rosa, made.ronja)))
        count = Contract.objects.filter(profile=profile).count()
        return got, _one_winner(got) + ([] if count == 1 else [f"{count} contracts"])

    def signing_twice(self) -> tuple[list[str], list[str]]:
        """Two record the same signature: it stands there once."""
        from stellwerk.staffing.services.contracts import record_signature

        made = self.staffing
        contract = self._contract(self._person())
        got = self.race(
            *(
                lambda by=by: record_signature(
                    contract=contract, side="us", name="R. Stein", way="text", signed_on=dt.date(2026, 1, 5), by=by
                )
                for by in (made.rosa, made.ronja)
            )
        )
        count = contract.signatures.filter(side="us").count()
        return got, [] if got == ["ok", "ok"] and count == 1 else [f"got {got}, {count} signatures"]

    def _signed(self, contract: Any) -> None:
        from stellwerk.staffing.selectors.contracts import sides_of
        from stellwerk.staffing.services.contracts import record_signature

        for side in sides_of(contract):
            record_signature(
                contract=contract, side=side, name="S", way="text", signed_on=dt.date(2026, 1, 5), by=self.staffing.rosa
            )

    def bringing_into_force_twice(self) -> tuple[list[str], list[str]]:
        """The step that brings the person into the plan is taken twice: one person, one step."""
        from stellwerk.core.models import AuditEntry
        from stellwerk.core.states import advance
        from stellwerk.staffing.models import Contract

        made = self.staffing
        contract = self._contract(self._person())
        self._signed(contract)
        rows = [(Contract.objects.get(pk=contract.pk), by) for by in (made.rosa, made.ronja)]
        got = self.race(*(lambda row=row, by=by: advance(row, "sign", by=by) for row, by in rows))
        steps = AuditEntry.objects.filter(
            entity_type="staffing.contract", entity_id=contract.pk, changes__has_key="state", verb="sign"
        ).count()
        return got, _one_winner(got) + ([] if steps == 1 else [f"{steps} steps"])

    def erasing_while_a_contract_is_signed(self) -> tuple[list[str], list[str]]:
        """Either the contract runs and nothing is erased, or all is erased and no contract runs."""
        from stellwerk.core.states import advance
        from stellwerk.staffing.models import Contract, Profile
        from stellwerk.staffing.services.erasing import erase_profile

        made, profile = self.staffing, self._person()
        contract = self._contract(profile)
        self._signed(contract)
        got = self.race(
            lambda: erase_profile(profile=profile, by=made.rosa),
            lambda: advance(Contract.objects.get(pk=contract.pk), "sign", by=made.ronja),
        )
        erased = Profile.objects.get(pk=profile.pk).state == "erased"
        state = Contract.objects.get(pk=contract.pk).state
        fine = (erased, state) in {(True, "terminated"), (False, "signed")}
        return got, _one_winner(got) + ([] if fine else [f"erased: {erased}, contract {state}"])

    def moving_and_cancelling_an_appointment(self) -> tuple[list[str], list[str]]:
        """Cancelled in the end, whoever was first; each invitation that went out has a number of its own."""
        from django.utils import timezone

        from stellwerk.core.models import Mail
        from stellwerk.staffing.models import Match
        from stellwerk.staffing.services import appointments

        made, profile = self.staffing, self._person()
        match, links = self._asked(profile)
        for link in links.values():
            self._answer(link, True)
        match = Match.objects.get(pk=match.pk)
        soon = timezone.now() + dt.timedelta(days=3)
        row = appointments.invite(match=match, starts=soon, minutes=30, place="Video", by=made.rosa)
        Mail.objects.all().delete()
        later, uid = soon + dt.timedelta(days=1), str(row.uid)
        got = self.race(
            lambda: appointments.move(match=match, uid=uid, starts=later, minutes=30, place="Video", by=made.rosa),
            lambda: appointments.cancel(match=match, uid=uid, by=made.ronja),
        )
        row.refresh_from_db()
        mails = Mail.objects.filter(to=profile.email).count()
        fine = got[1] == "ok" and got[0] in ("ok", "WrongState") and row.cancelled_at is not None
        fine = fine and row.sequence == got.count("ok") == mails
        return got, [] if fine else [f"{got}, sequence {row.sequence}, {mails} mails"]

    def entering_one_pay_band_twice(self) -> tuple[list[str], list[str]]:
        from stellwerk.people.models import Role
        from stellwerk.staffing.models import PayBand
        from stellwerk.staffing.services.pay_bands import create_band

        made = self.staffing
        self.number += 1
        role = Role.objects.create(key=f"ROL-R{self.number}", name=f"Rolle {self.number}")
        values = {"organisation": self.cast.organisation, "role": role, "least": 1, "most": 2, "unit": "year", "source": "x", "day": dt.date(2026, 1, 1)}  # fmt: skip
        got = self.race(*(lambda by=by: create_band(values=values, by=by) for by in (made.rosa, made.ronja)))
        got = ["Refused" if row.startswith("Invalid") else row for row in got]
        count = PayBand.objects.filter(role=role).count()
        return got, _one_winner(got) + ([] if count == 1 else [f"{count} bands"])


def _erased(profile: Any) -> list[str]:
    """Everything of the person is gone, and nothing of them goes on."""
    from stellwerk.core.models import Mail
    from stellwerk.staffing.models import Answer, Match, Profile

    row = Profile.objects.get(pk=profile.pk)
    wrong = [] if (row.state, row.email, row.last_name) == ("erased", "", row.key) else [f"profile {row.state} {row}"]
    live = Match.objects.filter(profile=profile).exclude(state__in=("declined", "ended", "expired"))
    wrong += [f"match {match.state}" for match in live]
    wrong += ["reasons are kept" for match in Match.objects.filter(profile=profile) if match.reasons or match.override]
    wrong += ["words of an answer are kept" for _row in Answer.objects.filter(match__profile=profile).exclude(text="")]
    told = [mail for mail in Mail.objects.all() if profile.last_name in f"{mail.subject} {mail.text} {mail.to}"]
    return wrong + [f"{len(told)} mails name the person"] * bool(told)


def _one_winner(got: list[str]) -> list[str]:
    from tests.concurrency.racing import LOST

    fair = got.count("ok") == 1 and all(row == "ok" or row in LOST for row in got)
    return [] if fair else [f"got {got}"]
