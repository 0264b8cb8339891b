"""Every page that somebody can open: usable by everybody (WCAG 2.2 AA), in light and dark, on a phone, in German."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.watching import Visit
from tests.targets import names, parameters, rule_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OTHERS = ("allauth:*", "error:*")


@pytest.fixture(scope="module")
def window(chromium: Any, server: str) -> Iterator[Callable[[str], Visit]]:
    """One window for each role, kept for all pages: a browser that knows the scripts and styles is much quicker."""
    kept: dict[str, Visit] = {}

    def of(role: str) -> Visit:
        if role not in kept:
            kept[role] = Visit(chromium, server, width=1440, height=900)
            if role != "visitor":
                kept[role].sign_in(role)
        return kept[role].afresh()

    yield of
    for one in kept.values():
        one.close()


@pytest.mark.parametrize("route", [*names(), *OTHERS])
def test_every_page_is_usable_by_everybody(route, pages, window):
    wrong: list[str] = []
    for entry in pages:
        if _belongs(entry, route) and entry["page"]:
            wrong += [f"{entry['path']} ({entry['role']}): {line}" for line in _look(entry, window(entry["role"]))]
    assert not wrong, "\n".join(wrong)


def _belongs(entry: dict[str, Any], route: str) -> bool:
    return entry["route"].startswith(route[:-1]) if route.endswith("*") else entry["route"] == route


def _look(entry: dict[str, Any], window: Visit) -> list[str]:
    if entry["route"].startswith("error:"):
        window.expecting(int(entry["route"].removeprefix("error:")))
    window.open(entry["path"])
    window.theme("light")
    window.settle()
    wrong = [] if entry["route"] == "web:components" else window.wrong_texts()  # a page for developers
    wrong += window.accessibility("light")
    outline = window.outline()
    window.theme("dark")
    window.settle()
    # Where only the colours changed, only the rules about colours can find something else.
    wrong += window.accessibility("dark", colours_only=window.outline() == outline)
    window.page.set_viewport_size({"width": 390, "height": 844})
    window.settle()
    wrong += window.sideways() + window.menus_outside() + window.all_faults()
    return wrong


def test_no_page_answers_with_an_error_and_every_address_is_known(pages):
    broken = [entry for entry in pages if any(status >= 500 for status in entry["statuses"].values())]
    assert not broken, "\n".join(f"{entry['path']}: {entry['statuses']}" for entry in broken)
    unknown = [name for name in names() if parameters(name) and rule_of(name) is None]
    assert not unknown, f"tests/targets.py has no rule for {unknown}"
