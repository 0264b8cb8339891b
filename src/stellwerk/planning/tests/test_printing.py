"""The chart on paper: what stands in it, what hostile texts do not do, how it is divided, who gets it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.core.errors import Invalid
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.printing.chart import NO_BASELINE, render, render_facts
from stellwerk.planning.printing.facts import Facts, Row, facts_of
from stellwerk.planning.printing.scale import Scale, ticks
from stellwerk.planning.printing.sheet import PAPERS, layout
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan
from stellwerk.testing import Cast

SVG = "{http://www.w3.org/2000/svg}"
TODAY = dt.date(2026, 11, 23)
MONDAY = dt.date(2027, 1, 4).toordinal()
HOSTILE = "A<script>alert(1)</script> & \"b\" 'c' ]]> <!-- \x0b\u202e #panic() \\u{41}"


def row(number: int, **values: Any) -> Row:
    start = float(MONDAY + number % 200)
    known: dict[str, Any] = {
        "id": number, "wbs": str(number), "name": f"Activity {number}", "level": 1, "summary": False, "milestone": False, "start": start,
        "finish": start + 4.5, "late_finish": start + 9.0, "deadline": None, "days": 5, "free_days": 3, "percent": 0.0, "critical": False,
        "active": True, "who": "",
    }  # fmt: skip
    return Row(**(known | values))


def facts(rows: list[Row], **values: Any) -> Facts:
    starts = [one.start for one in rows if one.start is not None]
    ends = [one.finish for one in rows if one.finish is not None]
    known: dict[str, Any] = {
        "project": "Hall", "key": "PRJ-1", "confidentiality": "", "rows": rows, "arrows": (), "start": None, "finish": None,
        "data_date": None, "calendar": "", "week": (True,) * 5 + (False,) * 2, "free": (),
        "span": (min(starts), max(ends)) if starts else (float(MONDAY), MONDAY + 30.0),
    }  # fmt: skip
    return Facts(**(known | values))


def drawn(found: Facts, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(render_facts(found, "svg", language="en", today=TODAY, **options))


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_range() for page in document]


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = example_plan(cast.project)
    first, second = Activity.objects.filter(plan=plan, uid__in=(2, 3)).order_by("uid")
    Link.objects.create(plan=plan, predecessor=first, successor=second)
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 1, 29, 17), start=at(2027, 1, 29, 17))
    return Plan.objects.select_related("project", "calendar").get(pk=plan.pk)


# ── what stands in it ────────────────────────────────────────────────────────────────────────────


def test_a_sheet_holds_every_row_with_dates_and_the_delay_of_a_milestone(plan: Plan) -> None:
    root = ElementTree.fromstring(render(plan, "svg", language="de", today=TODAY))
    found = words(root)
    for name in ("Build", "Foundation", "Hall", "Ready for operation", "Training", "Manual"):
        assert name in found
    assert "Elektrolyse Lubmin" in found and "PRJ-0001" in found
    assert "08.01.27" in found  # the finish of the foundation
    assert "29.01." in found  # the milestone beside its diamond …
    assert any(one.startswith("+5") for one in found)  # … five working days later than approved
    assert any("20.11.2026" in one and "B0" in one for one in found)  # data date and baseline in the head


def test_texts_are_those_of_the_language_asked_for(plan: Plan) -> None:
    english = words(ElementTree.fromstring(render(plan, "svg", language="en", today=TODAY)))
    assert "8 Jan 27" in english and "Activity" in english and "Float" in english
    german = words(ElementTree.fromstring(render(plan, "svg", language="de", today=TODAY)))
    assert "Vorgang" in german and "Puffer" in german and "Float" not in german


def test_without_baseline_there_are_no_delays(plan: Plan) -> None:
    found = words(ElementTree.fromstring(render(plan, "svg", language="en", baseline=NO_BASELINE, today=TODAY)))
    assert not any(one.startswith("+5") for one in found)
    assert any("Without baseline" in one for one in found)


def test_a_baseline_that_does_not_exist_is_refused(plan: Plan) -> None:
    with pytest.raises(Invalid, match="0, none"):
        render(plan, "svg", language="en", baseline=7)


def test_what_is_critical_is_told_without_colour() -> None:
    calm, urgent, done = row(1), row(2, critical=True, free_days=0), row(3, critical=True, percent=100.0)
    assert drawn(facts([calm])).findall(f".//{SVG}rect[@fill='url(#critical)']") == []
    root = drawn(facts([calm, urgent, done]))
    hatched = root.findall(f".//{SVG}rect[@fill='url(#critical)']")
    assert len(hatched) == 2  # the bar and the legend; what is done presses nobody
    thick = [
        one for one in root.iter(f"{SVG}rect") if one.get("fill") == "none" and float(one.get("stroke-width", 0)) > 1
    ]
    assert len(thick) == 1
    bold = [one for one in root.iter(f"{SVG}text") if one.text == "0" and one.get("font-weight") == "700"]
    assert bold


def test_links_join_finish_and_start_of_their_bars(plan: Plan) -> None:
    found = facts_of(plan)
    assert [(found.rows[one.before].name, found.rows[one.after].name) for one in found.arrows] == [
        ("Foundation", "Hall")
    ]
    root = ElementTree.fromstring(render(plan, "svg", language="en", baseline=NO_BASELINE, today=TODAY))
    heads = [
        one for one in root.iter(f"{SVG}path") if one.get("fill") == "#8b2a5c" and one.get("d", "").count("L") == 2
    ]
    assert len(heads) == 1


def test_a_row_without_dates_is_listed_but_not_drawn() -> None:
    root = drawn(facts([row(1), row(2, name="Some day", start=None, finish=None, late_finish=None)]))
    assert "Some day" in words(root)


def test_an_empty_plan_is_a_sheet_and_a_page(cast: Cast) -> None:
    plan = Plan.objects.create(project=cast.project, start=at(2027, 1, 4))
    assert "Elektrolyse Lubmin" in words(ElementTree.fromstring(render(plan, "svg", language="en")))
    assert len(pages(render(plan, "pdf", language="en"))) == 1


def test_days_off_are_merged_over_weekends_only(cast: Cast, plan: Plan) -> None:
    from stellwerk.planning.printing.facts import _merged

    week = (True,) * 5 + (False,) * 2
    friday, monday, thursday = (dt.date(2026, 12, day).isoformat() for day in (4, 7, 10))
    assert [
        b - a + 1 for a, b in _merged([(friday, friday, ""), (monday, monday, ""), (thursday, thursday, "")], week)
    ] == [4, 1]


# ── hostile texts ────────────────────────────────────────────────────────────────────────────────


def test_hostile_names_are_text_and_nothing_else(plan: Plan) -> None:
    plan.project.name = HOSTILE
    Activity.objects.filter(plan=plan).update(name=HOSTILE, wbs="<1>&")
    content = render(plan, "svg", language="en", today=TODAY)
    root = ElementTree.fromstring(content)  # well-formed
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "defs", "clipPath", "pattern", "rect", "path", "g", "text"
    }  # fmt: skip
    assert not re.search(rb"on\w+=|javascript:|<!--|\x0b|\xe2\x80\xae", content)
    assert any(one.startswith("A<script>alert(1)</script>") for one in words(root))
    text = "".join(pages(render(plan, "pdf", language="en", today=TODAY)))
    assert "A<script>alert(1)" in text


@given(st.text(max_size=40))
def test_any_name_makes_a_well_formed_sheet(name: str) -> None:
    root = drawn(
        facts([row(1, name=name, wbs=name[:5], who=name)], project=name, calendar=name), columns=["wbs", "name", "who"]
    )
    assert root.tag == f"{SVG}svg"


# ── division into pages ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("paper", ["a3", "a4"])
def test_every_row_stands_on_exactly_one_page_with_heading_and_number(paper: str) -> None:
    rows = [row(number, name=f"Activity number {number}.") for number in range(1, 121)]
    found = pages(render_facts(facts(rows), "pdf", language="en", paper=paper, today=TODAY))
    assert len(found) > 1
    text = "\n".join(found)
    for number in range(1, 121):
        assert text.count(f"Activity number {number}.") == 1
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert "WBS" in page and "2027" in page  # grid heading and time scale are repeated


def test_a_large_scale_goes_over_several_pages_side_by_side() -> None:
    rows = [row(1), row(2, start=MONDAY + 500.0, finish=MONDAY + 505.0)]
    one = layout(facts(rows), PAPERS["a4"], None, "auto", paged=True)
    assert len(one.windows) == 1 and one.scale.width == pytest.approx(one.room)
    many = layout(facts(rows), PAPERS["a4"], None, "week", paged=True)
    assert len(many.windows) > 3
    for before, after in pairwise(many.windows):
        assert after.left == pytest.approx(before.right)
    assert many.windows[-1].right >= many.scale.width
    found = pages(render_facts(facts(rows), "pdf", language="en", paper="a4", zoom="week", today=TODAY))
    assert all("Activity 1" in page and "Activity 2" in page for page in found)


def test_a_plan_of_150_years_still_has_an_end() -> None:
    rows = [row(1), row(2, start=MONDAY + 40_000.0, finish=MONDAY + 44_900.0, late_finish=None)]
    for zoom in ("auto", "week"):
        divided = layout(facts(rows), PAPERS["a4"], None, zoom, paged=True)
        assert len(divided.windows) <= 24
    assert "2100" in "".join(pages(render_facts(facts(rows), "pdf", language="en", paper="a4", today=TODAY)))


def test_more_pages_than_anybody_prints_are_refused_with_a_way_out() -> None:
    rows = [row(number) for number in range(19_000)]
    rows[0] = replace(rows[0], finish=MONDAY + 3000.0)
    with pytest.raises(Invalid, match="outline levels"):
        render_facts(facts(rows), "pdf", language="en", zoom="week", paper="a4")
    with pytest.raises(Invalid, match="outline levels"):
        render_facts(facts([row(number) for number in range(20_001)]), "svg", language="en")


@pytest.mark.parametrize(("option", "value"), [("paper", "a2"), ("zoom", "hour"), ("columns", ["name", "salary"])])
def test_options_that_do_not_exist_are_refused(option: str, value: Any) -> None:
    with pytest.raises(Invalid, match="Possible are"):
        render_facts(facts([row(1)]), "svg", language="en", **{option: value})


@given(st.floats(0.05, 30), st.integers(700_000, 780_000))
def test_heading_units_lie_close_together_and_cover_the_page(per_day: float, first: int) -> None:
    scale = Scale(first, per_day, 600)
    marks = list(ticks(scale.unit, first, scale.day(600)))
    assert marks[0] <= first and marks[-1] > scale.day(600)
    assert all(8 <= (after - before) * per_day <= 300 for before, after in pairwise(marks))


# ── the view ─────────────────────────────────────────────────────────────────────────────────────


def get(cast: Cast, name: str, query: str = "", key: str = "PRJ-0001") -> Any:
    return cast.client(name).get(reverse("planning:plan-export", args=[key]) + query)


def test_a_reader_with_the_right_to_export_gets_the_file(cast: Cast, plan: Plan) -> None:
    pdf = get(cast, "paul", "?format=pdf&paper=a4&baseline=0")
    assert pdf.status_code == 200 and pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    assert "PRJ-0001" in pdf["Content-Disposition"] and pdf["Content-Disposition"].startswith("attachment")
    sheet = get(cast, "stefan", "?format=svg&baseline=none&lang=de&columns=wbs,finish")
    assert sheet.status_code == 200 and sheet["Content-Type"] == "image/svg+xml"
    assert "Vorgang" in words(ElementTree.fromstring(sheet.content))


def test_who_may_not_see_or_export_gets_nothing(cast: Cast, plan: Plan) -> None:
    assert get(cast, "olga").status_code == 404  # not her project
    assert get(cast, "tom").status_code == 403  # a member sees the plan, but does not take it along
    assert get(cast, "paul", key="PRJ-0002").status_code == 404


@pytest.mark.parametrize(
    "query", ["?format=docx", "?paper=a9", "?zoom=x", "?baseline=9", "?baseline=-1", "?baseline=x", "?level=1e3", "?columns=a", "?level=9999999"]
)  # fmt: skip
def test_a_wrong_address_says_what_is_possible(cast: Cast, plan: Plan, query: str) -> None:
    answer = get(cast, "paul", query)
    assert answer.status_code == 422
    assert b"ossible" in answer.content or b"whole number" in answer.content


def test_a_project_without_plan_has_no_chart(cast: Cast) -> None:
    assert get(cast, "paul").status_code == 404


def test_outline_levels_can_be_left_out(cast: Cast, plan: Plan) -> None:
    found = words(ElementTree.fromstring(get(cast, "paul", "?format=svg&level=1").content))
    assert "Build" in found and "Foundation" not in found


def test_delays_are_counted_in_working_days(cast: Cast) -> None:
    plan = Plan.objects.create(project=cast.project, start=at(2027, 1, 4), finish=at(2027, 1, 29, 17))
    add_milestone(plan, 1, "Start-up", at(2027, 1, 8, 17))
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan).update(start=at(2027, 1, 11, 17), finish=at(2027, 1, 11, 17))
    assert [one.delay for one in facts_of(Plan.objects.select_related("project").get(pk=plan.pk)).rows] == [Decimal(1)]


def test_one_row_too_many_moves_closer_instead_of_taking_a_page() -> None:
    full = next(
        count for count in range(20, 80) if len(layout(facts([row(1)] * (count + 1)), PAPERS["a3"], None, "auto", paged=True).windows) > 1
    )  # fmt: skip
    room = PAPERS["a3"].height - PAPERS["a3"].top - PAPERS["a3"].margin - PAPERS["a3"].foot
    divided = layout(facts([row(1)] * full), PAPERS["a3"], None, "auto", paged=True)
    assert full > room // PAPERS["a3"].row  # more than fit at the usual height …
    assert (
        divided.paper.row * full <= room + 0.01 and divided.paper.row > divided.paper.size * 1.5
    )  # … and they still can be read


def test_months_below_a_line_of_years_are_all_written_alike() -> None:
    root = drawn(facts([row(1), row(2, start=MONDAY + 500.0, finish=MONDAY + 590.0)]))
    found = words(root)
    assert {"Jan", "Jun", "Sep"} <= set(found) and "June 2027" not in found
