"""What an attacker would try at the pages: forged forms, foreign objects, script in texts, files, redirects, headers."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from stellwerk.core.attachments import attach
from stellwerk.core.comments import add_comment
from stellwerk.core.models import ChangeSet
from stellwerk.core.registry import ENTITIES, url_of
from stellwerk.portfolio.models import Project, Proposal
from stellwerk.reporting.models import StatusReport
from tests.targets import names, rule_of, targets_of

EVIL = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'[x](javascript:alert(3))<svg onload=alert(4)>{{7*7}}"
PUBLIC = {"planning:feed", "auth:demo-sign-in", "auth:setup"}
ENTRANCES = {
    *(f"board:{name}" for name in ("list", "feed", "sitemap", "ad", "ad-edition", "search", "search-save")),
    "robots:robots",
    *(f"staffing:join{name}" for name in ("", "-sent", "-applicant", "-freelancer", "-confirm")),
    *(f"staffing:{name}" for name in ("company-join", "company-confirm", "answer", "consent", "legal", "privacy")),
    *(f"staffing:{name}" for name in ("advice", "contract-finder", "freelancers", "profile-check")),
}
"""Pages for everybody: the job board, the entrances of staffing with their links by mail, advice, legal pages."""


# ── forged requests ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_no_page_takes_a_form_without_its_token(company, refusals_undrawn):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(company.cast.petra, backend="django.contrib.auth.backends.ModelBackend")
    taken = []
    for name in names():
        rule = rule_of(name)
        for target in targets_of(name, company.generic if rule and rule.kind == "any" else company.samples):
            status = client.post(target.path, {"reason": "forged"}).status_code
            if status not in (403, 405):
                taken.append(f"{target.path}: {status}")
    assert not taken, "\n".join(taken)


def test_the_api_takes_no_browser_session_without_the_token(company):
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.cast.petra, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.patch(
        "/api/v1/projects/PRJ-0001", {"version": 1, "name": "forged"}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert Project.objects.get(key="PRJ-0001").name == "Elektrolyse Lubmin"


# ── objects of others ────────────────────────────────────────────────────────────────────────────


def test_a_file_follows_the_permissions_of_what_it_hangs_on(company):
    file = next(row for row in company.samples["attachment"] if row.name == "Olga's").obj
    path = reverse("core:download", args=[file.uid])
    answer = company.cast.client("olga").get(path)
    answer.close()
    assert answer.status_code == 200
    for user in ("paul", "tom", "stefan", "ada", "walter", "uwe"):
        assert company.cast.client(user).get(path).status_code == 404, user
    assert Client().get(path).status_code == 302


def test_nobody_changes_fields_that_a_form_does_not_show(company):
    client = company.cast.client("paul")
    project = company.cast.project
    page = client.get(reverse("portfolio:project-edit", args=[project.key]))
    data = _fields(page.content.decode())
    extra = {
        "phase": "closed", "manager": str(company.cast.people["tom"].pk), "key": "PRJ-9999", "archived_at": "2026-01-01",
        "confidentiality": "strict", "id": "77", "data_date": "2030-01-01", "version": data.get("version", "1"),
    }  # fmt: skip
    client.post(
        reverse("portfolio:project-edit", args=[project.key]),
        {**data, **{k: v for k, v in extra.items() if k not in data}},
    )
    project.refresh_from_db()
    assert (project.key, project.phase, project.archived_at) == ("PRJ-0001", "executing", None)


def test_roles_cannot_be_given_through_the_profile(company):
    client = company.cast.client("paul")
    client.post(
        reverse("people:profile"),
        {"language": "en", "theme": "dark", "digest": "off", "role": "pmo_lead", "is_active": "", "email": "x@x.org"},
    )
    company.cast.paul.refresh_from_db()
    assert company.cast.paul.is_active and company.cast.paul.email == "paul@example.com"
    assert {grant.role for grant in company.cast.paul.grants.all()} == {"project_manager"}


def _fields(html: str) -> dict[str, str]:
    return {
        name: value
        for name, value in re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', html)
        if name != "csrfmiddlewaretoken"
    }


def test_the_auditor_and_the_reader_change_nothing_by_forms_that_turn_them_away(company):
    change_set = company.samples["change set"][0].obj
    company.cast.client("walter").post(reverse("core:changeset-discard", args=[change_set.uid]))
    assert ChangeSet.objects.get(pk=change_set.pk).state == change_set.state
    draft = next(row for row in company.samples["report"] if row.name == "draft" and not row.step).obj
    company.cast.client("gerda").post(reverse("reporting:report-edit", args=[draft.key]), {"summary": "Not mine"})
    assert StatusReport.objects.get(pk=draft.pk).summary == draft.summary


# ── redirects, cookies, headers ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_form_sends_people_to_another_site(company, target):
    client = company.cast.client("petra")
    answers = [
        client.post(reverse("web:preferences"), {"theme": "dark", "next": target}),
        client.post(
            reverse("core:watch", args=["portfolio.project", company.cast.project.pk]), {"next": target, "back": target}
        ),
        client.post(
            reverse("core:archive", args=["portfolio.project", company.cast.project.pk]),
            {"next": target, "back": target},
        ),
        client.post("/i18n/setlang/", {"language": "de", "next": target}),
        client.post(f"/accounts/logout/?next={target}", {"next": target}),
    ]
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/") and not location.startswith(("//", "/\\")), location


def test_the_session_cookie_stays_out_of_reach(company):
    client = Client()
    client.post("/accounts/login/", {"login": "petra@example.com", "password": "right-horse-battery-staple"})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) == settings.BASE_URL.startswith("https://")


@pytest.mark.slow
def test_every_page_carries_the_headers_that_keep_foreign_script_out(company, monkeypatch):
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    client, admin = company.cast.client("petra"), company.cast.client("ada")
    client.raise_request_exception = admin.raise_request_exception = False
    for name in names():
        rule = rule_of(name)
        for target in targets_of(name, company.generic if rule and rule.kind == "any" else company.samples)[:1]:
            answer = client.get(target.path)
            answer = admin.get(target.path) if answer.status_code == 403 else answer
            answer.close()
            policy = answer.headers.get("Content-Security-Policy", "")
            assert "default-src 'none'" in policy and "unsafe" not in policy, target
            assert "frame-ancestors 'none'" in policy or "sandbox" in policy, target
            assert answer.headers["X-Content-Type-Options"] == "nosniff", target
            assert answer.headers["X-Frame-Options"] == "DENY", target
            assert answer.headers["Referrer-Policy"] == "same-origin", target


# ── files ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("page.html", "text/html", b"<html><script>alert(1)</script></html>"),
        ("picture.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("notes.txt", "text/html", b"<script>alert(1)</script>"),
    ],
)
def test_a_file_with_script_is_refused_or_only_ever_downloaded(company, name, kind, content):
    client = company.cast.client("paul")
    path = reverse("core:attachments", args=["portfolio.project", company.cast.project.pk])
    answer = client.post(path, {"file": SimpleUploadedFile(name, content, kind)})
    assert answer.status_code in (302, 422)
    if answer.status_code == 422:
        return
    from stellwerk.core.models import Attachment

    file = Attachment.objects.order_by("-pk").first()
    assert file is not None
    answer = client.get(reverse("core:download", args=[file.uid]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_a_file_name_cannot_leave_its_header_or_folder(company):
    evil = '../../etc/passwd"; filename="evil.html\r\nSet-Cookie: x=1.txt'
    file = attach(company.cast.project, file=SimpleUploadedFile(evil, b"text", "text/plain"), by=company.cast.paul)
    answer = company.cast.client("paul").get(reverse("core:download", args=[file.uid]))
    assert "Set-Cookie" not in answer.headers and "\n" not in answer.headers["Content-Disposition"]
    assert ".." not in file.file.name
    answer.close()


# ── script in texts ──────────────────────────────────────────────────────────────────────────────


class Danger(HTMLParser):
    """Finds what would run: script from the texts, event attributes, javascript: addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script" and "src" not in values and values.get("type") not in {"application/json"}:
            self.found.append(f"<script {values}>")
        self.found += [f"<{tag} {name}={value}>" for name, value in values.items() if name.startswith("on")]
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            if values.get(name, "").strip().lower().startswith(("javascript:", "data:text")):
                self.found.append(f"<{tag} {name}={values[name]}>")
        if tag == "img" and values.get("src") == "x":
            self.found.append("<img src=x>")


def dangers(html: str) -> list[str]:
    parser = Danger()
    parser.feed(html)
    return parser.found


def _poison(obj: Any) -> None:
    """The evil text in every text field of an entity that is long enough for it."""
    values: dict[str, str] = {}
    unique = {name for row in obj._meta.constraints for name in getattr(row, "fields", ())}
    for field in obj._meta.concrete_fields:
        kind, length = type(field).__name__, field.max_length or 10_000
        if (
            kind in ("CharField", "TextField")
            and not field.choices
            and field.name not in ("key", "currency", "digest")
            and length >= 40
        ):
            values[field.name] = f"{obj.pk}{EVIL}"[:length] if field.unique or field.name in unique else EVIL[:length]
    type(obj).objects.filter(pk=obj.pk).update(**values)


def test_script_in_any_text_is_shown_and_never_run(company):
    cast = company.cast
    add_comment(cast.project, text=EVIL, by=cast.paul)
    reports = [row.obj for row in company.samples["report"] if not row.step]
    proposals = [row.obj for row in company.samples["proposal"] if not row.step]
    others = [
        cast.project,
        cast.other_project,
        cast.programme,
        cast.portfolio,
        cast.unit,
        cast.organisation,
        cast.role,
        cast.people["paul"],
    ]
    for obj in [*reports, *proposals, *others]:
        _poison(obj)
    StatusReport.objects.filter(pk__in=[row.pk for row in reports]).update(
        achieved=[EVIL], next_steps=[EVIL], decisions=[{"question": EVIL, "decided_by": EVIL, "due": "2026-12-01", "impact": EVIL}],
        path_to_green={"cost": dict.fromkeys(("cause", "measure", "owner", "help_needed"), EVIL) | {"due": "2026-12-01"}},
    )  # fmt: skip
    type(cast.paul).objects.filter(pk=cast.paul.pk).update(name=EVIL[:120])
    client = cast.client("petra")
    project = cast.project.pk
    paths = [
        *(url_of(obj) for obj in [*reports, *proposals, *others]),
        *(
            reverse(name)
            for name in (
                "portfolio:board-all",
                "portfolio:project-list",
                "portfolio:proposal-list",
                "people:person-list",
            )
        ),
        *(
            reverse(name)
            for name in (
                "people:unit-tree",
                "reporting:report-list",
                "core:findings",
                "core:audit",
                "people:grant-list",
            )
        ),
        reverse("portfolio:project-edit", args=[cast.project.key]),
        reverse("reporting:report-edit", args=[reports[1].key]),
        reverse("core:history", args=["portfolio.project", project]),
        reverse("core:comments", args=["portfolio.project", project]),
        reverse("core:search") + "?q=script",
        reverse("core:search") + "?q=" + "%3Cscript%3Ealert(1)%3C/script%3E",
        reverse("portfolio:project-list") + '?q="><script>alert(1)</script>&sort=<script>',
        "/",
    ]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        html = answer.content.decode()
        assert not dangers(html), f"{path}: {dangers(html)}"
        assert "49" not in html or "{{7*7}}" not in EVIL or "<script>alert" not in html, path


def test_the_poison_of_this_test_would_be_seen(db):
    assert len(dangers(f"<p>{EVIL}</p>")) >= 3
    assert dangers('<a href="javascript:alert(3)">x</a>')
    assert not dangers("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")


def test_markdown_keeps_links_and_drops_what_runs():
    from stellwerk.core.text import render_markdown

    html = str(render_markdown(f"[ok](https://example.org) {EVIL} <a href='javascript:x'>y</a>"))
    assert not dangers(html) and 'href="https://example.org"' in html


# ── every door has a lock ────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_whoever_is_not_signed_in_sees_nothing(company):
    client = Client(raise_request_exception=False)
    for name in names():
        if name in PUBLIC | ENTRANCES or name in {"web:preferences", "web:components"}:
            continue
        rule = rule_of(name)
        for target in targets_of(name, company.generic if rule and rule.kind == "any" else company.samples)[:2]:
            answer = client.get(target.path)
            assert answer.status_code in (302, 405), f"{target.path}: {answer.status_code}"


def test_the_demo_sign_in_does_not_exist_outside_the_demo(company):
    with override_settings(DEMO=False):
        assert Client().post(reverse("auth:demo-sign-in", args=["petra"])).status_code == 404


def test_every_kind_of_entity_is_known_to_the_samples():
    known = {"organisation", "unit", "location", "role", "person", "user", "grant", "setting", "portfolio", "programme"}
    known |= {
        "project",
        "gate",
        "proposal",
        "scoringmodel",
        "statusreport",
        "cycle",
        "decktemplate",
        "auditentry",
        "changeset",
        "plan",
        "activity",
        "link",
        "planresource",
        "assignment",
        "baseline",
        "workingcalendar",
    }
    known |= {"skill", "personskill", "workingpattern", "absence", "personrate", "rolerate"}
    known |= {"agencyassignment"}
    known |= {"demand", "allocation", "timesheet", "hoursagreement", "levellingrun", "simulationrun"}
    known |= {"period", "actualsimport", "booking"}
    known |= {"budget", "forecastexception", "benefit", "costtype", "costcentre", "exchangerate", "authoritylimit"}
    known |= {"businesscase", "strategicobjective", "investmentround"}
    known |= {"client", "clientcontact", "partner", "partnercontact", "vacancy", "payband"}
    known |= {"profile", "consent", "match", "weightset", "contract"}
    assert {label.split(".")[1] for label in ENTITIES} <= known, (
        "add a sample of the new entity to tests/permissions/conftest.py"
    )


def test_a_closed_account_can_do_nothing(company):
    client = company.cast.client("paul")
    type(company.cast.paul).objects.filter(pk=company.cast.paul.pk).update(is_active=False)
    answer = client.get("/")
    assert answer.status_code == 302 and "/accounts/login/" in answer.headers["Location"]
    assert Proposal.objects.count() == 2
