"""Working calendars: typed times, the form and its rows, who may what, and plans that wait after a change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import AuditEntry
from stellwerk.core.permissions import can
from stellwerk.core.search import find
from stellwerk.planning.models import Activity, CalendarException, Plan, WorkingCalendar
from stellwerk.planning.services.calendars import create_calendar, edit_calendar, mark_plans
from stellwerk.planning.services.editing import edit_plan, reschedule
from stellwerk.planning.services.plans import create_plan
from stellwerk.planning.times import read_times, text_of
from stellwerk.testing import Cast

EIGHT = [[480, 720], [780, 1020]]
WEEK = [EIGHT] * 5 + [[], []]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("08:00–12:00, 13:00–17:00", EIGHT),
        ("8-12, 13-17", EIGHT),
        ("8:00 bis 12:00 und 13:00 bis 17:00", EIGHT),
        ("8h-12h; 13h-17h", EIGHT),
        ("22:00-24:00", [[1320, 1440]]),
        ("", None),
        ("–", []),
        ("frei", []),
        ("Free", []),
    ],
)
def test_times_are_read_as_people_write_them(text: str, times: Any) -> None:
    assert read_times(text) == times
    assert read_times(text_of(times)) == times


@pytest.mark.parametrize(
    "text", ["acht", "8", "8-25", "12-8", "8-12, 11-15", "8:70-9", "8-12-13", "13-17, 8-12", "8-8", "1-2," * 20 + "5-6"]
)
def test_nonsense_times_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_times(text)


@pytest.fixture
def calendar(cast: Cast) -> WorkingCalendar:
    return create_calendar({"name": "Werk Hamburg", "week": WEEK, "country": "DE", "subdivision": "HH"}, by=cast.petra)


@pytest.fixture
def plan(cast: Cast, calendar: WorkingCalendar) -> Plan:
    """Ten days from Wednesday 1 July 2026 in the calendar."""
    made = create_plan(project=cast.project, by=None, start=dt.date(2026, 7, 1))
    edit_plan(plan=made, by=None, operations=[
        {"op": "plan", "values": {"calendar": calendar.pk}}, {"op": "add", "values": {"name": "A", "days": 10}},
    ])  # fmt: skip
    return Plan.objects.select_related("project").get(pk=made.pk)


def day_of_a() -> dt.date:
    finish = Activity.objects.get(name="A").finish
    assert finish is not None
    return finish.date()


# ── what is marked ───────────────────────────────────────────────────────────────────────────────


def test_a_changed_week_marks_the_plan_and_moves_nothing_yet(cast: Cast, plan: Plan, calendar: WorkingCalendar) -> None:
    assert day_of_a() == dt.date(2026, 7, 14)
    edit_calendar(calendar, {"week": [EIGHT] * 4 + [[], [], []]}, by=cast.petra)
    marked = Plan.objects.get(pk=plan.pk)
    assert marked.stale
    assert marked.revision == plan.revision + 1
    assert day_of_a() == dt.date(2026, 7, 14)
    # Ten days of a week of four: 1, 2, 6–9, 13–16 July.
    preview = reschedule(plan=plan, by=cast.paul, preview=True)
    assert preview.effect.finish[1] == dt.datetime(2026, 7, 16, 17)  # noqa: DTZ001
    assert Plan.objects.get(pk=plan.pk).stale
    reschedule(plan=plan, by=cast.paul)
    assert day_of_a() == dt.date(2026, 7, 16)
    assert not Plan.objects.get(pk=plan.pk).stale


def test_a_shutdown_marks_and_counts(cast: Cast, plan: Plan, calendar: WorkingCalendar) -> None:
    shutdown = CalendarException(calendar=calendar, start=dt.date(2026, 7, 6), finish=dt.date(2026, 7, 10))
    shutdown.save()
    assert Plan.objects.get(pk=plan.pk).stale
    reschedule(plan=plan, by=cast.paul)
    assert day_of_a() == dt.date(2026, 7, 21)
    shutdown.delete()
    assert Plan.objects.get(pk=plan.pk).stale


def test_a_base_calendar_marks_what_stands_on_it_and_no_other(
    cast: Cast, plan: Plan, calendar: WorkingCalendar
) -> None:
    above = create_calendar({"name": "Konzern", "week": WEEK}, by=cast.petra)
    other = create_calendar({"name": "Anderes", "week": WEEK}, by=cast.petra)
    edit_calendar(calendar, {"base": above}, by=cast.petra)
    Plan.objects.update(stale=False)
    edit_calendar(other, {"week": [EIGHT] * 6 + [[]]}, by=cast.petra)
    assert not Plan.objects.get(pk=plan.pk).stale
    edit_calendar(above, {"country": "DE"}, by=cast.petra)
    assert Plan.objects.get(pk=plan.pk).stale


def test_a_calendar_of_a_row_counts_too_and_a_name_does_not(cast: Cast, plan: Plan, calendar: WorkingCalendar) -> None:
    own = create_calendar({"name": "Nachtschicht", "week": WEEK}, by=cast.petra)
    edit_plan(plan=plan, by=None, operations=[{"op": "set", "row": Activity.objects.get().pk, "values": {"calendar": own.pk}}])  # fmt: skip
    edit_calendar(own, {"name": "Spätschicht"}, by=cast.petra)
    assert not Plan.objects.get(pk=plan.pk).stale
    edit_calendar(own, {"week": [EIGHT] * 6 + [[]]}, by=cast.petra)
    assert Plan.objects.get(pk=plan.pk).stale


def test_marking_twice_raises_the_revision_once(plan: Plan, calendar: WorkingCalendar) -> None:
    assert mark_plans(calendar) == 1
    assert mark_plans(calendar) == 0
    assert Plan.objects.get(pk=plan.pk).revision == plan.revision + 1


def test_calendars_of_persons_burden_no_plan(cast: Cast, plan: Plan) -> None:
    from stellwerk.planning.selectors.calendars import calendars_of

    tom = create_calendar({"name": "Tom", "person": cast.people["tom"]}, by=cast.petra)
    assert tom.kind == "resource"
    assert tom.pk not in calendars_of(plan)
    edit_plan(plan=plan, by=None, operations=[{"op": "set", "row": Activity.objects.get().pk, "values": {"calendar": tom.pk}}])  # fmt: skip
    assert tom.pk in calendars_of(plan)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"week": [[]] * 7}, "week"),
        ({"week": [EIGHT] * 6}, "week"),
        ({"week": [[[720, 480]]] + [None] * 6}, "week"),
        ({"week": [[[0, 1441]]] + [None] * 6}, "week"),
        ({"week": "Mo-Fr"}, "week"),
        ({"week": [[[True, 480]]] + [None] * 6}, "week"),
        ({"country": "XX"}, "country"),
        ({"country": "DE", "subdivision": "ZZ"}, "subdivision"),
        ({"subdivision": "HH"}, "subdivision"),
        ({"minutes_per_day": 0}, "minutes_per_day"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_calendars_are_refused_at_their_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_calendar({"name": "Neu", **values}, by=cast.petra)
    assert field in refused.value.errors
    assert not WorkingCalendar.objects.exists()


def test_a_calendar_stands_neither_on_itself_nor_on_one_of_a_person(cast: Cast, calendar: WorkingCalendar) -> None:
    above = create_calendar({"name": "Darunter", "base": calendar}, by=cast.petra)
    with pytest.raises(Invalid):
        edit_calendar(calendar, {"base": above}, by=cast.petra)
    tom = create_calendar({"name": "Tom", "person": cast.people["tom"]}, by=cast.petra)
    with pytest.raises(Invalid):
        edit_calendar(calendar, {"base": tom}, by=cast.petra)


def test_only_the_pmo_changes_calendars(cast: Cast, calendar: WorkingCalendar) -> None:
    for name in ("paul", "gerda", "elke", "rita", "uwe"):
        with pytest.raises(NotAllowed):
            edit_calendar(calendar, {"name": "Meins"}, by=getattr(cast, name))
        with pytest.raises(NotAllowed):
            create_calendar({"name": "Meins"}, by=getattr(cast, name))


def test_a_stale_edit_shows_both(cast: Cast, calendar: WorkingCalendar) -> None:
    edit_calendar(calendar, {"name": "Eins"}, by=cast.petra, version=calendar.version)
    with pytest.raises(StaleEdit):
        edit_calendar(calendar, {"name": "Zwei"}, by=cast.anton, version=calendar.version)


def test_an_imported_calendar_is_not_changed_here(cast: Cast, plan: Plan) -> None:
    imported = WorkingCalendar.objects.create(key="CAL-0900", name="Standard", plan=plan, uid=1, week=WEEK)
    with pytest.raises(Refused, match="imported"):
        edit_calendar(imported, {"name": "Meins"}, by=cast.petra)


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def form(**values: str) -> dict[str, str]:
    week = {f"day{number}": "08:00–12:00, 13:00–17:00" if number < 5 else "–" for number in range(7)}
    base = {"name": "Werk Stade", "kind": "base", "confidentiality": "internal", "country": "DE", "subdivision": "NI"}
    return {**base, **week, "exceptions-TOTAL": "1", **values}


def test_a_calendar_is_created_with_its_week_and_shutdown(cast: Cast) -> None:
    data = form(**{
        "exceptions-0-start": "24.12.2026", "exceptions-0-finish": "01.01.2027", "exceptions-0-name": "Betriebsruhe",
        "exceptions-0-times": "", "day4": "8-14",
    })  # fmt: skip
    response = cast.client("petra").post("/plans/calendars/new/", data)
    assert response.status_code == 302, response.content.decode()[:4000]
    made = WorkingCalendar.objects.get()
    assert made.week == [EIGHT] * 4 + [[[480, 840]], [], []]
    shutdown = made.exceptions.get()
    assert (shutdown.start, shutdown.finish, shutdown.times) == (dt.date(2026, 12, 24), dt.date(2027, 1, 1), [])
    text = cast.client("petra").get(response.headers["Location"]).content.decode()
    for part in ("Werk Stade", "08:00–14:00", "Betriebsruhe", "24 Dec 2026"):
        assert part in text, part
    edit_url = f"/plans/calendars/{made.key}/edit/"
    assert "08:00–14:00" in cast.client("petra").get(edit_url).content.decode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"day0": "acht bis zwölf"}, "is not a time of day"),
        ({"day0": "8"}, "Write times such as"),
        ({f"day{number}": "–" for number in range(7)}, "without any working time"),
        ({"subdivision": "XY"}, "none of the states"),
        ({"exceptions-0-start": "24.12.2026", "exceptions-0-finish": "20.12.2026"}, "ends before it begins"),
        ({"exceptions-0-start": "24.12.2026", "exceptions-0-finish": "24.12.2026", "exceptions-0-times": "9-8"}, "Work ends"),
        ({"minutes_per_day": "2000"}, "Between 1 and"),
    ],
)  # fmt: skip
def test_a_bad_form_comes_back_with_its_input(cast: Cast, values: dict[str, str], message: str) -> None:
    response = cast.client("petra").post("/plans/calendars/new/", form(**values))
    assert response.status_code == 422
    text = response.content.decode()
    assert message in text
    assert "Werk Stade" in text
    assert not WorkingCalendar.objects.exists()


def test_an_edit_marks_and_is_audited(cast: Cast, plan: Plan, calendar: WorkingCalendar) -> None:
    page = cast.client("petra").get(f"/plans/calendars/{calendar.key}/edit/").content.decode()
    assert "Dates of 1 plan" in page
    data = form(name=calendar.name, subdivision="HH", day4="–", version=str(calendar.version))
    response = cast.client("petra").post(f"/plans/calendars/{calendar.key}/edit/", data)
    assert response.status_code == 302, response.content.decode()[:3000]
    assert Plan.objects.get(pk=plan.pk).stale
    entry = AuditEntry.objects.filter(entity_type="planning.workingcalendar", verb="edit").get()
    assert "week" in entry.changes
    assert "to reschedule" in cast.client("paul").get(f"/plans/calendars/{calendar.key}/").content.decode()


def test_two_editors_see_the_days_on_which_they_disagree(cast: Cast, calendar: WorkingCalendar) -> None:
    seen = calendar.version
    edit_calendar(calendar, {"week": [EIGHT] * 3 + [[[480, 720]], EIGHT, [], []]}, by=cast.anton)
    data = form(name=calendar.name, subdivision="HH", day3="10-12", version=str(seen))
    response = cast.client("petra").post(f"/plans/calendars/{calendar.key}/edit/", data)
    text = response.content.decode()
    assert response.status_code == 409
    assert "choice-day3" in text and "10:00–12:00" in text and "08:00–12:00" in text
    assert "choice-day2" not in text


def test_what_came_with_a_plan_is_seen_by_who_sees_the_plan(cast: Cast, plan: Plan) -> None:
    imported = WorkingCalendar.objects.create(key="CAL-0900", name="Standard", plan=plan, uid=1, week=WEEK)
    assert cast.client("paul").get(f"/plans/calendars/{imported.key}/").status_code == 200
    assert cast.client("olga").get(f"/plans/calendars/{imported.key}/").status_code == 404
    assert "CAL-0900" not in cast.client("petra").get("/plans/calendars/").content.decode()


def test_the_calendar_of_a_person_is_seen_by_who_sees_the_person(cast: Cast) -> None:
    own = create_calendar({"name": "Walters Woche", "person": cast.people["walter"], "week": WEEK}, by=cast.petra)
    assert "Walters Woche" in cast.client("petra").get("/plans/calendars/").content.decode()
    for name in ("paul", "tom", "stefan"):
        seen = can(getattr(cast, name), "view", cast.people["walter"])
        assert ("Walters Woche" in cast.client(name).get("/plans/calendars/").content.decode()) == seen
        assert (cast.client(name).get(f"/plans/calendars/{own.key}/").status_code == 200) == seen


def test_search_and_api_know_no_calendar_that_may_not_be_opened(cast: Cast, plan: Plan) -> None:
    """A name of a calendar tells of a project or a person: who sees neither does not find it."""
    WorkingCalendar.objects.create(key="CAL-0900", name="Zephyrwoche Projekt", plan=plan, uid=1, week=WEEK)
    own = create_calendar({"name": "Zephyrwoche Walter", "person": cast.people["walter"], "week": WEEK}, by=cast.petra)

    def found(who: str) -> set[str]:
        return {hit.label for group in find(getattr(cast, who), "zephyrwoche") for hit in group.hits}

    assert {name for name in found("petra") if "Zephyr" in name} == {"Zephyrwoche Projekt", "Zephyrwoche Walter"}
    assert "Zephyrwoche Projekt" in found("paul")
    assert "Zephyrwoche Projekt" not in found("olga")
    for who in ("tom", "stefan", "olga"):
        seen = can(getattr(cast, who), "view", cast.people["walter"])
        assert ("Zephyrwoche Walter" in found(who)) == seen == can(getattr(cast, who), "view", own)
    assert not can(cast.olga, "view", WorkingCalendar.objects.get(key="CAL-0900"))
    assert can(cast.olga, "view", plan.calendar)


# ── the list of plans ────────────────────────────────────────────────────────────────────────────


def test_the_list_of_plans_shows_what_may_be_seen(cast: Cast, plan: Plan) -> None:
    create_plan(project=cast.other_project, by=None)
    assert "2 plans" in cast.client("petra").get("/plans/").content.decode()
    text = cast.client("olga").get("/plans/").content.decode()
    assert "PRJ-0002" in text and "PRJ-0001" not in text
    mark_plans(plan.calendar_id or 0)
    stale = cast.client("petra").get("/plans/?stale=yes").content.decode()
    assert "PRJ-0001" in stale and "PRJ-0002" not in stale
    assert cast.client("uwe").get("/plans/").status_code == 403


def test_counts_of_the_list(cast: Cast, plan: Plan) -> None:
    edit_plan(plan=plan, by=None, operations=[
        {"op": "add", "values": {"name": "B", "days": 3}},
        {"op": "set", "row": Activity.objects.get(name="A").pk, "values": {"deadline": "2026-07-02"}},
    ])  # fmt: skip
    from django.http import QueryDict

    from stellwerk.core.lists import LISTS
    from stellwerk.core.lists.reading import list_queryset

    rows, _query = list_queryset(LISTS["planning.plan"], cast.petra, QueryDict("critical=1&findings=1&activities=2"))
    assert [row.pk for row in rows] == [plan.pk]


def test_the_cockpit_leads_to_the_plan(cast: Cast, plan: Plan) -> None:
    assert 'href="/plans/PRJ-0001/"' in cast.client("petra").get("/portfolio/projects/PRJ-0001").content.decode()
    assert (
        'href="/plans/programme/PRG-0001/"'
        in cast.client("petra").get("/portfolio/programmes/PRG-0001").content.decode()
    )
