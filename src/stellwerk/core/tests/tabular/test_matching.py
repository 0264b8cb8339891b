"""Recognising records: by key, by name, unsure, new; duplicates; and fast enough for a large file."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.core.tabular import Band, Incoming, Known, recognise
from stellwerk.core.tabular.matching import likeness
from stellwerk.trials import tries


def outcome(name: str, known: list[str], key: str = "", band: Band | None = None) -> tuple[str, object]:
    records = [Known(i, text) for i, text in enumerate(known)]
    answer = recognise([Incoming(1, name, key)], records, band or Band()).records[0]
    return answer.outcome, answer.ref if answer.outcome == "match" else [c.ref for c in answer.candidates]


def test_the_key_decides_whatever_the_name() -> None:
    known = [Known("a", "Alpha", "PRJ-1"), Known("b", "Beta", "PRJ-2")]
    answer = recognise([Incoming(5, "Beta", "prj-1 ")], known).records[0]
    assert (answer.row, answer.outcome, answer.ref) == (5, "match", "a")


def test_the_same_name_but_for_case_accents_and_punctuation_is_a_match() -> None:
    assert outcome("EINFÜHRUNG  SAP/S4", ["Einfuehrung SAP S4"]) == ("match", 0)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Project Eagle (formerly Urenco Future Options)", "Project Eagle"),
        ("Crossrail", "Crossrail Programme"),
        ("Smart Meters Implementation Programme", "Smart Metering Implementation Programme"),
        ("Einführung neues ERP", "Einfuhrung neues ERP-System"),
        ("Neubau Lagerhale Ost", "Neubau Lagerhalle Ost"),
    ],
)
def test_names_that_are_alike_are_asked_about_never_merged(name: str, known: str) -> None:
    assert outcome(name, ["Something else", known]) == ("unsure", [1])


@pytest.mark.parametrize(
    ("name", "known"),
    [("Thames Phase 1", "Thames Phase 2"), ("ISSC2", "ISSC1"), ("Werk Nord", "Kantine Süd"), ("Halle A", "Halle B")],
)
def test_different_numbers_and_different_words_are_different_projects(name: str, known: str) -> None:
    assert outcome(name, [known])[0] == "new"


def test_the_band_is_the_callers() -> None:
    assert outcome("Neubau Lagerhale Ost", ["Neubau Lagerhalle Ost"], band=Band(exact_only=True))[0] == "new"
    assert outcome("Neubau Lagerhale Ost", ["Neubau Lagerhalle Ost"], band=Band(unsure=99.5))[0] == "new"


def test_two_records_of_one_name_are_a_question() -> None:
    assert outcome("Alpha", ["Alpha", "alpha"]) == ("unsure", [0, 1])


def test_the_same_name_under_another_key_is_a_question() -> None:
    answer = recognise([Incoming(1, "Alpha", "K-9")], [Known(7, "Alpha", "K-1")]).records[0]
    assert (answer.outcome, [c.ref for c in answer.candidates]) == ("unsure", [7])


def test_a_record_recognised_by_its_key_is_not_offered_again() -> None:
    known = [Known(1, "Alpha", "K-1")]
    answers = recognise([Incoming(1, "Alpha", "K-1"), Incoming(2, "Alpha", "K-2")], known).records
    assert [a.outcome for a in answers] == ["match", "new"]


def test_two_rows_of_one_name_do_not_both_take_the_record() -> None:
    answers = recognise([Incoming(1, "Alpha"), Incoming(2, "ALPHA")], [Known(1, "Alpha")]).records
    assert [a.outcome for a in answers] == ["unsure", "unsure"]


def test_duplicates_inside_a_file_are_found_by_key_and_by_name() -> None:
    rows = [
        Incoming(2, "Alpha", "K-1"), Incoming(3, "Beta", "k-1"), Incoming(4, "Gamma"), Incoming(5, "gamma "),
        Incoming(6, "Same", "K-5"), Incoming(7, "Same", "K-6"),
    ]  # fmt: skip
    assert [(d.by, d.rows) for d in recognise(rows, []).duplicates] == [("key", (2, 3)), ("name", (4, 5))]


@settings(max_examples=tries(150, 60))
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_between_0_and_100(left: str, right: str) -> None:
    assert likeness(left, right) == likeness(right, left)
    assert 0 <= likeness(left, right) <= 100
    assert likeness(left, left) == 97.0


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=10), st.text(max_size=4)), max_size=12))
def test_a_file_recognises_itself(rows: list[tuple[str, str]]) -> None:
    records = [Incoming(i, name, key) for i, (name, key) in enumerate(rows)]
    answer = recognise(records, [Known(i, name, key) for i, (name, key) in enumerate(rows)])
    assert len(answer.records) == len(rows)
    troubled = {row for duplicate in answer.duplicates for row in duplicate.rows}
    for record, recognised in zip(records, answer.records, strict=True):
        if recognised.outcome == "match" and record.row not in troubled:
            assert recognised.ref == record.row


def test_twenty_thousand_names_with_slips_take_seconds_not_minutes() -> None:
    chance = random.Random(3)
    words = ["".join(chance.choice("abcdefghijklmnoprstuvw") for _ in range(chance.randint(5, 9))) for _ in range(2000)]
    names = [" ".join(chance.choice(words) for _ in range(4)) for _ in range(20_000)]
    slips = [Incoming(i, name[:3] + "x" + name[4:] if i % 4 == 0 else name) for i, name in enumerate(names)]
    started = time.process_time()
    records = recognise(slips, [Known(i, name) for i, name in enumerate(names)]).records
    assert time.process_time() - started < 15
    found = sum(1 for r in records[::4] if r.outcome == "match" or r.row in [c.ref for c in r.candidates])
    assert found > 0.97 * len(records[::4])
