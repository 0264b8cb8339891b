"""Whole journeys by keyboard alone: every stop can be seen, no step loses the focus, the end is in the database or in a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What has the focus: who it is, whether it is in sight and not covered, and whether its focus can be seen.
STOP = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const ring = node => {
    const style = node && getComputedStyle(node);
    return Boolean(style) && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  // A searchable select shows the focus around its control, a drop area around itself.
  const shown = [element, element.closest(".ts-wrapper")?.querySelector(".ts-control"), element.closest(".drop")];
  const line = element.getClientRects()[0] ?? box; // a link over two lines: look at its first one
  const x = Math.min(Math.max(line.x + Math.min(line.width / 2, 20), 0), innerWidth - 1);
  const y = Math.min(Math.max(line.y + Math.min(line.height / 2, 12), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return {
    lost: element === document.body || element === document.documentElement,
    name: (element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent || "").trim().replace(/\\s+/g, " "),
    id: element.id,
    inSight: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    covered: Boolean(top) && !element.contains(top) && !top.contains(element) && !shown.some(node => node?.contains(top)),
    ring: shown.some(ring),
  };
}"""


class Keys:
    """The hands of somebody without a mouse: Tab, arrows, typing; each stop is checked."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def stop(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(STOP)
        assert not found["lost"], "the focus is lost"
        assert found["inSight"], f"the focus is out of sight: {found}"
        assert found["ring"], f"the focus cannot be seen: {found}"
        assert not found["covered"], f"the focus is covered: {found}"
        return found

    def press(self, *keys: str) -> Keys:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Keys:
        self.page.keyboard.type(text)
        return self

    def to(self, wanted: str, key: str = "Tab", most: int = 150) -> Keys:
        """Press ``key`` until the focus is on a control with that id or whose name begins so."""
        seen = []
        for _ in range(most):
            self.page.keyboard.press(key)
            at = self.stop()
            if at["id"] == wanted or at["name"].startswith(wanted):
                return self
            seen.append(at["id"] or at["name"][:30])
        raise AssertionError(f"{wanted!r} cannot be reached by {key}: {seen}")

    def choose(self, name: str, text: str) -> str:
        """Type into the searchable select of that field and take the first hit; returns the stored value."""
        self.to(f"id_{name}-ts-control").type(text)
        hit = self.page.locator(f"#id_{name} + .ts-wrapper [role=option].active")
        hit.filter(has_text=text).first.wait_for()
        control = self.page.locator(f"#id_{name}-ts-control")
        assert control.get_attribute("aria-expanded") == "true"
        assert control.get_attribute("aria-activedescendant") == hit.first.get_attribute("id")
        self.press("Enter")
        assert self.stop()["id"] == f"id_{name}-ts-control"
        return str(self.page.locator(f"#id_{name}").input_value())

    def leads_to(self, key: str, address: Callable[[str], bool]) -> None:
        """A key that opens another page."""
        self.page.keyboard.press(key)
        self.page.wait_for_url(address)
        self.page.wait_for_load_state()


def test_a_project_is_created_with_comboboxes_and_edited_by_keyboard_alone(visit, ask):
    portfolio = ask("SELECT id, name FROM portfolio_portfolio ORDER BY id LIMIT 1")
    people = [
        (
            ask(f"SELECT id FROM people_person WHERE first_name = '{first}' AND last_name = '{last}'")[0],
            f"{first} {last}",
        )
        for first, last in (("Paul", "Jansen"), ("Anton", "Falk"), ("Petra", "Brandt"))
    ]
    window = visit("petra").open("/portfolio/projects/new")
    page, keys = window.page, Keys(window.page)
    keys.to("Zum Inhalt springen").press("Enter")
    keys.to("id_name", most=2).type("Nur mit der Tastatur")
    assert keys.choose("portfolio", portfolio[1]) == str(portfolio[0])
    assert keys.choose("sponsor", people[1][1]) == str(people[1][0])
    assert keys.choose("manager", people[0][1]) == str(people[0][0])
    # A choice can be taken back, and Esc closes the list without leaving the field.
    keys.to("id_unit-ts-control").press("ArrowDown", "Enter")
    assert page.locator("#id_unit").input_value()
    keys.press("Backspace").press("Escape")
    assert page.locator("#id_unit").input_value() == ""
    assert keys.stop()["id"] == "id_unit-ts-control"
    keys.to("id_confidentiality").type("Vertr")
    assert page.locator("#id_confidentiality").input_value() == "confidential"
    keys.to("id_finish_baseline").type("31.08.2027")
    keys.to("id_budget").type("1.250.000")
    keys.to("id_members-0-person-ts-control")
    with page.expect_navigation():
        keys.to("Weitere Zeilen").press("Enter")
    page.locator("#id_members-1-person-ts-control").wait_for()
    assert keys.stop()["id"] == "id_members-1-person-ts-control", "the focus is on the first of the new lines"
    keys.to("Anlegen", most=20)
    assert not window.accessibility()
    keys.leads_to("Enter", lambda url: "/projects/PRJ" in url)
    row = ask(
        "SELECT key, portfolio_id, sponsor_id, manager_id, unit_id, confidentiality, finish_baseline, budget, version"
        " FROM portfolio_project WHERE name = 'Nur mit der Tastatur'"
    )
    assert row[1:4] == (portfolio[0], people[1][0], people[0][0])
    assert row[4:8] == (None, "confidential", "2027-08-31", 125_000_000)

    keys.to("Weitere Aktionen").press("Enter")
    keys.to("Bearbeiten", "ArrowDown", most=12)
    keys.leads_to("Enter", lambda url: url.endswith("/edit"))
    keys.to("id_name").press("Control+a").type("Ohne Maus")
    assert keys.choose("manager", people[2][1]) == str(people[2][0])
    keys.to("Speichern")
    keys.leads_to("Enter", lambda url: not url.endswith("/edit"))
    assert ask(f"SELECT name, manager_id FROM portfolio_project WHERE key = '{row[0]}'") == ("Ohne Maus", people[2][0])
    keys.to("Zum Inhalt springen")
    no_faults(window)


def test_a_refused_form_puts_the_focus_on_the_first_wrong_field_and_keeps_it_there(visit, ask):
    before = ask("SELECT count(*) FROM portfolio_project")[0]
    window = visit("petra").expecting(422).open("/portfolio/projects/new")
    page, keys = window.page, Keys(window.page)
    keys.to("id_name").type("Mit Fehler")
    keys.to("id_budget").type("viel")
    keys.to("Anlegen")
    with page.expect_navigation():
        keys.press("Enter")
    page.locator("#id_portfolio-ts-control[aria-invalid=true]").wait_for()
    assert keys.stop()["id"] == "id_portfolio-ts-control", (
        "the first wrong field, also when it has become a searchable select"
    )
    assert page.locator("#id_budget").input_value() == "viel"
    keys.to("id_budget")
    assert ask("SELECT count(*) FROM portfolio_project")[0] == before
    no_faults(window)


def test_the_board_is_filtered_grouped_saved_opened_again_and_exported_by_keyboard_alone(visit, ask):
    key = ask("SELECT key FROM portfolio_portfolio ORDER BY id LIMIT 1")[0]
    path = f"/portfolio/board/{key}"
    window = visit("petra").open(path)
    page, keys = window.page, Keys(window.page)
    everything = _keys_of(page)

    # Filter: projects on red.
    keys.to("Filter").press("Enter")
    keys.to("Rot").press("Space")
    assert page.evaluate("() => document.activeElement.checked")
    keys.to("Anzeigen")
    keys.leads_to("Enter", lambda url: "overall=red" in url)
    assert "Filter" in keys.stop()["name"], "the focus is where the filter is"
    red = _keys_of(page)
    assert red and len(red) < len(everything)

    # Group by programme.
    keys.to("Programm")
    keys.leads_to("Enter", lambda url: "group=programme" in url)
    assert keys.stop()["name"] == "Programm", "the focus is on the order that was chosen"
    assert page.locator("main tr.grp").count()

    # Save the view; Esc leaves the dialog, the focus goes back into the menu.
    keys.to("Ansichten", "Shift+Tab").press("Enter")
    keys.to("Ansicht speichern", "ArrowDown", most=12).press("Enter")
    page.locator("dialog#list-view-save[open]").wait_for()
    assert keys.stop()["id"] == "view-name"
    keys.press("Escape")
    page.locator("dialog#list-view-save[open]").wait_for(state="detached")
    assert keys.stop()["name"].startswith("Ansicht speichern")
    keys.press("Enter")
    page.locator("dialog#list-view-save[open]").wait_for()
    assert not window.accessibility()
    keys.type("Rot nach Programm")
    with page.expect_navigation():
        keys.press("Enter")
    view = ask("SELECT id, query FROM core_savedview WHERE name = 'Rot nach Programm'")
    assert view
    assert keys.stop()["name"].startswith("Rot nach Programm"), "the focus is on the menu of the views"

    # Leave, come back, open it again.
    window.open(path)
    assert _keys_of(page) == everything
    keys.to("Ansichten").press("Enter")
    keys.to("Rot nach Programm", "ArrowDown", most=12)
    with page.expect_navigation():
        keys.press("Enter")
    assert _keys_of(page) == red
    assert page.locator("main tr.grp").count()
    assert keys.stop()["name"].startswith("Rot nach Programm")

    # Export what is shown.
    keys.to("Weitere Aktionen").press("Enter")
    keys.to("Als XLSX", "ArrowDown", most=12)
    with page.expect_download() as download:
        keys.press("Enter")
    assert download.value.suggested_filename.endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    cells = {
        str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if cell
    }
    assert red <= cells
    assert not (everything - red) & cells
    keys.stop()
    no_faults(window)


def _keys_of(page: Any) -> set[str]:
    """Keys of the projects on the board, from their links."""
    links = page.locator("main #status table a[href^='/portfolio/projects/PRJ']")
    return set(links.evaluate_all("all => all.map(a => a.getAttribute('href').match(/PRJ-[0-9]+/)[0])"))
