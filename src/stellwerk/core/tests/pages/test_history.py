import csv
import io

import pytest
from django.utils import translation

from stellwerk.core import services
from stellwerk.core.history import entries_of, lines
from stellwerk.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


def text(response):
    return response.content.decode()


def test_changes_are_told_in_words(cast):
    services.edit(
        cast.project,
        {"manager": cast.people["olga"], "budget": 20_000_000_00, "finish_forecast": "2026-12-24", "category": "grow"},
        by=cast.petra,
        reason="Übergabe",
    )
    line = lines(entries_of(cast.project), cast.petra, cast.project)[0]
    told = {change.label: (change.old, change.new) for change in line.changes}
    assert told["Project manager"] == ("Paul Jansen", "Olga Brandes")
    assert told["Approved budget"] == ("18,400,000\u00a0€", "20,000,000\u00a0€")
    assert told["Finish (forecast)"] == ("–", "24 Dec 2026")
    assert (line.who, line.what, line.why) == ("Petra Brandt", "changed", "Übergabe")


def test_names_that_the_reader_may_not_see_stay_hidden(cast):
    services.edit(cast.project, {"manager": cast.people["olga"]}, by=cast.petra)
    line = lines(entries_of(cast.project), cast.stefan, cast.project)[0]
    assert "Olga" not in str(line.changes) and "not visible" in str(line.changes)


@pytest.mark.parametrize(("language", "label"), [("de", "Momentaufnahme"), ("en", "Snapshot")])
def test_a_frozen_state_is_named_in_the_readers_language_with_its_public_id(cast, language, label):
    services.record(cast.project, by=None, verb="snapshot", changes={"snapshot": [None, "d87dc5a4-dad0"]})
    with translation.override(language):
        told = lines(entries_of(cast.project), cast.petra, cast.project)[0].changes
    assert [(change.label, change.old, change.new) for change in told] == [(label, "–", "d87dc5a4-dad0")]


def test_the_history_page_is_for_who_may_see_the_entity(cast):
    services.edit(cast.project, {"name": "Neu"}, by=cast.petra)
    url = f"/entity/portfolio.project/{cast.project.pk}/history"
    assert "Elektrolyse Lubmin" in text(cast.client("tom").get(url))
    assert cast.client("uwe").get(url).status_code == 404
    assert cast.client("olga").get(url).status_code == 404


def test_a_long_history_costs_a_bounded_number_of_queries(cast, django_assert_max_num_queries):
    for number in range(60):
        people = ("olga", "paul")[number % 2]
        cast.project = services.edit(
            cast.project, {"priority": number + 1, "manager": cast.people[people]}, by=cast.petra
        )
    client = cast.client("petra")
    url = f"/entity/portfolio.project/{cast.project.pk}/history"
    with django_assert_max_num_queries(20):
        client.get(url)


# ── the whole trail ──────────────────────────────────────────────────────────────────────────────


def test_the_audit_page_is_for_auditors_the_pmo_lead_and_administrators(cast):
    for name, status in {"walter": 200, "petra": 200, "ada": 200, "paul": 403, "conny": 403, "uwe": 403}.items():
        assert cast.client(name).get("/audit/").status_code == status, name


def test_an_administrator_reads_no_business_data_in_the_trail(cast):
    services.edit(cast.project, {"name": "Geheim"}, by=cast.petra)
    services.record(cast.uwe, by=cast.ada, verb="edit", changes={"name": ["Uwe", "Uwe S."]})
    page = text(cast.client("ada").get("/audit/"))
    assert "Uwe S." in page and "Geheim" not in page
    export = b"".join(cast.client("ada").get("/audit/export.csv").streaming_content).decode()
    assert "Uwe S." in export and "Geheim" not in export


def test_the_trail_is_filtered_by_kind_person_key_and_day(cast):
    services.edit(cast.project, {"name": "Erstes"}, by=cast.petra)
    services.edit(cast.other_project, {"name": "Zweites"}, by=cast.anton)
    client = cast.client("walter")
    assert "Zweites" not in text(client.get("/audit/?key=PRJ-0001"))
    assert "Erstes" not in text(client.get(f"/audit/?who={cast.anton.pk}"))
    assert "Erstes" not in text(client.get("/audit/?until=2001-01-01"))
    assert "Erstes" in text(client.get("/audit/?since=01.01.2020&kind=portfolio.project"))
    assert "is not a date" in text(client.get("/audit/?since=gestern"))


def test_the_export_writes_no_formulas(cast):
    services.edit(cast.project, {"name": '=HYPERLINK("http://evil")'}, by=cast.petra, reason="@SUM(1)")
    content = b"".join(cast.client("walter").get("/audit/export.csv").streaming_content).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content), delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell[:1] in "=+-@" for cell in cells if cell)
    assert cast.client("walter").get("/audit/export.exe").status_code == 404
    assert cast.client("paul").get("/audit/export.csv").status_code == 403


def test_a_trail_of_a_kind_that_is_gone_is_still_readable(cast):
    AuditEntry.objects.create(entity_type="old.thing", entity_id=1, verb="melted", changes={"x": [1, 2]})
    assert "old.thing" in text(cast.client("walter").get("/audit/"))


def test_a_changed_light_is_told_in_words(cast):
    services.record(cast.project, by=cast.petra, verb="edit", changes={"light.schedule": ["amber", "green"]})
    with translation.override("de"):
        change = lines(entries_of(cast.project), cast.petra, cast.project)[0].changes[0]
        assert (change.label, change.old, change.new) == ("Ampel Termine", "Gelb", "Grün")
