"""From bytes to text, XML or JSON, with limits: pages, unpacked bytes, depth. Every refusal says what and what to do."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.tabular.archives import Sizes, check_sizes, open_archive
from stellwerk.core.tabular.errors import UnusableFile
from stellwerk.core.text import without_control

MOST_PAGES: Final = 60
MOST_TEXT: Final = 500_000
LEAST_TEXT: Final = 40
"""Fewer letters on all pages: the file holds pictures of text."""
_SIZES: Final = Sizes(part=40_000_000, total=80_000_000, ratio=200)
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def text_of_pdf(content: bytes) -> str:
    """The text of all pages in reading order."""
    import pypdfium2  # loads a library: only where a PDF is read

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused(_("The PDF is protected by a password."), _("Save it without a password, and choose that."), code="password") from None  # fmt: skip
        raise Refused(_("The PDF is damaged."), _("Save it again, and choose that."), code="broken") from None
    try:
        if len(document) > MOST_PAGES:
            raise Refused(
                _("The PDF has %(pages)s pages; a profile has at most %(most)s.") % {"pages": len(document), "most": MOST_PAGES},
                _("Choose the CV alone, without references and samples."), code="too_many_pages",
            )  # fmt: skip
        parts = []
        for page in document:
            text = page.get_textpage()
            parts.append(text.get_text_bounded())
            text.close()
            page.close()
    finally:
        document.close()
    found = _clean("\n".join(parts))
    if len(re.sub(r"\s", "", found)) < LEAST_TEXT:
        raise Refused(_("The PDF holds pictures and no text: it is a scan."), _("Choose the file that it was printed from, or fill in the profile by hand."), code="scan")  # fmt: skip
    return found


def text_of_docx(content: bytes) -> str:
    """Paragraphs and table cells of the document, one a line."""
    stream = io.BytesIO(content)
    try:
        archive = open_archive(stream)
        if "word/document.xml" not in archive.namelist():
            raise Refused(_("This archive is no Word document."), _("Save the CV as PDF or DOCX, and choose that."), code="wrong_type")  # fmt: skip
        check_sizes(archive, stream, _SIZES)
        root = xml_of(archive.read("word/document.xml"))
    except UnusableFile as error:
        raise Refused(str(error.message), str(error.what_to_do), code=error.code) from None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        raise Refused(_("The Word document is damaged."), _("Save it again, and choose that."), code="broken") from None
    return _clean("\n".join(_paragraph(one) for one in root.iter(f"{_WORD}p")))


def _paragraph(node: Element) -> str:
    parts = []
    for one in node.iter():
        if one.tag == f"{_WORD}t":
            parts.append(one.text or "")
        elif one.tag == f"{_WORD}tab":
            parts.append("\t")
        elif one.tag in (f"{_WORD}br", f"{_WORD}cr"):
            parts.append("\n")
    return "".join(parts)


def xml_of(content: bytes) -> Element:
    """The root of an XML file without entities and document types."""
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (DefusedXmlException, ElementTree.ParseError, ValueError, LookupError):
        raise Refused(_("The XML cannot be read."), _("Export the profile again, and choose that file."), code="broken") from None  # fmt: skip
    return root


def json_of(content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refused(_("The JSON cannot be read."), _("Export the profile again, and choose that file."), code="broken") from None  # fmt: skip
    if not isinstance(data, dict):
        raise Refused(_("This JSON is no profile."), _("Export it as JSON Resume or Europass."), code="wrong_type")
    return data


def _clean(text: str) -> str:
    """Lines without control characters and without the hyphens that a line's end made."""
    whole = re.sub(r"(?<=\w)[\u00ad\ufffe]\s*\n?\s*", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [
        without_control(re.sub(r"[ \u00a0\u2000-\u200b\u202f]+", " ", line)).strip(" ") for line in whole.split("\n")
    ]
    return "\n".join(lines)[:MOST_TEXT]
