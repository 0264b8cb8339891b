"""Earned value in the API: the figures of the pages, as numbers with reasons."""

from __future__ import annotations

import pytest
from django.utils import timezone

from stellwerk.controlling.tests.test_earned_value import K, alpha, budget_of, line_of  # noqa: F401 - a fixture
from stellwerk.core.api.auth import create_token

pytestmark = pytest.mark.django_db


def ask(client, user, path):
    _token, secret = create_token(user=user, by=user, name="t", scopes=["read"], days=30)
    return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})


def test_alpha_in_numbers(alpha, client):  # noqa: F811
    body = ask(client, alpha.paul, "projects/PRJ-0001/earned-value?on=2026-05-31").json()
    figures = {code: one["value"] for code, one in body["figures"].items()}
    assert {code: figures[code] for code in ("bac", "pv", "ev", "ac", "eac1", "eac2", "eac3", "eac4", "eac")} == {
        "bac": 500 * K, "pv": 300 * K, "ev": 230 * K, "ac": 260 * K, "eac1": 530 * K, "eac2": 565_217_39, "eac3": 658_109_64,
        "eac4": 570 * K, "eac": 565_217_39,
    }  # fmt: skip
    assert (figures["cpi"], figures["spi"], figures["tcpi_bac"]) == (0.884615, 0.766667, 1.125)
    assert (body["forecast"], body["currency"], body["date"]) == ("eac2", "EUR", "2026-05-31")
    for code in ("bac", "pv", "ev", "ac", "cv", "sv"):
        assert sum(row["amounts"][code] for row in body["rows"]) == figures[code]


def test_an_undefined_figure_is_null_with_its_reason(cast, client):
    line_of(budget_of(cast.project), None, [0] * 8 + [10 * K])
    figures = ask(client, cast.paul, "projects/PRJ-0001/earned-value?on=2026-05-31").json()["figures"]
    assert figures["cpi"] == {"value": None, "reason": "not_started"}


@pytest.mark.parametrize("path", ["programmes/PRG-0001", "portfolios/ANLAGEN"])
def test_a_roll_up_holds_what_its_reader_may_see(alpha, client, path):  # noqa: F811
    line_of(budget_of(alpha.other_project), None, [5 * K])
    body = ask(client, alpha.gerda, f"{path}/earned-value?on=2026-05-31").json()
    assert [row["key"] for row in body["rows"]] == ["PRJ-0001"]
    assert body["hidden"] == (1 if path.startswith("portfolios") else 0)


@pytest.mark.parametrize(("who", "path", "status"), [
    ("tom", "projects/PRJ-0001/earned-value", 403), ("olga", "projects/PRJ-0001/earned-value", 404), ("rita", "portfolios/ANLAGEN/earned-value", 403),
    ("paul", "projects/NOPE/earned-value", 404), ("paul", "projects/PRJ-0001/earned-value?on=2999-01-01", 422),
    ("paul", "projects/PRJ-0001/earned-value?on=gestern", 422), ("paul", "projects/PRJ-0001/earned-value?on=1200-01-01", 422),
])  # fmt: skip
def test_who_may_not_and_what_is_wrong_is_told(alpha, client, who, path, status):  # noqa: F811
    answer = ask(client, alpha.users[who], path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")


def test_today_counts_where_no_date_is_given(alpha, client):  # noqa: F811
    assert ask(client, alpha.paul, "projects/PRJ-0001/earned-value").json()["date"] == timezone.localdate().isoformat()
