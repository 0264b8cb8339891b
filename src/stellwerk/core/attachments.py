"""Files on every entity: checked by what they are, named safely, kept under random names, served as downloads only."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import Attachment, User
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import entity_type
from stellwerk.core.services import record
from stellwerk.core.text import without_control

OCTETS = "application/octet-stream"
# What a file is by its first bytes; the name may then only say the same.
_MAGIC: tuple[tuple[bytes, int, str, tuple[str, ...]], ...] = (
    (b"%PDF-", 0, "application/pdf", ("pdf",)),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", ("png",)),
    (b"\xff\xd8\xff", 0, "image/jpeg", ("jpg", "jpeg")),
    (b"GIF8", 0, "image/gif", ("gif",)),
    (b"WEBP", 8, "image/webp", ("webp",)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "application/x-ole-storage", ("xls", "doc", "ppt", "msg", "mpp", "vsd")),
)
_ZIPPED = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "zip": "application/zip",
}
_TEXTS = {
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "xml": "application/xml",
}
_PROGRAMS = {
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "jar", "lnk", "reg", "cpl", "pif", "sh", "app",
}  # fmt: skip
_PROGRAM_STARTS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"#!",
)
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def attachments_of(obj: models.Model) -> models.QuerySet[Attachment]:
    """The files that have not been removed, oldest first."""
    return Attachment.objects.filter(
        entity_type=obj._meta.label_lower, entity_id=obj.pk, removed_at__isnull=True
    ).select_related("uploaded_by")


def safe_name(name: str) -> str:
    """A file name without folders, control and direction characters, at most 200 characters, with its ending."""
    plain = unicodedata.normalize("NFC", _HIDDEN.sub("", without_control(name)))
    plain = plain.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r'[<>:"|?*\x00-\x1f\x7f]', "_", " ".join(plain.split())).strip(" .")
    if not plain:
        return "file"
    stem, suffix = PurePosixPath(plain).stem, PurePosixPath(plain).suffix[:20]
    return f"{stem[: 200 - len(suffix)]}{suffix}"


def sniff(head: bytes, name: str) -> str:
    """The content type by the first bytes; a name that promises something else is refused.

    Errors: ``Invalid`` at ``file``.
    """
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    if ending in _PROGRAMS or head.startswith(_PROGRAM_STARTS):
        raise _wrong(_("Programs and scripts cannot be attached: put them into a ZIP archive if colleagues need them."))
    for start, at, content_type, endings in _MAGIC:
        if head[at : at + len(start)] == start:
            if _promised(ending) and ending not in endings:
                raise _mismatch(ending)
            return content_type
    if head.startswith(b"PK\x03\x04"):
        if _promised(ending) and ending not in _ZIPPED:
            raise _mismatch(ending)
        return _ZIPPED.get(ending, "application/zip")
    if ending in _ZIPPED or any(ending in endings for *_rest, endings in _MAGIC):
        raise _mismatch(ending)
    if ending in _TEXTS and b"\x00" not in head:
        return _TEXTS[ending]
    return OCTETS


def _promised(ending: str) -> bool:
    return ending in _ZIPPED or ending in _TEXTS or any(ending in endings for *_rest, endings in _MAGIC)


def _wrong(text: str) -> Invalid:
    return Invalid({"file": [text]})


def _mismatch(ending: str) -> Invalid:
    return _wrong(
        _("The content is not what the ending “.%(ending)s” says. Save the file again in its program and attach that.")
        % {"ending": ending}
    )


def attach(obj: models.Model, *, file: UploadedFile[Any], by: User) -> Attachment:
    """Keep a file on an entity; the same content is kept once.

    Errors: ``NotAllowed``; ``Invalid`` at ``file`` (empty, too large, a program, content that belies its name).
    """
    if not entity_type(obj).attachments:
        raise Refused(_("There are no files on this kind of entry."))
    require(by, "view", obj)
    require(by, "comment", obj)
    name = safe_name(file.name or "")
    _check_size(file)
    content_type = sniff(_head(file), name)
    digest = _digest(file)
    known = attachments_of(obj).filter(digest=digest).first()
    if known is not None:
        return known
    attachment = Attachment(
        entity_type=obj._meta.label_lower, entity_id=obj.pk, name=name, size=file.size or 0, content_type=content_type,
        digest=digest, uploaded_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            attachment.file.save(name, file, save=False)
            attachment.save()
            record(obj, by=by, verb="attach", changes={"file": [None, name]})
    except BaseException:
        if attachment.file.name:
            attachment.file.storage.delete(attachment.file.name)
        raise
    return attachment


def remove_attachment(attachment: Attachment, *, by: User) -> Attachment:
    """Mark a file as removed (who added it, or who may edit the entity); it stays in storage for the trail."""
    from stellwerk.core.comments import target_of

    obj = target_of(attachment)
    require(by, "view", obj)
    if not may_remove(attachment, obj, by):
        raise NotAllowed(_("Only who added the file, or who may edit this entry, can remove it."))
    with transaction.atomic():
        hit = Attachment.objects.filter(pk=attachment.pk, removed_at__isnull=True).update(removed_at=timezone.now())
        if hit:
            record(obj, by=by, verb="detach", changes={"file": [attachment.name, None]})
    attachment.refresh_from_db()
    return attachment


def may_remove(attachment: Attachment, obj: models.Model, user: User) -> bool:
    return attachment.uploaded_by_id == user.pk or can(user, "edit", obj)


def _check_size(file: UploadedFile[Any]) -> None:
    limit = settings.UPLOAD_LIMIT_BYTES
    if not file.size:
        raise _wrong(_("This file is empty."))
    if file.size > limit:
        size = formats.number(limit / 1024 / 1024)
        raise _wrong(_("This file is larger than %(size)s MB. Make it smaller or split it.") % {"size": size})


def _head(file: Any) -> bytes:
    file.seek(0)
    head: bytes = file.read(512)
    file.seek(0)
    return head


def _digest(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
