"""The demo company is deterministic, believable and of any size."""

import datetime as dt
import hashlib
import itertools
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from stellwerk.demo.cast import CAST
from stellwerk.demo.generate import Size, data_dates, generate
from stellwerk.demo.story import inverse_s_curve, s_curve, working_days
from stellwerk.people.models import Organisation, Person
from stellwerk.portfolio.models import Figure, Project, ProjectStatus

TODAY = dt.date(2026, 11, 23)
SMALL = Size(projects=12, people=40, seed=7)


def fingerprint() -> str:
    rows = [
        *Project.objects.order_by("key").values_list(
            "key", "name", "phase", "budget", "finish_forecast", "manager__key"
        ),
        *Figure.objects.order_by("project__key", "code", "date").values_list(
            "project__key", "code", "date", "light", "amount", "value", "day"
        ),
        *Person.objects.order_by("key").values_list("key", "first_name", "last_name"),
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_the_same_seed_gives_the_same_company(db, django_db_blocker):
    from django.db import transaction

    prints = []
    for _ in range(2):
        with transaction.atomic():
            generate(SMALL, today=TODAY)
            prints.append(fingerprint())
            transaction.set_rollback(True)
    assert prints[0] == prints[1]


def test_it_is_never_mixed_with_own_data(db):
    Organisation.objects.create(key="MINE", name="My company")
    with pytest.raises(ValueError, match="data already"):
        generate(SMALL, today=TODAY)
    with pytest.raises(CommandError):
        call_command("demo", "--no-serve", verbosity=0)
    assert not Project.objects.exists()


@pytest.mark.parametrize("size", [Size(projects=0), Size(people=3), Size(projects=9999)])
def test_an_impossible_size_is_refused(db, size):
    with pytest.raises(ValueError, match="possible"):
        generate(size, today=TODAY)


def test_the_company_is_believable(db):
    generate(Size(), today=TODAY)
    assert Project.objects.count() == 60
    assert Person.objects.count() == 200
    lights = Counter(Figure.objects.filter(code="light.overall", until=None).values_list("light", flat=True))
    assert 2 <= lights["red"] <= 12
    assert lights["amber"] >= 4
    assert lights["green"] > 30
    for project in Project.objects.all():
        assert project.manager_id != project.sponsor_id
        project.full_clean(exclude=["proposal"])
    assert ProjectStatus.objects.filter(date=TODAY - dt.timedelta(days=3)).count() < 60  # some have not reported


def test_money_adds_up_in_every_moment(db):
    generate(SMALL, today=TODAY)
    by = {}
    for project, code, date, amount in Figure.objects.filter(amount__isnull=False).values_list(
        "project", "code", "date", "amount"
    ):
        by.setdefault((project, date), {})[code] = amount
    for amounts in by.values():
        assert amounts["ac"] <= amounts["eac"]
        assert amounts["ac"] + amounts["commitment"] <= amounts["eac"]


def test_everybody_of_the_cast_has_an_account_without_password(db):
    company = generate(SMALL, today=TODAY)
    assert set(company.users) == {member.code for member in CAST}
    assert not any(user.has_usable_password() for user in company.users.values())


def test_data_dates_are_fortnightly_fridays():
    days = data_dates(TODAY)
    assert days[-1] == dt.date(2026, 11, 20)
    assert {day.weekday() for day in days} == {4}
    assert {(b - a).days for a, b in itertools.pairwise(days)} == {14}


def test_the_s_curve_and_its_inverse_agree():
    assert [round(inverse_s_curve(s_curve(x / 10)), 6) for x in range(11)] == [x / 10 for x in range(11)]


def test_working_days_count_monday_to_friday():
    assert working_days(dt.date(2026, 11, 20), dt.date(2026, 11, 23)) == 1
    assert working_days(dt.date(2026, 11, 23), dt.date(2026, 11, 20)) == -1
    assert working_days(dt.date(2026, 11, 2), dt.date(2026, 11, 30)) == 20
