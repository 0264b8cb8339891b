"""Saved views: saved, renamed, shared, opened first, deleted – by their owner alone, one window at a time."""

from __future__ import annotations

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.lists.saved import (
    change_view,
    default_address,
    delete_view,
    save_view,
    set_default_view,
    view_links,
    views_for,
)
from stellwerk.core.models import AuditEntry, SavedView
from stellwerk.testing import Cast

PAGE = "people.person"


def test_a_view_is_saved_shared_and_becomes_the_default(cast: Cast):
    view = save_view(
        by=cast.petra,
        page="people.person",
        name=" Freie ",
        query="?employment_type=freelancer&page=3&view=9",
        shared=True,
    )
    assert view.query == "employment_type=freelancer"
    assert [one.name for one in views_for(cast.rita, "people.person")] == ["Freie"]
    set_default_view(view, by=cast.petra, page="people.person")
    assert default_address(cast.petra, "people.person") == f"?employment_type=freelancer&view={view.pk}"
    response = cast.client("petra").get("/people/")
    assert response.status_code == 302
    assert cast.client("petra").get("/people/?view=standard").status_code == 200
    link = view_links(cast.petra, "people.person", "?q=x&employment_type=freelancer", str(view.pk))[0]
    assert link.current and link.changed


def test_views_of_others_can_be_used_but_not_changed(cast: Cast):
    view = save_view(by=cast.petra, page="people.person", name="A", query="q=a", shared=True)
    with pytest.raises(NotAllowed):
        delete_view(view, by=cast.rita)
    with pytest.raises(NotAllowed):
        set_default_view(view, by=cast.rita, page="people.person")
    assert cast.client("rita").post(f"/lists/views/{view.pk}/delete").status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_view_without_a_name_is_refused_and_the_same_name_is_replaced(cast: Cast):
    with pytest.raises(Invalid):
        save_view(by=cast.petra, page="p", name="  ", query="")
    save_view(by=cast.petra, page="p", name="A", query="q=1")
    save_view(by=cast.petra, page="p", name="A", query="q=2")
    assert [view.query for view in views_for(cast.petra, "p")] == ["q=2"]


def test_a_view_never_leads_to_a_foreign_address(cast: Cast):
    response = cast.client("petra").post(
        "/lists/views/save", {"page": "p", "name": "A", "query": "q=1", "next": "https://evil.example/"}
    )
    assert response.headers["Location"].startswith("/?")


def test_the_owner_renames_and_shares_a_view(cast: Cast):
    view = save_view(by=cast.paul, page=PAGE, name="A", query="q=a", is_default=True)
    changed = change_view(view, by=cast.paul, name="  Meine   Leute ", shared=True, version=view.version)
    assert (changed.name, changed.shared, changed.query, changed.is_default) == ("Meine Leute", True, "q=a", True)
    assert [one.name for one in views_for(cast.rita, PAGE)] == ["Meine Leute"]
    again = change_view(changed, by=cast.paul, name="Meine Leute", shared=False, version=changed.version)
    assert views_for(cast.rita, PAGE) == [] and views_for(cast.paul, PAGE) == [again]


def test_what_others_see_is_in_the_audit_trail_and_what_they_never_saw_is_not(cast: Cast):
    view = save_view(by=cast.paul, page=PAGE, name="A", query="q=a")
    view = change_view(view, by=cast.paul, name="B", shared=False)
    entries = AuditEntry.objects.filter(entity_type="core.savedview", entity_id=view.pk).order_by("pk")
    assert not entries.exists()
    view = change_view(view, by=cast.paul, name="C", shared=True)
    view = change_view(view, by=cast.paul, name="D", shared=True)
    view = change_view(view, by=cast.paul, name="D", shared=True)  # nothing new
    change_view(view, by=cast.paul, name="D", shared=False)
    assert [(one.verb, one.changes) for one in entries] == [
        ("share", {"name": ["B", "C"], "shared": [False, True]}),
        ("edit", {"name": ["C", "D"]}),
        ("unshare", {"shared": [True, False]}),
    ]


def test_nobody_renames_the_view_of_somebody_else(cast: Cast):
    view = save_view(by=cast.petra, page=PAGE, name="A", query="q=a", shared=True)
    with pytest.raises(NotAllowed):
        change_view(view, by=cast.rita, name="B", shared=False)
    assert cast.client("rita").post(f"/lists/views/{view.pk}/edit", {"name": "B"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.shared) == ("A", True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Andere"])
def test_a_name_that_cannot_be_is_refused_and_nothing_changes(cast: Cast, name: str):
    save_view(by=cast.paul, page=PAGE, name="Andere", query="q=b")
    view = save_view(by=cast.paul, page=PAGE, name="A", query="q=a")
    with pytest.raises(Invalid):
        change_view(view, by=cast.paul, name=name, shared=True)
    response = cast.client("paul").post(
        f"/lists/views/{view.pk}/edit", {"name": name, "shared": "1", "next": "/people/", "query": "q=c"}, follow=True
    )
    assert response.redirect_chain == [(f"/people/?q=c&view={view.pk}", 302)], "unsaved filters stay"
    assert [str(message.level_tag) for message in response.context["messages"]] == ["error"]
    view.refresh_from_db()
    assert (view.name, view.shared) == ("A", False)


def test_the_same_name_on_another_page_or_of_another_owner_is_free(cast: Cast):
    save_view(by=cast.paul, page="portfolio.project", name="B", query="")
    save_view(by=cast.petra, page=PAGE, name="B", query="", shared=True)
    view = save_view(by=cast.paul, page=PAGE, name="A", query="")
    assert change_view(view, by=cast.paul, name="B", shared=False).name == "B"


def test_a_form_that_shows_an_older_state_changes_nothing(cast: Cast):
    view = save_view(by=cast.paul, page=PAGE, name="A", query="q=a")
    seen = view.version
    change_view(view, by=cast.paul, name="B", shared=False, version=seen)
    with pytest.raises(Refused) as refusal:
        change_view(view, by=cast.paul, name="C", shared=True, version=seen)
    assert refusal.value.code == "stale_edit"
    save_view(by=cast.paul, page=PAGE, name="B", query="q=b")  # replaces what the view shows
    with pytest.raises(Refused):
        change_view(view, by=cast.paul, name="C", shared=True, version=seen + 1)
    assert [(one.name, one.query, one.shared) for one in views_for(cast.paul, PAGE)] == [("B", "q=b", False)]


def test_a_view_that_is_gone_is_neither_renamed_nor_deleted_twice(cast: Cast):
    view = save_view(by=cast.paul, page=PAGE, name="A", query="q=a", shared=True)
    delete_view(SavedView.objects.get(pk=view.pk), by=cast.paul)
    with pytest.raises(Refused):
        change_view(view, by=cast.paul, name="B", shared=True)
    delete_view(view, by=cast.paul)
    assert AuditEntry.objects.filter(entity_type="core.savedview", verb="delete").count() == 1
    assert cast.client("paul").post(f"/lists/views/{view.pk}/edit", {"name": "B"}).status_code == 404


def test_only_the_owner_of_the_chosen_view_is_offered_its_form(cast: Cast):
    view = save_view(by=cast.petra, page=PAGE, name="A", query="q=a", shared=True)
    address = f"/people/?q=a&view={view.pk}"
    assert f"/lists/views/{view.pk}/edit" in cast.client("petra").get(address).content.decode()
    assert "/lists/views/" not in cast.client("rita").get(address).content.decode().replace("/lists/views/save", "")
