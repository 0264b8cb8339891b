"""Companies of other sizes: always the same for the same seed, and their plans always sound."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import transaction

from stellwerk.demo.company import Size
from stellwerk.demo.generate import generate
from stellwerk.demo.tests.soundness import the_plans_are_sound
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity, Baseline, Link, MilestoneForecast
from stellwerk.portfolio.models import Figure, Project
from stellwerk.trials import tries

TODAY = dt.date(2026, 11, 23)
AFTER_THE_PLANS = (
    "add_resources",
    "add_agency_story",
    "add_people_story",
    "add_time_sheets",
    "add_levelling",
    "add_money_budgets",
    "add_money_actuals",
    "add_money_risks",
    "add_money_figures",
    "proposals",
    "add_money_cases",
    "talk",
    "add_staffing",
    "reports",
)
"""What the generator tells once the plans are made: most of its time."""


def fingerprint() -> str:
    columns = (
        "plan__project__key",
        "uid",
        "wbs",
        "name",
        "start",
        "finish",
        "percent",
        "work",
        "responsible__key",
        "total_float",
        "constraint_date",
        "deadline",
    )
    rows = [
        *Project.objects.order_by("key").values_list("key", "name", "phase", "budget", "finish_forecast", "manager__key"),
        *Figure.objects.order_by("project__key", "code", "date").values_list("project__key", "code", "date", "light", "amount", "value", "day"),
        *Person.objects.order_by("key").values_list("key", "first_name", "last_name"),
        *Activity.objects.order_by("plan__project__key", "uid").values_list(*columns),
        *Link.objects.order_by("plan__project__key", "pk").values_list("predecessor__uid", "successor__uid", "type", "lag"),
        *Baseline.objects.order_by("plan__project__key", "number").values_list("number", "sha256"),
        *MilestoneForecast.objects.order_by("activity__plan__project__key", "activity__uid", "date").values_list("forecast"),
    ]  # fmt: skip
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def made(size: Size, today: dt.date) -> str:
    with transaction.atomic():
        generate(size, today=today)
        the_plans_are_sound()
        found = fingerprint()
        transaction.set_rollback(True)
    return found


def test_the_same_seed_gives_the_same_company(db: None) -> None:
    size = Size(projects=tries(12, 5), people=tries(40, 24), seed=7)
    assert made(size, TODAY) == made(size, TODAY)


@pytest.fixture
def plans_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for later in AFTER_THE_PLANS:
        monkeypatch.setattr(f"stellwerk.demo.generate.{later}", lambda company: None)


def test_another_day_gives_another_company_as_sound(db: None, plans_only: None) -> None:
    size = Size(projects=tries(12, 5), people=tries(40, 24), seed=7)
    assert made(size, dt.date(2027, 2, 10)) != made(size, TODAY)


@pytest.mark.parametrize("count", [12, 100])
def test_the_number_of_activities_can_be_chosen(db: None, plans_only: None, count: int) -> None:
    with transaction.atomic():
        company = generate(Size(projects=tries(8, 4), people=40, activities=count), today=TODAY)
        names = [project.pk for project in company.projects[1:]]  # the first is the picture's
        for project in names:
            found = Activity.objects.filter(summary=False, plan__project=project).count()
            assert found == count or (count == 12 and found < 30)  # the chains from gate to gate stay
        transaction.set_rollback(True)
