"""From a figure of the portfolio down to one booking; why a light has its colour; the same on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_BOOKED = (
    "SELECT p.key, a.id, a.name, count(*) FROM controlling_booking b JOIN portfolio_project p ON p.id = b.project_id"
    " JOIN planning_activity a ON a.id = b.activity_id JOIN controlling_budgetline l ON l.activity_id = a.id"
    " JOIN controlling_budget g ON g.id = l.budget_id AND g.state = 'approved' AND g.kind = 'plan'"
    " WHERE b.kind = 'actual' AND b.left_out = '' AND b.document <> '' GROUP BY p.key, a.id, a.name ORDER BY 4 DESC LIMIT 1"
)


def click(page: Any, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def test_a_figure_opens_to_work_package_and_booking(visit, ask):
    key, activity, name, _count = ask(MOST_BOOKED)
    portfolio = ask("SELECT key FROM portfolio_portfolio LIMIT 1")[0]
    conny = visit("conny").open(f"/money/earned-value/portfolio/{portfolio}")
    page = conny.page
    page.locator("[data-chart=scurve] .canvas > div").wait_for()
    assert not conny.accessibility()
    click(page, "a[data-figure=ac]")
    assert page.locator("h1").inner_text().startswith("AC:")
    click(page, f"table[data-parts] a[href*='/{key}?']")
    shown = page.locator("[data-value]").inner_text()
    assert page.locator("table[data-parts] tfoot td").first.inner_text() == shown
    click(page, f"table[data-parts] a[href*='/package/{activity}/']")
    assert name in page.locator("h1").inner_text()
    assert page.locator("table[data-lines] tbody tr").count() > 0
    total = page.locator("table[data-bookings] tfoot td").last.inner_text()
    assert total == page.locator(".kpi").nth(3).locator(".v").inner_text()  # BAC, PV, EV, AC
    assert not conny.accessibility()
    click(page, "table[data-bookings] tbody a")
    assert "/money/bookings/" in page.url
    no_faults(conny)


def test_why_a_light_has_its_colour_is_one_click_away(visit, ask):
    key = ask("SELECT p.key FROM portfolio_figure f JOIN portfolio_project p ON p.id = f.project_id WHERE f.code = 'light.cost' AND f.light = 'red' AND f.source_label LIKE 'REP-%' AND f.until IS NULL LIMIT 1")[0]  # fmt: skip
    petra = visit("petra").open(f"/portfolio/projects/{key}")
    click(petra.page, "a.lt[href*='light.cost']")
    rules = petra.page.locator("table[data-why] tbody tr")
    assert rules.first.locator("td").nth(1).inner_text().strip() == "Rot"
    assert not petra.accessibility()
    no_faults(petra)


def test_the_page_fits_a_phone(visit, ask):
    key = ask(MOST_BOOKED)[0]
    conny = visit("conny", width=390).open(f"/money/earned-value/project/{key}")
    assert conny.page.evaluate("document.documentElement.scrollWidth") <= 390
    no_faults(conny)
