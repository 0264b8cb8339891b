"""Pages and workbook of the manpower plan: who opens them, what they say, what they do with bad input."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from stellwerk.core.models import Setting
from stellwerk.people.models import Person, PersonSkill, Skill
from stellwerk.resources.models import AgencyAssignment, Allocation, DemandSkill
from stellwerk.resources.selectors.agency import SETTING
from stellwerk.resources.selectors.manpower import Filters, plan_of
from stellwerk.resources.selectors.manpower_answers import lines_by_role, measures, shortages, whole
from stellwerk.resources.selectors.manpower_lists import leavings, overloads, skill_gaps, vacancies
from stellwerk.resources.tests.asking import fresh
from stellwerk.resources.tests.test_manpower import MARCH, book, consultant, hire, need, of

pytestmark = pytest.mark.django_db
PAGE = "resources:manpower"


def get(cast: Any, who: str, name: str = PAGE, **query: str) -> Any:
    return cast.client(who).get(reverse(name), query)


def team(cast: Any) -> None:
    """304 net hours against 360: 0.417 heads are missing."""
    book(need(cast, 160, state="filled"), hire(cast, "Ben"), 160)
    hire(cast, "Cem", hours=4)
    need(cast, 200)


def test_first_sentence_says_the_answer(cast: Any) -> None:
    team(cast)
    page = get(cast, "petra", first="2027-03", role=consultant(cast).key)
    assert page.status_code == 200
    # 201.6 net hours, 360 wanted: 158.4 h short, 134.4 h is one head.
    assert "In March 2027 1.2 heads are missing: SAP consulting" in page.content.decode()


def test_answer_without_a_shortage(cast: Any) -> None:
    hire(cast, "Ben")
    page = get(cast, "petra", first="2027-03", role=consultant(cast).key)
    assert "Capacity covers the demand of every role until August 2028" in page.content.decode()


@pytest.mark.parametrize(("who", "status"), [("petra", 200), ("anton", 200), ("conny", 200), ("rita", 200), ("paul", 403), ("tom", 403), ("walter", 403), ("ada", 403), ("elke", 200)])  # fmt: skip
@pytest.mark.parametrize("name", [PAGE, "resources:manpower-source", "resources:manpower-file"])
def test_who_opens_it(cast: Any, who: str, status: int, name: str) -> None:
    assert get(cast, who, name, month="2027-03").status_code == status


@pytest.mark.parametrize("query", [{"first": "2027-13"}, {"first": "x"}, {"unit": "UNT-9999"}, {"role": "ROL-9999"}, {"organisation": "NOBODY"}])  # fmt: skip
def test_bad_input_is_named(cast: Any, query: dict[str, str]) -> None:
    page = get(cast, "petra", **query)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("query", [{"month": "2027-99"}, {"month": "²027-01"}, {"month": "999999"}])
def test_source_names_a_bad_month(cast: Any, query: dict[str, str]) -> None:
    assert get(cast, "petra", "resources:manpower-source", **query).status_code == 422


@pytest.mark.parametrize(
    "show", ["gap", "heads", "net", "gross", "demand", "hard", "soft", "requested", "pipeline", "nonsense"]
)
@pytest.mark.parametrize("by", ["role", "unit", "organisation", "nonsense"])
def test_every_view_of_it(cast: Any, show: str, by: str) -> None:
    team(cast)
    assert get(cast, "petra", first="2027-03", show=show, by=by, pipeline="0").status_code == 200


def test_controllers_see_sums_and_no_names(cast: Any) -> None:
    ben = hire(cast, "Ben")
    book(need(cast, 200, state="filled"), ben, 200)
    for name in (PAGE, "resources:manpower-source"):
        assert "Ben Beispiel" in get(cast, "petra", name, first="2027-03", month="2027-03").content.decode()
        assert "Ben Beispiel" not in get(cast, "conny", name, first="2027-03", month="2027-03").content.decode()
    book_ = openpyxl.load_workbook(io.BytesIO(get(cast, "conny", "resources:manpower-file", first="2027-03").content))
    assert not any("Ben" in str(cell.value) for page in book_ for row in page.iter_rows() for cell in row)


def test_a_line_manager_sees_names_of_own_units_only(cast: Any) -> None:
    for name, unit in (("Ben", cast.sub_unit), ("Fern", cast.other_unit)):
        book(need(cast, 200, state="filled"), hire(cast, name, unit=unit), 200)
    text = get(cast, "rita", "resources:manpower-source", month="2027-03").content.decode()
    assert "Ben Beispiel" in text and "Fern Beispiel" not in text


def test_source_adds_up_to_the_cell(cast: Any) -> None:
    team(cast)
    text = get(cast, "petra", "resources:manpower-source", month="2027-03", role=consultant(cast).key).content.decode()
    assert "201.6" in text and "160" in text and "200" in text
    assert "Ben Beispiel" in text


def test_overload_by_name_or_summed(cast: Any) -> None:
    ben = hire(cast, "Ben")
    book(need(cast, 200, state="filled"), ben, 200)
    plan = of(cast)
    (named,) = overloads(plan, {cast.unit.pk})
    assert (named.person, named.month, named.over) == (ben.pk, MARCH, (200 * 60) - int(134.4 * 60))
    (summed,) = overloads(plan, set())
    assert (summed.person, summed.people, summed.over) == (None, 1, named.over)


def test_skill_that_nobody_has(cast: Any) -> None:
    hire(cast, "Ben")
    skill = Skill.objects.create(key="SKL-0001", name="ABAP")
    DemandSkill.objects.create(demand=need(cast, 80), skill=skill, level=3)
    (gap,) = skill_gaps(of(cast), pipeline=True)
    assert (gap.skill, gap.people, int(gap.missing[0]), gap.needed) == (skill, 0, 80 * 60, 80 * 60)


@pytest.mark.parametrize(("confirmed", "expires", "missing"), [(3, None, 0), (2, None, 80), (None, None, 80), (4, dt.date(2027, 2, 1), 80), (4, dt.date(2027, 3, 31), 0)])  # fmt: skip
def test_skill_counts_when_confirmed_and_valid(
    cast: Any, confirmed: int | None, expires: dt.date | None, missing: int
) -> None:
    ben = hire(cast, "Ben")
    skill = Skill.objects.create(key="SKL-0001", name="ABAP")
    PersonSkill.objects.create(person=ben, skill=skill, claimed=4, confirmed=confirmed, expires=expires)
    DemandSkill.objects.create(demand=need(cast, 80), skill=skill, level=3)
    found = skill_gaps(of(cast), pipeline=True)
    assert sum(int(gap.missing.sum()) for gap in found) == missing * 60


def test_uncertain_skills_count_only_with_the_pipeline(cast: Any) -> None:
    skill = Skill.objects.create(key="SKL-0001", name="ABAP")
    DemandSkill.objects.create(demand=need(cast, 80, probability=50), skill=skill, level=3)
    assert skill_gaps(of(cast), pipeline=False) == []
    assert int(skill_gaps(of(cast), pipeline=True)[0].missing[0]) == 40 * 60


def test_vacancies_are_listed(cast: Any) -> None:
    demand = need(cast, 80, state="vacancy_raised")
    ((found, rest),) = vacancies(of(cast))
    assert found == demand and int(rest[0]) == 80 * 60


def test_exits_limits_and_hours_after_them(cast: Any) -> None:
    ben = hire(cast, "Ben", employment_type="temporary", entry_date=dt.date(2025, 8, 16))
    hire(cast, "Ada", exit_date=dt.date(2027, 6, 30))
    hire(cast, "Zoe", employment_type="temporary")
    hire(cast, "Fest")
    book(need(cast, 60, state="filled"), ben, 60)
    plan = plan_of(fresh(cast, "petra"), Filters(dt.date(2027, 1, 1), role=consultant(cast)))
    first, second, third = leavings(plan, fresh(cast, "petra"))
    assert (first.person, first.until, first.past_limit) == (ben, dt.date(2027, 2, 15), True)
    assert first.booked_after == 60 * 60
    assert first.equal_pay == dt.date(2026, 5, 16)
    assert (second.until, second.limit) == (dt.date(2027, 6, 30), None)
    assert third.unknown
    assert [first.stage(day) for day in (dt.date(2026, 8, 1), dt.date(2026, 9, 1), dt.date(2027, 2, 1), dt.date(2027, 2, 16))] == [
        "", "12", "17", "reached",
    ]  # fmt: skip


def test_earlier_assignments_to_the_same_company_shorten_the_limit(cast: Any) -> None:
    """Eight months by another agency, exactly three months away, back on 1 December 2025: ten months are left."""
    ben = hire(cast, "Ben", employment_type="temporary", entry_date=dt.date(2025, 12, 1))
    earlier = AgencyAssignment.objects.create(
        person=ben, organisation=cast.organisation, first=dt.date(2025, 1, 1), last=dt.date(2025, 8, 31)
    )
    (found,) = leavings(of(cast), fresh(cast, "petra"))
    assert (found.limit, found.equal_pay) == (dt.date(2026, 9, 30), dt.date(2026, 1, 1))
    assert [found.stage(day) for day in (dt.date(2026, 3, 31), dt.date(2026, 4, 1), dt.date(2026, 7, 1))] == [
        "",
        "12",
        "15",
    ]
    AgencyAssignment.objects.filter(pk=earlier.pk).update(organisation=cast.other_organisation)
    (found,) = leavings(of(cast), fresh(cast, "petra"))
    assert found.limit == dt.date(2027, 5, 31), "another company has a clock of its own"


@pytest.mark.parametrize(("value", "until"), [
    ({"months": 24}, dt.date(2027, 8, 15)), ({"organisations": {"NORDLICHT": {"months": 12}}}, dt.date(2026, 8, 15)),
    ({"months": "many"}, dt.date(2027, 2, 15)), ([], dt.date(2027, 2, 15)),
])  # fmt: skip
def test_the_limit_is_a_setting(cast: Any, value: Any, until: dt.date) -> None:
    hire(cast, "Ben", employment_type="temporary", entry_date=dt.date(2025, 8, 16))
    Setting.objects.create(name=SETTING, value=value)
    (found,) = leavings(of(cast), fresh(cast, "petra"))
    assert found.limit == until


def test_measures_say_hire_or_wait(cast: Any) -> None:
    team(cast)
    plan = of(cast)
    short = shortages(lines_by_role(plan, pipeline=True))
    kinds = [one.kind for one in measures(plan, short, short, [])]
    assert kinds == ["bridge"]
    assert [one.kind for one in measures(plan, short, [], [])] == ["pipeline"]


def test_a_unit_with_time_helps_one_without(cast: Any) -> None:
    book(need(cast, 300, state="filled"), hire(cast, "Ben"), 300)
    hire(cast, "Fern", unit=cast.other_unit)
    plan = of(cast)
    found = measures(plan, shortages(lines_by_role(plan, pipeline=True)), [], [])
    assert found[0].kind == "balance"
    assert "Service Süd" in found[0].text


def test_workbook_has_values_formulas_and_all_sheets(cast: Any) -> None:
    team(cast)
    answer = get(cast, "petra", "resources:manpower-file", first="2027-03", role=consultant(cast).key)
    found = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert found.sheetnames == [
        "Summary",
        "Role by month",
        "Unit by month",
        "Overload",
        "Skill gaps",
        "Vacancies",
        "Exits and limits",
    ]
    page = found["Role by month"]
    rows = {(row[0].value, row[1].value): row for row in page.iter_rows(min_row=2)}
    gap = rows["SAP consulting", "Gap"]
    assert gap[2].value == f"=C{gap[0].row - 5}-SUM(C{gap[0].row - 4}:C{gap[0].row - 1})"
    assert gap[2].number_format == "#,##0.00"
    net = rows["SAP consulting", "Net capacity"][2].value
    assert net == pytest.approx(201.6 / (21 * 8))
    values = openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True)["Role by month"]
    plan = of(cast)
    heads = next(
        row
        for row in values.iter_rows(min_row=2)
        if row[1].value == "Missing heads" and row[0].value == "SAP consulting"
    )
    (line,) = lines_by_role(plan, pipeline=True)
    assert heads[2].value == pytest.approx(float(line.heads[0] or 0))
    assert float(whole(plan, pipeline=True).gap[0] or 0) == pytest.approx(-158.4 / 168)


def test_german_page(cast: Any) -> None:
    team(cast)
    cast.users["petra"].language = "de"
    cast.users["petra"].save(update_fields=["language"])
    text = get(cast, "petra", first="2027-03", role=consultant(cast).key).content.decode()
    assert "Im März 2027 fehlen 1,2 Köpfe: SAP-Beratung" in text


def test_bookings_of_people_without_a_role_count(cast: Any) -> None:
    ben = hire(cast, "Ben")
    Person.objects.filter(pk=ben.pk).update(role=None)
    book(need(cast, 40, state="filled"), ben, 40)
    assert Allocation.objects.count() == 1
    page = get(cast, "petra", "resources:manpower-source", month="2027-03", role="none")
    assert "Ben Beispiel" in page.content.decode()
