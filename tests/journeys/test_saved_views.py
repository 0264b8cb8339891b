"""A view of a list is saved, renamed, shared and deleted with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = """() => {
  const at = document.activeElement;
  return at.id || at.getAttribute("aria-label") || at.textContent.trim().replace(/\\s+/g, " ");
}"""


def go(page: Any, wanted: str, key: str = "Tab") -> None:
    """Press ``key`` until the focus is on the control with that id or text."""
    seen = []
    for _ in range(80):
        if seen:
            page.keyboard.press(key)
        at = page.evaluate(NAME)
        if at.startswith(wanted):
            return
        seen.append(at[:30])
        if len(seen) == 1:
            page.keyboard.press(key)
    raise AssertionError(f"{wanted!r} cannot be reached by {key}: {seen}")


def fill(page: Any, name: str) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.type(name)


def test_a_view_is_saved_renamed_shared_and_deleted_by_keyboard_alone(visit, ask):
    window = visit("petra").open("/people/?q=an")
    page = window.page
    go(page, "Ansichten")
    page.keyboard.press("Enter")
    go(page, "Ansicht speichern …")
    page.keyboard.press("Enter")
    go(page, "view-name")
    fill(page, "Mit an")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/?q=an&view=*")
    number, shared = ask("SELECT id, shared FROM core_savedview WHERE name = 'Mit an'")
    assert not shared

    go(page, "Mit an")
    page.keyboard.press("Enter")
    go(page, "Umbenennen oder freigeben …", "ArrowDown")
    page.keyboard.press("Enter")
    page.locator("dialog#list-view-edit[open]").wait_for()
    assert not window.accessibility()
    go(page, "view-new-name")
    fill(page, "Alle mit an")
    go(page, "view-new-shared")
    page.keyboard.press("Space")
    go(page, "Speichern")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("Ansicht „Alle mit an“ gespeichert; alle können sie sehen.").wait_for()
    assert ask(f"SELECT name, shared, query FROM core_savedview WHERE id = {number}") == ("Alle mit an", 1, "q=an")

    other = visit("rita").open(f"/people/?q=an&view={number}")
    assert other.page.locator("summary", has_text="Alle mit an").count() == 1
    assert other.page.locator("dialog#list-view-edit").count() == 0

    go(page, "Alle mit an")
    page.keyboard.press("Enter")
    go(page, "Ansicht löschen", "ArrowDown")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    assert page.evaluate(NAME) == "Abbrechen", "Enter alone deletes nothing"
    go(page, "Ansicht löschen")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert ask(f"SELECT count(*) FROM core_savedview WHERE id = {number}") == (0,)
    no_faults(window, other)
