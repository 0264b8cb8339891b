"""Any schedule file: what it is by its content, never by its name, and which reader or writer it gets."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, Literal

from lxml import etree

from stellwerk.planning.exchange import mspdi_fields
from stellwerk.planning.exchange.document import Document
from stellwerk.planning.exchange.limits import DEFAULT_LIMITS, MEGABYTE, Limits
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.mspdi_reader import read_mspdi
from stellwerk.planning.exchange.mspdi_writer import lost_in_mspdi, write_mspdi
from stellwerk.planning.exchange.problems import refuse
from stellwerk.planning.exchange.table_writing import lost_in_table, write_csv, write_xlsx
from stellwerk.planning.exchange.tables import read_table
from stellwerk.planning.exchange.xer_reader import read_xer
from stellwerk.planning.exchange.xer_writer import lost_in_xer, write_xer
from stellwerk.planning.exchange.xml import broken, iterate, refuse_document_type

Kind = Literal["mspdi", "xer", "mpp", "mpx", "other_xml", "other", "table", "unknown"]
Target = Literal["mspdi", "xer", "csv", "xlsx"]
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FOREIGN_XML: Final = {"APIBusinessObjects", "project", "Project", "BusinessObjects"}
"""Root elements of PMXML, Planner, GanttProject and Phoenix, which MPXJ reads."""
_FOREIGN: Final = (
    b"\xac\xed\x00\x05",  # ProjectLibre
    b"\x1c\x00\x00\x00",  # FastTrack Schedule
    b"\x00\x01\x00\x00Standard Jet DB",  # the database of Microsoft Project (MPD)
    b"SQLite format 3\x00",  # Asta Powerproject, Merlin, P6 alone
    b"\x00\x00000000",  # Asta Powerproject, older
    b"PPX!!!!",  # Phoenix
    b"\xb6\x17",  # Synchro
    b"\x00\x80\x01\x00",  # Project Commander
    b"\x02\x80\x01\x00",
    b"VOLM",  # SDEF
    b"**** Schedule Grid",  # Sage
)
"""How files begin that MPXJ reads as well."""


def read_schedule(
    source: str | Path | IO[bytes],
    *,
    name: str = "",
    project: str = "",
    limits: Limits = DEFAULT_LIMITS,
    strict: bool = True,
    summary_links: bool | None = None,
    minutes_per_day: int = 480,
) -> Document:
    """Read a path or a seekable binary stream, whatever it is called.

    ``name`` is the name people know the file by. ``project`` chooses one of several projects of an XER file.
    ``strict=False`` returns a document with its errors among the warnings instead of raising; what cannot be read at
    all still raises. ``summary_links``: links of summary rows are a warning and no error; by default they are for
    tools that schedule with them (MPP, GanttProject, Planner). ``minutes_per_day`` is a day in the durations of a table.

    Raises:
        ScheduleFileError: the file cannot be used; ``problems`` names every error with its line.
        OSError: the path cannot be opened.
    """
    wishes = _Wishes(name, project, limits, strict, summary_links, minutes_per_day)
    if isinstance(source, (str, Path)):
        path = Path(source)
        with path.open("rb") as stream:
            return _read(stream, path, replace(wishes, name=name or path.name))
    return _read(source, None, wishes)


@dataclass(frozen=True, slots=True)
class _Wishes:
    name: str
    project: str
    limits: Limits
    strict: bool
    links: bool | None
    minutes_per_day: int


def _read(stream: IO[bytes], path: Path | None, wishes: _Wishes) -> Document:
    limits, strict, links = wishes.limits, wishes.strict, wishes.links
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise refuse("empty")
    kind = kind_of(stream)
    most = limits.file if kind in {"mspdi", "other_xml"} else min(limits.file, limits.text)
    if size > most:
        raise refuse("too_large", size=max(1, size // MEGABYTE), limit=most // MEGABYTE)
    if kind == "mspdi":
        return read_mspdi(stream, limits=limits, strict=strict, summary_links=bool(links))
    if kind == "xer":
        return read_xer(stream, limits=limits, project=wishes.project, strict=strict)
    if kind == "table":
        return read_table(
            stream, name=wishes.name, minutes_per_day=wishes.minutes_per_day, strict=strict, summary_links=bool(links)
        )
    if kind == "unknown":
        raise refuse("unknown_format")
    if kind == "other_xml":
        refuse_document_type(stream)
    suffix = {"mpp": ".mpp", "mpx": ".mpx"}.get(kind) or Path(wishes.name).suffix.lower() or ".xml"
    return _converted(stream, path, suffix, limits, strict, links is None or links)


def _converted(
    stream: IO[bytes], path: Path | None, suffix: str, limits: Limits, strict: bool, links: bool
) -> Document:
    if path is not None:
        return read_with_mpxj(path, limits=limits, strict=strict, summary_links=links)
    handle, temporary = tempfile.mkstemp(suffix=suffix if suffix[1:].isalnum() else ".bin", prefix="stellwerk-")
    try:
        with os.fdopen(handle, "wb") as copy:
            stream.seek(0)
            while piece := stream.read(1 << 20):
                copy.write(piece)
        return read_with_mpxj(Path(temporary), limits=limits, strict=strict, summary_links=links)
    finally:
        Path(temporary).unlink(missing_ok=True)


def kind_of(stream: IO[bytes]) -> Kind:
    """What the content is; the stream is rewound.

    Raises:
        ScheduleFileError: XML with a document type, or that breaks off before its first element.
    """
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(_OLE):
        return _kind_of_ole(stream)
    if head.startswith(_ZIP):
        return "table"
    text = _start(head)
    if text.startswith("ERMHDR"):
        return "xer"
    if text.startswith("MPX"):
        return "mpx"
    if head.startswith(_FOREIGN):
        return "other"
    if text.lstrip().startswith("<"):
        return _kind_of_xml(stream)
    return "unknown" if "\0" in text else "table"


def _start(head: bytes) -> str:
    for mark, codec in zip(_MARKS, ("utf-8", "utf-16-le", "utf-16-be"), strict=True):
        if head.startswith(mark):
            return head[len(mark) :].decode(codec, "replace")
    return head.decode("latin-1")


def _kind_of_ole(stream: IO[bytes]) -> Kind:
    """An old workbook and an MPP file begin the same; a stream named “Workbook” or “Book” makes the first, unless there
    is one of the tasks as well: schedules may have workbooks inside."""
    words = {word: word.encode("utf-16-le") + b"\0\0" for word in ("Workbook", "Book", "TBkndTask")}
    found: set[str] = set()
    tail = b""
    while piece := stream.read(1 << 20):
        window = tail + piece
        found |= {word for word, sought in words.items() if sought in window}
        tail = piece[-64:]
    stream.seek(0)
    return "table" if found and "TBkndTask" not in found else "mpp"


def _kind_of_xml(stream: IO[bytes]) -> Kind:
    refuse_document_type(stream)
    events = iterate(stream)
    try:
        for _event, element in events:
            namespace, _, name = str(element.tag).rpartition("}")
            namespace = namespace.lstrip("{")
            if name == "Project" and namespace in {"", mspdi_fields.NAMESPACE}:
                return "mspdi"
            if namespace.startswith("http://schemas.microsoft.com/project"):
                return "mspdi"
            return "other_xml" if name in _FOREIGN_XML else "unknown"
    except etree.XMLSyntaxError as problem:
        raise broken(problem, events) from None
    finally:
        stream.seek(0)
    return "unknown"


_WRITERS: Final[dict[Target, Callable[[Document], bytes]]] = {
    "mspdi": write_mspdi,
    "xer": write_xer,
    "csv": write_csv,
    "xlsx": write_xlsx,
}
_LOSSES: Final[dict[Target, Callable[[Document], tuple[str, ...]]]] = {
    "mspdi": lost_in_mspdi,
    "xer": lost_in_xer,
    "csv": lost_in_table,
    "xlsx": lost_in_table,
}


def write_schedule(document: Document, target: Target) -> bytes:
    """The document as a file; the same bytes for the same document."""
    return _WRITERS[target](document)


def lost_in(document: Document, target: Target) -> tuple[str, ...]:
    """What the document has and the format cannot hold, in English (``lost`` names of ``README.md``)."""
    return _LOSSES[target](document)


def without_native(document: Document) -> Document:
    """The document without what only its own format knows: written as a new file instead of a continued one."""
    return replace(document, format="", tables=())
