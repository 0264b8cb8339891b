"""Pages of lists from kept queries show what the database holds now, to each reader what they may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import F, Value
from django.test import Client
from django.utils import translation

from stellwerk.core.lists import LISTS, Column, steady
from stellwerk.core.lists.parsing import parse
from stellwerk.core.lists.reading import read_list
from stellwerk.core.models import SavedView
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


def _keys(user: Any, **params: str) -> list[str]:
    return [row.key for row in read_list(LISTS["portfolio.project"], user, params).rows]


def test_a_list_asked_again_shows_what_has_changed_since(cast: Cast) -> None:
    for _again in range(4):
        before = _keys(cast.petra)
        assert cast.project.key in before
    Project.objects.filter(pk=cast.project.pk).update(name="Aal", budget=4711)
    found = read_list(LISTS["portfolio.project"], cast.petra, {})
    row = next(row for row in found.rows if row.key == cast.project.key)
    assert (row.values["name"], row.values["budget"]) == ("Aal", 4711)
    assert found.total.count == len(before)
    Project.objects.filter(pk=cast.project.pk).update(archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert _keys(cast.petra) == [key for key in before if key != cast.project.key]
    assert cast.project.key in _keys(cast.petra, archived="yes")


def test_each_reader_sees_the_same_rows_from_a_kept_query_as_from_a_filtered_one(cast: Cast) -> None:
    for user in (cast.petra, cast.paul, cast.tom, cast.elke):
        for sort in ("", "-budget", "name", "overall", "-phase"):
            plain = _keys(user, key__empty="no", sort=sort)  # a filter: asked anew
            for _again in range(3):
                assert _keys(user, sort=sort) == plain, (user, sort)


def test_columns_and_pages_do_not_mix(cast: Cast) -> None:
    for _again in range(3):
        assert set(read_list(LISTS["portfolio.project"], cast.petra, {"columns": "key"}).rows[0].values) >= {"key"}
        wide = read_list(LISTS["portfolio.project"], cast.petra, {"columns": "key,start,bac"})
        assert {"start", "bac"} <= set(wide.rows[0].values)


def test_an_expression_made_anew_is_never_kept_and_one_per_language_is(cast: Cast) -> None:
    spec = LISTS["portfolio.project"]
    texts = iter(f"day {number}" for number in range(20))
    german, english = Value("deutsch"), Value("english")
    moving = Column("moving", "Moving", expression=lambda: Value(next(texts)))
    spoken = Column("spoken", "Spoken", expression=lambda: german if translation.get_language() == "de" else english)

    def ask(column: Column) -> tuple[str, bool]:
        query = replace(parse(spec, {}, cast.petra), columns=[column])

        def build(rows: Any) -> Any:
            return rows.annotate(text=column.expression() if column.expression else F("key")).values("text")

        found = steady.kept(query, ("test",), build)
        rows = found.rows() if found is not None else list(build(steady.narrowed(spec, ())))
        return rows[0]["text"], found is not None

    assert len({ask(moving) for _page in range(8)}) == 8
    assert steady.kept(replace(parse(spec, {}, cast.petra), columns=[moving]), ("test",), lambda rows: rows) is None
    for _again in range(3):
        for language, text in (("de", "deutsch"), ("en", "english")):
            with translation.override(language):
                assert ask(spoken)[0] == text
    with translation.override("de"):
        assert ask(spoken) == ("deutsch", True)


def test_a_default_view_chosen_or_dropped_counts_at_once(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.petra, backend="django.contrib.auth.backends.ModelBackend")
    for _again in range(2):
        assert client.get("/portfolio/projects/").status_code == 200
    view = SavedView.objects.create(
        user=cast.petra, page="portfolio.project", name="Mine", query="sort=-key", is_default=True
    )
    assert client.get("/portfolio/projects/").status_code == 302
    view.delete()
    assert client.get("/portfolio/projects/").status_code == 200
