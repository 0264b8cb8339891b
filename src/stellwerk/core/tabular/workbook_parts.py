"""Which part of an XLSX archive holds which sheet."""

from __future__ import annotations

import posixpath
from zipfile import ZipFile

from lxml import etree

_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_REL = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def sheet_parts(archive: ZipFile) -> dict[str, str]:
    """Sheet titles and their parts (``xl/worksheets/sheet1.xml``); empty when the workbook's index is unreadable."""
    try:
        book = _root(archive.read("xl/workbook.xml"))
        relations = _root(archive.read("xl/_rels/workbook.xml.rels"))
    except Exception:  # a damaged index raises whatever it likes; the reader proper reports it
        return {}
    targets = {r.get("Id"): r.get("Target", "") for r in relations.iter("{*}Relationship")}
    parts = {}
    for sheet in book.iter("{*}sheet"):
        target = targets.get(sheet.get(_REL) or sheet.get(_STRICT_REL))
        if target:
            parts[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return parts


def _root(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
