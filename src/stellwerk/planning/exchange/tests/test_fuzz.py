"""Whatever the bytes are, the readers raise their own error or nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.planning.exchange import Document, ScheduleFileError, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan, with_repeats
from stellwerk.planning.exchange.xer_calendar import parse
from stellwerk.trials import tries

SAMPLES = {
    "mspdi": write_schedule(plan(), "mspdi"),
    "repeats": write_schedule(with_repeats(), "mspdi"),
    "xer": write_schedule(plan(), "xer"),
    "csv": write_schedule(plan(), "csv"),
}
PIECES = [b"<", b">", b"&", b"\t", b"\n", b"%R", b"%T\tTASK", b"\x00", b"\xff", b"-", b"9" * 30, b"<Task>", b"</Task>", b"1e99", b"2027-", b"P", b"NaN"]  # fmt: skip
RELAXED = settings(max_examples=tries(150, 40), deadline=None, suppress_health_check=list(HealthCheck))


def harmless(content: bytes) -> None:
    for strict in (True, False):
        try:
            document = read_schedule(io.BytesIO(content), strict=strict)
        except ScheduleFileError as problem:
            assert problem.problems
            assert str(problem)
        else:
            assert isinstance(document, Document)
            document.counts()
            document.span()


@RELAXED
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"ERMHDR\t8.4\r\n", b"<Project>", b"<?xml version='1.0'?>", b"PK\x03\x04", b"%T\tTASK\n"]),
)
def test_random_bytes_are_harmless(content: bytes, start: bytes) -> None:
    harmless(start + content)


@RELAXED
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=6)), max_size=6
    ),
)
def test_files_with_wounds_are_harmless(name: str, wounds: list[tuple[float, int, bytes]]) -> None:
    content = bytearray(SAMPLES[name])
    for where, length, piece in wounds:
        place = int(where * len(content))
        content[place : place + length] = piece
    harmless(bytes(content))


@RELAXED
@given(st.sampled_from(["mspdi", "xer"]), st.data())
def test_any_text_in_any_cell_is_harmless(name: str, data: st.DataObject) -> None:
    """The structure stays whole, so that the text reaches the readers of values."""
    content = SAMPLES[name].decode("utf-8" if name == "mspdi" else "cp1252", "replace")
    sign = ">" if name == "mspdi" else "\t"
    places = [place for place, char in enumerate(content) if char == sign]
    place = data.draw(st.sampled_from(places)) + 1
    end = (
        min(found for found in (content.find(stop, place) for stop in ("<", "\t", "\r")) if found >= 0)
        if place < len(content) - 3
        else place
    )
    value = data.draw(
        st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="<>&\t"), max_size=30)
        | st.from_regex(r"[-+]?\d{1,25}(\.\d{1,25})?", fullmatch=True)
        | st.from_regex(r"-?PT?\d{0,14}[HMSDY]\d{0,14}[MS]?", fullmatch=True)
    )
    harmless((content[:place] + value + content[end:]).encode("utf-8"))


@RELAXED
@given(st.text("()|0123456789sfd:DaysOfWeekCalendarDataExceptions \x7f", max_size=300))
def test_any_calendar_text_gives_a_week(text: str) -> None:
    data = parse(text, 480)
    assert len(data.week) == 7
    assert all(part.start < part.finish for day in data.week for part in day or ())


@pytest.mark.parametrize("depth", [10, 1000, 200_000])
def test_brackets_without_end_take_no_time(depth: int) -> None:
    parse("(0||CalendarData()(" * depth, 480)
    parse("(" * depth, 480)
