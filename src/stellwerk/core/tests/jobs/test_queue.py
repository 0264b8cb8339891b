"""Jobs in one process: queue, run, retry, cancel, once per key, schedule."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.jobs import JobType, cancel, enqueue, life, queueing, registry, run_pending, schedule
from stellwerk.core.jobs.running import back_off, claim, reap
from stellwerk.core.models import Job, Notification, Schedule
from stellwerk.core.tests.jobs import samples  # noqa: F401


def fresh(job):
    job.refresh_from_db()
    return job


def test_a_queued_job_runs_and_keeps_its_result(cast):
    job = enqueue("tests.count", {"to": 4}, user=cast.paul)
    assert run_pending() == 1
    done = fresh(job)
    assert (done.state, done.done, done.total, done.result, done.attempts) == ("done", 4, 4, {"counted": 4}, 1)
    assert done.message == "number 4"
    assert done.finished_at is not None


def test_a_job_of_a_transaction_that_rolls_back_does_not_exist(cast):
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("tests.count")
        raise RuntimeError
    assert run_pending() == 0
    assert not Job.objects.exists()


def test_an_unknown_job_is_refused_when_it_is_queued(cast):
    with pytest.raises(KeyError, match=r"no job 'tests\.nothing'"):
        enqueue("tests.nothing")


def test_a_second_job_with_the_same_key_is_the_first_one_until_that_is_over(cast):
    first = enqueue("tests.count", unique_key="import-7")
    assert enqueue("tests.count", unique_key="import-7") == first
    assert run_pending() == 1
    assert enqueue("tests.count", unique_key="import-7") != first


def test_a_failing_job_waits_longer_each_time_and_then_succeeds(cast):
    job = enqueue("tests.fail", {"times": 2}, user=cast.paul)
    run_pending()
    assert (fresh(job).state, job.attempts, job.error) == ("queued", 1, "ConnectionError: the wire is cut")
    assert 8 < (job.run_after - timezone.now()).total_seconds() <= 11
    assert run_pending() == 0, "it is not due yet"
    hurry(job)
    run_pending()
    assert fresh(job).attempts == 2
    assert 17 < (job.run_after - timezone.now()).total_seconds() <= 22
    hurry(job)
    run_pending()
    assert (fresh(job).state, job.result, job.error) == ("done", "at last", "")


def hurry(job):
    """Time passes."""
    from django_tasks_db.models import DBTaskResult

    Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())


def test_a_job_that_fails_each_time_ends_as_failed_and_its_owner_is_told(cast):
    job = enqueue("tests.fail", {"times": 9}, user=cast.paul)
    for _attempt in range(3):
        run_pending()
        hurry(job)
    assert (fresh(job).state, job.attempts) == ("failed", 3)
    told = Notification.objects.get(user=cast.paul)
    assert told.title == "Failed: Fail"
    assert told.url == reverse("jobs:detail", args=[job.uid])


def test_a_refusal_is_not_tried_again_and_its_words_are_kept(cast):
    job = enqueue("tests.refuse", user=cast.paul)
    run_pending()
    assert (fresh(job).state, job.attempts, job.error) == ("failed", 1, "The file is empty. Choose another one.")


def test_the_wait_never_exceeds_an_hour(cast):
    job = enqueue("tests.count")
    job.attempts = 30
    assert back_off(job) == dt.timedelta(hours=1)


def test_a_waiting_job_is_cancelled_at_once(cast):
    job = enqueue("tests.count", user=cast.paul)
    assert cancel(job, by=cast.paul).state == "cancelled"
    assert run_pending() == 0


def test_a_running_job_stops_at_its_next_checkpoint(cast, monkeypatch):
    job = enqueue("tests.count", {"to": 5}, user=cast.paul)
    reached = []

    def stop_at_two(progress, **arguments):
        for number in range(1, 6):
            progress.check_cancelled()
            reached.append(number)
            if number == 2:
                cancel(Job.objects.get(pk=job.pk), by=cast.paul)

    monkeypatch.setitem(registry.JOBS, "tests.count", JobType("tests.count", stop_at_two, "Count"))
    run_pending()
    assert fresh(job).state == "cancelled"
    assert reached == [1, 2]


def test_nobody_cancels_the_job_of_another_except_an_administrator(cast):
    job = enqueue("tests.count", user=cast.paul)
    with pytest.raises(NotAllowed):
        cancel(job, by=cast.petra)
    assert cancel(job, by=cast.ada).state == "cancelled"


def test_a_finished_job_cannot_be_cancelled(cast):
    job = enqueue("tests.count", user=cast.paul)
    run_pending()
    with pytest.raises(Refused, match="over already"):
        cancel(job, by=cast.paul)


def test_a_failed_job_can_be_started_again(cast):
    job = enqueue("tests.refuse", user=cast.paul)
    run_pending()
    assert queueing.retry(fresh(job), by=cast.paul).state == "queued"


def test_a_job_is_claimed_once(cast):
    job = enqueue("tests.count")
    assert claim(str(job.uid), "one") is not None
    assert claim(str(job.uid), "two") is None


def test_what_an_atomic_job_wrote_is_undone_when_another_worker_took_it_over(cast, monkeypatch):
    from stellwerk.core.models import Setting

    job = enqueue("tests.write", {"name": "hits"})

    def overtaken(progress, *, name):
        Setting.objects.create(name=name, value=1)
        Job.objects.filter(pk=job.pk).update(attempts=2, worker="another")

    monkeypatch.setitem(registry.JOBS, "tests.write", JobType("tests.write", overtaken, "Write", atomic=True))
    run_pending()
    assert not Setting.objects.filter(name="hits").exists()


def test_a_running_job_without_a_sign_of_life_is_brought_back(cast):
    job = enqueue("tests.count")
    claim(str(job.uid), "elsewhere:1:abc")
    assert reap() == 0, "the lease has not ended"
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert reap() == 1
    assert fresh(job).state == "queued"
    assert run_pending() == 1
    assert (fresh(job).state, job.attempts) == ("done", 2)


def test_a_job_that_kills_its_worker_each_time_is_given_up(cast):
    job = enqueue("tests.count", user=cast.paul)
    for _attempt in range(3):
        claim(str(job.uid), "elsewhere:1:abc")
        Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        reap()
    assert fresh(job).state == "failed"
    assert job.error == "The worker stopped in the middle of this job 3 times."
    assert Notification.objects.filter(user=cast.paul).count() == 1


def test_a_waiting_job_whose_message_was_lost_is_delivered_again(cast):
    from django_tasks_db.models import DBTaskResult

    job = enqueue("tests.count")
    DBTaskResult.objects.all().delete()
    assert reap() == 0
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - dt.timedelta(minutes=5))
    assert reap() == 1
    assert run_pending() == 1


def test_a_second_delivery_of_the_same_job_does_nothing(cast):
    from stellwerk.core.jobs import backend

    job = enqueue("tests.count")
    backend.deliver(job, "default")
    assert run_pending() == 1
    assert fresh(job).attempts == 1


# ── schedule ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def nightly(monkeypatch):
    kind = JobType("tests.nightly", lambda progress: None, "Nightly", daily_at=dt.time(2, 30))
    monkeypatch.setattr(registry, "JOBS", {"tests.nightly": kind})
    monkeypatch.setattr(schedule, "JOBS", registry.JOBS)
    return kind


def test_a_time_of_day_is_local_also_when_the_clocks_change(nightly, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    berlin = ZoneInfo("Europe/Berlin")
    before = dt.datetime(2026, 10, 24, 12, 0, tzinfo=berlin)
    first = schedule.next_run(nightly, before)
    second = schedule.next_run(nightly, first)
    assert [when.astimezone(berlin).strftime("%d %H:%M") for when in (first, second)] == ["25 02:30", "26 02:30"]
    assert second - first == dt.timedelta(hours=25)
    spring = schedule.next_run(nightly, dt.datetime(2026, 3, 28, 12, 0, tzinfo=berlin))
    assert spring > dt.datetime(2026, 3, 28, 12, 0, tzinfo=berlin)


def test_a_due_schedule_starts_its_job_once_and_moves_on(nightly, db):
    schedule.sync_schedules()
    row = Schedule.objects.get()
    due = row.next_run_at + dt.timedelta(minutes=1)
    assert schedule.tick(due) == ["tests.nightly"]
    assert schedule.tick(due) == []
    assert Job.objects.filter(name="tests.nightly").count() == 1
    assert Schedule.objects.get().next_run_at > due


def test_a_disabled_schedule_stays_disabled_and_starts_nothing(nightly, db):
    schedule.sync_schedules()
    Schedule.objects.update(enabled=False)
    schedule.sync_schedules()
    assert schedule.tick(timezone.now() + dt.timedelta(days=3)) == []


def test_schedules_that_the_program_no_longer_knows_are_removed(nightly, db):
    Schedule.objects.create(name="gone", next_run_at=timezone.now())
    schedule.sync_schedules()
    assert list(Schedule.objects.values_list("name", flat=True)) == ["tests.nightly"]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_sees_own_jobs_with_their_progress(cast):
    job = enqueue("tests.count", {"to": 4}, user=cast.paul, title="Import of Anlagen")
    client = cast.client("paul")
    assert "Import of Anlagen" in client.get("/background/jobs/").text
    page = client.get(f"/background/jobs/{job.uid}/").text
    assert f"/background/jobs/{job.uid}/state" in page
    assert client.get(f"/background/jobs/{job.uid}/state").json()["state"] == "waiting"
    run_pending()
    answer = client.get(f"/background/jobs/{job.uid}/state").json()
    assert (answer["state"], answer["done"], answer["total"]) == ("done", 4, 4)


def test_nobody_sees_the_jobs_of_others_except_an_administrator(cast):
    job = enqueue("tests.count", user=cast.paul, title="Import of Anlagen")
    for address in (f"/background/jobs/{job.uid}/", f"/background/jobs/{job.uid}/state"):
        assert cast.client("petra").get(address).status_code == 404
        assert cast.client("ada").get(address).status_code == 200
    assert "Import of Anlagen" not in cast.client("petra").get("/background/jobs/?all=1").text
    assert "Import of Anlagen" in cast.client("ada").get("/background/jobs/?all=1").text


def test_a_guest_is_sent_to_the_sign_in(client, db):
    assert client.get("/background/jobs/").headers["Location"].startswith("/accounts/login/")


def test_the_cancel_button_cancels(cast):
    job = enqueue("tests.count", user=cast.paul)
    assert cast.client("uwe").post(f"/background/jobs/{job.uid}/cancel").status_code == 404
    assert cast.client("paul").post(f"/background/jobs/{job.uid}/cancel").status_code == 302
    assert fresh(job).state == "cancelled"
    assert cast.client("paul").post(f"/background/jobs/{job.uid}/cancel").status_code == 409
    assert "Start again" in cast.client("paul").get(f"/background/jobs/{job.uid}/").text


def test_an_error_text_is_escaped_on_the_page(cast):
    job = enqueue("tests.refuse", user=cast.paul)
    Job.objects.filter(pk=job.pk).update(state="failed", error="<script>alert(1)</script>")
    assert "<script>alert(1)" not in cast.client("paul").get(f"/background/jobs/{job.uid}/").text


def test_progress_of_a_running_job_on_the_embedded_database_comes_from_its_file(cast, monkeypatch):
    job = enqueue("tests.count", user=cast.paul)
    claim(str(job.uid), "me")
    monkeypatch.setattr(life, "by_files", lambda: True)
    life.write_sign(str(job.uid), 30, 100, "half way")
    answer = cast.client("paul").get(f"/background/jobs/{job.uid}/state").json()
    life.forget(str(job.uid))
    assert (answer["state"], answer["done"], answer["message"]) == ("running", 30, "half way")
