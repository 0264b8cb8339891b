"""Workbooks that are zip archives: look before opening.

The reader behind us holds a sheet as one rectangle and trusts the archive. So sizes are measured by unpacking in
small pieces (declared sizes may lie), and a stray cell in the last column of the last row is found first: the
rectangle up to it would take all memory there is.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from stellwerk.core.tabular import refusals
from stellwerk.core.tabular.cells import column_index

_CHUNK = 1 << 16
_PIECE = 1 << 20
_RATIO_FROM = 16 * 1024 * 1024
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*\bt="e"[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]*)<"
)
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TEXT_END = re.compile(rb"</(?:\w+:)?si>")
_REFERENCE = re.compile(rb't="s"[^>]*>\s*<(?:\w+:)?v>(\d{1,9})</')
_LONG_TEXT = 2000
_TAIL = 2048
_LONGEST_CELL = 8 * _PIECE
_MAX_ERRORS = 100_000


@dataclass(slots=True)
class SheetScan:
    """What one sheet's XML says: its last row and column (from 1), error cells, formulas without a value."""

    last_row: int = 0
    last_column: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas_without_value: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits for unpacking, in bytes, and the highest believable ratio of unpacked to packed."""

    part: int
    total: int
    ratio: int


def open_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """The archive, or a refusal when its directory is broken."""
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, UnicodeDecodeError, NotImplementedError, EOFError):
        raise refusals.broken("zip directory") from None


def check_sizes(archive: zipfile.ZipFile, stream: IO[bytes], sizes: Sizes) -> dict[str, SheetScan]:
    """Measure every part that the reader will unpack; scan the sheets of an XLSX on the way."""
    parts = [info for info in archive.infolist() if info.filename.endswith((".xml", ".rels", ".bin"))]
    if sum(info.file_size for info in parts) > sizes.total:
        raise _too_much(sum(i.compress_size for i in parts), sum(i.file_size for i in parts), sizes)
    scans: dict[str, SheetScan] = {}
    total = 0
    for info in parts:
        scan = SheetScan() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename) else None
        total += _measure(stream, info, sizes, scan)
        if total > sizes.total:
            raise _too_much(sum(i.compress_size for i in parts), total, sizes)
        if scan is not None:
            scans[info.filename] = scan
    return scans


def check_repeated_text(archive: zipfile.ZipFile, limit: int) -> None:
    """An XLSX stores a text once and cells point to it: refuse when the cells' texts together pass ``limit`` bytes."""
    try:
        lengths = [len(text) for text in _TEXT_END.split(archive.read("xl/sharedStrings.xml"))]
        if max(lengths) < _LONG_TEXT:
            return
        total = 0
        for name in archive.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                references = map(int, _REFERENCE.findall(archive.read(name)))
                total += sum(lengths[i] for i in references if i < len(lengths))
    except KeyError:
        return
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        raise refusals.broken("xl/sharedStrings.xml") from None
    if total > limit:
        raise refusals.bomb()


def _measure(stream: IO[bytes], info: zipfile.ZipInfo, sizes: Sizes, scan: SheetScan | None) -> int:
    if info.flag_bits & 1:
        raise refusals.password()
    if info.file_size > sizes.part:
        raise _too_much(info.compress_size, info.file_size, sizes)
    size = 0
    tail = b""
    for piece in _unpacked(stream, info):
        size += len(piece)
        if size > sizes.part or (size > _RATIO_FROM and size > sizes.ratio * max(1, info.compress_size)):
            raise _too_much(info.compress_size, size, sizes)
        if scan is not None:
            tail = _scan(scan, tail + piece, last=False)
    if scan is not None:
        _scan(scan, tail, last=True)
    if size != info.file_size:
        raise refusals.broken(info.filename)
    return size


def _too_much(packed: int, unpacked: int, sizes: Sizes) -> Exception:
    if unpacked > sizes.ratio * max(1, packed):
        return refusals.bomb()
    return refusals.too_large(f"{sizes.part // 1_000_000} MB")


def _unpacked(stream: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's real bytes in pieces, whatever size the directory claims."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusals.broken(info.filename)
    if info.header_offset < 0:  # the directory of a damaged archive points before its begin
        raise refusals.broken(info.filename)
    stream.seek(info.header_offset)
    header = stream.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise refusals.broken(info.filename)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    stream.seek(info.header_offset + 30 + name_length + extra_length)
    left = info.compress_size
    inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        data = stream.read(min(_CHUNK, left))
        if not data:
            raise refusals.broken(info.filename)
        left -= len(data)
        if inflate is None:
            yield data
            continue
        try:
            while data:
                piece = inflate.decompress(data, _PIECE)
                if piece:
                    yield piece
                data = inflate.unconsumed_tail
        except zlib.error:
            raise refusals.broken(info.filename) from None
    if inflate is not None:
        rest = inflate.flush()
        if rest:
            yield rest


def _scan(scan: SheetScan, data: bytes, *, last: bool) -> bytes:
    """Read all complete cells; give back the beginning of the next one."""
    cut = len(data) if last else max(data.rfind(b"<c "), data.rfind(b":c "), 0)
    head, tail = data[:cut], data[cut:]
    cells = _CELL.findall(head)
    if cells:
        letters = {name for name, _row in cells}
        scan.last_column = max(scan.last_column, max(column_index(name.decode()) for name in letters) + 1)
        scan.last_row = max(scan.last_row, max(map(int, {row for _name, row in cells})))
    if b't="e"' in head and len(scan.errors) < _MAX_ERRORS:
        for name, row, value in _ERROR.findall(head):
            scan.errors[int(row) - 1, column_index(name.decode())] = value.decode("utf-8", "replace")
    if b"<f" in head or b":f" in head:
        scan.formulas_without_value += len(_NO_VALUE.findall(head))
    return tail if len(tail) <= _LONGEST_CELL else tail[-_TAIL:]


def is_encrypted_ods(archive: zipfile.ZipFile) -> bool:
    """Whether an ODS says that its content is encrypted."""
    try:
        with archive.open("META-INF/manifest.xml") as manifest:
            return b"encryption-data" in manifest.read(4_000_000)
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        return False
