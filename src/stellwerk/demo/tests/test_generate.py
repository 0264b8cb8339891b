"""What the generator refuses, and the arithmetic of its story (the company that it makes: ``test_plans.py``, ``test_plans_made.py``)."""

import datetime as dt
import itertools
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from stellwerk.demo.company import Company, Size, data_dates
from stellwerk.demo.generate import generate
from stellwerk.demo.proposals import month_of_delivery
from stellwerk.demo.reports import _decision, weeks_ahead
from stellwerk.demo.story import inverse_s_curve, s_curve, working_days
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project

TODAY = dt.date(2026, 11, 23)
SMALL = Size(projects=12, people=40, seed=7)


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


def test_data_dates_are_fortnightly_fridays():
    days = data_dates(TODAY)
    assert days[-1] == dt.date(2026, 11, 20)
    assert {day.weekday() for day in days} == {4}
    assert {(b - a).days for a, b in itertools.pairwise(days)} == {14}


def test_what_is_due_today_is_not_published_yet():
    assert data_dates(dt.date(2026, 11, 27))[-1] == dt.date(2026, 11, 20)
    assert data_dates(dt.date(2026, 11, 28))[-1] == dt.date(2026, 11, 27)


def test_a_friday_that_is_a_holiday_moves_to_the_working_day_before():
    """New Year's Day and Good Friday are no data dates: the cycles of the house would plan another beside them."""
    for today, last in ((dt.date(2027, 1, 4), dt.date(2026, 12, 31)), (dt.date(2027, 3, 29), dt.date(2027, 3, 25))):
        days = data_dates(today)
        assert days[-1] == last and days[-2] == last - dt.timedelta(days=13)
    days = data_dates(dt.date(2027, 1, 11))
    assert days[-2:] == [dt.date(2026, 12, 24), dt.date(2027, 1, 8)]


def test_the_year_that_is_planned_is_the_next_one_from_the_middle_of_february():
    days = {
        dt.date(2026, 11, 27): 2027,
        dt.date(2026, 12, 31): 2027,
        dt.date(2027, 1, 1): 2027,
        dt.date(2027, 3, 1): 2028,
    }
    for day, year in days.items():
        assert Company.planned_year.fget(SimpleNamespace(today=day)) == year


def test_texts_of_reports_and_comments_name_days_that_are_still_to_come():
    """On any day the demo is loaded: an offer ends two weeks after the report, not on a day of last year."""
    with translation.override("de"):
        first, second = (_decision(0, day) for day in (dt.date(2026, 11, 20), dt.date(2026, 12, 25)))
        assert first["without_decision"] == "Das Angebot des Zweitlieferanten verfällt am 4. Dezember."
        assert second["without_decision"] == "Das Angebot des Zweitlieferanten verfällt am 8. Januar."
        assert "Termin im Januar" in second["recommendation"] and "2026" not in str(second)
        assert _decision(1, dt.date(2026, 12, 25))["without_decision"] == "Das Gerüst wird am 11. Januar abgebaut."
        assert month_of_delivery(dt.date(2026, 11, 20)) == "März"
        assert month_of_delivery(dt.date(2027, 3, 26)) == "Juli"
    assert weeks_ahead(dt.date(2026, 11, 20)) == {"shift": 50, "staffed": 2}
    assert weeks_ahead(dt.date(2026, 12, 11)) == {"shift": 53, "staffed": 5}


def test_the_s_curve_and_its_inverse_agree():
    assert [round(inverse_s_curve(s_curve(x / 10)), 6) for x in range(11)] == [x / 10 for x in range(11)]


def test_working_days_count_monday_to_friday():
    assert working_days(dt.date(2026, 11, 20), dt.date(2026, 11, 23)) == 1
    assert working_days(dt.date(2026, 11, 23), dt.date(2026, 11, 20)) == -1
    assert working_days(dt.date(2026, 11, 2), dt.date(2026, 11, 30)) == 20
