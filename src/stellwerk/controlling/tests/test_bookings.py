"""Actuals from the ERP: each line booked once, in the right project, currency and month; what cannot be taken is named."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection

from stellwerk.controlling.choices import BookingKind, LabourSource, LeftOut
from stellwerk.controlling.ledger import Line, Refusal, layout_of, lines_of
from stellwerk.controlling.models import ActualsImport, Booking, CostCentre, CostType, ExchangeRate, MappingRule, Period
from stellwerk.controlling.services.assigning import assign_object
from stellwerk.controlling.services.bookings import book_lines, undo_import
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.controlling.tests import ledger_files as files
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import AuditEntry
from stellwerk.planning.models import Activity, Plan
from stellwerk.portfolio.models import Project

pytestmark = pytest.mark.django_db
OCTOBER = dt.date(2026, 10, 1)


@pytest.fixture
def ledger(cast):
    """A project with the ERP's key LUB-1 and a work package 01; cost types and a cost centre."""
    Project.objects.filter(pk=cast.project.pk).update(external_key="LUB-1", currency="EUR")
    cast.project.refresh_from_db()
    plan = Plan.objects.create(project=cast.project, start="2026-10-01T08:00")
    cast.work = Activity.objects.create(plan=plan, uid=1, position=1, name="Netzanschluss", wbs="01")
    CostType.objects.create(key="CTY-1", name="Fremdleistung", accounts="417000-417999")
    CostType.objects.create(key="CTY-2", name="Material", accounts="4001*", spending="capex")
    CostCentre.objects.create(key="CCT-1", organisation=cast.organisation, number="0004100", name="Netze")
    return cast


def batch_of(cast, kind=BookingKind.ACTUAL):
    return ActualsImport.objects.create(organisation=cast.organisation, kind=kind, file_name="test.csv")


def book(cast, text, *, by=None, kind=BookingKind.ACTUAL, **how):
    stream = io.BytesIO(text.encode())
    layout = layout_of(stream, "test.csv", currency="EUR", **how)
    return book_lines(batch=batch_of(cast, kind), lines=lines_of(stream, layout), by=by or cast.conny)


def cost(project):
    return sum(
        Booking.objects.filter(project=project, left_out="", obsolete=False).values_list("project_amount", flat=True)
    )


def test_german_line_items_are_booked_where_they_belong(ledger):
    outcome = book(ledger, files.SAP_GERMAN)
    assert (outcome.lines, outcome.booked, outcome.duplicates, outcome.refused) == (5, 5, 0, 0)
    assert outcome.unmapped == 1
    assert outcome.told()["sum_by_currency"] == {"EUR": "12180.49"}
    assert cost(ledger.project) == 12_500_00 + 1_250_50 + 830_00 - 2_500_00
    first = Booking.objects.get(document="100000001", line="1")
    assert (first.activity, first.posted, first.month) == (ledger.work, dt.date(2026, 10, 5), OCTOBER)
    assert (first.cost_type.name, first.cost_centre.name, first.spending) == ("Fremdleistung", "Netze", "opex")
    assert Booking.objects.get(document="100000002").spending == "capex"
    assert Booking.objects.get(document="100000004").project is None


def test_the_same_file_again_books_nothing(ledger):
    book(ledger, files.SAP_GERMAN)
    again = book(ledger, files.SAP_GERMAN)
    assert (again.booked, again.duplicates, again.refused) == (0, 5, 0)
    assert Booking.objects.count() == 5


def test_english_line_items_with_debit_and_credit_at_the_rate_of_the_posting_day(ledger):
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 10, 1), rate=Decimal("0.90"))
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 10, 10), rate=Decimal("0.80"))
    outcome = book(ledger, files.SAP_ENGLISH)
    assert (outcome.booked, outcome.refusals) == (2, [])
    assert outcome.told()["sum_by_currency"] == {"USD": "12000.00"}
    assert cost(ledger.project) == 11_250_00 - 400_00


def test_equal_lines_without_a_line_number_are_two_and_stay_two(ledger):
    assert book(ledger, files.PLAIN).booked == 3
    assert book(ledger, files.PLAIN).duplicates == 3
    assert cost(ledger.project) == 450_00


def test_a_line_pasted_twice_into_one_file_is_booked_once(ledger):
    head, *rows = files.WRONG.splitlines()[:2]
    outcome = book(ledger, "\n".join([head, *rows, *rows]))
    assert (outcome.booked, outcome.duplicates) == (1, 1)


def test_each_wrong_line_is_named_with_column_and_reason(ledger):
    outcome = book(ledger, files.WRONG)
    assert outcome.booked == 1
    told = {refusal.number: (refusal.column, refusal.reason) for refusal in outcome.refusals}
    assert sorted(told) == [3, 4, 5, 6, 7, 8, 9]
    assert told[3][0] == "Buchungsdatum"
    assert told[4][0] == "Betrag" and "zehn" in told[4][1]
    assert told[5][0] == "Währung" and "EURO-ALT" in told[5][1]
    assert "decimals" in told[6][1]
    assert "missing" in told[7][1]
    assert "USD" in told[8][1] and "exchange rate" in told[8][1]


def test_an_amount_with_two_readings_is_not_guessed(ledger):
    text = "Belegnummer;Position;Buchungsdatum;PSP-Element;Betrag\n1;1;05.10.2026;LUB-1;1.234\n"
    assert "two ways" in book(ledger, text).refusals[0].reason
    assert book(ledger, text, decimal_sign=",").sums == {"EUR": 1_234_00}


def test_a_reversal_takes_back_what_it_names_whatever_its_sign(ledger):
    outcome = book(ledger, files.REVERSALS)
    assert outcome.reversals == 2
    assert cost(ledger.project) == 1_000_00 - 1_000_00 - 300_00
    assert book(ledger, files.REVERSALS).duplicates == 3


def test_a_document_that_changed_is_refused(ledger):
    book(ledger, files.SAP_GERMAN)
    outcome = book(ledger, files.SAP_GERMAN.replace("830,00", "930,00"))
    assert (outcome.booked, outcome.duplicates, outcome.refused) == (0, 4, 1)
    assert "100000002" in outcome.refusals[0].reason


def test_a_closed_month_refuses_lines_and_takes_them_after_reopening(ledger):
    period = Period.objects.create(organisation=ledger.organisation, month=OCTOBER, state="closed")
    outcome = book(ledger, files.SAP_GERMAN)
    assert (outcome.booked, outcome.refused) == (0, 5)
    assert "2026-10" in outcome.refusals[0].reason
    Period.objects.filter(pk=period.pk).update(state="reopened")
    assert book(ledger, files.SAP_GERMAN).booked == 5


def test_a_newer_stand_of_commitments_replaces_the_older(ledger):
    book(ledger, files.COMMITMENTS_OCTOBER, kind=BookingKind.COMMITMENT)
    assert cost(ledger.project) == 23_000_00
    book(ledger, files.COMMITMENTS_NOVEMBER, kind=BookingKind.COMMITMENT)
    assert cost(ledger.project) == 8_000_00
    undo_import(batch=ActualsImport.objects.order_by("-pk").first(), by=ledger.conny)
    assert cost(ledger.project) == 23_000_00


def test_labour_of_the_erp_does_not_count_beside_hours(ledger):
    CostType.objects.filter(key="CTY-1").update(labour=True, labour_source=LabourSource.HOURS)
    outcome = book(ledger, files.SAP_GERMAN)
    assert outcome.left_out == 4
    assert cost(ledger.project) == 830_00
    assert Booking.objects.filter(left_out=LeftOut.LABOUR).count() == 4


def test_what_an_object_means_is_said_once(ledger):
    book(ledger, files.SAP_GERMAN)
    assert (
        assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=ledger.project, by=ledger.conny)
        == 1
    )
    assert Booking.objects.get(document="100000004").project_amount == 99_99
    later = files.SAP_GERMAN.replace("10000000", "50000000")
    assert book(ledger, later).unmapped == 0
    assert AuditEntry.objects.filter(verb="map_bookings").count() == 1


def test_the_longest_pattern_counts(ledger):
    MappingRule.objects.create(organisation=ledger.organisation, object="FREMD*", ignore=True)
    MappingRule.objects.create(organisation=ledger.organisation, object="FREMD-9*", project=ledger.project)
    outcome = book(ledger, files.SAP_GERMAN)
    assert (outcome.unmapped, outcome.left_out) == (0, 0)


def test_an_object_that_is_no_project_waits_no_longer(ledger):
    book(ledger, files.SAP_GERMAN)
    assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=None, ignore=True, by=ledger.conny)
    assert Booking.objects.get(document="100000004").left_out == LeftOut.NO_PROJECT


def test_assigning_needs_a_target_of_the_same_project_and_a_rate(ledger):
    book(ledger, files.SAP_GERMAN.replace("99,99;EUR", "99,99;CHF").replace("Unbekanntes Objekt", "x"))
    with pytest.raises(Invalid):
        assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=None, by=ledger.conny)
    with pytest.raises(Invalid):
        assign_object(
            organisation=ledger.organisation,
            erp_object="FREMD-9",
            project=ledger.other_project,
            activity=ledger.work,
            by=ledger.conny,
        )
    with pytest.raises(MissingRate):
        assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=ledger.project, by=ledger.conny)
    assert not MappingRule.objects.exists()


@pytest.mark.parametrize("name", ["paul", "petra", "elke", "tom", "uwe"])
def test_only_the_controller_books_and_assigns(ledger, name):
    other = getattr(ledger, name)
    with pytest.raises(NotAllowed):
        book(ledger, files.SAP_GERMAN, by=other)
    with pytest.raises(NotAllowed):
        assign_object(organisation=ledger.organisation, erp_object="FREMD-9", project=ledger.project, by=other)
    assert not Booking.objects.exists()


def test_a_file_is_booked_once_and_taken_back_once(ledger):
    stream = io.BytesIO(files.SAP_GERMAN.encode())
    layout = layout_of(stream, "a.csv", currency="EUR")
    batch = batch_of(ledger)
    book_lines(batch=batch, lines=lines_of(stream, layout), by=ledger.conny)
    with pytest.raises(Refused):
        book_lines(batch=batch, lines=lines_of(stream, layout), by=ledger.conny)
    assert undo_import(batch=batch, by=ledger.conny) == 5
    with pytest.raises(Refused):
        undo_import(batch=batch, by=ledger.conny)
    assert not Booking.objects.exists()


def test_a_closed_month_keeps_its_file(ledger):
    book(ledger, files.SAP_GERMAN)
    Period.objects.create(organisation=ledger.organisation, month=OCTOBER, state="closed")
    with pytest.raises(Refused, match="2026-10"):
        undo_import(batch=ActualsImport.objects.get(), by=ledger.conny)
    assert Booking.objects.count() == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "empty"), ("Projekt;Name\n1;2\n", "missing"), ("%PDF-1.7 nothing", "PDF")],
)  # fmt: skip
def test_a_useless_file_is_refused_in_words(text, words):
    with pytest.raises(Invalid) as caught:
        layout_of(io.BytesIO(text.encode()), "a.csv", currency="EUR")
    assert words in " ".join(caught.value.errors["file"])


def test_a_long_file_is_read_line_by_line_with_the_same_result():
    head = files.SAP_GERMAN.splitlines()[:4]
    rows = [f"{100000000 + n};1;2026;10;05.10.2026;417000;LUB-1;4100;{n},50;EUR;Zeile {n}" for n in range(12_000)]
    long = io.BytesIO("\n".join([*head, *rows]).encode())
    layout = layout_of(long, "long.csv", currency="EUR")
    assert layout.streamed
    found = list(lines_of(long, layout))
    assert len(found) == 12_000
    assert not any(isinstance(one, Refusal) for one in found)
    assert isinstance(found[-1], Line)
    assert (found[-1].number, found[-1].amount) == (12_004, 11_999_50)


def test_a_fiscal_year_that_begins_in_october_has_its_first_period_there():
    text = "Belegnummer;Position;Geschäftsjahr;Periode;PSP-Element;Betrag\n1;1;2026;1;LUB-1;10,50\n2;1;2026;14;LUB-1;10,50\n"
    stream = io.BytesIO(text.encode())
    months = [line.month for line in lines_of(stream, layout_of(stream, "a.csv", currency="EUR", fiscal_start=10))]
    assert months == [dt.date(2026, 10, 1), dt.date(2027, 9, 1)]


def test_a_reversed_document_is_looked_up_without_reading_every_booking(ledger):
    """A million lines are booked in chunks: each of them asks for the documents that its lines reverse."""
    rows = Booking.objects.filter(organisation=ledger.organisation, document__in=["1", "2"]).order_by()
    if connection.vendor == "sqlite":  # PostgreSQL reads a table of a few rows as a whole
        assert "booking_document" in rows.explain()
    assert "booking_document" in [index.name for index in Booking._meta.indexes]
