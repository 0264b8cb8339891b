"""What waits for a reader in this room: on the board, at most two decisions; on My day, proposals and the own projects."""

from __future__ import annotations

import datetime as dt
import inspect

import pytest
from django.utils import timezone

from stellwerk.core.models import Watch
from stellwerk.core.registry import DUTIES, OFF_BOARDS, Duty, duties_of
from stellwerk.portfolio.models import Figure, Gate, Portfolio, Project, Proposal
from stellwerk.portfolio.selectors.mine import my_projects
from stellwerk.testing import Cast


@pytest.fixture
def waiting(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Duty]:
    """Approvals of Petra, in place of what the rooms have registered."""
    found: list[Duty] = []
    source = ("approval", lambda user: found if user == cast.petra else [])
    monkeypatch.setattr("stellwerk.core.registry.DUTIES", [source])
    return found


def approval(cast: Cast, about: str, due: dt.date | None = None, portfolio: int | None = None) -> Duty:
    number = cast.portfolio.pk if portfolio is None else portfolio
    return Duty(
        "Review", "", f"/review/{about}", due=due, kind="approval", button="Review", about=about, portfolio=number
    )


def board(cast: Cast, who: str = "petra", path: str = "board/ANLAGEN") -> str:
    return cast.client(who).get(f"/portfolio/{path}").content.decode()


def test_the_board_says_how_many_decisions_wait_today_and_shows_the_first_two(cast: Cast, waiting: list[Duty]) -> None:
    today = timezone.localdate()
    for about, due in (("Lubmin", today), ("Stade", today - dt.timedelta(2)), ("Husum", today + dt.timedelta(9))):
        waiting.append(approval(cast, about, due))
    page = board(cast)
    assert "2 matters need your decision today" in page
    assert "/review/Stade" in page and "/review/Lubmin" in page and "/review/Husum" not in page
    assert "your decision" not in board(cast, "anton")


def test_decisions_that_are_due_later_wait_but_not_today(cast: Cast, waiting: list[Duty]) -> None:
    waiting.append(approval(cast, "Husum", timezone.localdate() + dt.timedelta(9)))
    page = board(cast)
    assert "1 decision waits for you<" in page and "today" not in page.partition("<h1>")[2].partition("</h1>")[0]


def test_a_board_shows_decisions_of_its_own_portfolio_only(cast: Cast, waiting: list[Duty]) -> None:
    other = Portfolio.objects.create(
        key="SERVICE", name="Service", unit=cast.unit, state="active", cycle_anchor=dt.date(2026, 11, 6)
    )
    waiting.append(approval(cast, "Wartung", timezone.localdate(), other.pk))
    assert "/review/Wartung" not in board(cast)
    assert "/review/Wartung" in board(cast, path="")


def test_a_name_in_a_decision_is_text_and_not_markup(cast: Cast, waiting: list[Duty]) -> None:
    waiting.append(approval(cast, "<script>alert(1)</script>", timezone.localdate()))
    assert "<script>alert" not in board(cast)


def test_proposals_wait_for_those_who_assess_and_those_who_decide(cast: Cast) -> None:
    for key, state in (("PRP-1", "submitted"), ("PRP-2", "scored"), ("PRP-3", "draft")):
        Proposal.objects.create(key=key, name=f"Antrag {key}", portfolio=cast.portfolio, currency="EUR", state=state)
    assert [(duty.kind, duty.about) for duty in duties_of(cast.petra)] == [("task", "Antrag PRP-1")]
    assert [(duty.kind, duty.about) for duty in duties_of(cast.users["elke"])] == [("approval", "Antrag PRP-2")]
    assert not duties_of(cast.paul)


def test_who_requested_a_proposal_does_not_decide_about_it(cast: Cast) -> None:
    Proposal.objects.create(
        key="PRP-1", name="Antrag", portfolio=cast.portfolio, currency="EUR", state="scored", requester=cast.people["elke"]
    )  # fmt: skip
    assert not duties_of(cast.users["elke"])


def test_my_projects_are_those_led_sponsored_staffed_or_watched_worst_first(cast: Cast) -> None:
    Watch.objects.create(user=cast.petra, entity_type="portfolio.project", entity_id=cast.other_project.pk)
    Watch.objects.create(user=cast.petra, entity_type="portfolio.project", entity_id=cast.project.pk)
    Figure.objects.create(
        project=cast.other_project, code="light.overall", light="red", date=timezone.localdate(), source="reported"
    )
    projects, count = my_projects(cast.petra)
    assert ([project.key for project in projects], count) == (["PRJ-0002", "PRJ-0001"], 2)
    for name in ("paul", "stefan", "tom"):
        assert [project.key for project in my_projects(cast.users[name])[0]] == ["PRJ-0001"], name
    assert my_projects(cast.users["conny"]) == ([], 0)


def test_a_watched_project_that_may_no_longer_be_seen_is_not_shown(cast: Cast) -> None:
    Watch.objects.create(user=cast.paul, entity_type="portfolio.project", entity_id=cast.other_project.pk)
    assert [project.key for project in my_projects(cast.paul)[0]] == ["PRJ-0001"]


def test_finished_projects_leave_my_day(cast: Cast) -> None:
    Project.objects.filter(pk=cast.project.pk).update(phase="closed")
    assert my_projects(cast.paul) == ([], 0)


def test_my_day_shows_the_next_gate_and_its_delay(cast: Cast) -> None:
    Gate.objects.create(project=cast.project, code="G1", order=1, actual=dt.date(2026, 1, 9), state="go")
    Gate.objects.create(
        project=cast.project, code="G3", order=3, baseline=dt.date(2027, 6, 1), forecast=dt.date(2027, 6, 30)
    )
    page = cast.client("paul").get("/").content.decode()
    assert "My projects" in page and "G3 30 Jun 27" in page and "+21" in page


def test_each_source_of_duties_gives_only_the_kind_it_is_registered_for(cast: Cast) -> None:
    Proposal.objects.create(key="PRP-2", name="Antrag", portfolio=cast.portfolio, currency="EUR", state="scored")
    for user in cast.users.values():
        for kind, source in DUTIES:
            assert {duty.kind for duty in source(user)} <= {kind}


def test_a_source_that_boards_do_not_ask_names_no_portfolio(cast: Cast) -> None:
    assert {source for _kind, source in DUTIES} >= OFF_BOARDS
    for source in OFF_BOARDS:
        assert "portfolio=" not in inspect.getsource(source), source.__qualname__
        assert all(duty.portfolio is None for user in cast.users.values() for duty in source(user))
