"""The board's fast reading against a slow one: every figure in memory, in force by its date alone, added in loops.

The slow reading shares no query and no sum with the board; it knows neither ``until`` nor an index.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from stellwerk.demo.company import Company
from stellwerk.portfolio.models import Figure, Portfolio, Project
from stellwerk.portfolio.selectors import board as reading
from stellwerk.portfolio.selectors.board import Board, Question, read_board
from stellwerk.portfolio.services.figures import FigureRow, write_figures

TODAY = dt.date(2026, 11, 23)
DAYS = (None, dt.date(2026, 10, 29), dt.date(2026, 7, 31), dt.date(2027, 2, 1))
LIGHTS = ("overall", "schedule", "cost", "scope", "quality", "resources", "risk")
STEPS = {"green": 0, "amber": 2, "red": 4}


@pytest.fixture(scope="module")
def slow(company: Company, django_db_blocker: Any) -> Iterator[Slow]:
    """Two portfolios of different cycle and last report, a second currency, a figure written for the future."""
    with django_db_blocker.unblock(), transaction.atomic():
        second = Portfolio.objects.create(key="ZWEI", name="Second", cycle_days=28)
        moved = list(Project.objects.order_by("key")[::4])
        Project.objects.filter(pk__in=[project.pk for project in moved]).update(portfolio=second)
        for project in moved:
            project.statuses.filter(date__gt=dt.date(2026, 10, 25)).delete()
        Figure.objects.filter(project=moved[0]).exclude(currency="").update(currency="CHF")
        write_figures(rows=[FigureRow(moved[1].pk, "eac", dt.date(2027, 1, 8), amount=1, currency="EUR")], by=None)
        over = Project.objects.filter(portfolio=second).order_by("-key").values_list("pk", flat=True)[:2]
        Project.objects.filter(pk__in=list(over)).update(phase="closed")
        yield Slow()
        transaction.set_rollback(True)


class Slow:
    """All figures by project and code, in the order of their dates."""

    def __init__(self) -> None:
        self.chains: dict[int, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
        for figure in Figure.objects.order_by("date"):
            self.chains[figure.project_id][figure.code].append(figure)

    def at(self, project: int, code: str, day: dt.date | None) -> Figure | None:
        past = [figure for figure in self.chains[project][code] if day is not None and figure.date <= day]
        return past[-1] if past else None

    def light(self, project: Project, code: str, day: dt.date) -> str:
        figure = self.at(project.pk, code, day)
        fresh = figure is not None and (day - figure.date).days <= project.portfolio.cycle_days
        return figure.light if figure is not None and fresh else "grey"

    def amounts(self, project: int, day: dt.date) -> dict[str, tuple[int, str]]:
        found = {code: self.at(project, code, day) for code in ("budget", "bac", "ac", "commitment", "eac")}
        return {code: (f.amount, f.currency) for code, f in found.items() if f is not None and f.amount is not None}


@pytest.fixture(params=[0, 1000], ids=["by query", "by numbers"])
def scope(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large board asks for its projects by query, a small one by their numbers."""
    monkeypatch.setattr(reading, "FEW", request.param)


def asked(on: dt.date | None, key: str, **more: Any) -> tuple[Board, dict[int, Project]]:
    portfolio = Portfolio.objects.get(key=key) if key else None
    projects = Project.objects.filter(archived_at=None).select_related("portfolio", "programme")
    if portfolio is not None:
        projects = projects.filter(portfolio=portfolio)
    board = read_board(Question(projects=projects, portfolio=portfolio, on=on, today=TODAY, **more), None)
    return board, {project.pk: project for project in projects}


def previous_days(projects: dict[int, Project], on: dt.date) -> dict[int, dt.date | None]:
    """The last but one dated status of each portfolio up to the day."""
    found: dict[int, set[dt.date]] = defaultdict(set)
    for portfolio in {project.portfolio for project in projects.values()}:
        for project in portfolio.projects.all():
            found[portfolio.pk] |= set(project.statuses.filter(date__lte=on).values_list("date", flat=True))
    return {number: sorted(days)[-2] if len(days) > 1 else None for number, days in found.items()}


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scope")]
everywhere = pytest.mark.parametrize("key", ["", "NORDLICHT", "ZWEI"])
always = pytest.mark.parametrize("on", DAYS, ids=str)


@always
@everywhere
def test_lights_and_their_counts_are_those_of_the_day_and_of_the_report_before(
    slow: Slow, on: dt.date | None, key: str
) -> None:
    board, projects = asked(on, key)
    before = previous_days(projects, board.on)
    counts: Counter[str] = Counter()
    for row in board.rows:
        project = projects[row.id]
        held = project.phase == "on_hold"
        assert row.light == ("grey" if held else slow.light(project, "light.overall", board.on))
        day = before.get(project.portfolio_id)
        figure = slow.at(row.id, "light.overall", day)
        assert row.before_light == (slow.light(project, "light.overall", day) if day and figure else "")
        counts[row.light] += 1
    assert board.rows
    assert board.counts == counts
    over = {n for n, p in projects.items() if p.phase in {"closed", "stopped"}}
    dropped = set(projects) - {row.id for row in board.rows}
    assert dropped == {n for n in over if slow.light(projects[n], "light.overall", board.on) == "grey"}


@always
@everywhere
def test_cells_show_the_figures_of_the_day_and_of_the_report_before(slow: Slow, on: dt.date | None, key: str) -> None:
    board, projects = asked(on, key)
    before = previous_days(projects, board.on)
    codes = [*(f"light.{name}" for name in LIGHTS[1:]), "eac", "bac", "budget", "spi_t", "cpi"]
    for row in board.shown:
        for found, day in (
            (board.details, board.on),
            (board.details_before, before.get(projects[row.id].portfolio_id)),
        ):
            wanted = {code: slow.at(row.id, code, day) for code in codes}
            cells = found.get(row.id, {})
            assert {code: cell.id for code, cell in cells.items()} == {c: f.pk for c, f in wanted.items() if f}
            for code, cell in cells.items():
                figure = wanted[code]
                assert figure is not None
                names = ("light", "half_step", "reported", "amount", "currency", "value", "source", "date")
                assert all(getattr(cell, name) == getattr(figure, name) for name in names)


def money_of(slow: Slow, projects: list[Project], day: dt.date, currency: str) -> dict[str, list[int]]:
    """Budget, actual, commitment, rest, comparable forecast and budget, projects, comparable projects by programme."""
    groups: dict[str, list[int]] = defaultdict(lambda: [0] * 8)
    for project in projects:
        amounts = slow.amounts(project.pk, day)
        if project.budget is not None:
            amounts.setdefault("budget", (project.budget, project.currency))
        mine = {code: amount for code, (amount, unit) in amounts.items() if unit == currency}
        if not mine:
            continue
        budget, eac = mine.get("bac", mine.get("budget")), mine.get("eac")
        actual, commitment = mine.get("ac", 0), mine.get("commitment", 0)
        parts = [budget or 0, actual, commitment, max(0, (eac or 0) - actual - commitment), 0, 0, 1, 0]
        if budget is not None and eac is not None:
            parts[4], parts[5], parts[7] = eac, budget, 1
        name = project.programme.key if project.programme else ""
        groups[name] = [a + b for a, b in zip(groups[name], parts, strict=True)]
    return groups


def total(groups: dict[str, list[int]]) -> list[int]:
    return [sum(column) for column in zip(*groups.values(), strict=True)]


@always
@everywhere
@pytest.mark.parametrize("colours", [(), ("red", "amber")], ids=["all", "filtered"])
def test_money_is_the_sum_of_its_projects(slow: Slow, on: dt.date | None, key: str, colours: tuple[str, ...]) -> None:
    board, projects = asked(on, key, lights=frozenset(colours))
    if not board.rows:
        assert board.money is None
        return
    assert board.money is not None
    mine = [projects[row.id] for row in board.rows]
    groups = money_of(slow, mine, board.on, board.money.currency)
    assert {key: list(money) for key, _name, money in board.money.groups} == dict(groups)
    assert list(board.money.total) == total(groups)
    if board.previous is None:
        assert board.money.before is None
    else:
        earlier = total(money_of(slow, mine, board.previous, board.money.currency))
        assert board.money.before is not None
        assert [board.money.before.eac, board.money.before.compared] == earlier[4:6]


@always
@everywhere
def test_what_changed_is_what_differs_between_the_two_days(slow: Slow, on: dt.date | None, key: str) -> None:
    board, projects = asked(on, key)
    found = {(row.id, change.code) for row, changes in board.changes for change in changes}
    wanted = set()
    worsening: Counter[int] = Counter()
    for row in board.rows if board.previous else []:
        for code in (f"light.{name}" for name in LIGHTS):
            now, then_ = slow.at(row.id, code, board.on), slow.at(row.id, code, board.previous)
            if now is None or then_ is None or (now.light, now.text) == (then_.light, then_.text):
                continue
            if (board.previous - then_.date).days <= projects[row.id].portfolio.cycle_days:
                wanted.add((row.id, code))
                step = STEPS[now.light] - STEPS[then_.light] if {now.light, then_.light} <= set(STEPS) else 0
                worsening[row.id] += step * (3 if code == "light.overall" else 1)
    assert found == wanted
    assert {row.id: row.worsening for row in board.rows if row.worsening} == {n: w for n, w in worsening.items() if w}


@always
@everywhere
def test_the_course_counts_the_lights_of_each_report(slow: Slow, on: dt.date | None, key: str) -> None:
    board, projects = asked(on, key)
    assert len(board.history) == min(6, sum(1 for day in board.dates if day <= board.on))
    for day, counts in board.history:
        shown = [projects[row.id] for row in board.rows if slow.at(row.id, "light.overall", day)]
        assert +counts == Counter(slow.light(project, "light.overall", day) for project in shown)


@always
@everywhere
def test_bubbles_stand_where_value_and_risk_are(slow: Slow, on: dt.date | None, key: str) -> None:
    board, _projects = asked(on, key)
    wanted = {}
    for row in board.rows:
        value, risk = slow.at(row.id, "value", board.on), slow.at(row.id, "risk", board.on)
        eac = slow.at(row.id, "eac", board.on)
        size = eac.amount if eac is not None and eac.amount is not None else row.budget or 0
        if value is not None and risk is not None:
            wanted[row.id] = (float(value.value or 0), float(risk.value or 0), float(size))
    found = {bubble.row.id: (bubble.value, bubble.risk, bubble.size) for bubble in board.bubbles}
    assert found == (wanted if len(wanted) >= 3 else {})
