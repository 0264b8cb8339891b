"""The controller takes a file in with its work list, and brings the last month from half way to closed, proved and open again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults
from tests.journeys.watching import press

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TODAY = dt.datetime.now().astimezone().date()
LAST = (TODAY.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
NUMBER = f"SELECT id, state FROM controlling_period WHERE month = '{LAST}'"
FILE = """\
Belegnummer;BuZei;Buchungsdatum;Kostenart;PSP-Element;Kostenstelle;Wert/BWähr;BWähr;Buchungstext
770000001;1;{day};417000;2401;;1.234,50;EUR;Beratung
770000002;1;{day};417000;NEU-4711;;99,99;EUR;Unbekanntes Objekt
770000003;1;31.02.{year};417000;2401;;10,00;EUR;Falsches Datum
"""


def accept(page: Any, check: str, reason: str) -> None:
    page.locator(f'#check-{check} a[data-open="accept-{check}"]').click()
    dialog = page.locator(f"#accept-{check}")
    dialog.locator("textarea").fill(reason)
    press(dialog.locator("footer button.p"))


def step(page: Any, number: int, code: str, reason: str = "") -> None:
    page.locator(f'a[data-open="step-{number}-{code}"]').click()
    dialog = page.locator(f"#step-{number}-{code}")
    if reason:
        dialog.locator("textarea").fill(reason)
    press(dialog.locator("footer button.p"))


def test_a_file_is_imported_its_stray_line_assigned_and_the_month_closed_and_proved(visit, ask, tmp_path: Path):
    path = tmp_path / "cji3.csv"
    path.write_text(FILE.format(day=f"{LAST:15.%m.%Y}", year=LAST.year), encoding="utf-8")
    conny = visit("conny").open(f"/money/actuals/new?month={LAST:%Y-%m}")
    page = conny.page
    page.locator('input[type="file"]').set_input_files(str(path))
    press(page.locator("[data-drop] button"))
    assert "1.234" in page.locator("main").inner_text() or "1,234" in page.locator("main").inner_text()
    assert "31.02." in page.locator("main").inner_text()
    press(page.locator('form[action$="/apply"] button'))
    assert ask("SELECT COUNT(*), SUM(amount) FROM controlling_booking WHERE document LIKE '77000000%'") == (2, 133449)

    conny.open("/money/work-list/")
    row = page.locator("tr", has_text="NEU-4711")
    row.locator('input[name="project"]').fill("PRJ-0001")
    press(row.locator('button[value="assign"]'))
    assert page.locator("table.t tbody tr", has_text="NEU-4711").locator('button[value="assign"]').count() == 0
    for name in ("2499.01", "INV-88120", "WARTUNG-HH"):
        press(page.locator("tr", has_text=name).locator('button[value="ignore"]').first)
    assert ask("SELECT COUNT(*), 0 FROM controlling_booking WHERE project_id IS NULL AND left_out = ''") == (0, 0)

    number, state = ask(NUMBER)
    assert state == "actuals_loaded"
    conny.open(f"/money/months/{number}")
    # Early in a month its last weeks may still be approved, and what was accepted before no longer holds.
    if page.locator('#check-time_sheets a[data-open="accept-time_sheets"]').count():
        accept(page, "time_sheets", "Die letzte Woche ist angemahnt.")
    accept(page, "differences", "Lira-Beleg wird im Folgemonat neu gebucht, falsches Datum im ERP berichtigt.")
    step(page, number, "reconcile")
    if page.locator('#check-forecasts a[data-open="accept-forecasts"]').count():
        accept(page, "forecasts", "Zwei Projekte ruhen.")
    step(page, number, "confirm")
    step(page, number, "close")
    assert ask(NUMBER)[1] == "closed"
    press(page.locator('a[href$="/proof"]'))
    assert page.locator(".note.error").count() == 0 and page.locator("main table").count() == 0

    conny.open(f"/money/months/{number}/labour")
    assert page.locator("main form button[type=submit]").count() == 0  # nothing can be booked any more
    conny.open(f"/money/months/{number}")
    step(page, number, "reopen", "Eine Rechnung kam zu spät.")
    assert ask(NUMBER)[1] == "reopened"
    no_faults(conny)
