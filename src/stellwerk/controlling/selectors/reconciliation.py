"""The reconciliation of a month: what the files of the ERP sum up to against what is booked from them, by currency.

The sums of the files were counted while they were read, each line once; the bookings are added up anew. Both sides must agree to the cent;
what a file held and nobody booked is the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum

from stellwerk.controlling.choices import BookingKind, BookingSource, LeftOut
from stellwerk.controlling.models import ActualsImport, Booking
from stellwerk.controlling.months import code
from stellwerk.people.models import Organisation


@dataclass
class Row:
    """One currency, in its minor units. ``file``: the files' lines, each once; ``booked``: of it what stands in the bookings; the rest say where."""

    currency: str
    file: int = 0
    booked: int = 0
    projects: int = 0
    waiting: int = 0
    not_project: int = 0
    labour: int = 0
    lines: int = 0

    @property
    def difference(self) -> int:
        return self.file - self.booked


@dataclass
class Reconciliation:
    """``refused``: lines that were read and not booked; ``unreadable``: lines of which not even the amount is known.

    ``stands``: files of commitments of the month. ``sources``: all actuals of the month, also those that the ERP did not send:
    ``[source, left out, currency, currency of the project, lines, amount, amount in the currency of the project]``.
    """

    month: dt.date
    rows: list[Row] = field(default_factory=list)
    imports: list[ActualsImport] = field(default_factory=list)
    refused: int = 0
    unreadable: int = 0
    stands: int = 0
    sources: list[list[Any]] = field(default_factory=list)

    @property
    def differs(self) -> list[Row]:
        return [row for row in self.rows if row.difference]

    @property
    def agrees(self) -> bool:
        return not self.differs and not self.unreadable

    @property
    def facts(self) -> str:
        """What an acceptance refers to: it counts while this is the same."""
        parts = [f"{row.currency} {row.difference}" for row in self.differs]
        return "; ".join([*parts, f"unreadable {self.unreadable}"])


def reconcile(organisation: Organisation, month: dt.date) -> Reconciliation:
    """Both sides of the month's actuals from the ERP."""
    known = list(ActualsImport.objects.filter(organisation=organisation, state="booked").order_by("pk"))
    batches = [batch for batch in known if batch.kind == BookingKind.ACTUAL]
    name = code(month)
    concerned = [batch for batch in batches if name in batch.told.get("parts", {}) or batch.month == month]
    rows: dict[str, Row] = {}
    for currency, amount in _in_files(concerned, {batch.pk for batch in batches}, name).items():
        rows.setdefault(currency, Row(currency)).file += amount
    booked = Booking.objects.filter(organisation=organisation, month=month, kind=BookingKind.ACTUAL).order_by()
    told = booked.values_list("source", "left_out", "currency", "project_currency", "project_id").annotate(total=Sum("amount"), count=Count("pk"), own=Sum("project_amount"))  # fmt: skip
    sources: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for source, left_out, currency, into, project, total, count, own in told:
        for at, amount in enumerate((count, total, own or 0)):
            sources[source, left_out, currency, into][at] += amount
        if source != BookingSource.ERP:
            continue
        row = rows.setdefault(currency, Row(currency))
        row.booked += total
        row.lines += count
        row.projects += total if not left_out and project else 0
        row.waiting += total if not left_out and not project else 0
        row.not_project += total if left_out == LeftOut.NO_PROJECT else 0
        row.labour += total if left_out == LeftOut.LABOUR else 0
    still_open, settled = _open_lines(organisation, concerned, name)
    for currency, amount in settled.items():
        rows[currency].file -= amount
    return Reconciliation(
        month,
        sorted(rows.values(), key=lambda row: row.currency),
        concerned,
        refused=still_open,
        stands=sum(batch.month == month for batch in known if batch.kind == BookingKind.COMMITMENT),
        sources=[[*key, *sums] for key, sums in sorted(sources.items())],
        unreadable=sum(batch.told.get("unreadable", 0) for batch in concerned if batch.month in (month, None)),
    )


def _in_files(batches: Iterable[ActualsImport], counting: set[int], month: str) -> dict[str, int]:
    """Sums of the files; a line that stands in several of them counts where it was booked first."""
    sums: dict[str, int] = defaultdict(int)
    for batch in batches:
        for currency, part in batch.told.get("parts", {}).get(month, {}).items():
            elsewhere = sum(amount for number, amount in part["known"].items() if int(number) in counting)
            sums[currency] += part["file"] - elsewhere
    return dict(sums)


def _open_lines(organisation: Organisation, batches: Iterable[ActualsImport], month: str) -> tuple[int, dict[str, int]]:
    """How many refused lines are still not booked; and, by currency, what a later import has booked after all."""
    refused: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for batch in batches:
        for line in batch.told.get("open", []):
            if line["month"] == month and line["print"]:
                refused[line["print"]].append(line)
    found = Booking.objects.filter(organisation=organisation, fingerprint__in=list(refused)).values_list("fingerprint", flat=True)  # fmt: skip
    booked = set(found)
    settled: dict[str, int] = defaultdict(int)
    count = 0
    for print_, lines in refused.items():
        # The same line refused by several files stands in each of their sums, and is one line.
        extra = lines if print_ in booked else lines[1:]
        for line in extra:
            settled[line["currency"]] += line["amount"]
        count += print_ not in booked
    return count, dict(settled)
