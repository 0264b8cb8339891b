"""Absences: who enters them, what overlaps, and that nobody else learns why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit
from stellwerk.core.models import AuditEntry
from stellwerk.core.permissions import visible
from stellwerk.people import services
from stellwerk.people.models import Absence, Person
from stellwerk.people.services.working_time import overlapping
from stellwerk.testing import Cast

MAY = dt.date(2027, 5, 3)


def values(person: Person, first: int = 0, last: int = 4, **more: Any) -> dict[str, Any]:
    days = {"first": MAY + dt.timedelta(days=first), "last": MAY + dt.timedelta(days=last)}
    return {"person": person, "kind": "sick", "note": "Knie", **days, **more}


def test_a_person_and_the_line_manager_enter_absences_and_nobody_else(cast: Cast) -> None:
    tom = cast.people["tom"]
    services.enter_absence(values(tom), by=cast.tom)
    services.enter_absence(values(tom, 7, 11), by=cast.rita)
    for who in (cast.paul, cast.petra, cast.conny, cast.stefan, cast.ada, cast.uwe):
        with pytest.raises(NotAllowed):
            services.enter_absence(values(tom, 14, 18), by=who)
    with pytest.raises(NotAllowed):
        services.enter_absence(values(cast.people["olga"]), by=cast.rita)


def test_the_audit_trail_tells_days_but_never_why(cast: Cast) -> None:
    row = services.enter_absence(values(cast.people["tom"]), by=cast.tom)
    row = services.edit_absence(row, {"kind": "parental", "note": "Tochter"}, by=cast.tom, version=row.version)
    services.remove(row, by=cast.tom)
    entries = AuditEntry.objects.filter(entity_type="people.absence")
    assert [entry.verb for entry in entries.order_by("pk")] == ["create", "edit", "remove"]
    said = str([entry.changes for entry in entries])
    assert "2027-05-03" in said
    for secret in ("sick", "Knie", "parental", "Tochter"):
        assert secret not in said


@pytest.mark.parametrize(
    ("first", "last", "part", "allowed"),
    [(4, 6, 100, False), (5, 6, 100, True), (-3, -1, 100, True), (1, 2, 50, False), (-9, 20, 100, False)],
)
def test_an_overlap_is_refused_and_named(cast: Cast, first: int, last: int, part: int, allowed: bool) -> None:
    tom = cast.people["tom"]
    services.enter_absence(values(tom), by=cast.tom)
    new = values(tom, first, last, part=part)
    if allowed:
        services.enter_absence(new, by=cast.tom)
        return
    with pytest.raises(Invalid) as refusal:
        services.enter_absence(new, by=cast.tom)
    assert "2027" in refusal.value.errors["first"][0]
    assert Absence.objects.count() == 1


def test_two_half_days_share_a_day_and_a_third_does_not(cast: Cast) -> None:
    tom = cast.people["tom"]
    for _time in range(2):
        services.enter_absence(values(tom, 0, 0, part=50), by=cast.tom)
    with pytest.raises(Invalid):
        services.enter_absence(values(tom, 0, 0, part=1), by=cast.tom)


def test_an_absence_may_be_moved_over_itself_but_not_onto_another(cast: Cast) -> None:
    tom = cast.people["tom"]
    row = services.enter_absence(values(tom), by=cast.tom)
    services.enter_absence(values(tom, 10, 12), by=cast.tom)
    moved = services.edit_absence(row, {"last": MAY + dt.timedelta(days=9)}, by=cast.tom, version=row.version)
    with pytest.raises(Invalid):
        services.edit_absence(moved, {"last": MAY + dt.timedelta(days=10)}, by=cast.tom, version=moved.version)
    with pytest.raises(StaleEdit):
        services.edit_absence(moved, {"note": "x"}, by=cast.tom, version=row.version)


@pytest.mark.parametrize(
    "days",
    [(MAY, MAY - dt.timedelta(days=1)), (MAY, dt.date(2072, 5, 3)), (dt.date(27, 5, 3), dt.date(27, 5, 4))],
)
def test_days_that_nobody_means_are_refused(cast: Cast, days: tuple[dt.date, dt.date]) -> None:
    with pytest.raises(Invalid):
        services.enter_absence(
            values(cast.people["tom"]) | dict(zip(("first", "last"), days, strict=True)), by=cast.tom
        )


_DAY = st.integers(min_value=0, max_value=25)
_ROW = st.tuples(_DAY, _DAY, st.integers(min_value=1, max_value=100)).map(lambda r: (min(r[:2]), max(r[:2]), r[2]))


@given(st.lists(_ROW, max_size=5), _ROW)
def test_the_overlap_is_that_of_counting_day_by_day(
    rows: list[tuple[int, int, int]], new: tuple[int, int, int]
) -> None:
    def on(number: int) -> dt.date:
        return MAY + dt.timedelta(days=number)

    others = [Absence(first=on(first), last=on(last), part=part) for first, last, part in rows]
    full = [
        at
        for at in range(new[0], new[1] + 1)
        if new[2] + sum(part for first, last, part in rows if first <= at <= last) > 100
    ]
    expected = (on(full[0]), on(full[-1])) if full else None
    assert overlapping(others, on(new[0]), on(new[1]), new[2]) == expected


def test_erasing_a_person_blanks_why_they_were_away(cast: Cast) -> None:
    services.enter_absence(values(cast.people["tom"]), by=cast.tom)
    services.erase_person(cast.people["tom"], by=cast.petra, reason="Left the company")
    assert list(Absence.objects.values_list("kind", "note")) == [("other", "")]


def test_what_stands_about_a_strictly_confidential_person_is_hidden_with_them(cast: Cast) -> None:
    row = services.enter_absence(values(cast.people["tom"]), by=cast.tom)
    Person.objects.filter(pk=cast.people["tom"].pk).update(confidentiality="strict")
    assert not Absence.objects.filter(visible(cast.rita, Absence)).exists()
    with pytest.raises(NotAllowed):
        services.remove(Absence.objects.get(pk=row.pk), by=cast.rita)
