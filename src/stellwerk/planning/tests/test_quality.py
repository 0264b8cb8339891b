"""Each check with a schedule that fails it and one that passes; the worked example number by number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from stellwerk.core.checks import SEVERITIES
from stellwerk.planning.exchange import Document
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Calendar,
    Duration,
    Lag,
    Link,
    Resource,
)
from stellwerk.planning.exchange.kept import Code, CodeType, FieldDefinition, Value
from stellwerk.planning.quality import RULES, Limits
from stellwerk.planning.tests.example import (
    DAY,
    A,
    B,
    C,
    D,
    E,
    F,
    at,
    baseline,
    changed,
    days,
    example,
    results_of,
    without_links,
)

EXPECTED: dict[str, tuple[list[str], int, Fraction, bool | None]] = {
    "PLN001": (["Opened", "Manual"], 5, Fraction(2, 5), False),
    "PLN002": (["Paint"], 7, Fraction(1, 7), False),
    "PLN003": (["Build"], 7, Fraction(1, 7), False),
    "PLN004": (["Opened"], 7, Fraction(6, 7), False),
    "PLN005": (["Opened"], 5, Fraction(1, 5), False),
    "PLN006": (["Paint", "Manual"], 5, Fraction(2, 5), False),
    "PLN007": (["Order", "Build", "Opened"], 5, Fraction(3, 5), False),
    "PLN008": (["Build"], 5, Fraction(1, 5), False),
    "PLN009": (["Order"], 6, Fraction(1, 6), False),
    "PLN010": (["Paint", "Manual"], 4, Fraction(1, 2), None),
    "PLN011": (["Order"], 2, Fraction(1, 2), False),
    "PLN012": ([], 1, Fraction(1), True),
    "PLN013": ([], 1, Fraction(62, 64), True),
    "PLN014": (["Order"], 2, Fraction(1, 2), False),
    "PLN015": (["Paint", "Opened", "Manual"], 5, Fraction(3, 5), False),
    "PLN016": (["Paint", "Manual"], 4, Fraction(1, 2), False),
    "PLN017": (["Manual"], 5, Fraction(1, 5), False),
    "PLN018": ([], 5, Fraction(0), True),
    "PLN019": (["Paint"], 5, Fraction(1, 5), False),
    "PLN020": (["Build"], 7, Fraction(1, 7), False),
    "PLN021": ([], 7, Fraction(0), True),
    "PLN022": ([], 7, Fraction(0), True),
}


def test_the_worked_example_has_the_results_of_the_paper() -> None:
    found = {
        code: ([item.name for item in one.items], one.total, one.share, one.passed)
        for code, one in results_of(example()).items()
    }
    assert found == EXPECTED


def test_every_rule_says_why_where_from_and_how_bad() -> None:
    assert [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
    for rule in RULES:
        assert str(rule.title)
        assert str(rule.explanation)
        assert rule.standard
        assert rule.severity in SEVERITIES


def sound() -> Document:
    """The example put right: nothing fails but that the last activity has no successor, which counts at this size."""
    document = without_links(example(), (A, C), (B, C), (B, D), (D, E))
    document = replace(
        document,
        links=(*document.links, Link(B, C), Link(B, D), Link(D, E), Link(F, E)),
        assignments=tuple(Assignment(number, uid, 1) for number, uid in enumerate((A, B, C, D, E, F), start=1)),
    )
    document = changed(document, B, actual_start=at(3, 4), actual_finish=at(3, 5, 17), percent_complete=Decimal(100))
    for uid, begin in ((C, 8), (D, 8), (F, 8)):
        document = changed(
            document, uid, start=at(3, begin), finish=at(4, 2, 17), duration=days(20), work=Decimal(160),
            baselines=baseline(at(3, begin), at(4, 2, 17)),
        )  # fmt: skip
    return changed(
        document, E, constraint="asap", constraint_date=None, start=at(4, 2, 17), finish=at(4, 2, 17),
        baselines=baseline(at(4, 2, 17), at(4, 2, 17)),
    )  # fmt: skip


def test_a_sound_schedule_passes_all_but_the_end_without_successor() -> None:
    found = results_of(sound())
    assert {code for code, one in found.items() if not one.passed} == {"PLN001", "PLN010"}
    assert [(item.name, str(item.detail)) for item in found["PLN001"].items] == [("Opened", "no successor")]
    assert found["PLN010"].share == 0


def a_network_of_forty() -> Document:
    """A chain of 41 days in which everything is right: its two ends are less than five in a hundred."""
    base = sound()
    starts = [at(3, 8) + dt.timedelta(weeks=number // 5, days=number % 5) for number in range(41)]
    tasks = tuple(
        replace(
            base.task_by_uid[F], uid=100 + number, id=number + 1, name=str(number), duration=days(1), work=Decimal(8),
            start=start, finish=start.replace(hour=17), baselines=baseline(start, start.replace(hour=17)),
        )
        for number, start in enumerate(starts)
    )  # fmt: skip
    links = tuple(Link(100 + number, 101 + number) for number in range(40))
    assignments = tuple(Assignment(number, 100 + number, 1) for number in range(41))
    return replace(base, tasks=tasks, links=links, assignments=assignments)


def test_two_ends_of_a_long_chain_are_no_missing_logic() -> None:
    found = results_of(a_network_of_forty())["PLN001"]
    assert (found.share, found.passed) == (Fraction(2, 41), True)


FAILING: dict[str, Callable[[Document], Document]] = {
    "PLN001": lambda plan: without_links(plan, (A, F)),
    "PLN002": lambda plan: replace(plan, links=(*plan.links[:-1], Link(F, E, "FS", Lag(-60)))),
    "PLN003": lambda plan: replace(plan, links=(*plan.links[:-1], Link(F, E, "FS", Lag(percent=Decimal(10))))),
    "PLN004": lambda plan: replace(plan, links=(*plan.links[:-1], Link(F, E, "FF"))),
    "PLN005": lambda plan: changed(plan, F, constraint2="finish_no_later", constraint2_date=at(12, 1)),
    "PLN006": lambda plan: changed(plan, C, duration=days(65)),
    "PLN007": lambda plan: changed(plan, C, deadline=at(4, 1, 17)),
    "PLN008": lambda plan: changed(plan, C, duration=days(45)),
    "PLN009": lambda plan: changed(plan, C, actual_start=at(3, 9)),
    "PLN010": lambda plan: replace(plan, assignments=plan.assignments[:2]),
    "PLN011": lambda plan: changed(plan, A, actual_finish=at(3, 4, 17)),
    "PLN012": lambda plan: changed(without_links(plan, (F, E)), F, duration=days(1), deadline=at(2, 26)),
    "PLN013": lambda plan: changed(plan, C, duration=days(30)),
    "PLN014": lambda plan: changed(plan, B, actual_finish=None, percent_complete=Decimal(90)),
    "PLN015": lambda plan: replace(plan, resources=(Resource(1, "Welder", generic=True),)),
    "PLN016": lambda plan: changed(plan, C, work=Decimal(0)),
    "PLN017": lambda plan: changed(plan, C, baselines=(Baseline(3, at(3, 8), at(4, 2)),)),
    "PLN018": lambda plan: changed(plan, C, calendar=77),
    "PLN019": lambda plan: replace(plan, links=(*plan.links[:-1], Link(F, E, "SS"))),
    "PLN020": lambda plan: replace(plan, links=(*plan.links, Link(A, E))),
    "PLN021": lambda plan: changed(plan, B, actual_start=at(3, 2)),
    "PLN022": lambda plan: changed(plan, C, summary=True),
}


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_each_check_finds_what_it_is_for(code: str) -> None:
    before, after = (results_of(plan)[code] for plan in (sound(), FAILING[code](sound())))
    assert after.passed is (None if code == "PLN010" else False)
    assert before.passed is not False or code == "PLN001"
    assert len(after.items) > len(before.items) or code == "PLN013"
    assert before.share != after.share


def test_the_delay_of_a_critical_activity_that_leads_nowhere_does_not_count_as_the_new_end() -> None:
    found = results_of(FAILING["PLN012"](sound()))["PLN012"]
    assert [item.name for item in found.items] == ["Manual"]
    assert found.share == 0


def test_nothing_to_look_at_neither_passes_nor_fails() -> None:
    document = replace(sound(), links=())
    for uid in (C, D, E, F):
        document = changed(document, uid, actual_start=at(3, 1), actual_finish=at(3, 2), percent_complete=Decimal(100))
    found = results_of(document)
    for code in ("PLN001", "PLN002", "PLN005", "PLN010", "PLN012", "PLN013", "PLN015", "PLN021", "PLN022"):
        assert (found[code].passed, found[code].share, bool(found[code].reason)) == (None, None, True), code


def test_without_a_data_date_what_needs_it_is_not_measured() -> None:
    found = results_of(replace(sound(), project=replace(sound().project, data_date=None)))
    assert {code for code, one in found.items() if one.share is None} == {"PLN009", "PLN011", "PLN013", "PLN014"}
    assert all(found[code].passed is None for code in ("PLN009", "PLN011", "PLN013", "PLN014"))


def test_without_a_baseline_what_needs_it_is_not_measured() -> None:
    document = sound()
    for uid in document.task_by_uid:
        document = changed(document, uid, baselines=())
    found = results_of(document)
    assert {code for code, one in found.items() if one.share is None} == {"PLN011", "PLN013", "PLN014"}
    assert found["PLN017"].passed is False
    assert results_of(replace(document, format="xer"))["PLN017"].passed is None


def test_a_field_or_a_code_may_name_the_responsible_person() -> None:
    document = replace(
        sound(), assignments=(), fields=(FieldDefinition("1", "Text1", "Verantwortlich"),),
        code_types=(CodeType(7, "Responsible"), CodeType(8, "Phase")),
    )  # fmt: skip
    document = changed(document, C, values=(Value("1", "Ann"),))
    document = changed(document, D, codes=(Code(7, 1),))
    document = changed(document, F, codes=(Code(8, 1),), values=(Value("1", ""),))
    assert [item.name for item in results_of(document)["PLN015"].items] == ["Opened", "Manual"]


def test_days_are_those_of_the_calendar_of_the_activity() -> None:
    long_days = replace(sound(), calendars=(replace(sound().calendars[0], minutes_per_day=300),))
    assert results_of(changed(long_days, C, calendar=1, duration=days(30)))["PLN008"].items[0].detail == "48 WD"
    assert not results_of(changed(sound(), C, duration=days(30)))["PLN008"].items
    waiting = changed(sound(), C, duration=days(90), planned_duration=days(30))  # of P6: begun, and waiting since
    assert not results_of(waiting)["PLN008"].items
    assert len(results_of(changed(sound(), C, duration=days(30), planned_duration=days(45)))["PLN008"].items) == 1
    assert not results_of(changed(sound(), C, duration=Duration(40 * 1440, elapsed=True)))["PLN008"].items


def test_lags_are_told_in_working_days_of_the_successor_and_in_the_language_of_the_reader() -> None:
    def told(document: Document) -> list[str]:
        return [str(item.detail) for item in results_of(document)["PLN003"].items]

    def lagged(lag: Lag, calendar: Calendar | None = None) -> Document:
        plan = example()
        links = tuple(
            replace(link, lag=lag) if link.successor == C else link for link in plan.links if link != Link(A, C)
        )
        return replace(plan, links=links, calendars=(calendar or plan.calendars[0],))

    assert told(lagged(Lag(15 * DAY))) == ["2 → FS +15 WD"]
    assert told(lagged(Lag(720))) == ["2 → FS +1.5 WD"]
    assert told(lagged(Lag(2 * 1440, elapsed=True))) == ["2 → FS +2 ed"]
    assert told(lagged(Lag(percent=Decimal(50)))) == ["2 → FS +50 %"]
    short_days = replace(example().calendars[0], minutes_per_day=240)
    assert told(changed(lagged(Lag(DAY), short_days), C, calendar=1)) == ["2 → FS +2 WD"]
    with translation.override("de"):
        assert told(lagged(Lag(720))) == ["2 → EA +1,5 AT"]
    item = results_of(lagged(Lag(720)))["PLN003"].items[0]
    with translation.override("de"):
        assert str(item.detail) == "2 → EA +1,5 AT"  # read later, by somebody else


def test_limits_and_thresholds_are_data() -> None:
    assert len(results_of(sound(), Limits(high_duration=10))["PLN008"].items) == 3


def test_a_link_that_a_chain_with_a_lead_joins_is_not_redundant() -> None:
    plan = sound()
    through = replace(plan, links=(*plan.links, Link(A, E)))
    assert [item.detail for item in results_of(through)["PLN020"].items] == ["1 → FS"]
    leads = tuple(replace(link, lag=Lag(-DAY)) if link.successor == E else link for link in plan.links)
    assert not results_of(replace(plan, links=(*leads, Link(A, E))))["PLN020"].items


def test_a_repeated_link_is_redundant_whatever_its_kind() -> None:
    plan = sound()
    twice = replace(plan, links=(*plan.links, Link(F, E, "FF"), Link(F, E, "FF")))
    assert [item.detail for item in results_of(twice)["PLN020"].items] == ["6 → FF"]


def test_a_search_for_redundant_links_that_takes_too_long_says_so() -> None:
    found = results_of(replace(sound(), links=(*sound().links, Link(A, E))), Limits(redundant_steps=1))["PLN020"]
    assert (found.share, found.passed) == (None, None)
    assert "too many" in str(found.reason)


def test_a_started_activity_does_not_dangle_at_its_start() -> None:
    plan = without_links(sound(), (B, C))
    plan = replace(plan, links=(*plan.links, Link(B, C, "FF")))
    assert [str(item.detail) for item in results_of(plan)["PLN019"].items] == ["start"]
    assert not results_of(changed(plan, C, actual_start=at(3, 5)))["PLN019"].items


def test_an_unknown_calendar_of_the_project_hits_all_that_use_it() -> None:
    plan = replace(sound(), calendars=(Calendar(9, "Other"),))
    assert len(results_of(plan)["PLN018"].items) == 4
    assert len(results_of(changed(plan, C, calendar=9))["PLN018"].items) == 3
