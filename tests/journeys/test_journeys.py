"""What people of the demo company do in a browser, from the first click to the result. Pages speak German."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest

from tests.journeys.conftest import CAST
from tests.journeys.watching import press

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The list of a colleague: other headings than ours, German numbers, one cell that cannot be read.
LIST = """Nr.;Vorhaben;Verantwortlich;Budget;Ende geplant;Status
K-901;Neubau Prüfstand Lingen;Erika Muster;1.250.000,00 €;31.08.2027;grün
K-902;Umbau Kantine Werk 2;Hans Beispiel;80.000,00 €;30.04.2027;gelb
K-903;Ersatz Kältemaschine;Erika Muster;viel;15.01.2027;rot
"""


@pytest.fixture
def ask(home) -> Any:
    """One row of this process's database: ``ask("SELECT …")``."""

    def one(sql: str) -> Any:
        with sqlite3.connect(home / "stellwerk.sqlite3", timeout=30) as connection:
            return connection.execute(sql).fetchone()

    return one


def no_faults(*windows: Any) -> None:
    for window in windows:
        assert not window.all_faults()


@pytest.mark.parametrize("code", CAST)
def test_one_click_signs_in_as_each_of_the_cast(code, visit):
    window = visit("visitor")
    window.sign_in(code)
    assert window.page.locator("h1").first.inner_text().strip()
    assert window.page.locator("nav.side a").count() > 1
    no_faults(window)


def test_a_list_becomes_a_portfolio_and_is_taken_back(visit, ask):
    window = visit("petra").open("/portfolio/import/")
    page = window.page
    before = ask("SELECT count(*) FROM portfolio_project")[0]
    page.locator("select[name=portfolio]").select_option(value="+")
    page.locator("input[name=new_portfolio]").fill("KANTINE")
    page.locator("input[type=file][name=file]").set_input_files(
        {"name": "vorhaben.csv", "mimeType": "text/csv", "buffer": LIST.encode("cp1252")}
    )
    page.locator("form[enctype] button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/columns$"))
    chosen = page.locator("td select").evaluate_all("boxes => boxes.map(box => box.value)")
    assert "name" in chosen and "budget" in chosen, chosen
    page.locator("main button.p[type=submit]").click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]+$"))
    assert "Neubau Prüfstand Lingen" in page.locator("main").inner_text()
    assert page.get_by_role("cell", name="viel", exact=True).is_visible()
    assert ask("SELECT count(*) FROM portfolio_project")[0] == before
    page.locator("form[action$='/apply'] button").click()
    page.locator("form[action$='/undo'] button").wait_for()
    assert ask("SELECT count(*) FROM portfolio_project")[0] == before + 3
    assert ask("SELECT budget FROM portfolio_project WHERE name = 'Neubau Prüfstand Lingen'")[0] == 1_250_000_00
    press(page.locator("form[action$='/undo'] button"))
    assert ask("SELECT count(*) FROM portfolio_project")[0] == before
    no_faults(window)


def test_a_report_is_written_accepted_published_and_opens_to_its_sources(visit, ask):
    paul = visit("paul")
    key = _begin(paul, _reportable(ask))
    _write(paul.page)
    _submit(paul.page)
    assert not paul.page.url.endswith("/edit"), paul.page.locator("main .note, main .err, #gaps").all_inner_texts()
    assert _state(ask, key) == "submitted"
    anton = visit("anton").open(f"/reports/{key}")
    _step(anton.page, "accept")
    assert _state(ask, key) == "accepted"
    petra = visit("petra").open(f"/reports/{key}")
    _step(petra.page, "publish")
    assert _state(ask, key) == "published"
    stefan = visit("stefan" if _sponsored(ask, key) else "petra").open(f"/reports/{key}")
    assert "Die Baugruppen sind bestellt" in stefan.page.locator("main").inner_text()
    links = stefan.page.locator(f"main a[href*='/{key}/figures/']")
    assert links.count() >= 3
    for path in links.evaluate_all("all => [...new Set(all.map(a => a.getAttribute('href')))]"):
        stefan.open(path)
        assert key in stefan.page.url and stefan.page.locator("h1").first.inner_text().strip()
    no_faults(paul, anton, petra, stefan)


def test_a_green_that_the_figures_do_not_bear_needs_a_reason_and_the_pmo_and_both_colours_stay(visit, ask):
    paul = visit("paul").expecting(422)
    key = _begin(paul, _reportable(ask, light="amber"))
    _write(paul.page)
    share = int(re.findall(r"(\d+) % der Felder", paul.page.locator("main").inner_text())[0])
    assert share >= 70
    paul.page.locator("#id_light_schedule").select_option("green")
    for reason in ("", "Das wird schon."):
        paul.page.locator("#id_reason_schedule").evaluate("box => { box.closest('details').open = true; }")
        paul.page.locator("#id_reason_schedule").fill(reason)
        _submit(paul.page)
        assert "20 Zeichen" in paul.page.locator("#err_light_schedule").inner_text()
        assert paul.page.locator("#id_reason_schedule").input_value() == reason
    assert not paul.accessibility()
    assert _state(ask, key) == "draft"
    paul.page.locator("#id_reason_schedule").fill("Der Lieferant hat den Termin heute schriftlich bestätigt.")
    _submit(paul.page)
    assert _state(ask, key) == "submitted"
    anton = visit("anton").open(f"/reports/{key}")
    assert anton.page.locator("a.bt[href*='/step/accept']").get_attribute("aria-disabled") == "true"
    assert not anton.page.locator("button[name=decision]").count(), "confirming is the PMO's"
    petra = visit("petra").open(f"/reports/{key}")
    with petra.page.expect_navigation():
        petra.page.locator("button[name=decision][value=confirm]").click()
    _step(petra.page, "accept")
    _step(petra.page, "publish")
    light = petra.open(f"/reports/{key}").page.locator(".rp-lts a[href$='/light.schedule']")
    shown = light.inner_text()
    assert "Grün" in shown and "berechnet" in shown and "schriftlich bestätigt" in shown
    assert light.locator(".ovr [aria-label*='Gelb'], .ovr .sr:text('Gelb'), .ovr :text('Gelb')").count()
    light.click()
    petra.page.wait_for_url(re.compile(r"/figures/light\.schedule$"))
    origin = petra.page.locator("main").inner_text()
    assert "Grün" in origin and "Gelb" in origin
    no_faults(paul, anton, petra)


def test_a_report_is_returned_reworked_published_and_corrected(visit, ask):
    paul = visit("paul")
    key = _begin(paul, _reportable(ask))
    _write(paul.page)
    _submit(paul.page)
    petra = visit("petra").open(f"/reports/{key}")
    _step(petra.page, "return", reason="Bitte die Ursache genauer nennen.")
    due = ask(f"SELECT return_due FROM reporting_statusreport WHERE key = '{key}'")[0]
    assert _state(ask, key) == "returned" and due
    paul.open("/")
    task = paul.page.locator("main li", has=paul.page.locator(f"a[href='/reports/{key}/edit']")).first
    assert "Bitte die Ursache genauer nennen." in task.inner_text()
    paul.open(f"/reports/{key}/edit")
    assert "erneut ein" in paul.page.locator("main .note").first.inner_text()
    paul.page.locator("#id_summary").fill("Ursache: Der Gleichrichter kommt drei Wochen später.")
    _submit(paul.page)
    for step in ("accept", "publish"):
        _step(petra.open(f"/reports/{key}").page, step)
    petra.open(f"/reports/{key}/correct")
    petra.page.locator("main form textarea").fill("Der Termin im Text war falsch.")
    with petra.page.expect_navigation():
        petra.page.locator("main form button.p").click()
    second = petra.page.url.split("/")[-2]
    assert second != key and _state(ask, key) == "published", "the first stands until its correction is published"
    paul.open(f"/reports/{second}/edit")
    paul.page.locator("#id_summary").fill("Ursache: Der Gleichrichter kommt zwei Wochen später.")
    _submit(paul.page)
    for step in ("accept", "publish"):
        _step(petra.open(f"/reports/{second}").page, step)
    assert (_state(ask, key), _state(ask, second)) == ("superseded", "published")
    old = petra.open(f"/reports/{key}").page.locator("main")
    assert "drei Wochen später" in old.inner_text() and "zwei Wochen" not in old.inner_text()
    assert old.locator(f"a[href='/reports/{second}']").count()
    no_faults(paul, petra)


def _reportable(ask: Any, light: str = "") -> str:
    """A running project of Paul's without an unfinished report and without one for today; perhaps with a schedule light."""
    wanted = (
        " AND EXISTS (SELECT 1 FROM portfolio_figure f WHERE f.project_id = p.id AND f.code = 'light.schedule'"
        f" AND f.until IS NULL AND f.light = '{light}')"
        if light
        else ""
    )
    return str(
        ask(
            "SELECT p.key FROM portfolio_project p JOIN people_person m ON m.id = p.manager_id"
            " JOIN core_user u ON u.id = m.user_id WHERE u.email LIKE 'paul@%' AND p.phase = 'executing'"
            " AND NOT EXISTS (SELECT 1 FROM reporting_statusreport r WHERE r.project_id = p.id AND"
            f" (r.state NOT IN ('published', 'superseded') OR r.cycle_id IS NULL)){wanted} ORDER BY p.id{'' if light else ' DESC'}"
        )[0]
    )


def _state(ask: Any, key: str) -> str:
    return str(ask(f"SELECT state FROM reporting_statusreport WHERE key = '{key}'")[0])


def _begin(paul: Any, project: str) -> str:
    """Start the project's report by one click; its key."""
    paul.open(f"/reports/start/{project}")
    with paul.page.expect_navigation():
        paul.page.locator("main form button.p").click()
    return str(paul.page.url.split("/")[-2])


def _submit(page: Any) -> None:
    with page.expect_navigation():
        page.locator(".rp-acts button[value=submit]").click()


def _sponsored(ask: Any, key: str) -> bool:
    row = ask(
        "SELECT count(*) FROM reporting_statusreport r JOIN portfolio_project p ON p.id = r.project_id"
        f" JOIN people_person s ON s.id = p.sponsor_id JOIN core_user u ON u.id = s.user_id"
        f" WHERE r.key = '{key}' AND u.email LIKE 'stefan@%'"
    )
    return bool(row[0])


def _write(page: Any) -> None:
    page.locator("#id_summary").fill("Die Baugruppen sind bestellt, die Montage beginnt in der nächsten Woche.")
    for details in page.locator(".rp-lights details:has(.press)").all():
        details.evaluate("box => { box.open = true; }")
        values = {
            "cause": "Zwei ungeplante Schnittstellen",
            "measure": "Zweites Team",
            "owner": "Paul Jansen",
            "due": "15.01.2027",
        }
        for name, value in values.items():
            details.locator(f"input[name$='{name}']").fill(value)


def _step(page: Any, code: str, reason: str = "") -> None:
    """The button of a step, then the button in its question; ends on the page it came from."""
    page.locator(f"a.bt[href*='/step/{code}']").first.click()
    if reason:
        page.locator("dialog[open] textarea").fill(reason)
    press(page.locator(f"dialog[open] form[action*='/step/{code}'] button.p"))
    page.locator(f"a.bt[href*='/step/{code}']").first.wait_for(state="detached")


def test_the_deck_is_rendered_and_downloaded_as_powerpoint(visit, tmp_path):
    window = visit("petra").open("/reports/decks/")
    page = window.page
    page.locator("input[name=fmt][value=pptx]").check()
    page.locator("main form button.p").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    link = page.locator("a[href*='/reports/decks/files/']").first
    link.wait_for(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    target = tmp_path / "deck.pptx"
    download.value.save_as(target)
    assert download.value.suggested_filename.endswith(".pptx")
    from pptx import Presentation

    assert len(Presentation(str(target)).slides) > 5
    no_faults(window)


def test_two_people_who_edit_one_field_both_see_both_values(visit, ask):
    key = ask("SELECT key FROM portfolio_project WHERE phase = 'executing' ORDER BY id DESC LIMIT 1")[0]
    petra, anton = visit("petra"), visit("anton").expecting(409)
    for window in (petra, anton):
        window.open(f"/portfolio/projects/{key}/edit")
    petra.page.locator("#id_name").fill("Name von Petra")
    anton.page.locator("#id_name").fill("Name von Anton")
    petra.page.locator("main form button.p[type=submit], main form .acts button.p").first.click()
    petra.page.wait_for_url(lambda url: not url.endswith("/edit"))
    anton.page.locator("main form button.p[type=submit], main form .acts button.p").first.click()
    conflict = anton.page.locator("#conflicts")
    conflict.wait_for()
    main = anton.page.locator("main").inner_text()
    assert "Name von Petra" in main and "Name von Anton" in main
    assert not anton.accessibility()
    anton.page.locator("input[type=radio][value=mine]").first.check()
    anton.page.locator("main form button.p[type=submit], main form .acts button.p").first.click()
    anton.page.wait_for_url(lambda url: not url.endswith("/edit"))
    assert ask(f"SELECT name FROM portfolio_project WHERE key = '{key}'")[0] == "Name von Anton"
    no_faults(petra, anton)


def test_the_palette_leads_to_a_project_by_keyboard_alone(visit, ask):
    key, name = ask("SELECT key, name FROM portfolio_project WHERE phase = 'executing' ORDER BY id LIMIT 1")
    window = visit("petra").open("/")
    page = window.page
    page.keyboard.press("Control+k")
    page.locator("dialog.pal[open]").wait_for()
    page.keyboard.type(key)
    page.locator(f"#palette-results [role=option][aria-selected=true]:has-text('{name}')").first.wait_for()
    assert not window.accessibility()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(f"/portfolio/projects/{key}")))
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    page.locator("dialog.pal[open]").wait_for(state="detached")
    no_faults(window)


def test_whoever_types_fast_into_the_palette_and_presses_enter_at_once_gets_what_they_typed(visit, ask):
    key = ask("SELECT key FROM portfolio_project WHERE phase = 'executing' ORDER BY id DESC LIMIT 1")[0]
    window = visit("petra").open("/")
    page = window.page
    page.keyboard.press("Control+k")
    page.locator("#palette-results [role=option]").first.wait_for()  # what was done last stands there already
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(f"/portfolio/projects/{key}")))
    no_faults(window)


def test_a_filtered_board_is_the_same_for_whoever_gets_its_address(visit, ask):
    portfolio = ask("SELECT key FROM portfolio_portfolio ORDER BY id LIMIT 1")[0]
    petra = visit("petra").open(f"/portfolio/board/{portfolio}?overall=red")
    names = _rows(petra.page)
    assert names
    elke = visit("elke").open(petra.page.url.removeprefix(petra.server))
    assert _rows(elke.page) == names
    whole = visit("elke").open(f"/portfolio/board/{portfolio}")
    assert len(_rows(whole.page)) > len(names)
    no_faults(petra, elke, whole)


def _rows(page: Any) -> list[str]:
    links = page.locator("main table a[href^='/portfolio/projects/PRJ']")
    return sorted(set(links.evaluate_all("all => all.map(a => a.getAttribute('href').split('?')[0])")))


def test_a_proposal_is_written_by_keyboard_alone(visit, ask):
    window = visit("petra").open("/portfolio/proposals/new")
    page = window.page
    seen = _tab_to(page, "id_name")
    assert "skip" in seen[0], "the first stop is the link to the content"
    page.keyboard.type("Vorschlag per Tastatur")
    _tab_to(page, "id_problem")
    page.keyboard.type("Ohne Maus muss es auch gehen.")
    required = page.locator("main form [required]").evaluate_all("all => all.filter(e => !e.value).map(e => e.id)")
    for name in required:
        page.locator(f"#{name}").focus()
        page.keyboard.press("ArrowDown")
    page.locator("#id_problem").focus()
    stops = _tab_to(page, "submit")
    assert all("sr" not in stop.split() for stop in stops)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/new"))
    assert ask("SELECT count(*) FROM portfolio_proposal WHERE name = 'Vorschlag per Tastatur'")[0] == 1
    no_faults(window)


def _tab_to(page: Any, wanted: str, most: int = 120) -> list[str]:
    """Press Tab until the focus is on ``wanted`` (an id, or ``submit``); every stop must be visible."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const e = document.activeElement; const box = e.getBoundingClientRect();
            const submit = e.matches("main form button.p, main form .acts button[type=submit]") ? " submit" : "";
            return [`${e.id} ${e.className}${submit}`, box.width > 0 && box.height > 0]; }"""
        )
        assert stop[1], f"the focus is on something invisible: {stop[0]}"
        stops.append(stop[0])
        if wanted in stop[0].split():
            return stops
    raise AssertionError(f"{wanted} cannot be reached by Tab: {stops}")


def test_language_and_appearance_change_at_once_and_stay(visit):
    window = visit("visitor").sign_in("conny")
    page = window.page
    assert page.locator("html").get_attribute("lang") == "de"
    page.locator("header details:has(button[name=language]) summary").click()
    page.locator("header button[name=language][value=en]").click()
    page.wait_for_selector("html[lang=en]", state="attached")
    page.locator("header details:has(button[name=theme]) summary").click()
    with page.expect_response("**/preferences/shell"):
        page.locator("header button[name=theme][value=dark]").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.reload()
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("data-bs-theme")) == ("en", "dark")
    again = visit("visitor").sign_in("conny")
    assert again.page.locator("html").get_attribute("lang") == "en"
    again.page.locator("header details:has(button[name=language]) summary").click()
    again.page.locator("header button[name=language][value=de]").click()
    again.page.wait_for_selector("html[lang=de]", state="attached")
    no_faults(window, again)


def test_my_day_works_on_a_phone(visit):
    window = visit("paul", width=390, height=844)
    window.open("/")
    page = window.page
    assert not window.sideways()
    assert page.locator("nav.botnav a").first.is_visible() and not page.locator("nav.side").is_visible()
    small = page.locator("main a.bt, main button, nav.botnav a").evaluate_all(
        "all => all.map(e => [e.textContent.trim(), e.getBoundingClientRect()])"
        ".filter(([, box]) => box.width && Math.min(box.width, box.height) < 24).map(([text]) => text)"
    )
    assert not small, f"too small for a finger (24 px): {small}"
    press(page.locator("main a[href]").first)
    assert not window.sideways() and not window.accessibility()
    no_faults(window)
