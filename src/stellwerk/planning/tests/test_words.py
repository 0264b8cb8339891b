"""Reasons, lags and the history of rows as planners read them: days of the calendar, not minutes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from stellwerk.core.history import entries_of, lines
from stellwerk.planning.models import Activity, Link, Plan, WorkingCalendar
from stellwerk.planning.selectors.words import lag_text
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast


@pytest.mark.parametrize(
    ("lag", "elapsed", "day", "english", "german"),
    [
        (960, False, 480, "lag +2 WD", "Abstand +2 AT"),
        (960, False, 960, "lag +1 WD", "Abstand +1 AT"),
        (-480, False, 480, "lag −1 WD", "Abstand −1 AT"),
        (240, False, 480, "lag +4 h", "Abstand +4 h"),
        (90, False, 480, "lag +1.5 h", "Abstand +1,5 h"),
        (2880, True, 480, "lag +2 d elapsed", "Abstand +2 Tage fortlaufend"),
        (720, True, 480, "lag +12 h elapsed", "Abstand +12 h fortlaufend"),
    ],
)
def test_a_lag_is_told_in_days_of_the_calendar_where_they_are_whole(lag: int, elapsed: bool, day: int, english: str, german: str) -> None:  # fmt: skip
    link = Link(lag=lag, lag_elapsed=elapsed)
    for language, text in (("en", english), ("de", german)):
        with translation.override(language):
            assert lag_text(link, day).replace("\xa0", " ") == text


@pytest.mark.django_db
def test_pages_and_previews_count_the_days_of_the_successor(cast: Cast) -> None:
    """Ten hours a day for the successor: a lag of 20 hours is two days."""
    long = WorkingCalendar.objects.create(key="LONG", name="Ten hours", week=[[[420, 1020]]] * 5 + [[], []])
    plan = create_plan(project=cast.project, by=None, start=dt.date(2027, 3, 1))
    edit_plan(plan=plan, by=cast.petra, operations=[
        {"op": "add", "ref": "a", "values": {"name": "Pour", "days": 2}},
        {"op": "add", "ref": "b", "after": "a", "values": {"name": "Strip", "days": 1, "calendar": long.pk}},
        {"op": "link", "from": "a", "to": "b", "type": "FS", "days": 2},
    ])  # fmt: skip
    plan = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
    link = Link.objects.get()
    assert link.lag == 1200
    for name in ("Pour", "Strip"):
        row = Activity.objects.get(name=name)
        page = cast.client("paul").get(reverse("planning:activity-detail", args=[row.pk])).content.decode()
        assert "lag +2 WD" in page.replace("&nbsp;", " ").replace("\xa0", " "), name
    first = Activity.objects.get(name="Pour")
    edited = edit_plan(plan=plan, by=cast.petra, preview=True, operations=[{"op": "set", "row": first.pk, "values": {"days": 3}}])  # fmt: skip
    assert any("lag +2 WD" in move.why.replace("\xa0", " ") for move in edited.effect.moves)


@pytest.mark.django_db
def test_the_history_tells_durations_in_hours_and_dates_as_dates(cast: Cast) -> None:
    plan = create_plan(project=cast.project, by=None, start=dt.date(2027, 3, 1))
    edit_plan(plan=plan, by=cast.petra, operations=[{"op": "add", "ref": "a", "values": {"name": "Pour", "days": 2}}])
    row = Activity.objects.get()
    values = {"days": 3, "deadline": "2027-03-05T17:00", "cost": 1200}
    plan = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
    edit_plan(plan=plan, by=cast.petra, operations=[{"op": "set", "row": row.pk, "values": values}])
    with translation.override("en"):
        told = {c.label: (c.old, c.new) for c in lines(entries_of(row), cast.petra, row)[0].changes}
    plain = {name: tuple(text.replace("\xa0", " ") for text in pair) for name, pair in told.items()}
    assert plain["Duration"] == ("16 h", "24 h")
    assert plain["Deadline"][0] == "–"
    assert "2027" in plain["Deadline"][1]
    assert plain["Deadline"][1].endswith("17:00")
    assert "T17" not in plain["Deadline"][1]
    assert plain["Planned cost"] == ("–", "1,200 €")
