"""Inline edit, bulk edit with undo, and export."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.utils import timezone

from stellwerk.core import changesets, formats
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.lists import LISTS
from stellwerk.core.lists.editing import apply_edit, chosen_rows, parse_ids, plan_edit
from stellwerk.core.lists.export import guarded
from stellwerk.core.models import AuditEntry, ChangeSet
from stellwerk.core.services import edit
from stellwerk.people.models import Person
from stellwerk.testing import Cast

HTMX = {"HX-Request": "true"}
SPEC = LISTS["people.person"]


def cell(cast: Cast, column: str) -> str:
    return f"/lists/people.person/{cast.people['paul'].pk}/{column}"


def test_a_cell_is_edited_in_place_and_recorded(cast: Cast):
    client = cast.client("petra")
    paul = cast.people["paul"]
    form = client.get(cell(cast, "fte"), headers=HTMX).content.decode()
    assert f'name="version" value="{paul.version}"' in form
    response = client.post(cell(cast, "fte"), {"fte": "0.75", "version": paul.version}, headers=HTMX)
    assert response.status_code == 200
    assert response.content.decode().strip() == "0.75"
    paul.refresh_from_db()
    assert str(paul.fte) == "0.75"
    assert AuditEntry.objects.filter(entity_type="people.person", entity_id=paul.pk, actor=cast.petra).count() == 1


def test_a_stale_edit_is_refused_with_both_values_and_can_then_be_saved(cast: Cast):
    client, paul = cast.client("petra"), cast.people["paul"]
    edit(paul, {"fte": "0.60"}, by=cast.anton, version=paul.version)
    response = client.post(cell(cast, "fte"), {"fte": "0.75", "version": paul.version}, headers=HTMX)
    html = response.content.decode()
    assert "0.75" in html and "0.6" in html and "Anton Falk" in html
    assert str(Person.objects.get(pk=paul.pk).fte) == "0.60"
    client.post(cell(cast, "fte"), {"fte": "0.75", "version": paul.version + 1}, headers=HTMX)
    assert str(Person.objects.get(pk=paul.pk).fte) == "0.75"


@pytest.mark.parametrize("value", ["much", "7", "-1", "1e5"])
def test_a_wrong_value_stays_in_the_cell_with_the_reason(cast: Cast, value: str):
    response = cast.client("petra").post(cell(cast, "fte"), {"fte": value, "version": 1}, headers=HTMX)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert Person.objects.get(pk=cast.people["paul"].pk).fte == 1


@pytest.mark.parametrize("who", ["paul", "tom", "conny", "uwe", "ada"])
def test_a_cell_of_what_one_may_not_edit_is_refused(cast: Cast, who: str):
    response = cast.client(who).post(cell(cast, "fte"), {"fte": "0.5", "version": 1}, headers=HTMX)
    assert response.status_code in {403, 404}
    assert Person.objects.get(pk=cast.people["paul"].pk).fte == 1


def test_a_column_that_is_not_editable_has_no_form(cast: Cast):
    assert cast.client("petra").get(cell(cast, "name"), headers=HTMX).status_code == 404
    assert cast.client("petra").get("/lists/nothing/1/fte").status_code == 404


# ── many rows ────────────────────────────────────────────────────────────────────────────────────


def seen(*people: Person) -> dict[int, int | None]:
    return {one.pk: one.version for one in people}


def test_a_bulk_edit_is_previewed_applied_and_undone(cast: Cast):
    paul, tom = cast.people["paul"], cast.people["tom"]
    column = SPEC.column("unit")
    assert column is not None
    plan = plan_edit(SPEC, column, cast.sub_unit, chosen_rows(SPEC, cast.petra, [paul.pk, tom.pk]), cast.petra)
    assert [row.pk for row in plan.changing] == [paul.pk]
    assert (plan.changing[0].before, plan.changing[0].after) == ("Anlagenbau", "E-Technik")
    assert plan.unchanged == 1
    outcome = apply_edit(SPEC, column, cast.sub_unit, by=cast.petra, seen=parse_ids(plan.token))
    assert outcome.changed == 1
    assert Person.objects.get(pk=paul.pk).unit_id == cast.sub_unit.pk
    assert outcome.change_set is not None
    assert AuditEntry.objects.get(change_set=outcome.change_set).entity_id == paul.pk
    changesets.undo(outcome.change_set, by=cast.petra)
    assert Person.objects.get(pk=paul.pk).unit_id == cast.unit.pk


def test_a_bulk_edit_leaves_out_what_changed_meanwhile_and_what_is_forbidden(cast: Cast):
    paul, olga = cast.people["paul"], cast.people["olga"]
    column = SPEC.column("phone")
    assert column is not None
    old = seen(paul, cast.people["tom"])
    edit(paul, {"phone": "1"}, by=cast.anton)
    outcome = apply_edit(SPEC, column, "2", by=cast.rita, seen=old | seen(olga))
    assert outcome.changed == 1
    assert [name for name, _reason in outcome.refused] == ["Paul Jansen"]
    assert Person.objects.get(pk=paul.pk).phone == "1"
    assert Person.objects.get(pk=olga.pk).phone == ""


def test_nothing_changed_leaves_no_change_set(cast: Cast):
    column = SPEC.column("phone")
    assert column is not None
    outcome = apply_edit(SPEC, column, "2", by=cast.conny, seen=seen(cast.people["paul"]))
    assert (outcome.changed, outcome.change_set) == (0, None)
    assert not ChangeSet.objects.exists()


def test_too_many_rows_at_once_are_refused_with_a_way_out(cast: Cast):
    with pytest.raises(Refused, check=lambda error: error.code == "too_many"):
        chosen_rows(SPEC, cast.petra, list(range(1001)))


def test_the_pages_of_a_bulk_edit_lead_from_choice_to_change(cast: Cast):
    client, paul = cast.client("petra"), cast.people["paul"]
    page = client.post(
        "/people/?q=paul", {"bulk": "field:", "field": "employment_type", "ids": [f"{paul.pk}:{paul.version}"]}
    )
    assert page.status_code == 200
    page = client.post(
        "/people/?q=paul",
        {"bulk": "field:employment_type", "ids": str(paul.pk), "preview": "1", "employment_type": "freelancer"},
    )
    html = page.content.decode()
    assert "Freelancer" in html and f"{paul.pk}:{paul.version}" in html
    done = client.post(
        "/people/?q=paul",
        {
            "bulk": "field:employment_type",
            "seen": f"{paul.pk}:{paul.version}",
            "apply": "1",
            "employment_type": "freelancer",
        },
    )
    assert done.status_code == 302
    assert Person.objects.get(pk=paul.pk).employment_type == "freelancer"


def test_all_rows_of_the_filtered_list_can_be_chosen(cast: Cast):
    page = cast.client("petra").post("/people/?q=brandes", {"bulk": "field:phone", "all": "1"})
    assert page.context["count"] == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"bulk": "x"},
        {"bulk": "field:nothing", "ids": "1"},
        {"bulk": "action:nothing", "ids": "1"},
        {"ids": "x,;\x00"},
    ],
)
def test_odd_posts_to_a_list_are_never_an_error(cast: Cast, data: dict[str, str]):
    assert cast.client("petra").post("/people/", data).status_code in {302, 403, 409}


# ── export ───────────────────────────────────────────────────────────────────────────────────────


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_becomes_a_formula(text: str):
    assert guarded(text)[0] not in "=+-@\t\r\n"


def test_xlsx_holds_the_filtered_rows_with_their_types(cast: Cast):
    Person.objects.create(
        key="P-1",
        first_name="=HYPERLINK(1)",
        last_name="Böse",
        unit=cast.unit,
        fte="0.5",
        exit_date=dt.date(2026, 12, 31),
    )
    response = cast.client("petra").get("/people/?q=böse&columns=name,fte,exit_date&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(body(response))).active
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert rows[0] == ("Name", "FTE", "Exit")
    assert rows[1] == ("=HYPERLINK(1) Böse", 0.5, dt.datetime(2026, 12, 31))  # noqa: DTZ001 - a workbook knows no zone
    assert sheet.cell(5, 1).data_type == "s"
    assert "böse" in sheet.cell(2, 1).value and formats.day(timezone.localdate()) in sheet.cell(2, 1).value
    assert len(rows) == 2


@pytest.mark.parametrize(("language", "delimiter", "number"), [("de", ";", "0,50"), ("en", ",", "0.50")])
def test_csv_speaks_the_readers_language_and_guards_against_formulas(
    cast: Cast, language: str, delimiter: str, number: str
):
    type(cast.petra).objects.filter(pk=cast.petra.pk).update(language=language)
    Person.objects.create(
        key="P-1", first_name="=1+1", last_name="Böse", unit=cast.unit, fte="0.5", exit_date=dt.date(2026, 12, 31)
    )
    response = cast.client("petra").get("/people/?q=böse&columns=name,fte,exit_date&export=csv")
    text = body(response).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    assert rows[1] == ["'=1+1 Böse", number, "2026-12-31"]


def test_an_export_shows_no_more_than_the_page_and_needs_its_permission(cast: Cast):
    text = body(cast.client("rita").get("/people/?columns=name&size=200&export=csv")).decode()
    assert "Olga" not in text or "Olga" in cast.client("rita").get("/people/?columns=name&size=200").content.decode()
    assert cast.client("tom").get("/people/?export=csv").status_code == 403


def test_the_edit_of_a_cell_needs_the_permission_after_the_change_too(cast: Cast):
    with pytest.raises(NotAllowed):
        edit(cast.people["paul"], {"unit": cast.other_unit}, by=cast.rita)
