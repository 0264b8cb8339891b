"""The pages of actuals, the work list, bookings and the month close: what is shown, what is refused where, what is kept."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from stellwerk.controlling.jobs_actuals import APPLY, PREVIEW
from stellwerk.controlling.models import ActualsImport, Booking, CostCentre, CostType, MappingRule, Period
from stellwerk.controlling.services import actuals_drafts
from stellwerk.controlling.tests import ledger_files as files
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Job
from stellwerk.people.models import PersonRate
from stellwerk.planning.models import Activity, Plan
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeEntry, TimeSheet

pytestmark = pytest.mark.django_db
OCTOBER = dt.date(2026, 10, 1)
NEW, WORK = "/money/actuals/new", "/money/work-list/"


@pytest.fixture
def ledger(cast):
    Project.objects.filter(pk=cast.project.pk).update(external_key="LUB-1", currency="EUR")
    cast.project.refresh_from_db()
    plan = Plan.objects.create(project=cast.project, start="2026-10-01T08:00")
    cast.work = Activity.objects.create(plan=plan, uid=1, position=1, name="Netzanschluss", wbs="01")
    CostType.objects.create(key="CTY-1", name="Fremdleistung", accounts="417000-417999")
    CostCentre.objects.create(key="CCT-1", organisation=cast.organisation, number="0004100", name="Netze")
    cast.browser = cast.client("conny")
    return cast


def upload(cast, text, name="cji3.csv", **values):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"organisation": "NORDLICHT", "month": "2026-10", "kind": "actual", **values}
    return cast.browser.post(NEW, data | {"file": SimpleUploadedFile(name, content)})


def imported(cast, text=files.SAP_GERMAN, **values):
    assert upload(cast, text, **values).status_code == 302
    batch = ActualsImport.objects.latest("pk")
    assert cast.browser.post(f"/money/actuals/{batch.pk}/apply").status_code == 302
    batch.refresh_from_db()
    return batch


# ── import ───────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_previewed_before_anything_is_booked_and_then_booked_and_taken_back(ledger):
    answer = upload(ledger, files.SAP_GERMAN)
    batch = ActualsImport.objects.get()
    assert answer.url == f"/money/actuals/{batch.pk}"
    page = ledger.browser.get(answer.url).content.decode()
    assert "5 lines would be booked: 12,180.49" in page
    assert "LUB-1.01" in page
    assert "100000004" in page
    assert not Booking.objects.exists()
    ledger.browser.post(f"/money/actuals/{batch.pk}/apply")
    batch.refresh_from_db()
    assert (batch.state, Booking.objects.count(), "upload" in batch.draft) == ("booked", 5, False)
    assert "5 lines are booked" in ledger.browser.get(answer.url).content.decode()
    again = ledger.browser.post(f"/money/actuals/{batch.pk}/apply")
    assert (again.status_code, Booking.objects.count()) == (409, 5)
    ledger.browser.post(f"/money/actuals/{batch.pk}/undo")
    assert not Booking.objects.exists()


def test_the_same_file_again_says_so_and_books_nothing(ledger):
    imported(ledger)
    upload(ledger, files.SAP_GERMAN)
    page = ledger.browser.get(f"/money/actuals/{ActualsImport.objects.latest('pk').pk}").content.decode()
    assert "booked before" in page and "0 lines would be booked" in page


def test_rejected_lines_stand_there_with_line_column_and_reason(ledger):
    upload(ledger, files.WRONG)
    page = ledger.browser.get(f"/money/actuals/{ActualsImport.objects.get().pk}").content.decode()
    for words in ("Buchungsdatum", "zehn", "EURO-ALT", "No exchange rate of USD into EUR"):
        assert words in page


def test_columns_that_nobody_recognises_are_chosen_by_hand_and_kept(ledger):
    text = files.SAP_GERMAN.replace("Wert/BWähr", "XBETR").replace("Buchungsdatum", "XDAT").replace("Periode", "XPER")
    text = "\n".join(text.splitlines()[3:])
    upload(ledger, text)
    batch = ActualsImport.objects.get()
    batch.draft["chosen"] = {}
    ledger.browser.post(
        f"/money/actuals/{batch.pk}/mapping", {"field-amount": "XBETR", "field-posted": "XDAT", "decimal_sign": ","}
    )
    batch.refresh_from_db()
    assert batch.mapping["amount"] == "XBETR" and batch.draft["preview"]["booked"] == 5
    ledger.browser.post(f"/money/actuals/{batch.pk}/apply")
    assert Booking.objects.count() == 5
    upload(ledger, text.replace("10000000", "50000000"))
    assert ActualsImport.objects.latest("pk").mapping["amount"] == "XBETR"


def test_a_column_that_is_not_in_the_file_is_refused(ledger):
    upload(ledger, files.SAP_GERMAN)
    answer = ledger.browser.post(f"/money/actuals/{ActualsImport.objects.get().pk}/mapping", {"field-amount": "Preis"})
    assert answer.status_code == 409 and "Preis" in answer.content.decode()


def test_a_workbook_is_read_too(ledger):
    book = openpyxl.Workbook()
    for row in (
        ["Belegnummer", "Position", "Buchungsdatum", "Kostenart", "PSP-Element", "Betrag", "Währung"],
        ["1", "1", dt.date(2026, 10, 5), "417000", "LUB-1.01", 12.5, "EUR"],
    ):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    upload(ledger, stream.getvalue(), name="a.xlsx")
    ledger.browser.post(f"/money/actuals/{ActualsImport.objects.get().pk}/apply")
    assert Booking.objects.get().amount == 12_50


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        (b"", {}, "empty"),
        (b"Projekt;Name\n1;2\n", {"month": "2026-13"}, "no month"),
        (b"a;b\n1;2\n", {"kind": "budget"}, "budget"),
        (b"a;b\n1;2\n", {"organisation": "NOBODY"}, "choice"),
    ],
)  # fmt: skip
def test_an_upload_that_cannot_be_is_refused_at_its_place_with_the_input_kept(ledger, text, values, words):
    answer = upload(ledger, text, **values)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page and 'value="2026-1' in page
    assert not ActualsImport.objects.exists()


@pytest.mark.parametrize(("text", "words"), [(b"%PDF-1.7 nothing", "PDF"), (b"Projekt;Name\n1;2\n", "missing")])
def test_a_useless_file_says_why_and_cannot_be_booked(ledger, text, words):
    upload(ledger, text)
    batch = ActualsImport.objects.get()
    assert words in ledger.browser.get(f"/money/actuals/{batch.pk}").content.decode()
    assert ledger.browser.post(f"/money/actuals/{batch.pk}/apply").status_code == 409


def test_a_closed_month_takes_no_file(ledger):
    Period.objects.create(organisation=ledger.organisation, month=OCTOBER, state="closed")
    answer = upload(ledger, files.SAP_GERMAN)
    assert answer.status_code == 409 and "2026-10 is closed" in answer.content.decode()
    assert not ActualsImport.objects.exists()


def test_large_files_are_read_and_booked_in_the_background(ledger, monkeypatch):
    monkeypatch.setattr(actuals_drafts, "LARGE", 100)
    upload(ledger, files.SAP_GERMAN)
    batch = ActualsImport.objects.get()
    assert "data-job" in ledger.browser.get(f"/money/actuals/{batch.pk}").content.decode()
    run_pending()
    batch.refresh_from_db()
    assert batch.draft["preview"]["booked"] == 5
    ledger.browser.post(f"/money/actuals/{batch.pk}/apply")
    assert not Booking.objects.exists()
    run_pending()
    assert Booking.objects.count() == 5
    ours = Job.objects.filter(name__in=(PREVIEW, APPLY)).order_by("pk")
    assert list(ours.values_list("name", "state")) == [(PREVIEW, "done"), (APPLY, "done")]


def test_a_discarded_preview_and_an_old_one_leave_no_file(ledger):
    upload(ledger, files.SAP_GERMAN)
    upload(ledger, files.PLAIN)
    first, second = ActualsImport.objects.order_by("pk")
    ledger.browser.post(f"/money/actuals/{first.pk}/discard")
    ActualsImport.objects.filter(pk=second.pk).update(updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert actuals_drafts.tidy() == 1
    for batch in ActualsImport.objects.all():
        assert (batch.state, "upload" in batch.draft) == ("failed", False)


# ── work list ────────────────────────────────────────────────────────────────────────────────────


def test_an_object_is_assigned_with_its_work_package_and_its_lines_follow(ledger):
    imported(ledger)
    page = ledger.browser.get(f"{WORK}?organisation=NORDLICHT&month=2026-10").content.decode()
    assert "FREMD-9" in page and "1 line waits" in page
    answer = ledger.browser.post(
        WORK, {"organisation": "NORDLICHT", "object": "FREMD-9", "project": f"{ledger.project.key} Elektrolyse", "wbs": "01", "then": "assign"}
    )  # fmt: skip
    assert answer.status_code == 302
    row = Booking.objects.get(document="100000004")
    assert (row.project, row.activity, row.project_amount) == (ledger.project, ledger.work, 99_99)


def test_a_pattern_and_not_a_project_are_rules_too_and_can_be_removed(ledger):
    imported(ledger)
    ledger.browser.post(WORK, {"organisation": "NORDLICHT", "object": "FREMD*", "then": "ignore"})
    assert Booking.objects.get(document="100000004").left_out == "no_project"
    rule = MappingRule.objects.get()
    ledger.browser.post(WORK, {"organisation": "NORDLICHT", "rule": rule.pk, "then": "rule"})
    assert not MappingRule.objects.exists()


def test_a_line_without_an_object_is_placed_by_its_cost_centre(ledger):
    imported(ledger, files.SAP_GERMAN.replace("FREMD-9", ""))
    ledger.browser.post(
        WORK, {"organisation": "NORDLICHT", "object": "4100", "project": ledger.project.key, "then": "assign"}
    )
    assert Booking.objects.get(document="100000004").project == ledger.project


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"project": "PRJ-9999"}, "no project “PRJ-9999”"),
        ({"project": ""}, "Choose a project"),
        ({"project": "PRJ-0001", "wbs": "77"}, "no work package “77”"),
        ({"then": "account", "account": "400100", "cost_type": ""}, "Choose a cost type"),
        ({"then": "rule", "rule": "x"}, "no longer there"),
    ],
)
def test_a_wrong_answer_is_refused_and_kept(ledger, values, words):
    imported(ledger)
    answer = ledger.browser.post(WORK, {"organisation": "NORDLICHT", "object": "FREMD-9", "then": "assign"} | values)
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert words in page
    if values.get("project"):
        assert f'value="{values["project"]}"' in page
    assert Booking.objects.filter(project=None).count() == 1


def test_an_account_gets_its_cost_type_and_labour_of_hours_stops_counting(ledger):
    imported(ledger)
    labour = CostType.objects.create(key="CTY-9", name="Eigenleistung", labour=True)
    ledger.browser.post(
        WORK, {"organisation": "NORDLICHT", "account": "400100", "cost_type": "CTY-9", "then": "account"}
    )
    row = Booking.objects.get(document="100000002")
    assert (row.cost_type, row.left_out) == (labour, "labour")
    labour.refresh_from_db()
    assert labour.accounts == "400100"


def test_a_cost_centre_that_is_created_later_is_found_by_looking_again(ledger):
    imported(ledger, files.SAP_GERMAN.replace(";4100;12.500", ";9990;12.500"))
    assert "9990" in ledger.browser.get(WORK).content.decode()
    centre = CostCentre.objects.create(key="CCT-2", organisation=ledger.organisation, number="9990", name="Neu")
    ledger.browser.post(WORK, {"organisation": "NORDLICHT", "then": "again"})
    assert Booking.objects.get(document="100000001", line="1").cost_centre == centre


# ── bookings ─────────────────────────────────────────────────────────────────────────────────────


def test_a_booking_shows_its_line_and_its_reversal(ledger):
    imported(ledger, files.REVERSALS)
    first = Booking.objects.get(document="400000001")
    page = ledger.browser.get(f"/money/bookings/{first.pk}").content.decode()
    assert "400000002" in page and "cji3.csv" in page


def test_project_managers_see_bookings_of_their_projects_and_no_minutes(ledger):
    imported(ledger)
    Booking.objects.filter(document="100000001", line="1").update(minutes=60)
    row = Booking.objects.get(document="100000001", line="1")
    paul = ledger.client("paul")
    assert "Hours" not in paul.get(f"/money/bookings/{row.pk}").content.decode()
    assert "Hours" in ledger.browser.get(f"/money/bookings/{row.pk}").content.decode()
    assert "Minutes" not in paul.get("/money/bookings/?columns=minutes").content.decode()
    waiting = Booking.objects.get(project=None)
    assert paul.get(f"/money/bookings/{waiting.pk}").status_code == 404
    assert ledger.client("olga").get(f"/money/bookings/{row.pk}").status_code == 404
    assert "4 bookings" in paul.get("/money/bookings/").content.decode()


def test_the_list_adds_up_what_counts_with_commitments_beside(ledger):
    imported(ledger)
    imported(ledger, files.COMMITMENTS_OCTOBER, kind="commitment")
    page = ledger.browser.get(f"/money/bookings/?project={ledger.project.key}").content.decode()
    page = ledger.browser.get("/money/bookings/").content.decode()
    assert "12,080.50" in page and "23,000" in page


def test_a_booking_by_hand_and_its_reversal_through_the_pages(ledger):
    values = {
        "project": ledger.project.pk, "wbs": "01", "posted": "2026-10-08", "amount": "1.234,50", "currency": "EUR",
        "text": "Abgrenzung", "spending": "opex", "cost_type": "", "cost_centre": "",
    }  # fmt: skip
    wrong = ledger.browser.post("/money/bookings/new", values | {"wbs": "77", "amount": "viel"})
    assert wrong.status_code == 422 and "77" in wrong.content.decode() and 'value="viel"' in wrong.content.decode()
    answer = ledger.browser.post("/money/bookings/new", values)
    row = Booking.objects.get()
    assert (answer.status_code, row.amount, row.activity) == (302, 1_234_50, ledger.work)
    early = ledger.browser.post(f"/money/bookings/{row.pk}/reverse", {"posted": "2026-10-01", "reason": "x"})
    assert early.status_code == 422 and "not posted before" in early.content.decode()
    ledger.browser.post(f"/money/bookings/{row.pk}/reverse", {"posted": "2026-10-20", "reason": "Rechnung ist da"})
    assert sum(Booking.objects.values_list("project_amount", flat=True)) == 0
    Period.objects.create(organisation=ledger.organisation, month=OCTOBER, state="closed")
    shut = ledger.browser.post("/money/bookings/new", values)
    assert shut.status_code == 409 and "closed" in shut.content.decode() and "Abgrenzung" in shut.content.decode()


# ── month ────────────────────────────────────────────────────────────────────────────────────────


def step(cast, pk, name, reason=""):
    return cast.browser.post(reverse("core:transition", args=["controlling.period", pk, name]), {"reason": reason, "version": Period.objects.get(pk=pk).version})  # fmt: skip


def test_a_month_from_its_beginning_to_the_proof_and_the_reopening(ledger):
    assert "Begin" in ledger.browser.get("/money/months/").content.decode()
    answer = ledger.browser.post("/money/months/begin", {"organisation": "NORDLICHT", "month": "2026-10"})
    pk = Period.objects.get().pk
    assert answer.url == f"/money/months/{pk}"
    imported(ledger)
    page = ledger.browser.get(answer.url).content.decode()
    assert "1 line waits" in page and "no difference" in page
    facts = page.split('name="facts" value="')[1].split('"')[0].replace("&#x27;", "'")
    stale = ledger.browser.post(f"/money/months/{pk}/accept", {"check": "unmatched", "facts": "other", "reason": "So"})
    assert (
        stale.status_code == 409
        and "look again" in stale.content.decode()
        and "So</textarea>" in stale.content.decode()
    )
    missing = ledger.browser.post(f"/money/months/{pk}/accept", {"check": "unmatched", "facts": facts, "reason": " "})
    assert missing.status_code == 422
    ledger.browser.post(
        f"/money/months/{pk}/accept", {"check": "unmatched", "facts": facts, "reason": "Kommt im November"}
    )
    assert "Kommt im November" in ledger.browser.get(answer.url).content.decode()
    for name in ("load", "reconcile", "confirm", "close"):
        assert step(ledger, pk, name).status_code == 302
    page = ledger.browser.get(answer.url).content.decode()
    assert "October 2026 is closed" in page and "Frozen figures" in page and "Kommt im November" in page
    proof = ledger.browser.get(f"/money/months/{pk}/proof").content.decode()
    assert "come out to the cent" in proof
    Booking.objects.filter(document="100000002").update(project_amount=1)
    proof = ledger.browser.get(f"/money/months/{pk}/proof").content.decode()
    assert "differ" in proof and ledger.project.key in proof
    assert step(ledger, pk, "reopen").status_code == 422
    assert step(ledger, pk, "reopen", "Rechnung vergessen").status_code == 302
    assert Period.objects.get().state == "reopened"


def test_labour_names_whose_rate_is_missing_and_books_the_rest(ledger):
    CostType.objects.create(key="CTY-9", name="Eigenleistung", labour=True)
    sheet = TimeSheet.objects.create(person=ledger.people["tom"], monday=dt.date(2026, 10, 5), state="locked")
    for day in (5, 6):
        TimeEntry.objects.create(
            sheet=sheet, project=ledger.project, day=dt.date(2026, 10, day), month=202610, minutes=60
        )
    PersonRate.objects.create(person=ledger.people["tom"], amount=80_00, valid_from=dt.date(2026, 10, 6))
    period = Period.objects.create(organisation=ledger.organisation, month=OCTOBER)
    page = ledger.browser.get(f"/money/months/{period.pk}/labour").content.decode()
    assert "Hours without a rate" in page and "Okafor" in page and "80" in page
    assert ledger.browser.post(f"/money/months/{period.pk}/labour").status_code == 302
    assert Booking.objects.get().amount == 80_00
    Period.objects.update(state="closed")
    assert ledger.browser.post(f"/money/months/{period.pk}/labour").status_code == 409


@pytest.mark.parametrize("month", ["", "2026-13", "x" * 500, "1800-01"])
def test_no_month_is_begun_from_nonsense(ledger, month):
    assert ledger.browser.post("/money/months/begin", {"organisation": "NORDLICHT", "month": month}).status_code in (
        409,
        422,
    )
    assert not Period.objects.exists()


def test_months_of_another_company_and_pages_without_a_right(ledger):
    period = Period.objects.create(organisation=ledger.organisation, month=OCTOBER)
    assert ledger.client("petra").get(f"/money/months/{period.pk}").status_code == 200
    for name, status in (("paul", 403), ("tom", 403), ("rita", 403), ("uwe", 403)):
        assert ledger.client(name).get(f"/money/months/{period.pk}").status_code == status
    assert ledger.client("petra").post(f"/money/months/{period.pk}/accept", {"check": "unmatched"}).status_code == 403
    assert ledger.client("petra").get(NEW).status_code == 403


# ── command ──────────────────────────────────────────────────────────────────────────────────────


def run(tmp_path, capsys, text, *options):
    path = tmp_path / "cji3.csv"
    path.write_text(text, encoding="utf-8")
    try:
        code = call_command("import_actuals", str(path), *options, "--as", "conny@example.com", "--json")
    except SystemExit as stop:
        code = stop.code
    return code, json.loads(capsys.readouterr().out)


def test_the_command_tells_what_became_of_the_lines_as_json(ledger, tmp_path, capsys):
    code, told = run(tmp_path, capsys, files.SAP_GERMAN, "--period", "2026-10")
    assert not code
    assert {"lines", "booked", "duplicates", "unmapped", "rejected", "sum_by_currency"} <= told.keys()
    assert (told["lines"], told["booked"], told["unmapped"]) == (5, 5, 1)
    assert told["sum_by_currency"] == {"EUR": "12180.49"}
    assert "open" not in told
    again = run(tmp_path, capsys, files.SAP_GERMAN, "--period", "2026-10")[1]
    assert (again["booked"], again["duplicates"]) == (0, 5)
    early = run(tmp_path, capsys, files.SAP_GERMAN.replace("10000000", "50000000"), "--period", "2026-09")[1]
    assert (early["booked"], len(early["rejected"])) == (0, 5)
