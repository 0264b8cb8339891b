import re

import pytest

from stellwerk.core import services
from stellwerk.core.history import entries_of, lines
from stellwerk.core.models import AuditEntry
from stellwerk.core.tests.pages.urls import Criterion, PortfolioBudget, ScoringModel

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


@pytest.fixture
def model(cast):
    found = services.create(ScoringModel, {"name": "Standard"}, by=cast.petra)
    Criterion.objects.create(model=found, name="Nutzen", weight=60, order=1)
    Criterion.objects.create(model=found, name="Risiko", weight=40, order=2)
    return found


def rows_data(found, rows, **more):
    data = {"version": found.version, "name": found.name, "description": "", "criteria-TOTAL": len(rows)} | more
    for number, row in enumerate(rows):
        for name, value in row.items():
            data[f"criteria-{number}-{name}"] = value
    return data


def stored(found):
    return [
        {"id": row.pk, "version": row.version, "name": row.name, "weight": str(row.weight)}
        for row in found.criteria.order_by("order", "pk")
    ]


def test_rows_are_changed_added_and_removed_in_one_audit_entry_on_the_parent(cast, model):
    rows = stored(model)
    rows[0]["weight"] = "70"
    rows[1]["DELETE"] = "on"
    rows.append({"name": "Strategie", "weight": "30,0"})
    cast.petra.language = "de"
    cast.petra.save()
    response = cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows))
    assert response.status_code == 302, response.content.decode()
    assert sorted(model.criteria.values_list("name", "weight")) == [("Nutzen", 70), ("Strategie", 30)]
    entry = AuditEntry.objects.get(verb="edit", entity_type="portfolio.scoringmodel", entity_id=model.pk)
    before, after = entry.changes["criteria"]
    assert {row["_name"] for row in before} == {"Nutzen", "Risiko"} and {row["_name"] for row in after} == {
        "Nutzen",
        "Strategie",
    }
    told = lines(entries_of(model), cast.petra, model)[0]
    assert any("Strategie" in change.label for change in told.changes)
    model.refresh_from_db()
    assert model.version == 2


def test_saving_without_a_change_writes_nothing(cast, model):
    response = cast.client("petra").post(
        f"/t/model/{model.pk}", rows_data(model, [*stored(model), {"name": "", "weight": ""}])
    )
    assert response.status_code == 302
    model.refresh_from_db()
    assert model.version == 1 and not AuditEntry.objects.filter(verb="edit").exists()


def test_wrong_rows_are_told_in_place_and_nothing_is_written(cast, model):
    rows = stored(model)
    rows[0]["weight"] = "viel"
    rows.append({"name": "", "weight": "5"})
    response = cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows, name="Anders"))
    text = response.content.decode()
    assert response.status_code == 422 and 'value="viel"' in text and "id_criteria-2-name_error" in text
    model.refresh_from_db()
    assert model.name == "Standard"


def test_a_rule_over_all_rows_is_told_above_the_table(cast, model):
    rows = stored(model)
    rows[0]["weight"] = "61"
    response = cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows))
    assert response.status_code == 422 and "not to 100" in response.content.decode()


def test_more_lines_keep_what_was_typed_and_judge_nothing(cast, model):
    rows = [*stored(model), {"name": "", "weight": "halb getippt"}]
    response = cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows, **{"add-criteria": "1"}))
    text = response.content.decode()
    assert response.status_code == 200 and "halb getippt" in text and 'name="criteria-TOTAL" value="6"' in text
    assert "_error" not in text


def test_two_people_who_change_one_cell_see_both_values(cast, model):
    rows = stored(model)
    rows[0]["weight"], rows[1]["weight"] = "80", "20"
    Criterion.objects.filter(pk=rows[0]["id"]).update(weight=50, version=2)
    client, url = cast.client("petra"), f"/t/model/{model.pk}"
    response = client.post(url, rows_data(model, rows))
    text = response.content.decode()
    assert response.status_code == 409 and "choice-criteria-0-weight" in text and ">80<" in text and ">50<" in text
    assert 'name="criteria-0-version" value="2"' in text
    assert Criterion.objects.get(pk=rows[1]["id"]).weight == 40  # nothing was written by halves

    rows[0]["version"], rows[1]["weight"] = "2", "50"
    version = re.search(r'name="version" value="(\d+)"', text)[1]
    data = rows_data(model, rows, **{"choice-criteria-0-weight": "theirs", "version": version})
    assert client.post(url, data).status_code == 302
    assert [row.weight for row in model.criteria.order_by("order")] == [50, 50]


def test_a_row_added_by_somebody_else_stays(cast, model):
    rows = stored(model)
    rows[0]["name"] = "Wert"
    Criterion.objects.create(model=model, name="Von Anton", weight=0, order=9)
    assert cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows)).status_code == 302
    assert set(model.criteria.values_list("name", flat=True)) == {"Wert", "Risiko", "Von Anton"}


def test_a_row_removed_by_somebody_else_is_not_lost_if_kept_here(cast, model):
    rows = stored(model)
    Criterion.objects.filter(pk=rows[1]["id"]).delete()
    assert cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows)).status_code == 302
    assert set(model.criteria.values_list("name", flat=True)) == {"Nutzen", "Risiko"}


def test_rows_of_another_parent_cannot_be_reached(cast, model):
    other = services.create(ScoringModel, {"name": "Andere"}, by=cast.petra)
    foreign = Criterion.objects.create(model=other, name="Fremd", weight=100)
    rows = [*stored(model), {"id": foreign.pk, "version": 1, "name": "Gekapert", "weight": "0", "DELETE": "on"}]
    cast.client("petra").post(f"/t/model/{model.pk}", rows_data(model, rows))
    foreign.refresh_from_db()
    assert (foreign.name, foreign.model) == ("Fremd", other)


def test_a_new_parent_comes_with_its_rows(cast):
    data = {"name": "Neu", "description": "", "criteria-TOTAL": 2, "criteria-0-name": "A", "criteria-0-weight": "100"}
    assert cast.client("petra").post("/t/model/new", data).status_code == 302
    assert list(Criterion.objects.filter(model__name="Neu").values_list("name", flat=True)) == ["A"]


def test_amounts_of_rows_are_in_the_currency_of_the_parent_and_doubles_are_told(cast):
    data = {
        "version": cast.portfolio.version, "name": cast.portfolio.name, "currency": "EUR", "budgets-TOTAL": 2,
        "budgets-0-year": "2026", "budgets-0-amount": "1,500.50", "budgets-1-year": "2026", "budgets-1-amount": "2",
    }  # fmt: skip
    client, url = cast.client("petra"), f"/t/portfolio/{cast.portfolio.pk}"
    assert client.post(url, data).status_code == 422
    assert not PortfolioBudget.objects.exists()
    assert client.post(url, data | {"budgets-1-year": "2027"}).status_code == 302
    assert list(PortfolioBudget.objects.order_by("year").values_list("amount", flat=True)) == [150050, 200]


def test_who_may_not_edit_the_parent_cannot_write_rows(cast, model):
    assert cast.client("conny").post(f"/t/model/{model.pk}", rows_data(model, stored(model))).status_code == 403
