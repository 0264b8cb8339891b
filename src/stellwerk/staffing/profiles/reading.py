"""The one entrance: recognises the format by its content, refuses in words what cannot be read, hands on to the reader of the format."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.staffing.profiles import europass, json_resume, plain
from stellwerk.staffing.profiles.files import json_of, text_of_pdf, xml_of
from stellwerk.staffing.profiles.model import Profile
from stellwerk.staffing.profiles.word_files import text_of_docx

LARGEST: Final = 10 * 1024 * 1024


def read_profile(stream: IO[bytes], name: str) -> Profile:
    """Read a CV (PDF, DOCX), a JSON Resume or a Europass file (XML, JSON).

    Raises ``Refused`` with the reason and what to do: too large, unknown type, encrypted, a scan, too many pages, a zip bomb, broken.
    """
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(_("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024 // 1024}, _("Make it smaller, for example without pictures."), code="too_large")  # fmt: skip
    if not content.strip():
        raise Refused(_("The file is empty."), _("Choose another file."), code="empty")
    profile = _reader(content, name)(content)
    if not (profile.name or profile.stations or profile.skills or profile.summary):
        profile.notes.append(_("Nothing was understood of this file: please fill in the profile by hand."))
    return profile


def _reader(content: bytes, name: str) -> Callable[[bytes], Profile]:
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if content.startswith(b"%PDF-") or b"%PDF-" in content[:1024]:
        return _pdf
    if content.startswith(b"PK\x03\x04"):
        return lambda data: plain.profile_of(*text_of_docx(data), "docx")
    if start == b"{":
        return _json
    if start == b"<":
        return lambda data: europass.profile_of_xml(xml_of(data))
    if content.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise Refused(_("This is an old Word file."), _("Save it as .docx or PDF, and choose that."), code="wrong_type")
    raise Refused(
        _("“%(name)s” is none of PDF, DOCX, JSON Resume and Europass (XML, JSON).") % {"name": name[-80:]},
        _("Save the CV as PDF or DOCX, and choose that."),
        code="wrong_type",
    )


def _pdf(content: bytes) -> Profile:
    found = text_of_pdf(content)
    if isinstance(found, tuple):
        return plain.profile_of(*found, "pdf")
    profile = europass.profile_of_xml(found)
    profile.notes.append(_("Read from the Europass data that the PDF carries."))
    return profile


def _json(content: bytes) -> Profile:
    data = json_of(content)
    return europass.profile_of_json(data) if europass.is_europass(data) else json_resume.profile_of(data)
