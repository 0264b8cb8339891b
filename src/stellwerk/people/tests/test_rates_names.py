"""A rate is named by whom it is for and the day from which it counts, as the reader writes days."""

from __future__ import annotations

import datetime as dt

from django.utils import translation

from stellwerk.people.models import PersonRate
from stellwerk.testing import Cast


def test_the_day_in_the_name_of_a_rate_is_written_as_its_reader_writes_it(cast: Cast) -> None:
    rate = PersonRate(person=cast.people["tom"], valid_from=dt.date(2026, 1, 1))
    with translation.override("de"):
        assert str(rate).endswith(" 01.01.2026")
    with translation.override("en"):
        assert str(rate).endswith(" 1 Jan 2026")
