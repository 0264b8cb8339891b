"""A planner at work in the grid and the chart: by key, by pointer, two at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_journeys import ask, no_faults

__all__ = ["ask"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PLAN = "/plans/PRJ-0001/"
ROW = "SELECT a.id, a.duration, a.level, a.start FROM planning_activity a JOIN planning_plan p ON p.id = a.plan_id JOIN portfolio_project j ON j.id = p.project_id WHERE j.key = 'PRJ-0001' AND a.name = '{name}'"  # fmt: skip


def opened(visit: Any, who: str = "paul", **options: Any) -> Any:
    window = visit(who, **options).open(PLAN)
    window.page.locator("[data-plan][data-ready]").wait_for()
    return window


def begin(page: Any, ask: Any, name: str, days: int = 5) -> int:
    """A new row at the end, typed by keyboard; its number."""
    grid = page.get_by_role("treegrid")
    grid.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Insert")
    field = page.locator(".pg-edit")
    field.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.get_by_role("gridcell", name=name, exact=True).wait_for()
    page.wait_for_function(
        "n => document.querySelector('.pg-c.act')?.closest('[role=row]')?.textContent.includes(n)", arg=name
    )
    page.keyboard.press("Enter")
    page.locator(".pg-edit").wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type(str(days))
    page.keyboard.press("Enter")
    page.locator(".pl-card", has_text=f"→ {days}").wait_for()
    return int(ask(ROW.format(name=name))[0])


def active(page: Any, number: int) -> None:
    """Make a row the active one by a click on its name."""
    page.locator(f'[role=row][data-id="{number}"] [data-column="1"]').click()


def test_rows_are_typed_indented_and_taken_back_by_keyboard(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Abnahme vorbereiten", 4)
    other = begin(page, ask, "Unterlagen zusammenstellen", 3)
    level = ask(ROW.format(name="Abnahme vorbereiten"))[2]
    page.get_by_role("treegrid").focus()
    active(page, other)
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.locator(f'[role=row][data-id="{one}"][aria-expanded="true"]').wait_for()
    assert ask(ROW.format(name="Unterlagen zusammenstellen"))[2] == level + 1
    page.keyboard.press("Control+z")
    page.locator(f'[role=row][data-id="{one}"]:not([aria-expanded])').wait_for()
    assert ask(ROW.format(name="Unterlagen zusammenstellen"))[2] == level
    page.keyboard.press("Control+y")
    page.locator(f'[role=row][data-id="{one}"][aria-expanded="true"]').wait_for()
    no_faults(window)


def test_a_bad_value_stays_in_its_cell_with_a_reason(visit, ask):
    window = opened(visit)
    page = window.page
    number = begin(page, ask, "Messung wiederholen", 6)
    active(page, number)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("viel")
    page.keyboard.press("Enter")
    page.locator(".pl-card.bad", has_text="viel").wait_for()
    assert page.locator(".pg-edit").input_value() == "viel"
    page.keyboard.press("Control+a")
    page.keyboard.type("-5")
    page.keyboard.press("Enter")
    page.locator(".pl-card.bad", has_text="Nichts liegt unter 0").wait_for()
    assert page.locator(".pg-edit").input_value() == "-5"
    page.keyboard.press("Escape")
    assert ask(ROW.format(name="Messung wiederholen"))[1] == 6 * 480
    no_faults(window)


def test_a_bar_is_dragged_resized_and_linked_by_pointer(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Kabel ziehen", 10)
    other = begin(page, ask, "Kabel prüfen", 10)
    page.locator('[data-zoom="week"]').click()
    active(page, one)
    page.keyboard.press("Escape")  # closes the card, which may lie over the bar
    page.keyboard.press("c")
    bar = page.locator(f'g[data-id="{one}"] .br')
    bar.wait_for()
    before = ask(ROW.format(name="Kabel ziehen"))[3]
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 + 14 * 6, box["y"] + 5, steps=6)
    page.mouse.up()
    page.locator(".pl-card", has_text="Termin der Einschränkung").wait_for()
    page.keyboard.press("Escape")
    assert ask(ROW.format(name="Kabel ziehen"))[3] - before == 14 * 1440

    box = page.locator(f'g[data-id="{one}"] .br').bounding_box()
    dragged = ask(ROW.format(name="Kabel ziehen"))
    page.mouse.move(box["x"] + 20, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 5, steps=4)
    page.keyboard.press("Escape")  # leaves the bar where it was
    page.mouse.up()
    assert abs(page.locator(f'g[data-id="{one}"] .br').bounding_box()["x"] - box["x"]) < 1
    assert ask(ROW.format(name="Kabel ziehen")) == dragged

    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1 + 7 * 6, box["y"] + 5, steps=6)
    page.mouse.up()
    page.locator(".pl-card", has_text="10 →").wait_for()
    page.keyboard.press("Escape")
    assert ask(ROW.format(name="Kabel ziehen"))[1] > 10 * 480

    handle = page.locator(f'g[data-id="{one}"] .lk:not([data-end])').bounding_box()
    target = page.locator(f'[role=row][data-id="{other}"]').bounding_box()
    page.mouse.move(handle["x"] + 4, handle["y"] + 4)
    page.mouse.down()
    page.mouse.move(handle["x"] + 8, target["y"] + 14, steps=6)
    page.mouse.up()
    page.locator(".pl-card", has_text="Verknüpfung").wait_for()
    assert ask(f"SELECT count(*) FROM planning_link WHERE predecessor_id = {one} AND successor_id = {other}")[0] == 1
    no_faults(window)


def test_chosen_bars_move_together_and_a_link_begins_at_either_end(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Rohre biegen", 10)
    other = begin(page, ask, "Rohre schweißen", 10)
    page.locator('[data-zoom="week"]').click()
    active(page, one)
    page.keyboard.press("Escape")  # closes the card, which may lie over the bar
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("c")
    bar = page.locator(f'g[data-id="{one}"] .br')
    bar.wait_for()
    before = [ask(ROW.format(name=name))[3] for name in ("Rohre biegen", "Rohre schweißen")]
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 + 14 * 6, box["y"] + 5, steps=6)
    with page.expect_response(lambda answer: "/edit/" in answer.url):
        page.mouse.up()
    after = [ask(ROW.format(name=name))[3] for name in ("Rohre biegen", "Rohre schweißen")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [14 * 1440, 14 * 1440]
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelector('[data-do=redo]').disabled === false")
    assert [ask(ROW.format(name=name))[3] for name in ("Rohre biegen", "Rohre schweißen")] == before

    active(page, one)
    page.keyboard.press("Escape")
    handle = page.locator(f'g[data-id="{one}"] .lk[data-end="start"]').bounding_box()
    target = page.locator(f'g[data-id="{other}"] .br').bounding_box()
    page.mouse.move(handle["x"] + 4, handle["y"] + 4)
    page.mouse.down()
    page.mouse.move(target["x"] + 4, target["y"] + 5, steps=6)
    page.mouse.up()
    page.locator(".pl-card", has_text="Verknüpfung").wait_for()
    link = f"SELECT type FROM planning_link WHERE predecessor_id = {one} AND successor_id = {other}"
    assert ask(link)[0] == "SS"
    no_faults(window)


PASTE = """text => {
  const data = new DataTransfer(); data.setData('text/plain', text);
  document.querySelector('[role=treegrid]').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_a_block_is_pasted_over_cells_in_one_step_or_not_at_all(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Wand mauern", 5)
    begin(page, ask, "Wand verputzen", 5)
    days = lambda: [ask(ROW.format(name=name))[1] for name in ("Wand mauern", "Wand verputzen")]  # noqa: E731
    before = days()
    active(page, one)
    page.keyboard.press("ArrowRight")  # from the name to the duration
    page.evaluate(PASTE, "7\nviel\n")
    page.locator(".pl-card", has_text="„viel“").or_(page.locator(".pl-card", has_text="viel")).wait_for()
    assert page.locator('[role=gridcell][aria-invalid="true"]').count() == 1
    assert days() == before
    with page.expect_response(lambda answer: "/edit/" in answer.url):
        page.evaluate(PASTE, "7\n8\n")
    assert days() == [7 * 480, 8 * 480]
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelector('[data-do=redo]').disabled === false")
    assert days() == before
    no_faults(window)


def test_rows_are_pasted_from_excel(visit, ask):
    window = opened(visit)
    page = window.page
    begin(page, ask, "Schulung", 2)
    text = "Vorgang\tDauer\tAnfang\nTermine abstimmen\t2,5 Tage\t\nUnterlagen drucken\t1\t04.01.2027\n"
    page.get_by_role("treegrid").focus()
    page.evaluate(
        """text => {
      const data = new DataTransfer(); data.setData('text/plain', text);
      document.querySelector('[role=treegrid]').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
    }""",
        text,
    )
    page.get_by_role("gridcell", name="Unterlagen drucken", exact=True).wait_for()
    assert ask(ROW.format(name="Termine abstimmen"))[1] == 1200
    no_faults(window)


def test_a_preview_shows_what_moves_and_writes_only_when_applied(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Fundament gießen", 5)
    other = begin(page, ask, "Fundament aushärten", 5)
    active(page, one)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("l")
    page.locator(".pl-card", has_text="Verknüpfung").wait_for()
    assert other
    page.locator('[data-layer="preview"]').click()
    for answer, expected in (("Verwerfen", 5), ("Übernehmen", 9)):
        active(page, one)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("9")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert "Fundament aushärten" in dialog.inner_text()
        dialog.get_by_role("button", name=answer).click()
        if expected == 9:
            page.locator(".pl-card", has_text="→ 9").wait_for()
        else:
            page.wait_for_timeout(600)  # time enough for what must not be written
        assert ask(ROW.format(name="Fundament gießen"))[1] == expected * 480
    page.locator('[data-layer="preview"]').click()
    no_faults(window)


def test_a_rescheduled_plan_is_taken_back_and_waits_again(visit, ask):
    window = opened(visit)
    page = window.page
    number = begin(page, ask, "Liegt zu früh", 5)
    of_plan = f"id = (SELECT plan_id FROM planning_activity WHERE id = {number})"
    # As an import leaves it: dates of the file, which the plan would not give.
    ask(f"UPDATE planning_activity SET start = start - 14400, finish = finish - 14400 WHERE id = {number}")
    ask(f"UPDATE planning_plan SET stale = 1, revision = revision + 1 WHERE {of_plan}")
    early = ask(ROW.format(name="Liegt zu früh"))[3]
    stale = f"SELECT stale FROM planning_plan WHERE {of_plan}"
    page.locator('[data-pl="stale"]:not([hidden]) button').click(timeout=9000)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert "Liegt zu früh" in dialog.inner_text()
    dialog.get_by_role("button", name="Übernehmen").click()
    card = page.locator(".pl-card", has_text="neu gerechnet")
    card.get_by_role("button", name="Rückgängig").wait_for()
    assert ask(ROW.format(name="Liegt zu früh"))[3] == early + 14400
    assert not ask(stale)[0]
    card.get_by_role("button", name="Rückgängig").click()
    page.locator('[data-pl="stale"]:not([hidden])').wait_for()
    assert ask(ROW.format(name="Liegt zu früh"))[3] == early
    assert ask(stale)[0]
    page.get_by_role("treegrid").focus()
    page.keyboard.press("Control+y")
    page.locator('[data-pl="stale"][hidden]').wait_for(state="attached")
    assert ask(ROW.format(name="Liegt zu früh"))[3] == early + 14400
    no_faults(window)


def test_predecessors_are_typed_and_constraints_chosen_for_several_rows_at_once(visit, ask):
    window = opened(visit)
    page = window.page
    one = begin(page, ask, "Rohre verlegen", 3)
    other = begin(page, ask, "Rohre dämmen", 2)
    for name in ("predecessors", "deadline", "ev_method"):
        page.locator(f"[data-pl=columns] input[value={name}]").evaluate("box => box.click()")
    headings = page.locator(".pg-h").all_inner_texts()

    def cell(number: int, heading: str) -> Any:
        return page.locator(f"#pc-{number}-{headings.index(heading)}")

    code = cell(one, "PSP").inner_text()
    cell(other, "Vorgänger").dblclick()
    page.keyboard.type("99.9")
    page.keyboard.press("Enter")
    page.locator(".pl-card.bad", has_text="99.9").wait_for()
    page.locator(".pg-edit").fill(f"{code}AA+2")
    page.keyboard.press("Enter")
    page.locator(".pl-card", has_text="Verknüpfung").wait_for()
    assert cell(other, "Vorgänger").inner_text() == f"{code}AA+2"
    link = f"SELECT type, lag FROM planning_link WHERE predecessor_id = {one} AND successor_id = {other}"
    assert ask(link) == ("SS", 2 * 480)

    cell(one, "EV-Methode").click()
    cell(other, "EV-Methode").click(modifiers=["Control"])
    page.keyboard.press("Enter")
    page.locator("select.pg-edit").select_option("0/100")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "id => document.getElementById(id)?.textContent.startsWith('0/100')",
        arg=f"pc-{one}-{headings.index('EV-Methode')}",
    )
    methods = f"SELECT count(*) FROM planning_activity WHERE id IN ({one}, {other}) AND ev_method = '0_100'"
    assert ask(methods)[0] == 2
    no_faults(window)


def test_quick_keys_do_not_meet_themselves(visit, ask):
    window = opened(visit)
    page = window.page
    number = begin(page, ask, "Schnell verlängert", 5)
    active(page, number)
    for _turn in range(3):
        page.keyboard.press("Alt+ArrowUp")
    page.locator(".pl-card", has_text="7 → 8").wait_for()
    assert page.get_by_role("dialog").count() == 0
    assert ask(ROW.format(name="Schnell verlängert"))[1] == 8 * 480
    for _turn in range(3):
        page.keyboard.press("Control+z")
    page.locator(".pl-card", has_text="5 → 6").wait_for()
    assert ask(ROW.format(name="Schnell verlängert"))[1] == 5 * 480
    for _turn in range(2):
        page.keyboard.press("Control+y")
    page.locator(".pl-card", has_text="6 → 7").wait_for()
    assert ask(ROW.format(name="Schnell verlängert"))[1] == 7 * 480
    no_faults(window)


def test_two_planners_see_each_other_and_a_stale_edit_shows_both_values(visit, ask):
    paul, petra = opened(visit), opened(visit, "petra")
    number = begin(paul.page, ask, "Gemeinsam geplant", 5)
    line = f'[role=row][data-id="{number}"]'
    petra.page.get_by_role("treegrid").focus()
    petra.page.keyboard.press("Control+End")
    petra.page.locator(line, has_text="Gemeinsam geplant").wait_for(timeout=9000)  # the other's row, without a reload
    active(paul.page, number)
    active(petra.page, number)
    # Both begin to type before either saves: the second one has not seen the first one's value.
    for window, days in ((paul, "7"), (petra, "8")):
        window.page.keyboard.press("ArrowRight")
        window.page.keyboard.press(days)
    paul.page.keyboard.press("Enter")
    paul.page.locator(".pl-card", has_text="5 → 7").wait_for()
    petra.page.keyboard.press("Enter")
    dialog = petra.page.get_by_role("dialog")
    dialog.wait_for()
    text = dialog.inner_text()
    assert "7 AT" in text
    assert "8 AT" in text
    assert "Gemeinsam geplant" in text
    dialog.get_by_role("button", name="Meinen Wert übernehmen").click()
    petra.page.locator(".pl-card", has_text="7 → 8").wait_for()
    assert ask(ROW.format(name="Gemeinsam geplant"))[1] == 8 * 480
    no_faults(paul)


def test_the_grid_is_a_treegrid_and_the_page_passes_axe(visit):
    for theme in ("light", "dark"):
        window = opened(visit, color_scheme=theme)
        page = window.page
        grid = page.get_by_role("treegrid")
        assert int(grid.get_attribute("aria-rowcount")) > 20
        assert page.get_by_role("columnheader", name="Vorgang").count() == 1
        rows = page.locator("[role=treegrid] [role=row][aria-level]")
        assert rows.first.get_attribute("aria-rowindex") == "2"
        assert page.locator('[role=row][aria-expanded="true"]').count() > 1
        grid.focus()
        page.keyboard.press("ArrowDown")
        cell = grid.get_attribute("aria-activedescendant")
        assert page.locator(f"#{cell}").get_attribute("role") == "gridcell"
        page.keyboard.press("Shift+Enter")
        page.locator(".pl-panel h2").wait_for()
        assert not window.accessibility()
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "treegrid"
        no_faults(window)


def test_the_chart_draws_baseline_critical_path_what_is_late_and_today(visit, ask):
    """Each mark belongs to a row of which the database says the same."""
    window = opened(visit)
    page = window.page
    marks = (
        "mark => [...document.querySelectorAll(`.pc-svg ${mark}`)].map(m => Number(m.closest('[data-id]').dataset.id))"
    )
    ghosts, critical, late = (page.evaluate(marks, mark) for mark in (".gh", ".crit .br", ".dv"))
    assert ghosts and critical and late
    one = "SELECT critical, summary FROM planning_activity WHERE id = {row}"
    assert all(ask(one.format(row=row)) == (1, 0) for row in set(critical))
    for row in set(late):
        now, frozen = ask(
            "SELECT a.finish, b.finish FROM planning_activity a JOIN planning_baselinerow b ON b.activity_id = a.id"
            f" JOIN planning_baseline l ON l.id = b.baseline_id WHERE a.id = {row} AND l.state = 'approved'"
        )
        text = page.locator(f'.pc-svg [data-id="{row}"] .dv').text_content()
        assert text[0] == ("+" if now > frozen else "−"), text
    assert page.locator(".pc-ground .now").count() == 1
    wide = page.locator(".pc-svg").bounding_box()["width"]
    for zoom in ("year", "day"):
        page.locator(f"[data-zoom={zoom}]").click()
        assert page.locator(f"[data-zoom={zoom}]").get_attribute("aria-pressed") == "true"
        narrow, wide = wide, page.locator(".pc-svg").bounding_box()["width"]
    assert wide > 10 * narrow, "in the room of a day lie weeks"
    no_faults(window)


def test_the_plan_is_read_on_a_phone(visit):
    window = opened(visit, width=390, height=844)
    page = window.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_role("treegrid").is_visible()
    assert not page.locator(".pl-chart").is_visible()
    page.locator(".pl-bar summary").last.click()
    box = page.locator(".pl-more").bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] + box["height"] <= 844
    no_faults(window)


def test_must_dates_win_is_switched_on_told_and_taken_back(visit, ask):
    window = opened(visit)
    page = window.page
    question = (
        "SELECT dates_win FROM planning_plan p JOIN portfolio_project j ON j.id = p.project_id WHERE j.key = 'PRJ-0001'"
    )
    switch, told = page.locator('[data-do="dates_win"]'), page.locator('[data-pl="dates_win"]')
    assert told.is_hidden()
    page.locator(".pl-bar summary").last.click()
    switch.click()
    told.wait_for()
    assert switch.get_attribute("aria-pressed") == "true"
    assert ask(question)[0]
    page.keyboard.press("Escape")
    page.locator(".pl-card").get_by_role("button", name="Rückgängig").click()
    told.wait_for(state="hidden")
    assert not ask(question)[0]
    no_faults(window)


def test_a_reader_changes_nothing_by_key_or_pointer(visit, ask):
    window = opened(visit, "stefan")
    page = window.page
    before = ask(
        "SELECT revision FROM planning_plan p JOIN portfolio_project j ON j.id = p.project_id WHERE j.key = 'PRJ-0001'"
    )
    assert page.locator("[data-do=add]").count() == 0
    page.get_by_role("treegrid").focus()
    page.keyboard.press("ArrowDown")
    for key in (
        "Delete",
        "Insert",
        "Alt+ArrowRight",
        "Alt+ArrowUp",
        "Alt+Shift+ArrowRight",
        "l",
        "Shift+L",
        "Control+z",
    ):
        page.keyboard.press(key)
    assert page.locator(".pl-card, .pg-edit").count() == 0
    page.keyboard.press("Enter")
    panel = page.locator(".pl-panel")
    panel.get_by_role("link").wait_for()
    assert panel.locator(":is(input, select, textarea):not([disabled])").count() == 0
    assert not window.accessibility()
    after = ask(
        "SELECT revision FROM planning_plan p JOIN portfolio_project j ON j.id = p.project_id WHERE j.key = 'PRJ-0001'"
    )
    assert after == before
    no_faults(window)
