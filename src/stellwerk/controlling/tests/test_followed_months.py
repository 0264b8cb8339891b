"""Each figure on the pages of a month, an import, the work list and a benefit is followed to its rows and added up again, to the cent."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.models import (
    ActualsImport,
    Benefit,
    BenefitValue,
    Booking,
    CostType,
    ExchangeRate,
    MappingRule,
    Period,
)
from stellwerk.controlling.selectors.periods import MONTH
from stellwerk.controlling.services.labour import book_labour
from stellwerk.controlling.services.manual import enter_booking
from stellwerk.controlling.tests import ledger_files as files
from stellwerk.controlling.tests.pages import Page, cells_of, cents, text_of, total_of_list
from stellwerk.controlling.tests.test_close import NOVEMBER, OCTOBER, accept, budget_of, ledger, load  # noqa: F401
from stellwerk.core.snapshots import latest
from stellwerk.core.states import advance
from stellwerk.people.models import Organisation, PersonRate, Unit
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.models import TimeEntry, TimeSheet

pytestmark = pytest.mark.django_db
DOLLARS = files.SAP_GERMAN.replace("830,00;EUR", "830,03;USD")
ALL_SOURCES = "Actual cost of the month"


def hours(cast: Any) -> None:
    """An hour and a half of two people at odd rates, one of it capital expenditure."""
    CostType.objects.create(key="CTY-9", name="Eigenleistung", labour=True)
    for name, rate, capital in (("tom", 80_33, False), ("rita", 101_01, True)):
        person = cast.people[name]
        sheet = TimeSheet.objects.create(person=person, monday=dt.date(2026, 10, 5), state="locked")
        TimeEntry.objects.create(
            sheet=sheet, project=cast.project, day=dt.date(2026, 10, 5), month=202610, minutes=90, capitalisable=capital
        )
        PersonRate.objects.create(person=person, amount=rate, valid_from=dt.date(2026, 1, 1))


@pytest.fixture
def october(ledger):  # noqa: F811
    """A file in two currencies with a line that waits and one that is no project, hours, an entry by hand, orders, and a twin company."""
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 1, 1), rate=Decimal("0.9"))
    MappingRule.objects.create(organisation=ledger.organisation, object="INNEN-1", ignore=True)
    extra = "100000005;1;2026;10;21.10.2026;417000;INNEN-1;4100;7,77;EUR;Kein Projekt\n"
    load(ledger, DOLLARS.replace("*;;;", extra + "*;;;"))
    load(ledger, files.COMMITMENTS_OCTOBER, kind=BookingKind.COMMITMENT)
    hours(ledger)
    book_labour(organisation=ledger.organisation, month=OCTOBER, by=ledger.conny)
    enter_booking(
        project=ledger.project, posted=dt.date(2026, 10, 30), amount=1_01, currency="EUR", text="Abgrenzung", by=ledger.conny
    )  # fmt: skip
    twin = Organisation.objects.create(key=f"{ledger.organisation.key}-2", name=f"{ledger.organisation.name} 2")
    unit = Unit.objects.create(key="UNT-T", name="Twin", organisation=twin)
    portfolio = Portfolio.objects.create(key="TWIN", name="Twin", unit=unit)
    other = Project.objects.create(
        key=f"{ledger.project.key}-2", name=ledger.project.name, portfolio=portfolio, unit=unit
    )
    Booking.objects.create(
        organisation=twin, project=other, month=OCTOBER, posted=OCTOBER, amount=9_999_99, currency="EUR", project_amount=9_999_99,
        project_currency="EUR", fingerprint="twin", source="erp",
    )  # fmt: skip
    return ledger


def month_page(cast: Any) -> Page:
    return Page(cast.client("conny"), reverse("controlling:month-detail", args=[Period.objects.get().pk]))


def test_the_files_of_a_month_agree_with_the_lines_that_each_figure_opens(october):
    page = month_page(october)
    table, links = page.table("Files against bookings"), page.links("Files against bookings")
    sums = {row[0]: [cents(cell) for cell in row[1:]] for row in table}
    assert sums["Sum of the files, each line once"] == [11_358_26, 830_03] == sums["Booked"]
    assert sums["Difference"] == [0, 0]
    parts = [sums[name] for name in ("of the booked: on projects", "waiting for a project", "not a project", "labour, which comes from time sheets")]  # fmt: skip
    assert [sum(column) for column in zip(*parts, strict=True)] == sums["Booked"]
    opened = 0
    for name, cells in links.items():
        for text, address in cells:
            if "/bookings/" in address:
                assert total_of_list(page.client, address, "Amount as booked") == cents(text), (name, address)
                opened += 1
    assert opened == 6  # booked and on projects in both currencies, waiting, not a project
    _text, file = links["Sum of the files, each line once"][0]
    of_file = Page(page.client, file).table("By month and currency")
    assert [cents(row[2]) for row in of_file] == sums["Sum of the files, each line once"]


def test_the_actual_cost_of_a_month_adds_up_over_its_sources(october):
    page = month_page(october)
    *rows, total = page.table(ALL_SOURCES)
    links = [row.xpath(".//a/@href")[0] for row in page.rows(ALL_SOURCES)[:-1]]
    assert sum(cents(row[3]) for row in rows) == cents(total[1])
    counting = Booking.objects.filter(
        organisation=october.organisation, kind="actual", left_out="", project__isnull=False
    )
    assert cents(total[1]) == sum(counting.values_list("project_amount", flat=True))
    assert {text.split(" ")[0] for text, *_rest in rows} == {"ERP", "Time", "Entered"}
    for row, address in zip(rows, links, strict=True):
        assert total_of_list(page.client, address, "Amount as booked") == cents(row[2]), row
        assert total_of_list(page.client, address, "Actual") == cents(row[3]), row
        assert text_of(Page(page.client, address).tree.xpath("//h1")[0]).split(" ")[0] == row[1]


def test_the_checks_of_a_month_tell_what_their_pages_add_up(october):
    page = month_page(october)
    said = {row[0]: row[2] for row in page.table("What has to be done")}
    client = page.client
    work = f"{reverse('controlling:unmatched')}?organisation={october.organisation.key}&month=2026-10"
    waiting = Page(client, work).table("Objects of the ERP without a project")
    assert said["Every line has its project"] == "1 line waits · 99.99 €"
    assert (sum(int(row[1]) for row in waiting), sum(cents(row[2]) for row in waiting)) == (1, 99_99)
    labour = Page(client, reverse("controlling:month-labour", args=[Period.objects.get().pk]))
    *projects, total = labour.table("By project")
    booked = cents(said["Labour cost computed"])
    assert booked == sum(cents(row[2]) for row in projects) == round(80_33 * 1.5) + round(101_01 * 1.5)
    assert sum(cents(row[3]) for row in projects) == round(101_01 * 1.5)
    assert [sum(cents(row[at]) for row in projects) for at in (2, 3)] == [cents(total[at]) for at in (2, 3)]
    assert cents(labour.answer.rpartition(":")[2]) == booked
    for row in labour.rows("By project")[:-1]:
        (address,) = row.xpath(".//td//a/@href")
        assert total_of_list(client, address, "Actual") == cents(text_of(cells_of(row)[2]))


def test_each_object_of_the_work_list_opens_to_its_lines(october):
    load(october, files.SAP_GERMAN.replace("10000000", "50000000").replace("FREMD-9", "FREMD-99"))
    page = Page(october.client("conny"), f"{reverse('controlling:unmatched')}?organisation={october.organisation.key}&month=2026-10")  # fmt: skip
    for row in page.rows("Objects of the ERP without a project"):
        (address,) = row.xpath(".//td//a/@href")
        assert total_of_list(page.client, address, "Amount as booked") == cents(text_of(cells_of(row)[2])) == 99_99


def close(cast: Any) -> None:
    for code in ("unmatched",):
        accept(cast, code)
    for step in ("load", "reconcile", "confirm", "close"):
        for missing in ("time_sheets", "labour", "differences", "forecasts"):
            if step == "load":
                accept(cast, missing)
        cast.period = advance(cast.period, step, by=cast.conny)


def test_what_was_frozen_adds_up_and_opens_to_the_figures_of_the_last_day(october):
    budget_of(october)
    budget_of(october, "forecast", first_open=NOVEMBER)
    close(october)
    page = month_page(october)
    *rows, total = page.table("Frozen figures")
    assert len(rows) == len(latest(october.period, MONTH).payload["projects"])
    for column in range(1, 6):
        assert sum(cents(row[column + 1]) for row in rows) == cents(total[column])
    opened = 0
    for row in page.rows("Frozen figures")[:-1]:
        for link in row.xpath("./td/a"):
            address, text = link.get("href"), text_of(link)
            found = Page(page.client, address)
            if "/budgets/" in address:
                assert found.tile("Work")[0] == cents(text_of(cells_of(row)[2]))
            else:
                assert text_of(found.tree.xpath("//*[@data-value]")[0]) == text.replace(".00 ", " "), address
                opened += 1
        name = row.xpath("./th/a/@href")[0]
        assert Page(page.client, name)
    assert opened == 5
    # The other tables of the closed month still say what they said before, now as it was frozen.
    *booked, sum_ = page.table(ALL_SOURCES)
    assert sum(cents(row[3]) for row in booked) == cents(sum_[1])


def test_a_month_is_followed_by_the_pmo_too_without_what_it_may_not_open(october):
    page = Page(october.client("petra"), reverse("controlling:month-detail", args=[Period.objects.get().pk]))
    for cells in page.links("Files against bookings").values():
        for _text, address in cells:
            assert october.client("petra").get(address).status_code == 200


# ── imports ──────────────────────────────────────────────────────────────────────────────────────


def test_the_numbers_of_an_import_open_to_the_lines_it_booked(october):
    batch = ActualsImport.objects.get(kind=BookingKind.ACTUAL)
    page = Page(october.client("conny"), reverse("controlling:actuals-import", args=[batch.pk]))
    (row, dollars) = page.table("By month and currency")
    told = {label: page.tree.xpath(f"//*[contains(@class,'kpi')][div[@class='l']='{label}']//*[@class='v']")[0] for label in ("Lines", "Booked", "Without a project")}  # fmt: skip
    assert int(text_of(told["Booked"])) == Booking.objects.filter(batch=batch).count() == int(row[1]) + int(dollars[1])
    assert (
        int(text_of(told["Without a project"]))
        == Booking.objects.filter(batch=batch, project=None, left_out="").count()
    )
    for cells in (row, dollars):
        assert cents(cells[2]) == cents(cells[3]) + cents(cells[4]) + cents(cells[5])
    addresses = page.tree.xpath("//table[@aria-label='By month and currency']//a/@href")
    for cells, address in zip((row, dollars), addresses, strict=True):
        assert total_of_list(page.client, address, "Amount as booked") == cents(cells[3])


# ── benefits ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def benefit(cast):
    """Two years with odd cents; three months are measured, one of them was not planned."""
    found = Benefit.objects.create(
        key="BEN-0001", project=cast.project, name="Less power", measure="Meter", holder=cast.people["conny"], state="realising",
        target=Decimal(1000), starts=dt.date(2025, 11, 1), ends=dt.date(2027, 2, 28),
    )  # fmt: skip
    planned = {"2025-11": 333_33, "2025-12": 333_34, "2026-01": 1, "2026-02": 12_345_67, "2027-01": 99}
    measured = {"2025-11": 300_00, "2025-12": 400_01, "2026-03": 5}
    for name in {*planned, *measured}:
        year, month = (int(part) for part in name.split("-"))
        values = {"planned": planned.get(name), "actual": measured.get(name)}
        BenefitValue.objects.create(benefit=found, month=dt.date(year, month, 1), **values)
    return found


def test_the_sums_of_a_benefit_are_the_sums_of_its_months(cast, benefit):
    page = Page(cast.client("conny"), reverse("controlling:benefit-detail", args=[benefit.key]))
    *rows, total = page.table("By month")
    for column, name in ((1, "planned"), (2, "actual")):
        assert sum(cents(row[column]) for row in rows) == cents(total[column])
        assert cents(total[column]) == sum(value for value in benefit.values.values_list(name, flat=True) if value)
    text = text_of(page.tree.xpath("//*[contains(@class,'answer')]//*[@class='sub']")[0])
    measured = [row for row in rows if row[2] != "–"]
    due = sum(cents(row[1]) for row in measured)
    assert (due, cents(total[2])) == (666_67, 700_06)
    assert text == f"700.06 EUR measured of 666.67 planned so far: {round(700_06 / 666_67 * 100)} %."


def test_the_list_and_the_cockpit_say_of_a_benefit_what_its_page_adds_up(cast, benefit):
    client = cast.client("conny")
    page = Page(client, reverse("controlling:benefit-detail", args=[benefit.key]))
    planned, measured = (cents(page.table("By month")[-1][column]) for column in (1, 2))
    cockpit = Page(client, reverse("portfolio:project-detail", args=[cast.project.key]))
    (row,) = [row for row in cockpit.tree.xpath("//table/tbody/tr") if "Less power" in text_of(row)]
    link = row.xpath("./th/a/@href")[0]
    assert link == page.path
    cells = [text_of(cell) for cell in cells_of(row)]
    assert cents(cells_of(row)[2].get("title")) == planned
    assert cells[3] == f"{round(measured / 666_67 * 100)} %"
    sheet = client.get(reverse("controlling:benefit-list") + "?columns=name,planned,measured&export=csv")
    text = b"".join(sheet.streaming_content if sheet.streaming else [sheet.content]).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert [Decimal(row[name]) * 100 for name in ("Planned", "Measured")] == [planned, measured]
