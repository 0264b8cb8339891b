import pytest

from stellwerk.core import services
from stellwerk.core.models import AuditEntry, Watch
from stellwerk.core.registry import GUARDS, guard

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]


def step_url(obj, step):
    return f"/entity/portfolio.project/{obj.pk}/step/{step}"


def text(response):
    return response.content.decode()


def test_the_page_offers_the_steps_that_the_role_allows(cast):
    petra = text(cast.client("petra").get(f"/portfolio/project-detail/{cast.project.key}"))
    assert "Start transition" in petra and step_url(cast.project, "start_transition") in petra
    assert "Put on hold" not in petra  # only who may approve
    assert "Put on hold" in text(cast.client("stefan").get(f"/portfolio/project-detail/{cast.project.key}"))


def test_an_impossible_step_says_why(cast):
    page = text(cast.client("elke").get(f"/portfolio/project-detail/{cast.other_project.key}"))
    assert 'aria-disabled="true"' in page and "Still missing: sponsor" in page


def test_a_step_changes_the_state_and_is_audited(cast):
    response = cast.client("petra").post(step_url(cast.project, "start_transition"), {"version": 1, "next": "/search/"})
    assert (response.status_code, response["Location"]) == (302, "/search/")
    cast.project.refresh_from_db()
    assert cast.project.phase == "transition"
    assert AuditEntry.objects.get(verb="start_transition").actor == cast.petra


def test_a_missing_reason_is_asked_for_and_a_given_one_is_kept(cast):
    client = cast.client("stefan")
    response = client.post(step_url(cast.project, "hold"), {"version": 1, "reason": "  "})
    assert response.status_code == 422 and "Please give a reason" in text(response)
    assert client.post(step_url(cast.project, "hold"), {"version": 1, "reason": "Kein Geld"}).status_code == 302
    assert AuditEntry.objects.get(verb="hold").reason == "Kein Geld"


def test_a_step_that_a_guard_forbids_is_refused_with_the_reason_kept(cast):
    @guard("portfolio.project", "start_transition")
    def gate(obj, by):
        return ["Gate G3 is missing."]

    try:
        response = cast.client("petra").post(step_url(cast.project, "start_transition"), {"reason": "jetzt aber"})
    finally:
        GUARDS["portfolio.project", "start_transition"].remove(gate)
    assert response.status_code == 409
    assert "Gate G3 is missing." in text(response) and "jetzt aber" in text(response)


def test_a_step_that_the_role_does_not_allow_is_refused(cast):
    assert cast.client("paul").post(step_url(cast.project, "hold"), {"reason": "x"}).status_code == 403
    assert cast.client("uwe").post(step_url(cast.project, "hold"), {"reason": "x"}).status_code == 404
    cast.project.refresh_from_db()
    assert cast.project.phase == "executing"


def test_a_step_on_a_stale_page_is_refused(cast):
    services.edit(cast.project, {"name": "Anders"}, by=cast.anton)
    response = cast.client("petra").post(step_url(cast.project, "start_transition"), {"version": 1})
    assert response.status_code == 409
    cast.project.refresh_from_db()
    assert cast.project.phase == "executing"


def test_a_step_from_a_wrong_state_or_an_unknown_step_is_a_clear_message(cast):
    client = cast.client("petra")
    assert client.post(step_url(cast.project, "start_planning"), {}).status_code == 409
    assert client.post(step_url(cast.project, "no_such"), {}).status_code == 409
    assert client.get("/entity/nothing.here/1/step/x").status_code == 404
    assert client.get(f"/entity/people.person/{cast.people['tom'].pk}/step/x").status_code == 404


def test_the_dialog_is_a_page_too(cast):
    page = text(cast.client("stefan").get(step_url(cast.project, "hold")))
    assert 'name="reason"' in page and "<form" in page


def test_archive_and_restore_keep_everything_and_ask_for_the_right(cast):
    base = f"/entity/portfolio.project/{cast.project.pk}"
    assert cast.client("paul").post(f"{base}/archive", {}).status_code == 403
    petra = cast.client("petra")
    assert petra.get(f"{base}/archive").status_code == 200
    assert petra.post(f"{base}/archive", {"version": 1, "reason": "doppelt"}).status_code == 302
    cast.project.refresh_from_db()
    assert cast.project.archived
    assert "This entry is archived" in text(petra.get(f"/portfolio/project-detail/{cast.project.key}"))
    assert petra.post(f"{base}/restore", {}).status_code == 302
    cast.project.refresh_from_db()
    assert not cast.project.archived


def test_a_stale_archive_is_refused(cast):
    services.edit(cast.project, {"name": "Anders"}, by=cast.anton)
    response = cast.client("petra").post(f"/entity/portfolio.project/{cast.project.pk}/archive", {"version": 1})
    assert response.status_code == 409
    cast.project.refresh_from_db()
    assert not cast.project.archived


def test_following_is_switched_on_and_off(cast):
    client, url = cast.client("tom"), f"/entity/portfolio.project/{cast.project.pk}/watch"
    assert client.post(url, {"watch": "1"}).status_code == 302
    assert client.post(url, {"watch": "1"}).status_code == 302
    assert Watch.objects.filter(user=cast.tom).count() == 1
    assert 'aria-pressed="false"' in text(client.post(url, {"watch": "0"}, HTTP_HX_REQUEST="true"))
    assert not Watch.objects.exists()
    assert cast.client("uwe").post(url, {"watch": "1"}).status_code == 404
    assert client.get(url).status_code == 405
