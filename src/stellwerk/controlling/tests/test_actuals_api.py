"""Actuals in the API: an ERP posts lines, a program closes a month; the same rules as on the pages."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from stellwerk.controlling.models import ActualsImport, Booking, CostType, Period
from stellwerk.core.api.auth import create_token
from stellwerk.portfolio.models import Project

pytestmark = pytest.mark.django_db
OCTOBER = dt.date(2026, 10, 1)


@pytest.fixture
def ledger(cast):
    Project.objects.filter(pk=cast.project.pk).update(external_key="LUB-1", currency="EUR")
    CostType.objects.create(key="CTY-1", name="Fremdleistung", accounts="417000-417999")
    cast.call = caller(cast, "conny")
    return cast


def caller(cast, name, scopes=("write",)):
    user = getattr(cast, name)
    _token, secret = create_token(user=user, by=user, name="test", scopes=list(scopes))
    client = cast.client(name)
    client.logout()

    def call(method, path, body=None):
        answer = client.generic(
            method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip
        return answer.status_code, answer.json() if answer.content else None

    return call


def lines(**changes):
    row = {
        "document": "100",
        "line": "1",
        "posted": "2026-10-05",
        "amount": 12_500_00,
        "currency": "EUR",
        "object": "LUB-1.01",
        "account": "417000",
    }
    return [row, row | {"document": "101", "amount": 99_99, "object": "FREMD-9"} | changes]


def post(call, rows, **more):
    return call("POST", "/actuals-lines", {"organisation": "NORDLICHT", "month": "2026-10", "lines": rows} | more)


def test_lines_are_booked_once_and_the_rest_is_named(ledger):
    status, told = post(ledger.call, lines())
    assert (status, told["booked"], told["unmapped"], told["sum_by_currency"]) == (200, 2, 1, {"EUR": "12599.99"})
    status, told = post(ledger.call, lines(currency="CHF", object="LUB-1", document="102"))
    assert (told["booked"], told["duplicates"], told["rejected"][0]["line"]) == (0, 1, 2)
    assert "CHF" in told["rejected"][0]["reason"]
    _status, waiting = ledger.call("GET", "/actuals-worklist?organisation=NORDLICHT")
    assert [(row["object"], row["sums"]) for row in waiting] == [("FREMD-9", {"EUR": 99_99})]
    body = {"organisation": "NORDLICHT", "object": "FREMD-9", "project": ledger.project.key}
    assert ledger.call("POST", "/actuals-worklist", body) == (200, {"assigned": 1})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"currency": "euro"}, 422),
        ({"amount": 10**16}, 422),
        ({"amount": 1.5}, 422),
        ({"posted": "1200-01-01"}, 422),
        ({"surprise": 1}, 422),
    ],
)
def test_lines_that_cannot_be_are_refused_as_a_whole(ledger, change, status):
    assert post(ledger.call, lines(**change))[0] == status
    assert not Booking.objects.exists()
    assert not ActualsImport.objects.exists()


def test_others_neither_book_nor_see_the_work_list(ledger):
    for name in ("paul", "petra", "elke"):
        call = caller(ledger, name)
        assert post(call, lines())[0] == 403
        assert call("GET", "/actuals-worklist?organisation=NORDLICHT")[0] == 403
        assert call("GET", "/actuals-imports")[0] == 403
    assert post(caller(ledger, "conny", ["read"]), lines())[0] == 403


def test_bookings_follow_the_project_and_tell_no_minutes(ledger):
    post(ledger.call, lines())
    status, page = caller(ledger, "paul", ["read"])("GET", "/cost-bookings")
    assert (status, page["count"]) == (200, 1)
    assert page["items"][0]["amount"] == 12_500_00 and "minutes" not in page["items"][0]
    assert caller(ledger, "olga", ["read"])("GET", "/cost-bookings")[1]["count"] == 0
    assert caller(ledger, "tom", ["read"])("GET", "/cost-bookings")[0] == 403


def test_a_month_closes_through_the_api_and_refuses_from_then_on(ledger):
    status, period = ledger.call("POST", "/periods", {"organisation": "NORDLICHT", "month": "2026-10"})
    assert (status, period["state"]) == (201, "open")
    path = f"/periods/{period['id']}"
    post(ledger.call, lines())
    checks = {row["check"]: row for row in ledger.call("GET", f"{path}/checks")[1]}
    assert (checks["actuals"]["done"], checks["unmatched"]["done"]) == (True, False)
    body = {"check": "unmatched", "facts": checks["unmatched"]["facts"], "reason": "November"}
    assert ledger.call("POST", f"{path}/accept", body)[0] == 200
    for step in ("load", "reconcile", "confirm", "close"):
        status, told = ledger.call("POST", f"{path}/transitions/{step}", {})
        assert status == 200, told
    assert ledger.call("GET", f"{path}/proof")[1]["holds"] is True
    batch = ActualsImport.objects.get()
    before = list(Booking.objects.order_by("pk").values())
    status, told = post(ledger.call, lines(document="900"))
    assert (told["booked"], len(told["rejected"])) == (0, 1)
    assert ledger.call("POST", f"/actuals-imports/{batch.pk}/undo", {})[0] == 409
    assert ledger.call("POST", f"{path}/labour", {})[0] == 409
    entry = {"project": ledger.project.key, "posted": "2026-10-09", "amount": 1, "currency": "EUR", "text": "x"}
    assert ledger.call("POST", "/cost-bookings", entry)[0] == 409
    assert ledger.call("POST", f"{path}/accept", body)[0] == 409
    assert list(Booking.objects.order_by("pk").values()) == before
    assert ledger.call("POST", f"{path}/transitions/reopen", {})[0] == 422
    assert ledger.call("POST", f"{path}/transitions/reopen", {"reason": "late"})[1]["state"] == "reopened"


def test_a_booking_by_hand_and_its_reversal(ledger):
    entry = {
        "project": ledger.project.key,
        "posted": "2026-10-09",
        "amount": 5_00,
        "currency": "EUR",
        "text": "Accrual",
    }
    status, made = ledger.call("POST", "/cost-bookings", entry)
    assert (status, made["source"], made["month"]) == (201, "manual", "2026-10-01")
    status, back = ledger.call(
        "POST", f"/cost-bookings/{made['id']}/reverse", {"posted": "2026-10-20", "reason": "Invoice"}
    )
    assert (status, back["amount"], back["reverses"]) == (200, -5_00, f"M-{made['id']}")
    assert caller(ledger, "paul")("POST", "/cost-bookings", entry)[0] == 403
    assert Period.objects.count() == 0
