"""Any document goes into the tables and comes out again as it was: schedules with values drawn for every field of the exchange."""

from __future__ import annotations

import datetime as dt
import types
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stellwerk.core import changesets
from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet
from stellwerk.engine.network.model import HORIZON
from stellwerk.planning.exchange import Document, compare
from stellwerk.planning.exchange.collecting import MOST_MINUTES
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Calendar,
    CalendarException,
    Duration,
    Interval,
    Lag,
    Link,
    ProjectInfo,
    Resource,
    Task,
)
from stellwerk.planning.exchange.kept import CodeType, FieldDefinition, Kept
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.importing import import_schedule
from stellwerk.planning.telling import hints_of
from stellwerk.testing import Cast
from stellwerk.trials import tries

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc")), max_size=12)
LONG = st.one_of(TEXT, st.just("x" * 700))
NUMBERS = st.integers(-2_000_000_000, 2_000_000_000)
MOMENTS = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2150, 12, 31, 23, 59, 59)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001  # fmt: skip
DECIMALS = st.decimals(min_value=0, max_value=Decimal("9e14"), places=6, allow_nan=False).map(
    lambda value: value.normalize() if value != value.to_integral_value() else value.quantize(Decimal(1))
)
PERCENTS = st.decimals(min_value=-1000, max_value=1000, places=4, allow_nan=False)
DURATIONS = st.builds(
    Duration,
    st.integers(0, MOST_MINUTES),
    st.booleans(),
    st.sampled_from(["m", "h", "d", "w", "mo", "y"]),
    st.booleans(),
)
DAYS = st.sampled_from([(), (Interval(480, 720), Interval(780, 1020)), (Interval(0, 1440),)])
LINES = frozenset(("line", "unit", "standard_unit", "overtime_unit"))


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotated type of the exchange."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*(st.none() if one is type(None) else of(one) for one in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return st.lists(of(arguments[0]), max_size=2).map(tuple)
        return st.tuples(*(of(one) for one in arguments))
    simple: dict[Any, st.SearchStrategy[Any]] = {
        int: NUMBERS, str: TEXT, bool: st.booleans(), Decimal: DECIMALS, dt.datetime: MOMENTS, dt.date: st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31)),
        Duration: DURATIONS, Lag: st.builds(Lag, st.integers(-10**6, 10**6), st.booleans(), st.none() | PERCENTS),
    }  # fmt: skip
    if hint in simple:
        return simple[hint]
    if hint is Interval:
        return st.just(Interval(480, 720))
    if is_dataclass(hint) or issubclass(hint, tuple):
        return values(hint)
    raise AssertionError(hint)


def values(kind: Any, **given_: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any value of a dataclass or named tuple; some fields are ``given_``."""
    hints = hints_of(kind)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(hints)
    drawn = {name: of(hints[name]) for name in names if name not in given_ and name not in LINES}
    return st.builds(kind, **drawn, **given_)


BASELINES = st.lists(values(Baseline, number=st.integers(0, 10)), max_size=2).map(tuple)


@st.composite
def documents(draw: st.DrawFn, formats: tuple[str, ...] = ("mspdi", "xer", "table", "mpxj", "")) -> Document:
    """A few rows of each kind; references lead to something, or to nothing."""
    calendars = [
        draw(values(Calendar, uid=st.just(uid), name=LONG, base=st.sampled_from([None, *range(1, uid), 99]), work_weeks=st.just(()), exceptions=st.just(()),
                    week=st.tuples(*[st.none() | DAYS] * 7), minutes_per_day=st.none() | st.sampled_from([480, 0, 10**12])))
        for uid in range(1, draw(st.integers(1, 4)))
    ]  # fmt: skip
    calendars = [
        replace(one, exceptions=tuple(draw(st.lists(values(CalendarException, times=DAYS, name=LONG), max_size=2))))
        for one in calendars
    ]
    known = st.sampled_from([None, 77, *(one.uid for one in calendars)])
    tasks = [
        draw(values(
            Task, uid=st.just(uid), name=LONG, wbs=LONG, code=LONG, level=st.integers(0, 60), calendar=known, baselines=BASELINES,
            timephased=st.just(()), blank=st.just(draw(st.integers(0, 9)) == 0),
        ))
        for uid in draw(st.lists(NUMBERS, max_size=5, unique=True))
    ]  # fmt: skip
    uids = [task.uid for task in tasks if not task.blank]
    pairs = [(a, b) for number, a in enumerate(uids) for b in uids[number + 1 :]] + [(uid, 5_000) for uid in uids[:1]]
    links = [draw(values(Link, predecessor=st.just(a), successor=st.just(b))) for a, b in pairs if draw(st.booleans())]
    resources = [
        draw(values(Resource, uid=st.just(uid), name=LONG, calendar=known, baselines=BASELINES))
        for uid in range(1, draw(st.integers(1, 3)))
    ]
    whom = st.sampled_from([None, 55, *(one.uid for one in resources)])
    assignments = [
        draw(values(Assignment, uid=st.just(uid), task=st.sampled_from([*uids, 5_000]), resource=whom, baselines=st.just(()), timephased=st.just(())))
        for uid in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    project = draw(values(ProjectInfo, name=LONG, calendar=known))
    return Document(
        project, tuple(calendars), tuple(tasks), tuple(links), tuple(resources), tuple(assignments),
        tuple(draw(values(CodeType, uid=st.just(uid))) for uid in range(draw(st.integers(0, 2)))),
        tuple(draw(values(FieldDefinition, id=st.just(str(uid)))) for uid in range(draw(st.integers(0, 2)))),
        format=draw(st.sampled_from(formats)),
    )  # fmt: skip


def _refused(cast: Cast, document: Document) -> bool:
    """Only for a lag in per cent of a duration that goes beyond what dates are computed for; tried in a transaction of its own."""
    minutes = {task.uid: task.duration.minutes for task in document.tasks if task.duration is not None}
    far = any(
        link.lag is not None and link.lag.percent is not None
        and abs(link.lag.percent) / 100 * minutes.get(link.predecessor, 0) > HORIZON
        for link in document.links
    )  # fmt: skip
    if not far:
        return False
    try:
        with transaction.atomic():
            import_schedule(project=cast.project, document=document, by=None, name="far")
            raise _Undone  # the row that it names is no activity here: it goes in after all
    except Refused as refusal:
        assert "lag" in str(refusal.message)
        return True
    except _Undone:
        return False


class _Undone(Exception):
    """One example leaves nothing to the next."""


@settings(
    max_examples=tries(40, 12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes
)
@given(first=documents(), second=documents(("mpxj", "")))
def test_any_document_comes_back_and_any_second_one_can_be_taken_back(
    cast: Cast, first: Document, second: Document
) -> None:
    """In, out: equal. In again: no change. Another one over it (of a format that could say everything) and taken back: as before.

    What asks for a lag of hundreds of years is refused in words, and nothing is written.
    """
    try:
        with transaction.atomic():
            if _refused(cast, first):
                raise _Undone
            import_schedule(project=cast.project, document=first, by=None, name="a")
            assert compare(first, back(cast)) == ()
            sets = ChangeSet.objects.count()
            revision = Plan.objects.get(project=cast.project).revision
            assert not import_schedule(project=cast.project, document=first, by=None, name="a").changes
            assert (ChangeSet.objects.count(), Plan.objects.get(project=cast.project).revision) == (sets, revision)
            if _refused(cast, second):
                assert compare(first, back(cast)) == ()
                raise _Undone
            over = import_schedule(project=cast.project, document=second, by=None, name="b")
            assert compare(second, back(cast)) == ()
            if over.change_set is not None:
                changesets.undo(over.change_set, by=None)
                assert compare(first, back(cast)) == ()
            raise _Undone
    except _Undone:
        assert not Activity.objects.exists()


def back(cast: Cast) -> Document:
    return document_of(Plan.objects.select_related("project", "calendar").get(project=cast.project))


def test_what_is_told_keeps_markup_and_order(cast: Cast) -> None:
    task = Task(1, "Eins", kept=(Kept("Z", "<a/>", markup=True), Kept("A", "1"), Kept("Z", "2")))
    document = Document(ProjectInfo(name="P"), (), (task,), format="mspdi")
    import_schedule(project=cast.project, document=document, by=None)
    assert back(cast).tasks[0].kept == task.kept
