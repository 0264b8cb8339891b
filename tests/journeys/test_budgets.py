"""The sheet of a forecast filled from Excel and by keyboard, undone, saved and submitted; the controller confirms it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import press, take_step

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A project of Paul's with an approved budget and no forecast in the making: the draft that the demo holds is for the pages' own tests.
PROJECT = (
    "SELECT p.key FROM portfolio_project p JOIN people_person m ON m.id = p.manager_id JOIN core_user u ON u.id = m.user_id"
    " WHERE u.email LIKE 'paul@%' AND p.archived_at IS NULL"
    " AND EXISTS (SELECT 1 FROM controlling_budget b WHERE b.project_id = p.id AND b.kind = 'plan' AND b.state = 'approved')"
    " AND NOT EXISTS (SELECT 1 FROM controlling_budget b WHERE b.project_id = p.id AND b.kind = 'forecast'"
    " AND b.state IN ('draft', 'submitted', 'rejected')) ORDER BY p.key DESC LIMIT 1"
)
DRAFT = (
    "SELECT b.key, b.state FROM controlling_budget b JOIN portfolio_project p ON p.id = b.project_id"
    " WHERE p.key = '{project}' AND b.kind = 'forecast' ORDER BY b.number DESC, b.id DESC LIMIT 1"
)
AMOUNTS = (
    "SELECT m.amount FROM controlling_budgetmonth m JOIN controlling_budgetline l ON l.id = m.line_id"
    " JOIN controlling_budget b ON b.id = l.budget_id WHERE b.key = '{key}' AND l.position = {row} ORDER BY m.month LIMIT 1"
)
PASTE = """([row, column, text]) => {
  const cell = document.querySelectorAll('#bs-grid tbody tr')[row].querySelectorAll('input.cell')[column];
  cell.focus();
  const data = new DataTransfer();
  data.setData('text/plain', text);
  cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def cell(page: Any, row: int, column: int) -> Any:
    return page.locator("#bs-grid tbody tr").nth(row).locator("input.cell").nth(column)


def test_a_forecast_is_pasted_from_excel_undone_saved_submitted_and_confirmed(visit, ask):
    project = ask(PROJECT)[0]
    draft = DRAFT.format(project=project)
    paul = visit("paul").open(f"/money/new-forecast/{project}")
    page = paul.page
    press(page.locator("main form button.p").first)
    key, state = ask(draft)
    assert state == "draft"
    paul.open(f"/money/budgets/{key}/lines")
    rows = page.locator("#bs-grid tbody tr").count()
    before = cell(page, 0, 0).input_value(), page.locator("[data-total]").inner_text()

    # German and English numbers in one block; one cell is no number, and the last line lies below the sheet.
    page.evaluate(PASTE, [0, 0, "1.234,50\t2,000.25\r\nzehn\t-5\r\n"])
    assert (cell(page, 0, 0).input_value(), cell(page, 0, 1).input_value()) == ("1.234,50", "2.000,25")
    assert cell(page, 1, 0).get_attribute("aria-invalid") == "true"
    said = page.locator("#bs-said").inner_text()
    assert "„zehn“" in said and "„-5“" in said
    page.keyboard.press("Control+z")
    page.wait_for_function(f"() => document.querySelector('[data-total]').textContent === {before[1]!r}")
    assert cell(page, 0, 0).input_value() == before[0]

    page.evaluate(PASTE, [rows - 1, 0, "100\r\n200\r\n"])
    assert page.locator("#bs-grid tbody tr").count() == rows + 1
    page.locator("#bs-grid tbody tr").nth(rows).locator("input.word-in").nth(1).fill("Nachträge")
    cell(page, 0, 0).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("4711,5")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name").startswith("cell-2-")
    assert cell(page, 0, 0).input_value() == "4.711,50"
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    page.locator("#bs-grid tbody tr").first.wait_for()
    assert page.locator("#bs-grid tbody tr").count() == rows + 1
    assert cell(page, 0, 0).input_value() == "4.711,50"
    assert ask(AMOUNTS.format(key=key, row=1))[0] == 471150 and ask(AMOUNTS.format(key=key, row=rows + 1))[0] == 20000

    paul.open(f"/money/budgets/{key}")
    take_step(page, "Einreichen")
    assert ask(draft)[1] == "submitted"

    conny = visit("conny").open(f"/money/budgets/{key}")
    take_step(conny.page, "Freigeben")
    assert ask(draft)[1] == "approved"
    no_faults(paul, conny)


def test_the_sheet_works_without_scripts_and_on_a_phone(visit, ask):
    key = ask("SELECT key FROM controlling_budget WHERE kind = 'plan' AND state = 'approved' ORDER BY id LIMIT 1")[0]
    phone = visit("petra", width=390, height=844).open(f"/money/budgets/{key}/lines")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_faults(phone)
