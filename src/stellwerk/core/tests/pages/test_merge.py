import pytest
from django.apps import apps

from stellwerk.core import services
from stellwerk.core.changesets import undo
from stellwerk.core.comments import add_comment, comments_of
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.merge import compare, merge, merged_into, suggestions
from stellwerk.core.registry import entity_type
from stellwerk.core.watching import is_watching, watch

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]

Project = apps.get_model("portfolio", "Project")
Person = apps.get_model("people", "Person")


@pytest.fixture
def double(cast):
    """Paul Jansen a second time, with projects, a membership and a report to him."""
    found = Person.objects.create(
        key="PER-0900",
        first_name="Paul",
        last_name="Janssen",
        email="p.jansen@example.com",
        phone="0381 5",
        unit=cast.unit,
        title="Dr.",
    )
    cast.other_project.manager = found
    cast.other_project.save()
    cast.project.members.create(person=found, role=cast.role)
    cast.portfolio.manager = found  # a reference without a name on the person's side
    cast.portfolio.save()
    cast.people["tom"].manager = found
    cast.people["tom"].save()
    cast.people["paul"].manager = found
    cast.people["paul"].save()
    return found


def test_everything_that_refers_to_the_loser_moves_and_the_undo_moves_it_back(cast, double):
    paul = cast.people["paul"]
    cast.project.members.create(person=paul, role=cast.role)  # would exist twice after the merge
    add_comment(double, text="eins", by=cast.petra)
    watch(double, by=cast.petra)
    watch(paul, by=cast.petra)
    found = merge(paul, double, choices={"title": "lose", "phone": "lose"}, by=cast.petra, reason="doppelt")

    paul.refresh_from_db()
    double.refresh_from_db()
    assert (paul.title, paul.phone, paul.last_name, paul.manager) == ("Dr.", "0381 5", "Jansen", None)
    assert double.archived and merged_into(double) == paul
    assert Project.objects.get(pk=cast.other_project.pk).manager == paul
    assert type(cast.portfolio).objects.get().manager == paul
    assert Person.objects.get(pk=cast.people["tom"].pk).manager == paul
    assert cast.project.members.filter(person=paul).count() == 1 and not double.memberships.exists()
    assert comments_of(paul).count() == 1 and is_watching(paul, cast.petra)

    undo(found, by=cast.petra)
    paul.refresh_from_db()
    double.refresh_from_db()
    assert (paul.title, paul.phone, paul.manager) == ("", "", double)
    assert not double.archived and merged_into(double) is None
    assert Project.objects.get(pk=cast.other_project.pk).manager == double
    assert (
        cast.project.members.filter(person=double).count() == 1
        and cast.project.members.filter(person=paul).count() == 1
    )
    assert comments_of(double).count() == 1 and is_watching(double, cast.petra)


def test_the_account_of_the_loser_may_be_taken_over(cast, double):
    olga = cast.people["olga"]
    merge(double, olga, choices={"user": "lose", "email": "lose"}, by=cast.petra)
    double.refresh_from_db()
    olga.refresh_from_db()
    assert double.user == cast.olga and olga.user is None


def test_two_projects_merge_with_their_figures_members_and_statuses(cast):
    keep, lose = cast.project, cast.other_project
    lose.members.create(person=cast.people["tom"], role=cast.role)
    lose.gates.create(code="G3")
    keep.gates.create(code="G3")
    found = merge(keep, lose, choices={"budget": "lose"}, by=cast.petra)
    keep.refresh_from_db()
    assert keep.budget == 7_900_000_00 and keep.gates.count() == 1 and keep.members.count() == 1
    undo(found, by=cast.petra)
    lose.refresh_from_db()
    assert not lose.archived and lose.gates.count() == 1 and lose.members.count() == 1


def test_who_may_not_merge_is_refused(cast, double):
    with pytest.raises(NotAllowed):
        merge(cast.people["paul"], double, choices={}, by=cast.rita)


def test_what_changed_since_the_comparison_is_compared_again(cast):
    seen = (cast.project.version, cast.other_project.version)
    services.edit(cast.project, {"name": "Anders"}, by=cast.anton)
    with pytest.raises(Refused, match="changed by somebody else"):
        merge(cast.project, cast.other_project, choices={}, by=cast.petra, versions=seen)


def test_different_kinds_the_same_entry_and_archived_entries_are_not_merged(cast):
    with pytest.raises(Refused):
        merge(cast.project, cast.programme, choices={}, by=cast.petra)
    with pytest.raises(Refused):
        merge(cast.project, cast.project, choices={}, by=cast.petra)
    services.archive(cast.other_project, by=cast.petra)
    with pytest.raises(Refused, match="archived"):
        merge(cast.project, Project.objects.get(pk=cast.other_project.pk), choices={}, by=cast.petra)
    with pytest.raises(Refused):
        merge(cast.people["paul"], cast.people["tom"], choices={"no_field": "lose"}, by=cast.petra)


def test_a_filled_value_is_proposed_before_an_empty_one(cast, double):
    rows = {row.name: row for row in compare(cast.people["paul"], double, cast.petra)}
    assert rows["phone"].take == "lose" and rows["email"].take == "keep" and rows["unit"].same


def test_similar_names_and_equal_addresses_are_suggested(cast, double):
    Person.objects.create(key="PER-0901", first_name="Tomáš", last_name="Okafor", unit=cast.unit)
    Person.objects.create(
        key="PER-0902", first_name="Ganz", last_name="Anders", email=cast.people["elke"].email, unit=cast.unit
    )
    pairs = suggestions(cast.petra, entity_type("people.person"))
    found = {frozenset((pair.first.key, pair.second.key)) for pair in pairs}
    elke, tom, paul = (cast.people[name].key for name in ("elke", "tom", "paul"))
    assert frozenset((paul, "PER-0900")) in found and frozenset((elke, "PER-0902")) in found
    assert frozenset((tom, "PER-0901")) in found
    assert all({"petra", "stefan"} != {pair.first.first_name, pair.second.first_name} for pair in pairs)


def test_the_pages_suggest_compare_and_merge(cast, double):
    petra = cast.client("petra")
    assert "Janssen" in petra.get("/duplicates/people.person").content.decode()
    paul = cast.people["paul"]
    assert "Janssen" in petra.get(f"/entity/people.person/{paul.pk}/merge?q=jans").content.decode()
    url = f"/entity/people.person/{paul.pk}/merge/{double.pk}"
    page = petra.get(url).content.decode()
    assert "0381 5" in page and 'name="phone"' in page
    assert petra.post(url, {"phone": "lose", "keep_version": 99}).status_code == 409
    assert petra.post(url, {"phone": "lose", "keep_version": paul.version, "lose_version": 1}).status_code == 302
    paul.refresh_from_db()
    assert paul.phone == "0381 5"
    kept = petra.get(f"/people/person-detail/{paul.key}").content.decode()
    assert "/undo" in kept and "/undo" not in petra.get(f"/people/person-detail/{paul.key}").content.decode()
    loser = petra.get(f"/people/person-detail/{double.key}").content.decode()
    assert "merged into" in loser and "Paul Jansen" in loser


def test_the_merge_pages_are_closed_to_others(cast, double):
    url = f"/entity/people.person/{cast.people['paul'].pk}/merge/{double.pk}"
    for name in ("rita", "paul", "uwe"):
        client = cast.client(name)
        assert client.get(url).status_code in {403, 404}
        assert client.post(url, {}).status_code in {403, 404}
        assert client.get("/duplicates/people.person").status_code == 403
