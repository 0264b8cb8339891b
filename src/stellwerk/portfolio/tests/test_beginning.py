"""What somebody sees who begins: empty lists lead on, a preview can be taken up again, pages stand where they belong."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from stellwerk.core.changesets import KINDS
from stellwerk.core.models import ChangeSet, Grant, Scope, User
from stellwerk.portfolio.forms import ProjectForm
from stellwerk.portfolio.importing.undo import KIND
from stellwerk.testing import Cast


def newcomer() -> Client:
    """The first administrator of an installation with nothing in it."""
    user = User.objects.create_user("nora@firma.example", "ein langes Kennwort", name="Nora Neu", language="en")
    for role in ("administrator", "pmo_lead"):
        Grant.objects.create(user=user, role=role, scope=Scope.ORGANISATION)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def content(answer: HttpResponse) -> str:
    page = answer.content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_empty_lists_of_projects_and_portfolios_and_the_deck_offer_the_import(db: None) -> None:
    client = newcomer()
    for path in (reverse("portfolio:project-list"), reverse("portfolio:portfolio-list"), reverse("reporting:deck")):
        assert f'href="{reverse("portfolio:import")}"' in content(client.get(path)), path


def test_the_first_import_suggests_the_key_of_the_portfolio(db: None) -> None:
    assert 'value="PORTFOLIO"' in content(newcomer().get(reverse("portfolio:import")))


def test_an_import_beside_other_portfolios_suggests_none(cast: Cast) -> None:
    assert 'value="PORTFOLIO"' not in content(cast.client("petra").get(reverse("portfolio:import")))


def test_a_list_with_projects_offers_no_first_steps(cast: Cast) -> None:
    page = content(cast.client("petra").get(reverse("portfolio:project-list")))
    assert cast.project.name in page
    assert f'href="{reverse("portfolio:import")}"' not in page


def test_a_change_set_that_is_only_a_preview_leads_back_to_its_preview(cast: Cast) -> None:
    one = ChangeSet.objects.create(kind=KIND, title="Import of list.csv", created_by=cast.petra)
    assert KINDS[one.kind].preview_url == "portfolio:import-preview"
    page = cast.client("petra").get(reverse("core:changeset", args=[one.uid])).content.decode()
    assert reverse("portfolio:import-preview", args=[one.uid]) in page
    assert "Nothing was written." not in page


def test_history_and_comments_stand_in_the_navigation_where_their_entry_stands(cast: Cast) -> None:
    path = reverse("core:history", args=["portfolio.project", cast.project.pk])
    side = cast.client("petra").get(path).content.decode().split("<main")[0]
    line = next(part for part in side.split("<a ") if f'href="{reverse("portfolio:project-list")}"' in part)
    assert "aria-current" in line


def test_no_choice_is_shown_as_one_dash(cast: Cast) -> None:
    form = ProjectForm(user=cast.petra)
    texts = [str(text) for field in form.fields.values() for _value, text in getattr(field, "choices", ())]
    assert "–" in texts
    assert not any("---" in text for text in texts)


@pytest.mark.parametrize("finish_baseline", [None, dt.date(2027, 3, 1)])
@pytest.mark.parametrize("finish", [None, dt.date(2027, 3, 31)])
def test_a_heading_between_projects_is_as_wide_as_the_rows(
    cast: Cast, finish: dt.date | None, finish_baseline: dt.date | None
) -> None:
    for project in (cast.project, cast.other_project):
        project.finish_forecast, project.finish_baseline = finish, finish_baseline
        project.start_baseline = project.start_forecast = project.start_actual = project.finish_actual = None
        project.save()
    page = content(cast.client("petra").get(reverse("portfolio:board-all")))
    table = page[page.index('<table class="t mx"') :]
    heads = table[: table.index("</thead>")].count("<th ")
    row = table[table.index('<tr class="grp"') :]
    row = row[: row.index("</tr>")]
    spans = [int(found) for found in re.findall(r'colspan="(\d+)"', row)]
    assert sum(spans) + row.count("<td") - len(spans) == heads
