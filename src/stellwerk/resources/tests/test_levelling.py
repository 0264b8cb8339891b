"""Levelling stored plans: what the engine gets, what comes back, accepting, refusing, taking back."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.jobs import run_pending
from stellwerk.engine.calendars import Calendar as EngineCalendar
from stellwerk.engine.calendars import CalendarSet, Shift
from stellwerk.engine.calendars.model import instant
from stellwerk.engine.levelling.people import check, solve
from stellwerk.people.models import Absence, Skill
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.editing import edit_plan
from stellwerk.resources.levelling.case import read_case, weight_of
from stellwerk.resources.levelling.clockwork import Clockwork, Integers
from stellwerk.resources.levelling.results import moves_of
from stellwerk.resources.models import AllocationWeek, Demand, DemandSkill, LevellingMove, LevellingRun
from stellwerk.resources.services import levelling as service
from stellwerk.resources.tests.levelling import MONDAY, assign, fresh, plan_with, row
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 8, minute: int = 0) -> dt.datetime:
    return dt.datetime(2027, 1, day, hour, minute)  # noqa: DTZ001 - plans know local time


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans of a few activities are done after some rounds; nobody waits for the rest of the second."""
    monkeypatch.setattr("stellwerk.resources.services.levelling.solve", partial(solve, iterations=40))


@pytest.fixture
def both(cast: Cast) -> tuple[Plan, Plan]:
    """Tom for five days in both projects, in the same week; a day for nobody in particular behind each."""
    tom = cast.people["tom"]
    type(cast.project).objects.filter(pk=cast.project.pk).update(priority=1)
    cast.project.refresh_from_db()
    first = plan_with(cast.project, cast, ("Wiring", 5, tom), ("Handover", 1, None))
    return first, plan_with(cast.other_project, cast, ("Cabinet", 5, tom), ("Acceptance", 1, None))


def levelled(cast: Cast, *plans: Plan, by: Any = None, **options: Any) -> tuple[Any, Any, list[Any]]:
    case, plan, _curve = service.level(
        [fresh(one) for one in plans], objective=options.get("objective", "tardiness"), seconds=0.2, by=by or cast.petra, today=MONDAY
    )  # fmt: skip
    assert not check(case.problem, plan), "every plan passes the independent check"
    return case, plan, moves_of(case, plan)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


def clockwork() -> Clockwork:
    """Monday to Friday, 8 to 12 and 13 to 17."""
    day: tuple[Shift, ...] = ((480, 720), (780, 1020))
    return Clockwork(
        MONDAY, CalendarSet([EngineCalendar("Week", tuple(day if number < 5 else () for number in range(7)))])
    )


def one(value: int) -> Integers:
    return np.array([value], np.int64)


@pytest.mark.parametrize(
    ("when", "share"),
    [(at(11, 8), 0), (at(11, 12), 240), (at(11, 12, 30), 240), (at(11, 13), 240), (at(11, 17), 480), (at(12, 8), 480), (at(16, 10), 5 * 480)],
)  # fmt: skip
def test_an_instant_is_the_share_of_the_day_that_has_passed(when: dt.datetime, share: int) -> None:
    assert clockwork().share(one(1), one(instant(when))).tolist() == [share]


@pytest.mark.parametrize("share", [0, 1, 239, 240, 241, 479, 480, 4 * 480 + 60, 7 * 480])
def test_starts_and_finishes_come_back_as_the_same_share(share: int) -> None:
    times = clockwork()
    for back in (times.start(one(1), one(share)), times.finish(one(1), one(share))):
        found = int(times.share(one(1), back)[0])
        assert found == share or (share % 480 == 0 and found in (share, share - 480 * 2))


def test_the_end_of_a_day_is_a_finish_on_that_day_and_a_start_on_the_next() -> None:
    times = clockwork()
    assert times.finish(one(1), one(480)).tolist() == [instant(at(11, 17))]
    assert times.start(one(1), one(480)).tolist() == [instant(at(12, 8))]
    assert times.finish(one(1), one(5 * 480)).tolist() == [instant(at(15, 17))]
    assert times.start(one(1), one(5 * 480)).tolist() == [instant(at(18, 8))]


def test_priority_weighs_between_one_hundred_and_ten() -> None:
    assert [weight_of(priority) for priority in (1, 2, 9, 10, 11, 999, None)] == [100, 90, 20, 10, 10, 10, 10]


# ── the problem ──────────────────────────────────────────────────────────────────────────────────


def test_effort_people_and_links_reach_the_engine(cast: Cast, both: tuple[Plan, Plan]) -> None:
    case = read_case([fresh(one) for one in both], movable=[one.pk for one in both], today=MONDAY)
    problem = case.problem
    assert problem.requirements.work.tolist() == [2400, 2400]
    assert problem.requirements.units.tolist() == [100, 100]
    assert set(problem.requirements.person.tolist()) == {0}
    assert len(problem.links) == 2
    assert problem.activities.held.tolist() == [False] * 4
    assert problem.projects.weight.tolist() == [100, 10, 0]
    assert problem.activities.present_finish.tolist() == [5 * 480, 7 * 480 + 480] * 2


def test_what_has_begun_or_is_set_by_hand_or_may_not_be_edited_stays(cast: Cast, both: tuple[Plan, Plan]) -> None:
    first, _second = both
    edit_plan(
        plan=fresh(first), operations=[{"op": "set", "row": row("Wiring").pk, "values": {"percent": 20}}], by=None
    )
    edit_plan(
        plan=fresh(first), operations=[{"op": "set", "row": row("Handover").pk, "values": {"manual": True}}], by=None
    )
    case = read_case([fresh(one) for one in both], movable=[first.pk], today=MONDAY)
    assert case.problem.activities.held.all()
    assert case.problem.requirements.work.tolist()[0] == 1920, "a fifth is done"


def test_a_demand_s_skills_and_role_make_the_profile(cast: Cast) -> None:
    plan = plan_with(cast.project, cast, ("Programming", 3, cast.role))
    skill = Skill.objects.create(key="SKL-0001", name="SPS")
    demand = Demand.objects.create(
        key="DEM-0001", project=cast.project, activity=row("Programming"), title="x", role=cast.role, first=MONDAY, last=MONDAY
    )  # fmt: skip
    DemandSkill.objects.create(demand=demand, skill=skill, level=3)
    case = read_case([fresh(plan)], movable=[plan.pk], today=MONDAY)
    assert case.profiles == ((("role", cast.role.pk, 1), ("skill", skill.pk, 3)),)


def test_firm_bookings_without_an_activity_take_time_but_not_twice(cast: Cast, both: tuple[Plan, Plan]) -> None:
    from stellwerk.resources.models import Allocation

    def book(project: Any, number: int) -> None:
        demand = Demand.objects.create(
            key=f"DEM-{number}", project=project, title="x", role=cast.role, first=MONDAY, last=MONDAY
        )
        booking = Allocation.objects.create(
            key=f"ALC-{number}", demand=demand, person=cast.people["tom"], first=MONDAY, last=MONDAY, state="hard"
        )
        AllocationWeek.objects.create(allocation=booking, monday=MONDAY, minutes=600)

    third = type(cast.project).objects.create(key="PRJ-0003", name="Third", portfolio=cast.portfolio, phase="executing")
    book(third, 1)
    book(cast.project, 2)  # the plan of this project says itself what Tom does
    case = read_case([fresh(one) for one in both], movable=[], today=MONDAY)
    assert case.problem.booked[0, :7].sum() == 600


def test_who_is_booked_on_an_activity_takes_one_of_its_open_places(cast: Cast) -> None:
    """Tom is booked firmly: beside his own part of the work he does not fill the place of his role too; without one he fills it once."""
    from stellwerk.resources.models import Allocation

    tom = cast.people["tom"]
    plan = plan_with(cast.project, cast, ("Programming", 3, tom))
    assign(plan, "Programming", cast.role, hours=24, uid=2)
    other = plan_with(cast.other_project, cast, ("Wiring", 3, cast.role))
    assign(other, "Wiring", cast.role, hours=24, uid=2)
    for number, name in enumerate(("Programming", "Wiring")):
        work = row(name)
        demand = Demand.objects.create(
            key=f"DEM-{number}", project=work.plan.project, activity=work, title="x", role=cast.role, first=MONDAY, last=MONDAY
        )  # fmt: skip
        Allocation.objects.create(
            key=f"ALC-{number}", demand=demand, person=tom, first=MONDAY, last=MONDAY, state="hard"
        )
    case = read_case([fresh(plan), fresh(other)], movable=[plan.pk, other.pk], today=MONDAY)
    named = [(wish.activity, wish.person) for wish in case.wishes]
    for name in ("Programming", "Wiring"):
        assert sorted((person for at, person in named if at == row(name).pk), key=str) == sorted(
            [tom.pk, None], key=str
        )


# ── proposals ────────────────────────────────────────────────────────────────────────────────────


def test_the_less_important_project_waits_and_says_for_whom(cast: Cast, both: tuple[Plan, Plan]) -> None:
    case, _plan, moves = levelled(cast, *both)
    names = {Activity.objects.get(pk=move.activity).name: move for move in moves}
    assert set(names) == {"Cabinet", "Acceptance"}
    assert names["Cabinet"].start == at(18)
    assert names["Cabinet"].finish == at(22, 17)
    assert names["Cabinet"].reason["kind"] == "person"
    assert names["Cabinet"].reason["activity"] == row("Wiring").pk
    assert names["Cabinet"].reason["person"] == cast.people["tom"].pk
    assert names["Cabinet"].reason["until"] == "2027-01-15"
    assert names["Acceptance"].reason["kind"] == "link"
    assert case.plans[names["Cabinet"].plan].project == cast.other_project


def test_absences_make_an_activity_longer_not_the_person_busier(cast: Cast) -> None:
    plan = plan_with(cast.project, cast, ("Wiring", 5, cast.people["tom"]))
    Absence.objects.create(
        person=cast.people["tom"], first=dt.date(2027, 1, 13), last=dt.date(2027, 1, 14), note="secret"
    )
    _case, _plan, moves = levelled(cast, plan)
    assert [(move.start, move.finish, move.duration) for move in moves] == [(at(11), at(19, 17), 7 * 480)]
    assert "secret" not in json.dumps([move.reason for move in moves])


def test_work_in_another_project_is_named_and_stays(cast: Cast, both: tuple[Plan, Plan]) -> None:
    """Only the second project is levelled: the first one keeps its week."""
    _case, _plan, moves = levelled(cast, both[1])
    cabinet = next(move for move in moves if move.activity == row("Cabinet").pk)
    assert cabinet.start == at(18)
    assert cabinet.reason["activity"] == row("Wiring").pk


def test_nobody_with_the_role_is_a_conflict_not_an_overbooking(cast: Cast) -> None:
    from stellwerk.people.models import Role

    nobody = Role.objects.create(key="ROL-0099", name="Taucher")
    plan = plan_with(cast.project, cast, ("Diving", 2, nobody))
    _case, found, _moves = levelled(cast, plan)
    assert [str(one.kind) for one in found.conflicts] == ["nobody"]


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────


def run_of(cast: Cast, by: Any = None, **values: Any) -> LevellingRun:
    run = service.start_run(portfolio=cast.portfolio, by=by or cast.petra, seconds=1, **values)
    run_pending()
    run.refresh_from_db()
    return run


def test_a_run_proposes_in_the_background_and_changes_nothing(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    assert run.state == "proposed"
    assert {move.activity.name for move in run.moves.select_related("activity")} >= {"Cabinet"}
    assert row("Cabinet").start == at(11)
    told = {one["key"]: (one["before"], one["after"]) for one in run.told["projects"]}
    assert told["PRJ-0001"] == ("2027-01-18", "2027-01-18")
    assert told["PRJ-0002"] == ("2027-01-18", "2027-01-25")
    assert run.told["over"] == {"before": 40, "after": 0}


def test_accepting_moves_the_plans_as_promised_and_undo_brings_them_back(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    before = list(Activity.objects.order_by("pk").values_list("pk", "start", "finish", "duration", "constraint"))
    service.accept(run=run, moves=None, by=cast.petra)
    for move in run.moves.select_related("activity"):
        assert (move.activity.start, move.activity.finish) == (move.start, move.finish)
        assert move.accepted
    run.refresh_from_db()
    assert run.state == "applied"
    service.undo_run(run=run, by=cast.petra)
    assert (
        list(Activity.objects.order_by("pk").values_list("pk", "start", "finish", "duration", "constraint")) == before
    )
    run.refresh_from_db()
    assert run.state == "undone"


def test_some_moves_can_be_accepted_and_the_rest_later(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    cabinet = run.moves.get(activity__name="Cabinet")
    service.accept(run=run, moves=[cabinet.pk], by=cast.petra)
    assert row("Cabinet").start == at(18)
    assert row("Acceptance").start == at(25), "a successor follows its link"
    assert run.moves.filter(accepted=None).count() == 1
    service.accept(run=run, moves=None, by=cast.petra)
    assert not run.moves.filter(accepted=None).exists()


def test_an_accepted_date_may_be_moved_again_by_the_next_run(cast: Cast, both: tuple[Plan, Plan]) -> None:
    service.accept(run=run_of(cast), moves=None, by=cast.petra)
    edit_plan(plan=fresh(both[0]), operations=[{"op": "remove", "rows": [row("Wiring").pk]}], by=None)
    Plan.objects.filter(pk=both[1].pk).update(must_finish=at(18, 17))
    _case, _plan, moves = levelled(cast, *both)
    cabinet = next(move for move in moves if move.activity == row("Cabinet").pk)
    assert cabinet.start == at(11)


def test_a_plan_that_changed_since_is_refused_by_name(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    edit_plan(
        plan=fresh(both[1]), operations=[{"op": "set", "row": row("Acceptance").pk, "values": {"days": 2}}], by=None
    )
    with pytest.raises(Refused, match="PRJ-0002"):
        service.accept(run=run, moves=None, by=cast.petra)
    assert row("Cabinet").start == at(11), "nothing half done"
    assert not run.moves.filter(accepted=True).exists()


def test_two_people_cannot_accept_the_same_move_twice(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    service.accept(run=run, moves=None, by=cast.petra)
    with pytest.raises(Invalid):
        service.accept(run=run, moves=None, by=cast.petra)


def test_who_may_not_edit_a_plan_cannot_move_it(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = service.start_run(project=cast.project, by=cast.paul, seconds=1)
    run_pending()
    with pytest.raises(NotAllowed):
        service.accept(run=run, moves=None, by=cast.tom)
    with pytest.raises(NotAllowed):
        service.start_run(project=cast.other_project, by=cast.paul)
    with pytest.raises(NotAllowed):
        service.start_run(portfolio=cast.portfolio, by=cast.conny)


def test_discarded_and_stopped_runs(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    service.discard_run(run=run, by=cast.petra)
    with pytest.raises(WrongState):
        service.accept(run=run, moves=None, by=cast.petra)
    waiting = service.start_run(portfolio=cast.portfolio, by=cast.petra, seconds=600)
    service.stop_run(run=waiting, by=cast.petra)
    run_pending()  # ends at once instead of after ten minutes
    waiting.refresh_from_db()
    assert waiting.state == "proposed"


@pytest.mark.parametrize(
    ("values", "field"), [({"seconds": 0}, "seconds"), ({"seconds": 601}, "seconds"), ({"objective": "x"}, "objective")]
)
def test_wrong_wishes_are_named(cast: Cast, both: tuple[Plan, Plan], values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as found:
        service.start_run(portfolio=cast.portfolio, by=cast.petra, **values)
    assert field in found.value.errors


def test_without_a_plan_nothing_is_started(cast: Cast) -> None:
    with pytest.raises(Refused, match="no plan"):
        service.start_run(portfolio=cast.portfolio, by=cast.petra)


def test_a_circle_of_links_ends_in_words(cast: Cast, both: tuple[Plan, Plan]) -> None:
    from stellwerk.planning.models import Link

    Link.objects.create(plan=both[0], predecessor=row("Handover"), successor=row("Wiring"))
    run = run_of(cast)
    assert run.state == "failed"
    assert "circle" in run.told["problem"]


# ── pages and command ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("language", "words"), [("en", "waits for Tom Okafor, booked on PRJ-0001"), ("de", "wartet auf Tom Okafor, bis 15.01.2027 gebucht für PRJ-0001")])  # fmt: skip
def test_the_page_tells_each_move_with_its_reason(
    cast: Cast, both: tuple[Plan, Plan], language: str, words: str
) -> None:
    run = run_of(cast)
    type(cast.petra).objects.filter(pk=cast.petra.pk).update(language=language)
    page = cast.client("petra").get(f"/resources/levelling/{run.pk}/").content.decode()
    assert words in page
    assert "PRJ-0002" in page


def test_a_project_manager_does_not_read_other_projects_in_reasons(cast: Cast, both: tuple[Plan, Plan]) -> None:
    """Paul levels his own project; what keeps Tom elsewhere has no name for him."""
    type(cast.project).objects.filter(pk=cast.project.pk).update(priority=None)
    run = service.start_run(project=cast.project, by=cast.paul, seconds=1)
    run_pending()
    page = cast.client("paul").get(f"/resources/levelling/{run.pk}/").content.decode()
    assert "Wiring" in page
    assert "Cabinet" not in page
    assert "Stade" not in page
    assert "an activity of another project" in page


def test_the_page_accepts_and_takes_back(cast: Cast, both: tuple[Plan, Plan]) -> None:
    run = run_of(cast)
    client = cast.client("petra")
    chosen = run.moves.get(activity__name="Cabinet")
    response = client.post(f"/resources/levelling/{run.pk}/accept/", {"move": [chosen.pk]}, follow=True)
    assert "1 activity moved" in response.content.decode()
    response = client.post(f"/resources/levelling/{run.pk}/undo/", follow=True)
    assert "as they were before" in response.content.decode()
    assert row("Cabinet").start == at(11)
    response = client.post(f"/resources/levelling/{run.pk}/accept/", {"move": ["x", "9" * 30]}, follow=True)
    assert response.status_code == 200


def test_the_form_starts_a_run_and_keeps_what_was_chosen(cast: Cast, both: tuple[Plan, Plan]) -> None:
    client = cast.client("petra")
    response = client.post(
        "/resources/levelling/", {"scope": "portfolio:ANLAGEN", "objective": "smooth", "seconds": "5"}
    )
    assert response.status_code == 302
    assert LevellingRun.objects.get().objective == "smooth"
    response = client.post("/resources/levelling/", {"scope": "portfolio:NOPE", "objective": "smooth", "seconds": "5"})
    assert response.status_code == 422
    assert 'value="smooth" selected' in response.content.decode()


def test_the_command_prints_a_proposal_with_reasons(
    cast: Cast, both: tuple[Plan, Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call_command("level", "--portfolio", "ANLAGEN", "--seconds", "0.2", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"objective", "value", "bound", "gap", "projects", "moves", "conflicts", "late"} <= set(found)
    cabinet = next(move for move in found["moves"] if move["name"].endswith("Cabinet"))
    assert "Tom Okafor" in cabinet["why"]
    assert LevellingRun.objects.count() == 0
    assert LevellingMove.objects.count() == 0
    call_command("level", "--portfolio", "ANLAGEN", "--seconds", "0.2")
    assert "waits for Tom Okafor, booked on PRJ-0001" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--portfolio", "NOPE"], ["--portfolio", "ANLAGEN", "--seconds", "0"], ["--project", "PRJ-0001"]])  # fmt: skip
def test_a_wrong_call_ends_with_two_and_says_why(cast: Cast, options: list[str]) -> None:
    with pytest.raises(CommandError) as found:
        call_command("level", *options)
    assert found.value.returncode == 2
    assert str(found.value)


def test_reading_and_levelling_cost_the_same_queries_for_any_number_of_projects(cast: Cast, both: tuple[Plan, Plan], django_assert_max_num_queries: Any) -> None:  # fmt: skip
    for number in range(3, 9):
        project = type(cast.project).objects.create(
            key=f"PRJ-100{number}", name="x", portfolio=cast.portfolio, phase="executing"
        )
        plan = plan_with(project, cast, (f"W{number}", 2, None))
        assign(plan, f"W{number}", cast.people["anton"], hours=16, uid=9)
    plans = list(Plan.objects.select_related("project", "calendar").order_by("pk"))
    with django_assert_max_num_queries(26):
        read_case(plans, movable=[plan.pk for plan in plans], today=MONDAY)
