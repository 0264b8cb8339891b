"""The money that board, programme and portfolio show is that of their projects, to the cent."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from stellwerk.controlling.services.evm_figures import write_ev_figures
from stellwerk.controlling.tests.pages import Page, cells_of, cents, text_of
from stellwerk.controlling.tests.test_earned_value import MAY, alpha  # noqa: F401 - a fixture
from stellwerk.controlling.tests.test_evm_pages import ON, company  # noqa: F401 - a fixture
from stellwerk.portfolio.models import Project

pytestmark = pytest.mark.django_db


def shown(client: Any, level: str, key: str) -> dict[str, int]:
    """BAC and EAC on the page of earned value of a subject."""
    page = Page(client, reverse(f"controlling:ev-{level}", args=[key]) + ON)
    found = {a.get("data-figure"): text_of(a) for a in page.tree.xpath("//a[@data-figure]")}
    return {code: cents(found[code]) for code in ("bac", "eac")} if "bac" in found else {}


def test_the_money_of_the_board_is_that_of_its_projects(company):  # noqa: F811
    write_ev_figures(on=MAY)
    client = company.client("conny")
    page = Page(client, reverse("portfolio:board", args=[company.portfolio.key]) + "?on=2026-05-31")
    *rows, total = page.tree.xpath("//table[contains(@class, 'money-table')]//tr[td]")
    exact = [[cents(cell.get("title")) for cell in cells_of(row) if cell.get("title") is not None and "num" in cell.get("class")] for row in (*rows, total)]  # fmt: skip
    assert [sum(column) for column in zip(*exact[:-1], strict=True)] == exact[-1]
    euros = Project.objects.filter(portfolio=company.portfolio, currency="EUR")
    parts = {project.key: shown(client, "project", project.key) for project in euros}
    budgets = {key: found["bac"] for key, found in parts.items() if found}
    assert exact[-1][0] == sum(budgets.values()) + sum(
        project.budget or 0 for project in euros if project.key not in budgets
    )
    assert exact[-1][1] == sum(found["eac"] for found in parts.values() if found)
    for row, amounts in zip(rows, exact, strict=False):
        link = row.xpath(".//a/@href")
        if link:
            members = [parts[project.key] for project in euros if project.programme == company.programme]
            assert amounts[1] == sum(found["eac"] for found in members if found)
