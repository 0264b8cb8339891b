"""What an imported ESCO adds to the reading of a text: its labels beside our vocabulary's, proposed and never ticked."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.urls import reverse

from stellwerk.staffing.esco.terms import labels_to_find
from stellwerk.staffing.models import EscoSkill, ProfileTerm
from stellwerk.staffing.recognise import Recogniser
from stellwerk.staffing.selectors.words import esco_in
from stellwerk.staffing.services import readings
from stellwerk.staffing.tests.company import Staffing
from stellwerk.staffing.vocabulary import Term


def test_a_label_loses_what_only_tells_it_apart_and_short_common_words_are_no_labels() -> None:
    assert labels_to_find(["Java (Computerprogrammierung)", "Java (computer programming)"], ["law", "SQL", "Steuerrecht"]) == [
        "Java (Computerprogrammierung)", "Java (computer programming)", "SQL", "Steuerrecht",
    ]  # fmt: skip
    assert "Erlang" in labels_to_find(["Erlang (computer programming)"], [])
    assert labels_to_find(["", "  "], [""]) == []


def test_an_exact_recogniser_finds_forms_but_no_slips_and_no_ends_of_compounds() -> None:
    terms = [Term("a", "skill", {"de": "Getriebebau"}, {"de": ("manage tax audits",)})]
    exact, loose = Recogniser(terms, exact=True), Recogniser(terms)
    assert [one.text for one in exact.find("Managing tax audits, Getriebebaus")] == [
        "Managing tax audits",
        "Getriebebaus",
    ]
    for text in ("Getriebebaau", "Sondergetriebebau", "Getriebe-Bau"):
        assert loose.find(text) and not exact.find(text), text


@pytest.fixture
def esco(db: None) -> None:
    day = dt.date(2026, 1, 1)
    rows = (
        ("skill/k", "Käse herstellen", "make cheese", "Käseherstellung", "cheese making", "", None),
        ("skill/r", "Risikomanagement", "risk management", "", "", "risk", None),
        ("skill/l", "Dänisch", "Danish", "", "", "", None),
        ("skill/g", "Glas blasen", "blow glass", "", "glass blowing", "", day),
    )
    EscoSkill.objects.bulk_create(
        EscoSkill(
            uri=uri, name=name, name_en=name_en, others=others, others_en=others_en, term=term, removed_on=gone, imported_on=day,
            kind="language" if uri == "skill/l" else "skill",
        )
        for uri, name, name_en, others, others_en, term, gone in rows
    )  # fmt: skip


def test_what_our_vocabulary_has_what_is_a_language_and_what_was_removed_is_not_found_again(esco: None) -> None:
    assert set(esco_in("Risk management, Danish, glass blowing and cheese making")) == {"skill/k"}


@pytest.mark.django_db
def test_without_an_import_nothing_is_found() -> None:
    assert esco_in("cheese making") == {}


def test_a_cv_proposes_skills_of_esco_without_a_tick_and_keeps_those_that_are_chosen(
    esco: None, staffed: Staffing
) -> None:
    data = {"basics": {"name": "Jule Petersen", "summary": "Ten years of cheese making and risk management."}}
    reading = readings.read_cv(
        profile=staffed.profiles["frida"],
        stream=io.BytesIO(json.dumps(data).encode()),
        name="cv.json",
        by=staffed.frida,
    )
    items = readings.items_of(reading)["skills"]
    proposed = [one for one in items if one.code.startswith("esco-")]
    assert [one.code for one in proposed] == ["esco-skill/k"]
    assert not proposed[0].taken and "cheese making" in proposed[0].evidence
    address = reverse("staffing:profile-review", args=[staffed.profiles["frida"].key, reading.uid])
    shown = staffed.client_of("frida").get(address).content.decode()
    assert "ESCO classification" in shown and ("make cheese" in shown or "Käse herstellen" in shown)
    profile = readings.take_over(
        reading=reading, chosen=["esco-skill/k"], levels={"esco-skill/k": 3}, texts={}, by=staffed.frida
    )
    held = ProfileTerm.objects.select_related("term").get(profile=profile, term__code="esco:skill/k")
    assert (held.term.name_en, held.level, held.known) == ("make cheese", 3, "read")


def test_a_doubled_consonant_belongs_to_the_english_forms_alone() -> None:
    found = Recogniser([Term("soft", "discipline", {"en": "programming"}, {"en": ("mapping",)})])
    assert [one.text for one in found.find("Programmer, Programmierung, Programmen, programming, Programme, Mappen")] == [
        "Programmer", "programming",
    ]  # fmt: skip
