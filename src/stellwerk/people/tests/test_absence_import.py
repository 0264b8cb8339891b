"""Absences from calendars and tables: read, planned, written, taken back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from stellwerk.core.errors import Refused
from stellwerk.people.absence_files import MOST_ROWS, Reading, read_calendar, read_table
from stellwerk.people.models import Absence
from stellwerk.people.services.absence_import import CHANGED, NEW, SAME, apply_import, plan_import, undo_import
from stellwerk.testing import Cast

BERLIN = ZoneInfo("Europe/Berlin")


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{body}END:VCALENDAR\r\n".encode()


def days(first: str, end: str, *more: str) -> str:
    return "\r\n".join([f"DTSTART;VALUE=DATE:{first}", f"DTEND;VALUE=DATE:{end}", *more])


def test_the_end_of_whole_days_is_the_day_after() -> None:
    [row] = read_calendar(ics(days("20270503", "20270508", "UID:a", "SUMMARY:Urlaub Gardasee")), BERLIN).rows
    assert (row.first, row.last, row.part) == (dt.date(2027, 5, 3), dt.date(2027, 5, 7), 100)
    assert (row.kind, row.uid, row.note) == ("vacation", "a", "")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("20270503T080000", "20270503T120000", ("2027-05-03", "2027-05-03", 50)),
        ("20270503T080000", "20270503T170000", ("2027-05-03", "2027-05-03", 100)),
        ("20270503T220000Z", "20270504T220000Z", ("2027-05-04", "2027-05-04", 100)),  # midnight to midnight in Berlin
        ("20270503T120000", "20270505T120000", ("2027-05-03", "2027-05-05", 100)),
    ],
)
def test_times_count_where_the_person_works(start: str, end: str, expected: tuple[str, str, int]) -> None:
    [row] = read_calendar(ics(f"DTSTART:{start}\r\nDTEND:{end}"), BERLIN).rows
    assert (row.first.isoformat(), row.last.isoformat(), row.part) == expected


@pytest.mark.parametrize(
    "more",
    ["STATUS:CANCELLED", "RRULE:FREQ=WEEKLY", "TRANSP:TRANSPARENT"],
)
def test_what_is_no_absence_is_skipped_and_told(more: str) -> None:
    found = read_calendar(ics(days("20270503", "20270504", more)), BERLIN)
    assert not found.rows and len(found.skipped) == 1 and "2027" in found.skipped[0].where


def test_an_entry_of_an_hour_or_without_days_is_told() -> None:
    found = read_calendar(ics("DTSTART:20270503T080000\r\nDTEND:20270503T090000", "SUMMARY:x", "DTSTART:never"), BERLIN)
    assert not found.rows and len(found.skipped) == 3


@pytest.mark.parametrize("content", [b"", b"   ", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\x00\xff\xfe"])
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_calendar(content, BERLIN)


def test_too_much_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        read_calendar(ics(*["DTSTART;VALUE=DATE:20270503"] * (MOST_ROWS + 1)), BERLIN)
    assert refusal.value.code == "too_large"
    with pytest.raises(Refused):
        read_calendar(b" " * 10 + b"x" * 5_000_001, BERLIN)


_TOKENS = st.sampled_from(
    ["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "DTSTART:20270503", "DTSTART;VALUE=DATE:20270503",
     "DTEND;TZID=Nowhere/Else:20270504T000000", "DTEND:99999999", "DURATION:P1D", "DURATION:-P9999W", "RRULE:FREQ=X", "UID:a",
     "STATUS:CANCELLED", "SUMMARY:krank", "DTSTART:", "TRANSP", " folded", "X-\x00:1", "DTSTART;VALUE=DATE:00010101"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), st.lists(st.one_of(_TOKENS, st.text(max_size=20)), max_size=12).map("\r\n".join).map(lambda t: t.encode("utf-8", "replace"))))  # fmt: skip
def test_whatever_is_uploaded_is_read_or_refused(content: bytes) -> None:
    try:
        found = read_calendar(content, BERLIN)
    except Refused:
        return
    assert isinstance(found, Reading)
    assert all(row.first <= row.last and 1 <= row.part <= 100 for row in found.rows)


@given(
    st.lists(
        st.tuples(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 60), st.text("abc :;,\\äÖ", max_size=20)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_what_a_calendar_library_writes_is_what_is_read(rows: list[tuple[dt.date, int, str]]) -> None:
    calendar = Calendar()
    for number, (first, length, summary) in enumerate(rows):
        event = Event()
        event.add("dtstart", first)
        event.add("dtend", first + dt.timedelta(days=length))
        event.add("summary", summary)
        event.add("uid", f"u{number}")
        calendar.add_component(event)
    found = read_calendar(calendar.to_ical(), BERLIN)
    assert not found.skipped
    assert [(row.first, row.last) for row in found.rows] == [
        (first, first + dt.timedelta(days=length - 1)) for first, length, _summary in rows
    ]


TABLE = (
    "Person;Von;Bis;Anteil;Grund\n"
    "PER-0009;03.05.2027;07.05.2027;;Urlaub\n"
    "Okafor, Tom;10.05.2027;10.05.2027;halb;krank\n"
    "olga@example.com;12.05.2027;13.05.2027;;Urlaub\n"
    "Niemand Nirgends;12.05.2027;13.05.2027;;Urlaub\n"
    "PER-0009;31.02.2027;01.03.2027;;Urlaub\n"
    "PER-0009;20.05.2027;21.05.2027;120;Urlaub\n"
)


def test_a_table_is_read_line_by_line_and_names_what_it_leaves_out(cast: Cast) -> None:
    reading = read_table(TABLE.encode(), "absences.csv")
    plan = plan_import(reading, by=cast.rita, person=None)
    assert [(row.person.pk, row.found.part, row.kind, row.effect) for row in plan.rows] == [
        (cast.people["tom"].pk, 100, "vacation", NEW),
        (cast.people["tom"].pk, 50, "sick", NEW),
    ]
    told = {row.where: row.why for row in plan.skipped}
    assert len(told) == 4
    # who may not be entered for reads like who does not exist
    assert {told[where].split("”")[1] for where in told if "”" in told[where] and "nobody" in told[where]} == {" is nobody whose absences you enter."}  # fmt: skip
    done = apply_import(plan, by=cast.rita)
    assert (len(done.created), done.problems) == (2, [])
    again = plan_import(read_table(TABLE.encode(), "absences.csv"), by=cast.rita, person=None)
    assert {row.effect for row in again.rows} == {SAME} and not again.to_do


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"%PDF-1.4", b"\x00\x01\x02" * 30])
def test_what_is_no_table_of_absences_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_table(content, "absences.csv")


def test_a_calendar_read_again_moves_what_it_knows(cast: Cast) -> None:
    tom = cast.people["tom"]
    first = ics(days("20270503", "20270508", "UID:a"), days("20270601", "20270602", "UID:b"))
    apply_import(plan_import(read_calendar(first, BERLIN), by=cast.tom, person=tom), by=cast.tom)
    second = ics(days("20270504", "20270509", "UID:a"), days("20270601", "20270602", "UID:b"))
    plan = plan_import(read_calendar(second, BERLIN), by=cast.tom, person=tom)
    assert [row.effect for row in plan.rows] == [CHANGED, SAME]
    done = apply_import(plan, by=cast.tom)
    assert Absence.objects.get(uid="a").last == dt.date(2027, 5, 8)
    assert undo_import(done, by=cast.tom) == (1, 0)
    assert Absence.objects.get(uid="a").last == dt.date(2027, 5, 7)


def test_entries_that_overlap_are_told_and_the_others_are_written(cast: Cast) -> None:
    tom = cast.people["tom"]
    content = ics(
        days("20270503", "20270508", "UID:a"), days("20270507", "20270510", "UID:b"), days("20270503", "20270508", "UID:a")
    )  # fmt: skip
    plan = plan_import(read_calendar(content, BERLIN), by=cast.tom, person=tom)
    assert (len(plan.rows), len(plan.skipped)) == (1, 2)


def test_what_changed_after_the_preview_is_told_and_not_written_over(cast: Cast) -> None:
    tom = cast.people["tom"]
    plan = plan_import(read_calendar(ics(days("20270503", "20270508", "UID:a")), BERLIN), by=cast.tom, person=tom)
    Absence.objects.create(person=tom, first=dt.date(2027, 5, 7), last=dt.date(2027, 5, 7))
    done = apply_import(plan, by=cast.tom)
    assert not done.created and len(done.problems) == 1


def test_an_import_is_taken_back_except_what_somebody_changed(cast: Cast) -> None:
    tom = cast.people["tom"]
    content = ics(days("20270503", "20270508", "UID:a"), days("20270601", "20270602", "UID:b"))
    done = apply_import(plan_import(read_calendar(content, BERLIN), by=cast.tom, person=tom), by=cast.tom)
    Absence.objects.filter(uid="b").update(version=7)
    assert undo_import(done, by=cast.tom) == (1, 1)
    assert list(Absence.objects.values_list("uid", flat=True)) == ["b"]
    assert undo_import(done, by=cast.paul) == (0, 1)  # nobody takes back what they may not change
