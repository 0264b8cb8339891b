"""Backup and restore, independent of the database: JSON lines per table and the attachments, in one zip.

``manifest.json`` is written last and names every member with its rows and SHA-256. A backup is one consistent moment:
it reads inside one transaction, without keeping anybody from writing. A restore is one transaction: it happens wholly
or not at all. The rows are written as they are, past services and audit trail.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
import json
import os
import re
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.erasure import apply_erasures, erased_pseudonyms
from stellwerk.core.errors import Refused

FORMAT = "stellwerk-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
CHUNK_ROWS = 2000
CHUNK_BYTES = 1024 * 1024
# What belongs to one running installation and not to its data.
LEFT_OUT = {"contenttypes.contenttype", "auth.permission", "auth.group", "auth.group_permissions", "sessions.session",
            "django_tasks_database.dbtaskresult", "core.workerbeat"}  # fmt: skip
# Emptied by a restore over old data, so that nothing of the old installation lives on.
EMPTIED = ("sessions.session", "django_tasks_database.dbtaskresult", "core.workerbeat")
# Present in every installation before its first user: no sign of data.
_NO_DATA = {"core.schedule", "core.setting", "core.keysequence"}
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*\Z")

# What reading a damaged file ends in, down to rows that the database refuses. RuntimeError: a flag that now says "encrypted".
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, TypeError, RuntimeError, IntegrityError, DataError)  # fmt: skip

Report = Callable[[int, int, str], None]


class BadBackup(Refused):
    """The file cannot be used; nothing was changed."""

    code = "bad_backup"


@dataclass
class Outcome:
    """What was written or read."""

    rows: int = 0
    tables: int = 0
    attachments: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)


def tables() -> list[type[models.Model]]:
    """All tables of the data, those that others point at first."""
    wanted = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT
    ]
    order: list[type[models.Model]] = []
    visiting: set[type[models.Model]] = set()

    def visit(model: type[models.Model]) -> None:
        if model in visiting or model not in wanted:
            return
        visiting.add(model)
        for column in model._meta.concrete_fields:
            target = column.related_model
            if isinstance(target, type) and target is not model:
                visit(target)
        order.append(model)

    for model in sorted(wanted, key=lambda model: model._meta.label_lower):
        visit(model)
    return order


def migrations() -> list[str]:
    """``app.name`` of the applied migrations of the apps in the backup."""
    labels = {model._meta.app_label for model in tables()}
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations() if app in labels)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no form in a backup")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


@contextmanager
def _one_moment() -> Iterator[None]:
    """All reads inside see the same moment; writers are not held up."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own transactions begin IMMEDIATE and would hold up writers
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _rows(model: type[models.Model]) -> Iterator[tuple[Any, ...]]:
    names = [column.attname for column in model._meta.concrete_fields]
    rows = model._base_manager.order_by("pk").values_list(*names)
    return rows.iterator(chunk_size=CHUNK_ROWS)


def backup(target: Path, *, report: Report | None = None, overwrite: bool = False) -> Outcome:
    """Write everything into ``target``; it appears there only when it is complete. Errors: ``Refused``, ``OSError``."""
    target = target.expanduser().absolute()
    if target.exists() and not overwrite:
        raise Refused(
            _("The file %(name)s exists already.") % {"name": target}, _("Choose another name, or use --force.")
        )
    if not target.parent.is_dir():
        raise Refused(_("The folder %(name)s does not exist.") % {"name": target.parent})
    part = target.with_name(target.name + ".part")
    outcome = Outcome()
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                manifest = _write(archive, outcome, report or _silent)
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    outcome.bytes = target.stat().st_size
    return outcome


def _silent(_done: int, _total: int, _label: str) -> None:
    pass


def _write(archive: zipfile.ZipFile, outcome: Outcome, report: Report) -> dict[str, Any]:
    from importlib.metadata import version

    from stellwerk.core.models import Attachment

    written = []
    with _one_moment():
        counts = Counter({model: model._base_manager.count() for model in tables()})
        for model in counts:
            written.append(_write_table(archive, model, outcome, report, counts))
        files = list(Attachment.objects.exclude(file="").values_list("file", flat=True).order_by("pk"))
        applied = migrations()
    attachments = [entry for name in files if (entry := _write_attachment(archive, name, outcome))]
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "stellwerk": version("stellwerk"),
        "created_at": timezone.now().isoformat(),
        "database": connection.vendor,
        "migrations": applied,
        "tables": written,
        "attachments": attachments,
        "missing": outcome.missing,
    }


def _write_table(
    archive: zipfile.ZipFile, model: type[models.Model], outcome: Outcome, report: Report, counts: Counter[Any]
) -> dict[str, Any]:
    label = model._meta.label_lower
    name = f"tables/{label}.jsonl"
    digest = hashlib.sha256()
    count = 0
    with archive.open(name, "w", force_zip64=True) as member:
        head = _encode([column.column for column in model._meta.concrete_fields]) + "\n"
        member.write(head.encode())
        digest.update(head.encode())
        rows = _rows(model) if counts[model] else iter(())  # most tables of a young installation are empty
        while chunk := list(islice(rows, CHUNK_ROWS)):
            text = "".join(f"{_encode(row)}\n" for row in chunk).encode()
            member.write(text)
            digest.update(text)
            count += len(chunk)
            outcome.rows += len(chunk)
            report(outcome.rows, counts.total(), str(model._meta.verbose_name_plural))
    outcome.tables += 1
    return {"label": label, "file": name, "rows": count, "sha256": digest.hexdigest()}


def _write_attachment(archive: zipfile.ZipFile, name: str, outcome: Outcome) -> dict[str, Any] | None:
    digest = hashlib.sha256()
    size = 0
    try:
        source = default_storage.open(name)
    except OSError:
        outcome.missing.append(name)
        return None
    with source, archive.open(f"attachments/{name}", "w", force_zip64=True) as member:
        while block := source.read(CHUNK_BYTES):
            member.write(block)
            digest.update(block)
            size += len(block)
    outcome.attachments += 1
    return {"name": name, "size": size, "sha256": digest.hexdigest()}


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, checked: a backup of Stellwerk, not newer than this program, of the same database version."""
    try:
        if archive.getinfo(MANIFEST).file_size > 200 * 1024 * 1024:
            raise BadBackup(_("This file is not a backup of Stellwerk."))
        manifest = json.loads(archive.read(MANIFEST))
    except DAMAGE as error:
        raise BadBackup(
            _("This file is not a backup of Stellwerk, or it is not complete."), _("Nothing was changed.")
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadBackup(_("This file is not a backup of Stellwerk."), _("Nothing was changed."))
    if int(manifest.get("version", 0)) > FORMAT_VERSION:
        raise BadBackup(
            _("This backup was written by a newer Stellwerk (%(version)s).") % {"version": manifest.get("stellwerk")},
            _("Update this installation, then restore. Nothing was changed."),
        )
    _check_migrations(manifest)
    return manifest


def _check_migrations(manifest: dict[str, Any]) -> None:
    theirs, ours = set(manifest.get("migrations", [])), set(migrations())
    told = {"version": manifest.get("stellwerk"), "names": ", ".join(sorted(theirs ^ ours)[:5])}
    if theirs - ours:
        raise BadBackup(
            _("This backup comes from a newer database version (Stellwerk %(version)s; %(names)s).") % told,
            _("Update this installation and run “stellwerk migrate”, then restore. Nothing was changed."),
        )
    if ours - theirs:
        raise BadBackup(
            _("This backup comes from an older database version (Stellwerk %(version)s; %(names)s).") % told,
            _("Restore it with that version into an empty database, then update. Nothing was changed."),
        )


def has_data() -> bool:
    """Does the database hold anything that a restore would mix with?"""
    return any(model._base_manager.exists() for model in tables() if model._meta.label_lower not in _NO_DATA)


def restore(source: Path, *, overwrite: bool = False, report: Report | None = None) -> Outcome:
    """Read a backup into this database, wholly or not at all. Errors: ``BadBackup``, ``Refused`` (not empty)."""
    try:
        archive = zipfile.ZipFile(source)
    except DAMAGE as error:
        raise BadBackup(
            _("This file is not a backup of Stellwerk, or it is damaged."), _("Nothing was changed.")
        ) from error
    with archive:
        manifest = read_manifest(archive)
        if has_data() and not overwrite:
            raise Refused(
                _("This database is not empty."),
                _("Restore into an empty one, or use --overwrite: that deletes everything in it first."),
                code="not_empty",
            )
        return _restore(archive, manifest, report or _silent)


def _restore(archive: zipfile.ZipFile, manifest: dict[str, Any], report: Report) -> Outcome:
    outcome = Outcome(missing=list(manifest.get("missing", [])))
    known = {model._meta.label_lower: model for model in tables()}
    try:
        entries = {entry["label"]: entry for entry in manifest["tables"]}
        files = list(manifest["attachments"])
    except (LookupError, TypeError) as error:
        raise BadBackup(_("This file is not a backup of Stellwerk."), _("Nothing was changed.")) from error
    if unknown := sorted(set(entries) - set(known)):
        raise BadBackup(
            _("This backup has tables that this version does not know: %(names)s") % {"names": ", ".join(unknown)}
        )
    total = sum(int(entry["rows"]) for entry in entries.values())
    added: list[str] = []
    erased = erased_pseudonyms()
    old_files = _stored_files()
    try:
        with transaction.atomic():
            _empty(known.values())
            for label, model in known.items():
                if label in entries:
                    _read_table(archive, model, entries[label], outcome, report, total)
            _reset_sequences(known.values())
            connection.check_constraints()  # they are deferred: checked here, where a broken one can still be named
            apply_erasures(erased)
            for entry in files:
                _read_attachment(archive, entry, added)
                outcome.attachments += 1
    except BaseException as error:
        for name in added:
            default_storage.delete(name)
        if isinstance(error, DAMAGE):
            raise BadBackup(
                _("This backup is damaged: %(reason)s") % {"reason": error}, _("Nothing was changed.")
            ) from error
        raise
    for name in old_files - {entry["name"] for entry in files}:
        default_storage.delete(name)
    return outcome


def _stored_files() -> set[str]:
    from stellwerk.core.models import Attachment

    return set(Attachment.objects.exclude(file="").values_list("file", flat=True))


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _empty(known: Iterable[type[models.Model]]) -> None:
    emptied = [*known, *(apps.get_model(label) for label in EMPTIED)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            connection.check_constraints()  # deferred checks that wait would forbid the TRUNCATE
            cursor.execute(f"TRUNCATE {', '.join(_quote(model._meta.db_table) for model in emptied)} CASCADE")
            return
        for model in reversed(emptied):
            cursor.execute(f"DELETE FROM {_quote(model._meta.db_table)}")  # noqa: S608 - our own table names


Converter = Callable[[Any], Any]


def _converter(column: models.Field[Any, Any]) -> Converter:
    """From JSON to what the database driver takes."""
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    back: Converter | None = None
    if isinstance(target, models.DateTimeField):
        back = dt.datetime.fromisoformat
    elif isinstance(target, models.DateField):
        back = dt.date.fromisoformat
    elif isinstance(target, models.TimeField):
        back = dt.time.fromisoformat
    elif isinstance(target, models.DecimalField):
        back = decimal.Decimal
    elif isinstance(target, models.UUIDField):
        back = uuid.UUID
    elif isinstance(target, models.DurationField):
        back = _seconds
    elif isinstance(target, models.BinaryField):
        back = base64.b64decode
    elif isinstance(target, models.JSONField):
        if column.null:
            return lambda value: column.get_db_prep_save(value, connection)
        return lambda value: connection.ops.adapt_json_value(value, getattr(column, "encoder", None))
    if back is None:
        return lambda value: value
    revive = back
    return lambda value: None if value is None else column.get_db_prep_save(revive(value), connection)


def _seconds(value: float) -> dt.timedelta:
    return dt.timedelta(seconds=value)


def _read_table(
    archive: zipfile.ZipFile,
    model: type[models.Model],
    entry: dict[str, Any],
    outcome: Outcome,
    report: Report,
    total: int,
) -> None:
    digest = hashlib.sha256()
    columns = {column.column: column for column in model._meta.concrete_fields}
    rows = 0
    with archive.open(entry["file"]) as member:
        head = member.readline()
        digest.update(head)
        names = json.loads(head)
        if set(names) - set(columns):
            raise BadBackup(
                _("The table %(name)s has columns that this version does not know.") % {"name": entry["label"]}
            )
        converters = [_converter(columns[name]) for name in names]
        while lines := list(islice(member, CHUNK_ROWS)):
            for line in lines:
                digest.update(line)
            values = [
                [convert(value) for convert, value in zip(converters, json.loads(line), strict=True)] for line in lines
            ]
            _insert(model, names, values)
            rows += len(values)
            outcome.rows += len(values)
            report(outcome.rows, total, str(model._meta.verbose_name_plural))
    if digest.hexdigest() != entry["sha256"] or rows != entry["rows"]:
        raise BadBackup(
            _("The table %(name)s is damaged in this backup.") % {"name": entry["label"]}, _("Nothing was changed.")
        )
    outcome.tables += 1


def _insert(model: type[models.Model], names: list[str], values: list[list[Any]]) -> None:
    table = _quote(model._meta.db_table)
    columns = ", ".join(_quote(name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(names))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 - our own names


def _reset_sequences(known: Iterable[type[models.Model]]) -> None:
    """The next number of each table follows the restored ones."""
    for statement in connection.ops.sequence_reset_sql(no_style(), list(known)):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _read_attachment(archive: zipfile.ZipFile, entry: dict[str, Any], added: list[str]) -> None:
    name = str(entry["name"])
    if not _SAFE_NAME.match(name) or ".." in name:
        raise BadBackup(_("This backup names a file outside its folder: %(name)s") % {"name": name[:80]})
    info = archive.getinfo(f"attachments/{name}")
    with archive.open(info) as member:
        digest = _digest(member)
    if digest != entry["sha256"]:
        raise BadBackup(_("The attachment %(name)s is damaged in this backup.") % {"name": name})
    if default_storage.exists(name):
        with default_storage.open(name) as present:
            if _digest(present) == digest:
                return
        default_storage.delete(name)
    with archive.open(info) as member:
        default_storage.save(name, File(member))
    added.append(name)


def _digest(source: IO[bytes] | File[Any]) -> str:
    digest = hashlib.sha256()
    while block := source.read(CHUNK_BYTES):
        digest.update(block)
    return digest.hexdigest()
