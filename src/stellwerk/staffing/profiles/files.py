"""From bytes to text, XML or JSON, with limits: pages, unpacked bytes, depth. Every refusal says what and what to do."""

from __future__ import annotations

import json
import re
import zlib
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.text import without_control
from stellwerk.staffing.profiles import headings, words
from stellwerk.staffing.profiles.pages import PARTED, Page, read_page

MOST_PAGES: Final = 60
MOST_TEXT: Final = 500_000
MOST_UNPACKED: Final = 40_000_000
"""Bytes of all that is no picture: drawn letters, fonts, data."""
PIECE: Final = 1_000_000
MOST_STREAMS: Final = 5000
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

    _check_streams(content)
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
        inside = _europass_in(content)
        if inside is not None:
            return inside
        pages: list[Page] = []
        length = 0
        for page in document:
            text = page.get_textpage()
            pages.append(read_page(text, headings.is_heading, _is_contact, headings.is_of_stations))
            text.close()
            page.close()
            length += sum(map(len, (*pages[-1].main, *pages[-1].side)))
            if length > MOST_TEXT:
                break
    finally:
        document.close()
    side = [line for page in pages for line in page.side]
    main = [line for page in _without_feet(pages) for line in page]
    found = clean("\n".join([*main, *([PARTED, *side] if side else [])]))
    if len(re.sub(r"\s", "", found)) < LEAST_TEXT:
        raise Refused(_("The PDF holds pictures and no text: it is a scan."), _("Choose the file that it was printed from, or fill in the profile by hand."), code="scan")  # fmt: skip
    return found, next((clean(page.largest) for page in pages if page.largest), "")


def _check_streams(content: bytes) -> None:
    """Refuses a PDF whose text unpacks to far more than any CV says, before anything unpacks it whole."""
    left = MOST_UNPACKED
    for found in re.finditer(rb"(?<!end)stream\r?\n", content):
        about = content[max(content.rfind(b"obj", max(0, found.start() - 2000), found.start()), 0) : found.start()]
        if b"FlateDecode" not in about or b"/Image" in about:
            continue
        end = content.find(b"endstream", found.end())
        packed = content[found.end() : end if end > 0 else None]
        inflate = zlib.decompressobj()
        try:
            while packed and left > 0 and not inflate.eof:
                left -= len(inflate.decompress(packed, PIECE))
                packed = inflate.unconsumed_tail
        except zlib.error:
            continue
        if left <= 0:
            raise too_full()


def too_full() -> Refused:
    return Refused(
        _("The file unpacks to far more than its size explains. It was not opened."), _("Save the CV again as PDF, and choose that."), code="bomb"
    )  # fmt: skip


def _europass_in(content: bytes) -> Element | None:
    """The root of the Europass XML that hangs on a PDF; None where there is none that can be read.

    Taken from the bytes themselves, its beginning first: what unpacks to more than is wanted is never unpacked whole.
    """
    tried = 0
    for found in islice(re.finditer(rb"(?<!end)stream\r?\n", content), MOST_STREAMS):
        begin = found.end()
        if (
            not _unpacked(content[begin : begin + 2000], 500)
            .lstrip()
            .startswith((b"<?xml", b"<Candidate", b"<SkillsPassport"))
        ):
            continue
        end = content.find(b"endstream", begin)
        plain = _unpacked(content[begin : end if end > 0 else None], LARGEST_ATTACHED + 1).strip()
        tried += 1
        try:
            root = xml_of(plain) if len(plain) <= LARGEST_ATTACHED else None
        except Refused:
            root = None
        if root is not None and root.tag.rsplit("}", 1)[-1] in EUROPASS_ROOTS:
            return root
        if tried == MOST_ATTACHED:
            break
    return None


def _unpacked(packed: bytes, most: int) -> bytes:
    if packed.lstrip()[:1] == b"<":
        return packed[:most]
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


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
    return "@" in text or (re.search(r"\d[\d ()/.-]{7,}\d", text) is not None and words.PERIOD.search(text) is None)


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
