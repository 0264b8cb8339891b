"""What an attacker with an account would try at the API and at what stands between the pages: table by table."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from stellwerk.api.urls import api
from stellwerk.core import services
from stellwerk.core.api.auth import create_token
from stellwerk.core.errors import NotAllowed, Refused, WrongState
from stellwerk.core.lists.reading import read_list
from stellwerk.core.lists.spec import LISTS
from stellwerk.core.models import AuditEntry, ChangeSet, Confidentiality, Grant, Mail, SavedView, Scope, User
from stellwerk.core.permissions import can, forget_grants, visible
from stellwerk.core.search import find
from stellwerk.core.states import advance
from stellwerk.people.models import Person
from stellwerk.portfolio.models import Gate, Portfolio, Project, Proposal
from tests.permissions.conftest import USERS
from tests.permissions.test_agreement import RESOURCES

PASSWORD = "right-horse-battery-staple"
DOCUMENT = api.get_openapi_schema()


def token(user: Any, *scopes: str) -> Client:
    _, secret = create_token(user=user, by=user, name="t", scopes=list(scopes or ("write",)), days=1)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def send(client: Client, method: str, path: str, data: Any) -> Any:
    body = "" if method == "get" else json.dumps(data)
    return client.generic(method.upper(), f"/api/v1/{path}", body, content_type="application/json")


# ── objects of others, at every address of the API ───────────────────────────────────────────────

BODIES: dict[str, Any] = {
    "comments": {"text": "I was here"}, "thresholds": {"thresholds": {}}, "score": {"scores": []},
    "size": {"budget": 1, "months": 1, "fte": "1", "units": 1, "criticality": 1}, "confirm-light": {"dimension": "cost"},
    "reject-light": {"dimension": "cost"}, "gates": {"code": "G9"}, "budgets": {"year": 2030, "amount": 1},
    "tranches": {"name": "T", "order": 1}, "options": {"name": "O"}, "criteria": {"name": "C", "weight": "1"},
}  # fmt: skip


def below(resource: str) -> list[tuple[str, str]]:
    """(method, what follows the key) of every address of a resource in the document."""
    start = f"/api/v1/{resource}/{{key}}"
    return [
        (method, path[len(start) :])
        for path, methods in DOCUMENT["paths"].items()
        if path == start or path.startswith(start + "/")
        for method in methods
    ]


@pytest.mark.parametrize("resource", sorted(set(RESOURCES.values())))
def test_nothing_below_a_hidden_object_answers(company, resource):
    """Each address × each role that may not see the object: 404, or the body is refused first; never a write."""
    kind = next(name for name, path in RESOURCES.items() if path == resource)
    wrong = []
    for user in ("paul", "tom", "rita", "elke", "ada", "walter", "uwe"):
        who = company.cast.users[user]
        hidden = [row.obj for row in company.samples[kind] if not row.step and not can(who, "view", row.obj)]
        if not hidden:
            continue
        client, before = token(who), AuditEntry.objects.count()
        for method, rest in below(resource):
            path = f"{resource}/{hidden[0].key}{rest.replace('{number}', '1').replace('{step}', 'close')}"
            part = rest.strip("/").split("/")[0]
            answer = send(client, method, path, BODIES.get(part, {"version": 1, "reason": "x"}))
            if answer.status_code not in (404, 422):
                wrong.append(f"{user} {method} {path}: {answer.status_code}")
        if AuditEntry.objects.count() != before:
            wrong.append(f"{user} wrote something below {hidden[0].key}")
    assert not wrong, "\n".join(wrong)


def test_what_belongs_to_one_user_is_closed_to_all_others(company):
    """Change sets, jobs, imports, comments, files, views, notifications by number or uid, at the API."""
    rows = {kind: row[0].obj for kind, row in company.samples.items()}
    file = next(row.obj for row in company.samples["attachment"] if row.name == "Olga's")
    paths = [
        ("get", f"change-sets/{rows['change set'].uid}"), ("post", f"change-sets/{rows['change set'].uid}/undo"),
        ("post", f"change-sets/{rows['change set'].uid}/discard"), ("get", f"jobs/{rows['job'].uid}"),
        ("post", f"jobs/{rows['job'].uid}/cancel"), ("get", f"jobs/{rows['job'].uid}/content"),
        ("get", f"imports/{rows['import'].uid}"), ("post", f"imports/{rows['import'].uid}/apply"),
        ("get", f"files/{file.uid}"), ("get", f"files/{file.uid}/content"), ("delete", f"files/{file.uid}"),
        ("delete", f"saved-views/{rows['saved view'].pk}"),
    ]  # fmt: skip
    for user in ("tom", "uwe"):
        client = token(company.cast.users[user])
        for method, path in paths:
            assert send(client, method, path, {}).status_code in (403, 404), f"{user} {method} {path}"
    assert ChangeSet.objects.get(pk=rows["change set"].pk).state == "applied"
    assert SavedView.objects.filter(pk=rows["saved view"].pk).exists()


def test_nobody_changes_the_comment_of_another(company):
    comment = company.samples["comment"][0].obj
    for user, expected in (("gerda", 403), ("petra", 403), ("uwe", 404), ("olga", 404)):
        answer = send(
            token(company.cast.users[user]), "patch", f"comments/{comment.pk}", {"version": 1, "text": "Forged"}
        )
        assert answer.status_code == expected, user
    assert send(token(company.cast.gerda), "delete", f"comments/{comment.pk}", {}).status_code == 403
    comment.refresh_from_db()
    assert comment.text == "Looks good" and comment.withdrawn_at is None


# ── what filters, sums and searches tell ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("user", USERS)
def test_counts_sums_and_groups_cover_only_visible_rows(shared, user):
    who = shared.cast.users[user]
    for code, spec in sorted(LISTS.items()):
        seen = spec.model._default_manager.filter(visible(who, spec.model))
        columns = [column.code for column in spec.columns_for(who) if column.groupable]
        for group in ["", *columns[:3]]:
            result = read_list(spec, who, {"archived": "all", **({"group": group} if group else {})})
            assert result.count <= seen.count(), f"{code} grouped by {group}"
            assert sum(len(part.rows) for part in result.groups) in (0, len(result.rows)), code


@pytest.mark.parametrize("user", [name for name in USERS if name not in ("petra", "olga", "elke")])
def test_a_strictly_confidential_project_leaves_no_trace(shared, user):
    """Search, palette, choices, lists, exports, comments, mentions, audit trail, API: neither name nor key."""
    who = shared.cast.users[user]
    strict = Project.objects.get(key="PRJ-0003")
    assert not can(who, "view", strict)
    assert not [hit for group in find(who, "Verschwiegen", limit=50) for hit in group.hits]
    client, remote = shared.cast.client(user), token(who, "read")
    client.raise_request_exception = False
    paths = [
        reverse("core:palette") + "?q=rschwieg",
        reverse("core:search") + "?q=PRJ-0003",
        reverse("core:lookup", args=["portfolio.project"]) + "?q=rschwieg",
        "/lists/portfolio.project?q=rschwieg&archived=all",
        "/lists/portfolio.project?export=csv&archived=all",
        "/lists/portfolio.project?sort=name&group=phase",
    ]
    for path in paths:
        answer = client.get(path)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told = text.decode("utf-8-sig")
        assert strict.name not in told and f"/{strict.key}" not in told, path
    for path in ("projects?q=rschwieg", "search?q=rschwieg", "projects?page_size=500&archived=all"):
        answer = remote.get(f"/api/v1/{path}")
        assert strict.name not in answer.content.decode(), path


def test_a_list_of_references_hides_what_its_reader_may_not_see(company):
    """Tom sees his own proposal, not the strict one that it needs; and he cannot drop it unknowingly."""
    own = Proposal.objects.get(key="PRP-0001")
    secret = Proposal.objects.create(
        key="PRP-0009", name="Secret", portfolio=company.cast.portfolio, confidentiality=Confidentiality.STRICT
    )
    own.prerequisites.add(secret)
    client = token(company.cast.tom)
    assert client.get("/api/v1/proposals/PRP-0001").json()["prerequisites"] == []
    answer = send(client, "patch", "proposals/PRP-0001", {"version": own.version, "prerequisites": []})
    assert answer.status_code == 200
    assert list(own.prerequisites.all()) == [secret]


def test_a_reference_to_something_hidden_is_as_good_as_none(company):
    client = token(company.cast.paul)
    answers = [
        send(client, "patch", "projects/PRJ-0001", {"version": 1, "sponsor": key}).json()
        for key in (company.cast.people["olga"].key, "PER-9999")
    ]
    assert [row["code"] for row in answers] == ["invalid", "invalid"]
    assert {text.split("”")[1] for row in answers for text in row["errors"][0]["messages"]} == {
        " does not exist, or you may not see it."
    }


# ── roles, deputies, tokens ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("start", "end", "status"), [(-9, -1, 403), (1, 9, 403), (-1, 1, 200)])
def test_a_deputy_may_only_between_the_days(company, start, end, status):
    cast, today = company.cast, timezone.localdate()
    Grant.objects.create(
        user=cast.uwe, role="project_manager", scope=Scope.SELF, deputy_for=cast.paul,
        valid_from=today + dt.timedelta(days=start), valid_to=today + dt.timedelta(days=end),
    )  # fmt: skip
    assert token(cast.uwe).get("/api/v1/projects").status_code == status
    page = cast.client("uwe").get(reverse("portfolio:project-detail", args=["PRJ-0001"]))
    assert (page.status_code == 200) == (status == 200)


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (("read",), "get", "projects/PRJ-0001", 200),
        (("read",), "patch", "projects/PRJ-0001", 403),
        (("read",), "post", "projects/PRJ-0001/archive", 403),
        (("read",), "post", "projects/PRJ-0001/transitions/hold", 403),
        (("read",), "post", "projects/PRJ-0001/comments", 403),
        (("read",), "put", "projects/PRJ-0001/watch", 403),
        (("read",), "post", "projects/PRJ-0001/gates", 403),
        (("read",), "post", "portfolios/ANLAGEN/decks", 403),
        (("read:portfolio.project",), "get", "projects/PRJ-0001/comments", 200),
        (("read:portfolio.project",), "get", "people", 403),
        (("read:portfolio.project",), "get", "audit", 403),
        (("write:people.person",), "patch", "projects/PRJ-0001", 403),
        (("write:portfolio.project",), "get", "portfolios/ANLAGEN", 403),
    ],
)
def test_a_token_reaches_as_far_as_its_scopes(shared, scopes, method, path, status):
    part = path.split("/")[-1]
    body = BODIES.get(part, {"version": 1, "reason": "x"}) if part != "decks" else {}
    assert send(token(shared.cast.petra, *scopes), method, path, body).status_code == status


def test_search_keeps_to_the_scopes_of_the_token(company):
    hits = token(company.cast.petra, "read:people.person").get("/api/v1/search?q=a").json()
    assert {hit["kind"] for hit in hits} <= {"people.person"}


# ── mass assignment ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("projects/PRJ-0001", {"phase": "closed"}), ("projects/PRJ-0001", {"archived_at": None}),
        ("projects/PRJ-0001", {"id": 7}), ("projects/PRJ-0001", {"key": "PRJ-9"}),
        ("projects/PRJ-0001", {"created_at": "2020-01-01T00:00:00Z"}), ("proposals/PRP-0001", {"score": "100"}),
        ("proposals/PRP-0001", {"state": "approved"}), ("portfolios/ANLAGEN", {"data_date": "2030-01-01"}),
        ("people/PER-0003", {"user": 1}), ("accounts/1", {"is_active": False}), ("accounts/1", {"password": "x"}),
        ("status-reports/REP-0001", {"state": "published"}), ("status-reports/REP-0001", {"edition": 9}),
        ("cycles/CYC-0001", {"state": "published"}), ("cycles/CYC-0001", {"data_date": "2030-01-01"}),
        ("scoring-models/SCM-0001", {"state": "active"}), ("grants/1", {"role": "administrator"}),
    ],
)  # fmt: skip
def test_fields_that_services_keep_for_themselves_are_refused_by_name(shared, path, extra):
    answer = send(token(shared.cast.petra), "patch", path, {"version": 1, **extra})
    assert answer.status_code == 422, answer.content
    assert next(iter(extra)) in json.dumps(answer.json()["errors"])


def test_a_project_moves_only_into_a_portfolio_where_its_mover_may_edit(company):
    cast = company.cast
    other = Portfolio.objects.create(key="SUED", name="Süd", unit=cast.other_unit, state="active")
    Grant.objects.create(user=cast.uwe, role="portfolio_manager", scope=Scope.PORTFOLIO, scope_id=cast.portfolio.pk)
    Grant.objects.create(user=cast.uwe, role="executive", scope=Scope.PORTFOLIO, scope_id=other.pk)
    client = token(cast.uwe)
    assert client.get("/api/v1/portfolios/SUED").status_code == 200
    answer = send(client, "patch", "projects/PRJ-0002", {"version": 1, "portfolio": "SUED"})
    assert answer.status_code == 403
    assert Project.objects.get(key="PRJ-0002").portfolio == cast.portfolio


def test_nobody_gives_roles_to_themselves_at_the_api(company):
    cast = company.cast
    body = {"user": cast.petra.pk, "role": "administrator", "scope": "organisation"}
    assert send(token(cast.petra), "post", "grants", body).status_code == 403
    assert send(token(cast.petra), "post", "grants", body | {"user": cast.uwe.pk}).status_code == 403
    assert send(token(cast.paul), "post", "grants", body | {"user": cast.uwe.pk}).status_code == 403
    assert not Grant.objects.filter(role="administrator", user__in=[cast.petra, cast.uwe]).exists()


def test_a_child_row_cannot_hang_on_another_parent(company):
    cast = company.cast
    foreign = Gate.objects.create(project=cast.other_project, code="G3")
    client = token(cast.paul)
    for method in ("get", "patch", "delete"):
        answer = send(client, method, f"projects/PRJ-0001/gates/{foreign.pk}", {"version": 1, "code": "G4"})
        assert answer.status_code == 404, method
    other = Proposal.objects.get(key="PRP-0002").options.create(name="Other", order=1)
    answer = send(token(cast.tom), "post", "proposals/PRP-0001/years", {"option": other.pk, "year": 2027, "cost": 5})
    assert answer.status_code == 422 and not other.years.exists()


# ── separation of duties ─────────────────────────────────────────────────────────────────────────


def scored(company: Any, requester: str) -> Proposal:
    """A proposal that only lacks the decision."""
    return Proposal.objects.create(
        key="PRP-0050", name="Own wish", portfolio=company.cast.portfolio, problem="Too slow", state="scored", score=80,
        requester=company.cast.people[requester],
    )  # fmt: skip


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_the_requester_does_not_decide_even_if_another_submitted(company, step):
    cast = company.cast
    proposal = scored(company, "elke")
    services.record(proposal, by=cast.petra, verb="submit")
    with pytest.raises((NotAllowed, WrongState)):
        advance(proposal, step, by=cast.elke, reason="because")
    answer = send(token(cast.elke), "post", f"proposals/PRP-0050/transitions/{step}", {"reason": "because"})
    assert answer.status_code in (403, 409)
    assert Proposal.objects.get(pk=proposal.pk).state == "scored"


def test_the_deputy_of_who_submitted_does_not_approve_in_their_place(company):
    cast, today = company.cast, timezone.localdate()
    proposal = scored(company, "tom")
    services.record(proposal, by=cast.elke, verb="submit")
    grant = {"role": "executive", "scope": Scope.PORTFOLIO, "scope_id": cast.portfolio.pk}
    Grant.objects.create(user=cast.uwe, deputy_for=cast.elke, valid_to=today, **grant)
    with pytest.raises(NotAllowed):
        advance(proposal, "approve", by=cast.uwe)
    Grant.objects.create(user=cast.uwe, **grant)  # who has the role on their own account decides for themselves
    forget_grants(cast.uwe)
    try:
        advance(proposal, "approve", by=User.objects.get(pk=cast.uwe.pk))
    except WrongState as refusal:
        assert "another person" not in str(refusal)


# ── archived ─────────────────────────────────────────────────────────────────────────────────────


def test_an_archived_entity_takes_no_changes(company):
    cast = company.cast
    gate = Gate.objects.create(project=cast.other_project, code="G3")
    services.archive(cast.other_project, by=cast.petra)
    client = token(cast.petra)
    tries = [
        ("patch", "projects/PRJ-0002", {"version": 2, "name": "Other"}),
        ("post", "projects/PRJ-0002/transitions/hold", {"reason": "x"}),
        ("post", "projects/PRJ-0002/transitions/start_execution", {}),
        ("post", "projects/PRJ-0002/gates", {"code": "G4"}),
        ("patch", f"projects/PRJ-0002/gates/{gate.pk}", {"version": 1, "name": "x"}),
        ("delete", f"projects/PRJ-0002/gates/{gate.pk}", {}),
        ("post", f"projects/PRJ-0002/gates/{gate.pk}/transitions/open_dossier", {}),
        ("post", "projects/PRJ-0002/size", BODIES["size"]),
    ]
    for method, path, body in tries:
        answer = send(client, method, path, body)
        assert answer.status_code in (403, 409), f"{method} {path}: {answer.status_code} {answer.content[:200]!r}"
    with pytest.raises(Refused):
        advance(cast.other_project, "start_execution", by=cast.elke)
    cast.other_project.refresh_from_db()
    assert (cast.other_project.phase, cast.other_project.name) == ("planning", "Rauchgasreinigung Stade")


# ── sign-in ──────────────────────────────────────────────────────────────────────────────────────


def test_a_session_gets_a_new_key_at_sign_in(company):
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/accounts/login/", {"login": "paul@example.com", "password": PASSWORD})
    assert client.session.session_key != planted and "_auth_user_id" in client.session
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/").status_code == 302


def test_a_password_reset_tells_nobody_who_has_an_account(company):
    cache.clear()
    known = Client().post("/accounts/password/reset/", {"email": "paul@example.com"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers.get("Location")) == (unknown.status_code, unknown.headers.get("Location"))


@pytest.mark.parametrize("host", ["evil.example", "localhost:80@evil.example", "evil.example:443"])
def test_a_forged_host_is_refused(company, host):
    answer = Client(raise_request_exception=False, headers={"host": host}).get("/accounts/login/")
    assert answer.status_code == 400


@override_settings(ALLOWED_HOSTS=["*"], BASE_URL="https://stellwerk.example")
def test_the_link_in_a_reset_mail_never_follows_the_host_of_the_request(company):
    cache.clear()
    Client(headers={"host": "evil.example"}).post("/accounts/password/reset/", {"email": "paul@example.com"})
    mail = Mail.objects.filter(to="paul@example.com").order_by("-pk").first()
    assert mail is not None
    assert "evil.example" not in mail.subject + mail.text + mail.html
    assert "https://stellwerk.example/accounts/password/reset/key/" in mail.text


def test_guessing_passwords_is_slowed_down(company):
    cache.clear()
    client = Client()
    for _number in range(20):
        client.post("/accounts/login/", {"login": "paul@example.com", "password": "wrong"})
    client.post("/accounts/login/", {"login": "paul@example.com", "password": PASSWORD})
    assert "_auth_user_id" not in client.session  # even the right one, until the limit has passed
    cache.clear()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_sends_nobody_to_another_site(company, target):
    cache.clear()
    answer = Client().post("/accounts/login/", {"login": "paul@example.com", "password": PASSWORD, "next": target})
    assert answer.status_code == 302 and "evil" not in answer["Location"] and "javascript" not in answer["Location"]


def test_visitors_open_no_accounts(company):
    answer = Client().post(
        "/accounts/signup/", {"email": "evil@example.com", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.filter(email="evil@example.com").exists()
    assert answer.status_code in (200, 404)


# ── files and archives ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/evil.txt", "..\\..\\evil.txt", "/etc/passwd.txt", "a\r\nX-Evil: 1.txt", "\u202etxt.evil.txt"],
)
def test_a_file_of_the_api_stays_in_its_folder_and_header(company, name):
    client = token(company.cast.paul)
    file = SimpleUploadedFile("x.txt", b"plain text " + name.encode(), "text/plain")
    file._name = name  # the test client would tidy it
    answer = client.post("/api/v1/projects/PRJ-0001/files", {"file": file})
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert not set("/\\\r\n\u202e") & set(row["name"]) and ".." not in row["name"]
    content = client.get(row["url"])
    assert content.headers["Content-Disposition"].startswith("attachment") and "X-Evil" not in content.headers
    content.close()


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..\\evil", "aa/../../evil"])
def test_a_backup_cannot_write_outside_the_data_folder(tmp_path, name):
    from stellwerk.core.backup import BadBackup, _read_attachment

    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(f"attachments/{name}", b"evil")
    with zipfile.ZipFile(tmp_path / "evil.zip") as archive, pytest.raises(BadBackup):
        _read_attachment(archive, {"name": name, "sha256": "0" * 64}, [])


def test_a_person_is_not_linked_by_an_account_of_somebody_elses_choice(company):
    """An administrator sees no persons; the API links none by a guessed key."""
    body = {"name": "Eve", "email": "eve@example.com", "person": company.cast.people["petra"].key, "invite": False}
    assert send(token(company.cast.ada), "post", "accounts", body).status_code == 404
    assert Person.objects.get(pk=company.cast.people["petra"].pk).user == company.cast.petra
    assert not User.objects.filter(email="eve@example.com").exists()
