import pytest
from django.apps import apps

from stellwerk.core import services
from stellwerk.core.search import Hit, find, fitting, kinds_for, places

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]

Person = apps.get_model("people", "Person")
Project = apps.get_model("portfolio", "Project")


def labels(user, query, **options):
    return [hit.label for group in find(user, query, **options) for hit in group.hits]


@pytest.fixture
def more(cast):
    Person.objects.create(key="PER-0800", first_name="Jürgen", last_name="Müller", unit=cast.unit)
    Project.objects.create(
        key="PRJ-0100", name="Überleitung Straße Köln", portfolio=cast.portfolio, external_key="SAP-4711"
    )
    return cast


@pytest.mark.parametrize("query", ["müller", "Mueller", "muller", "MÜLLER", "jürgen mü", "Müller Jürgen", "PER-0800"])
def test_umlauts_case_and_order_do_not_matter(more, query):
    assert "Jürgen Müller" in labels(more.petra, query)


@pytest.mark.parametrize(
    "query", ["Elektrolise Lubmin", "Rauchgasreinigng", "elektrolyse lumbin", "Strasse Koln", "sap-4711", "PRJ-0100"]
)
def test_typing_errors_and_other_keys_find_the_project(more, query):
    assert set(labels(more.petra, query)) & {"Elektrolyse Lubmin", "Rauchgasreinigung Stade", "Überleitung Straße Köln"}


def test_the_exact_key_comes_first(cast):
    assert labels(cast.petra, "PRJ-0002")[0] == "Rauchgasreinigung Stade"


def test_nobody_finds_what_they_may_not_see(cast):
    assert "Elektrolyse Lubmin" in labels(cast.paul, "Elektrolyse")
    assert labels(cast.olga, "Elektrolyse") == []
    assert labels(cast.uwe, "Elektrolyse") == [] and labels(cast.uwe, "Petra") == []
    cast.project.confidentiality = "strict"
    cast.project.save()
    assert labels(cast.conny, "Elektrolyse") == [] and "Elektrolyse Lubmin" in labels(cast.petra, "Elektrolyse")


def test_the_archive_is_searched_only_on_request(cast):
    services.archive(cast.project, by=cast.petra)
    assert labels(cast.petra, "Elektrolyse") == []
    assert labels(cast.petra, "Elektrolyse", archived=True) == ["Elektrolyse Lubmin"]


@pytest.mark.parametrize("query", ["", " ", "x", "%", "_", "'; drop table", "\\", "((((", "😀", "a" * 500])
def test_odd_queries_answer_calmly(cast, query):
    assert isinstance(find(cast.petra, query), list)
    assert cast.client("petra").get("/search/", {"q": query}).status_code == 200
    assert cast.client("petra").get("/search/palette", {"q": query}).status_code == 200


def test_the_palette_answers_entities_pages_and_actions(cast):
    groups = {
        group["label"]: group["items"]
        for group in cast.client("petra").get("/search/palette?q=lubmin").json()["groups"]
    }
    item = groups["Projects"][0]
    assert (
        set(item) == {"label", "hint", "url", "icon"}
        and item["url"].endswith("PRJ-0001")
        and "PRJ-0001" in item["hint"]
    )
    pages = {group["label"] for group in cast.client("petra").get("/search/palette?q=audit").json()["groups"]}
    assert "Pages" in pages
    assert places(cast.paul, "audit")[0] == []


@pytest.mark.parametrize("query", ["Neubau", "Präsentation", "Bauleitung"])
def test_a_part_of_a_word_is_no_typing_error(cast, query):
    Project.objects.create(key="PRJ-0101", name="Bau und Dokumentation", portfolio=cast.portfolio)
    assert labels(cast.petra, query) == []


def test_a_page_of_that_name_comes_before_entries_that_only_begin_so(cast):
    Project.objects.create(key="PRJ-0102", name="Audit trail of suppliers", portfolio=cast.portfolio)
    client = cast.client("petra")
    groups = client.get("/search/palette", {"q": "audit trail"}).json()["groups"]
    assert [group["label"] for group in groups] == ["Pages", "Projects"]
    page = client.get("/search/", {"q": "audit trail"}).content.decode()
    assert page.index("Pages and actions") < page.index("Audit trail of suppliers")


def test_a_page_whose_name_holds_the_whole_word_comes_before_one_whose_word_only_begins_so():
    pages = [Hit(label, "Reports", "/", "file") for label in ("Decklists", "Presentation templates", "Steering deck")]
    assert [hit.label for hit in fitting(pages, "deck")] == ["Steering deck", "Decklists"]
    assert [hit.label for hit in fitting(pages, "temp")] == ["Presentation templates"]


def test_an_empty_palette_shows_what_one_did_last(cast):
    services.edit(cast.project, {"name": "Elektrolyse Lubmin II"}, by=cast.petra)
    first = cast.client("petra").get("/search/palette?q=").json()["groups"][0]
    assert first["items"][0]["label"] == "Elektrolyse Lubmin II"


def test_a_remote_select_offers_only_what_one_may_see(cast):
    rows = cast.client("petra").get("/lookup/people.person?q=jansen").json()["results"]
    assert [row["label"] for row in rows] == ["Paul Jansen"]
    assert cast.client("paul").get("/lookup/people.person?q=olga").json()["results"] == []
    assert cast.client("uwe").get("/lookup/people.person?q=o").status_code == 404
    assert cast.client("petra").get("/lookup/no.such").status_code == 404


def test_a_search_takes_few_queries_however_much_there_is(cast, django_assert_max_num_queries):
    Person.objects.bulk_create(
        Person(key=f"P{n}", first_name=f"Vor{n}", last_name=f"Nach{n % 97}", unit=cast.unit) for n in range(1500)
    )
    find(cast.petra, "warm up")
    kinds = len(kinds_for(cast.petra))
    with django_assert_max_num_queries(kinds):
        assert find(cast.petra, "nach42")
    with django_assert_max_num_queries(2 * kinds):  # a second, more tolerant look where the first found nothing
        find(cast.petra, "gibtesnichtwirklich")


def test_a_hit_says_where_it_belongs(cast):
    """Ten activities of one name are told apart by their projects, and dates are written as the reader writes them."""
    from stellwerk.core.registry import entity_type
    from stellwerk.core.search import hit_of
    from stellwerk.planning.models import Activity, Plan

    row = Activity(pk=1, wbs="2.2", name="Elektro- und Leittechnik", plan=Plan(project=cast.project))
    assert hit_of(row, entity_type("planning.activity")).hint == str(cast.project)
