"""Pages of import and export: from the dropped file to the undo, also when something is wrong."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from stellwerk.core import changesets
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import ChangeSet
from stellwerk.planning.exchange import Document, compare, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services import drafts
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.importing import import_schedule
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


def mspdi(document: Document | None = None) -> bytes:
    return write_schedule(document or example(), "mspdi")


def upload(cast: Cast, client: Client, content: bytes | None = None, name: str = "Terminplan.xml") -> Any:
    file = SimpleUploadedFile(name, mspdi() if content is None else content)
    return client.post(reverse("planning:import", args=[cast.project.key]), {"file": file})


def draft() -> ChangeSet:
    return ChangeSet.objects.filter(kind="schedule_import").latest("pk")


def shown(client: Client) -> str:
    return str(client.get(reverse("planning:import-preview", args=[draft().uid])).content.decode())


def apply(client: Client, **options: Any) -> Any:
    return client.post(reverse("planning:import-apply", args=[draft().uid]), **options)


def test_a_file_goes_in_through_the_pages_and_is_taken_back(cast: Cast) -> None:
    client = cast.client("paul")
    assert "Drop the schedule" in client.get(reverse("planning:import", args=[cast.project.key])).content.decode()
    response = upload(cast, client)
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert "rows new" in page and "What computing the plan here would move" in page and "Terminplan.xml" in page
    assert not Plan.objects.exists() and not Activity.objects.exists()  # looked at, not written
    done = apply(client, follow=True).content.decode()
    assert "Imported:" in done and "Undo" in done
    plan = Plan.objects.get(project=cast.project)
    assert plan.stale and plan.source_name == "Terminplan.xml"
    assert compare(read_schedule(io.BytesIO(mspdi())), document_of(plan)) == ()
    assert "upload" not in draft().plan
    client.post(reverse("core:changeset-undo", args=[draft().uid]))
    assert not Activity.objects.exists()
    assert "taken back" in shown(client)


def test_the_page_of_the_plan_leads_to_the_import(cast: Cast) -> None:
    address = reverse("planning:import", args=[cast.project.key])
    assert address in cast.client("paul").get(reverse("planning:plan", args=[cast.project.key])).content.decode()


def test_the_same_file_again_is_nothing_to_do(cast: Cast) -> None:
    client = cast.client("paul")
    upload(cast, client)
    apply(client)
    upload(cast, client)
    assert "The plan says all of this already" in shown(client)
    apply(client)
    assert ChangeSet.objects.filter(kind="schedule_import", state="applied").count() == 1


def test_differences_are_told_row_by_row(cast: Cast) -> None:
    client = cast.client("paul")
    document = read_schedule(io.BytesIO(mspdi()))
    import_schedule(project=cast.project, document=document, by=cast.paul)
    leaf = next(
        task for task in document.tasks if task.uid not in document.summaries and task.level > 0 and not task.blank
    )
    last = document.tasks[-1]
    changed = replace(
        document,
        tasks=tuple(
            replace(task, name="<b>Anders</b>") if task.uid == leaf.uid else task for task in document.tasks if task.uid != last.uid
        ),
        links=tuple(one for one in document.links if last.uid not in (one.predecessor, one.successor)),
        assignments=tuple(one for one in document.assignments if one.task != last.uid),
    )  # fmt: skip
    upload(cast, client, mspdi(changed))
    page = shown(client)
    assert "&lt;b&gt;Anders&lt;/b&gt;" in page and "<b>Anders" not in page
    assert escape(leaf.name) in page and "Rows that are gone" in page and escape(last.name) in page
    assert Activity.objects.filter(uid=leaf.uid, name=leaf.name).exists()


def test_a_file_that_cannot_be_used_says_where_and_what_to_do(cast: Cast) -> None:
    client = cast.client("paul")
    for content, words in (
        (mspdi()[:-200], "not well-formed XML"),
        (mspdi()[: mspdi().rindex(b"<")], "ends in the middle"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><Project>&b;</Project>", "document type"),
        (b"\x00\x01\x02 nonsense", "not a schedule file"),
        (b"ERMHDR\t19.12\n%T\tTASK\n%F\ttask_id\ttask_name\n%R\t1\n", "Line 4"),
    ):
        response = upload(cast, client, content)
        assert response.status_code == 302, words
        page = shown(client)
        assert words in page and "This file cannot be used" in page
        assert apply(client).status_code == 409
    assert not Plan.objects.exists()


def test_a_circle_is_refused_by_name(cast: Cast) -> None:
    text = mspdi().decode()
    document = example()
    link = document.links[0]
    back = f"<UID>{link.predecessor}</UID>"
    assert back in text
    loop = f"<PredecessorLink><PredecessorUID>{link.successor}</PredecessorUID><Type>1</Type></PredecessorLink>"
    start = text.index(f"<Task><UID>{link.predecessor}</UID>") if f"<Task><UID>{link.predecessor}</UID>" in text else text.index(back, text.index("<Tasks>"))  # fmt: skip
    end = text.index("</Task>", start)
    upload(cast, cast.client("paul"), (text[:end] + loop + text[end:]).encode())
    page = shown(cast.client("paul"))
    assert "circle" in page
    assert not Plan.objects.exists()


def test_without_a_file_or_with_an_empty_or_too_large_one(cast: Cast, settings: Any) -> None:
    client = cast.client("paul")
    nothing = client.post(reverse("planning:import", args=[cast.project.key]))
    assert nothing.status_code == 422 and "Choose a file first." in nothing.content.decode()
    assert upload(cast, client, b"").status_code == 422
    settings.UPLOAD_LIMIT_BYTES = 100
    large = upload(cast, client)
    assert large.status_code == 422 and "stellwerk import schedule" in large.content.decode()
    assert not ChangeSet.objects.filter(kind="schedule_import").exists()


def test_what_somebody_changed_meanwhile_is_not_written_over(cast: Cast) -> None:
    client = cast.client("paul")
    upload(cast, client)
    apply(client)
    document = example()
    upload(cast, client, mspdi(replace(document, tasks=tuple(replace(task, priority=7) for task in document.tasks))))
    assert draft().plan["seen"] == 2
    plan = Plan.objects.get(project=cast.project)
    row = Activity.objects.filter(plan=plan, summary=False).order_by("-position").first()
    assert row is not None
    edit_plan(plan=plan, by=cast.petra, operations=[
        {"op": "set", "row": row.pk, "version": row.version, "values": {"name": "Von Petra"}}
    ])  # fmt: skip
    response = apply(client)
    assert response.status_code == 409
    assert "changed by somebody else" in response.content.decode()
    assert Activity.objects.get(pk=row.pk).name == "Von Petra"
    assert "Von Petra" in shown(client)  # the new preview names what it would take away
    assert apply(client, follow=True).status_code == 200
    assert Activity.objects.get(pk=row.pk).name != "Von Petra"


def test_two_who_apply_at_once_write_once(cast: Cast) -> None:
    client = cast.client("paul")
    upload(cast, client)
    first = draft()
    assert apply(client).status_code == 302
    again = client.post(reverse("planning:import-apply", args=[first.uid]))
    assert again.status_code == 409
    assert ChangeSet.objects.filter(kind="schedule_import", state="applied").count() == 1


def test_a_second_first_import_looks_again(cast: Cast) -> None:
    """Both saw a project without a plan."""
    paul, petra = cast.client("paul"), cast.client("petra")
    upload(cast, paul)
    pauls = draft()
    upload(cast, petra)
    assert apply(petra).status_code == 302
    response = paul.post(reverse("planning:import-apply", args=[pauls.uid]))
    assert response.status_code == 409
    assert Plan.objects.count() == 1


def test_large_files_are_read_and_written_in_the_background(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "LARGE", 10)
    client = cast.client("paul")
    upload(cast, client)
    assert "One moment" in shown(client)
    run_pending()
    assert "rows new" in shown(client)
    apply(client)
    assert "One moment" in shown(client) and not Plan.objects.exists()
    run_pending()
    assert "Imported:" in shown(client)
    assert Plan.objects.filter(project=cast.project).exists()


def test_a_plan_that_changed_before_the_job_ran_is_shown_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("paul")
    upload(cast, client)
    pauls = draft()
    monkeypatch.setattr(drafts, "LARGE", 10)
    apply(client)
    import_schedule(
        project=cast.project,
        document=replace(example(), tasks=example().tasks[:1], links=(), assignments=()),
        by=cast.petra,
    )
    run_pending()
    page = client.get(reverse("planning:import-preview", args=[pauls.uid])).content.decode()
    assert "The plan has changed since the last preview." in page
    assert Activity.objects.count() == 1


def test_imports_of_others_and_of_projects_that_one_no_longer_plans_are_hidden(cast: Cast) -> None:
    upload(cast, cast.client("paul"))
    address = reverse("planning:import-preview", args=[draft().uid])
    assert cast.client("petra").get(address).status_code == 404
    cast.people["paul"]  # still known, but no longer the manager
    type(cast.project).objects.filter(pk=cast.project.pk).update(manager=None)
    cast.paul.grants.all().delete()
    assert cast.client("paul").get(address).status_code in (403, 404)


def test_an_archived_project_takes_nothing(cast: Cast) -> None:
    type(cast.project).objects.filter(pk=cast.project.pk).update(archived_at=timezone.now())
    response = upload(cast, cast.client("paul"))
    assert response.status_code == 409 and "archived" in response.content.decode()


def test_previews_that_nobody_applied_go_with_their_files(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    upload(cast, cast.client("paul"))
    name = draft().plan["upload"]
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        assert drafts.tidy() == 0
        assert drafts.tidy(timezone.now() + dt.timedelta(days=15)) == 1
    assert draft().state == "discarded" and not default_storage.exists(name)


def test_an_upload_that_is_gone_is_told(cast: Cast) -> None:
    client = cast.client("paul")
    upload(cast, client)
    default_storage.delete(draft().plan["upload"])
    response = apply(client)
    assert response.status_code == 409 and "no longer there" in response.content.decode()


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("code", "kind"), [("mspdi", "xml"), ("xer", "xer"), ("xlsx", "xlsx"), ("csv", "csv")])
def test_every_format_downloads_and_reads_back(cast: Cast, code: str, kind: str) -> None:
    import_schedule(project=cast.project, document=example(), by=cast.paul)
    client = cast.client("paul")
    response = client.get(reverse("planning:plan-file", args=[cast.project.key]), {"format": code})
    assert response.status_code == 200 and response["Content-Disposition"].endswith(f'.{kind}"')
    back = read_schedule(io.BytesIO(response.content), name=f"x.{kind}")
    rows = {task.name for task in example().tasks if not task.blank and task.level > 0}
    assert rows <= {task.name for task in back.tasks}


def test_formats_say_what_they_cannot_hold(cast: Cast) -> None:
    address = reverse("planning:plan-exchange", args=[cast.project.key])
    assert cast.client("paul").get(address).status_code == 404  # no plan yet
    import_schedule(project=cast.project, document=example(), by=cast.paul)
    page = cast.client("paul").get(address).content.decode()
    assert "What it cannot hold" in page and "deadlines" in page


def test_an_unknown_format_is_refused(cast: Cast) -> None:
    import_schedule(project=cast.project, document=example(), by=cast.paul)
    response = cast.client("paul").get(reverse("planning:plan-file", args=[cast.project.key]), {"format": "<doc>"})
    assert response.status_code == 409


def test_undo_waits_for_later_edits(cast: Cast) -> None:
    """What was edited after the import stands in the way of taking it back; it is named."""
    client = cast.client("paul")
    upload(cast, client)
    apply(client)
    plan = Plan.objects.get(project=cast.project)
    row = Activity.objects.filter(plan=plan, summary=False).order_by("position").last()
    assert row is not None
    edit_plan(plan=plan, by=cast.paul, operations=[
        {"op": "set", "row": row.pk, "version": row.version, "values": {"name": "Später"}}
    ])  # fmt: skip
    with pytest.raises(changesets.Overlap):
        changesets.undo(draft(), by=cast.paul)
