"""Backup and restore: the same data back, on either database, wholly or not at all."""

import io
import json
import random
import shutil
import struct
import warnings
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import JSONField, Value

from stellwerk.core import backup, erasure, services
from stellwerk.core.backup import BadBackup
from stellwerk.core.errors import Refused
from stellwerk.core.models import Attachment, AuditEntry, Setting, User
from stellwerk.core.tests.installation import Installation, database
from stellwerk.portfolio.models import Project


@pytest.fixture(scope="module")
def recorded(django_db_setup, django_db_blocker):
    """Tests make their tables from the models: which migrations made those of an installation is written down here."""
    with django_db_blocker.unblock():
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app in (app for app in apps.get_app_configs() if app.name.startswith("stellwerk.")):
            for file in Path(app.path, "migrations").glob("[0-9]*.py"):
                recorder.record_applied(app.label, file.stem)


@pytest.fixture
def company(recorded, cast):
    services.edit(cast.project, {"name": "Lubmin „Zwei“ – Ümläut"}, by=cast.petra)
    Setting.objects.create(name="tests.null", value=Value(None, JSONField()))
    Setting.objects.create(name="tests.deep", value={"a": [1, 2.5, None, "ß"], "b": True})
    content = ContentFile(b"\x00\x01minutes of the meeting" * 1000, name="x")
    attachment = Attachment(entity_type="portfolio.project", entity_id=cast.project.pk, name="Protokoll.pdf", size=content.size,
                            content_type="application/pdf", digest="0" * 64, uploaded_by=cast.paul)  # fmt: skip
    attachment.file.save("x", content)
    cast.attachment = attachment
    return cast


def contents(path):
    """Every table's lines, and every attachment's bytes."""
    with zipfile.ZipFile(path) as archive:
        return {name: sorted(archive.read(name).splitlines()) for name in archive.namelist() if name != backup.MANIFEST}


def changed(source, target, **replaced):
    """A copy of a backup with some members replaced (None: left out)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = replaced.get(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return target


def test_everything_comes_back_as_it_was(company, tmp_path):
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    written = backup.backup(first)
    assert written.rows > 30
    assert written.attachments == 1
    entry = AuditEntry.objects.get(verb="edit")
    Project.objects.all().delete()
    default_storage.delete(company.attachment.file.name)
    restored = backup.restore(first, overwrite=True)
    assert (restored.rows, restored.attachments) == (written.rows, 1)
    backup.backup(second)
    assert contents(first) == contents(second)
    assert AuditEntry.objects.get(pk=entry.pk).at == entry.at
    assert Project.objects.get(key="PRJ-0001").name == "Lubmin „Zwei“ – Ümläut"
    with default_storage.open(Attachment.objects.get().file.name) as file:
        assert file.read().startswith(b"\x00\x01minutes")


def test_new_rows_after_a_restore_get_free_numbers(company, tmp_path):
    backup.backup(tmp_path / "b.zip")
    backup.restore(tmp_path / "b.zip", overwrite=True)
    highest = User.objects.order_by("-pk").first().pk
    assert User.objects.create_user("later@example.com", name="Later").pk > highest


def test_a_database_with_data_is_not_overwritten_by_accident(company, tmp_path):
    backup.backup(tmp_path / "b.zip")
    Project.objects.filter(key="PRJ-0001").update(name="Newer")
    with pytest.raises(Refused, match="not empty"):
        backup.restore(tmp_path / "b.zip")
    assert Project.objects.get(key="PRJ-0001").name == "Newer"


def test_an_existing_backup_is_not_replaced_by_accident(company, tmp_path):
    target = tmp_path / "b.zip"
    target.write_text("precious")
    with pytest.raises(Refused, match="exists already"):
        backup.backup(target)
    assert target.read_text() == "precious"


def test_a_backup_that_fails_leaves_no_file(company, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "_write_table", lambda *_args: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        backup.backup(tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_a_backup(company, tmp_path):
    backup.backup(tmp_path / "b.zip")
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600


def middle_of(path, name):
    """The place in the file of a byte in the middle of a member's packed data."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    head = path.read_bytes()[info.header_offset : info.header_offset + 30]
    names, extra = struct.unpack("<HH", head[26:30])
    return info.header_offset + 30 + names + extra + info.compress_size // 2


def flip(source, target, place):
    data = bytearray(source.read_bytes())
    data[place] ^= 0xFF
    target.write_bytes(data)


def corrupt(path, tmp_path, kind):
    target = tmp_path / f"{kind}.zip"
    manifest = json.loads(zipfile.ZipFile(path).read(backup.MANIFEST))
    user = "tables/core.user.jsonl"
    lines = zipfile.ZipFile(path).read(user)
    if kind == "text":
        target.write_text("no zip at all")
    elif kind == "foreign":
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("a.txt", "a")
    elif kind == "cut":
        target.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "flipped":
        flip(path, target, middle_of(path, user))
    elif kind == "changed":
        changed(path, target, **{user: lines.replace(b"Petra", b"Pedra")})
    elif kind == "fewer":
        changed(path, target, **{user: lines[: lines.rindex(b"\n", 0, -1) + 1]})
    elif kind == "newer":
        changed(path, target, **{backup.MANIFEST: json.dumps({**manifest, "version": 99, "stellwerk": "9.0"})})
    elif kind == "newer database":
        later = [*manifest["migrations"], "core.0999_future"]
        changed(path, target, **{backup.MANIFEST: json.dumps({**manifest, "migrations": later})})
    elif kind == "older database":
        changed(path, target, **{backup.MANIFEST: json.dumps({**manifest, "migrations": manifest["migrations"][:-1]})})
    elif kind == "outside":
        manifest["attachments"][0]["name"] = "../../evil"
        changed(path, target, **{backup.MANIFEST: json.dumps(manifest)})
    elif kind == "no attachment":
        changed(path, target, **{f"attachments/{manifest['attachments'][0]['name']}": None})
    return target


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("text", "not a backup"), ("foreign", "not a backup"), ("cut", "not a backup"), ("flipped", "damaged|not a backup"),
        ("changed", "damaged"), ("fewer", "damaged"), ("newer", "newer Stellwerk"), ("newer database", "newer database"),
        ("older database", "older database"), ("outside", "outside its folder"), ("no attachment", "damaged"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_words_and_changes_nothing(company, tmp_path, kind, words):
    good = tmp_path / "good.zip"
    backup.backup(good)
    before = contents(good)
    bad = corrupt(good, tmp_path, kind)
    with pytest.raises(BadBackup, match=words):
        backup.restore(bad, overwrite=True)
    backup.backup(tmp_path / "after.zip")
    assert contents(tmp_path / "after.zip") == before


def test_a_flipped_byte_is_refused_or_was_not_part_of_the_data(company, tmp_path):
    """Some bytes of a zip say nothing (times, attributes): a restore then brings the same data, never other data."""
    good = tmp_path / "good.zip"
    backup.backup(good)
    before, size = contents(good), good.stat().st_size
    chosen = random.Random(size)  # noqa: S311 - places, not secrets
    for number in range(12):
        bad = tmp_path / f"bad{number}.zip"
        flip(good, bad, chosen.randrange(size))
        with suppress(BadBackup):
            backup.restore(bad, overwrite=True)
        backup.backup(tmp_path / "after.zip", overwrite=True)
        assert contents(tmp_path / "after.zip") == before


def test_who_was_erased_after_the_backup_stays_erased(company, tmp_path, settings):
    settings.HOME = tmp_path
    backup.backup(tmp_path / "b.zip")
    erasure.erase_user(company.tom, by=company.ada)
    backup.restore(tmp_path / "b.zip", overwrite=True)
    tom = User.objects.get(pk=company.tom.pk)
    assert tom.erased_at is not None
    assert "tom" not in tom.email
    assert "Okafor" not in tom.name
    assert not tom.is_active
    assert not tom.grants.exists()
    assert User.objects.get(pk=company.petra.pk).erased_at is None


def test_the_ledger_of_erasures_counts_also_for_an_empty_database(company, tmp_path, settings):
    settings.HOME = tmp_path
    (tmp_path / "erasures").write_text(f"{company.tom.pseudonym}\n")
    backup.backup(tmp_path / "b.zip")
    backup.restore(tmp_path / "b.zip", overwrite=True)
    assert User.objects.get(pk=company.tom.pk).erased_at is not None


def test_an_attachment_that_is_missing_is_named_and_the_rest_is_kept(company, tmp_path):
    default_storage.delete(company.attachment.file.name)
    assert backup.backup(tmp_path / "b.zip").missing == [company.attachment.file.name]


def test_every_kind_of_value_survives(company, tmp_path):
    Project.objects.filter(key="PRJ-0001").update(budget=None)
    member = company.project.members.first()
    type(member).objects.filter(pk=member.pk).update(
        **{"percent": Decimal("12.50")} if hasattr(member, "percent") else {}
    )
    backup.backup(tmp_path / "b.zip")
    backup.restore(tmp_path / "b.zip", overwrite=True)
    backup.backup(tmp_path / "c.zip")
    assert contents(tmp_path / "b.zip") == contents(tmp_path / "c.zip")
    assert Setting.objects.get(name="tests.null").value is None
    assert Setting.objects.get(name="tests.deep").value == {"a": [1, 2.5, None, "ß"], "b": True}


COMPANY = """
from stellwerk.testing import build_cast
from stellwerk.core import services
from stellwerk.core.models import Attachment
from django.core.files.base import ContentFile
cast = build_cast()
services.edit(cast.project, {"name": "Lubmin – Ümläut"}, by=cast.petra)
row = Attachment(entity_type="portfolio.project", entity_id=cast.project.pk, name="a.pdf", size=3, content_type="application/pdf", digest="0", uploaded_by=cast.paul)
row.file.save("x", ContentFile(b"abc"))
"""


@pytest.mark.postgres
@pytest.mark.slow
def test_a_backup_moves_between_the_embedded_database_and_postgresql_and_back(tmp_path, migrated_file):
    from tests.postgres import postgres_url

    folders = {name: tmp_path / name for name in ("first", "server", "last")}
    for folder in folders.values():
        folder.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with postgres_url() as server, database(folders["server"], server) as url:
            places = {
                "first": Installation(folders["first"], f"sqlite:///{folders['first']}/a.sqlite3"),
                "server": Installation(folders["server"], url),
                "last": Installation(folders["last"], f"sqlite:///{folders['last']}/a.sqlite3"),
            }
            for name in ("first", "last"):  # the server has no tables yet
                shutil.copy(migrated_file, folders[name] / "a.sqlite3")
            files = [tmp_path / f"{name}.zip" for name in places]
            ended = places["first"].commands(["backup", str(files[0])], before=COMPANY)
            ended += places["server"].commands(["restore", str(files[0])], ["backup", str(files[1])])
            ended += places["last"].commands(["restore", str(files[1])], ["backup", str(files[2])])
            assert [(done.returncode, done.stderr) for done in ended] == [(0, "")] * 5
    first, server, last = (contents(file) for file in files)
    assert first == last
    assert first == server


def test_the_zip_of_a_backup_is_whole(company, tmp_path):
    backup.backup(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        manifest = json.load(io.TextIOWrapper(archive.open(backup.MANIFEST)))
    assert manifest["format"] == "stellwerk-backup"
    assert {entry["label"] for entry in manifest["tables"]} >= {"core.user", "portfolio.project", "core.auditentry"}
    assert not {entry["label"] for entry in manifest["tables"]} & {"sessions.session", "contenttypes.contenttype"}
