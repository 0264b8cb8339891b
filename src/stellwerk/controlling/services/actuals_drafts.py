"""A file of actuals on its way through the pages: uploaded, read with a mapping, previewed, booked, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import IO, Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.ledger import lines_of
from stellwerk.controlling.models import ActualsImport
from stellwerk.controlling.services.actuals_import import (
    digest_of,
    headings_of,
    import_actuals,
    mapping_of,
    read_layout,
)
from stellwerk.controlling.services.bookings import Outcome, Step, try_lines
from stellwerk.controlling.services.periods import require_open
from stellwerk.core import formats
from stellwerk.core.attachments import safe_name
from stellwerk.core.erasure import emptied_folder
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.people.models import Organisation

LARGE: Final = 1_500_000
"""Bytes from which reading and booking run in the background (about 15,000 lines)."""
KEPT_DAYS: Final = 14
SHOWN_REJECTED: Final = 200
FOLDER = emptied_folder("actuals")


@transaction.atomic
def start_import(
    *, file: UploadedFile[Any], organisation: Organisation, month: dt.date, kind: str, by: User | None
) -> ActualsImport:  # fmt: skip
    """Keep an uploaded file for the preview.

    Errors: ``NotAllowed``, ``Invalid`` at ``file`` (empty, larger than uploads may be) or ``kind``, ``Refused`` (the month is closed).
    """
    batch = ActualsImport(organisation=organisation, month=month, kind=kind, by=by)
    require(by, "import", batch)
    if kind not in BookingKind.values:
        raise Invalid({"kind": [_("Please choose actuals or commitments.")]})
    require_open(organisation, month)
    size, limit = file.size or 0, settings.UPLOAD_LIMIT_BYTES
    if size == 0:
        raise Invalid({"file": [_("The file is empty.")]})
    if size > limit:
        told = {"size": formats.number(size / 1024 / 1024), "limit": formats.number(limit / 1024 / 1024)}
        text = _(
            "This file has %(size)s MB, pages take at most %(limit)s MB. Use the command “stellwerk import actuals”."
        )
        raise Invalid({"file": [text % told]})
    name = safe_name(file.name or "")
    batch.file_name, batch.digest = name[:250], digest_of(_stream(file))
    batch.save()
    file.seek(0)
    stored = default_storage.save(f"{FOLDER}/{batch.pk}-{batch.digest[:12]}{PurePath(name).suffix.lower()[:8]}", file)
    batch.draft = {"upload": stored, "size": size, "chosen": {}, "decimal_sign": "", "stage": "uploaded"}
    batch.save(update_fields=["draft"])
    return batch


def is_large(batch: ActualsImport) -> bool:
    return int(batch.draft.get("size", 0)) >= LARGE


def twins(batch: ActualsImport) -> list[ActualsImport]:
    """Booked imports of this very file."""
    rows = ActualsImport.objects.filter(organisation=batch.organisation, digest=batch.digest, state="booked")
    return list(rows.exclude(pk=batch.pk).exclude(digest="")[:3])


def _stream(file: File[Any]) -> IO[bytes]:
    assert file.file is not None  # an opened file has one
    return file.file


def _opened(batch: ActualsImport) -> IO[bytes]:
    try:
        return _stream(default_storage.open(batch.draft["upload"], "rb"))
    except (KeyError, OSError) as error:
        raise Refused(_("The uploaded file is no longer there."), _("Choose it again."), code="upload_gone") from error


def run_preview(batch: ActualsImport, *, by: User | None, step: Step | None = None) -> None:
    """Read the file and keep what booking it would do; a file that cannot be read keeps why. Errors: ``NotAllowed``, ``Refused``."""
    require(by, "import", batch)
    _must_be_open(batch)
    draft = batch.draft
    with _opened(batch) as stream:
        headings = headings_of(stream, batch.file_name)
        try:
            layout = read_layout(
                stream, batch.file_name, organisation=batch.organisation, month=batch.month, chosen=draft["chosen"],
                decimal_sign=draft["decimal_sign"] or None,
            )  # fmt: skip
            outcome = try_lines(
                batch=batch, lines=lines_of(stream, layout), by=by, default_currency=batch.organisation.currency, step=step
            )  # fmt: skip
        except Invalid as refusal:
            texts = [text for found in refusal.errors.values() for text in found]
            _keep(batch, stage="failed", failure=" ".join(texts), headings=headings, preview={})
            return
    batch.mapping = mapping_of(layout)
    _keep(
        batch, stage="preview", failure="", headings=headings,
        preview=outcome.told() | {"samples": outcome.samples, "parts": outcome.tally.told()["parts"]},
    )  # fmt: skip


def choose_mapping(
    batch: ActualsImport, *, chosen: Mapping[str, str], decimal_sign: str, by: User | None
) -> ActualsImport:  # fmt: skip
    """Columns and decimal sign as the user says; the next preview reads the file so. Errors: ``NotAllowed``, ``Refused``."""
    require(by, "import", batch)
    _must_be_open(batch)
    _keep(batch, chosen=dict(chosen), decimal_sign=decimal_sign if decimal_sign in (",", ".") else "", stage="uploaded")
    return batch


def run_apply(batch: ActualsImport, *, by: User | None, step: Step | None = None) -> Outcome:
    """Book what was previewed, as it stands now. Errors: ``Invalid``, ``NotAllowed``, ``Refused`` (booked already, no preview)."""
    _must_be_open(batch)
    if batch.draft.get("stage") != "preview":
        raise Refused(_("There is no preview of this file yet."), _("Look at it first."), code="wrong_state")
    if batch.month is not None:
        require_open(batch.organisation, batch.month)
    with _opened(batch) as stream:
        _batch, outcome = import_actuals(
            stream, batch.file_name, organisation=batch.organisation, by=by, month=batch.month, kind=batch.kind,
            chosen=batch.draft["chosen"], decimal_sign=batch.draft["decimal_sign"] or None, batch=batch, step=step,
        )  # fmt: skip
    forget_upload(batch)
    return outcome


@transaction.atomic
def discard(batch: ActualsImport, *, by: User | None) -> None:
    """A preview that nobody wants any more; its file goes. Errors: ``NotAllowed``, ``Refused`` (booked already)."""
    require(by, "import", batch)
    held = ActualsImport.objects.select_for_update().get(pk=batch.pk)
    _must_be_open(held)
    forget_upload(held)
    ActualsImport.objects.filter(pk=held.pk).update(state="failed", told={})
    record(held, verb="discard", by=by, reason=held.file_name)


def begin(batch: ActualsImport, job: str) -> None:
    """A job works on it now."""
    _keep(batch, job=job, refused="")


def mark_refused(batch: ActualsImport, text: str) -> None:
    """Why the last attempt in the background booked nothing."""
    _keep(batch, refused=text)


def _keep(batch: ActualsImport, **values: Any) -> None:
    """Only where it is still a preview: somebody may have booked it in the meantime."""
    batch.draft = {**batch.draft, **values}
    ActualsImport.objects.filter(pk=batch.pk, state="preview").update(draft=batch.draft, mapping=batch.mapping)


def _must_be_open(batch: ActualsImport) -> None:
    if batch.state != "preview":
        raise Refused(_("This file has been booked or discarded already."), code="wrong_state")


def forget_upload(batch: ActualsImport) -> None:
    """The file has done its service."""
    draft = {name: value for name, value in batch.draft.items() if name not in ("upload", "preview")}
    name = batch.draft.get("upload")
    if name:
        remove: Callable[[], None] = lambda: default_storage.delete(name)  # noqa: E731
        transaction.on_commit(remove)
    batch.draft = draft
    ActualsImport.objects.filter(pk=batch.pk).update(draft=draft)


def tidy(now: dt.datetime | None = None) -> int:
    """Discard previews that nobody booked within two weeks; returns how many."""
    limit = (now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    old = list(ActualsImport.objects.filter(state="preview", updated_at__lt=limit))
    for batch in old:
        forget_upload(batch)
        ActualsImport.objects.filter(pk=batch.pk, state="preview").update(state="failed")
    return len(old)
