"""The portfolio board: counts, grey, changes, money, rights, and few queries for any number of projects."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stellwerk.core.models import Confidentiality, User
from stellwerk.portfolio.models import Gate, Project, ProjectStatus
from stellwerk.portfolio.roadmap import scale_for, working_days
from stellwerk.portfolio.selectors.board import Board, Question, read_board
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.testing import Cast

D1, D2 = dt.date(2026, 11, 6), dt.date(2026, 11, 20)
DIMENSIONS = ("schedule", "cost", "scope", "quality", "resources", "risk")


def fill(cast: Cast, count: int, lights: tuple[str, ...] = ("red", "amber", "green")) -> list[Project]:
    """``count`` projects with two editions: the first all green, the second with these lights in turn."""
    Project.objects.bulk_create(
        Project(
            key=f"X-{n:04d}", name=f"Projekt {n}", portfolio=cast.portfolio, programme=cast.programme, phase="executing", budget=1_000_00,
            start_baseline=dt.date(2026, 1, 1), finish_baseline=dt.date(2027, 1, 1), finish_forecast=dt.date(2027, 2, 1),
        )
        for n in range(count)
    )  # fmt: skip
    projects = list(Project.objects.filter(key__startswith="X-").order_by("key"))
    rows = []
    for number, project in enumerate(projects):
        for day in (D1, D2):
            light = lights[number % len(lights)] if day == D2 else "green"
            rows += [FigureRow(project.pk, f"light.{name}", day, light=light, source="reported") for name in DIMENSIONS]
            rows += [
                FigureRow(project.pk, "eac", day, amount=1_100_00, currency="EUR"), FigureRow(project.pk, "ac", day, amount=400_00, currency="EUR"),
                FigureRow(project.pk, "value", day, value=Decimal(number % 100)), FigureRow(project.pk, "risk", day, value=Decimal(20)),
            ]  # fmt: skip
    write_figures(rows=rows, by=None)
    ProjectStatus.objects.bulk_create(
        ProjectStatus(project=p, date=day, summary="Läuft.") for p in projects for day in (D1, D2)
    )
    Gate.objects.bulk_create(
        Gate(project=p, code="G3", order=3, baseline=dt.date(2026, 11, 1), actual=dt.date(2026, 11, 1), state="go")
        for p in projects
    )
    return projects


def board(cast: Cast, user: object = None, **question: object) -> Board:
    projects = Project.objects.filter(key__startswith="X-")
    return read_board(Question(projects=projects, portfolio=cast.portfolio, **question), user)  # type: ignore[arg-type]


def test_lights_are_counted_at_the_latest_reporting_date(cast: Cast) -> None:
    fill(cast, 10, ("red", "amber", "green", "green", "green"))
    found = board(cast)
    assert found.on == D2
    assert (found.counts["red"], found.counts["amber"], found.counts["green"]) == (2, 2, 6)
    assert board(cast, on=D1).counts["green"] == 10


def test_a_project_without_a_report_in_the_cycle_turns_grey_and_keeps_no_old_colour(cast: Cast) -> None:
    fill(cast, 3)
    assert board(cast, on=D2 + dt.timedelta(14)).counts["red"] == 1
    assert board(cast, on=D2 + dt.timedelta(15)).counts["grey"] == 3


def test_a_project_on_hold_is_grey(cast: Cast) -> None:
    projects = fill(cast, 3)
    Project.objects.filter(pk=projects[0].pk).update(phase="on_hold")
    assert board(cast).counts["grey"] == 1


def test_a_closed_project_leaves_the_board_when_its_last_report_is_old(cast: Cast) -> None:
    projects = fill(cast, 3)
    Project.objects.filter(pk=projects[0].pk).update(phase="closed")
    assert board(cast).total == 3
    assert board(cast, on=D2 + dt.timedelta(30)).total == 2


def test_changes_name_what_got_worse_first(cast: Cast) -> None:
    fill(cast, 3)
    changes = board(cast).changes
    assert [row.light for row, _changes in changes] == ["red", "amber"]
    assert changes[0][0].worsening > changes[1][0].worsening > 0


def test_green_projects_are_collapsed_until_asked_for(cast: Cast) -> None:
    fill(cast, 40, ("green",))
    assert [(group.code, group.count, len(group.rows)) for group in board(cast).groups] == [("green", 40, 0)]
    assert len(board(cast, opened=frozenset({"green"})).groups[0].rows) == 40


def test_grouping_by_programme_keeps_every_project_in_one_group(cast: Cast) -> None:
    fill(cast, 20)
    groups = board(cast, group="programme").groups
    assert [(group.label, group.count) for group in groups] == [("Wasserstoff", 20)]


def test_money_compares_only_projects_that_have_both_forecast_and_budget(cast: Cast) -> None:
    projects = fill(cast, 4)
    Project.objects.filter(pk=projects[0].pk).update(budget=None)
    money = board(cast).money
    assert money is not None
    assert (money.total.with_both, money.total.projects) == (3, 4)
    assert money.total.deviation == pytest.approx(0.1)
    assert money.total.actual == 4 * 400_00


def test_other_currencies_are_named_and_never_added(cast: Cast) -> None:
    projects = fill(cast, 4)
    Project.objects.filter(pk=projects[0].pk).update(currency="GBP")
    write_figures(
        rows=[FigureRow(projects[0].pk, code, D2, amount=5, currency="GBP") for code in ("eac", "ac")], by=None
    )
    money = board(cast).money
    assert money is not None
    assert money.currency == "EUR"
    assert money.other_currencies == 1
    assert money.total.with_both == 3


def test_the_course_counts_lights_at_each_date(cast: Cast) -> None:
    fill(cast, 6)
    assert [(day, counts["red"], counts["green"]) for day, counts in board(cast).history] == [(D1, 0, 6), (D2, 2, 2)]


def test_gates_on_time_are_counted_from_their_baseline(cast: Cast) -> None:
    projects = fill(cast, 4)
    Gate.objects.filter(project=projects[0]).update(actual=dt.date(2026, 11, 2))
    assert board(cast).gates_met == (3, 4)


def test_five_point_lights_are_counted_by_their_reported_value(cast: Cast) -> None:
    projects = fill(cast, 2, ("amber",))
    row = FigureRow(
        projects[0].pk, "light.overall", D2, light="amber", half_step=True, reported="Amber/Red", source="imported"
    )
    write_figures(rows=[row], by=None)
    found = board(cast)
    assert found.counts["amber"] == 2
    assert found.labels == {"Amber/Red": 1, "amber": 1}


def test_what_the_reader_may_not_see_is_counted_as_hidden(cast: Cast) -> None:
    projects = fill(cast, 3)
    Project.objects.filter(pk=projects[0].pk).update(confidentiality=Confidentiality.STRICT)
    page = cast.client("anton").get("/portfolio/board/ANLAGEN").content.decode()
    assert "1 hidden" in page
    assert projects[0].name + "<" not in page
    assert projects[1].key in page


def test_the_board_answers_in_one_sentence_with_a_link(cast: Cast) -> None:
    fill(cast, 9)
    page = cast.client("petra").get("/portfolio/").content.decode()
    assert '<a href="?light=red">3 of 11 projects</a> are red' in page


def test_a_project_manager_sees_only_own_projects(cast: Cast) -> None:
    page = cast.client("paul").get("/portfolio/").content.decode()
    assert "Elektrolyse Lubmin" in page
    assert "Rauchgasreinigung Stade" not in page


@pytest.mark.parametrize("who", ["uwe", "ada"])
def test_who_has_no_role_in_the_portfolio_is_refused(cast: Cast, who: str) -> None:
    assert cast.client(who).get("/portfolio/").status_code == 403
    assert cast.client(who).get("/portfolio/board/ANLAGEN").status_code in {403, 404}


@pytest.mark.parametrize(
    "query",
    [
        "on=yesterday",
        "on=2026-99-99",
        "group=moon",
        "open=%01,%27",
        "light=blue",
        "overall=blue",
        "on=0001-01-01",
        "on=9999-12-31",
        "q=%3Cscript%3E",
    ],
)
def test_a_strange_address_gives_a_page_and_a_hint_and_never_an_error(cast: Cast, query: str) -> None:
    fill(cast, 3)
    response = cast.client("petra").get(f"/portfolio/board/ANLAGEN?{query}")
    assert response.status_code == 200
    assert b"<script>" not in response.content


def test_the_filters_of_the_board_belong_to_its_form(cast: Cast) -> None:
    fill(cast, 3)
    page = cast.client("petra").get("/portfolio/board/ANLAGEN").content.decode()
    named = set(re.findall(r'<(?:input|select)[^>]* form="([^"]+)"', page))
    assert named == {"list-filter"}
    assert re.findall(r'<form[^>]* id="([^"]+)"', page).count("list-filter") == 1


def test_a_light_set_by_hand_shows_the_calculated_one_too(cast: Cast) -> None:
    project = fill(cast, 1, ("red",))[0]
    rows = [
        FigureRow(project.pk, "light.schedule", D2, light="green", text="amber", source="overridden"),
        FigureRow(project.pk, "light.overall", D2, light="amber", text="red", source="overridden"),
    ]
    write_figures(rows=rows, by=None)
    page = cast.client("petra").get("/portfolio/board/ANLAGEN?on=2026-11-20").content.decode()
    assert "calculated: Amber" in page and "calculated: Red" in page


@pytest.mark.parametrize(
    ("language", "word", "label"), [("de", "Rot", "Termine"), ("en", "Red", "Schedule")], ids=["de", "en"]
)
def test_every_light_of_a_card_carries_its_dimension_and_its_word(
    cast: Cast, language: str, word: str, label: str
) -> None:
    """On a phone the columns have no heads: a shape alone would say neither what it is about nor how it stands."""
    fill(cast, 1, ("red",))
    User.objects.filter(email__startswith="petra@").update(language=language)
    text = cast.client("petra").get("/portfolio/board/ANLAGEN").content.decode()
    card = re.search(r'<tr class="pr" role="row">.*?X-0000.*?</tr>', text)
    assert card is not None
    cells = re.findall(r'<td class="lc" role="cell" data-l="([^"]+)">(.*?)</td>', card[0].split("X-0000", 1)[1])
    assert len(cells) == len(DIMENSIONS)
    assert cells[0][0] == label
    assert all(f">{word}</span>" in cell for _label, cell in cells)


def test_a_name_with_markup_is_shown_as_text_everywhere(cast: Cast) -> None:
    projects = fill(cast, 3, ("red",))
    Project.objects.filter(pk=projects[0].pk).update(name='<img src=x onerror="1"> & Co')
    page = cast.client("petra").get("/portfolio/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_key_with_unusual_characters_has_a_working_link(cast: Cast) -> None:
    projects = fill(cast, 3, ("red",))
    Project.objects.filter(pk=projects[0].pk).update(key="AB 1?#ü")
    client = cast.client("petra")
    assert "/portfolio/projects/AB%201%3F%23%C3%BC" in client.get("/portfolio/").content.decode()
    assert client.get("/portfolio/projects/AB%201%3F%23%C3%BC").status_code == 200


def test_the_export_holds_all_projects_with_numbers_as_numbers_and_no_formula(cast: Cast) -> None:
    projects = fill(cast, 40)
    Project.objects.filter(pk=projects[1].pk).update(name="=1+1")
    response = cast.client("petra").get("/portfolio/board/ANLAGEN?export=xlsx&q=X-")
    assert response.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 41
    names = {row[1] for row in rows}
    assert "=1+1" in names
    head = rows[0].index("EAC")
    assert rows[1][head] == 1100


def test_who_may_not_export_gets_no_file(cast: Cast) -> None:
    assert cast.client("tom").get("/portfolio/?export=xlsx").status_code == 403


def _queries(cast: Cast, address: str) -> int:
    client = cast.client("petra")
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "address",
    ["/portfolio/board/ANLAGEN", "/portfolio/?group=programme", "/portfolio/projects/X-0001", "/portfolio/projects/"],
)
def test_pages_need_the_same_few_queries_for_ten_and_two_hundred_projects(cast: Cast, address: str) -> None:
    fill(cast, 10)
    few = _queries(cast, address)
    Project.objects.filter(key__startswith="X-").delete()
    fill(cast, 200)
    assert _queries(cast, address) == few
    assert few <= 30


def test_an_empty_board_teaches(cast: Cast) -> None:
    Project.objects.all().delete()
    page = cast.client("petra").get("/portfolio/").content.decode()
    assert "This board shows the state of all projects" in page


def test_working_days_leave_weekends_out_and_count_back(cast: Cast) -> None:
    assert working_days(dt.date(2026, 11, 20), dt.date(2026, 11, 23)) == 1
    assert working_days(dt.date(2026, 11, 23), dt.date(2026, 11, 20)) == -1
    assert working_days(dt.date(2026, 11, 2), dt.date(2026, 11, 30)) == 20
    assert working_days(dt.date(2026, 11, 21), dt.date(2026, 11, 22)) == 0


def test_the_time_scale_fits_months_and_decades() -> None:
    today = dt.date(2026, 11, 20)
    assert scale_for([], today).months == 15
    assert scale_for([dt.date(2045, 1, 1)] * 10, today).months >= 220
    assert scale_for([dt.date(9999, 1, 1)], today).ticks()


def test_markup_in_names_keys_and_filters_stays_text_everywhere_on_the_board(cast: Cast):
    projects = fill(cast, 5)
    evil = """<img src=x onerror="1">'&"""
    Project.objects.filter(pk__in=[project.pk for project in projects]).update(name=evil)
    Project.objects.filter(pk=projects[0].pk).update(key="X/ä b&1")
    ProjectStatus.objects.update(summary=evil)
    html = cast.client("petra").get("/portfolio/", {"group": "phase", "open": "all"}).content.decode()
    assert "<img" not in html and 'onerror="' not in html
    lines = html[html.index("<tbody") :]
    assert lines.count("&lt;img src=x onerror=") >= 10, "rows, changes and the table of the bubbles say the name"
    assert "/portfolio/projects/X%2F%C3%A4%20b%261" in html, "a key with marks of its own is quoted"
    filtered = cast.client("petra").get("/portfolio/", {"name": evil, "budget__from": evil}).content.decode()
    assert "<img" not in filtered and 'onerror="' not in filtered
    assert 'value="&lt;img src=x onerror=&quot;1&quot;&gt;&#x27;&amp;"' in filtered, "the control keeps what was typed"


def test_a_red_light_of_the_board_leads_to_its_reason(cast):
    day = dt.date(2026, 11, 20)
    rows = [
        FigureRow(cast.project.pk, "light.cost", day, light="red"),
        FigureRow(cast.project.pk, "light.risk", day, light="green"),
    ]
    write_figures(rows=rows, by=None)
    html = cast.client("petra").get("/portfolio/board/ANLAGEN?on=2026-11-20").content.decode()
    assert '<a href="/portfolio/projects/PRJ-0001/figures/light.cost?on=2026-11-20">' in html
    assert "figures/light.risk" not in html
