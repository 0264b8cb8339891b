"""Taking in ESCO: both forms of its tables, what is odd, a second time, a newer version."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.realdata import real_data

from stellwerk.core.errors import Refused
from stellwerk.core.models import AuditEntry
from stellwerk.staffing.esco.reading import BASE, read_folder
from stellwerk.staffing.esco.terms import terms_of_labels
from stellwerk.staffing.models import EscoOccupation, EscoRelation, EscoSkill
from stellwerk.staffing.services.esco import import_esco

DAY, LATER = dt.date(2026, 11, 26), dt.date(2027, 3, 1)
SKILL, WORK = f"{BASE}skill/", f"{BASE}occupation/"
JOINED = {
    "skills_de_en.csv": [
        ["uri", "label_en", "label_de", "alt_en", "alt_de", "collections", "in_v12"],
        [SKILL + "a", "risk management", "Risikomanagement", "manage risks\nrisk control", "", "", "True"],
        [SKILL + "b", "lay bricks", "Ziegel mauern", "brick laying|lay bricks", "mauern", "", "True"],
        [SKILL + "c", "Welsh", "Walisisch", "", "", "language", "True"],
        [SKILL + "d", "", "Verschwundenes", "", "", "", "False"],
    ],
    "occupations_de_en.csv": [
        ["uri", "label_en", "label_de", "alt_en", "alt_de", "code"],
        [WORK + "w", "bricklayer", "Maurer/Maurerin", "", "Maurer|Maurerin", "7112.1"],
    ],
    "occupation_skill.csv": [
        ["occupation_uri", "skill_uri", "relation"],
        [WORK + "w", SKILL + "a", "optional"],
        [WORK + "w", SKILL + "b", "essential"],
        [WORK + "w", SKILL + "unknown", "essential"],
    ],
    "skill_broader.csv": [
        ["conceptType", "conceptUri", "broaderType", "broaderUri"],
        ["KnowledgeSkillCompetence", SKILL + "b", "KnowledgeSkillCompetence", SKILL + "a"],
        ["KnowledgeSkillCompetence", SKILL + "b", "SkillGroup", SKILL + "S1"],
    ],
    "skill_skill.csv": [
        ["originalSkillUri", "originalSkillType", "relationType", "relatedSkillType", "relatedSkillUri"],
        [SKILL + "b", "skill/competence", "optional", "knowledge", SKILL + "a"],
    ],
}  # fmt: skip


def folder(path: Path, tables: dict[str, list[list[str]]]) -> Path:
    path.mkdir(exist_ok=True)
    for name, rows in tables.items():
        with (path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return path


def changed(**tables: list[list[str]]) -> dict[str, list[list[str]]]:
    return {**JOINED, **{f"{name}.csv": rows for name, rows in tables.items()}}


def test_the_joined_tables_are_read_with_labels_types_and_notes(tmp_path: Path) -> None:
    found = read_folder(folder(tmp_path / "v1.2.0", JOINED))
    assert found.version == "1.2.0"
    assert found.skills["skill/a"].others_en == ("manage risks", "risk control")
    assert found.skills["skill/b"].others_en == ("brick laying",)  # not the preferred label again
    assert [found.skills[f"skill/{key}"].kind for key in "abc"] == ["knowledge", "skill", "language"]
    assert found.skills["skill/d"].gone
    assert found.relations == {("occupation/w", "skill/a"): False, ("occupation/w", "skill/b"): True}
    assert found.broader == {"skill/b": {"skill/a"}}
    assert len(found.notes) == 1  # the relation to an unknown skill


def test_the_tables_as_they_are_published_are_read_too(tmp_path: Path) -> None:
    head = ["conceptType", "conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels"]
    kind = "KnowledgeSkillCompetence"
    tables = {
        "skills_en.csv": [head, [kind, SKILL + "a", "knowledge", "cross-sector", "risk management", "manage risks"]],
        "skills_de.csv": [head, [kind, SKILL + "a", "knowledge", "cross-sector", "Risikomanagement", ""]],
        "occupations_de.csv": [
            ["conceptUri", "preferredLabel", "altLabels", "code"], [WORK + "w", "Maurer/Maurerin", "", "7112.1"]
        ],
        "occupationSkillRelations_en.csv": [
            ["occupationUri", "relationType", "skillType", "skillUri"], [WORK + "w", "essential", "knowledge", SKILL + "a"]
        ],
    }  # fmt: skip
    found = read_folder(folder(tmp_path, tables), version="1.2.1")
    one = found.skills["skill/a"]
    assert (one.name, one.name_en, one.kind, one.reuse) == (
        "Risikomanagement", "risk management", "knowledge", "cross-sector"
    )  # fmt: skip
    assert found.occupations["occupation/w"].code == "7112.1"
    assert found.relations == {("occupation/w", "skill/a"): True}
    assert len(found.notes) == 2  # English occupations and the broader skills are missing


def test_what_is_missing_or_odd_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"skills_de_en\.csv"):
        read_folder(folder(tmp_path / "empty", {}))
    with pytest.raises(Refused, match="nowhere"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(Refused, match="label_en"):
        read_folder(folder(tmp_path / "column", changed(skills_de_en=[["uri", "label_de", "alt_en", "alt_de"]])))
    with pytest.raises(Refused):
        read_folder(folder(tmp_path / "bare", changed(skills_de_en=JOINED["skills_de_en.csv"][:1])))
    broken = folder(tmp_path / "broken", JOINED)
    (broken / "occupation_skill.csv").write_bytes(b"occupation_uri,skill_uri,relation\n\xff\xfe,x,y\n")
    with pytest.raises(Refused, match="UTF-8"):
        read_folder(broken)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(sorted(JOINED)))
def test_any_table_is_read_or_refused(tmp_path: Path, content: bytes, name: str) -> None:
    place = folder(tmp_path, JOINED)
    (place / name).write_bytes(content)
    try:
        read_folder(place)
    except Refused as refusal:
        assert refusal.code == "unusable"


@pytest.mark.django_db
def test_a_second_import_changes_nothing_and_a_newer_version_marks_what_it_lost(tmp_path: Path) -> None:
    found = read_folder(folder(tmp_path / "one", JOINED))
    first = import_esco(found=found, by=None, today=DAY)
    assert (first.skills.created, first.occupations.created, first.relations.created) == (4, 1, 2)
    assert first.linked == 1
    assert EscoSkill.objects.get(uri="skill/a").term == "risk"
    assert EscoSkill.objects.get(uri="skill/d").removed_on == DAY
    above = EscoSkill.objects.get(uri="skill/a")
    assert EscoSkill.objects.get(uri="skill/b").broader == [above.pk]
    entries = AuditEntry.objects.count()

    again = import_esco(found=found, by=None, today=LATER)
    assert again.nothing_new
    assert (again.skills.unchanged, again.occupations.unchanged, again.relations.unchanged) == (4, 1, 2)
    assert AuditEntry.objects.count() == entries
    assert set(EscoSkill.objects.values_list("imported_on", flat=True)) == {DAY}

    rows = [row for row in JOINED["skills_de_en.csv"] if not row[0].endswith("/c")]
    rows = [[*row[:2], "Ziegelmauern", *row[3:]] if row[0].endswith("/b") else row for row in rows]
    relations = [JOINED["occupation_skill.csv"][0], [WORK + "w", SKILL + "b", "optional"]]
    newer = read_folder(folder(tmp_path / "two", changed(skills_de_en=rows, occupation_skill=relations)))
    third = import_esco(found=newer, by=None, today=LATER)
    assert (third.skills.changed, third.skills.removed, third.skills.unchanged) == (1, 1, 2)
    assert (third.relations.changed, third.relations.removed) == (1, 1)
    assert EscoSkill.objects.get(uri="skill/c").removed_on == LATER
    assert EscoRelation.objects.get().essential is False
    assert import_esco(found=found, by=None, today=LATER).skills.returned == 1
    assert EscoOccupation.objects.get().labels() == ["Maurer/Maurerin", "bricklayer", "Maurer", "Maurerin"]


@pytest.mark.django_db
def test_who_may_not_run_staffing_takes_in_nothing(tmp_path: Path) -> None:
    from stellwerk.core.models import User

    nobody = User.objects.create_user(email="nobody@example.com", password="x" * 16)
    with pytest.raises(Refused):
        import_esco(found=read_folder(folder(tmp_path, JOINED)), by=nobody, today=DAY)
    assert not EscoSkill.objects.exists()


def test_our_terms_are_linked_by_equal_labels_only() -> None:
    concepts = {
        1: (["Risikomanagement"], ["Risikomanagement"]),
        2: (["LESS"], ["LESS"]),
        3: (["Dächer decken"], ["Dächer decken", "risk management"]),
    }
    assert terms_of_labels(concepts) == {1: "risk"}


@pytest.mark.django_db
def test_the_command_says_what_it_did_and_whose_classification_it_is(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    place = folder(tmp_path / "esco", JOINED)
    call_command("import_esco", str(place))
    assert "This service uses the ESCO classification of the European Commission." in capsys.readouterr().out
    call_command("import_esco", str(place), "--json")
    assert json.loads(capsys.readouterr().out)["nothing_new"] is True
    with pytest.raises(CommandError) as stopped:
        call_command("import_esco", str(tmp_path / "nowhere"))
    assert stopped.value.returncode == 2


@pytest.mark.django_db
def test_the_real_esco_is_taken_in_twice_without_a_change() -> None:
    found = read_folder(real_data("esco"))
    taken = import_esco(found=found, by=None, today=DAY)
    assert (taken.skills.created, taken.occupations.created, taken.relations.created) == (14_132, 3_039, 128_792)
    assert import_esco(found=found, by=None, today=LATER).nothing_new
