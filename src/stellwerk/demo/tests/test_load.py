"""The demo from the page of an empty installation: offered there, never mixed with data."""

from __future__ import annotations

import pytest
from django.test import Client

from stellwerk.core.jobs import enqueue, run_pending
from stellwerk.core.models import Grant, Job, User
from stellwerk.demo import jobs
from stellwerk.demo.company import Size
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast


@pytest.fixture
def first(db: None) -> Client:
    """The first user of an empty installation, who leads the PMO."""
    user = User.objects.create_user("anna@example.com", "Sehr-Lang-Und-Sicher-42", name="Anna", language="en")
    Grant.objects.create(user=user, role="pmo_lead", scope="organisation")
    client = Client()
    client.force_login(user)
    return client


def test_an_empty_installation_offers_the_import_and_the_demo(first: Client) -> None:
    for path in ("/", "/portfolio/"):
        page = first.get(path).content.decode()
        assert "/portfolio/import/" in page and "/demo/load" in page
    assert "60 projects, 200 people" in first.get("/demo/load").content.decode()


def test_the_button_loads_the_company_in_the_background_once(first: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "Size", lambda: SMALL)
    answers = [first.post("/demo/load") for _number in range(2)]
    assert answers[0].url == answers[1].url and Job.objects.filter(name="demo.load").count() == 1
    run_pending()
    assert Project.objects.count() == SMALL.projects
    assert "/demo/load" not in first.get("/").content.decode()
    assert "PRJ-0001" in first.get("/portfolio/").content.decode()


SMALL = Size(projects=3, people=24)


def test_own_data_is_never_mixed_with_the_demo(cast: Cast) -> None:
    client = cast.client("petra")
    assert "/demo/load" not in client.get("/").content.decode()
    assert "never mixed" in client.get("/demo/load").content.decode()
    assert client.post("/demo/load").status_code == 409
    assert not Job.objects.filter(name="demo.load").exists()
    enqueue("demo.load", user=cast.petra)  # data came between the button and the job
    run_pending()
    assert Organisation.objects.count() == 2 and Project.objects.count() == 2
