"""The small pieces of HTML that every list is made of."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from stellwerk.core import render


@pytest.mark.parametrize(
    ("state", "code"),
    [("red", "r"), ("AMBER", "a"), ("g", "g"), ("grey", "n"), (None, "n"), ("", "n"), ("purple", "n")],
)
def test_an_unknown_or_missing_state_is_grey_and_never_green(state: str | None, code: str) -> None:
    assert render.state_code(state) == code


def test_a_light_says_its_word_to_screen_readers_or_in_text_but_not_twice() -> None:
    with translation.override("de"):
        quiet, spoken = render.light("red"), render.light("red", word=True)
    assert 'aria-label="Rot"' in quiet
    assert ">Rot</span>" in spoken
    assert 'aria-label="Rot"' not in spoken


def test_lights_follow_the_language_although_they_are_cached() -> None:
    with translation.override("de"):
        german = render.light("amber", "down", word=True)
    with translation.override("en"):
        english = render.light("amber", "down", word=True)
    assert "Gelb" in german
    assert "schlechter" in german
    assert "Amber" in english
    assert "worse" in english


def test_without_a_trend_the_slot_stays_empty_but_keeps_its_place() -> None:
    assert 'class="tr no"' in render.light("green", None)
    assert 'class="tr' not in render.light("green", None, arrow=False)


def widths(svg: str, kind: str) -> list[float]:
    return [float(value) for value in re.findall(rf'f-{kind}"[^>]* width="([\d.]+)%"', svg)]


def test_a_bar_shows_shares_of_its_total() -> None:
    svg = render.bar([("d1", 30), ("hatch", 20)], total=200)
    assert widths(svg, "d1") == [15.0]
    assert widths(svg, "hatch") == [10.0]


def test_a_bar_never_leaves_its_frame_and_survives_zero_and_negative_values() -> None:
    svg = render.bar([("d1", 150), ("d2", 100), ("d3", -5)], total=200)
    assert widths(svg, "d1") == [75.0]
    assert widths(svg, "d2") == [25.0]
    assert widths(svg, "d3") == []
    assert "<svg" in render.bar([("d1", 0)], total=0)


def test_numbers_in_a_bar_have_points_in_german_too() -> None:
    with translation.override("de"):
        assert "12.50%" in render.bar([("d1", 1)], total=8)


def test_a_label_is_escaped() -> None:
    assert "<script>" not in render.bar([("d1", 1)], label='"><script>x</script>')
    assert "<script>" not in render.spark([1, 2], label='"><script>x</script>')
    assert "<script>" not in render.icon("bell", label='"><script>x</script>')


def test_an_unknown_kind_of_bar_cannot_smuggle_in_markup() -> None:
    assert "onload" not in render.bar([('d1" onload="x', 1)])


def test_the_distribution_of_lights_keeps_its_order_and_says_it() -> None:
    with translation.override("de"):
        svg = render.split(red=3, amber=14, grey=4, green=39)
    assert 'aria-label="3 Rot, 14 Gelb, 4 Grau, 39 Grün"' in svg


def test_a_sparkline_leaves_gaps_open_and_needs_two_values() -> None:
    assert render.spark([1, None, 2, 3]).count("M") == 2
    assert "–" in render.spark([None, 4])


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mareike Jansen", "MJ"), ("Dr. Henrik Voss", "HV"), ("Petra von der Heide", "PH"), ("Cher", "C"), ("", "?")],
)
def test_initials_are_first_and_last_name(name: str, letters: str) -> None:
    assert render.initials(name) == letters
