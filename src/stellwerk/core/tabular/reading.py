"""From a file to sheets of raw cells, whatever the file is called.

The content decides what a file is: an XLSX called ``.csv`` is an XLSX. Everything that cannot become a table raises
:class:`UnusableFile` with advice; nothing else is ever raised for bad content.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, Literal
from zipfile import ZipFile

import python_calamine
from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular import archives, decoding, delimited, refusals
from stellwerk.core.tabular.cells import Cell, Row, column_letters
from stellwerk.core.tabular.errors import UnusableFile
from stellwerk.core.tabular.notes import Note, note

Kind = Literal["csv", "xlsx", "xlsb", "xls", "ods"]
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0, all included."""

HEAD_BYTES = 16_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_FOREIGN: tuple[tuple[bytes, object], ...] = (
    (b"%PDF", _("a PDF")),
    (b"\x89PNG", _("an image")),
    (b"\xff\xd8\xff", _("an image")),
    (b"GIF8", _("an image")),
    (b"II*\x00", _("an image")),
    (b"MM\x00*", _("an image")),
    (b"RIFF", _("a picture, sound or film")),
    (b"{\\rtf", _("a text document")),
    (b"\x1f\x8b", _("a compressed archive")),
    (b"7z\xbc\xaf", _("a compressed archive")),
    (b"Rar!", _("a compressed archive")),
    (b"BZh", _("a compressed archive")),
    (b"\xfd7zXZ", _("a compressed archive")),
    (b"SQLite format 3", _("a database")),
    (b"PAR1", _("a database")),
    (b"\x7fELF", _("a program")),
    (b"MZ\x90", _("a program")),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What we accept. Bytes, except ``ratio`` (unpacked to packed) and ``cells`` (of one sheet's rectangle)."""

    file: int = 1 << 30
    sheet_xml: int = 200_000_000
    unpacked: int = 1 << 30
    ratio: int = 250
    cells: int = 6_000_000
    sheets: int = 200


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``rows[0]`` is row 1 of the sheet. Rows may differ in length; empty cells are None."""

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False
    merged: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class TabularFile:
    """All sheets of a file, and what is worth knowing about how it was read."""

    name: str
    kind: Kind
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Note, ...] = ()


def read(source: str | Path | IO[bytes], *, name: str = "", limits: Limits = DEFAULT_LIMITS) -> TabularFile:
    """Read a path or a seekable binary stream.

    Raises:
        UnusableFile: the file as a whole is of no use; ``code`` and texts say why.
        OSError: the path cannot be opened.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        with path.open("rb") as stream:
            return _read(stream, name or path.name, limits)
    return _read(source, name or str(getattr(source, "name", "") or ""), limits)


def _read(stream: IO[bytes], name: str, limits: Limits) -> TabularFile:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise refusals.empty()
    if size > limits.file:
        raise refusals.too_large(f"{limits.file // 1_000_000} MB")
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(_ZIP):
        return _read_archive(stream, name, limits)
    if head.startswith(_OLE):
        return _read_ole(stream, name, limits)
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise refusals.wrong_type(what)
    return _read_text(stream, name, limits, size)


# --- workbooks ---------------------------------------------------------------------------------------------------


def _read_archive(stream: IO[bytes], name: str, limits: Limits) -> TabularFile:
    archive = archives.open_archive(stream)
    kind = _archive_kind(archive)
    if kind == "ods" and archives.is_encrypted_ods(archive):
        raise refusals.password()
    sizes = archives.Sizes(part=limits.sheet_xml, total=limits.unpacked, ratio=limits.ratio)
    scans = archives.check_sizes(archive, stream, sizes)
    for scan in scans.values():
        if scan.last_row * scan.last_column > limits.cells:
            raise refusals.far_cell(f"{column_letters(scan.last_column - 1)}{scan.last_row}")
    if kind == "xlsx":
        archives.check_repeated_text(archive, limits.unpacked)
    by_sheet = _scans_by_sheet(archive, scans) if kind == "xlsx" else {}
    stream.seek(0)
    return _read_workbook(stream, name, kind, limits, by_sheet)


def _archive_kind(archive: ZipFile) -> Kind:
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or any(n.startswith("xl/worksheets/") for n in names):
        return "xlsx"
    if any(n.startswith("word/") for n in names):
        raise refusals.wrong_type(_("a text document"))
    if any(n.startswith("ppt/") for n in names):
        raise refusals.wrong_type(_("a presentation"))
    if "content.xml" in names:
        kind = b""
        if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
            try:
                kind = archive.read("mimetype")
            except Exception:  # a damaged member raises whatever it likes; all mean the same to us
                raise refusals.broken("mimetype") from None
        if not kind or b"spreadsheet" in kind:
            return "ods"
        raise refusals.wrong_type(_("a text document") if b"text" in kind else _("a presentation or drawing"))
    raise refusals.wrong_type(_("a compressed archive"))


def _scans_by_sheet(archive: ZipFile, scans: dict[str, archives.SheetScan]) -> dict[str, archives.SheetScan]:
    """The scans under the names that people see; without the names, by the order of the sheets."""
    from stellwerk.core.tabular.workbook_parts import sheet_parts

    return {title: scans[part] for title, part in sheet_parts(archive).items() if part in scans}


def _read_ole(stream: IO[bytes], name: str, limits: Limits) -> TabularFile:
    if stream.seek(0, io.SEEK_END) > limits.sheet_xml:
        raise refusals.too_large(f"{limits.sheet_xml // 1_000_000} MB")
    stream.seek(0)
    data = stream.read()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise refusals.password()
    for mark, what in (
        ("WordDocument", _("a text document")),
        ("PowerPoint Document", _("a presentation")),
        ("__substg1.0", _("an e-mail")),
        ("Props", None),
    ):
        if what is not None and mark.encode("utf-16-le") in data:
            raise refusals.wrong_type(what)
    if not any(mark.encode("utf-16-le") in data for mark in ("Workbook", "Book")):
        raise refusals.wrong_type(_("an Office file of another kind"))
    return _read_workbook(io.BytesIO(data), name, "xls", limits, {})


@contextmanager
def _calamine() -> Iterator[None]:
    """Turn everything that the workbook reader raises, its panics too, into a refusal."""
    try:
        yield
    except (UnusableFile, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except python_calamine.PasswordError:
        raise refusals.password() from None
    except BaseException as error:  # a panic of the native reader is not an Exception
        if "password" in str(error).lower():
            raise refusals.password() from None
        raise refusals.broken(type(error).__name__) from None


def _read_workbook(
    stream: IO[bytes], name: str, kind: Kind, limits: Limits, scans: dict[str, archives.SheetScan]
) -> TabularFile:
    sheets: list[Sheet] = []
    notes: list[Note] = []
    with _calamine():
        workbook = python_calamine.CalamineWorkbook.from_filelike(stream)
        wanted = [m for m in workbook.sheets_metadata if m.typ == python_calamine.SheetTypeEnum.WorkSheet]
        for metadata in wanted[: limits.sheets]:
            scan = scans.get(metadata.name)
            sheet = _sheet(workbook, metadata, limits, scan)
            if sheet.rows:
                sheets.append(sheet)
            if scan is not None and scan.formulas_without_value:
                notes.append(_formulas_note(metadata.name, scan.formulas_without_value))
    if not sheets:
        raise refusals.empty()
    return TabularFile(name=name, kind=kind, sheets=tuple(sheets), notes=tuple(notes))


def _formulas_note(sheet: str, count: int) -> Note:
    return note(
        "formulas",
        _(
            "Sheet “%(sheet)s”: %(count)s formulas have no stored result and read as empty. "
            "Open the file in your spreadsheet program and save it once."
        ),
        {"sheet": sheet, "count": count},
    )


def _sheet(workbook: Any, metadata: Any, limits: Limits, scan: archives.SheetScan | None) -> Sheet:
    raw = workbook.get_sheet_by_name(metadata.name)
    if (raw.total_height or 0) * (raw.total_width or 0) > limits.cells:
        raise refusals.too_many_cells(limits.cells)
    rows: list[Row] = [_plain_row(row) for row in raw.to_python(skip_empty_area=False)]
    if scan is not None:
        _put_errors(rows, scan.errors)
    while rows and not rows[-1]:
        rows.pop()
    merged = tuple((a, b, c, d) for (a, b), (c, d) in (raw.merged_cell_ranges or ()))
    hidden = metadata.visible != python_calamine.SheetVisibleEnum.Visible
    return Sheet(name=metadata.name, rows=tuple(rows), hidden=hidden, merged=merged)


def _put_errors(rows: list[Row], errors: dict[tuple[int, int], str]) -> None:
    """The reader shows ``#DIV/0!`` as empty; a wrong formula must not look like a missing value."""
    for (row, column), text in errors.items():
        if row < len(rows):
            cells = list(rows[row]) + [None] * (column + 1 - len(rows[row]))
            cells[column] = text
            rows[row] = tuple(cells)


def _plain_row(row: list[Any]) -> Row:
    cells: list[Cell] = [None if cell == "" else _plain(cell) for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _plain(cell: Any) -> Cell:
    if type(cell) is str:
        return cell
    if type(cell) is float:
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, (bool, int, date, datetime)):
        return cell
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return str(cell)


# --- text --------------------------------------------------------------------------------------------------------


def _read_text(stream: IO[bytes], name: str, limits: Limits, size: int) -> TabularFile:
    sample = stream.read(decoding.SAMPLE_BYTES)
    encoding = decoding.detect(sample, complete=size <= len(sample))
    _refuse_other_text(sample[:HEAD_BYTES].decode(encoding.codec, "replace"), whole=False)
    if encoding.codec == "utf-8" and size > len(sample) and not _is_utf8(stream, len(sample)):
        stream.seek(0)
        encoding = decoding.detect(stream.read(), complete=True)
    text = sample[encoding.skip :].decode(encoding.codec, "ignore" if size > len(sample) else encoding.errors)
    _refuse_other_text(text, whole=size <= len(sample))
    dialect = delimited.sniff(text)
    notes: list[Note] = []
    try:
        rows = _text_rows(stream, encoding, dialect, limits)
    except csv.Error:
        rows = _text_rows(stream, encoding, delimited.Dialect(dialect.delimiter, quoted=False), limits)
        notes.append(
            note("open_quote", _("A quotation mark is never closed; all of them were read as plain characters."))
        )
    if not any(rows):
        raise refusals.empty()
    lost = sum(cell.count("\ufffd") for row in rows for cell in row if type(cell) is str and "\ufffd" in cell)
    if lost:
        notes.append(_lost_note(lost, encoding.codec))
    sheet = Sheet(name="", rows=tuple(rows))
    return TabularFile(
        name=name,
        kind="csv",
        sheets=(sheet,),
        encoding=encoding.codec,
        delimiter=dialect.delimiter,
        notes=tuple(notes),
    )


def _lost_note(count: int, codec: str) -> Note:
    return note(
        "lost_characters",
        _("%(count)s characters are not valid in the encoding %(encoding)s and show as “�”."),
        {"count": count, "encoding": codec},
    )


def _is_utf8(stream: IO[bytes], start: int) -> bool:
    import codecs

    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_other_text(text: str, *, whole: bool) -> None:
    start = text[:4000].lstrip("\ufeff \t\r\n")
    if not start and whole:
        raise refusals.empty()
    control = sum(1 for char in text[:4000] if char < " " and char not in "\t\r\n\x0b\x0c\x1a\x1f")
    if control > max(2, len(text[:4000]) // 50):
        raise refusals.wrong_type(_("a binary file"))
    lower = start[:200].lower()
    if lower.startswith(("<!doctype html", "<html", "<table", "<head")):
        raise refusals.wrong_type(_("a web page"))
    if lower.startswith(("<?xml", "<office:", "<workbook")):
        raise refusals.wrong_type(_("an XML document"))
    if start.startswith(("{", "[{")) and '":' in start[:2000]:
        raise refusals.wrong_type(_("a JSON document"))


def _text_rows(stream: IO[bytes], encoding: decoding.Encoding, dialect: delimited.Dialect, limits: Limits) -> list[Row]:
    stream.seek(encoding.skip)
    buffered = io.BufferedReader(_Unclosing(stream), 1 << 17)
    wrapper = io.TextIOWrapper(buffered, encoding=encoding.codec, errors=encoding.errors, newline="")
    try:
        rows = list(delimited.rows_of(wrapper, dialect, limits.cells))
    finally:
        wrapper.detach()
    if rows and rows[0] and str(rows[0][0]).lower().startswith("sep=") and len(rows[0]) <= 2:
        del rows[0]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


class _Unclosing(io.RawIOBase):
    """Lets a text wrapper read somebody else's stream without ever closing it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
