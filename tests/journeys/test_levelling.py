"""A portfolio is levelled: watched while it gets better, some moves accepted by keyboard, all taken back."""

from __future__ import annotations

import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STATE = "SELECT state, (SELECT COUNT(*) FROM resources_levellingmove m WHERE m.run_id = r.id AND m.accepted) FROM resources_levellingrun r ORDER BY id DESC LIMIT 1"


def test_a_proposal_is_watched_accepted_in_part_and_taken_back(visit, ask):
    petra = visit("petra").open("/resources/levelling/")
    page = petra.page
    page.locator("#seconds").select_option("5")
    button = page.locator("form button.bt.p[type=submit]").first
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources/levelling/*/")
    first = page.locator("input[name=move]").first
    first.wait_for(timeout=90_000)  # the page looks each second, and shows the proposal by itself
    assert ask(STATE) == ("proposed", 0)
    assert page.locator("svg.lvl rect.after").count() > 4
    first.focus()
    page.keyboard.press("Space")
    page.locator(".acts button.bt.p:not([data-confirm])").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert ask(STATE) == ("applied", 1)
    page.locator('form[action$="/undo/"] button').focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert ask(STATE)[0] == "undone"
    no_faults(petra)


def test_the_proposal_reads_on_a_phone(visit):
    rows = visit("petra", width=390, height=844).open("/resources/levelling/1/")
    assert rows.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_faults(rows)
