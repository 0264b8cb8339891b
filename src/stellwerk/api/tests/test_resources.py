"""Child tables, versions, idempotency keys, talk, accounts, reports, decks and imports through the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from stellwerk.core.api.auth import create_token
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import ApiReply, AuditEntry, Comment, Grant, User
from stellwerk.portfolio.models import Gate, Project, Proposal, ScoringModel
from stellwerk.reporting.models import StatusReport

V1 = "/api/v1"


def client_of(user: User, *scopes: str) -> Client:
    _, secret = create_token(user=user, by=user, name="t", scopes=list(scopes or ("write",)), days=1)
    return Client(headers={"authorization": f"Bearer {secret}"})


def send(client: Client, method: str, path: str, data: Any = None, **headers: str) -> Any:
    body = "" if data is None else json.dumps(data)
    return client.generic(method.upper(), f"{V1}/{path}", body, content_type="application/json", headers=headers)


# ── child tables ─────────────────────────────────────────────────────────────────────────────────


def test_a_gate_is_added_changed_and_removed_with_history_on_its_project(cast):
    client = client_of(cast.paul)
    made = send(client, "post", "projects/PRJ-0001/gates", {"code": "G3", "forecast": "2027-03-01", "reason": "plan"})
    assert made.status_code == 201 and made["ETag"] == '"1"'
    path = made["Location"].removeprefix(f"{V1}/")
    changed = send(client, "patch", path, {"version": 1, "forecast": "2027-04-01"})
    assert (changed.json()["forecast"], changed.json()["version"]) == ("2027-04-01", 2)
    entries = AuditEntry.objects.filter(entity_type="portfolio.project", entity_id=cast.project.pk).order_by("pk")
    assert [list(entry.changes) for entry in entries] == [["gates"], ["gates"]]
    assert entries[1].changes["gates"][1][0]["forecast"] == "2027-04-01"
    assert Project.objects.get(key="PRJ-0001").version == 3
    assert send(client, "delete", path).status_code == 204
    assert not Gate.objects.filter(project=cast.project).exists()


def test_a_stale_child_row_shows_both_values(cast):
    gate = Gate.objects.create(project=cast.project, code="G3", name="Old")
    client = client_of(cast.paul)
    send(client, "patch", f"projects/PRJ-0001/gates/{gate.pk}", {"version": 1, "name": "First"})
    answer = send(client, "patch", f"projects/PRJ-0001/gates/{gate.pk}", {"version": 1, "name": "Second"})
    assert (answer.status_code, answer.json()["conflicts"][0]["theirs"]) == (409, "First")


def test_two_gates_of_one_code_are_refused_in_words(cast):
    Gate.objects.create(project=cast.project, code="G3")
    answer = send(client_of(cast.paul), "post", "projects/PRJ-0001/gates", {"code": "G3"})
    assert answer.status_code == 422 and answer.json()["errors"]


def test_a_gate_takes_its_steps_by_the_rights_of_its_project(cast):
    gate = Gate.objects.create(project=cast.project, code="G3")
    path = f"projects/PRJ-0001/gates/{gate.pk}/transitions"
    client = client_of(cast.paul)
    assert [row["step"] for row in send(client, "get", path).json()] == ["open_dossier"]
    assert send(client, "post", f"{path}/open_dossier", {}).json()["state"] == "dossier_open"
    assert send(client, "post", f"{path}/review", {}).json()["state"] == "in_review"
    assert send(client, "post", f"{path}/go", {}).status_code == 403
    assert send(client_of(cast.stefan), "post", f"{path}/go", {}).json()["state"] == "go"


def test_a_proposal_is_built_and_scored_through_the_api(cast):
    client = client_of(cast.petra)
    model = send(client, "post", "scoring-models", {"name": "House model"}).json()
    for name, weight in (("Value", "60"), ("Risk", "40")):
        row = {"name": name, "weight": weight, "scale_min": 1, "scale_max": 5}
        assert send(client, "post", f"scoring-models/{model['key']}/criteria", row).status_code == 201
    too_much = send(client, "post", f"scoring-models/{model['key']}/criteria", {"name": "More", "weight": "20"})
    assert too_much.status_code == 422
    answer = send(client, "post", f"scoring-models/{model['key']}/transitions/activate", {})
    assert answer.status_code == 200, answer.content
    body = {"name": "Wish", "portfolio": "ANLAGEN", "problem": "Slow", "scoring_model": model["key"]}
    proposal = send(client, "post", "proposals", body).json()
    option = send(client, "post", f"proposals/{proposal['key']}/options", {"name": "Buy", "recommended": True}).json()
    year = {"option": option["id"], "year": 2027, "cost": 100_00}
    assert send(client, "post", f"proposals/{proposal['key']}/years", year).json()["cost"] == 100_00
    second = send(client, "post", f"proposals/{proposal['key']}/options", {"name": "Make", "recommended": True})
    assert second.status_code == 422  # only one is recommended
    Proposal.objects.filter(key=proposal["key"]).update(state="assessment")
    criteria = send(client, "get", f"scoring-models/{model['key']}/criteria").json()["items"]
    scores = [{"criterion": row["id"], "value": 5, "reason": "sure"} for row in criteria]
    done = send(client, "post", f"proposals/{proposal['key']}/score", {"scores": scores})
    assert done.status_code == 200 and float(done.json()["score"]) > 0
    assert send(client, "get", f"proposals/{proposal['key']}/scores").json()["count"] == 2


def test_an_active_scoring_model_takes_no_new_criteria(cast):
    model = ScoringModel.objects.create(key="SCM-1", name="Old", state="active")
    answer = send(client_of(cast.petra), "post", f"scoring-models/{model.key}/criteria", {"name": "X", "weight": "1"})
    assert answer.status_code == 403


# ── versions and idempotency ─────────────────────────────────────────────────────────────────────


def test_the_etag_works_as_if_match(cast):
    client = client_of(cast.petra)
    etag = send(client, "get", "projects/PRJ-0001")["ETag"]
    changed = send(client, "patch", "projects/PRJ-0001", {"name": "First"}, if_match=etag)
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    stale = send(client, "patch", "projects/PRJ-0001", {"name": "Second"}, if_match=etag)
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    assert send(client, "patch", "projects/PRJ-0001", {"name": "X"}, if_match="nonsense").status_code == 422


def test_the_same_key_does_the_work_once(cast):
    client = client_of(cast.petra)
    body = {"name": "New", "portfolio": "ANLAGEN"}
    first = send(client, "post", "projects", body, idempotency_key="k-1")
    again = send(client, "post", "projects", body, idempotency_key="k-1")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert Project.objects.filter(name="New").count() == 1
    other = send(client, "post", "projects", body | {"name": "Other"}, idempotency_key="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert (
        send(client_of(cast.anton), "post", "projects", body, idempotency_key="k-1").json()["key"]
        != first.json()["key"]
    )


def test_an_error_is_not_kept(cast):
    client = client_of(cast.petra)
    assert send(client, "post", "projects", {"name": "X", "portfolio": "NO"}, idempotency_key="k").status_code == 422
    assert not ApiReply.objects.exists()
    assert (
        send(client, "post", "projects", {"name": "X", "portfolio": "ANLAGEN"}, idempotency_key="k").status_code == 201
    )


# ── talk ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_comment_is_written_changed_and_withdrawn(cast):
    client = client_of(cast.paul)
    made = send(client, "post", "projects/PRJ-0001/comments", {"text": "@Petra Brandt please look"}).json()
    assert made["mentions"] == ["Petra Brandt"]
    changed = send(client, "patch", f"comments/{made['id']}", {"version": 1, "text": "Done"})
    assert changed.json()["text"] == "Done"
    assert send(client, "patch", f"comments/{made['id']}", {"version": 1, "text": "Late"}).status_code == 409
    assert send(client, "delete", f"comments/{made['id']}").json()["withdrawn"]
    assert send(client, "get", "projects/PRJ-0001/comments").json()[0]["text"] == ""
    assert Comment.objects.get(pk=made["id"]).text == "Done"  # stays for the trail


def test_a_file_goes_up_and_comes_down_unchanged(cast):
    client = client_of(cast.paul)
    file = SimpleUploadedFile("plan.txt", b"the plan", "text/plain")
    made = client.post(f"{V1}/projects/PRJ-0001/files", {"file": file}).json()
    content = client.get(made["url"])
    assert b"".join(content.streaming_content) == b"the plan"
    program = SimpleUploadedFile("plan.txt", b"MZ\x90\x00", "text/plain")
    refused = client.post(f"{V1}/projects/PRJ-0001/files", {"file": program})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")
    assert send(client, "delete", f"files/{made['uid']}").status_code == 204
    assert send(client, "get", f"files/{made['uid']}").status_code == 404


def test_following_is_switched_on_and_off(cast):
    client = client_of(cast.paul)
    assert send(client, "put", "projects/PRJ-0001/watch").json() == {"watching": True}
    assert send(client, "delete", "projects/PRJ-0001/watch").json() == {"watching": False}


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def test_an_administrator_makes_accounts_and_gives_roles(cast):
    client = client_of(cast.ada)
    made = send(client, "post", "accounts", {"name": "Eva Neu", "email": "EVA@example.com", "invite": False})
    assert made.status_code == 201 and made.json()["email"] == "eva@example.com"
    number = made.json()["id"]
    grant = send(client, "post", "grants", {"user": number, "role": "controller", "scope": "organisation"})
    assert grant.status_code == 201
    assert send(client, "post", f"grants/{grant.json()['id']}/end", {}).status_code == 200
    assert not Grant.objects.get(pk=grant.json()["id"]).active_on(timezone.localdate())
    assert send(client, "post", f"accounts/{number}/close", {"reason": "left"}).json()["is_active"] is False
    assert send(client, "post", f"accounts/{cast.ada.pk}/close", {}).status_code == 403
    assert send(client_of(cast.paul), "get", "accounts").status_code == 403


# ── reports and decks ────────────────────────────────────────────────────────────────────────────


def test_a_report_is_started_written_and_submitted_like_on_its_page(cast):
    client = client_of(cast.paul)
    made = send(client, "post", "status-reports", {"project": "PRJ-0001", "data_date": "2026-12-04"})
    assert made.status_code == 201, made.content
    report = made.json()
    body = {
        "version": report["version"], "summary": "On track.", "achieved": ["Permit"], "next_steps": ["Foundation"],
        "decisions": [{"question": "Buy or lease?", "due": "2026-12-18"}], "figures": {"eac": "1900000000"},
        "lights": {name: {"value": "green"} for name in ("overall", "schedule", "cost", "scope", "quality", "resources", "risk")},
    }  # fmt: skip
    saved = send(client, "patch", f"status-reports/{report['key']}", body)
    assert saved.status_code == 200, saved.content
    assert saved.json()["figures"]["eac"] == saved.json()["figures"]["eac"] | {"value": "1900000000", "typed": True}
    assert saved.json()["decisions"][0]["due"] == "2026-12-18"
    done = send(client, "post", f"status-reports/{report['key']}/transitions/submit", {})
    assert done.status_code in (200, 409)
    if done.status_code == 200:
        late = send(
            client, "patch", f"status-reports/{report['key']}", {"version": done.json()["version"], "summary": "x"}
        )
        assert late.status_code in (403, 409)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"figures": {"eac": "much"}}, "figures"),
        ({"figures": {"progress": "NaN"}}, "figures"),
        ({"gates": [{"code": "G99"}]}, "gates"),
        ({"achieved": ["x" * 301]}, "achieved"),
        ({"decisions": [{"question": ""}]}, "question"),
    ],
)
def test_what_a_report_cannot_take_is_named(cast, change, field):
    client = client_of(cast.paul)
    report = send(client, "post", "status-reports", {"project": "PRJ-0001", "data_date": "2026-12-04"}).json()
    answer = send(client, "patch", f"status-reports/{report['key']}", {"version": report["version"], **change})
    assert answer.status_code == 422 and field in answer.json()["errors"][0]["field"]
    assert StatusReport.objects.get(key=report["key"]).version == report["version"]


def test_a_deck_is_a_job_that_only_its_owner_may_stop(cast):
    client = client_of(cast.petra)
    job = send(client, "post", "portfolios/ANLAGEN/decks", {"format": "xlsx", "lang": "en"})
    assert job.status_code == 202
    path = f"jobs/{job.json()['uid']}"
    assert send(client, "get", path).json()["state"] == "queued"
    assert send(client, "get", f"{path}/content").status_code == 404
    assert send(client_of(cast.anton), "post", f"{path}/cancel").status_code == 404
    assert send(client, "post", f"{path}/cancel").json()["state"] == "cancelled"


# ── imports ──────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_imported_looked_at_applied_and_taken_back(cast, django_capture_on_commit_callbacks):
    client = client_of(cast.petra)
    file = SimpleUploadedFile("list.csv", b"Projekt;Budget\nNeubau Halle 4;120000\n", "text/csv")
    made = client.post(f"{V1}/imports", {"portfolio": "ANLAGEN", "as_of": "2026-11-20", "file": file})
    assert made.status_code == 201, made.content
    draft = made.json()
    assert (draft["stage"], draft["result"]["result"]["created"]) == ("preview", 1)
    assert not Project.objects.filter(name="Neubau Halle 4").exists()
    with django_capture_on_commit_callbacks(execute=True):
        done = send(client, "post", f"imports/{draft['uid']}/apply")
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert Project.objects.filter(name="Neubau Halle 4").exists()
    assert send(client, "post", f"change-sets/{draft['uid']}/undo").json()["state"] == "undone"
    assert not Project.objects.filter(name="Neubau Halle 4").exists()
    assert run_pending() >= 0


def test_who_may_not_import_starts_none(cast):
    file = SimpleUploadedFile("list.csv", b"Projekt\nX\n", "text/csv")
    answer = client_of(cast.paul).post(f"{V1}/imports", {"portfolio": "ANLAGEN", "file": file})
    assert answer.status_code == 403


# ── the document ─────────────────────────────────────────────────────────────────────────────────


def test_the_document_names_filters_and_idempotency_keys(cast):
    paths = client_of(cast.petra).get(f"{V1}/openapi.json").json()["paths"]
    filters = {row["name"] for row in paths["/api/v1/projects"]["get"]["parameters"]}
    assert {"page", "page_size", "q", "sort", "phase", "archived"} <= filters
    assert "Idempotency-Key" in {row["name"] for row in paths["/api/v1/projects"]["post"]["parameters"]}
    assert "application/problem+json" in paths["/api/v1/projects"]["get"]["responses"]["403"]["content"]
