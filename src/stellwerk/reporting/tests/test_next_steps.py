"""After the first import My day leads on to the deck, the reporting dates and the colleagues; a house that reports is left alone."""

from __future__ import annotations

import datetime as dt

from stellwerk.core.models import Grant, Scope, User
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.reporting.models import Cycle
from stellwerk.reporting.next_steps import next_steps
from stellwerk.reporting.selectors import current_cycle
from stellwerk.testing import Cast


def newcomer() -> User:
    user = User.objects.create_user("nora@firma.example", "ein langes Kennwort", name="Nora Neu", language="en")
    for role in ("administrator", "pmo_lead"):
        Grant.objects.create(user=user, role=role, scope=Scope.ORGANISATION)
    return user


def addresses(user: User) -> list[str]:
    return [step["url"] for step in next_steps(user, current_cycle(user))]


def test_after_the_first_import_the_next_steps_are_named(db: None) -> None:
    user = newcomer()
    assert addresses(user) == []
    portfolio = Portfolio.objects.create(key="PORTFOLIO", name="Portfolio")
    Project.objects.create(key="PRJ-0001", name="Neue Website", portfolio=portfolio)
    assert addresses(user) == [
        "/reports/decks/",
        "/portfolio/",
        "/reports/cycles/plan",
        "/people/new",
        "/people/accounts/new",
    ]


def test_nobody_is_sent_where_they_may_not_go_and_a_house_that_reports_is_left_alone(cast: Cast) -> None:
    assert addresses(cast.tom) == []
    assert addresses(cast.petra)[:3] == ["/reports/decks/", "/portfolio/", "/reports/cycles/plan"]
    Cycle.objects.create(portfolio=cast.portfolio, number=1, data_date=dt.date(2026, 11, 20))
    assert addresses(cast.petra) == []
