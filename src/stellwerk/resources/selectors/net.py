"""Working time that projects may plan, by person and week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np

from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.resources.weeks import WEEK, monday

Net = dict[int, dict[dt.date, int]]
"""Minutes by person and Monday."""


def net_by_week(people: Iterable[int], first: dt.date, last: dt.date) -> Net:
    """Net minutes (less holidays, absences and what is not for projects) of the whole weeks that a period touches."""
    begin = monday(first)
    count = (monday(last) - begin).days // 7 + 1
    days = working_minutes(sorted(set(people)), begin, begin + WEEK * count - dt.timedelta(days=1))
    sums = days.net.reshape(len(days.people), count, 7).sum(axis=2, dtype=np.int64)
    return {
        person: {begin + WEEK * at: int(minutes) for at, minutes in enumerate(sums[row])}
        for row, person in enumerate(days.people)
    }
