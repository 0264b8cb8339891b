"""Many rows at once take a shorter way into the database: it stores what the usual way stores."""

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.core import bulk
from stellwerk.core.changesets import run
from stellwerk.core.models import ChangeItem
from stellwerk.planning.models import Activity, Plan

pytestmark = pytest.mark.django_db

START = dt.datetime(2027, 3, 1, 8)  # noqa: DTZ001 - plans know local time only
TOLD = {"kept": ["ä", {"x": None}, True, 1.5], "exact": {"work": ["1", '1.00001"']}}


def rows(plan, first):
    """As many rows as take the shorter way, each another one."""
    return [
        Activity(
            plan=plan, uid=first + number, position=number, level=1 + number % 3, name=f"Žeile {number} “\\n”", notes="a\nb\t'c'", wbs="",
            start=START + dt.timedelta(minutes=number, seconds=30) if number % 2 else None, deadline=START, elapsed=bool(number % 2),
            duration=number * 480 or None, percent=Decimal("12.5"), work=Decimal("8.1250") if number % 3 else None, units=Decimal(100),
            cost=number * 10**9, priority=number if number % 4 else None, told=TOLD if number % 2 else {}, critical=number % 5 == 0,
        )
        for number in range(bulk.MANY)
    ]  # fmt: skip


def stored(plan, first):
    columns = [
        one.attname for one in Activity._meta.concrete_fields if one.name not in ("id", "created_at", "updated_at")
    ]
    found = Activity.objects.filter(plan=plan, uid__gte=first, uid__lt=first + bulk.MANY).order_by("uid")
    return [row | {"uid": row["uid"] - first} for row in found.values(*columns)]


def test_every_column_is_stored_as_the_usual_way_stores_it(cast):
    plan = Plan.objects.create(project=cast.project, start=START)
    usual, short = rows(plan, 1000), rows(plan, 2000)
    Activity.objects.bulk_create(usual)
    made = bulk.create(short)
    assert stored(plan, 1000) == stored(plan, 2000)
    assert [row.uid for row in Activity.objects.filter(pk__in=[one.pk for one in made]).order_by("pk")] == [
        one.uid for one in made
    ]
    again = made[0]
    again.name = "Umbenannt"
    again.save()  # what was made is known to be stored
    after = Activity.objects.create(plan=plan, uid=9999, position=0, name="Danach")
    assert after.pk > max(one.pk for one in made)
    assert Activity.objects.get(pk=made[0].pk).name == "Umbenannt"
    assert made[0].created_at is not None


def test_what_was_made_is_kept_for_the_undo(cast):
    plan = Plan.objects.create(project=cast.project, start=START)
    found = run(kind="test", title="Viele", by=cast.petra, work=lambda recorder: recorder.create(rows(plan, 1)))
    kept = {item.entity_id: item.after for item in ChangeItem.objects.filter(change_set=found)}
    for row in Activity.objects.filter(plan=plan):
        assert kept[row.pk]["name"] == row.name
        assert kept[row.pk]["told"] == row.told
