"""Texts linked to concepts: each step against what was expected beforehand; with and without meaning."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.staffing import meaning
from stellwerk.staffing.letters import Letters
from stellwerk.staffing.linking import Linker, Sure, Way
from stellwerk.staffing.meaning import Store
from stellwerk.staffing.models import EscoSkill
from stellwerk.staffing.selectors import words

CONCEPTS = {
    "bricks": ["Ziegel mauern", "lay bricks"],
    "roofs": ["Dächer decken", "cover roofs"],
    "risk": ["Risikomanagement", "risk management"],
}


class Counted:
    """Stands for the model: a text's vector points where its number says; counts what it is asked for."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers, self.asked = numbers, 0

    def query(self, texts: list[str]) -> Any:
        self.asked += len(texts)
        return np.array([np.eye(4)[self.numbers.get(text, 3)] for text in texts])


def test_an_equal_label_is_certain_and_another_form_likely() -> None:
    linker = Linker(CONCEPTS)
    first = linker.link("RISIKOMANAGEMENT")[0]
    assert (first.concept, first.way, first.sure) == ("risk", Way.EXACT, Sure.CERTAIN)
    first = linker.link("Ziegeln mauern")[0]
    assert (first.concept, first.way, first.sure) == ("bricks", Way.FORM, Sure.LIKELY)


def test_letters_find_a_slip_and_leave_what_is_like_nothing() -> None:
    linker = Linker(CONCEPTS)
    first = linker.link("Risikomanagment")[0]
    assert (first.concept, first.way) == ("risk", Way.LETTERS)
    assert linker.link("Klavier stimmen") == []
    assert linker.link("  ?! ") == []
    assert Linker({}).link("x") == []


def test_each_concept_is_named_once() -> None:
    linker = Linker({"a": ["risk management", "risk manager", "risk managers"]})
    assert [link.concept for link in linker.link("risk management")] == ["a"]


def test_meaning_finds_another_language_and_is_asked_once_for_a_label(tmp_path: Path) -> None:
    loaded = Counted({"Ziegel mauern": 0, "lay bricks": 0, "Dächer decken": 1, "cover roofs": 1, "masonry": 0})
    store = Store(tmp_path, loaded)
    linker = Linker(CONCEPTS, store)
    assert loaded.asked == 6
    assert linker.labels[int(linker.scores(["masonry"])[0].argmax())] in CONCEPTS["bricks"]
    again = Counted(loaded.numbers)
    Linker(CONCEPTS, Store(tmp_path, again))
    assert again.asked == 0  # they were kept in the file


def test_a_broken_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    loaded = Counted({})
    (tmp_path / f"{meaning.NAME}.npz").write_bytes(b"PK\x03\x04 no archive")
    store = Store(tmp_path, loaded)
    assert store.vectors(["one", "two", "one"]).shape == (3, 4)
    assert loaded.asked == 2


def test_without_the_extra_there_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(meaning, "import_module", absent)
    meaning.model.cache_clear()
    assert meaning.model() is None
    meaning.model.cache_clear()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=40))
def test_likeness_lies_between_0_and_1_and_is_1_for_the_same(labels: list[str], text: str) -> None:
    letters = Letters(labels)
    assert ((letters.likeness(text) >= 0) & (letters.likeness(text) <= 1.0001)).all()
    for at, label in enumerate(labels):
        own = float(letters.likeness(label)[at])
        assert own == pytest.approx(1, abs=1e-4) or own == 0  # 0: nothing but signs
    Linker({"a": labels}).link(text)


@pytest.mark.django_db
def test_esco_and_our_own_words_answer_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "model", lambda: None)
    day = dt.date(2026, 11, 26)
    EscoSkill.objects.create(uri="skill/b", name="Ziegel mauern", name_en="lay bricks", imported_on=day)
    EscoSkill.objects.create(uri="skill/r", name="Risikolenkung", name_en="risk steering", term="risk", imported_on=day)
    EscoSkill.objects.create(uri="skill/x", name="Kerzen ziehen", imported_on=day, removed_on=day)
    linker = words.linker()
    assert linker.link("lay bricks")[0].concept == "esco:skill/b"
    assert linker.link("risk steering")[0].concept == "risk"  # one concept of ours and ESCO's
    assert linker.link("Kerzen ziehen")[:1] == [] or linker.link("Kerzen ziehen")[0].way is not Way.EXACT
    assert words.linker() is linker
