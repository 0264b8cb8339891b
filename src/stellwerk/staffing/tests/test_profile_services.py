"""Profiles through the services: who may, contradictory wishes, partners, consents, retention, erasure."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.models import AuditEntry, Comment, Mail, Notification, User
from stellwerk.core.states import advance
from stellwerk.staffing.models import Consent, Profile, Reading, Registration, ScoreLog, TalkNote
from stellwerk.staffing.services import consents, erasing
from stellwerk.staffing.services.contacting import end_talks
from stellwerk.staffing.services.profiles import create_profile, edit_profile, lock_profile
from stellwerk.staffing.services.registrations import confirm, register
from stellwerk.staffing.tests.company import Staffing, contract_of, match_of

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 1)


def values(**more: Any) -> dict[str, Any]:
    return {"kind": "applicant", "first_name": "Nora", "last_name": "Falk", "email": "Nora@Example.com"} | more


# ── making and changing ──────────────────────────────────────────────────────────────────────────


def test_a_recruiter_makes_a_profile_and_a_project_manager_may_not(staffed: Staffing) -> None:
    profile = create_profile(values=values(), by=staffed.rosa)
    assert (profile.state, profile.email, profile.organisation) == (
        "draft",
        "nora@example.com",
        staffed.cast.organisation,
    )
    with pytest.raises(NotAllowed):
        create_profile(values=values(), by=staffed.cast.paul)


def test_a_partner_makes_candidates_of_its_own_only(staffed: Staffing) -> None:
    profile = create_profile(values=values(partner=staffed.other_partner), by=staffed.pia)
    assert profile.partner == staffed.partner
    with pytest.raises(NotAllowed):
        edit_profile(profile=staffed.profiles["pavels"], values={"city": "Kiel"}, by=staffed.pia)
    with pytest.raises(Invalid):
        create_profile(values=values(kind="employee"), by=staffed.pia)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"workload_least": 80, "workload_most": 50}, "workload_most"),
        ({"workload_least": 60, "workload_most": 80, "workload_wish": 100}, "workload_wish"),
        ({"asks": 100_00, "pay_wish": 90_00}, "pay_wish"),
        ({"team_least": 9, "team_most": 3}, "team_most"),
        ({"radius": 50, "city": ""}, "city"),
        ({"contract_forms": ["freelance"], "pay_unit": "year"}, "pay_unit"),
    ],
)
def test_contradictory_wishes_are_explained_at_the_field(staffed: Staffing, wishes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_profile(values=values(**wishes), by=staffed.rosa)
    assert list(refused.value.errors) == [field]


def test_a_locked_profile_is_not_changed(staffed: Staffing) -> None:
    lock_profile(profile=staffed.profiles["frida"], by=staffed.rosa, reason="no longer looking")
    with pytest.raises(WrongState):
        edit_profile(profile=staffed.profiles["frida"], values={"city": "Kiel"}, by=staffed.frida)


def test_nobody_becomes_active_without_a_living_consent(staffed: Staffing) -> None:
    profile = create_profile(values=values(), by=staffed.rosa)
    with pytest.raises(WrongState, match="consent"):
        advance(profile, "activate", by=staffed.rosa)
    with pytest.raises(Invalid):
        consents.give(profile=profile, kind="process", by=staffed.rosa)
    consents.give(profile=profile, kind="process", by=staffed.rosa, evidence="on the phone, 1 December")
    assert advance(profile, "activate", by=staffed.rosa).state == "active"


# ── consents ─────────────────────────────────────────────────────────────────────────────────────


def test_a_consent_goes_from_given_to_renewed_to_withdrawn(staffed: Staffing) -> None:
    row = Consent.objects.get(profile=staffed.profiles["frida"], kind="pool")
    row = consents.renew(consent=row, by=staffed.frida)
    assert (row.state, row.expires) == ("renewed", timezone.localdate() + dt.timedelta(days=365))
    assert row.text_version == consents.text_version()
    row = consents.withdraw(consent=row, by=staffed.frida)
    assert row.state == "withdrawn" and row.ended_at is not None
    with pytest.raises(WrongState):
        consents.renew(consent=row, by=staffed.frida)
    with pytest.raises(NotAllowed):
        consents.withdraw(consent=Consent.objects.filter(profile=staffed.profiles["fabian"])[0], by=staffed.frida)


def test_without_any_consent_a_profile_is_locked_at_once(staffed: Staffing) -> None:
    profile = staffed.profiles["frida"]
    for row in profile.consents.all():
        consents.withdraw(consent=row, by=staffed.frida)
    profile.refresh_from_db()
    assert (profile.state, profile.erase_on) == ("locked", timezone.localdate() + dt.timedelta(days=1))


def test_a_withdrawal_ends_the_question_to_the_other_side(staffed: Staffing) -> None:
    match = match_of(
        staffed, "frida", key="MAT-0001", state="conversation", contacted_at=timezone.now(), revealed_at=timezone.now()
    )
    for row in staffed.profiles["frida"].consents.all():
        consents.withdraw(consent=row, by=staffed.frida)
    match.refresh_from_db()
    staffed.profiles["frida"].refresh_from_db()
    assert match.state == "ended"
    assert staffed.profiles["frida"].state == "locked"
    assert staffed.profiles["frida"].erase_on == timezone.localdate() + dt.timedelta(days=183)
    told = Notification.objects.filter(user=staffed.klaus, kind="staffing.withdrawn")
    assert told.count() == 1 and "Frida" not in told[0].title + told[0].text


def test_a_reminder_is_mailed_once_a_month_before_the_end(staffed: Staffing) -> None:
    Consent.objects.filter(profile=staffed.profiles["pias"], kind="pool").update(expires=TODAY + dt.timedelta(days=30))
    assert (consents.remind_due(TODAY), consents.remind_due(TODAY)) == (1, 0)
    mail = Mail.objects.get(to="lena@example.com")
    token = mail.text.rsplit("/", 1)[1].split()[0]
    row = consents.consent_of(token)
    assert row is not None and row.profile == staffed.profiles["pias"]
    assert consents.consent_of(token + "x") is None


def test_an_expired_consent_locks_and_the_lock_ends_in_erasure(staffed: Staffing) -> None:
    profile = staffed.profiles["pias"]
    Consent.objects.filter(profile=profile).update(expires=TODAY - dt.timedelta(days=1))
    assert consents.expire_due(TODAY) == 2
    profile.refresh_from_db()
    assert profile.state == "locked"
    assert profile.erase_on is not None
    assert erasing.erase_due(profile.erase_on - dt.timedelta(days=1)) == 0
    assert erasing.erase_due(profile.erase_on) == 1
    profile.refresh_from_db()
    assert (profile.state, profile.first_name, profile.email) == ("erased", "–", "")


def test_locked_on_rejection_and_kept_by_a_pool_consent_only(staffed: Staffing) -> None:
    """AGG § 15(4): six months; the pool needs a consent of its own."""
    Consent.objects.filter(profile=staffed.profiles["frida"], kind="pool").update(state="withdrawn")
    for code in ("frida", "fabian"):
        match = match_of(staffed, code, key=f"MAT-{code}", state="conversation", contacted_at=timezone.now())
        end_talks(match=match, by=staffed.rosa, code="experience", reason="another person knows plant construction")
    staffed.profiles["frida"].refresh_from_db()
    staffed.profiles["fabian"].refresh_from_db()
    assert staffed.profiles["frida"].state == "locked"
    assert staffed.profiles["frida"].erase_on == timezone.localdate() + dt.timedelta(days=183)
    assert staffed.profiles["fabian"].state == "active"


# ── erasure ──────────────────────────────────────────────────────────────────────────────────────


def test_erasure_during_a_process_stops_it_and_leaves_no_word(staffed: Staffing, settings: Any) -> None:
    """GDPR Art. 17: history, texts of others, logs; the other side is told without personal data."""
    profile, user = staffed.profiles["frida"], staffed.frida
    match = match_of(
        staffed,
        "frida",
        key="MAT-0001",
        state="conversation",
        revealed_at=timezone.now(),
        reasons={"name": "Frida Winter"},
    )
    TalkNote.objects.create(match=match, author=staffed.rosa, text="Frida Winter was convincing")
    ScoreLog.objects.create(vacancy=match.vacancy, profile=profile, engine_version="1", input={"city": "Bremen"})
    Comment.objects.create(entity_type="portfolio.project", entity_id=1, author=staffed.rosa, text="Ask Frida Winter")
    edit_profile(profile=profile, values={"headline": "Controllerin", "city": "Kiel"}, by=user)
    erasing.erase_profile(profile=profile, by=user)
    profile.refresh_from_db()
    match.refresh_from_db()
    user.refresh_from_db()
    assert (profile.state, match.state, match.reasons) == ("erased", "ended", {})
    assert not user.is_active and user.email.startswith("erased-")
    assert not profile.terms.exists() and not TalkNote.objects.exists()
    assert ScoreLog.objects.get().input == {}
    assert "Frida" not in Comment.objects.get().text
    history = json.dumps(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert not any(word in history for word in ("Frida", "Kiel", "Controllerin"))
    told = Notification.objects.get(user=staffed.klaus, kind="staffing.withdrawn")
    assert "Frida" not in told.title + told.text + told.url


def test_a_running_contract_keeps_what_the_law_asks(staffed: Staffing) -> None:
    contract_of(staffed, "frida", state="active", key="CON-0009")
    with pytest.raises(Refused, match="CON-0009"):
        erasing.erase_profile(profile=staffed.profiles["frida"], by=staffed.frida)
    staffed.profiles["frida"].refresh_from_db()
    assert staffed.profiles["frida"].first_name == "Frida"


def test_only_oneself_and_a_recruiter_may_erase(staffed: Staffing) -> None:
    for user in (staffed.fabian, staffed.pia, staffed.klaus, staffed.cast.paul):
        with pytest.raises(NotAllowed):
            erasing.erase_profile(profile=staffed.profiles["frida"], by=user)
    assert (
        erasing.erase_profile(profile=staffed.profiles["pias"], by=staffed.rosa, reason="asked by mail").state
        == "erased"
    )


@pytest.mark.django_db(transaction=True)
def test_an_erased_profile_stays_erased_after_a_restore(staffed: Staffing) -> None:
    profile = staffed.profiles["pias"]
    erasing.erase_profile(profile=profile, by=staffed.rosa)
    Profile.objects.filter(pk=profile.pk).update(first_name="Lena", last_name="Brook", state="active")
    assert erasing.reapply_erasures() == 1
    profile.refresh_from_db()
    assert (profile.first_name, profile.state) == ("–", "erased")


# ── entrances ────────────────────────────────────────────────────────────────────────────────────

SAID = {"first_name": "Nora", "last_name": "Falk", "skills": "Projektcontrolling, MS Project", "pool": True}
PASSWORD = "blue-harbour-seven-owls"


def token_in(mail: Mail) -> str:
    return next(line for line in mail.text.split("\n") if "/join/confirm/" in line).rsplit("/", 1)[1]


def test_a_registration_becomes_an_account_with_a_profile_once(staffed: Staffing) -> None:
    register(entrance="freelancer", email="Nora@Example.com", data=SAID, language="en")
    token = token_in(Mail.objects.get(to="nora@example.com"))
    assert token not in json.dumps(list(Registration.objects.values("digest", "data")), default=str)
    with pytest.raises(Invalid):
        confirm(token=token, password="short")
    profile = confirm(token=token, password=PASSWORD)
    assert (profile.kind, profile.state, profile.pay_unit) == ("freelancer", "active", "hour")
    assert {row.term.code for row in profile.terms.all()} == {"controlling", "ms_project"}
    assert sorted(profile.consents.values_list("kind", flat=True)) == ["pool", "process"]
    assert profile.user is not None and profile.user.check_password(PASSWORD)
    assert list(profile.user.grants.values_list("role", "scope")) == [("candidate", "self")]
    with pytest.raises(Refused) as refused:
        confirm(token=token, password=PASSWORD)
    assert refused.value.code == "link_used"
    assert Registration.objects.get().data == {}


def test_an_old_or_invented_link_is_explained(staffed: Staffing) -> None:
    register(entrance="applicant", email="nora@example.com", data=SAID, language="en")
    token = token_in(Mail.objects.get(to="nora@example.com"))
    Registration.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    for one, code in ((token, "link_expired"), ("invented", "link_unknown")):
        with pytest.raises(Refused) as refused:
            confirm(token=one, password=PASSWORD)
        assert refused.value.code == code
    assert not User.objects.filter(email="nora@example.com").exists()


def test_a_known_address_gets_a_mail_without_a_link_and_nobody_else_learns_of_it(staffed: Staffing) -> None:
    register(entrance="applicant", email="frida@example.com", data=SAID, language="en")
    mail = Mail.objects.get(to="frida@example.com")
    assert "/join/confirm/" not in mail.text and "sign in" in mail.text


def test_nobody_floods_an_address_with_mails(staffed: Staffing) -> None:
    for _number in range(3):
        register(entrance="applicant", email="nora@example.com", data=SAID, language="en")
    with pytest.raises(Refused):
        register(entrance="applicant", email="NORA@example.com", data=SAID, language="en")
    assert Mail.objects.filter(to="nora@example.com").count() == 3


def test_the_daily_job_forgets_what_was_never_confirmed(staffed: Staffing) -> None:
    from stellwerk.staffing.jobs_profiles import profiles_daily

    register(entrance="applicant", email="nora@example.com", data=SAID, language="en")
    Registration.objects.update(expires_at=timezone.now() - dt.timedelta(days=8))
    Reading.objects.create(profile=staffed.profiles["frida"], name="cv.pdf", data={})
    Reading.objects.update(created_at=timezone.now() - dt.timedelta(days=31))

    class Still:
        def step(self, *args: Any) -> None:
            pass

    found = profiles_daily(Still())  # type: ignore[arg-type]
    assert found["forgotten"] == 2
    assert not Registration.objects.exists() and not Reading.objects.exists()
