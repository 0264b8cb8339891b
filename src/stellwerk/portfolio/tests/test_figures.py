"""The table of figures: idempotent, in any order of dates, marked by source, read with few queries."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.core.models import AuditEntry, ChangeSet
from stellwerk.portfolio.models import Figure, Portfolio, Project, ProjectStatus
from stellwerk.portfolio.selectors.figures import (
    changes_between,
    figures_at,
    history,
    now_and_before,
    reporting_dates,
)
from stellwerk.portfolio.services.figures import (
    CONTENT,
    FigureRow,
    insert_figures,
    relink_figures,
    undo_figures,
    write_figures,
)
from stellwerk.testing import Cast

D1, D2, D3 = dt.date(2026, 10, 23), dt.date(2026, 11, 6), dt.date(2026, 11, 20)


def light(cast: Cast, code: str, day: dt.date, colour: str, **more: object) -> FigureRow:
    return FigureRow(cast.project.pk, f"light.{code}", day, light=colour, **{"source": "imported", **more})  # type: ignore[arg-type]


def chain(cast: Cast, code: str) -> list[tuple[dt.date, dt.date | None]]:
    return list(Figure.objects.filter(project=cast.project, code=code).order_by("date").values_list("date", "until"))


def test_the_same_figures_twice_change_nothing(cast: Cast) -> None:
    rows = [light(cast, "cost", D1, "red"), FigureRow(cast.project.pk, "cpi", D1, value=Decimal("0.93"))]
    first = write_figures(rows=rows, by=None)
    again = write_figures(rows=rows, by=None)
    assert first.created == 3  # the overall light is computed beside them
    assert (again.created, again.updated) == (0, 0)
    assert again.unchanged >= 2


def test_a_different_value_for_the_same_date_replaces_it(cast: Cast) -> None:
    write_figures(rows=[FigureRow(cast.project.pk, "cpi", D1, value=Decimal("0.93"))], by=None)
    result = write_figures(rows=[FigureRow(cast.project.pk, "cpi", D1, value=Decimal("0.95"))], by=None)
    assert (result.created, result.updated) == (0, 1)
    assert result.changed[0][1]["value"] == "0.93"
    assert history(cast.project, "cpi")[0].value == Decimal("0.95")


def test_dates_that_arrive_out_of_order_end_up_in_one_chain(cast: Cast) -> None:
    for day in (D2, D3, D1):
        write_figures(rows=[light(cast, "overall", day, "green")], by=None)
    assert chain(cast, "light.overall") == [(D1, D2), (D2, D3), (D3, None)]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 60), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_any_order_of_dates_gives_one_unbroken_chain(cast: Cast, days: list[int], seed: int) -> None:
    Figure.objects.all().delete()
    rows = [FigureRow(cast.project.pk, "bac", D1 + dt.timedelta(n), amount=n, currency="EUR") for n in days]
    random.Random(seed).shuffle(rows)
    for row in rows:
        write_figures(rows=[row], by=None)
    found = chain(cast, "bac")
    assert [until for _day, until in found] == [*(day for day, _until in found[1:]), None]
    assert len(found) == len(set(days))


def test_an_overall_light_is_computed_where_nobody_reported_one(cast: Cast) -> None:
    write_figures(rows=[light(cast, "schedule", D1, "amber"), light(cast, "cost", D1, "green")], by=None)
    overall = figures_at([cast.project.pk], ["light.overall"], D1)[cast.project.pk]["light.overall"]
    assert (overall.light, overall.source) == ("amber", "computed")


def test_a_reported_overall_light_stands_against_the_computed_rule(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green"), light(cast, "cost", D1, "red")], by=None)
    overall = figures_at([cast.project.pk], ["light.overall"], D1)[cast.project.pk]["light.overall"]
    assert (overall.light, overall.source) == ("green", "imported")


def test_a_reported_overall_light_replaces_the_computed_one_of_the_same_day_in_any_order(cast: Cast) -> None:
    write_figures(rows=[light(cast, "cost", D1, "red")], by=None)
    write_figures(rows=[light(cast, "overall", D1, "green")], by=None)
    write_figures(rows=[light(cast, "cost", D1, "amber")], by=None)
    assert [(value.light, value.source) for value in history(cast.project, "light.overall")] == [("green", "imported")]


def test_one_computed_dimension_does_not_replace_a_fresh_reported_overall_light(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "red")], by=None)
    write_figures(rows=[light(cast, "cost", D1 + dt.timedelta(2), "green", source="computed")], by=None)
    assert [value.light for value in history(cast.project, "light.overall")] == ["red"]
    write_figures(rows=[light(cast, "cost", D2, "green"), light(cast, "scope", D2, "green")], by=None)
    assert [value.light for value in history(cast.project, "light.overall")] == ["red", "green"]


def test_an_earlier_dimension_that_arrives_late_changes_the_computed_overall_light_after_it(cast: Cast) -> None:
    write_figures(rows=[light(cast, "quality", D2, "green")], by=None)
    write_figures(rows=[light(cast, "cost", D2 - dt.timedelta(1), "red")], by=None)
    assert [value.light for value in history(cast.project, "light.overall")] == ["red", "red"]


def test_a_dimension_older_than_one_cycle_counts_as_grey_and_not_with_its_old_colour(cast: Cast) -> None:
    write_figures(rows=[light(cast, "cost", D1, "red"), light(cast, "quality", D3, "green")], by=None)
    assert history(cast.project, "light.overall")[-1].light == "green"


def test_a_computed_light_replaces_a_reported_one_of_the_same_day_and_keeps_what_was_reported(cast: Cast) -> None:
    write_figures(rows=[light(cast, "cost", D1, "green")], by=None)
    write_figures(rows=[light(cast, "cost", D1, "red", source="computed")], by=None)
    value = history(cast.project, "light.cost")[0]
    assert (value.light, value.source, value.reported) == ("red", "computed", "green")
    write_figures(rows=[light(cast, "cost", D1, "amber")], by=None)
    value = history(cast.project, "light.cost")[0]
    assert (value.light, value.source, value.reported) == ("red", "computed", "amber")


def test_an_override_stays_and_shows_the_computed_colour_beside_it(cast: Cast) -> None:
    write_figures(rows=[light(cast, "cost", D1, "amber", source="computed")], by=None)
    write_figures(rows=[light(cast, "cost", D1, "red", source="overridden")], by=None)
    write_figures(rows=[light(cast, "cost", D1, "green", source="computed")], by=None)
    value = history(cast.project, "light.cost")[0]
    assert (value.light, value.source, value.text) == ("red", "overridden", "green")


def test_five_point_lights_keep_their_reported_word(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "amber", half_step=True, reported="Amber/Red")], by=None)
    value = history(cast.project, "light.overall")[0]
    assert value.severity == 3
    assert value.reported == "Amber/Red"


def test_an_unknown_code_or_colour_is_refused_and_nothing_is_written(cast: Cast) -> None:
    good = FigureRow(cast.project.pk, "cpi", D1, value=Decimal(1))
    with pytest.raises(ValueError, match="moon"):
        write_figures(rows=[good, FigureRow(cast.project.pk, "moon", D1)], by=None)
    with pytest.raises(ValueError, match="blue"):
        write_figures(rows=[good, light(cast, "cost", D1, "blue")], by=None)
    assert not Figure.objects.exists()


def test_what_a_change_set_wrote_can_be_taken_back(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green"), light(cast, "overall", D3, "red")], by=None)
    before = list(Figure.objects.order_by("pk").values("pk", "date", "until", "light"))
    change_set = ChangeSet.objects.create(kind="import", title="edition", created_by=cast.petra)
    write_figures(
        rows=[light(cast, "overall", D1, "amber"), light(cast, "overall", D2, "red")],
        by=cast.petra,
        change_set=change_set,
    )
    assert undo_figures(change_set=change_set) == 2
    assert list(Figure.objects.order_by("pk").values("pk", "date", "until", "light")) == before


def test_an_undo_leaves_a_figure_that_somebody_replaced_since(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green")], by=None)
    change_set = ChangeSet.objects.create(kind="import", title="edition", created_by=cast.petra)
    write_figures(rows=[light(cast, "overall", D1, "amber")], by=cast.petra, change_set=change_set)
    write_figures(rows=[light(cast, "overall", D1, "red")], by=None)
    undo_figures(change_set=change_set)
    assert history(cast.project, "light.overall")[0].light == "red"


def test_figures_written_by_a_person_leave_an_audit_entry(cast: Cast) -> None:
    write_figures(rows=[FigureRow(cast.project.pk, "cpi", D1, value=Decimal(1))], by=cast.petra)
    assert AuditEntry.objects.filter(verb="figures", entity_id=cast.project.pk, actor=cast.petra).count() == 1


def test_a_broken_chain_is_repaired(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", day, "green") for day in (D1, D2, D3)], by=None)
    Figure.objects.filter(date=D2).delete()
    assert relink_figures(projects=[cast.project.pk]) == 1
    assert chain(cast, "light.overall") == [(D1, D3), (D3, None)]


def test_figures_are_read_as_they_stood_on_a_day(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green"), light(cast, "overall", D3, "red")], by=None)
    number = cast.project.pk
    assert figures_at([number], None, D1 - dt.timedelta(1)) == {}
    assert figures_at([number], None, D2)[number]["light.overall"].light == "green"
    assert figures_at([number], None, D3)[number]["light.overall"].light == "red"
    assert figures_at(Project.objects.filter(pk=number), ["light.overall"])[number]["light.overall"].light == "red"


def test_a_light_turns_grey_after_one_cycle(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green")], by=None)
    value = figures_at([cast.project.pk])[cast.project.pk]["light.overall"]
    assert value.shown(D2, 14) == "green"
    assert value.shown(D2 + dt.timedelta(1), 14) == "grey"


def test_changes_show_what_moved_worst_first_and_nothing_else(cast: Cast) -> None:
    other = cast.other_project.pk
    write_figures(
        rows=[
            light(cast, "overall", D1, "amber"), light(cast, "overall", D2, "red"),
            FigureRow(other, "light.overall", D1, light="red", source="imported"),
            FigureRow(other, "light.overall", D2, light="green", source="imported"),
            FigureRow(other, "bac", D1, amount=100, currency="EUR"), FigureRow(other, "bac", D2, amount=100, currency="EUR"),
            FigureRow(other, "eac", D1, amount=100, currency="EUR"), FigureRow(other, "eac", D2, amount=130, currency="EUR"),
            FigureRow(other, "finish.forecast", D2, day=D3),
        ],
        by=None,
    )  # fmt: skip
    codes = ["light.overall", "bac", "eac", "finish.forecast"]
    changes = changes_between(cast.portfolio, D1, D2, codes)
    assert [(c.code, c.before.light if c.before else None, c.after.light) for c in changes[:1]] == [
        ("light.overall", "amber", "red")
    ]
    assert {(c.project_id, c.code) for c in changes} == {
        (cast.project.pk, "light.overall"), (other, "light.overall"), (other, "eac"), (other, "finish.forecast"),
    }  # fmt: skip
    assert changes[-1].worsening == -4  # from red (4) to green (0) on the five-point scale


def test_figures_before_are_those_of_the_previous_report_of_each_portfolio(cast: Cast) -> None:
    second = Portfolio.objects.create(key="SECOND", name="Second")
    Project.objects.filter(pk=cast.other_project.pk).update(portfolio=second)
    owners = {cast.project.pk: cast.portfolio.pk, cast.other_project.pk: second.pk}
    for number in owners:
        for day, colour in ((D1, "green"), (D2, "amber"), (D3, "red")):
            write_figures(rows=[FigureRow(number, "light.overall", day, light=colour, source="imported")], by=None)
    for first, other in ((D1, D1), (D1, D2), (D2, None), (None, D1), (None, None)):
        days = {cast.portfolio.pk: first, second.pk: other}
        now, before = now_and_before(list(owners), ["light.overall"], D3, days, owners)
        assert now == figures_at(list(owners), ["light.overall"], D3)
        expected = {}
        for number, owner in owners.items():
            expected |= figures_at([number], ["light.overall"], days[owner]) if days[owner] else {}
        assert before == expected


def test_reporting_dates_come_from_dated_statuses_else_from_overall_lights(cast: Cast) -> None:
    write_figures(rows=[light(cast, "overall", D1, "green")], by=None)
    assert reporting_dates(cast.portfolio) == [D1]
    ProjectStatus.objects.create(project=cast.project, date=D2)
    ProjectStatus.objects.create(project=cast.project, date=D3)
    assert reporting_dates(cast.portfolio) == [D3, D2]
    assert reporting_dates(None) == [D3, D2]


@pytest.mark.parametrize("count", [3, 200])
def test_reading_takes_the_same_few_queries_for_any_number_of_projects(cast: Cast, count: int) -> None:
    projects = [Project(key=f"X-{n}", name=f"Project {n}", portfolio=cast.portfolio) for n in range(count)]
    Project.objects.bulk_create(projects)
    numbers = list(Project.objects.filter(key__startswith="X-").values_list("pk", flat=True))
    rows = [FigureRow(n, code, day, light="red" if n % 2 else "green", source="imported")
            for n in numbers for code in ("light.cost", "light.overall") for day in (D1, D2)]  # fmt: skip
    write_figures(rows=rows, by=None)
    with CaptureQueriesContext(connection) as queries:
        assert len(figures_at(Project.objects.filter(key__startswith="X-"), None, D2)) == count
        before = {cast.portfolio.pk: D1}
        assert all(now_and_before(numbers, ["light.cost"], D2, before, dict.fromkeys(numbers, cast.portfolio.pk)))
        assert changes_between(cast.portfolio, D1, D2) == []
    assert len(queries) == 3


def rows_of(cast: Cast, codes: list[str]) -> list[FigureRow]:
    """Figures of a project at three dates, out of order."""
    rows = []
    for position, day in enumerate((D2, D1, D3)):
        for code in codes:
            if code.startswith("light."):
                colour = ("red", "amber", "green")[position]
                rows.append(
                    FigureRow(cast.project.pk, code, day, light=colour, reported=f"told {position}", source="imported")
                )
            else:
                rows.append(
                    FigureRow(
                        cast.project.pk,
                        code,
                        day,
                        amount=100 + position,
                        currency="EUR",
                        source="imported",
                        source_label="list",
                    )
                )
    return rows


@pytest.mark.parametrize("codes", [["light.overall", "budget", "eac"], ["light.cost", "light.scope", "ac"], []])
def test_figures_inserted_for_new_projects_are_those_that_are_written_one_by_one(cast: Cast, codes: list[str]) -> None:
    names = [*CONTENT, "project_id", "code", "date", "until"]
    write_figures(rows=rows_of(cast, codes), by=None)
    written = sorted(Figure.objects.values_list(*names), key=str)
    Figure.objects.all().delete()
    count = insert_figures(rows=rows_of(cast, codes))
    assert sorted(Figure.objects.values_list(*names), key=str) == written
    assert count == len(written)


def test_inserting_an_unknown_figure_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="no room has registered"):
        insert_figures(rows=[FigureRow(cast.project.pk, "nonsense", D1, amount=1)])
    with pytest.raises(ValueError, match="is not a light"):
        insert_figures(rows=[FigureRow(cast.project.pk, "light.overall", D1, light="blue")])
