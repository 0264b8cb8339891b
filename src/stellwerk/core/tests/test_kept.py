"""KeptQuery queries answer what the ORM answers, whatever their conditions hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count, F, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stellwerk.core.kept import KeptQuery, numbers
from stellwerk.core.models import Confidentiality, Grant, Notification, User
from stellwerk.core.permissions import visible
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

PROJECTS = KeptQuery(lambda which: Project.objects.filter(which).select_related("portfolio").order_by("key"))
KEYS: KeptQuery[Any] = KeptQuery(
    lambda which: Project.objects.filter(which).order_by("key").values_list("key", flat=True)
)


def plain(which: Q) -> list[str]:
    return list(Project.objects.filter(which).order_by("key").values_list("key", flat=True))


def conditions() -> list[Q]:
    first = Project.objects.order_by("key").first()
    assert first is not None
    return [
        Q(pk=first.pk),
        Q(pk=-1),
        Q(pk__in=[first.pk, -1]),
        Q(pk__in=[]),
        ~Q(pk__in=[]),
        Q(key=first.key),
        Q(key="\ue0000\ue001"),
        Q(name__icontains=first.name[:3]),
        Q(name__icontains="%"),
        Q(name__iexact=first.name.upper()),
        Q(name__iexact=f"{first.name[:1]}%"),  # no wildcard
        Q(priority=3),
        Q(priority="3"),
        Q(manager__user__pseudonym=str(User.objects.order_by("pk").values_list("pseudonym", flat=True)[0])),
        Q(finish_forecast="2026-12-24"),
        Q(pk__in=[first.pk, first.pk, -1, 10**12]),
        Q(priority__in=[1, 2, 70_000]),
        ~Q(pk__in=(first.pk,)) & Q(portfolio__in=[first.portfolio_id]),
        Q(priority=70_000) | Q(pk=first.pk),
        Q(archived_at=None),
        Q(archived_at__isnull=False),
        Q(finish_forecast__gt=dt.date(2026, 6, 1)),
        Q(finish_forecast__year=2026),
        Q(created_at__lte=timezone.now()) & ~Q(confidentiality=Confidentiality.STRICT),
        Q(created_at__gt=timezone.now() + dt.timedelta(days=1)),
        Q(Q(pk=first.pk) | Q(manager__user__in=[first.pk, 2]), portfolio__archived_at=None),
        Q(portfolio__in=numbers(Portfolio, Q(pk=first.portfolio_id) & ~Q(key="X"))),
        Q(budget__gt=F("pk")),
        Q(portfolio__in=Portfolio.objects.filter(pk=first.portfolio_id)),
        Q(portfolio=first.portfolio),
    ]


def test_a_kept_query_finds_what_the_orm_finds_the_first_time_and_again(cast: Cast) -> None:
    for which in conditions():
        for _again in range(3):
            assert KEYS.rows(which) == plain(which), which
            assert KEYS.count(which) == len(plain(which)), which
            assert [project.key for project in PROJECTS.rows(which)] == plain(which), which
            assert KEYS.first(which) == next(iter(plain(which)), None), which


def test_values_change_under_the_same_sql(cast: Cast) -> None:
    keys = list(Project.objects.order_by("key").values_list("pk", "key"))
    assert len(keys) > 1
    KEYS.rows(Q(pk=keys[0][0]))
    kept = len(vars(connections["default"])["kept_plans"])
    for number, key in keys:
        assert KEYS.rows(Q(pk=number)) == [key]
        assert [project.portfolio.pk for project in PROJECTS.rows(Q(pk=number))]
    assert len(vars(connections["default"])["kept_plans"]) <= kept + 1, "one shape is compiled once"


def test_a_number_that_a_small_column_cannot_hold_does_not_empty_the_query_for_others(cast: Cast) -> None:
    for number in (70_000, 1, 2, 3, 70_000):
        which = Q(priority=number)
        assert KEYS.rows(which) == plain(which)


def test_what_is_kept_stays_within_its_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stellwerk.core.kept.ROOM", 20_000)
    key = Project.objects.values_list("key", flat=True).order_by("key")[0]
    for number in range(200):
        which = Q(key=key, name__icontains="") & ~Q(name__icontains=f"{number} kept")  # a shape of its own each
        assert KEYS.rows(which) == plain(which)
    plans = vars(connections["default"])["kept_plans"]
    assert plans.letters <= 20_000 and len(plans) < 60
    assert plans.letters == sum(map(plans._length, plans.values()))


def test_no_answer_is_kept(cast: Cast) -> None:
    unread = KeptQuery(lambda which: Notification.objects.filter(which))
    user = User.objects.order_by("pk").first()
    assert user is not None
    mine = Q(user=user.pk, read_at__isnull=True)
    before = unread.count(mine)
    Notification.objects.create(user=user, kind="x", title="News", entity_id=0)
    assert unread.count(mine) == before + 1
    assert len(unread.rows(mine)) == before + 1
    Notification.objects.filter(user=user).delete()
    assert (unread.count(mine), unread.rows(mine), unread.first(mine)) == (0, [], None)


def test_annotated_and_grouped_rows_come_as_from_the_orm(cast: Cast) -> None:
    per_user: KeptQuery[Any] = KeptQuery(
        lambda which: Grant.objects.filter(which).values("user_id").annotate(number=Count("pk")).order_by("user_id")
    )
    wanted = list(Grant.objects.values("user_id").annotate(number=Count("pk")).order_by("user_id"))
    assert [row for one in wanted for row in per_user.rows(Q(user=one["user_id"]))] == wanted


def test_each_asks_the_database_once(cast: Cast) -> None:
    for _again in range(2):
        with CaptureQueriesContext(connection) as queries:
            KEYS.rows(Q(key="A"))
            KEYS.count(Q(key="A"))
        assert len(queries) == 2


def test_what_each_of_the_cast_sees_is_the_same_kept_and_asked_anew(cast: Cast) -> None:
    for user in User.objects.order_by("pk"):
        which = visible(user, Project)
        for _again in range(2):
            assert KEYS.rows(which) == plain(which), user.email
