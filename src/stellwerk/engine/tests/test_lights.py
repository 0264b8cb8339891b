"""Traffic lights against the rules and worked numbers of the method."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine import lights
from stellwerk.engine.lights import AMBER, GREEN, GREY, RED, Standing, assess, overall

RULE = {rule.code: rule for rule in lights.DEFAULT_RULES}
LIGHT = st.sampled_from([RED, AMBER, GREEN, GREY, None])
SIX = st.fixed_dictionaries(dict.fromkeys(lights.DIMENSIONS, LIGHT))


@pytest.mark.parametrize(
    ("code", "value", "light"),
    [
        ("spi_t", "0.95", GREEN), ("spi_t", "0.9499999", AMBER), ("spi_t", "0.85", AMBER), ("spi_t", "0.8499999", RED),
        ("milestone_delay", "5", GREEN), ("milestone_delay", "6", AMBER), ("milestone_delay", "20", AMBER), ("milestone_delay", "21", RED),
        ("eac_overrun", "0.05", GREEN), ("eac_overrun", "0.0500001", AMBER), ("eac_overrun", "0.10", AMBER), ("eac_overrun", "0.1000001", RED),
        ("over_approved_budget", "1", RED), ("over_approved_budget", "0", GREEN),
        ("pending_changes", "0.05", GREEN), ("pending_changes", "0.1", AMBER), ("pending_changes", "0.11", RED), ("must_lost", "1", RED),
        ("major_overdue", "0", GREEN), ("major_overdue", "7", AMBER), ("test_pass", "0.95", GREEN), ("test_pass", "0.90", AMBER),
        ("test_pass", "0.89", RED), ("critical_open_days", "5", GREEN), ("critical_open_days", "6", RED), ("gate_failed", "1", RED),
        ("unfilled_need", "0.05", GREEN), ("unfilled_need", "0.15", AMBER), ("unfilled_need", "0.16", RED),
        ("key_role_vacant_weeks", "4", GREEN), ("key_role_vacant_weeks", "5", RED), ("high_risks_answered", "1", AMBER),
        ("high_risks_unanswered", "1", RED), ("emv_of_contingency", "0.80", GREEN), ("emv_of_contingency", "1", AMBER), ("emv_of_contingency", "1.01", RED),
    ],
)  # fmt: skip
def test_each_limit_belongs_to_the_better_colour(code: str, value: str, light: str) -> None:
    assert lights.light_of(RULE[code], Decimal(value)) == light


def test_alpha_is_red_because_its_forecast_overruns_by_thirteen_percent() -> None:
    bac = Decimal(500)
    eac = bac / (Decimal(230) / Decimal(260))
    schedule = assess("schedule", {"spi_t": Decimal("4.3") / 5, "milestone_delay": None})
    cost = assess("cost", {"eac_overrun": (eac - bac) / bac})
    assert schedule.light == AMBER
    assert cost.light == RED
    assert round(cost.readings[0].value, 4) == Decimal("0.1304")
    assert overall({"schedule": schedule.light, "cost": cost.light}) == RED


def test_the_worst_indicator_wins_and_none_is_ignored() -> None:
    found = assess("quality", {"major_overdue": 1, "test_pass": None, "critical_open_days": 9, "gate_failed": 0})
    assert found.light == RED
    assert [reading.rule.code for reading in found.decisive] == ["critical_open_days"]


def test_nothing_known_is_grey_but_a_room_that_is_not_there_is_not_assessed() -> None:
    assert assess("risk", {"emv_of_contingency": None}).light == GREY
    assert assess("risk", {}).light is None
    assert assess("risk", None).light is None


@pytest.mark.parametrize(
    ("six", "expected"),
    [
        ({"schedule": RED, "cost": GREEN}, RED),
        ({"quality": RED, "risk": RED, "cost": GREEN}, RED),
        ({"quality": RED, "cost": GREEN}, AMBER),
        ({"scope": AMBER}, AMBER),
        ({"quality": AMBER, "risk": AMBER}, AMBER),
        ({"quality": AMBER, "risk": GREEN}, GREEN),
        ({"schedule": GREEN, "cost": GREEN, "scope": GREEN}, GREEN),
        ({"schedule": GREY, "cost": GREY, "scope": GREY, "quality": GREEN}, GREY),
        ({"schedule": GREY, "cost": GREY, "scope": GREEN}, GREEN),
        ({"schedule": GREY}, GREY),
        ({}, None),
    ],
)
def test_the_overall_light_follows_the_method(six: dict[str, str], expected: str | None) -> None:
    assert overall(six) == expected


@given(SIX)
def test_a_dimension_that_is_not_assessed_changes_nothing(six: dict[str, str | None]) -> None:
    assert overall(six) == overall({name: light for name, light in six.items() if light is not None})


@given(SIX, st.sampled_from(lights.DIMENSIONS))
def test_a_dimension_that_turns_red_never_makes_the_project_better(six: dict[str, str | None], name: str) -> None:
    rank = {GREEN: 0, AMBER: 1, RED: 2}
    before = {**six, name: GREEN}
    after = {**six, name: RED}
    if overall(before) in rank and overall(after) in rank:
        assert rank[overall(after)] >= rank[overall(before)]  # type: ignore[index]


@given(st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(lights.DEFAULT_RULES))
def test_every_number_has_exactly_one_colour_and_better_is_never_worse(value: Decimal, rule: lights.Rule) -> None:
    rank = {GREEN: 0, AMBER: 1, RED: 2}
    light = lights.light_of(rule, value)
    assert light in rank
    better = rule.green if (value < rule.green) == rule.higher_is_better else value
    assert rank[lights.light_of(rule, better)] <= rank[light]  # type: ignore[index]


def test_data_older_than_one_cycle_turns_grey() -> None:
    data = dt.date(2026, 11, 6)
    assert lights.shown(RED, data, dt.date(2026, 11, 20), 14) == RED
    assert lights.shown(RED, data, dt.date(2026, 11, 21), 14) == GREY
    assert lights.shown(GREEN, data, data, 14, on_hold=True) == GREY
    assert lights.shown(GREEN, data, data, 14, missed=True) == GREY
    assert lights.shown("", data, data, 14) is None


@pytest.mark.parametrize(
    ("text", "light", "half"),
    [("Green", GREEN, False), ("Amber/Green", AMBER, True), ("AMBER / RED", AMBER, True), ("Gelb-Rot", AMBER, True), ("rot", RED, False), ("R", RED, False)],
)  # fmt: skip
def test_five_point_lights_show_as_amber_with_a_half_step_and_keep_their_word(
    text: str, light: str, half: bool
) -> None:
    read = lights.from_five_point(text)
    assert read is not None
    assert (read.light, read.half_step, read.reported) == (light, half, text)


@pytest.mark.parametrize("text", ["", "Reset", "Exempt under Section 43", "blue", "–"])
def test_a_word_that_is_no_light_is_never_guessed(text: str) -> None:
    assert lights.from_five_point(text) is None


def test_arrows_tell_a_change_of_colour_also_between_half_steps() -> None:
    green, amber, red = Standing(GREEN), Standing(AMBER), Standing(RED)
    amber_red = Standing(AMBER, True, "Amber/Red")
    assert lights.arrow(green, red) == "down"
    assert lights.arrow(red, amber) == "up"
    assert lights.arrow(amber, amber_red) == "down"
    assert lights.arrow(amber, amber) == "same"
    assert lights.arrow(None, red) is None
    assert lights.arrow(Standing(GREY), red) is None


def test_arrows_tell_a_moved_index_or_forecast_within_one_colour() -> None:
    then = Standing(AMBER, index=Decimal("0.90"), eac=500, bac=500)
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.92"), eac=500, bac=500)) == "up"
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.919"), eac=500, bac=500)) == "same"
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.88"), eac=500, bac=500)) == "down"
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.90"), eac=505, bac=500)) == "down"
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.90"), eac=504, bac=500)) == "same"
    assert lights.arrow(then, Standing(AMBER, index=Decimal("0.95"), eac=510, bac=500)) == "down"


def test_thresholds_are_data_and_wrong_ones_are_refused_by_name() -> None:
    rules = {rule.code: rule for rule in lights.rules_with({"spi_t": {"green": "0.98", "amber": "0.9"}})}
    assert lights.light_of(rules["spi_t"], Decimal("0.96")) == AMBER
    with pytest.raises(ValueError, match="spi_t"):
        lights.rules_with({"spi_t": {"green": "0.8", "amber": "0.9"}})
    with pytest.raises(ValueError, match="eac_overrun"):
        lights.rules_with({"eac_overrun": {"green": "much"}})
    with pytest.raises(ValueError, match="moonlight"):
        lights.rules_with({"moonlight": {}})


def test_worsening_needs_a_reason_and_improving_needs_twenty_characters_and_the_pmo() -> None:
    assert lights.override_needs(GREEN, RED, "", confirmed=False) == "reason"
    assert lights.override_needs(GREEN, RED, "supplier is insolvent", confirmed=False) == ""
    assert lights.override_needs(AMBER, GREEN, "looks fine", confirmed=True) == "long_reason"
    assert lights.override_needs(AMBER, GREEN, "recovery plan was accepted", confirmed=False) == "confirmation"
    assert lights.override_needs(AMBER, GREEN, "recovery plan was accepted", confirmed=True) == ""
    assert lights.override_needs(AMBER, AMBER, "", confirmed=False) == ""
