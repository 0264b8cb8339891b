"""A business case is signed; a round is selected, decided, approved by the board and becomes projects with budgets."""

from __future__ import annotations

import pytest

from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import take_step

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CASE = "SELECT c.state, (SELECT COUNT(*) FROM core_snapshot s WHERE s.entity_type = 'controlling.businesscase' AND s.entity_id = c.id) FROM controlling_businesscase c WHERE c.key = '{key}'"
LOADED = (
    "SELECT r.state, COUNT(i.id), COUNT(p.id), COUNT(b.id) FROM controlling_investmentround r JOIN controlling_roundItem i ON i.round_id = r.id "
    "LEFT JOIN portfolio_project p ON p.id = i.project_id LEFT JOIN controlling_budget b ON b.project_id = p.id AND b.state = 'approved' "
    "WHERE r.key = 'RND-0002' AND i.decision = 'in' GROUP BY r.state"
)


def test_figures_are_signed_by_the_controller(visit, ask):
    key = ask("SELECT key FROM controlling_businesscase WHERE state = 'submitted' ORDER BY id LIMIT 1")[0]
    assert ask(CASE.format(key=key)) == ("submitted", 0)
    conny = visit("conny").open(f"/money/cases/{key}")
    take_step(conny.page, "Zahlen zeichnen")
    assert ask(CASE.format(key=key)) == ("signed", 1)
    assert conny.page.locator("svg.span").count() > 5
    no_faults(conny)


def test_a_block_from_excel_lands_in_the_sheet_of_drivers(visit, ask):
    key = ask("SELECT key FROM controlling_businesscase WHERE state = 'draft' ORDER BY id LIMIT 1")[0]
    petra = visit("petra").open(f"/money/cases/{key}/drivers")
    page = petra.page
    rows = page.locator("table[data-sheet-grid] tbody tr").count()
    cell = page.locator("table[data-sheet-grid] tbody tr").last.locator("input.cell").first
    cell.focus()
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""",
        "1.000\t2.000,50\n3\t4",
    )
    last = page.locator("table[data-sheet-grid] tbody tr").nth(rows)
    assert last.locator("input.cell").nth(1).input_value() == "4"
    last.locator("input.word-in").fill("Lizenzen")
    with page.expect_navigation():
        page.locator("form#case-sheet button.bt.p").click()
    assert ask(f"SELECT COUNT(*) FROM controlling_caseflow f JOIN controlling_businesscase c ON c.id = f.case_id WHERE c.key = '{key}' AND f.name = 'Lizenzen'") == (1,)  # fmt: skip
    no_faults(petra)


def test_a_round_becomes_projects_with_budgets(visit, ask):
    petra = visit("petra").open("/money/rounds/RND-0002")
    page = petra.page
    page.locator("select[name=seconds]").select_option("10")
    with page.expect_navigation():
        page.locator("form[action$='/select'] button").click()
    take = page.locator("form[action$='/take'] button")
    take.wait_for(timeout=90_000)  # the page looks each second, and shows the set by itself
    page.on("dialog", lambda dialog: dialog.accept())
    take.click()
    confirm = page.locator("dialog[open] button.p")
    if confirm.count():
        confirm.last.click()
    page.wait_for_url("**/rounds/RND-0002")
    take_step(page, "Dem Vorstand vorlegen")
    assert ask("SELECT state FROM controlling_investmentround WHERE key = 'RND-0002'") == ("board_approval",)
    elke = visit("elke").open("/money/rounds/RND-0002")
    take_step(elke.page, "Freigeben")
    petra.open("/money/rounds/RND-0002")
    take_step(petra.page, "In Projekte laden")
    state, items, projects, budgets = ask(LOADED)
    assert state == "loaded" and items == projects == budgets > 5
    no_faults(petra)
    no_faults(elke)
