"""Three points are typed and pasted by keyboard, a simulation is started, watched and read; the result fits a phone."""

from __future__ import annotations

import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEY = "SELECT p.key FROM portfolio_project p JOIN controlling_simulationrun r ON r.project_id = p.id ORDER BY r.id LIMIT 1"
POINTS = "SELECT low, likely, high, distribution FROM controlling_estimate ORDER BY updated_at DESC, id DESC LIMIT 1"
LAST = "SELECT state, iterations, seed FROM controlling_simulationrun ORDER BY id DESC LIMIT 1"
PASTE = """(input) => {
  const data = new DataTransfer();
  data.setData("text/plain", "11\\t12\\t19");
  input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_estimates_are_pasted_and_a_simulation_is_watched_until_its_result(visit, ask):
    key = ask(KEY)[0]
    petra = visit("petra").open(f"/money/estimates/{key}")
    page = petra.page
    cell = page.locator("#est-grid input[name$='-low']").first
    cell.focus()
    cell.evaluate(PASTE)
    row = page.locator("#est-grid tbody tr").first
    assert [row.locator("input.cell").nth(at).input_value() for at in range(3)] == ["11", "12", "19"]
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert ask(POINTS)[:3] == (11 * 480, 12 * 480, 19 * 480)
    no_faults(petra)

    petra.open(f"/money/simulation/?scope=project:{key}")
    page.locator("#iterations").fill("1000")
    page.locator("#seed").fill("5")
    page.locator("button[value=start]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/money/simulation/*/")
    page.locator("[data-chart=distribution] svg").first.wait_for(timeout=90_000)  # the page looks each second
    assert ask(LAST) == ("done", 1000, 5)
    no_faults(petra)


def test_the_result_reads_on_a_phone(visit):
    petra = visit("petra", width=390, height=844).open("/money/simulation/1/")
    assert petra.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_faults(petra)
