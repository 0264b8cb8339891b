"""Deck templates of an organisation, and decks as files of a background job."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.attachments import attach
from stellwerk.core.erasure import emptied_folder
from stellwerk.core.errors import Invalid
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import Job, User
from stellwerk.core.permissions import require
from stellwerk.core.services import create, edit
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting import selectors
from stellwerk.reporting.models import DeckTemplate

FOLDER = emptied_folder("decks")  # a deck is rendered again with one click
KEPT = dt.timedelta(days=7)
FORMATS = ("pptx", "pdf", "xlsx")
LANGUAGES = ("de", "en")
CONTENT_TYPES = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_BYTES = 100 * 1024 * 1024


def upload_template(*, organisation: Organisation, name: str, file: UploadedFile[Any], by: User) -> DeckTemplate:
    """Keep a PowerPoint template; the newest one of an organisation is in use.

    Errors: ``NotAllowed``; ``Invalid`` at ``file`` with what the template lacks (placeholders, wrong type, macros …).
    """
    require(by, "create", DeckTemplate(organisation=organisation, name=name))
    _check_template(file)
    with transaction.atomic():
        attachment = attach(organisation, file=file, by=by)
        for other in DeckTemplate.objects.filter(organisation=organisation, active=True):
            edit(other, {"active": False}, by=by)
        title = name.strip() or Path(attachment.name).stem
        return create(
            DeckTemplate, {"organisation": organisation, "name": title[:120], "attachment": attachment}, by=by
        )


def _check_template(file: UploadedFile[Any]) -> None:
    from stellwerk.core.documents.pptx_template import TemplateProblem, open_template  # heavy

    if (file.size or 0) > MOST_BYTES:
        raise Invalid({"file": [_("The template is larger than 100 MB. Remove pictures and videos from its slides.")]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.pptx"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        try:
            open_template(path)
        except TemplateProblem as problem:
            raise Invalid({"file": [str(problem)]}) from problem
    file.seek(0)


def use_template(*, template: DeckTemplate, active: bool, by: User) -> DeckTemplate:
    """Put a template in use (only one per organisation), or take it out of use."""
    with transaction.atomic():
        if active:
            for other in DeckTemplate.objects.filter(organisation=template.organisation, active=True).exclude(
                pk=template.pk
            ):
                edit(other, {"active": False}, by=by)
        return edit(template, {"active": active}, by=by)


def active_template(portfolio: Portfolio) -> DeckTemplate | None:
    organisation = selectors.organisation_of(portfolio)
    found = DeckTemplate.objects.filter(organisation=organisation, active=True).select_related("attachment")
    return found.order_by("-pk").first() if organisation else None


class TemplateFile:
    """The active template as a file on this machine for as long as a deck is written (None: the default look)."""

    def __init__(self, template: DeckTemplate | None) -> None:
        self._template = template
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Path | None:
        if self._template is None:
            return None
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "template.pptx"
        with self._template.attachment.file.open("rb") as source, path.open("wb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
        return path

    def __exit__(self, *_exc: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def request_deck(*, portfolio: Portfolio, data_date: dt.date | None, lang: str, fmt: str, by: User) -> Job:
    """Queue the making of a deck; the same deck is made once at a time. Errors: ``NotAllowed``, ``Invalid``."""
    require(by, "export", portfolio)
    errors: dict[str, list[str]] = {}
    if lang not in LANGUAGES:
        errors["lang"] = [_("Please choose German or English.")]
    if fmt not in FORMATS:
        errors["fmt"] = [_("Please choose PPTX, PDF or XLSX.")]
    if errors:
        raise Invalid(errors)
    arguments = {
        "portfolio": portfolio.pk,
        "date": data_date.isoformat() if data_date else "",
        "lang": lang,
        "fmt": fmt,
    }
    key = f"deck-{by.pk}-{portfolio.pk}-{arguments['date']}-{lang}-{fmt}"
    title = _("Steering committee deck %(portfolio)s") % {"portfolio": portfolio.name}
    return enqueue("reporting.render_deck", arguments, user=by, unique_key=key, title=title)


def deck_name(portfolio: Portfolio, data_date: dt.date, lang: str, fmt: str) -> str:
    """A file name that every system takes: ``deck-ANLAGEN-2026-11-20-de.pptx``."""
    key = re.sub(r"[^A-Za-z0-9_-]+", "-", portfolio.key).strip("-") or "portfolio"
    return f"deck-{key}-{data_date.isoformat()}-{lang}.{fmt}"


def stored_path(uid: UUID | str, fmt: str) -> str:
    return f"{FOLDER}/{uid}.{fmt}"


def file_of(job: Job) -> tuple[str, str, str] | None:
    """The finished deck of a job: path in the storage, name, content type; None once it has been tidied away."""
    result = job.result if isinstance(job.result, dict) else {}
    fmt = str(result.get("fmt", ""))
    if fmt not in FORMATS or not default_storage.exists(stored_path(job.uid, fmt)):
        return None
    return stored_path(job.uid, fmt), str(result.get("file", "deck")), CONTENT_TYPES[fmt]


def keep_file(uid: str, fmt: str, content: io.BytesIO) -> None:
    """Store a deck for its download; a repeated attempt replaces it. Decks older than a week go."""
    path = stored_path(uid, fmt)
    if default_storage.exists(path):
        default_storage.delete(path)
    default_storage.save(path, ContentFile(content.getvalue()))
    _tidy()


def _tidy() -> None:
    limit = timezone.now() - KEPT
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        try:
            if default_storage.get_modified_time(path) < limit:
                default_storage.delete(path)
        except FileNotFoundError:
            continue
