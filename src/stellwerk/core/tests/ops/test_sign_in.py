"""Sign-in by password, two factors and OpenID Connect; the first administrator; the demo's cast."""

import datetime as dt
import time
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from stellwerk.core import first_start
from stellwerk.core.auth import DEMO_CAST, DemoPerson
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import AuditEntry, Grant, Setting, User
from stellwerk.core.tests.ops.provider import CLIENT, SECRET, Provider
from stellwerk.testing import PASSWORD


@pytest.fixture(autouse=True)
def no_limits_of_other_tests():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, email="paul@example.com", password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


# ── password ─────────────────────────────────────────────────────────────────────────────────────


def test_a_user_signs_in_with_address_and_password(cast, client):
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(cast.paul.pk)


def test_the_case_of_the_address_does_not_matter(cast, client):
    assert sign_in(client, "Paul@Example.com").status_code == 302


def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(cast, client):
    wrong = sign_in(client, password="wrong")
    unknown = sign_in(client, "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 200
    texts = [list(answer.context["form"].non_field_errors()) for answer in (wrong, unknown)]
    assert texts[0] == texts[1] != []


def test_a_closed_account_cannot_sign_in(cast, client):
    User.objects.filter(pk=cast.paul.pk).update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_even_the_right_one_waits(cast, client):
    for _attempt in range(5):
        sign_in(client, password="wrong")
    answer = sign_in(client, headers={"Accept-Language": "en"})
    assert "_auth_user_id" not in client.session
    assert "Too many" in answer.text
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), "petra@example.com").status_code == 302, "others are not kept out"


def test_the_session_gets_a_new_key_at_sign_in(cast, client):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client)
    assert client.session.session_key != before


def test_visitors_cannot_open_an_account(db, client):
    client.post(
        "/accounts/signup/",
        {"email": "a@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_a_forgotten_password_is_reset_through_the_mail_queue(cast, client, mailoutbox):
    client.post("/accounts/password/reset/", {"email": "paul@example.com"})
    assert mailoutbox == [], "nothing is sent inside the request"
    run_pending()
    link = next(word for word in mailoutbox[0].body.split() if "/accounts/password/reset/key/" in word)
    page = client.get(urlsplit(link).path, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "another-horse-battery", "password2": "another-horse-battery"})
    assert sign_in(client, password="another-horse-battery").status_code == 302


def test_a_user_without_a_role_is_told_whom_to_ask(cast, client):
    answer = sign_in(client, "uwe@example.com")
    assert answer.headers["Location"] == "/no-roles/"
    page = client.get("/no-roles/")
    assert "Ask your administrator" in page.text
    assert "Ada Keller" in page.text
    assert client.get("/").headers["Location"] == "/no-roles/"
    assert cast.client("paul").get("/no-roles/").headers["Location"] == "/"


# ── two factors ──────────────────────────────────────────────────────────────────────────────────


def code_of(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_two_factors_are_switched_on_asked_for_and_recovery_codes_replace_them(cast, client):
    sign_in(client)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/"), "the password again, for so grave a step"
    page = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302
    recovery = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(recovery) == 10
    client.post("/accounts/logout/")

    second = Client()
    answer = sign_in(second)
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in second.session, "the password alone is not enough"
    assert second.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert second.post("/accounts/2fa/authenticate/", {"code": recovery[0]}).status_code == 302
    assert second.session["_auth_user_id"] == str(cast.paul.pk)

    third = Client()
    sign_in(third)
    third.post("/accounts/2fa/authenticate/", {"code": recovery[0]})
    assert "_auth_user_id" not in third.session, "a recovery code works once"


# ── OpenID Connect ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def provider(settings):
    server = Provider()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "company", "name": "Nordlicht", "client_id": CLIENT, "secret": SECRET,
                    "settings": {"server_url": server.url, "oauth_pkce_enabled": True, "verified_email": False},
                }
            ]
        }
    }  # fmt: skip
    yield server
    server.close()


def through(provider, client, **person):
    """Follow the whole way: our button, the provider, back to us."""
    provider.person = {"sub": "4711", "name": "Nina Neu", **person}
    there = client.get("/accounts/oidc/company/login/")
    assert there.status_code == 302
    back = requests.get(there.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def test_the_sign_in_page_offers_the_companys_provider(provider, db, client):
    assert "/accounts/oidc/company/login/" in client.get("/accounts/login/").text


def test_an_unknown_person_gets_an_account_without_any_role(provider, cast, client):
    answer = through(provider, client, email="nina@example.com", email_verified=True)
    assert answer.headers["Location"] == "/no-roles/"
    user = User.objects.get(email="nina@example.com")
    assert (user.name, user.grants.count(), user.has_usable_password()) == ("Nina Neu", 0, False)
    assert AuditEntry.objects.filter(entity_type="core.user", entity_id=user.pk, verb="create").count() == 1
    again = Client()
    through(provider, again, email="nina@example.com", email_verified=True)
    assert again.session["_auth_user_id"] == str(user.pk)


def test_an_existing_account_is_linked_by_its_verified_address_and_keeps_its_password(provider, cast, client):
    answer = through(provider, client, email="Paul@example.com", email_verified=True)
    assert answer.headers["Location"] == "/"
    assert SocialAccount.objects.get(uid="4711").user == cast.paul
    assert AuditEntry.objects.filter(entity_type="core.user", entity_id=cast.paul.pk, verb="link").count() == 1
    cast.paul.refresh_from_db()
    assert cast.paul.check_password(PASSWORD)


def test_an_address_that_the_provider_did_not_confirm_links_nothing_and_creates_nothing(provider, cast, client):
    count = User.objects.count()
    for email in ("paul@example.com", "new@example.com"):
        answer = through(provider, client, email=email, email_verified=False)
        assert answer.status_code == 403
        assert "not confirmed" in answer.text
    assert "_auth_user_id" not in client.session
    assert (User.objects.count(), SocialAccount.objects.count()) == (count, 0)


def test_a_closed_account_stays_closed_for_the_provider_too(provider, cast, client):
    User.objects.filter(pk=cast.paul.pk).update(is_active=False)
    through(provider, client, email="paul@example.com", email_verified=True)
    assert "_auth_user_id" not in client.session
    assert User.objects.filter(email__iexact="paul@example.com").count() == 1


def test_a_forged_answer_with_a_foreign_state_signs_nobody_in(provider, cast, client):
    client.get("/accounts/oidc/company/login/")
    answer = client.get("/accounts/oidc/company/login/callback/?code=code-1&state=forged")
    assert answer.status_code in {200, 401, 403}
    assert "_auth_user_id" not in client.session


# ── the first administrator ──────────────────────────────────────────────────────────────────────

FORM = {
    "name": "Petra Brandt",
    "email": "petra@firma.de",
    "password": "right-horse-battery",
    "again": "right-horse-battery",
}


def test_the_printed_link_creates_the_first_administrator_once(db, client):
    token = first_start.new_token()
    assert (
        "Create the first administrator" in client.get(f"/setup/?token={token}", headers={"Accept-Language": "en"}).text
    )
    answer = client.post("/setup/", {**FORM, "token": token})
    assert answer.status_code == 302
    user = User.objects.get()
    assert set(user.grants.values_list("role", "scope")) == {
        ("administrator", "organisation"),
        ("pmo_lead", "organisation"),
    }
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Client().get(f"/setup/?token={token}").status_code == 404


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_token_nobody_is_created(db, client, token):
    first_start.new_token()
    assert client.get(f"/setup/?token={token}").status_code == 403
    assert client.post("/setup/", {**FORM, "token": token}).status_code == 403
    assert not User.objects.exists()


def test_an_old_token_and_a_token_older_than_a_week_do_not_work(db):
    first = first_start.new_token()
    second = first_start.new_token()
    assert not first_start.token_counts(first)
    assert first_start.token_counts(second)
    row = Setting.objects.get(name=first_start.TOKEN)
    row.value["created"] = (timezone.now() - dt.timedelta(days=8)).isoformat()
    row.save()
    assert not first_start.token_counts(second)


def test_a_weak_password_is_said_at_its_field_and_the_link_still_works(db, client):
    token = first_start.new_token()
    answer = client.post("/setup/", {**FORM, "token": token, "password": "short", "again": "short"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["password"]
    assert client.post("/setup/", {**FORM, "token": token}).status_code == 302


def test_once_somebody_exists_there_is_no_set_up(cast, client):
    assert client.get("/setup/?token=x").status_code == 404
    with pytest.raises(Refused):
        first_start.new_token()


def test_an_existing_account_becomes_administrator_without_a_new_password(cast):
    first_start.create_administrator(email="PAUL@example.com", name="", password="")
    assert Grant.objects.filter(user=cast.paul, role="administrator").count() == 1
    first_start.create_administrator(email="paul@example.com", name="", password="")
    assert Grant.objects.filter(user=cast.paul, role="administrator").count() == 1
    cast.paul.refresh_from_db()
    assert cast.paul.check_password(PASSWORD)


def test_an_unusable_address_creates_no_administrator(db):
    with pytest.raises(Invalid):
        first_start.create_administrator(email="nonsense", name="X", password="right-horse-battery")
    assert not User.objects.exists()


# ── the demo ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def demo_person(cast, monkeypatch):
    monkeypatch.setattr("stellwerk.core.auth.DEMO_CAST", DEMO_CAST)
    DEMO_CAST.append(DemoPerson("tests-paul", "Paul Jansen", "Project manager", "paul@example.com"))
    yield
    DEMO_CAST.pop()


def test_in_the_demo_one_click_signs_in(demo_person, cast, client, settings):
    settings.DEMO = True
    assert "/demo/sign-in/tests-paul" in client.get("/accounts/login/").text
    assert client.get("/demo/sign-in/tests-paul").status_code == 405
    assert client.post("/demo/sign-in/tests-paul").status_code == 302
    assert client.session["_auth_user_id"] == str(cast.paul.pk)
    assert client.post("/demo/sign-in/nobody").status_code == 404


def test_outside_the_demo_there_is_no_one_click_sign_in(demo_person, client, settings):
    settings.DEMO = False
    assert "/demo/sign-in/" not in client.get("/accounts/login/").text
    assert client.post("/demo/sign-in/tests-paul").status_code == 404
    assert "_auth_user_id" not in client.session
