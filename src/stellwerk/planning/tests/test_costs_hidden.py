"""What activities cost is told to nobody without the verb ``costs``, by no page, interface or file."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stellwerk.core.api.auth import create_token
from stellwerk.core.models import AuditEntry, ChangeSet, Grant, Scope, User
from stellwerk.core.permissions import forget_grants
from stellwerk.people.services.disclosing import personal_data
from stellwerk.planning.exchange import read_schedule, write_schedule
from stellwerk.planning.exchange.costs import without_costs
from stellwerk.planning.exchange.document import Rate, Timephased
from stellwerk.planning.exchange.kept import FieldDefinition, Kept, RawTable, Value
from stellwerk.planning.exchange.tests.helping import at
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.importing import import_schedule
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db
FIRST, SECOND = 1234567, 7654321
SPELLINGS = ("1234567", "7654321", "12345.67", "76543.21", "12,345.67", "76,543.21", "12.345,67", "76.543,21")


@pytest.fixture
def plan(cast: Cast) -> Plan:
    made = create_plan(project=cast.project, by=None, start=dt.date(2027, 3, 1))
    edit_plan(plan=made, by=cast.paul, operations=[
        {"op": "add", "ref": "a", "values": {"name": "Design", "days": 5, "cost": FIRST / 100}},
    ])  # fmt: skip
    row = Activity.objects.get(plan=made)
    Activity.objects.filter(plan=made).update(responsible=cast.people["tom"])
    edit_plan(plan=made, by=cast.paul, operations=[{"op": "set", "row": row.pk, "values": {"cost": SECOND / 100, "name": "Designing"}}])  # fmt: skip
    return Plan.objects.select_related("project", "calendar").get(pk=made.pk)


def leaks(content: bytes | str) -> bool:
    text = content if isinstance(content, str) else content.decode()
    return any(one in text for one in SPELLINGS)


def api(user: User) -> Client:
    _token, secret = create_token(user=user, by=user, name="t", scopes=["read"], days=1)
    return Client(headers={"authorization": f"Bearer {secret}"})


SEEING = [("petra", True), ("paul", True), ("conny", True), ("tom", False), ("rita", False)]


@pytest.mark.parametrize(("who", "sees"), SEEING)
def test_history_of_an_activity(cast: Cast, plan: Plan, who: str, sees: bool) -> None:
    row = Activity.objects.get(plan=plan)
    address = reverse("core:history", args=["planning.activity", row.pk])
    told = cast.client(who).get(address)
    assert told.status_code == 200
    assert "Designing" in told.content.decode()
    assert "Planned cost" in told.content.decode()  # that it changed is told
    assert leaks(told.content) == sees
    panel = cast.client(who).get(reverse("planning:activity-detail", args=[row.pk]))
    assert panel.status_code == 200
    assert leaks(panel.content) == sees
    answer = api(getattr(cast, who)).get(f"/api/v1/activities/{row.pk}/history")
    assert answer.status_code == 200
    assert leaks(answer.content) == sees
    assert {"cost": ["•••", "•••"]}.items() <= answer.json()[0]["changes"].items() or sees


@pytest.mark.parametrize(("who", "sees"), [("petra", True), ("walter", False)])
def test_audit_trail(cast: Cast, plan: Plan, who: str, sees: bool) -> None:
    client = cast.client(who)
    page = client.get(reverse("core:audit"), {"kind": "planning.activity"})
    assert page.status_code == 200
    assert leaks(page.content) == sees
    exported = client.get(reverse("core:audit-export", args=["csv"]), {"kind": "planning.activity"})
    assert exported.status_code == 200
    content = b"".join(exported.streaming_content)  # type: ignore[attr-defined]
    assert "Designing" in content.decode()
    assert leaks(content) == sees
    answer = api(getattr(cast, who)).get("/api/v1/audit?entity_type=planning.activity")
    assert answer.json()["count"] >= 2
    assert leaks(answer.content) == sees


def test_a_row_that_is_gone_tells_nobody(cast: Cast, plan: Plan) -> None:
    row = Activity.objects.get(plan=plan)
    edit_plan(plan=plan, by=cast.paul, operations=[{"op": "remove", "rows": [row.pk]}])
    assert AuditEntry.objects.filter(
        entity_type="planning.activity", entity_id=row.pk, changes__has_key="cost"
    ).exists()
    page = cast.client("walter").get(reverse("core:audit"), {"kind": "planning.activity"})
    assert not leaks(page.content)


@pytest.mark.parametrize("who", ["petra", "paul"])
def test_change_sets_tell_costs_to_who_may_see_them(cast: Cast, plan: Plan, who: str) -> None:
    found = ChangeSet.objects.order_by("-pk").first()
    assert found is not None
    page = cast.client(who).get(reverse("core:changeset", args=[found.uid]))
    assert page.status_code == 200
    assert leaks(page.content)


def test_a_change_set_after_the_role_is_gone(cast: Cast, plan: Plan) -> None:
    """Paul made the change; without his role he still finds it among his changes, without what it cost."""
    Grant.objects.filter(user=cast.paul).delete()
    Grant.objects.create(user=cast.paul, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk)
    forget_grants(cast.paul)
    found = ChangeSet.objects.order_by("-pk").first()
    assert found is not None
    page = cast.client("paul").get(reverse("core:changeset", args=[found.uid]))
    assert page.status_code == 200
    assert "Designing" in page.content.decode()
    assert not leaks(page.content)


def test_what_is_stored_about_a_person(cast: Cast, plan: Plan) -> None:
    """Tom is responsible for the row: what it costs is nothing about him."""
    said = personal_data(cast.people["tom"], by=cast.petra)
    text = json.dumps(said, default=str)
    assert "Designing" in text
    assert '"cost"' not in text.split('"core.auditentry"')[0]
    assert not leaks(text)


def test_a_stale_report_of_progress_tells_no_cost(cast: Cast, plan: Plan) -> None:
    row = Activity.objects.get(plan=plan)
    for values in ({"cost": 1}, {"percent": 50, "cost": 1}, {"percent": 50}):
        body = json.dumps({"ops": [{"op": "set", "row": row.pk, "version": 1, "values": values}]})
        answer = cast.client("tom").post(f"/plans/{plan.key}/edit/", body, content_type="application/json")
        assert answer.status_code in (200, 403, 409), values
        assert not leaks(answer.content)


FORMATS = ("mspdi", "xer", "xlsx", "csv")


def everything(content: bytes) -> str:
    """All text of a file, that of a workbook unpacked."""
    if content[:2] != b"PK":
        return content.decode("utf-8-sig", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


@pytest.mark.parametrize("form", FORMATS)
def test_the_plan_as_a_file(cast: Cast, plan: Plan, form: str) -> None:
    for who, sees in (("paul", True), ("rita", False)):
        answer = cast.client(who).get(reverse("planning:plan-file", args=[plan.key]), {"format": form})
        assert answer.status_code == 200, who
        assert "Designing" in everything(answer.content)
        if sees and form == "xer":
            continue  # whether the format holds them is asked elsewhere
        assert leaks(everything(answer.content)) == sees


def test_who_chooses_a_format_is_told_that_costs_are_left_out(cast: Cast, plan: Plan) -> None:
    for who, said in (("rita", True), ("paul", False)):
        page = cast.client(who).get(reverse("planning:plan-exchange", args=[plan.key]))
        assert page.status_code == 200
        assert ("costs and rates (you may not see them)" in page.content.decode()) == said


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_without_costs_takes_none_away_when_it_comes_back(cast: Cast, plan: Plan, form: str) -> None:
    answer = cast.client("rita").get(reverse("planning:plan-file", args=[plan.key]), {"format": form})
    name = f"plan.{'xml' if form == 'mspdi' else form}"
    import_schedule(
        project=cast.project, document=read_schedule(io.BytesIO(answer.content), name=name), by=cast.paul, name=name
    )
    assert Activity.objects.get(plan=plan).cost == SECOND


def with_money() -> Any:
    """The example with money at every place that a file has for it."""
    document = example()
    odd = Decimal("12345.67")
    tasks = tuple(
        replace(
            one, cost=odd, actual_cost=odd, remaining_cost=odd, fixed_cost=odd, kept=(Kept("ACWP", "12345.67"), Kept("BCWS", "12345.67"), Kept("Hint", "stays")),
            baselines=tuple(replace(frozen, cost=odd) for frozen in one.baselines), values=(Value("1", "12345.67"), Value("2", "stays")),
            timephased=(Timephased(10, at(1), at(2), 3, "12345.67"), Timephased(9, at(1), at(2), 3, "PT8H0M0S")),
        )
        for one in document.tasks
    )  # fmt: skip
    resources = tuple(
        replace(one, standard_rate=odd, overtime_rate=odd, per_use=odd, cost=odd, rates=(Rate(0, standard=odd),))
        for one in document.resources
    )
    assignments = tuple(replace(one, cost=odd, actual_cost=odd, remaining_cost=odd) for one in document.assignments)
    tables = (
        RawTable("PROJCOST", ("id", "name"), (("1", "12345.67"),)),
        RawTable("OTHER", ("id", "target_cost"), (("1", "12345.67"),)),
    )
    named = (FieldDefinition("1", name="Cost1"), FieldDefinition("2", name="Text1"))
    return replace(
        document, tasks=tasks, resources=resources, assignments=assignments, tables=tables, fields=named, format="xer"
    )


@pytest.mark.parametrize("form", ["mspdi", "xer", "csv", "xlsx"])
def test_no_money_of_an_imported_file_stays(form: Any) -> None:
    document = with_money()
    assert leaks(repr(document).replace("Decimal('12345.67')", "12345.67"))
    bare = without_costs(document)
    assert not leaks(repr(bare))
    assert "stays" in repr(bare)
    assert "PT8H0M0S" in repr(bare)
    assert not leaks(everything(write_schedule(bare, form)))
    assert without_costs(bare) == bare


def test_money_of_an_imported_file_is_in_no_file_of_who_may_not_see_it(cast: Cast) -> None:
    content = write_schedule(replace(with_money(), format=""), "mspdi")
    import_schedule(
        project=cast.project,
        document=read_schedule(io.BytesIO(content), name="plan.xml"),
        by=cast.paul,
        name="plan.xml",
    )
    for form in FORMATS:
        answer = cast.client("rita").get(reverse("planning:plan-file", args=[cast.project.key]), {"format": form})
        assert answer.status_code == 200
        assert not leaks(everything(answer.content)), form
    whole = cast.client("paul").get(reverse("planning:plan-file", args=[cast.project.key]), {"format": "mspdi"})
    assert leaks(everything(whole.content).replace("1234567", "12345.67"))
