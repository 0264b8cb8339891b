import pytest

from stellwerk.core.comments import add_comment, edit_comment, mentionable, rendered, withdraw_comment
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import AuditEntry, Comment, Grant, Notification, User
from stellwerk.core.watching import watch

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


@pytest.mark.parametrize("written", ["@Paul Jansen", "@paul jansen", "@Paul", "@paul", "@Jansen"])
def test_a_mention_by_name_first_name_or_last_name_tells_the_person(cast, written):
    comment = add_comment(cast.project, text=f"{written}, bitte prüfen.", by=cast.petra)
    assert list(comment.mentions.all()) == [cast.paul]
    note = Notification.objects.get()
    assert (note.user, note.kind) == (cast.paul, "mention") and f"#comment-{comment.pk}" in note.url


def test_umlauts_and_several_mentions_are_found(cast):
    walter = User.objects.create_user("jm@example.com", "x", name="Jürgen Müller-Lüdenscheid", language="de")
    Grant.objects.create(user=walter, role="controller", scope="organisation")
    comment = add_comment(cast.project, text="@Jürgen Müller-Lüdenscheid und @Tom: siehe Anlage.", by=cast.petra)
    assert set(comment.mentions.all()) == {walter, cast.tom}
    html = str(rendered(Comment.objects.get()))
    assert html.count('class="mention"') == 2


def test_an_address_or_an_unknown_name_is_no_mention(cast):
    comment = add_comment(cast.project, text="Mail an paul@example.com, @niemand, user@Paul", by=cast.petra)
    assert not comment.mentions.exists()


def test_an_unclear_name_is_asked_for(cast):
    for number, name in enumerate(("Ines Alt", "Ines Neu")):
        user = User.objects.create_user(f"i{number}@example.com", "x", name=name)
        Grant.objects.create(user=user, role="controller", scope="organisation")
    with pytest.raises(Invalid, match="full name"):
        add_comment(cast.project, text="@Ines bitte", by=cast.petra)
    assert add_comment(cast.project, text="@Ines Neu bitte", by=cast.petra).mentions.count() == 1


def test_who_may_not_see_the_entity_cannot_be_mentioned(cast):
    with pytest.raises(Invalid, match="Uwe Schmidt may not see"):
        add_comment(cast.project, text="@Uwe schau mal", by=cast.petra)
    assert not Comment.objects.exists() and not Notification.objects.exists()


def test_watchers_are_told_once_and_the_author_never(cast):
    for user in (cast.tom, cast.petra, cast.paul):
        watch(cast.project, by=user)
    add_comment(cast.project, text="@Paul und alle", by=cast.petra)
    assert sorted(Notification.objects.values_list("user__name", "kind")) == [
        ("Paul Jansen", "mention"),
        ("Tom Okafor", "comment"),
    ]


def test_who_may_not_comment_is_refused(cast):
    with pytest.raises(NotAllowed):
        add_comment(cast.project, text="Hallo", by=cast.uwe)
    with pytest.raises(NotAllowed):
        add_comment(cast.project, text="Hallo", by=cast.olga)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x01", "x" * 10_001])
def test_an_empty_or_endless_comment_is_refused(cast, text):
    with pytest.raises(Invalid):
        add_comment(cast.project, text=text, by=cast.petra)


def test_an_edit_tells_only_the_newly_mentioned(cast):
    comment = add_comment(cast.project, text="@Paul bitte", by=cast.petra)
    edit_comment(comment, text="@Paul und @Tom bitte", by=cast.petra, version=1)
    assert [row.user for row in Notification.objects.order_by("pk")] == [cast.paul, cast.tom]
    assert AuditEntry.objects.get(verb="comment_edit").changes["comment"][0] == "@Paul bitte"


def test_only_the_author_edits_and_a_stale_edit_is_refused(cast):
    comment = add_comment(cast.project, text="eins", by=cast.petra)
    with pytest.raises(NotAllowed):
        edit_comment(comment, text="zwei", by=cast.anton)
    edit_comment(comment, text="zwei", by=cast.petra, version=1)
    with pytest.raises(StaleEdit) as refusal:
        edit_comment(comment, text="drei", by=cast.petra, version=1)
    assert refusal.value.conflicts[0].theirs == "zwei"


def test_a_comment_is_withdrawn_by_its_author_or_who_manages_the_entity(cast):
    comment = add_comment(cast.project, text="peinlich", by=cast.tom)
    with pytest.raises(NotAllowed):
        withdraw_comment(comment, by=cast.paul)
    withdraw_comment(comment, by=cast.petra)
    with pytest.raises(Refused):
        edit_comment(comment, text="doch", by=cast.tom)
    page = cast.client("tom").get(f"/portfolio/project-detail/{cast.project.key}").content.decode()
    assert "Comment withdrawn" in page and "peinlich" not in page.split('id="history"')[0]


def test_script_in_a_comment_is_harmless(cast):
    comment = add_comment(
        cast.project, text="<script>alert(1)</script> [x](javascript:alert(1)) **fett**", by=cast.petra
    )
    html = str(rendered(comment))
    assert "<script" not in html and "javascript:" not in html.replace("[x](javascript", "") and "<strong>" in html


def test_the_page_keeps_a_refused_comment(cast):
    client, url = cast.client("petra"), f"/entity/portfolio.project/{cast.project.pk}/comments"
    response = client.post(url, {"text": "@Uwe schau mal"})
    page = response.content.decode()
    assert response.status_code == 422 and "@Uwe schau mal" in page and "may not see" in page
    assert client.post(url, {"text": "gut"}).status_code == 302
    fragment = client.post(url, {"text": "noch einer"}, HTTP_HX_REQUEST="true").content.decode()
    assert "noch einer" in fragment and "<html" not in fragment
    assert cast.client("uwe").post(url, {"text": "x"}).status_code == 404


def test_editing_and_withdrawing_on_the_page(cast):
    comment = add_comment(cast.project, text="eins", by=cast.petra)
    client = cast.client("petra")
    assert "eins" in client.get(f"/comments/{comment.pk}/edit").content.decode()
    assert client.post(f"/comments/{comment.pk}/edit", {"text": "zwei", "version": 1}).status_code == 302
    stale = client.post(f"/comments/{comment.pk}/edit", {"text": "drei", "version": 1})
    assert stale.status_code == 409 and "zwei" in stale.content.decode() and "drei" in stale.content.decode()
    assert cast.client("anton").get(f"/comments/{comment.pk}/edit").status_code == 404
    assert cast.client("anton").post(f"/comments/{comment.pk}/edit", {"text": "x"}).status_code == 403
    assert client.post(f"/comments/{comment.pk}/withdraw").status_code == 302
    assert cast.client("uwe").post(f"/comments/{comment.pk}/withdraw").status_code == 404


def test_names_for_at_are_only_those_who_may_see_the_entity(cast):
    assert cast.paul in mentionable(cast.project, "pau") and cast.uwe not in mentionable(cast.project, "uwe")
    rows = cast.client("petra").get(f"/entity/portfolio.project/{cast.project.pk}/mentionable?q=ja").json()["results"]
    assert [row["value"] for row in rows] == ["Paul Jansen"]
    assert cast.client("uwe").get(f"/entity/portfolio.project/{cast.project.pk}/mentionable?q=a").status_code == 404
