"""What must be right in any schedule: circles above all."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stellwerk.planning.exchange import Document, check
from stellwerk.planning.exchange.check import shortest_cycle
from stellwerk.planning.exchange.document import Assignment, Calendar, Link, Task


def test_a_good_plan_has_no_findings() -> None:
    assert check(Document(tasks=(Task(1), Task(2)), links=(Link(1, 2),))) == []


def test_calendars_in_a_circle_and_missing_bases_are_found() -> None:
    circle = Document(calendars=(Calendar(1, "a", base=2), Calendar(2, "b", base=1)))
    assert {one.code for one in check(circle)} == {"calendar_circle"}
    assert [one.code for one in check(Document(calendars=(Calendar(1, "a", base=9),)))] == ["reference"]


def test_assignments_name_what_they_belong_to() -> None:
    document = Document(tasks=(Task(1),), assignments=(Assignment(1, 9), Assignment(2, 1, resource=5)))
    assert [(one.code, one.severity) for one in check(document)] == [
        ("reference", "error"),
        ("resource_missing", "warning"),
    ]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_the_shortest_circle_is_found(pairs: list[tuple[int, int]]) -> None:
    edges = {(a, b) for a, b in pairs if a != b}
    after = {node: [b for a, b in sorted(edges) if a == node] for node in range(7)}
    found = shortest_cycle(after)
    lengths = [
        size
        for size in range(2, 8)
        for path in itertools.permutations(range(7), size)
        if all((path[i], path[(i + 1) % size]) in edges for i in range(size))
    ]
    assert len(found) == (min(lengths) if lengths else 0)
    assert all((found[i], found[(i + 1) % len(found)]) in edges for i in range(len(found)))


def test_a_long_chain_with_one_link_back_is_quick() -> None:
    size = 100_000
    after = {node: [(node + 1) % size] for node in range(size)}
    assert len(shortest_cycle(after)) == size
