"""A week typed by keyboard and submitted, approved in bulk by the line manager; the same week on a phone, one day at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import press

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TODAY = dt.datetime.now().astimezone().date()
WEEK = TODAY - dt.timedelta(days=TODAY.weekday())
PAGE = f"/resources/time/week/{WEEK}/"
OF_TOM = (
    "SELECT s.state, s.id, (SELECT SUM(e.minutes) FROM resources_timeentry e WHERE e.sheet_id = s.id) FROM resources_timesheet s"
    f" JOIN people_person p ON p.id = s.person_id JOIN core_user u ON u.id = p.user_id WHERE u.email LIKE 'tom@%' AND s.monday = '{WEEK}'"
)


def cell(page: Any, row: int, day: int) -> Any:
    return page.locator(f'input[name="line-{row}-day-{day}"]')


def test_a_week_is_filled_by_keyboard_submitted_and_approved_in_bulk(visit, ask):
    tom = visit("tom").open(PAGE)
    page = tom.page
    first = cell(page, 0, 0)
    first.focus()
    for text in ("7,5", "7:30", "8", "0,25"):
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.name") == "line-0-day-3"
    assert page.locator("[data-row-total]").first.inner_text().replace(".", ",") == "23,25"
    page.keyboard.press("Control+a")
    page.keyboard.type("abc")
    page.keyboard.press("ArrowRight")
    assert cell(page, 0, 3).get_attribute("aria-invalid") == "true"
    tom.expecting(422)
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    page.locator(".note.error").wait_for()
    assert cell(page, 0, 3).input_value() == "abc"  # kept, not lost
    cell(page, 0, 3).fill("1")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert ask(OF_TOM)[0] == "open" and ask(OF_TOM)[2] == 450 + 450 + 480 + 60
    press(page.locator('.ts-acts button[value="submit"]'))
    state, number, _minutes = ask(OF_TOM)
    assert state == "submitted"
    assert page.locator("input.hours").count() == 0

    rita = visit("rita").open("/resources/time/approve/")
    box = rita.page.locator(f'input[name="sheet"][value="{number}"]')
    box.check()
    others = rita.page.locator('input[name="sheet"]:checked').count()
    press(rita.page.locator('button[name="step"][value="approve"]'))
    assert ask(OF_TOM)[0] == "approved"
    assert others >= 1 and rita.page.locator(f'input[name="sheet"][value="{number}"]').count() == 0
    no_faults(tom, rita)


def test_on_a_phone_one_day_is_shown_at_a_time(visit):
    later = WEEK + dt.timedelta(days=7)
    window = visit("tom", width=390).open(f"/resources/time/week/{later}/")
    page = window.page
    visible = page.locator("input.hours:visible")
    assert {name[-1] for name in visible.evaluate_all("all => all.map(a => a.name)")} == {"0"}
    page.locator('label[for="ts-day-2"]').click()
    assert {name[-1] for name in visible.evaluate_all("all => all.map(a => a.name)")} == {"2"}
    visible.first.fill("6")
    assert page.locator('label[for="ts-day-2"] span').inner_text() == "6"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    no_faults(window)
