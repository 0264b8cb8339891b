"""Each figure on the page of a simulation is followed to the iterations of its seed: drawn again, counted and sorted by other means than the room's.

The plan is Design, then Build and Test beside each other, Monday to Friday from 11 January 2027 on: so finish, cost, probabilities and
criticality of an iteration follow by hand from the three durations that were drawn.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from stellwerk.controlling.models import CostType, SimulationRun
from stellwerk.controlling.services.simulation import asked_of, plans_of, simulated, start_run
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.tests.pages import Page, cells_of, cents, text_of
from stellwerk.controlling.tests.sheets import FEB, JAN, MAR, approved, booked, line
from stellwerk.controlling.tests.simulated import DAY, activity, estimate, small_plan
from stellwerk.core import formats
from stellwerk.core.jobs import run_pending
from stellwerk.portfolio.models import Project

START = np.datetime64("2027-01-11")
APPROVED = dt.date(2027, 2, 15)
LABOUR, MACHINE, LICENCES, RISKS, SPENT = 1_000_07, 5_000_01, 300_33, 400_04, 200_09
BUDGET = LABOUR + MACHINE + LICENCES
NAMES = ("Design", "Build", "Test")


@dataclass
class Drawn:
    """The iterations: working minutes of each activity; finish as a day, cost in cents."""

    minutes: dict[str, Any]
    finish: Any
    cost: Any

    @property
    def count(self) -> int:
        return len(self.cost)

    def kept(self, values: Any, share: int) -> Any:
        """The smallest value that this percentage of the iterations keeps."""
        return np.sort(values)[ceil(share * self.count / 100) - 1]


@pytest.fixture
def run(cast: Any) -> SimulationRun:
    small_plan(cast.project)
    labour = CostType.objects.create(key="CTY-1", name="Own people", name_en="Own people", labour=True)
    approved(
        cast, line(1, text="Design", wbs=activity("Design").wbs, cost_type=labour.pk, months={JAN: LABOUR}),
        line(2, text="Machine", wbs=activity("Build").wbs, months={FEB: MACHINE}), line(3, text="Licences", months={MAR: LICENCES}),
        line(4, text="Risks", reserve="contingency", months={MAR: RISKS}),
    )  # fmt: skip
    booked(cast, JAN, SPENT)
    estimate("Design", 8, 10, 15)
    estimate("Build", 8, 12, 20)
    estimate("Test", 6, 11, 22)
    Project.objects.filter(pk=cast.project.pk).update(finish_baseline=APPROVED)
    started = start_run(project=cast.project, asked=Asked(800, 7, 0.3, "project"), by=cast.paul)
    run_pending()
    started.refresh_from_db()
    assert started.state == "done"
    return started


@pytest.fixture
def drawn(run: SimulationRun) -> Drawn:
    """Drawn again with the run's own seed; everything else is added up here."""
    case, outcome = simulated(plans_of(project=run.project, by=None), asked=asked_of(run))
    rows = {int(pk): row for row, pk in enumerate(case.joint.pk.tolist())}
    minutes = {name: outcome.durations(rows[activity(name).pk]).astype(np.int64) for name in NAMES}
    work = minutes["Design"] + np.maximum(minutes["Build"], minutes["Test"])
    finish = np.busday_offset(START, -(-work // DAY) - 1)
    # Labour costs more the longer it takes: 1,000.07 for ten days, to the cent of each iteration.
    labour = np.floor(LABOUR * minutes["Design"] / (10 * DAY) + 0.5).astype(np.int64)
    return Drawn(minutes, finish, SPENT + labour + MACHINE + LICENCES)


def page_of(cast: Any, run: SimulationRun) -> Page:
    return Page(cast.client("paul"), reverse("controlling:simulation-run", args=[run.pk]))


def tile(page: Page, label: str) -> tuple[str, str, str, str]:
    """Value, count and note, exact amount and where it leads."""
    found = next(node for node in page.tree.xpath("//*[contains(@class, 'kpi') and div[@class='l']]") if text_of(node[0]) == label)  # fmt: skip
    return text_of(found[1]), " · ".join(map(text_of, found[2:])), found.get("title") or "", found.get("href") or ""


def percent(share: float) -> str:
    return " ".join(formats.percent(share, 0).split())


def test_the_percentiles_are_those_of_the_iterations(cast, run, drawn):
    page = page_of(cast, run)
    rows = page.table("Percentiles")
    assert [row[0] for row in rows] == [f"P{share}" for share in (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)]
    plan = np.busday_offset(START, 10 + 20 - 1)  # Design and Build as planned
    for name, finish, days, cost, over in rows:
        share = int(name[1:])
        day = drawn.kept(drawn.finish, share)
        assert finish == formats.day(day.item()), name
        assert int(days.replace("−", "-").replace("+", "")) == (day - plan).astype(int), name
        assert abs(cents(cost) - drawn.kept(drawn.cost, share)) <= 1, name
        assert cents(over) == cents(cost) - BUDGET - RISKS, name


def test_the_tiles_open_to_the_percentiles_and_to_their_counts(cast, run, drawn):
    page = page_of(cast, run)
    table = {row[0]: row for row in page.table("Percentiles")}
    value, note, _title, where = tile(page, "Finish: P80")
    assert (value, where) == (table["P80"][1], "#percentiles")
    assert page.tree.xpath("//*[@id='percentiles']//table[@aria-label='Percentiles' or ancestor::*[@aria-label='Percentiles']]")  # fmt: skip
    assert f"({table['P80'][2]} d)" in note
    _value, note, exact, where = tile(page, "Cost: P80")
    assert (cents(exact), where) == (cents(table["P80"][3]), "#percentiles")
    in_time = drawn.finish <= np.datetime64(APPROVED)
    within = drawn.cost <= BUDGET + RISKS
    told = (
        ("Approved finish is kept", in_time),
        ("Approved budget is kept", within),
        ("Date and budget together", in_time & within),
    )
    for label, kept in told:
        value, note, _exact, _where = tile(page, label)
        count = int(np.count_nonzero(kept))
        assert 0 < count < drawn.count, label
        assert note.startswith(f"{count} of {drawn.count} iterations"), (label, note)
        assert value == percent(count / drawn.count), label
    without = np.count_nonzero(drawn.cost <= BUDGET) / drawn.count
    assert f"{percent(without)} without reserve" in tile(page, "Approved budget is kept")[1]
    assert cents(tile(page, "Approved budget is kept")[2]) == BUDGET + RISKS
    spent = drawn.cost - np.floor(LABOUR * drawn.minutes["Design"] / (10 * DAY) + 0.5) - MACHINE - LICENCES
    assert set(spent.astype(int).tolist()) == {SPENT}


def test_the_answer_says_what_the_tiles_say(cast, run, drawn):
    page = page_of(cast, run)
    assert tile(page, "Finish: P80")[0] in page.answer
    assert page.answer.endswith(f"holds with {tile(page, 'Approved finish is kept')[0]}")


def test_criticality_cruciality_and_sensitivity_follow_from_the_durations_drawn(cast, run, drawn):
    page = page_of(cast, run)
    build, test = drawn.minutes["Build"], drawn.minutes["Test"]
    longest = {"Design": np.ones(drawn.count, bool), "Build": build >= test, "Test": test >= build}
    work = drawn.minutes["Design"] + np.maximum(build, test)
    rows = page.rows("What matters most")
    assert len(rows) == 3
    for row in rows:
        name = text_of(cells_of(row)[0])
        told = [float(text_of(cell.xpath(".//span[@class='num']")[0])) for cell in cells_of(row)[1:]]
        minutes = drawn.minutes[name]
        critical = np.count_nonzero(longest[name]) / drawn.count
        cruciality = abs(float(np.corrcoef(minutes, work)[0, 1]))
        sensitivity = critical * minutes.std(ddof=1) / work.std(ddof=1)
        assert told == [pytest.approx(value, abs=0.0051) for value in (critical, cruciality, sensitivity)], name
        assert row.xpath(".//th/a/@href") == [reverse("planning:activity-detail", args=[activity(name).pk])]


def test_the_charts_draw_the_iterations(cast, run, drawn):
    """Every iteration is in one bar; the curve says how many are finished, or cost no more, at each point."""
    told = run.told
    assert sum(told["finish"]["bars"]["counts"]) == sum(told["cost"]["bars"]["counts"]) == drawn.count
    for share in range(1, 101):
        assert told["finish"]["curve"][share] == drawn.kept(drawn.finish, share).item().isoformat()
        assert abs(told["cost"]["curve"][share] - drawn.kept(drawn.cost, share)) <= 1
    days = {day.item().isoformat() for day in np.unique(drawn.finish)}
    assert {day for day, _amount in told["joint"]["dots"]} <= days
