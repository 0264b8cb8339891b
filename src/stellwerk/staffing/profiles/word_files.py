"""A Word document as lines: paragraphs, bullets, the rows of its tables, what stands in the head of its pages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.tabular.archives import Sizes, check_sizes, open_archive
from stellwerk.core.tabular.errors import UnusableFile
from stellwerk.staffing.profiles import headings
from stellwerk.staffing.profiles.files import clean, too_full, xml_of
from stellwerk.staffing.profiles.pages import PARTED

_SIZES: Final = Sizes(part=40_000_000, total=80_000_000, ratio=200)
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLES: Final = ("title", "titel")
_LISTS: Final = ("list", "aufz")
MOST_HEADS: Final = 6
DEEPEST: Final = 60


def text_of_docx(content: bytes) -> tuple[str, str]:
    """Its lines, and the paragraph that has the style of a title."""
    stream = io.BytesIO(content)
    try:
        archive = open_archive(stream)
        names = archive.namelist()
        if "word/document.xml" not in names:
            raise Refused(_("This archive is no Word document."), _("Save the CV as PDF or DOCX, and choose that."), code="wrong_type")  # fmt: skip
        check_sizes(archive, stream, _SIZES)
        body = xml_of(archive.read("word/document.xml"))
        heads = [name for name in sorted(names) if name.startswith("word/header") and name.endswith(".xml")]
        above = [line for name in heads[:MOST_HEADS] for line in _block(xml_of(archive.read(name)), 0)]
    except UnusableFile as error:
        if error.code == "bomb":
            raise too_full() from None
        raise Refused(str(error.message), str(error.what_to_do), code=error.code) from None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        raise Refused(_("The Word document is damaged."), _("Save it again, and choose that."), code="broken") from None
    title = next((clean(_own(one)[0]) for one in body.iter(f"{_W}p") if _style(one).startswith(_TITLES)), "")
    return clean("\n".join([*dict.fromkeys(above), *_block(body, 0)])), title


def _block(node: Element, depth: int) -> Iterator[str]:
    """The lines of everything inside: paragraphs (with the text boxes that hang on them) and tables."""
    if depth > DEEPEST:
        return
    for one in node:
        if one.tag == f"{_W}p":
            yield from _paragraph(one, depth)
        elif one.tag == f"{_W}tbl":
            yield ""
            for row in _rows(one):
                yield from _row([list(_block(cell, depth + 1)) for cell in row.findall(f"{_W}tc")])
        elif one.tag not in (_FALLBACK, f"{_W}tr", f"{_W}tc"):
            yield from _block(one, depth + 1)


def _rows(table: Element) -> Iterator[Element]:
    """Its own rows, also those in a frame for repeated content; none of a table within a cell."""
    for one in table:
        if one.tag == f"{_W}tr":
            yield one
        elif one.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            yield from _rows(one)


def _paragraph(node: Element, depth: int) -> Iterator[str]:
    text, boxes = _own(node)
    listed = node.find(f"{_W}pPr/{_W}numPr") is not None or _style(node).startswith(_LISTS)
    yield f"• {text.strip()}" if listed and text.strip() else text
    for box in boxes:
        yield PARTED
        yield from _block(box, depth + 1)
        yield PARTED


def _own(node: Element) -> tuple[str, list[Element]]:
    """The text of a paragraph without that of its boxes, and the boxes."""
    parts: list[str] = []
    boxes: list[Element] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.tag == f"{_W}txbxContent":
            boxes.append(one)
            continue
        if one.tag == f"{_W}t":
            parts.append(one.text or "")
        elif one.tag in (f"{_W}tab", f"{_W}ptab") and one is not node:
            parts.append("\t")
        elif one.tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        if one.tag not in (_FALLBACK, f"{_W}pPr"):
            waiting += reversed(one)
    return "".join(parts), boxes


def _style(node: Element) -> str:
    found = node.find(f"{_W}pPr/{_W}pStyle")
    return (found.get(f"{_W}val") or "").casefold() if found is not None else ""


def _row(cells: list[list[str]]) -> Iterator[str]:
    """Short cells stand beside each other; cells with headings of their own are columns of the page and are read one after the other."""
    told = [cell for cell in ([line for line in cell if line.strip()] for cell in cells) if cell]
    if sum(any(headings.is_heading(line) for line in cell) for cell in told) > 1:
        for cell in cells:
            yield PARTED
            yield from cell
        yield PARTED
        return
    if all(len(cell) == 1 for cell in told[:-1]):
        yield "\t".join(cell[0] for cell in told)
        yield from (told[-1][1:] if told else ())
    else:
        for cell in told:
            yield from cell
