"""Acceptance scenario 1: a line manager sees who has too much, moves hours, and everybody concerned knows."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from time import monotonic
from typing import Any

import pytest

from tests.journeys import serving
from tests.journeys.overload import MONDAYS, MONTH, month_ahead
from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
THAT_MONTH = f"/resources/capacity/?from={MONTH}&by=month&count=1"


def test_the_month_of_the_scenario_lies_ahead_on_any_day():
    march, october = dt.date(2027, 3, 1), dt.date(2027, 10, 1)
    assert month_ahead(dt.date(2026, 11, 27)) == (march, [dt.date(2027, 3, day) for day in (1, 8, 15, 22)])
    assert month_ahead(dt.date(2027, 3, 29)) == (october, [dt.date(2027, 10, day) for day in (4, 11, 18, 25)])


@pytest.fixture(scope="module")
def overload(home) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.overload"],
        cwd=serving.ROOT, env=serving.at(home).environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def minutes(ask: Any, booking: int) -> int:
    return int(ask(f"SELECT sum(minutes) FROM resources_allocationweek WHERE allocation_id = {booking}")[0])


def test_anna_has_too_much_in_a_month_and_ben_takes_it(visit, ask, overload):
    window = visit("rita")  # signed in: the ten seconds begin with the question
    began = monotonic()
    window.open(THAT_MONTH)
    page = window.page
    page.locator("[data-capacity][data-ready]").wait_for()
    card = page.locator("[data-cap-go]", has_text="Anna Überlast")
    card.wait_for()
    text = re.sub(r"\s+", " ", card.inner_text())
    assert monotonic() - began < 10
    assert "+7,6 h" in text and "107 %" in text
    for project, hours in zip(overload["projects"], ("60 h", "50 h"), strict=True):
        assert project in text and hours in text
    card.click()
    panel = page.locator("#cap-panel")
    form = panel.locator("form.cap-move")
    form.wait_for()
    assert "102,4" in re.sub(r"\s+", " ", panel.inner_text())
    assert form.locator("[name=hours]").input_value() == "7,6"
    value = form.locator("[name=person] option", has_text="Ben Überlast").get_attribute("value")
    form.locator("[name=person]").select_option(value=value)
    form.locator("button[name=preview]").click()
    effect = panel.locator(".cap-effect")
    effect.wait_for()
    shown = re.sub(r"\s+", " ", effect.inner_text())
    assert "107 % → 100 %" in shown and "0 % → 6 %" in shown
    assert minutes(ask, overload["numbers"][1]) == 3000, "nothing is written before it is confirmed"
    panel.locator("form.cap-move button:not([name])").click()
    page.locator("#toasts .undo", has_text="7,6").wait_for()
    assert minutes(ask, overload["numbers"][1]) == 3000 - 456
    given = ask("SELECT a.state, sum(w.minutes) FROM resources_allocation a JOIN resources_allocationweek w ON w.allocation_id = a.id JOIN people_person p ON p.id = a.person_id WHERE p.first_name = 'Ben' AND p.last_name = 'Überlast' GROUP BY a.id")  # fmt: skip
    assert tuple(given) == ("soft", 456)
    for manager in overload["managers"]:
        told = f"SELECT count(*) FROM core_notification WHERE user_id = {manager} AND kind IN ('resources.hours_moved', 'resources.load_moved')"
        assert ask(told)[0] >= 1
    entry = f"SELECT count(*) FROM core_auditentry WHERE entity_type = 'resources.allocation' AND entity_id = {overload['numbers'][1]} AND verb = 'move_hours' AND actor_id IS NOT NULL"
    assert ask(entry)[0] == 1
    page.reload()
    page.locator("[data-capacity][data-ready]").wait_for()
    assert page.locator("[data-cap-go]", has_text="Anna Überlast").count() == 0
    no_faults(window)


def cell(page: Any, name: str) -> tuple[float, float]:
    """Where somebody's first cell is on the screen: the pointer looks for it, the tip says whose it is."""
    scroll = page.locator("[data-cap=scroll]")
    box = scroll.bounding_box()
    for down in range(60, int(box["height"]), 12):
        page.mouse.move(box["x"] + 260, box["y"] + down)
        if (scroll.get_attribute("title") or "").startswith(name):
            return box["x"] + 260, box["y"] + down + 4
    pytest.fail(f"{name} has no line in the map.")


def test_hours_are_dragged_to_somebody_else_released_and_taken_back(visit, ask, overload):
    booking = overload["numbers"][1]
    week = f"SELECT coalesce(sum(minutes), 0) FROM resources_allocationweek WHERE allocation_id = {booking} AND monday = '{MONDAYS[1]}'"
    theirs = f"SELECT coalesce(sum(w.minutes), 0) FROM resources_allocation a JOIN resources_allocationweek w ON w.allocation_id = a.id JOIN people_person p ON p.id = a.person_id WHERE p.first_name = 'Ben' AND p.last_name = 'Überlast' AND w.monday = '{MONDAYS[1]}' AND a.state NOT IN ('released', 'rejected')"
    before, ben = ask(week)[0], ask(theirs)[0]
    role = ask("SELECT id FROM people_role WHERE key = 'ROL-9001'")[0]
    window = visit("rita").open(f"/resources/capacity/?from={MONDAYS[1]}&by=week&count=2&role={role}")
    page = window.page
    page.locator("[data-capacity][data-ready]").wait_for()
    start, to = cell(page, "Anna Überlast"), cell(page, "Ben Überlast")
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 4, start[1] + 12, steps=3)
    page.mouse.move(*to, steps=6)
    ghost = page.locator(".cap-ghost")
    ghost.get_by_text("→").first.wait_for()
    shown = re.sub(r"\s+", " ", ghost.inner_text())
    assert shown.count("→") == 2 and "Anna" in shown and "Ben" in shown, shown
    assert ask(week)[0] == before, "nothing is written before the button is released"
    page.mouse.up()
    undo = page.locator("#toasts .undo")
    undo.wait_for()
    moved = before - ask(week)[0]
    assert moved > 0 and ask(theirs)[0] == ben + moved
    assert ghost.is_hidden()
    with page.expect_navigation():
        undo.locator("form button").click()
    assert (ask(week)[0], ask(theirs)[0]) == (before, ben)
    no_faults(window)


def test_keys_move_and_say_the_cell_and_open_it(visit, overload):
    window = visit("rita").open(f"/resources/capacity/?from={MONTH}&by=week&count=8")
    page = window.page
    page.locator("[data-capacity][data-ready]").wait_for()
    page.locator("[data-cap=scroll]").focus()
    page.keyboard.press("Control+Home")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    said = page.locator("#cap-live").inner_text()
    assert "KW" in said and "netto" in said
    page.keyboard.press("Enter")
    page.locator("#cap-panel .cap-head").wait_for()
    page.keyboard.press("Escape")
    page.locator("#cap-panel").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.dataset.cap") == "scroll", "the focus comes back"
    no_faults(window)
