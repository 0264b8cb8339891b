import pytest
from django.apps import apps

from stellwerk.core import changesets, services, undoing
from stellwerk.core.changesets import Overlap, apply, discard, preview, register_change_kind, run, undo
from stellwerk.core.comments import add_comment
from stellwerk.core.errors import NotAllowed, Refused, WrongState
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import AuditEntry, ChangeSet, Job

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]

Project = apps.get_model("portfolio", "Project")
ProjectAlias = apps.get_model("portfolio", "ProjectAlias")
Unit = apps.get_model("people", "Unit")


def new(cast, number=1, **values):
    return Project(key=f"NEU-{number}", name=f"Neu {number}", portfolio=cast.portfolio, **values)


def rename(cast, name="Umbenannt", by=None):
    def work(recorder):
        recorder.update([(Project.objects.get(pk=cast.project.pk), {"name": name, "priority": 1})])

    return run(kind="test", title="Umbenennen", by=by or cast.petra, work=work)


def test_apply_writes_all_or_nothing_and_only_once(cast):
    found = preview(kind="test", title="Zwei", plan={"rows": 2}, by=cast.petra)

    def broken(recorder):
        recorder.create([new(cast)])
        raise Refused("nein")

    with pytest.raises(Refused):
        apply(found, by=cast.petra, work=broken)
    assert not Project.objects.filter(key="NEU-1").exists() and found.items.count() == 0
    done = apply(found, by=cast.petra, work=lambda recorder: recorder.create([new(cast), new(cast, 2)]))
    assert done.plan["counts"] == {"create": 2, "update": 0, "delete": 0}
    assert AuditEntry.objects.filter(change_set=done, verb="create").count() == 2
    with pytest.raises(WrongState):
        apply(found, by=cast.petra, work=lambda recorder: None)


def test_an_undo_puts_everything_back(cast):
    alias = ProjectAlias.objects.create(project=cast.project, portfolio=cast.portfolio, normalised="lubmin")

    def work(recorder):
        recorder.create([new(cast)])
        recorder.update([(Project.objects.get(pk=cast.project.pk), {"name": "A", "finish_forecast": "2027-01-01"})])
        recorder.update([(Project.objects.get(pk=cast.project.pk), {"name": "B", "manager": cast.people["olga"]})])
        recorder.delete([alias])

    found = run(kind="test", title="Alles", by=cast.petra, work=work)
    assert not ProjectAlias.objects.exists()
    result = undo(found, by=cast.petra)
    project = Project.objects.get(pk=cast.project.pk)
    assert (project.name, project.finish_forecast, project.manager) == ("Elektrolyse Lubmin", None, cast.people["paul"])
    assert ProjectAlias.objects.get().pk == alias.pk and not Project.objects.filter(key="NEU-1").exists()
    assert (result.reverted, result.deleted, result.restored) == (2, 1, 1) or result.reverted == 1
    assert ChangeSet.objects.get(pk=found.pk).state == "undone"
    assert AuditEntry.objects.filter(verb="undo", entity_id=project.pk).exists()
    with pytest.raises(WrongState):
        undo(found, by=cast.petra)


def test_an_undo_is_refused_where_somebody_changed_the_same_field_later(cast):
    found = rename(cast)
    services.edit(Project.objects.get(pk=cast.project.pk), {"name": "Noch anders"}, by=cast.anton)
    with pytest.raises(Overlap) as refusal:
        undo(found, by=cast.petra)
    assert "Name" in str(refusal.value) and "Anton Falk" in str(refusal.value) and "PRJ-0001" in str(refusal.value)
    assert Project.objects.get(pk=cast.project.pk).priority == 1  # nothing was undone by halves


def test_an_undo_leaves_other_fields_alone(cast):
    found = rename(cast)
    services.edit(Project.objects.get(pk=cast.project.pk), {"description": "später"}, by=cast.anton)
    undo(found, by=cast.petra)
    project = Project.objects.get(pk=cast.project.pk)
    assert (project.name, project.description) == ("Elektrolyse Lubmin", "später")


def test_what_something_else_refers_to_is_archived_instead_of_removed_and_said(cast):
    found = run(
        kind="test", title="Zwei", by=cast.petra, work=lambda recorder: recorder.create([new(cast), new(cast, 2)])
    )
    add_comment(Project.objects.get(key="NEU-1"), text="wichtig", by=cast.petra)
    result = undo(found, by=cast.petra)
    assert Project.objects.get(key="NEU-1").archived and not Project.objects.filter(key="NEU-2").exists()
    assert result.archived == ["NEU-1 Neu 1"] and "NEU-1" in result.in_words()


def test_a_tree_made_by_the_set_is_removed_as_a_whole_or_kept_where_needed(cast):
    def work(recorder):
        (upper,) = recorder.create([Unit(key="U-1", name="Oben", organisation=cast.organisation)])
        recorder.create([Unit(key="U-2", name="Unten", organisation=cast.organisation, parent=upper)])

    undo(run(kind="test", title="Baum", by=cast.petra, work=work), by=cast.petra)
    assert not Unit.objects.filter(key__startswith="U-").exists()

    found = run(kind="test", title="Baum", by=cast.petra, work=work)
    cast.people["tom"].unit = Unit.objects.get(key="U-2")
    cast.people["tom"].save()
    result = undo(found, by=cast.petra)
    assert (
        len(result.archived) == 2 and Unit.objects.filter(key__startswith="U-", archived_at__isnull=False).count() == 2
    )


def test_a_row_that_changed_since_it_was_read_stops_the_set(cast):
    seen = Project.objects.get(pk=cast.project.pk)
    services.edit(cast.project, {"name": "Schneller"}, by=cast.anton)
    with pytest.raises(Refused, match="changed by somebody else"):
        run(
            kind="test",
            title="Spät",
            by=cast.petra,
            work=lambda recorder: recorder.update([(seen, {"name": "Zu spät"})]),
        )
    assert Project.objects.get(pk=cast.project.pk).name == "Schneller" and not ChangeSet.objects.exists()


def test_only_the_author_or_the_pmo_lead_takes_back_and_only_with_the_right_to_edit(cast):
    found = rename(cast, by=cast.anton)
    with pytest.raises(NotAllowed):
        undo(found, by=cast.paul)
    cast.anton.grants.all().delete()
    fresh = type(cast.anton).objects.get(pk=cast.anton.pk)
    with pytest.raises(NotAllowed):
        undo(found, by=fresh)
    undo(found, by=cast.petra)


def test_a_kind_may_forbid_its_undo_and_work_after_it(cast):
    told = []

    def undoable(found):
        return ["Published already."] if "fest" in found.title else []

    register_change_kind(
        changesets.ChangeKind(
            "strict", "Strict", undoable=undoable, after_undo=lambda found, by: told.append(found.title)
        )
    )
    fixed = run(kind="strict", title="fest", by=cast.petra, work=lambda recorder: recorder.create([new(cast)]))
    with pytest.raises(WrongState, match="Published"):
        undo(fixed, by=cast.petra)
    undo(
        run(kind="strict", title="lose", by=cast.petra, work=lambda recorder: recorder.create([new(cast, 2)])),
        by=cast.petra,
    )
    assert told == ["lose"]


def test_a_preview_can_be_discarded_but_not_what_was_applied(cast):
    found = preview(kind="test", title="Nur Plan", plan={}, by=cast.petra)
    with pytest.raises(NotAllowed):
        discard(found, by=cast.paul)
    assert discard(found, by=cast.petra).state == "discarded"
    with pytest.raises(WrongState):
        discard(found, by=cast.petra)


def test_a_large_set_takes_few_queries_per_row(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(150):
        found = run(
            kind="test", title="Viele", by=cast.petra, work=lambda r: r.create(new(cast, n) for n in range(2000))
        )
    with django_assert_max_num_queries(250):
        assert undo(found, by=cast.petra).deleted == 2000


def test_the_pages_list_show_and_take_back(cast):
    found = rename(cast)
    petra = cast.client("petra")
    assert "Umbenennen" in petra.get("/changes/").content.decode()
    page = petra.get(f"/changes/{found.uid}").content.decode()
    assert "Elektrolyse Lubmin" in page and "Umbenannt" in page
    assert cast.client("paul").get(f"/changes/{found.uid}").status_code == 404
    assert "Umbenennen" not in cast.client("paul").get("/changes/").content.decode()
    assert petra.get(f"/changes/{found.uid}/undo").status_code == 405
    assert cast.client("paul").post(f"/changes/{found.uid}/undo").status_code == 404
    assert petra.post(f"/changes/{found.uid}/undo").status_code == 302
    assert Project.objects.get(pk=cast.project.pk).name == "Elektrolyse Lubmin"
    assert petra.post(f"/changes/{found.uid}/undo").status_code == 409


def test_the_page_names_what_overlaps(cast):
    found = rename(cast)
    services.edit(Project.objects.get(pk=cast.project.pk), {"name": "Noch anders"}, by=cast.anton)
    response = cast.client("petra").post(f"/changes/{found.uid}/undo")
    assert response.status_code == 409 and "Anton Falk" in response.content.decode()


def test_stellwerk_itself_may_apply_and_the_pmo_lead_takes_back(cast):
    found = run(kind="test", title="Von der Befehlszeile", by=None, work=lambda recorder: recorder.create([new(cast)]))
    with pytest.raises(NotAllowed):
        undo(found, by=cast.anton)
    assert "Stellwerk" in cast.client("petra").get("/changes/?all=1").content.decode()
    assert undo(found, by=cast.petra).deleted == 1


def test_marked_rows_go_with_the_set_even_if_a_later_edition_touched_them(cast):
    Figure = apps.get_model("portfolio", "Figure")

    def edition(day, earlier):
        def work(recorder):
            recorder.create_marked([Figure(project=cast.project, code="eac", date=day, amount=1)])
            recorder.update([(row, {"until": day}) for row in earlier])

        return run(kind="test", title=day, by=cast.petra, work=work)

    first = edition("2026-10-01", [])
    second = edition("2026-11-01", Figure.objects.filter(date="2026-10-01"))
    assert second.plan["marked"] == ["portfolio.figure"] and second.plan["counts"]["update"] == 1
    assert undo(first, by=cast.petra).deleted == 1
    assert Figure.objects.count() == 1
    undo(second, by=cast.petra)
    assert not Figure.objects.exists()


# ── large sets are taken back in the background ──────────────────────────────────────────────────


@pytest.fixture
def large(cast, monkeypatch):
    """A set that counts as large."""
    monkeypatch.setattr(changesets, "MANY", 2)
    return run(kind="test", title="Viele", by=cast.petra, work=lambda r: r.create(new(cast, n) for n in range(3)))


def test_a_large_undo_is_a_job_with_a_page_and_happens_once(cast, large):
    petra = cast.client("petra")
    first, second = (petra.post(f"/changes/{large.uid}/undo") for _time in range(2))
    job = Job.objects.get(name="core.undo")
    assert first.status_code == 302 and first["Location"] == second["Location"] == f"/jobs/{job.uid}/"
    assert Project.objects.filter(key__startswith="NEU").count() == 3  # nothing happened in the request
    assert job.title == "Undo: Viele"
    run_pending()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3) and job.result_url == f"/changes/{large.uid}"
    assert not Project.objects.filter(key__startswith="NEU").exists()
    assert petra.post(f"/changes/{large.uid}/undo").status_code == 409


def test_a_large_undo_that_cannot_be_done_writes_nothing_and_says_why(cast, large):
    services.edit(Project.objects.get(key="NEU-1"), {"name": "Bleibt"}, by=cast.anton)
    cast.client("petra").post(f"/changes/{large.uid}/undo")
    run_pending()
    job = Job.objects.get(name="core.undo")
    assert job.state == "failed" and "Bleibt" in job.error and "Anton Falk" in job.error
    large.refresh_from_db()
    assert large.state == "applied" and Project.objects.filter(key__startswith="NEU").count() == 3


def test_a_cancelled_undo_leaves_everything_as_it_was(cast, large, monkeypatch):
    cast.client("petra").post(f"/changes/{large.uid}/undo")
    revert = undoing.Undoing._revert

    def cancelled_while_it_writes(self, label, operation):
        if operation == "create":
            Job.objects.update(cancel_requested=True)
        revert(self, label, operation)

    monkeypatch.setattr(undoing.Undoing, "_revert", cancelled_while_it_writes)
    run_pending()
    large.refresh_from_db()
    assert Job.objects.get(name="core.undo").state == "cancelled" and large.state == "applied"
    assert Project.objects.filter(key__startswith="NEU").count() == 3


def test_nobody_else_starts_a_large_undo(cast, large):
    assert cast.client("paul").post(f"/changes/{large.uid}/undo").status_code == 404
    with pytest.raises(NotAllowed):
        changesets.undo_later(large, by=cast.paul)
    assert not Job.objects.exists()
