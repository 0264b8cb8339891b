"""Charts of more pages than somebody waits for: drawn by a job, told, downloaded by who asked."""

from __future__ import annotations

import pypdfium2
import pytest

from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Job, Notification
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.printing import sheet
from stellwerk.planning.tests.plans import add_row, at, example_plan
from stellwerk.planning.views import printing
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db
ADDRESS = "/plans/PRJ-0001/export/?format=pdf&paper=a4"


@pytest.fixture
def plan(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Two pages on A4, and one that may be drawn at once."""
    monkeypatch.setattr(printing, "MOST_AT_ONCE", 1)
    plan = example_plan(cast.project)
    for number in range(10, 80):
        add_row(plan, number, f"Activity {number}", at(2027, 1, 4), at(2027, 1, 8, 17))
    return plan


def test_many_pages_become_a_job_with_a_notice_and_a_download(cast: Cast, plan: Plan) -> None:
    client = cast.client("paul")
    asked = client.get(ADDRESS)
    job = Job.objects.get(name="planning.print")
    assert (asked.status_code, asked["Location"]) == (302, f"/background/jobs/{job.uid}/")
    assert client.get(ADDRESS)["Location"] == asked["Location"]  # asked twice, drawn once
    run_pending()
    job.refresh_from_db()
    assert job.state == "done", job.error
    (told,) = Notification.objects.filter(kind="planning.print")
    assert (told.user, told.url) == (cast.paul, job.result_url)
    file = client.get(job.result_url)
    assert file.status_code == 200
    assert file["Content-Type"] == "application/pdf"
    assert b"".join(file.streaming_content).startswith(b"%PDF")


def test_only_who_asked_gets_the_file(cast: Cast, plan: Plan) -> None:
    cast.client("paul").get(ADDRESS)
    run_pending()
    url = Job.objects.get(name="planning.print").result_url
    for who in ("petra", "stefan", "olga"):
        assert cast.client(who).get(url).status_code == 404
    assert cast.client("paul").get("/plans/PRJ-0001/export/?job=nonsense").status_code == 404
    other = cast.client("paul").get("/plans/PRJ-0001/export/?job=00000000-0000-0000-0000-000000000000")
    assert other.status_code == 404


def test_few_pages_come_at_once(cast: Cast, plan: Plan) -> None:
    answer = cast.client("paul").get(ADDRESS + "&level=1&paper=a3")
    assert answer.status_code in (200, 302)
    plan.activities.filter(uid__gte=10).delete()
    assert cast.client("paul").get(ADDRESS)["Content-Type"] == "application/pdf"
    assert not Job.objects.filter(name="planning.print").exclude(arguments__options__level=1).exists()


def test_more_than_anybody_prints_is_refused(cast: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST_IN_JOB", 1)
    answer = cast.client("paul").get(ADDRESS)
    assert answer.status_code in (400, 422)
    assert "pages" in answer.content.decode()
    assert not Job.objects.filter(name="planning.print").exists()
    assert sheet.MOST_AT_ONCE < sheet.MOST_PAGES < sheet.MOST_IN_JOB


def test_a_chart_of_more_than_sixty_pages_is_drawn_by_a_job(cast: Cast) -> None:
    """Nothing set lower for the test: 2,600 rows on A4, every one of them in the file."""
    plan = example_plan(cast.project)
    rows = [
        Activity(
            plan=plan, uid=number, position=number * 1024, level=1, name=f"Activity {number}", duration=480 * 5,
            start=at(2027, 1, 4), finish=at(2027, 1, 8, 17),
        )
        for number in range(10, 2610)
    ]  # fmt: skip
    Activity.objects.bulk_create(rows, batch_size=1000)
    client = cast.client("paul")
    asked = client.get(ADDRESS)
    job = Job.objects.get(name="planning.print")
    assert (asked.status_code, asked["Location"]) == (302, f"/background/jobs/{job.uid}/")
    run_pending()
    job.refresh_from_db()
    assert job.state == "done", job.error
    reader = pypdfium2.PdfDocument(b"".join(client.get(job.result_url).streaming_content))
    assert len(reader) > 60
    assert "Activity 2609" in reader[len(reader) - 1].get_textpage().get_text_bounded()
