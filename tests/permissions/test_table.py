"""Each URL × role against ``table.tsv``, which was written from the roles of the method and reviewed row by row.

Outcomes: ``ok`` (allowed, also when the empty form is refused for its content), ``forbidden`` (403), ``hidden`` (404)
and ``login`` (sent to the sign-in page). A new page needs its rows: the test says which ones are missing.
There is deliberately no switch that writes the table from what the code does.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.permissions.conftest import USERS, Company

TABLE = Path(__file__).parent / "table.tsv"
METHODS = ("GET", "POST")
BODY = {"reason": "Because the test says so, at some length."}


def outcome(client: Client, method: str, path: str) -> str:
    """What an empty request answers; ``-`` where the method does not exist."""
    response = client.get(path) if method == "GET" else client.post(path, BODY)
    response.close()
    if response.status_code == 405 or (method == "POST" and response.headers.get("Location") == "/no-roles/"):
        return "-"
    if response.status_code in (301, 302) and "/accounts/login/" in response.headers["Location"]:
        return "login"
    if response.status_code >= 500:
        return f"error at {path}"
    return {403: "forbidden", 404: "hidden", 401: "login"}.get(response.status_code, "ok")


def observed(company: Company, user: str) -> Iterator[tuple[tuple[str, str, str], str]]:
    """((method, route, sample), outcome) of every address; each request is undone."""
    client = company.client(user)
    client.raise_request_exception = False
    for target in company.addresses:
        for method in METHODS:
            with transaction.atomic():
                result = outcome(client, method, target.path)
                transaction.set_rollback(True)
            if result != "-":
                yield (method, target.route, target.sample), result


def reviewed() -> dict[tuple[str, str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {(row["method"], row["route"], row["object"]): row for row in rows}


@pytest.fixture(autouse=True)
def without_drawing(monkeypatch, settings, remembered):
    """Who may is decided before a page is drawn; drawing takes most of the time and is tested in the browser."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"  # not read from the database each time
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("user", [*USERS, "visitor"])
def test_every_address_answers_each_role_as_the_table_says(shared, user):
    table = reviewed()
    wrong: list[str] = []
    seen: set[Any] = set()
    for key, result in observed(shared, user):
        seen.add(key)
        expected = table.get(key, {}).get(user, "no row in table.tsv")
        if result != expected:
            wrong.append(f"{' '.join(key)}: {user} expects {expected}, is {result}")
    wrong += [f"{' '.join(key)}: the table has it, Stellwerk has not" for key in sorted(set(table) - seen)]
    assert not wrong, "\n".join(wrong)
