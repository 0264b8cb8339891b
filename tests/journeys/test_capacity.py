"""Acceptance scenario 1: a line manager sees who has too much, moves hours, and everybody concerned knows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from time import monotonic
from typing import Any

import pytest

from tests.journeys import serving
from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARCH = "/resources/capacity/?from=2027-03-01&by=month&count=1"


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


def test_anna_has_too_much_in_march_and_ben_takes_it(visit, ask, overload):
    began = monotonic()
    window = visit("rita").open(MARCH)
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


def test_keys_move_and_say_the_cell_and_open_it(visit, overload):
    window = visit("rita").open("/resources/capacity/?from=2027-03-01&by=week&count=8")
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
