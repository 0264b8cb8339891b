"""The list helper: filter, sort, group, totals, paging, views, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.core.db import Fold, fold, sort_text
from stellwerk.core.lists import LISTS, Column, ListSpec
from stellwerk.core.lists.cells import Presenter
from stellwerk.core.lists.parsing import parse, relative
from stellwerk.core.lists.reading import list_queryset, read_list
from stellwerk.people.models import Organisation, Person
from stellwerk.testing import Cast
from stellwerk.trials import tries


def person(cast: Cast, number: int, first: str, last: str, **values: object) -> Person:
    return Person.objects.create(key=f"PER-9{number:03d}", first_name=first, last_name=last, unit=cast.unit, **values)


def names(cast: Cast, **params: object) -> list[str]:
    result = read_list(LISTS["people.person"], cast.petra, params)
    assert not result.problems
    return [row["name"] for row in result.rows]


# ── text on both databases ───────────────────────────────────────────────────────────────────────


@given(
    st.text(max_size=30).filter(lambda text: "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text))
)
@settings(max_examples=tries(60, 20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_folds_text_exactly_as_python_does(db, text):
    from django.db.models import CharField, Value

    found = Organisation.objects.model
    row = found.objects.create(key=f"X{found.objects.count()}", name="x")
    stored = (
        found.objects.filter(pk=row.pk)
        .annotate(f=Fold(Value(text, output_field=CharField())))
        .values_list("f", flat=True)[0]
    )
    assert stored == fold(text)
    row.delete()


@pytest.mark.parametrize("wanted", ["müller", "MÜLLER", "muller", "Muller"])
def test_a_search_finds_umlauts_in_any_writing(cast: Cast, wanted: str):
    person(cast, 1, "Änne", "Müller")
    person(cast, 2, "Jörg", "Möller")
    assert names(cast, q=wanted) == ["Änne Müller"]
    assert names(cast, name=wanted) == ["Änne Müller"]


def test_names_are_sorted_as_in_a_german_dictionary(cast: Cast):
    for number, last in enumerate(["Zander", "Ärmel", "Auer", "Artus", "Weiss", "Weiß", "van Dyk", "Özdemir", "Ofen"]):
        person(cast, number, "X", last)
    rows = Person.objects.filter(first_name="X").order_by(sort_text("last_name"), "pk")
    assert [row.last_name for row in rows] == [
        "Ärmel",
        "Artus",
        "Auer",
        "Ofen",
        "Özdemir",
        "van Dyk",
        "Weiss",
        "Weiß",
        "Zander",
    ]


def test_percent_signs_and_underscores_are_only_characters(cast: Cast):
    person(cast, 1, "50%", "Teil_zeit")
    assert names(cast, q="%") == ["50% Teil_zeit"]
    assert names(cast, q="_") == ["50% Teil_zeit"]


# ── filters ──────────────────────────────────────────────────────────────────────────────────────


def test_ranges_are_read_in_the_readers_language(cast: Cast):
    person(cast, 1, "Halb", "Tag", fte="0.5")
    with translation.override("de"):
        assert names(cast, fte__to="0,5") == ["Halb Tag"]
    with translation.override("en"):
        assert names(cast, fte__to="0.5") == ["Halb Tag"]


def test_days_can_be_periods_and_relative(cast: Cast):
    today = dt.date(2026, 11, 23)
    person(cast, 1, "Geht", "Bald", exit_date=dt.date(2026, 12, 31))
    assert names(cast, exit_date="Q4 2026") == ["Geht Bald"]
    assert names(cast, exit_date__from="31.12.2026", exit_date__to="2026-12-31") == ["Geht Bald"]
    assert names(cast, exit_date__to="30 Dec 2026") == []
    assert relative("next30", today)[:2] == (today, dt.date(2026, 12, 23))
    assert relative("this_quarter", today)[:2] == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert relative("next_month", today)[:2] == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert relative("last_year", today)[:2] == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))


def test_empty_finds_null_and_empty_texts(cast: Cast):
    person(cast, 1, "Ohne", "Rolle", email="")
    assert names(cast, role__empty="yes") == ["Ohne Rolle"]
    assert names(cast, email__empty="yes") == ["Ohne Rolle"]
    assert "Ohne Rolle" not in names(cast, email__empty="no")


def test_several_values_of_a_choice_are_any_of_them(cast: Cast):
    person(cast, 1, "Frei", "Beruf", employment_type="freelancer")
    person(cast, 2, "Zeit", "Arbeit", employment_type="temporary")
    assert names(cast, employment_type=["freelancer", "temporary"]) == ["Zeit Arbeit", "Frei Beruf"]


def test_a_key_of_a_linked_entity_is_an_exact_filter(cast: Cast):
    assert set(names(cast, unit=cast.sub_unit.key)) == {"Tom Okafor"}


def test_is_finds_exactly_one_text_or_key_and_never_a_part_of_it(cast: Cast):
    person(cast, 1, "Ann", "Eins", email="ann@example.com")
    person(cast, 2, "Joann", "Zwei", email="joann@example.com")
    assert set(names(cast, email="ann@example.com")) == {"Ann Eins", "Joann Zwei"}
    assert names(cast, email__is="ann@example.com") == ["Ann Eins"]
    assert set(names(cast, unit__is=cast.sub_unit.key)) == {"Tom Okafor"}
    assert names(cast, unit__is=cast.sub_unit.key[:-1]) == []
    found = read_list(LISTS["people.person"], cast.petra, {"exit_date__is": "x", "fte__is": "1"})
    assert [problem.parameter for problem in found.problems] == ["exit_date__is", "fte__is"]


def test_archived_rows_are_shown_only_on_request(cast: Cast):
    from django.utils import timezone

    person(cast, 1, "Alt", "Archiv", archived_at=timezone.now())
    assert "Alt Archiv" not in names(cast)
    assert names(cast, archived="yes") == ["Alt Archiv"]
    assert "Alt Archiv" in names(cast, archived="all", size="200")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("bogus", "1"), ("fte__from", "viel"), ("exit_date__when", "never"), ("sort", "nothing"), ("page", "-1"), ("size", "7"),
     ("employment_type", "slave"), ("group", "email"), ("columns", "x"), ("archived", "perhaps"), ("name__from", "a"), ("exit_date", "31.02.2026")],
)  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_named_and_left_out(cast: Cast, parameter: str, value: str):
    result = read_list(LISTS["people.person"], cast.petra, {parameter: value})
    assert [problem.parameter for problem in result.problems] == [parameter]
    assert result.count == len(cast.people)
    response = cast.client("petra").get("/people/", {parameter: value})
    assert response.status_code == 200
    assert parameter in response.content.decode()


CODES = [column.code for column in LISTS["people.person"].columns]
PARAMETERS = st.sampled_from(
    ["q", "sort", "group", "columns", "page", "size", "archived", "view", "x", *CODES]
    + [f"{code}__{suffix}" for code in CODES for suffix in ("from", "to", "when", "empty")]
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "-name",
            "1",
            "0",
            "yes",
            "1.234,5",
            "1e999",
            "Q1 2026",
            "9999-99-99",
            "next9999",
            "employee",
            "\x00",
            "99999999999999999999",
        ]
    ),
)


@given(st.dictionaries(PARAMETERS, st.lists(VALUES, min_size=1, max_size=3), max_size=5))
@settings(max_examples=tries(120, 40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_whatsoever_breaks_a_list(cast: Cast, params):
    result = read_list(LISTS["people.person"], cast.petra, params)
    again = parse(LISTS["people.person"], {name: list(texts) for name, texts in result.query.kept.items()}, cast.petra)
    assert again.canonical == result.query.canonical
    assert not again.problems


# ── order, pages, groups, totals ─────────────────────────────────────────────────────────────────


def test_pages_never_overlap_and_a_page_beyond_the_end_is_the_last(cast: Cast):
    Person.objects.bulk_create(
        Person(key=f"B-{n}", first_name="Gleich", last_name="Gleich", unit=cast.unit) for n in range(60)
    )
    seen: list[int] = []
    for page in (1, 2, 3):
        seen += [
            row.pk for row in read_list(LISTS["people.person"], cast.petra, {"size": "25", "page": str(page)}).rows
        ]
    assert len(seen) == len(set(seen)) == 60 + len(cast.people)
    assert read_list(LISTS["people.person"], cast.petra, {"size": "25", "page": "999"}).query.page == 3


def test_groups_count_and_sum_all_rows_not_only_those_of_the_page(cast: Cast):
    Person.objects.bulk_create(
        Person(key=f"B-{n}", first_name="A", last_name="B", unit=cast.sub_unit, fte="0.5") for n in range(40)
    )
    result = read_list(LISTS["people.person"], cast.petra, {"group": "unit", "size": "25"})
    group = next(group for group in result.groups if group.label == "E-Technik")
    assert group.total.count == 41
    assert group.total.sums["fte"][""] == 21
    assert result.total.sums["fte"][""] == len(cast.people) + 20


def test_money_is_never_added_over_currencies(cast: Cast):
    from stellwerk.portfolio.models import Project

    cast.other_project.__class__.objects.filter(pk=cast.other_project.pk).update(currency="CHF")
    spec = ListSpec(
        "test.money",
        Project,
        (Column("name", "Name"), Column("budget", "Budget", "money", total="sum")),
        currency="currency",
    )
    result = read_list(spec, cast.petra, {})
    assert result.total.sums["budget"] == {"EUR": cast.project.budget, "CHF": cast.other_project.budget}


def test_a_column_may_count_in_a_currency_of_its_own(cast: Cast):
    """Sums by that currency, in groups too; a cell names it where a page has several."""
    from stellwerk.portfolio.models import Project

    others = Project.objects.filter(pk=cast.other_project.pk)
    others.update(currency="CHF", description="USD", budget=700_00)
    Project.objects.exclude(pk=cast.other_project.pk).update(description="EUR", budget=500_00)
    spec = ListSpec(
        "test.own",
        Project,
        (
            Column("name", "Name"),
            Column("portfolio", "Portfolio", path="portfolio__name", groupable=True),
            Column("budget", "Budget", "money", total="sum"),
            Column("own", "Own", "money", path="budget", currency="description", total="sum"),
        ),
        currency="currency",
    )
    count = Project.objects.count()
    result = read_list(spec, cast.petra, {"group": "portfolio"})
    assert result.total.sums["own"] == {"EUR": (count - 1) * 500_00, "USD": 700_00}
    assert result.total.sums["budget"] == {"EUR": (count - 1) * 500_00, "CHF": 700_00}
    in_groups = [group.total.sums["own"] for group in result.groups]
    assert sum(sums.get("EUR", 0) for sums in in_groups) == (count - 1) * 500_00
    assert sum(sums.get("USD", 0) for sums in in_groups) == 700_00
    row = next(row for row in result.rows if row.pk == cast.other_project.pk)
    assert [cell.text for cell in Presenter(result).cells(row)][-1].endswith("$")


def test_the_number_of_queries_does_not_grow_with_the_rows(cast: Cast):
    client = cast.client("petra")
    address = "/people/?group=unit&sort=-fte&q=e&size=200&columns=name,role,unit,manager,location,fte"
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    Person.objects.bulk_create(
        Person(
            key=f"B-{n}",
            first_name="Eva",
            last_name=f"E{n}",
            unit=cast.unit,
            manager=cast.people["petra"],
            role=cast.role,
        )
        for n in range(150)
    )
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few) <= 20


def test_a_reader_sees_only_what_is_visible_and_how_much_is_hidden(cast: Cast):
    everything = read_list(LISTS["people.person"], cast.petra, {}).count
    result = read_list(LISTS["people.person"], cast.tom, {"name": "Petra"}, count_hidden=True)
    assert result.count == 0
    assert result.hidden == everything - 1
    assert read_list(LISTS["people.person"], cast.uwe, {}).count == 0


def test_other_rooms_get_instances_by_the_same_filters(cast: Cast):
    rows, query = list_queryset(LISTS["people.person"], cast.petra, {"q": "jansen"})
    assert [row.pk for row in rows] == [cast.people["paul"].pk]
    assert query.canonical == "?q=jansen"


def test_a_hidden_column_can_neither_be_shown_nor_filtered(cast: Cast):
    secret = Column("phone", "Phone", only=lambda user: user.pk == cast.conny.pk)
    spec = ListSpec("test.secret", Person, (Column("name", "Name", path="last_name"), secret))
    assert [problem.parameter for problem in read_list(spec, cast.petra, {"phone": "1"}).problems] == ["phone"]
    assert not read_list(spec, cast.conny, {"phone": "1"}).problems


def test_an_address_may_name_every_column_of_a_wide_list(cast: Cast):
    codes = [f"a_column_with_a_long_name_{number}" for number in range(30)]
    columns = tuple(Column(code, code.capitalize(), path="last_name") for code in codes)
    found = read_list(ListSpec("test.wide", Person, columns), cast.petra, {"columns": ",".join(codes)})
    assert [column.code for column in found.query.columns] == codes and not found.problems
    assert found.query.kept["columns"] == [",".join(codes)]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_htmx_gets_the_fragment_and_the_clean_address(cast: Cast):
    response = cast.client("petra").get(
        "/people/", {"q": "paul", "name": ""}, headers={"HX-Request": "true", "HX-Target": "list"}
    )
    assert response.headers["HX-Push-Url"] == "/people/?q=paul"
    assert "<html" not in response.content.decode()


def test_a_form_sent_without_scripts_is_led_to_the_clean_address(cast: Cast):
    response = cast.client("petra").get("/people/?q=paul&name=&fte__from=")
    assert response.status_code == 302
    assert response.headers["Location"] == "/people/?q=paul"


def test_script_in_a_name_stays_text(cast: Cast):
    person(cast, 1, "<script>alert(1)</script>", "Böse")
    html = cast.client("petra").get("/people/?q=böse").content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(("language", "unit", "word"), [("de", "T€", "Grün"), ("en", "k\N{NO-BREAK SPACE}€", "Green")])
def test_cells_say_what_no_head_says_on_a_card(cast: Cast, language: str, unit: str, word: str):
    from stellwerk.portfolio.services.figures import FigureRow, write_figures

    write_figures(rows=[FigureRow(cast.project.pk, "light.overall", dt.date(2026, 11, 20), light="green")], by=None)
    cast.petra.language = language
    cast.petra.save()
    html = cast.client("petra").get(f"/lists/portfolio.project?q={cast.project.key}").content.decode()
    body = html[html.index("<tbody>") : html.index("</tfoot>")]
    assert body.count(f'data-l="Budget ({unit})"') == 2, "the row and the total"
    assert f'<span class="word g ">{word}</span>' in body
    assert 'role="img" aria-label="' + word not in body, "a screen reader would read the light twice"


def test_amounts_of_several_currencies_carry_their_unit_themselves(cast: Cast):
    cast.other_project.__class__.objects.filter(pk=cast.other_project.pk).update(currency="CHF", budget=5_000_000_00)
    html = cast.client("petra").get("/lists/portfolio.project").content.decode()
    assert 'data-l="Budget"' in html
    assert "CHF" in html[html.index("<tbody>") : html.index("</tbody>")]
