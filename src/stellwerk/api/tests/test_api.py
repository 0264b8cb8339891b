"""The API answers through the same services and permission table as the pages."""

import json

import pytest
from django.test import Client

from stellwerk.core.api.auth import create_token, revoke_token
from stellwerk.core.models import AuditEntry, Grant
from stellwerk.portfolio.models import Project


def with_token(user, *scopes, days=30):
    _, secret = create_token(user=user, by=user, name="test", scopes=list(scopes), days=days)
    return Client(headers={"authorization": f"Bearer {secret}"})


def send(client, method, path, data):
    return getattr(client, method)(path, data=json.dumps(data), content_type="application/json")


def test_without_sign_in_the_answer_is_a_problem(db):
    answer = Client().get("/api/v1/projects")
    assert answer.status_code == 401
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_signed_in"


def test_a_manager_reads_only_their_projects(cast):
    page = with_token(cast.paul, "read").get("/api/v1/projects").json()
    assert [item["key"] for item in page["items"]] == ["PRJ-0001"]
    assert page["count"] == 1


def test_what_may_not_be_seen_does_not_exist(cast):
    assert with_token(cast.paul, "read").get("/api/v1/projects/PRJ-0002").status_code == 404


def test_a_change_needs_the_version_and_leaves_an_audit_entry(cast):
    client = with_token(cast.paul, "write")
    answer = send(client, "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "priority": 2, "reason": "board"})
    assert (answer.status_code, answer.json()["priority"], answer.json()["version"]) == (200, 2, 2)
    assert AuditEntry.objects.get(entity_type="portfolio.project").reason == "board"
    answer = send(client, "patch", "/api/v1/projects/PRJ-0001", {"priority": 3})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_missing")


def test_a_stale_change_shows_both_values(cast):
    client = with_token(cast.petra, "write")
    send(client, "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "name": "First"})
    answer = send(client, "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "name": "Second"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["version"]) == (409, "stale_edit", 2)
    assert body["conflicts"] == [{"field": "name", "label": "name", "yours": "Second", "theirs": "First"}]


def test_a_read_token_may_not_write(cast):
    answer = send(with_token(cast.petra, "read"), "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "name": "X"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_token_for_one_kind_reads_only_that_kind(cast):
    client = with_token(cast.petra, "read:portfolio.project")
    assert client.get("/api/v1/projects").status_code == 200
    assert client.get("/api/v1/people").status_code == 403


def test_a_revoked_token_is_worthless(cast):
    token, secret = create_token(user=cast.petra, by=cast.petra, name="x", scopes=["read"])
    revoke_token(token, by=cast.petra)
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 401


def test_only_the_hash_of_a_token_is_kept(cast):
    token, secret = create_token(user=cast.petra, by=cast.petra, name="x", scopes=["read"])
    assert secret not in json.dumps({field.name: str(getattr(token, field.name)) for field in token._meta.fields})


def test_unknown_fields_are_refused_by_name(cast):
    answer = send(
        with_token(cast.petra, "write"), "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "phase": "closed"}
    )
    assert answer.status_code == 422
    assert "phase" in answer.json()["errors"][0]["field"]


def test_a_project_is_created_with_the_next_key(cast):
    answer = send(with_token(cast.petra, "write"), "post", "/api/v1/projects", {"name": "New", "portfolio": "ANLAGEN"})
    assert answer.status_code == 201
    made = Project.objects.get(key=answer.json()["key"])
    assert (made.name, answer["Location"]) == ("New", f"/api/v1/projects/{made.key}")


def test_an_outsider_may_create_nothing(cast):
    answer = send(with_token(cast.uwe, "write"), "post", "/api/v1/projects", {"name": "New", "portfolio": "ANLAGEN"})
    assert answer.status_code == 403


def test_a_reference_that_does_not_exist_is_named(cast):
    answer = send(with_token(cast.petra, "write"), "post", "/api/v1/projects", {"name": "New", "portfolio": "NOWHERE"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "portfolio"


def test_transitions_are_offered_with_reasons_and_done(cast):
    client = with_token(cast.stefan, "write")
    offered = {row["step"]: row for row in client.get("/api/v1/projects/PRJ-0001/transitions").json()}
    assert offered["hold"]["possible"]
    answer = send(client, "post", "/api/v1/projects/PRJ-0001/transitions/hold", {"version": 1, "reason": "permit"})
    assert answer.json()["phase"] == "on_hold"
    assert send(client, "post", "/api/v1/projects/PRJ-0001/transitions/hold", {"reason": "x"}).status_code == 409


def test_the_session_may_write_only_with_the_csrf_token(cast):
    client = cast.client("petra", enforce_csrf_checks=True)
    answer = send(client, "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "name": "X"})
    assert answer.status_code == 403
    assert Project.objects.get(key="PRJ-0001").name != "X"


@pytest.mark.parametrize("path", ["projects?page=0", "projects?page_size=100000", "projects?page=abc"])
def test_wrong_paging_is_a_problem_not_an_error(cast, path):
    answer = with_token(cast.petra, "read").get(f"/api/v1/{path}")
    assert answer.status_code == 422
    assert answer["content-type"] == "application/problem+json"


def test_the_history_tells_who_changed_what(cast):
    client = with_token(cast.petra, "write")
    send(client, "patch", "/api/v1/projects/PRJ-0001", {"version": 1, "name": "New name"})
    entry = client.get("/api/v1/projects/PRJ-0001/history").json()[0]
    assert (entry["who"], entry["changes"]["name"][1]) == ("Petra Brandt", "New name")


def test_the_document_is_openapi_3_1(cast):
    document = cast.client("petra").get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/projects", "/api/v1/portfolios", "/api/v1/people"} <= set(document["paths"])


def test_a_deactivated_user_is_out(cast):
    client = with_token(cast.petra, "read")
    cast.petra.is_active = False
    cast.petra.save()
    assert client.get("/api/v1/me").status_code == 401


def test_a_role_given_later_counts_for_the_next_call(cast):
    client = with_token(cast.uwe, "read")
    assert client.get("/api/v1/projects").status_code == 403
    Grant.objects.create(user=cast.uwe, role="executive", scope="portfolio", scope_id=cast.portfolio.pk)
    assert client.get("/api/v1/projects").json()["count"] == 2


def test_the_filters_of_the_list_work_here_too(cast):
    client = with_token(cast.petra, "read")
    assert [row["key"] for row in client.get("/api/v1/projects?phase=planning").json()["items"]] == ["PRJ-0002"]
    assert [row["key"] for row in client.get("/api/v1/projects?q=lubmin").json()["items"]] == ["PRJ-0001"]
    assert [row["key"] for row in client.get("/api/v1/projects?sort=-phase").json()["items"]] == [
        "PRJ-0001",
        "PRJ-0002",
    ]


@pytest.mark.parametrize("query", ["nonsense=1", "phase=flying", "finish__from=sometime"])
def test_a_filter_that_does_not_exist_is_refused_by_name(cast, query):
    answer = with_token(cast.petra, "read").get(f"/api/v1/projects?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_a_token_is_created_on_the_page_and_shown_once(cast):
    client = cast.client("petra")
    page = client.post("/profile/tokens/", {"name": "Power BI", "scope": "read", "days": "90"})
    secret = page.context["secret"]
    assert secret.startswith("sw_")
    assert page["Cache-Control"] == "no-store"
    assert secret not in client.get("/profile/tokens/").content.decode()
    assert (
        Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").json()["email"] == "petra@example.com"
    )


def test_a_token_without_a_name_is_refused_with_the_input_kept(cast):
    page = cast.client("petra").post("/profile/tokens/", {"name": "", "scope": "write", "days": "30"})
    assert page.context["form"].errors["name"]
    assert page.context["form"]["scope"].value() == "write"


def test_nobody_revokes_the_token_of_another(cast):
    token, _ = create_token(user=cast.petra, by=cast.petra, name="x", scopes=["read"])
    assert cast.client("paul").post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    assert cast.client("petra").post(f"/profile/tokens/{token.pk}/revoke/").status_code == 302
