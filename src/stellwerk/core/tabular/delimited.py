"""CSV and its relatives: delimiter, quoting and rows."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from stellwerk.core.tabular import refusals
from stellwerk.core.tabular.cells import Row

DELIMITERS = ",;\t|"
SAMPLE_RECORDS = 300
MAX_FIELD = 16 * 1024 * 1024
_END = "\x1e"
"""A last line of our own: where it is not a record of its own, it stands inside an open quote."""
SHARED_LENGTH = 32
SHARED_TEXTS = 200_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written; an empty ``delimiter`` means one column."""

    delimiter: str
    quoted: bool = True


def sniff(sample: str) -> Dialect:
    """The delimiter that gives the most regular table; quotes count unless they never close."""
    first_line = sample.split("\n", 1)[0].strip().lower()
    if first_line.startswith("sep=") and len(first_line) <= 5:
        given = sample.split("\n", 1)[0].strip("\r")[4:5] or "\t"
        return Dialect(given)
    scored = [(_regularity(sample, delimiter), delimiter) for delimiter in DELIMITERS]
    best, delimiter = max(scored, key=lambda item: item[0])
    return Dialect(delimiter if best > 0 else "")


def _regularity(sample: str, delimiter: str) -> float:
    counts: list[int] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record and any(record):
                counts.append(len(record))
            if len(counts) >= SAMPLE_RECORDS:
                break
    except csv.Error:
        return 0.0
    if len(counts) > 3 and len(counts) < SAMPLE_RECORDS:
        counts.pop()  # the sample may end inside a record
    if not counts:
        return 0.0
    (width, hits), *_rest = Counter(counts).most_common(1)
    wide = max(counts)
    if wide < 2:
        return 0.0
    if width < 2:  # a table that starts late, under lines of prose
        width, hits = Counter(c for c in counts if c > 1).most_common(1)[0]
    return hits / len(counts) * (1 + math.log(width))


def rows_of(lines: Iterable[str], dialect: Dialect, max_cells: int) -> Iterator[Row]:
    """The records, empty fields as None. Raises UnusableFile when there are more than ``max_cells`` cells, csv.Error when
    a quote never closes: everything after it would silently become one cell."""
    _allow_long_fields()
    lines = chain(lines, (_END,))
    delimiter = dialect.delimiter or "\x1f"
    if dialect.quoted:
        records = csv.reader(lines, delimiter=delimiter)
    else:
        records = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    cells = 0
    known: dict[str, str] = {}
    for record in records:
        if record == [_END]:
            return
        cells += len(record)
        if cells > max_cells:
            raise refusals.too_many_cells(max_cells)
        if len(known) > SHARED_TEXTS:
            known.clear()
        # No database holds null characters.
        yield tuple([_shared(field.replace("\0", ""), known) if field else None for field in record])
    raise csv.Error("a quote never closes")


def _shared(text: str, known: dict[str, str]) -> str:
    """Short texts that stand in many cells are kept in memory once."""
    return known.setdefault(text, text) if len(text) <= SHARED_LENGTH else text


def _allow_long_fields() -> None:
    if csv.field_size_limit() < MAX_FIELD:
        csv.field_size_limit(MAX_FIELD)
