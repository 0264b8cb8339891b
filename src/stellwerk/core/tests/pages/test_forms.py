import re

import pytest

from stellwerk.core import services
from stellwerk.core.models import AuditEntry
from stellwerk.core.tests.pages.urls import Project

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


def post_data(cast, project, **changes):
    data = {
        "version": project.version,
        "name": project.name,
        "description": "",
        "portfolio": project.portfolio_id,
        "manager": project.manager_id or "",
        "currency": "EUR",
        "budget": "18,400,000",
        "start_forecast": "",
        "finish_forecast": "",
        "priority": "",
    }
    return data | changes


def page(response):
    return response.content.decode()


def test_the_page_shows_the_stored_values_in_the_readers_language(cast):
    text = page(cast.client("petra").get(f"/t/project/{cast.project.pk}"))
    assert 'value="18,400,000"' in text
    assert f'name="version" value="{cast.project.version}"' in text
    cast.petra.language = "de"
    cast.petra.save()
    assert 'value="18.400.000"' in page(cast.client("petra").get(f"/t/project/{cast.project.pk}"))


def test_an_edit_is_saved_with_its_reason_and_one_audit_entry(cast):
    data = post_data(cast, cast.project, name="Elektrolyse Lubmin 2", finish_forecast="24.12.2026", reason="Umfang")
    response = cast.client("petra").post(f"/t/project/{cast.project.pk}", data)
    assert response.status_code == 302
    cast.project.refresh_from_db()
    assert (cast.project.name, cast.project.finish_forecast.isoformat()) == ("Elektrolyse Lubmin 2", "2026-12-24")
    entry = AuditEntry.objects.get(verb="edit")
    assert (entry.reason, set(entry.changes)) == ("Umfang", {"name", "finish_forecast"})


def test_htmx_gets_a_redirect_by_header_and_errors_as_a_fragment(cast):
    client = cast.client("petra")
    headers = {"HTTP_HX_REQUEST": "true"}
    good = client.post(f"/t/project/{cast.project.pk}", post_data(cast, cast.project, name="Neu"), **headers)
    assert (good.status_code, bool(good["HX-Redirect"])) == (204, True)
    bad = client.post(f"/t/project/{cast.project.pk}", post_data(cast, cast.project, name=""), **headers)
    assert bad.status_code == 422
    assert "<html" not in page(bad) and "hx-post" in page(bad)


def test_wrong_input_is_told_at_the_field_and_kept(cast):
    data = post_data(cast, cast.project, budget="viel", finish_forecast="31.02.2026", description="bleibt stehen")
    response = cast.client("petra").post(f"/t/project/{cast.project.pk}", data)
    text = page(response)
    assert response.status_code == 422
    assert 'value="viel"' in text and 'value="31.02.2026"' in text and "bleibt stehen" in text
    assert 'id="id_budget_error"' in text and 'id="id_finish_forecast_error"' in text
    assert AuditEntry.objects.filter(verb="edit").count() == 0


def test_a_rule_of_the_model_is_told_at_its_field(cast):
    data = post_data(cast, cast.project, manager=cast.people["stefan"].pk)
    response = cast.client("petra").post(f"/t/project/{cast.project.pk}", data)
    assert response.status_code == 422
    assert 'id="id_manager_error"' in page(response)


def test_a_required_reason_is_asked_for(cast):
    client, url = cast.client("petra"), f"/t/project/{cast.project.pk}/reason"
    refused = client.post(url, post_data(cast, cast.project, name="Neu"))
    assert refused.status_code == 422 and "id_reason_error" in page(refused)
    assert client.post(url, post_data(cast, cast.project, name="Neu", reason="weil")).status_code == 302


def test_who_may_not_edit_sees_no_form(cast):
    assert cast.client("elke").get(f"/t/project/{cast.project.pk}").status_code == 403
    assert cast.client("uwe").get(f"/t/project/{cast.project.pk}").status_code == 404
    assert (
        cast.client("elke").post(f"/t/project/{cast.project.pk}", post_data(cast, cast.project, name="x")).status_code
        == 403
    )
    cast.project.refresh_from_db()
    assert cast.project.name == "Elektrolyse Lubmin"


def test_an_edit_out_of_ones_own_reach_is_refused_with_the_input_kept(cast):
    data = post_data(cast, cast.project, manager=cast.people["olga"].pk, description="bleibt stehen")
    paul = cast.client("paul")
    form = page(paul.get(f"/t/project/{cast.project.pk}"))
    assert cast.people["olga"].last_name not in form  # Paul may not see people of other units: nothing to choose
    response = paul.post(f"/t/project/{cast.project.pk}", data)
    assert response.status_code == 422 and "bleibt stehen" in page(response)
    # a manager who gives the project away would lose it: refused by the service, not by the form
    response = paul.post(
        f"/t/project/{cast.project.pk}", post_data(cast, cast.project, manager="", description="bleibt stehen")
    )
    assert response.status_code == 403 and "bleibt stehen" in page(response)
    cast.project.refresh_from_db()
    assert cast.project.manager == cast.people["paul"]


def test_a_stale_edit_shows_both_values_and_loses_nothing(cast):
    seen = Project.objects.get(pk=cast.project.pk)
    services.edit(cast.project, {"name": "Von Anton", "priority": 3}, by=cast.anton, version=seen.version)
    client, url = cast.client("petra"), f"/t/project/{seen.pk}"
    response = client.post(url, post_data(cast, seen, name="Von Petra", description="auch von Petra"))
    text = page(response)
    assert response.status_code == 409
    assert "Von Anton" in text and "Von Petra" in text and "Anton Falk" in text and "auch von Petra" in text
    assert re.search(r'name="choice-priority" value="theirs"\s+checked', text)  # Petra had not touched it
    assert re.search(r'name="choice-name" value="mine"\s+checked', text)
    seen.refresh_from_db()
    assert seen.name == "Von Anton"

    version = re.search(r'name="version" value="(\d+)"', text)[1]
    again = post_data(cast, seen, version=version, name="Von Petra", description="auch von Petra")
    chosen = again | {"choice-name": "mine", "choice-priority": "theirs", "choice-description": "mine"}
    assert client.post(url, chosen).status_code == 302
    seen.refresh_from_db()
    assert (seen.name, seen.priority, seen.description) == ("Von Petra", 3, "auch von Petra")


def test_a_third_edit_between_the_choice_and_the_save_is_shown_again(cast):
    seen = Project.objects.get(pk=cast.project.pk)
    services.edit(cast.project, {"name": "Von Anton"}, by=cast.anton)
    client, url = cast.client("petra"), f"/t/project/{seen.pk}"
    text = page(client.post(url, post_data(cast, seen, name="Von Petra")))
    version = re.search(r'name="version" value="(\d+)"', text)[1]
    services.edit(cast.project, {"name": "Von Paul"}, by=cast.paul)
    response = client.post(url, post_data(cast, seen, version=version, name="Von Petra") | {"choice-name": "mine"})
    assert response.status_code == 409 and "Von Paul" in page(response)


def test_creating_gives_the_next_key_and_an_audit_entry(cast):
    data = post_data(cast, cast.project, name="Neues Projekt", manager="")
    response = cast.client("petra").post("/t/project/new", data)
    assert response.status_code == 302
    made = Project.objects.get(name="Neues Projekt")
    assert re.fullmatch(r"PRJ-\d{4}", made.key) and made.budget == 18_400_000_00
    assert AuditEntry.objects.get(verb="create", entity_id=made.pk).actor == cast.petra


def test_creating_where_one_may_not_is_refused_and_the_input_kept(cast):
    response = cast.client("elke").post(
        "/t/project/new", post_data(cast, cast.project, name="Schattenprojekt", manager="")
    )
    assert response.status_code == 403 and "Schattenprojekt" in page(response)
    assert not Project.objects.filter(name="Schattenprojekt").exists()


def test_an_archived_entity_is_not_edited(cast):
    services.archive(cast.project, by=cast.petra)
    fresh = Project.objects.get(pk=cast.project.pk)
    response = cast.client("petra").post(f"/t/project/{fresh.pk}", post_data(cast, fresh, name="Neu"))
    assert response.status_code == 409 and "archived" in page(response)


def test_a_next_address_of_another_site_is_ignored(cast):
    data = post_data(cast, cast.project, name="Neu", next="https://evil.example/")
    response = cast.client("petra").post(f"/t/project/{cast.project.pk}", data)
    assert "evil" not in response["Location"]


def test_script_in_a_field_is_shown_as_text(cast):
    data = post_data(cast, cast.project, name="<script>alert(1)</script>", budget="x")
    assert "<script>alert(1)" not in page(cast.client("petra").post(f"/t/project/{cast.project.pk}", data))
