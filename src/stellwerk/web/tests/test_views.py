"""The shell's pages: preferences, components, start page, errors, navigation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from stellwerk.core import navigation
from stellwerk.core.models import User
from stellwerk.testing import Cast
from stellwerk.web import views
from stellwerk.web.services import save_preferences

PREFERENCES = "/preferences/shell"


@pytest.fixture
def clean_navigation() -> Iterator[None]:
    nav, create, facts = navigation.NAV.copy(), navigation.CREATE.copy(), navigation.FACTS.copy()
    navigation.NAV.clear()
    navigation.CREATE.clear()
    navigation.FACTS.clear()
    yield
    for registry, before in ((navigation.NAV, nav), (navigation.CREATE, create), (navigation.FACTS, facts)):
        registry.clear()
        registry.update(before)  # type: ignore[arg-type]


# ── preferences ──────────────────────────────────────────────────────────────────────────────────


def test_theme_and_language_are_kept_with_the_account(cast: Cast) -> None:
    answer = cast.client("petra").post(PREFERENCES, {"theme": "dark", "language": "de", "next": "/x?y=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/x?y=1")
    petra = User.objects.get(pk=cast.petra.pk)
    assert (petra.theme, petra.language) == ("dark", "de")


def test_the_scripts_get_an_empty_answer_instead_of_a_page(cast: Cast) -> None:
    client = cast.client("petra")
    assert client.post(PREFERENCES, {"density": "touch"}, headers={"Accept": "application/json"}).status_code == 204
    assert client.cookies["stellwerk_density"].value == "touch"


def test_a_guest_keeps_preferences_in_cookies(db: None) -> None:
    client = Client()
    client.post(PREFERENCES, {"theme": "dark", "language": "en"})
    page = client.get("/accounts/login/")
    assert 'data-bs-theme="dark"' in page.content.decode()
    assert 'lang="en"' in page.content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_the_site(cast: Cast, target: str) -> None:
    answer = cast.client("petra").post(PREFERENCES, {"theme": "light", "next": target})
    assert answer["Location"] == "/"


def test_a_setting_that_does_not_exist_is_refused_with_a_page_and_changes_nothing(cast: Cast) -> None:
    client = cast.client("petra")
    answer = client.post(PREFERENCES, {"theme": "pink"})
    assert answer.status_code == 400
    assert "This setting does not exist." in answer.content.decode()
    assert client.post(PREFERENCES, {"theme": "pink"}, headers={"Accept": "application/json"}).status_code == 422
    assert User.objects.get(pk=cast.petra.pk).theme == "system"


def test_the_service_refuses_unknown_values(cast: Cast) -> None:
    with pytest.raises(ValueError, match="language"):
        save_preferences(user=cast.petra, language="xx")
    with pytest.raises(ValueError, match="appearance"):
        save_preferences(user=cast.petra, theme="pink")


def test_preferences_cannot_be_changed_by_a_link(cast: Cast) -> None:
    assert cast.client("petra").get(PREFERENCES, {"theme": "dark"}).status_code == 405


def test_preferences_need_the_form_token(cast: Cast) -> None:
    answer = cast.client("petra", enforce_csrf_checks=True).post(PREFERENCES, {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form is no longer valid" in answer.content.decode()


# ── navigation ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("clean_navigation")
def test_only_entries_that_exist_and_that_the_user_may_see_are_shown(cast: Cast) -> None:
    navigation.register_nav("my_day", "Mein Tag!", "home", "core:home")
    navigation.register_nav(
        "money", "Geheim!", "euro", "web:components", permission=lambda user: user.name.startswith("Conny")
    )
    navigation.register_nav("staffing", "Kommt noch!", "users", "nowhere:list")
    petra, conny = (cast.client(name).get("/").content.decode() for name in ("petra", "conny"))
    assert "Money" not in petra
    assert "Money" in conny
    assert "Staffing" not in conny


@pytest.mark.usefixtures("clean_navigation")
def test_the_section_of_the_page_is_current_and_opens_its_lines(cast: Cast) -> None:
    navigation.register_nav("my_day", "Today", "home", "core:home", order=1)
    navigation.register_nav("my_day", "Bricks", "layers", "web:components", order=2, badge=lambda user: 7)
    page = cast.client("petra").get("/").content.decode()
    assert re.search(r'<a href="/" aria-current="page"', page)
    assert '<div class="subnav">' in page
    assert '<span class="n">7</span>' in page


@pytest.mark.usefixtures("clean_navigation")
def test_an_unknown_section_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="unknown section"):
        navigation.register_nav("kitchen", "x", "home", "core:home")


@pytest.mark.usefixtures("clean_navigation")
def test_facts_stand_at_the_foot_of_the_side_bar(cast: Cast) -> None:
    navigation.register_fact("organisation", lambda user: "Nordlicht <AG>")
    page = cast.client("petra").get("/").content.decode()
    assert "Nordlicht &lt;AG&gt;" in page


# ── components and errors ────────────────────────────────────────────────────────────────────────


@override_settings(DEBUG=True)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_collection_of_components_renders_in_both_languages(cast: Cast, language: str) -> None:
    save_preferences(user=cast.petra, language=language)
    answer = cast.client("petra").get(reverse("web:components"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<c-" not in page
    assert "{%" not in page


def test_the_collection_of_components_is_hidden_in_production(cast: Cast) -> None:
    assert cast.client("petra").get("/components").status_code == 404


@override_settings(DEBUG=True)
def test_no_page_of_the_shell_carries_inline_style_or_code(cast: Cast) -> None:
    client = cast.client("petra")
    for path in ("/", "/components", "/accounts/2fa/", "/accounts/password/change/", "/accounts/email/"):
        page = client.get(path).content.decode()
        assert not re.search(r"<[^>]+\sstyle=", page), path
        assert not re.search(r"<[^>]+\son[a-z]+=", page), path
        assert not re.search(r"<script(?![^>]*(type=\"application/json\"|src=))", page), path


@pytest.mark.parametrize(
    ("status", "view"), [(400, views.bad_request), (403, views.permission_denied), (404, views.page_not_found)]
)
def test_error_pages_say_what_why_and_what_to_do(cast: Cast, status: int, view: object) -> None:
    request = request_of(cast)
    answer = view(request, Http404())  # type: ignore[operator]
    page = answer.content.decode()
    assert answer.status_code == status
    assert "Why" in page
    assert "What to do" in page


def test_the_page_for_our_own_failures_needs_neither_database_nor_user() -> None:
    answer = views.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "<h1>" in answer.content.decode()


def request_of(cast: Cast) -> HttpRequest:
    request = RequestFactory().get("/nothing")
    request.user = cast.petra
    request.session = {}  # type: ignore[assignment]
    request._messages = []  # type: ignore[attr-defined]
    return request
