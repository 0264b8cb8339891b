"""Files that the tests make: workbooks and archives of every odd kind."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)


def xlsx(
    rows: Iterable[Sequence[Any]], *, merges: Sequence[str] = (), title: str = "Tabelle1", first_row: int = 1
) -> io.BytesIO:
    """One sheet with these rows, from ``first_row`` on."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is not None:
                sheet.cell(first_row + i, j + 1, value)
    for area in merges:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def ods(rows: Iterable[Sequence[Any]], *, encrypted: bool = False, kind: str = "spreadsheet") -> io.BytesIO:
    """An ODS written by hand: strings, numbers, dates and booleans with their types."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'{_ODS_HEAD}<table:table table:name="Blatt">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    entry = "<manifest:encryption-data/>" if encrypted else ""
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="content.xml">{entry}</manifest:file-entry></manifest:manifest>'
    )
    return archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def archive(parts: dict[str, str | bytes]) -> io.BytesIO:
    """A zip of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    stream.seek(0)
    return stream


def with_part(book: io.BytesIO, name: str, data: bytes) -> io.BytesIO:
    """The same archive with one part replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, data if info.filename == name else source.read(info))
    stream.seek(0)
    return stream


def lying_about_size(book: io.BytesIO, name: str, size: int) -> io.BytesIO:
    """The same archive whose directory claims another size for one part."""
    data = bytearray(book.getvalue())
    encoded = name.encode()
    for signature, size_at, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        position = data.find(signature)
        while position >= 0:
            if data[position + name_at : position + name_at + len(encoded)] == encoded:
                data[position + size_at : position + size_at + 4] = struct.pack("<I", size)
            position = data.find(signature, position + 4)
    return io.BytesIO(bytes(data))


def csv_bytes(text: str, encoding: str = "utf-8") -> io.BytesIO:
    """Text as a file."""
    return io.BytesIO(text.encode(encoding))
