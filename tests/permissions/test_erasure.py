"""Article 17: after an erasure no table of the database names the person, whoever wrote the name and wherever it stood."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from stellwerk.core import erasure, snapshots
from stellwerk.core.comments import add_comment
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import AuditEntry, ChangeItem, ChangeSet, Job, SavedView, Snapshot
from stellwerk.people.models import Person
from stellwerk.people.services import edit_person, erase_person
from stellwerk.portfolio.models import Project, ProjectStatus
from stellwerk.reporting.selectors import status_payload_of

DAY = "2026-11-20"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path


def everything() -> str:
    """Every value of every table, as text."""
    rows = []
    for model in apps.get_models():
        for row in model._base_manager.values():
            rows.append(f"{model._meta.label_lower}: " + json.dumps(row, default=str, ensure_ascii=False))
    return "\n".join(rows)


def found(*names: str) -> list[str]:
    return [line[:300] for line in everything().splitlines() if any(name.lower() in line.lower() for name in names)]


def write_of(company: Any, name: str, address: str) -> None:
    """The name in every kind of text that people, imports and Stellwerk itself write."""
    cast = company.cast
    add_comment(cast.project, text=f"Please ask @{name}, or write to {address}.", by=cast.petra)
    Project.objects.filter(pk=cast.other_project.pk).update(
        manager_name=name, sponsor_name=" ".join(reversed(name.split())), description=f"Idea of {name.upper()}",
        attributes={"Ansprechpartner": name},
    )  # fmt: skip
    ProjectStatus.objects.filter(project=cast.project).update(
        summary=f"{name} has left.", narrative={"Risks": f"{name} is missed"}, master={"manager_name": name},
        remarks=[{"value": name}],
    )  # fmt: skip
    queue_mail(cast.petra, subject=f"{name} has commented", text=f"{name} wrote", html=f"<b>{name}</b>")
    AuditEntry.objects.create(
        entity_type="portfolio.project", entity_id=1, verb="edit", reason=f"{name} asked for it",
        changes={"manager_name": ["", name]},
    )  # fmt: skip
    draft = ChangeSet.objects.create(kind="test", title=f"By {name}", plan={"unsure": [name]}, created_by=cast.petra)
    ChangeItem.objects.create(
        change_set=draft, entity_type="portfolio.project", entity_id=1, operation="update",
        before={"manager_name": name}, after={},
    )  # fmt: skip
    Job.objects.create(name="test", title=name, arguments={"q": name}, user=cast.petra, message=name)
    SavedView.objects.create(user=cast.petra, page="portfolio.project", name=f"All of {name}", query=f"q={name}")


def erased(company: Any, code: str, capture: Any) -> Person:
    person = company.cast.people[code]
    with capture(execute=True):
        erase_person(Person.objects.get(pk=person.pk), by=company.cast.petra, reason=f"{person} asks, Art. 17")
    return Person.objects.get(pk=person.pk)


@pytest.mark.parametrize("most", [erasure.MOST_TERMS, 1], ids=["a table at once", "in parts"])
def test_no_table_names_an_erased_person(company, django_capture_on_commit_callbacks, monkeypatch, most):
    monkeypatch.setattr(erasure, "MOST_TERMS", most)
    write_of(company, "Paul Jansen", "paul@example.com")
    assert len(found("Paul Jansen", "paul@example.com")) > 12
    person = erased(company, "paul", django_capture_on_commit_callbacks)
    assert not found("Paul Jansen", "Jansen, Paul", "Jansen Paul", "paul@example.com")
    assert Project.objects.get(key="PRJ-0002").manager_name == f"– {person.key}"


def test_a_former_name_goes_too(company, django_capture_on_commit_callbacks):
    person = company.cast.people["paul"]
    write_of(company, "Paul Jansen", "paul@example.com")
    edit_person(person, {"last_name": "Jansen-Lindqvist", "email": "pwl@example.com"}, by=company.cast.petra)
    erased(company, "paul", django_capture_on_commit_callbacks)
    assert not found("Paul Jansen", "Jansen-Lindqvist", "paul@example.com", "pwl@example.com")


def test_the_seal_of_a_published_report_survives_an_erasure(company, django_capture_on_commit_callbacks):
    report = next(row.obj for row in company.samples["report"] if row.name == "published" and not row.step)
    snapshot = Snapshot.objects.get(pk=report.snapshot_id)
    digest, before = snapshot.digest, status_payload_of(snapshot)
    assert before.pm == "Paul Jansen" and "Paul Jansen" not in json.dumps(snapshot.payload)
    person = erased(company, "paul", django_capture_on_commit_callbacks)
    snapshot.refresh_from_db()
    assert snapshots.intact(snapshot) and snapshot.digest == digest
    after = status_payload_of(snapshot)
    assert after.pm == f"– {person.key}"
    assert (after.overall, after.money, after.data_date) == (before.overall, before.money, before.data_date)
    assert not AuditEntry.objects.filter(verb="redact").exists()


def test_a_name_that_no_token_covers_is_taken_out_and_history_says_so(company, django_capture_on_commit_callbacks):
    """A name that was frozen before anybody knew the person: the law goes before the seal, and openly so."""
    cast = company.cast
    frozen = snapshots.freeze(
        cast.project, kind="test", data_date=company.samples["report"][0].obj.data_date,
        payload={"text": "Thanks to Mira Sanddorn."}, by=cast.petra,
    )  # fmt: skip
    assert "Sanddorn" in json.dumps(frozen.payload)
    cast.people["mira"] = Person.objects.create(key="PER-0900", first_name="Mira", last_name="Sanddorn", unit=cast.unit)
    erased(company, "mira", django_capture_on_commit_callbacks)
    digest = frozen.digest
    frozen.refresh_from_db()
    assert frozen.payload == {"text": "Thanks to – PER-0900."} and snapshots.intact(frozen)
    assert AuditEntry.objects.get(verb="redact").changes == {"digest": [digest, frozen.digest]}


def test_published_texts_come_back_letter_by_letter(company):
    payload = {
        "a": "PAUL JANSEN, Paul Jansen; Jansen, Paul. ⟦PER-9999⟧",
        "b": ["Paul Jansenknecht", {"c": "Elke  Hartmann"}],
    }
    frozen = snapshots.freeze(
        company.cast.project, kind="test", data_date=company.samples["report"][0].obj.data_date, payload=payload,
        by=None, names=["Unbekannt, U."],
    )  # fmt: skip
    frozen.refresh_from_db()
    assert snapshots.contents(frozen) == payload
    assert frozen.payload["a"] == "PAUL JANSEN, ⟦PER-0003⟧; ⟦PER-0003/1⟧. ⟦PER-9999⟧"
    assert set(frozen.names.values()) == {"Paul Jansen", "Jansen, Paul"}


def test_a_namesake_keeps_the_name(company, django_capture_on_commit_callbacks):
    cast = company.cast
    Person.objects.create(key="PER-0901", first_name="Paul", last_name="Jansen", unit=cast.unit)
    Project.objects.filter(pk=cast.other_project.pk).update(manager_name="Paul Jansen")
    erased(company, "paul", django_capture_on_commit_callbacks)
    assert Project.objects.get(key="PRJ-0002").manager_name == "Paul Jansen"
    assert Person.objects.get(key="PER-0901").last_name == "Jansen"


def test_rendered_decks_and_uploaded_lists_are_thrown_away(company, django_capture_on_commit_callbacks):
    for folder in ("decks", "imports"):
        default_storage.save(f"{folder}/sample.pdf", ContentFile(b"Paul Jansen"))
    erased(company, "paul", django_capture_on_commit_callbacks)
    for folder in ("decks", "imports"):
        assert folder in erasure.FOLDERS and default_storage.listdir(folder)[1] == []


def test_a_restored_backup_forgets_the_name_in_texts_again(company, django_capture_on_commit_callbacks):
    cast, pseudonym = company.cast, company.cast.paul.pseudonym
    write_of(company, "Paul Jansen", "paul@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        assert erasure.apply_erasures([pseudonym]) == 1  # what a restore does with the ledger
    assert not found("Paul Jansen", "paul@example.com")
    cast.paul.refresh_from_db()
    assert not cast.paul.is_active


# ── article 15: what is stored about me ──────────────────────────────────────────────────────────


def test_a_person_gets_everything_that_is_stored_about_them(company):
    cast = company.cast
    write_of(company, "Paul Jansen", "paul@example.com")
    answer = cast.client("paul").get(f"/people/{cast.people['paul'].key}/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    tables = answer.json()["tables"]
    assert tables["people.person"][0]["last_name"] == "Jansen"
    assert {
        "core.user",
        "core.grant",
        "core.comment",
        "core.attachment",
        "portfolio.project",
        "core.auditentry",
    } <= set(tables)
    assert "password" not in tables["core.user"][0] and "digest" not in tables["core.apitoken"][0]
    assert {row["author"] for row in tables["core.comment"]} <= {
        cast.paul.pk,
        cast.petra.pk,
    }  # written, or mentioned in
    assert AuditEntry.objects.filter(verb="disclose", actor=cast.paul).count() == 1


def test_nobody_else_gets_it_but_who_answers_such_requests(company):
    cast = company.cast
    path = f"/people/{cast.people['paul'].key}/data"
    for user, status in (("petra", 200), ("anton", 403), ("rita", 403), ("olga", 404), ("ada", 404), ("uwe", 404)):
        assert cast.client(user).get(path).status_code == status, user
