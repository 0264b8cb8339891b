"""Our words are complete, unique and lead to each other; texts in both languages are read with care."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.staffing.recognise import Way, fold, recogniser, terms_in
from stellwerk.staffing.vocabulary import KINDS, neighbours, vocabulary


def test_every_term_is_complete_in_both_languages() -> None:
    terms = vocabulary()
    assert len(terms) >= 300
    for term in terms.values():
        assert term.kind in KINDS
        assert all(term.names[language] for language in ("de", "en"))
        assert all(0 < credit < 1 for credit in term.near.values())
        assert set(term.near) <= set(terms) - {term.code}


def test_a_label_means_one_thing() -> None:
    meant: dict[tuple[str, str], set[str]] = {}
    for term in vocabulary().values():
        for language in ("de", "en"):
            for label in (term.names[language], *term.synonyms[language]):
                meant.setdefault((language, fold(label)), set()).add(term.code)
    assert {label: codes for label, codes in meant.items() if len(codes) > 1} == {}


def test_neighbours_count_both_ways_and_the_higher_credit_wins() -> None:
    assert neighbours()["controlling", "evm"] == Fraction(7, 10)
    assert neighbours()["prince2_foundation", "prince2_practitioner"] == Fraction(9, 10)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Erfahrung im Projektcontrolling und mit MS Project", ["controlling", "ms_project"]),
        ("Projekt-Controlling, Earned-Value-Management", ["controlling", "evm"]),
        ("Sie leiten Projekte nach PRINCE2 und sind IPMA Level B zertifiziert.", ["prince2_method", "ipma_b"]),
        ("Experience in managing projects with Primavera P6; PMP preferred", ["pm", "p6", "pmp"]),
        ("Nachträge prüfen und Anti-Claim-Management", ["claim"]),
        ("Agile ceremonies, sprint planning and user stories", ["agile_pm", "scrum", "user_stories"]),
        ("Unterstützung der Bauleiterin bei der Bauüberwachung", ["site_mgmt"]),
        ("SAFe, not safe; LeSS is more, less is less", ["safe", "less"]),
        ("Projektcontroling mit Tippfehler", ["controlling"]),
        ("verhandlungssicheres Englisch und gute Excel-Kenntnisse", ["english", "excel"]),
    ],
)
def test_texts_in_both_languages_name_what_they_say(text: str, codes: list[str]) -> None:
    assert list(terms_in(text)) == codes


def test_the_way_and_the_place_are_told() -> None:
    (one,) = terms_in("Kenntnisse der Projektcontrollings")["controlling"]
    assert (one.text, one.way) == ("Projektcontrollings", Way.FORM)
    (other,) = terms_in("im Projektcontroling")["controlling"]
    assert (other.start, other.end, other.way) == (3, 20, Way.FUZZY)


def test_words_that_only_look_alike_are_left_alone() -> None:
    assert not terms_in("Die Teams trafen sich sicher und mit weniger Stress, um zu planen, was war.")
    assert not terms_in("")


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_any_text_is_read_and_places_lie_in_it(text: str) -> None:
    last = 0
    for one in recogniser().find(text):
        assert last <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        last = one.end


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_label_is_found_by_itself(language: str) -> None:
    lost = [
        (term.code, label)
        for term in vocabulary().values()
        for label in (term.names[language], *term.synonyms[language])
        if term.code not in terms_in(label)
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Changemanagement und Change-Management", ["ocm"]),
        ("Kapazitäts-Planung, Termin-Planung", ["capacity", "scheduling"]),
        ("Großprojektmanagement und Baurisikomanagements", ["pm", "risk"]),
        ("goLive and go live, roll out in three countries", ["cutover"]),
    ],
)
def test_together_apart_and_compounds_mean_the_same(text: str, codes: list[str]) -> None:
    assert list(terms_in(text)) == codes


def test_the_words_of_the_trade_are_many_in_all_kinds() -> None:
    counts = {kind: sum(term.kind == kind for term in vocabulary().values()) for kind in KINDS}
    assert sum(len(term.labels()) for term in vocabulary().values()) >= 3000
    assert counts["certificate"] >= 60 and counts["industry"] >= 30 and counts["tool"] >= 75 and counts["method"] >= 80
