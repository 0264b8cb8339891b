"""The close of a month: nothing is skipped, a closed month refuses every writer, and what was frozen comes out again to the cent."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.ledger import layout_of, lines_of
from stellwerk.controlling.models import (
    ActualsImport,
    Booking,
    Budget,
    BudgetLine,
    BudgetMonth,
    CostType,
    ExchangeRate,
    MoneyRules,
    Period,
)
from stellwerk.controlling.selectors.periods import MONTH, Closing, working_day
from stellwerk.controlling.selectors.reconciliation import reconcile
from stellwerk.controlling.services.assigning import assign_object
from stellwerk.controlling.services.bookings import book_lines, undo_import
from stellwerk.controlling.services.budgets import Line, save_lines
from stellwerk.controlling.services.close import EARNED, prove
from stellwerk.controlling.services.labour import book_labour
from stellwerk.controlling.services.manual import enter_booking, reverse_booking
from stellwerk.controlling.services.periods import accept_check, open_period
from stellwerk.controlling.tests import ledger_files as files
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.jobs import enqueue, run_pending
from stellwerk.core.merge import merge
from stellwerk.core.models import AuditEntry, Notification, Snapshot
from stellwerk.core.snapshots import latest
from stellwerk.core.states import advance
from stellwerk.people.models import PersonRate
from stellwerk.planning.models import Activity, Plan
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.services.timesheets import WeekLine, save_week
from stellwerk.resources.services.timesheets_correct import correct_entry

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


@pytest.fixture
def ledger(cast):
    Project.objects.filter(pk=cast.project.pk).update(external_key="LUB-1", currency="EUR")
    cast.project.refresh_from_db()
    plan = Plan.objects.create(project=cast.project, start="2026-10-01T08:00")
    cast.work = Activity.objects.create(
        plan=plan, uid=1, position=1, name="Netzanschluss", wbs="01", ev_method="percent", percent=40
    )
    CostType.objects.create(key="CTY-1", name="Fremdleistung", accounts="417000-417999")
    CostType.objects.create(key="CTY-2", name="Material", accounts="4001*", spending="capex")
    cast.period = open_period(cast.organisation, OCTOBER, by=cast.conny)
    return cast


def load(cast, text=files.SAP_GERMAN, kind=BookingKind.ACTUAL, month=OCTOBER):
    batch = ActualsImport.objects.create(organisation=cast.organisation, kind=kind, month=month, file_name="a.csv")
    stream = io.BytesIO(text.encode())
    book_lines(batch=batch, lines=lines_of(stream, layout_of(stream, "a.csv", currency="EUR")), by=cast.conny)
    return batch


def budget_of(cast, kind="plan", **more):
    budget = Budget.objects.create(
        key=f"BUD-{kind}", project=cast.project, kind=kind, number=0, currency="EUR", state="approved",
        approved_at=dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC), **more,
    )  # fmt: skip
    line = BudgetLine.objects.create(budget=budget, position=1, activity=cast.work, currency="EUR")
    for month, amount in ((OCTOBER, 20_000_01), (NOVEMBER, 30_000_02)):
        BudgetMonth.objects.create(line=line, month=month, amount=amount)
    return budget


def check(cast, code):
    return next(one for one in Closing(cast.period).checks if one.code == code)


def accept(cast, code, reason="Accepted for the test"):
    cast.period = accept_check(
        period=cast.period, check=code, facts=check(cast, code).facts, reason=reason, by=cast.conny
    )


def closed(cast):
    """October with its file booked and its unknown line accepted, closed."""
    load(cast)
    accept(cast, "unmatched")
    for step in ("load", "reconcile", "confirm", "close"):
        cast.period = advance(cast.period, step, by=cast.conny)
    return cast.period


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


def test_due_days_are_working_days_of_the_next_month_with_its_holidays(cast):
    # October 2027: the first is a Friday; 31 October is a holiday in Hamburg and a Sunday. May 2027: 1 May is a Saturday.
    assert working_day(cast.organisation, dt.date(2026, 12, 1), 2) == dt.date(2027, 1, 5)
    assert working_day(cast.organisation, dt.date(2027, 9, 1), 8) == dt.date(2027, 10, 12)


def test_steps_are_not_skipped_and_say_what_is_missing(ledger):
    with pytest.raises(WrongState, match="no file of this month"):
        advance(ledger.period, "load", by=ledger.conny)
    with pytest.raises(WrongState):
        advance(ledger.period, "close", by=ledger.conny)
    load(ledger)
    ledger.period = advance(ledger.period, "load", by=ledger.conny)
    with pytest.raises(WrongState, match="1 line waits"):
        advance(ledger.period, "reconcile", by=ledger.conny)
    accept(ledger, "unmatched", "Comes to the project in November")
    ledger.period = advance(ledger.period, "reconcile", by=ledger.conny)
    budget_of(ledger)
    with pytest.raises(WrongState, match="0 of 1 projects"):
        advance(ledger.period, "confirm", by=ledger.conny)
    budget_of(ledger, "forecast", first_open=NOVEMBER)
    ledger.period = advance(ledger.period, "confirm", by=ledger.conny)
    assert advance(ledger.period, "close", by=ledger.conny).state == "closed"


def test_what_comes_in_after_a_step_is_asked_for_again_at_the_close(ledger):
    load(ledger)
    accept(ledger, "unmatched")
    for step in ("load", "reconcile", "confirm"):
        ledger.period = advance(ledger.period, step, by=ledger.conny)
    load(ledger, files.SAP_GERMAN.replace("10000000", "50000000"))
    with pytest.raises(WrongState, match="2 lines wait"):
        advance(ledger.period, "close", by=ledger.conny)


def test_an_acceptance_lapses_when_its_facts_change_and_can_be_taken_back(ledger):
    load(ledger)
    accept(ledger, "unmatched")
    assert check(ledger, "unmatched").fine
    load(ledger, files.SAP_GERMAN.replace("10000000", "50000000"))
    assert not check(ledger, "unmatched").fine
    accept(ledger, "unmatched")
    assert check(ledger, "unmatched").fine
    accept(ledger, "unmatched", "")
    assert not check(ledger, "unmatched").fine
    with pytest.raises(Invalid):
        accept_check(period=ledger.period, check="snapshot", facts="", reason="x", by=ledger.conny)
    with pytest.raises(NotAllowed):
        accept_check(period=ledger.period, check="unmatched", facts="", reason="x", by=ledger.petra)
    with pytest.raises(StaleEdit):
        accept_check(period=ledger.period, check="unmatched", facts="a", reason="x", by=ledger.conny, version=1)


def test_time_sheets_that_are_not_locked_hold_the_month(ledger):
    load(ledger)
    sheet = TimeSheet.objects.create(person=ledger.people["tom"], monday=dt.date(2026, 10, 5), state="submitted")
    with pytest.raises(WrongState, match="1 wait for approval"):
        advance(ledger.period, "load", by=ledger.conny)
    sheet.state = "locked"
    sheet.save()
    # Whoever recorded lately is expected in the following weeks too.
    assert check(ledger, "time_sheets").numbers["missing"] == 3
    accept(ledger, "time_sheets", "Tom was ill")
    assert advance(ledger.period, "load", by=ledger.conny).state == "actuals_loaded"


def test_labour_that_is_not_booked_as_the_hours_stand_cannot_be_accepted(ledger):
    load(ledger)
    CostType.objects.create(key="CTY-9", name="Eigenleistung", labour=True)
    sheet = TimeSheet.objects.create(person=ledger.people["tom"], monday=dt.date(2026, 10, 5), state="locked")
    TimeEntry.objects.create(sheet=sheet, project=ledger.project, day=dt.date(2026, 10, 5), month=202610, minutes=60)
    PersonRate.objects.create(person=ledger.people["tom"], amount=80_00, valid_from=dt.date(2026, 1, 1))
    found = check(ledger, "labour")
    assert (found.done, found.acceptable, found.numbers["differs"]) == (False, False, True)
    book_labour(organisation=ledger.organisation, month=OCTOBER, by=ledger.conny)
    assert check(ledger, "labour").done
    assert check(ledger, "labour").numbers["sums"] == {"EUR": 80_00}


# ── reconciliation ───────────────────────────────────────────────────────────────────────────────


def test_files_and_bookings_agree_and_the_parts_add_up(ledger):
    load(ledger)
    (row,) = reconcile(ledger.organisation, OCTOBER).rows
    assert (row.file, row.booked, row.difference) == (12_180_49, 12_180_49, 0)
    assert (row.projects, row.waiting, row.labour, row.not_project) == (12_080_50, 99_99, 0, 0)
    assert row.booked == row.projects + row.waiting + row.labour + row.not_project


def test_the_same_file_again_changes_nothing_and_undoing_the_first_leaves_its_lines_open(ledger):
    first = load(ledger)
    load(ledger)
    (row,) = reconcile(ledger.organisation, OCTOBER).rows
    assert (row.file, row.booked) == (12_180_49, 12_180_49)
    undo_import(batch=first, by=ledger.conny)
    (row,) = reconcile(ledger.organisation, OCTOBER).rows
    assert (row.file, row.booked, row.difference) == (12_180_49, 0, 12_180_49)


def test_a_refused_line_is_the_difference_until_a_later_file_books_it(ledger):
    text = files.SAP_GERMAN.replace("830,00;EUR", "830,00;USD")
    load(ledger, text)
    rows = {row.currency: row for row in reconcile(ledger.organisation, OCTOBER).rows}
    assert (rows["EUR"].difference, rows["USD"].difference) == (0, 830_00)
    assert not check(ledger, "differences").done
    load(ledger, text)  # refused once more: still one line
    assert {row.currency: row.difference for row in reconcile(ledger.organisation, OCTOBER).rows}["USD"] == 830_00
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 1, 1), rate=Decimal("0.9"))
    load(ledger, text)
    assert check(ledger, "differences").done


def test_a_changed_document_is_the_difference_of_its_amounts(ledger):
    load(ledger)
    load(ledger, files.SAP_GERMAN.replace("830,00", "930,00"))
    (row,) = reconcile(ledger.organisation, OCTOBER).rows
    assert (row.file, row.booked, row.difference) == (12_280_49, 12_180_49, 100_00)


def test_a_booking_that_was_changed_behind_our_back_is_found(ledger):
    load(ledger)
    Booking.objects.filter(document="100000002").update(amount=831_00)
    (row,) = reconcile(ledger.organisation, OCTOBER).rows
    assert row.difference == -1_00


def test_lines_that_cannot_be_read_hold_the_month(ledger):
    load(ledger, files.WRONG)
    found = check(ledger, "differences")
    assert (found.done, found.numbers["unreadable"]) == (False, 6)


# ── closed ───────────────────────────────────────────────────────────────────────────────────────


def test_only_the_controller_closes_and_a_month_that_runs_is_not_closed(ledger):
    load(ledger)
    for name in ("petra", "paul", "elke", "walter"):
        with pytest.raises(NotAllowed):
            advance(ledger.period, "load", by=getattr(ledger, name))
    far = open_period(ledger.organisation, dt.date(2099, 1, 1), by=ledger.conny)
    Period.objects.filter(pk=far.pk).update(state="forecast_confirmed")
    with pytest.raises(WrongState, match="not over"):
        advance(far, "close", by=ledger.conny)


def test_months_close_in_order_and_reopen_from_the_last(ledger):
    september = open_period(ledger.organisation, dt.date(2026, 9, 1), by=ledger.conny)
    load(ledger)
    accept(ledger, "unmatched")
    for step in ("load", "reconcile", "confirm"):
        ledger.period = advance(ledger.period, step, by=ledger.conny)
    with pytest.raises(WrongState, match="September 2026"):
        advance(ledger.period, "close", by=ledger.conny)
    Period.objects.filter(pk=september.pk).update(state="closed")
    advance(ledger.period, "close", by=ledger.conny)
    with pytest.raises(WrongState, match="October 2026"):
        advance(september, "reopen", by=ledger.conny, reason="late invoice")


def test_a_closed_month_refuses_every_writer(ledger):
    """The attack: each service that writes money or hours, on a closed month; afterwards nothing has changed."""
    CostType.objects.create(key="CTY-9", name="Eigenleistung", labour=True)
    tom = ledger.people["tom"]
    PersonRate.objects.create(person=tom, amount=80_00, valid_from=dt.date(2026, 1, 1))
    for at, state in ((dt.date(2026, 10, 5), "locked"), (dt.date(2026, 10, 12), "submitted")):
        sheet = TimeSheet.objects.create(person=tom, monday=at, state=state)
        TimeEntry.objects.create(sheet=sheet, project=ledger.project, day=at, month=202610, minutes=60)
    book_labour(organisation=ledger.organisation, month=OCTOBER, by=ledger.conny)
    accept(ledger, "time_sheets")
    hand = enter_booking(project=ledger.project, posted=dt.date(2026, 10, 8), amount=5_00, currency="EUR", text="Accrual", by=ledger.conny)  # fmt: skip
    period = closed(ledger)
    batch = ActualsImport.objects.get()
    before = list(Booking.objects.order_by("pk").values())
    hours = list(TimeEntry.objects.order_by("pk").values())

    load(ledger, files.SAP_GERMAN.replace("10000000", "50000000"))  # a new file: every line of the month is refused
    load(ledger, files.COMMITMENTS_OCTOBER, kind=BookingKind.COMMITMENT)
    assert (
        assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=ledger.project, by=ledger.conny)
        == 0
    )
    first, second = TimeEntry.objects.order_by("pk")
    attacks = {
        "undo of the import": lambda: undo_import(batch=batch, by=ledger.conny),
        "labour": lambda: book_labour(organisation=ledger.organisation, month=OCTOBER, by=ledger.conny),
        "booking by hand": lambda: enter_booking(project=ledger.project, posted=dt.date(2026, 10, 31), amount=1, currency="EUR", text="x", by=ledger.conny),
        "reversal": lambda: reverse_booking(booking=hand, posted=dt.date(2026, 10, 30), reason="x", by=ledger.conny),
        "acceptance": lambda: accept_check(period=period, check="unmatched", facts="", reason="x", by=ledger.conny),
        "approval of hours": lambda: advance(second.sheet, "approve", by=ledger.rita),
        "correction of hours": lambda: correct_entry(entry=first, minutes=30, reason="x", by=ledger.rita),
        "hours of the week": lambda: save_week(
            person=tom, week=dt.date(2026, 10, 19), lines=[WeekLine(ledger.project, minutes=(60, 0, 0, 0, 0, 0, 0))], by=ledger.tom,
        ),
        "step of the close": lambda: advance(period, "back", by=ledger.conny, reason="x"),
    }  # fmt: skip
    for name, attack in attacks.items():
        with pytest.raises(Refused) as caught:
            attack()
        assert "closed" in str(caught.value).casefold(), f"{name}: {caught.value}"
    with pytest.raises(Refused, match="closed months"):
        merge(ledger.other_project, ledger.project, choices={}, by=ledger.petra)
    assert list(Booking.objects.order_by("pk").values()) == before
    assert list(TimeEntry.objects.order_by("pk").values()) == hours
    proof = prove(period)
    assert proof is not None
    assert proof.holds


def test_a_budget_keeps_its_amounts_of_closed_months(ledger):
    """Neither changed nor left out, nor removed with their line, nor brought in by a new one."""
    draft = Budget.objects.create(key="BUD-D", project=ledger.project, kind="plan", number=1, currency="EUR")
    stored = BudgetLine.objects.create(budget=draft, position=1, currency="EUR", text="Pumps")
    for month, amount in ((OCTOBER, 20_00), (NOVEMBER, 30_00)):
        BudgetMonth.objects.create(line=stored, month=month, amount=amount)
    closed(ledger)
    same = Line(1, number=stored.pk, text="Pumps", months={OCTOBER: 20_00, NOVEMBER: 31_00})
    draft = save_lines(budget=draft, lines=[same], by=ledger.paul, version=draft.version)
    attacks = (
        [Line(1, number=stored.pk, text="Pumps", months={OCTOBER: 19_00, NOVEMBER: 31_00})],
        [Line(1, number=stored.pk, text="Pumps", months={NOVEMBER: 31_00})],
        [],
        [same, Line(2, text="New", months={OCTOBER: 1})],
    )
    for lines in attacks:
        with pytest.raises(Invalid) as caught:
            save_lines(budget=draft, lines=lines, by=ledger.paul, version=draft.version)
        assert "2026-10" in str(caught.value)
    months = BudgetMonth.objects.filter(line__budget=draft).order_by("month")
    assert list(months.values_list("month", "amount")) == [(OCTOBER, 20_00), (NOVEMBER, 31_00)]


def test_reopening_needs_a_reason_is_told_and_closing_again_supersedes_the_snapshot(ledger):
    period = closed(ledger)
    first = latest(period, MONTH)
    with pytest.raises(Invalid):
        advance(period, "reopen", by=ledger.conny)
    with pytest.raises(NotAllowed):
        advance(period, "reopen", by=ledger.petra, reason="late invoice")
    Notification.objects.all().delete()
    ledger.period = advance(period, "reopen", by=ledger.conny, reason="A late invoice of Elbe Netzbau")
    entry = AuditEntry.objects.filter(verb="reopen").get()
    assert (entry.reason, entry.actor) == ("A late invoice of Elbe Netzbau", ledger.conny)
    told = Notification.objects.filter(kind="controlling.period")
    assert {row.user for row in told} >= {ledger.petra}
    assert ledger.conny not in {row.user for row in told}
    assert "late invoice" in told[0].text
    load(ledger, files.SAP_GERMAN.replace("10000000", "50000000"))
    accept(ledger, "unmatched")
    period = advance(ledger.period, "close", by=ledger.conny)
    second = latest(period, MONTH)
    assert second.supersedes == first
    assert prove(period).holds


# ── frozen ───────────────────────────────────────────────────────────────────────────────────────


def test_the_snapshot_holds_the_figures_of_the_project_to_the_cent(ledger):
    budget_of(ledger)
    budget_of(ledger, "forecast", first_open=NOVEMBER)
    period = closed(ledger)
    told = latest(period, MONTH).payload
    line = next(one for one in told["projects"] if one["project"] == ledger.project.key)
    assert (line["bac"], line["pv"], line["ac"]) == (50_000_03, 20_000_01, 12_080_50)
    frozen = latest(ledger.project, EARNED).payload
    assert frozen["months"] == {"2026-10": 12_080_50}
    assert sum(row["ac"] for row in frozen["packages"]) == line["ac"]
    assert sum(row["ev"] for row in frozen["packages"]) == line["ev"]


def test_progress_and_rules_of_later_do_not_change_what_was_frozen(ledger):
    budget_of(ledger)
    budget_of(ledger, "forecast", first_open=NOVEMBER)
    period = closed(ledger)
    Activity.objects.filter(pk=ledger.work.pk).update(percent=95)
    MoneyRules.objects.create(project=ledger.project, percent_cap=50)
    load(ledger, files.COMMITMENTS_NOVEMBER, kind=BookingKind.COMMITMENT, month=NOVEMBER)
    load(ledger, files.PLAIN.replace("2026-10", "2026-11"), month=NOVEMBER)
    proof = prove(period)
    assert proof.holds, proof.differs
    assert proof.figures >= 6


@pytest.mark.parametrize("what", ["booking", "budget", "assignment", "seal"])
def test_the_proof_says_where_something_was_changed(ledger, what):
    budget_of(ledger)
    budget_of(ledger, "forecast", first_open=NOVEMBER)
    period = closed(ledger)
    if what == "booking":
        Booking.objects.filter(document="100000002").update(amount=830_01, project_amount=830_01)
    elif what == "budget":
        BudgetMonth.objects.filter(line__budget__kind="plan", month=OCTOBER).update(amount=20_000_02)
    elif what == "assignment":
        Booking.objects.filter(document="100000002").update(project=ledger.other_project)
    else:
        Snapshot.objects.filter(kind=MONTH).update(digest="0" * 64)
    proof = prove(period)
    assert not proof.holds
    told = {(row.project, row.figure): (row.frozen, row.now) for row in proof.differs}
    if what == "booking":
        assert told[ledger.project.key, "ac"] == (12_080_50, 12_080_51)
    elif what == "budget":
        assert told[ledger.project.key, "bac"] == (50_000_03, 50_000_04)
        assert told[ledger.project.key, "pv"] == (20_000_01, 20_000_02)
    elif what == "assignment":
        assert told[ledger.project.key, "ac"] == (12_080_50, 11_250_50)
    else:
        assert proof.broken == ("",)


def test_every_night_closed_months_are_proved_and_controllers_told(ledger):
    closed(ledger)
    enqueue("controlling.prove_months")
    run_pending()
    assert not Notification.objects.filter(kind="controlling.proof").exists()
    Booking.objects.filter(document="100000002").update(project_amount=1)
    enqueue("controlling.prove_months")
    run_pending()
    told = Notification.objects.get(kind="controlling.proof")
    assert (told.user, told.title) == (ledger.conny, "October 2026 no longer comes out as it was frozen")


def test_a_project_that_got_its_first_budget_after_the_close_changes_nothing(ledger):
    period = closed(ledger)
    budget_of(ledger)
    assert prove(period).holds


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_a_booking_by_hand_counts_at_the_rate_of_its_day_and_is_reversed_once(ledger):
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 10, 1), rate=Decimal("0.9"))
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 11, 1), rate=Decimal("0.5"))
    hand = enter_booking(
        project=ledger.project, posted=dt.date(2026, 10, 8), amount=100_00, currency="USD", text="Accrual", by=ledger.conny
    )  # fmt: skip
    assert (hand.project_amount, hand.month) == (90_00, OCTOBER)
    back = reverse_booking(booking=hand, posted=dt.date(2026, 11, 5), reason="Invoice came", by=ledger.conny)
    assert (back.project_amount, back.month, back.reverses) == (-90_00, NOVEMBER, f"M-{hand.pk}")
    with pytest.raises(Refused, match="reversed already"):
        reverse_booking(booking=hand, posted=dt.date(2026, 11, 5), reason="again", by=ledger.conny)
    with pytest.raises(Refused):
        reverse_booking(booking=back, posted=dt.date(2026, 11, 5), reason="back", by=ledger.conny)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"text": " "}, "text"),
        ({"currency": "CHF"}, "currency"),
        ({"activity": "work"}, "activity"),
    ],
)
def test_a_booking_by_hand_is_refused_at_its_field(ledger, change, field):
    values = {"project": ledger.project, "posted": dt.date(2026, 10, 8), "amount": 1, "currency": "EUR", "text": "x"}
    values |= change
    if field == "activity":
        values |= {"activity": ledger.work, "project": ledger.other_project}
    with pytest.raises(Invalid) as caught:
        enter_booking(**values, by=ledger.conny)
    assert list(caught.value.errors) == [field]
    assert not Booking.objects.exists()


def test_only_the_controller_books_by_hand(ledger):
    for name in ("paul", "petra", "elke"):
        with pytest.raises(NotAllowed):
            enter_booking(
                project=ledger.project, posted=dt.date(2026, 10, 8), amount=1, currency="EUR", text="x", by=getattr(ledger, name)
            )  # fmt: skip
