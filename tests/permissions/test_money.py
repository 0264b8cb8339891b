"""Money of others: what no page and no address of the API tells or takes of a project that its reader may not see."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from stellwerk.controlling.models import (
    Benefit,
    Booking,
    Budget,
    BusinessCase,
    ForecastException,
    InvestmentRound,
    RoundItem,
)
from stellwerk.controlling.services.budgets import create_budget
from stellwerk.core.models import AuditEntry, Confidentiality, Grant, Scope
from stellwerk.core.permissions import can, forget_grants
from stellwerk.portfolio.models import Portfolio, Project, Proposal
from tests.permissions.conftest import Company
from tests.permissions.test_attacks import DOCUMENT, send, token
from tests.targets import Sample, names, targets_of

SECRET = ("Verschwiegen", "PRJ-0003", "Geheimnis", "PRP-0009", "BCA-0009")
DAY = dt.date(2026, 11, 20)
# Whoever may not see PRJ-0003, with a role that reads money somewhere or none.
READERS = ("anton", "paul", "conny", "stefan", "gerda", "tom", "rita", "ada", "walter", "uwe")


@pytest.fixture(scope="module")
def rich(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Company, dict[str, Any]]]:
    """The company, and a strictly confidential project with one of everything that money is counted by."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = Company()
        cast = company.cast
        strict = Project.objects.get(key="PRJ-0003")
        budget = create_budget(project=strict, by=None)
        Budget.objects.filter(pk=budget.pk).update(name="Verschwiegen", state="approved")
        organisation = cast.organisation
        line = Booking.objects.create(
            organisation=organisation, month=DAY.replace(day=1), posted=DAY, project=strict, amount=777, currency="EUR",
            project_amount=777, fingerprint="strict", text="Verschwiegen",
        )  # fmt: skip
        proposal = Proposal.objects.create(
            key="PRP-0009", name="Geheimnis", portfolio=cast.portfolio, confidentiality=Confidentiality.STRICT,
            requester=cast.people["olga"], state="scored",
        )  # fmt: skip
        case = BusinessCase.objects.create(key="BCA-0009", proposal=proposal, state="submitted")
        RoundItem.objects.create(round=InvestmentRound.objects.get(key="RND-0001"), proposal=proposal)
        opened = ForecastException.objects.create(key="EXC-0009", project=strict, opened_on=DAY, due=DAY, told={})
        benefit = Benefit.objects.create(key="BEN-0009", project=strict, name="Verschwiegen", measure="Days")
        yield company, {
            "budgets": budget, "cost-bookings": line, "business-cases": case, "forecast-exceptions": opened,
            "benefits": benefit, "projects": strict, "proposals": proposal,
        }  # fmt: skip
        transaction.set_rollback(True)


@pytest.fixture
def hidden(rich: tuple[Company, dict[str, Any]], db: None) -> tuple[Company, dict[str, Any]]:
    cache.clear()
    return rich


def body_of(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")


@pytest.mark.parametrize("user", READERS)
def test_no_page_of_money_names_a_strictly_confidential_project(hidden, user):
    company, objects = hidden
    who, wrong = company.cast.users[user], []
    assert not can(who, "view", objects["projects"])
    client = company.cast.client(user)
    client.raise_request_exception = False
    for name in (one for one in names() if one.startswith("controlling:")):
        for target in targets_of(name, company.samples):
            if any(text in target.path for text in SECRET):
                continue
            with transaction.atomic():
                answer = client.get(target.path)
                told = body_of(answer)
                transaction.set_rollback(True)
            wrong += [f"{user} reads {text} at {target.path}" for text in SECRET if text in told]
            if answer.status_code >= 500:
                wrong.append(f"{user} breaks {target.path}")
    assert not wrong, "\n".join(wrong)


MONEY = (
    "budgets", "benefits", "forecast-exceptions", "periods", "actuals-imports", "cost-bookings", "business-cases",
    "investment-rounds", "strategic-objectives", "simulations", "actuals-worklist", "authority-limits",
)  # fmt: skip


@pytest.mark.parametrize("user", READERS)
def test_no_address_of_the_api_names_it_either(hidden, user):
    company, _objects = hidden
    client, wrong, asked = token(company.cast.users[user], "read"), [], 0
    rows = {"periods": "month", "investment-rounds": "investment round", "strategic-objectives": "objective"}
    for path, methods in DOCUMENT["paths"].items():
        short = path.removeprefix("/api/v1/")
        first = short.split("/")[0]
        if "get" not in methods or first not in (*MONEY, "portfolios", "programmes"):
            continue
        if "{" in short:
            sample = next((row.obj for row in company.samples.get(rows.get(first, ""), ())), None)
            sample = {"portfolios": company.cast.portfolio, "programmes": company.cast.programme}.get(first, sample)
            if sample is None:
                continue
            short = short.replace("{number}", str(sample.pk)).replace("{key}", str(getattr(sample, "key", "")))
        with transaction.atomic():
            answer = client.get(
                f"/api/v1/{short}?organisation=NORDLICHT" if "worklist" in short else f"/api/v1/{short}"
            )
            told = body_of(answer)
            transaction.set_rollback(True)
        asked += 1
        wrong += [f"{user} reads {text} at {short}" for text in SECRET if text in told]
    assert asked > 20
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("user", READERS)
def test_money_below_it_is_hidden_and_never_written(hidden, user):
    company, objects = hidden
    client, wrong = token(company.cast.users[user]), []
    with transaction.atomic():
        before = AuditEntry.objects.count()
        for resource, obj in objects.items():
            start = f"/api/v1/{resource}/"
            for path, methods in DOCUMENT["paths"].items():
                if not path.startswith(start + "{"):
                    continue
                short = path.removeprefix("/api/v1/").replace("{key}", str(getattr(obj, "key", "")))
                short = short.replace("{number}", str(obj.pk), 1).replace("{number}", "1").replace("{step}", "approve")
                for method in methods:
                    status = send(client, method, short, {"version": 1, "reason": "x"}).status_code
                    if status not in (403, 404, 422) or (method == "get" and status not in (403, 404, 422)):
                        wrong.append(f"{user} {method} {short}: {status}")
        if AuditEntry.objects.count() != before:
            wrong.append(f"{user} wrote something")
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("budgets", {"project": "?"}),
        ("benefits", {"project": "?", "name": "B", "measure": "Days"}),
        ("simulations", {"project": "?"}),
        ("simulations", {"project": "PRJ-0001", "risks": [{"name": "R", "probability": 0.5, "project": "?"}]}),
    ],
)
def test_a_hidden_project_cannot_be_told_from_none(hidden, path, body):
    """The answers to PRJ-0003 and to a key that was never given are the same but for the key."""
    client = token(hidden[0].cast.paul)
    told = []
    for key in ("PRJ-0003", "PRJ-9999"):
        with transaction.atomic():
            answer = send(client, "post", path, json.loads(json.dumps(body).replace("?", key)))
            told.append((answer.status_code, answer.content.decode().replace(key, "")))
            transaction.set_rollback(True)
    assert told[0] == told[1]
    assert told[0][0] in (403, 404, 422)


def test_an_executive_of_another_portfolio_reaches_no_money_of_this_one(hidden):
    """Bound to one portfolio: neither amounts nor decisions of another."""
    company, _objects = hidden
    cast = company.cast
    with transaction.atomic():
        other = Portfolio.objects.create(key="SUED", name="Süd", unit=cast.other_unit, state="active")
        Grant.objects.create(user=cast.uwe, role="executive", scope=Scope.PORTFOLIO, scope_id=other.pk)
        forget_grants(cast.uwe)
        client, wrong = token(cast.uwe), []
        for resource, kind in (
            ("budgets", "budget"), ("benefits", "benefit"), ("business-cases", "business case"), ("investment-rounds", "investment round"),
            ("cost-bookings", "line of cost"), ("simulations", "simulation"),
        ):  # fmt: skip
            listed = client.get(f"/api/v1/{resource}")
            if listed.status_code == 200 and listed.json()["items"]:
                wrong.append(f"{resource}: {listed.json()['items'][0]}")
            sample: Sample
            for sample in company.samples[kind]:
                at = getattr(sample.obj, "key", None) or sample.obj.pk
                for method, path in (("get", f"{resource}/{at}"), ("post", f"{resource}/{at}/transitions/approve")):
                    status = send(client, method, path, {"version": 1, "reason": "x"}).status_code
                    if status not in (403, 404):
                        wrong.append(f"{method} {path}: {status}")
        for path in (
            "portfolios/ANLAGEN/earned-value",
            "programmes/PRG-0001/earned-value",
            "projects/PRJ-0001/earned-value",
        ):
            if client.get(f"/api/v1/{path}").status_code != 404:
                wrong.append(path)
        transaction.set_rollback(True)
    forget_grants(cast.uwe)
    assert not wrong, "\n".join(wrong)
