"""A file of actuals from its upload to its bookings: the mapping that was used last, the batch, the figures that follow."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.ledger import Layout, Line, Resolver, layout_of, lines_of
from stellwerk.controlling.ledger.fields import LABELS
from stellwerk.controlling.models import ActualsImport
from stellwerk.controlling.services.bookings import Outcome, Step, book_lines
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.tabular import SavedMapping, Table, UnusableFile, best_table, read, saved_mapping
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import ImportMapping

PREFIX = "ledger-"
BLOCK = 1 << 20
HEAD_LINES = 2000
HEAD_BYTES = 400_000


def read_layout(
    stream: IO[bytes],
    name: str,
    *,
    organisation: Organisation,
    month: dt.date | None = None,
    chosen: Mapping[str, str] | None = None,
    decimal_sign: str | None = None,
) -> Layout:
    """How the file is read: as chosen, else as the last file with these headings was, else as names and contents suggest.

    Errors: ``Invalid`` at ``file`` or ``mapping``.
    """
    table = None if chosen else head_of(stream, name)
    kept = ImportMapping.objects.filter(signature=f"{PREFIX}{table.signature}").first() if table is not None else None
    how: dict[str, Any] = {
        "currency": organisation.currency,
        "fiscal_start": organisation.fiscal_year_start,
        "month": month,
    }
    if table is None or kept is None:
        return layout_of(stream, name, chosen=chosen, decimal_sign=decimal_sign, **how)
    columns = {
        heading: code for heading, code in kept.mapping.get("columns", {}).items() if code is None or code in LABELS
    }
    sign = decimal_sign or kept.mapping.get("decimal_sign") or None
    return layout_of(stream, name, saved=SavedMapping(table.signature, columns), decimal_sign=sign, **how)


def head_of(stream: IO[bytes], name: str) -> Table | None:
    """The table at the head of a file; None where there is none."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    rest = stream.read(1)
    stream.seek(0)
    binary = head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    try:
        found = read(stream if binary or not rest else io.BytesIO(head[: head.rfind(b"\n") + 1] or head), name=name)
        return best_table(found)
    except UnusableFile:
        return None
    finally:
        stream.seek(0)


def headings_of(stream: IO[bytes], name: str) -> list[str]:
    """The columns of a file as it names them, to choose from where none was recognised; nothing for a file that is no table."""
    table = head_of(stream, name)
    return [column.name for column in table.columns] if table is not None else []


def whose_file(stream: IO[bytes], name: str, organisations: Iterable[Organisation]) -> Organisation | None:
    """The legal entity whose projects the first lines name; None where none or several are named."""
    layout = layout_of(stream, name, currency="EUR", month=timezone.localdate())
    objects = {line.object for line in islice(lines_of(stream, layout), HEAD_LINES) if isinstance(line, Line)}
    stream.seek(0)
    hits = []
    for organisation in organisations:
        resolver = Resolver(organisation)
        if any(resolver.place(name).known for name in objects):
            hits.append(organisation)
    return hits[0] if len(hits) == 1 else None


def remember(layout: Layout, name: str, decimal_sign: str | None = None) -> None:
    """Keep how this file was read for the next one with the same headings."""
    chosen: dict[int, str | None] = {column: code for code, column in layout.columns.items()}
    saved = saved_mapping(layout.table, chosen)
    ImportMapping.objects.update_or_create(
        signature=f"{PREFIX}{layout.signature}",
        defaults={
            "name": name[:120],
            "mapping": {"columns": dict(saved.columns), "decimal_sign": decimal_sign or ""},
            "used_at": timezone.now(),
        },
    )


def digest_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    found = hashlib.sha256()
    while block := stream.read(BLOCK):
        found.update(block)
    stream.seek(0)
    return found.hexdigest()


@transaction.atomic
def import_actuals(
    stream: IO[bytes],
    name: str,
    *,
    organisation: Organisation,
    by: User | None,
    month: dt.date | None = None,
    kind: str = BookingKind.ACTUAL,
    chosen: Mapping[str, str] | None = None,
    decimal_sign: str | None = None,
    batch: ActualsImport | None = None,
    step: Step | None = None,
) -> tuple[ActualsImport, Outcome]:
    """Read and book a file, wholly or not at all; the cost figures of its projects follow.

    Errors: ``Invalid`` (``file``, ``mapping``), ``NotAllowed``, ``Refused`` (booked already).
    """
    require(by, "import", batch or ActualsImport(organisation=organisation))
    layout = read_layout(stream, name, organisation=organisation, month=month, chosen=chosen, decimal_sign=decimal_sign)
    if batch is None:
        batch = ActualsImport.objects.create(
            organisation=organisation, month=month, kind=kind, file_name=name[:250], digest=digest_of(stream), by=by,
            mapping=mapping_of(layout),
        )  # fmt: skip
    batch.mapping = mapping_of(layout)
    ActualsImport.objects.filter(pk=batch.pk).update(mapping=batch.mapping)
    outcome = book_lines(
        batch=batch, lines=lines_of(stream, layout), by=by, default_currency=organisation.currency, step=step
    )
    remember(layout, name, decimal_sign)
    write_cost_figures(outcome.projects)
    return batch, outcome


def mapping_of(layout: Layout) -> dict[str, Any]:
    """Field → heading, as people read it."""
    return {code: layout.headings[column] for code, column in layout.columns.items()}
