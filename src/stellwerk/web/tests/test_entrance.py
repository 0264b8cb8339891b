"""Pages before and around the sign-in: the first start, one's own account, what a guest is told of errors."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from stellwerk.testing import Cast

ACCOUNT = ("/people/profile", "/accounts/email/", "/accounts/password/set/", "/accounts/2fa/", "/profile/tokens/")


def guest() -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_a_new_installation_says_at_the_sign_in_how_the_first_account_is_created(db: None) -> None:
    assert "stellwerk setup" in guest().get("/accounts/login/").content.decode()


def test_an_installation_with_an_account_says_nothing_of_setting_it_up(cast: Cast) -> None:
    assert "stellwerk setup" not in guest().get("/accounts/login/").content.decode()


def test_a_guest_is_told_of_an_error_without_search_bell_and_navigation(cast: Cast) -> None:
    answer = guest().get("/there-is-no-such-page")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "This page does not exist" in page and "or sign in" in page
    assert not any(f'class="{name}"' in page for name in ("find", "side", "botnav"))


def test_the_error_of_somebody_signed_in_keeps_the_navigation(cast: Cast) -> None:
    page = cast.client("petra").get("/there-is-no-such-page").content.decode()
    assert 'class="find"' in page


SIGNED_IN = (*ACCOUNT, "/accounts/2fa/totp/activate/", "/accounts/password/change/", "/accounts/logout/", "/accounts/3rdparty/")  # fmt: skip
AS_GUEST = ("login/", "password/reset/", "password/reset/done/", "password/reset/key/1-abc/", "inactive/", "signup/")


@pytest.mark.parametrize("path", [*SIGNED_IN, *(f"/accounts/{path}" for path in AS_GUEST)])
def test_no_words_of_the_sign_in_are_written_in_capitals(cast: Cast, path: str) -> None:
    """The English of allauth would say “Two-Factor Authentication” where Stellwerk says “Two-factor sign-in”."""
    page = (cast.client("petra") if path in SIGNED_IN else guest()).get(path, follow=True).content.decode()
    found = re.findall(r">\s*([A-Z][A-Za-z-]*(?: \(?[A-Z][a-z]+[a-z-]*)+)\s*<", page)
    assert [text for text in found if text != "Petra Brandt"] == []


@pytest.mark.parametrize("path", ACCOUNT)
def test_all_pages_of_ones_account_lead_to_each_other_the_api_tokens_too(cast: Cast, path: str) -> None:
    answer = cast.client("tom").get(path, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(f'href="{other}"' in page for other in ("/people/profile", "/accounts/email/", "/profile/tokens/"))
    assert page.count('aria-current="page"') >= 1


def test_a_closed_registration_says_who_creates_accounts_and_leads_back(cast: Cast) -> None:
    page = guest().get("/accounts/signup/").content.decode()
    assert "created by your administrator" in page
    assert 'href="/accounts/login/"' in page


def test_fields_of_the_sign_in_do_not_repeat_their_labels_in_grey(cast: Cast) -> None:
    page = guest().get("/accounts/login/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert 'type="password"' in main
    assert "placeholder=" not in main
