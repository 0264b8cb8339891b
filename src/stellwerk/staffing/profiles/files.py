"""From bytes to text, XML or JSON, with limits: pages, unpacked bytes, depth. Every refusal says what and what to do."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.text import without_control
from stellwerk.staffing.profiles import headings
from stellwerk.staffing.profiles.pages import PARTED, Page, read_page

MOST_PAGES: Final = 60
MOST_TEXT: Final = 500_000
MOST_ATTACHED: Final = 10
LARGEST_ATTACHED: Final = 5_000_000
EUROPASS_ROOTS: Final = ("SkillsPassport", "Candidate", "LearnerInfo")
LEAST_TEXT: Final = 40
"""Fewer letters on all pages: the file holds pictures of text."""


def text_of_pdf(content: bytes) -> tuple[str, str] | Element:
    """The text of all pages in reading order (side columns after the main one) and what is written largest on the first.

    A PDF of Europass carries the same CV as XML: that says more than its pages, and is what is read.
    """
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
        inside = _europass_in(document)
        if inside is not None:
            return inside
        pages = []
        for page in document:
            text = page.get_textpage()
            pages.append(read_page(text, headings.is_heading, _is_contact, headings.is_of_stations))
            text.close()
            page.close()
    finally:
        document.close()
    side = [line for page in pages for line in page.side]
    main = [line for page in _without_feet(pages) for line in page]
    found = clean("\n".join([*main, *([PARTED, *side] if side else [])]))
    if len(re.sub(r"\s", "", found)) < LEAST_TEXT:
        raise Refused(_("The PDF holds pictures and no text: it is a scan."), _("Choose the file that it was printed from, or fill in the profile by hand."), code="scan")  # fmt: skip
    return found, next((clean(page.largest) for page in pages if page.largest), "")


def _europass_in(document: Any) -> Element | None:
    """The root of the Europass XML that hangs on a PDF; None where there is none that can be read."""
    import pypdfium2

    for number in range(min(document.count_attachments(), MOST_ATTACHED)):
        try:
            attached = document.get_attachment(number)
            if not attached.get_name().lower().endswith(".xml"):
                continue
            content = bytes(attached.get_data())
            root = xml_of(content) if len(content) <= LARGEST_ATTACHED else None
        except (pypdfium2.PdfiumError, Refused):
            continue
        if root is not None and root.tag.rsplit("}", 1)[-1] in EUROPASS_ROOTS:
            return root
    return None


def _without_feet(pages: list[Page]) -> list[list[str]]:
    """The lines of each page without those at its edges that every other page has, too (but for their numbers)."""
    bare = [[re.sub(r"\d+", "", line) for line in page.main] for page in pages]
    edges = [{line for line in (*lines[:3], *lines[-4:]) if line.strip()} for lines in bare]
    again = set.intersection(*edges) if len(edges) > 1 else set()
    return [
        [line for at, line in enumerate(page.main) if (number == 0 and at < 4) or bare[number][at] not in again]
        for number, page in enumerate(pages)
    ]


def _is_contact(text: str) -> bool:
    return "@" in text or re.search(r"\d[\d ()/.-]{7,}\d", text) is not None


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


def clean(text: str) -> str:
    """Lines without control characters and without the hyphens that a line's end made."""
    whole = re.sub(r"(?<=\w)[\u00ad\ufffe\x02]\s*\n?\s*", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    whole = re.sub(r"(?<=\s)\u00ad(?=\s)", "–", whole)  # some fonts call every dash so
    lines = [line if line == PARTED else _line(line) for line in whole.split("\n")]
    return "\n".join(lines)[:MOST_TEXT]


def _line(line: str) -> str:
    line = re.sub(r"\s*(?:[-_.…·] ?){4,}\s*", "\t", line)  # what leads the eye to the right edge
    parts = (
        without_control(re.sub(r"[ \u00a0\u2000-\u200b\u202f]+", " ", part)).strip(" ") for part in line.split("\t")
    )
    return "\t".join(parts).strip("\t")
