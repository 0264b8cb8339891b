"""Actuals and commitments: the only way into the table of bookings. The same line twice is booked once; a closed month refuses.

A file is booked wholly or not at all; lines that cannot be taken are named and left out. What nobody can assign is booked without a
project and waits in the work list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind, BookingSource
from stellwerk.controlling.ledger import Line, Meaning, Refusal, Resolver
from stellwerk.controlling.models import ActualsImport, Booking
from stellwerk.controlling.months import code
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.controlling.services.periods import closed_months, lock_books
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.controlling.services.tally import Tally
from stellwerk.core import bulk, formats
from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.people.models import Organisation

AT_ONCE: Final = 2000
TOLD_REFUSALS: Final = 1000
TOLD_UNKNOWN: Final = 200
SAMPLES: Final = 12
"""Lines that a preview shows."""
COLUMNS: Final = (
    "organisation_id", "kind", "source", "month", "posted", "project_id", "activity_id", "cost_type_id", "cost_centre_id", "spending",
    "amount", "currency", "project_amount", "project_currency", "rate", "document", "line", "reverses", "erp_object", "erp_cost_centre",
    "erp_account", "supplier", "text", "minutes", "fingerprint", "batch_id", "left_out", "obsolete",
)  # fmt: skip

Step = Callable[[int, int | None], None]


class Known(NamedTuple):
    """What is booked already under a fingerprint."""

    amount: int
    currency: str
    batch: int = 0


@dataclass
class Outcome:
    """What became of the lines. Amounts in minor units by currency; ``projects`` got bookings."""

    lines: int = 0
    booked: int = 0
    duplicates: int = 0
    unmapped: int = 0
    left_out: int = 0
    reversals: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    refused: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    projects: set[int] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    samples: list[dict[str, Any]] = field(default_factory=list)
    unknown: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def note_unknown(self, what: str, value: str, line: int) -> None:
        """``[first line, how many]`` of each cost centre and account that nobody knows here."""
        known = self.unknown.get((what, value))
        if known is not None:
            known[1] += 1
        elif len(self.unknown) < TOLD_UNKNOWN:
            self.unknown[what, value] = [line, 1]

    def kept(self) -> dict[str, Any]:
        """What the import remembers: what is told, and the sums that the month is reconciled with."""
        return self.told() | self.tally.told()

    def told(self) -> dict[str, Any]:
        return {
            "lines": self.lines,
            "booked": self.booked,
            "duplicates": self.duplicates,
            "unmapped": self.unmapped,
            "left_out": self.left_out,
            "reversals": self.reversals,
            "rejected": [refusal.told() for refusal in self.refusals],
            "rejected_count": self.refused,
            "sum_by_currency": {name: f"{formats.major(total, name):f}" for name, total in sorted(self.sums.items())},
            "months": dict(sorted(self.months.items())),
            "problems": dict(self.problems),
            "unknown": [
                {"what": what, "value": value, "line": line, "count": count}
                for (what, value), (line, count) in self.unknown.items()
            ],
        }


@transaction.atomic
def book_lines(
    *,
    batch: ActualsImport,
    lines: Iterable[Line | Refusal],
    by: User | None,
    default_currency: str = "EUR",
    step: Step | None = None,
) -> Outcome:
    """Book the lines of a file. ``step(done, total)`` reports; the whole is one transaction (:func:`try_lines` only looks).

    A commitment file is a stand: what an earlier stand of the same or an earlier month told is obsolete then.
    Errors: ``NotAllowed``; ``Refused`` (the batch was booked already).
    """
    require(by, "import", batch)
    lock_books(batch.organisation)
    held = ActualsImport.objects.select_for_update().get(pk=batch.pk)
    if held.state not in ("preview", "running"):
        raise Refused(_("This file was booked already."))
    writer = _Writer(held, default_currency)
    outcome = writer.run(lines, step)
    if batch.kind == BookingKind.COMMITMENT and outcome.booked:
        older = Booking.objects.filter(organisation=batch.organisation, kind=BookingKind.COMMITMENT, obsolete=False)
        older.exclude(batch=batch).filter(month__lte=max(writer.months)).update(obsolete=True)
    held.told = outcome.kept()
    held.state = "booked"
    held.save(update_fields=["told", "state", "updated_at"])
    batch.told, batch.state = held.told, held.state
    record(held, verb="import_actuals", by=by, reason=held.file_name)
    return outcome


def try_lines(
    *, batch: ActualsImport, lines: Iterable[Line | Refusal], by: User | None, default_currency: str = "EUR", step: Step | None = None
) -> Outcome:  # fmt: skip
    """What :func:`book_lines` would do, with the first lines as samples; nothing is written. Error: ``NotAllowed``."""
    require(by, "import", batch)
    return _Writer(batch, default_currency, dry=True).run(lines, step)


class _Writer:
    """Turns lines into rows: refused, known already, or booked. ``dry``: writes none of them."""

    def __init__(self, batch: ActualsImport, default_currency: str, *, dry: bool = False) -> None:
        self.batch, self.default, self.dry = batch, default_currency, dry
        self.told: dict[str, set[int]] = defaultdict(set)
        self.resolver = Resolver(batch.organisation)
        self.rates = Rates()
        self.closed = closed_months(batch.organisation)
        self.outcome = Outcome()
        self.seen: Counter[str] = Counter()
        self.months: set[dt.date] = set()

    def run(self, lines: Iterable[Line | Refusal], step: Step | None) -> Outcome:
        source = iter(lines)
        while chunk := list(islice(source, AT_ONCE)):
            self.take(chunk)
            if step is not None:
                step(self.outcome.lines, None)
        return self.outcome

    def take(self, chunk: Sequence[Line | Refusal]) -> None:
        self.outcome.lines += len(chunk)
        lines = []
        for one in chunk:
            if isinstance(one, Refusal):
                self.outcome.tally.unreadable += 1
                self._refuse(one)
            else:
                lines.append((self._fingerprint(one), one))
        known = known_bookings(self.batch.organisation_id, [print_ for print_, _line in lines if print_])
        originals = self._originals(line for _print, line in lines)
        rows = list(self._rows(lines, known, originals))
        if not self.dry:
            bulk.insert(Booking, COLUMNS, rows)

    def _fingerprint(self, line: Line) -> str:
        """Empty for the same document line a second time in one file: it is the same line."""
        base = "|".join((
            self.batch.kind, code(line.month) if self.batch.kind == BookingKind.COMMITMENT else "", str(line.year), line.document, line.line,
            line.account, line.object, line.cost_centre,
        ))  # fmt: skip
        if (
            not line.document or not line.line
        ):  # nothing names the line itself: equal lines are told apart by their order
            base = f"{base}|{line.posted}|{line.amount}|{line.currency}|{line.text}|{line.supplier}"
        self.seen[base] += 1
        count = self.seen[base]
        if count > 1 and line.document and line.line:
            return ""
        return hashlib.sha1(f"{base}|{count}".encode(), usedforsecurity=False).hexdigest()

    def _originals(self, lines: Iterable[Line]) -> dict[str, set[int]]:
        """Amounts of the documents that lines of this chunk say they reverse."""
        wanted = {line.reverses for line in lines if line.reverses}
        found: dict[str, set[int]] = defaultdict(set)
        if wanted:
            rows = Booking.objects.filter(organisation_id=self.batch.organisation_id, document__in=wanted)
            for document, amount in rows.order_by().values_list("document", "amount"):
                found[document].add(amount)
        if self.dry:  # the chunks before this one are in no table
            for document in wanted & self.told.keys():
                found[document] |= self.told[document]
        return found

    def _rows(
        self, lines: Sequence[tuple[str, Line]], known: Mapping[str, Known], originals: dict[str, set[int]]
    ) -> Iterator[Sequence[bulk.Value]]:
        for print_, line in lines:
            amount, currency = line.amount, line.currency or self.default
            if line.reverses and amount in originals[line.reverses] and -amount not in originals[line.reverses]:
                amount = -amount  # some exports write the reversal with the sign of what it takes back
            if not print_:
                self.outcome.duplicates += 1
                continue  # the same line a second time in this file: it counts once in its sums too
            if print_ in known:
                self._again(line, known[print_], amount, currency)
                continue
            reason = self._not_now(line)
            meaning = self.resolver.meaning(line.object, line.account, line.cost_centre)
            try:
                told = in_project_currency(self.rates, self.resolver.currencies, meaning.place.project, amount, currency, line.posted)  # fmt: skip
            except MissingRate as error:
                reason = reason or str(error.message)
                told = (None, "", None)
            if reason:
                self.outcome.tally.refused(code(line.month), currency, amount, print_=print_)
                self._refuse(Refusal(line.number, "", reason))
                continue
            originals[line.document].add(amount)
            if self.dry and line.document:
                self.told[line.document].add(amount)
            self._count(line, amount, currency, meaning)
            yield self._row(print_, line, amount, currency, meaning, told)

    def _not_now(self, line: Line) -> str:
        """Why its month takes no line, or an empty text."""
        if self.batch.month is not None and line.month > self.batch.month:
            text = _("This line belongs to %(month)s, later than the month of the import.")
            return text % {"month": code(line.month)}
        if line.month in self.closed:
            text = _("The month %(month)s is closed: reopen it, or post the line in an open month.")
            return text % {"month": code(line.month)}
        return ""

    def _row(
        self,
        print_: str,
        line: Line,
        amount: int,
        currency: str,
        meaning: Meaning,
        told: tuple[int | None, str, str | None],
    ) -> Sequence[bulk.Value]:
        return (
            self.batch.organisation_id, self.batch.kind, BookingSource.ERP.value, line.month.isoformat(), line.posted.isoformat(),
            meaning.place.project, meaning.place.activity, meaning.cost_type, meaning.cost_centre, str(meaning.spending),
            amount, currency, *told, line.document, line.line, line.reverses, line.object, line.cost_centre, line.account,
            line.supplier, line.text, None, print_, self.batch.pk, str(meaning.left_out), False,
        )  # fmt: skip

    def _count(self, line: Line, amount: int, currency: str, meaning: Meaning) -> None:
        outcome = self.outcome
        outcome.booked += 1
        outcome.sums[currency] += amount
        outcome.tally.booked(code(line.month), currency, amount)
        outcome.months[code(line.month)] += 1
        outcome.reversals += bool(line.reverses)
        outcome.left_out += bool(meaning.left_out)
        outcome.unmapped += "project" in meaning.problems
        outcome.problems.update(meaning.problems)
        if "cost_centre" in meaning.problems:
            outcome.note_unknown("cost_centre", line.cost_centre, line.number)
        if "cost_type" in meaning.problems:
            outcome.note_unknown("cost_type", line.account, line.number)
        self.months.add(line.month)
        if meaning.place.project is not None:
            outcome.projects.add(meaning.place.project)
        if self.dry and len(outcome.samples) < SAMPLES:
            outcome.samples.append(
                {
                    "line": line.number, "document": line.document, "object": line.object, "account": line.account, "posted": line.posted.isoformat(),
                    "amount": amount, "currency": currency, "text": line.text, "project": meaning.place.project, "activity": meaning.place.activity,
                    "cost_type": meaning.cost_type, "left_out": str(meaning.left_out),
                }
            )  # fmt: skip

    def _again(self, line: Line, booked: Known, amount: int, currency: str) -> None:
        tally, month = self.outcome.tally, code(line.month)
        if (booked.amount, booked.currency) == (amount, currency):
            self.outcome.duplicates += 1
            tally.known(month, currency, amount, booked.batch)
            return
        instead = (booked.amount, booked.batch) if booked.currency == currency else None
        tally.refused(month, currency, amount, print_="", instead=instead)
        text = _(
            "Document %(document)s was booked with %(amount)s: a document of the ERP does not change, it is reversed."
        )
        words = {"document": line.document or "–", "amount": formats.money(booked.amount, booked.currency)}
        self._refuse(Refusal(line.number, "", text % words))

    def _refuse(self, refusal: Refusal) -> None:
        self.outcome.refused += 1
        if len(self.outcome.refusals) < TOLD_REFUSALS:
            self.outcome.refusals.append(refusal)


def known_bookings(organisation: int, prints: Sequence[str]) -> dict[str, Known]:
    """What is booked under these fingerprints."""
    rows = Booking.objects.filter(organisation_id=organisation, fingerprint__in=prints)
    found = rows.order_by().values_list("fingerprint", "amount", "currency", "batch_id")
    return {print_: Known(amount, currency, batch or 0) for print_, amount, currency, batch in found}


def in_project_currency(
    rates: Rates, currencies: Mapping[int, str], project: int | None, amount: int, currency: str, day: dt.date
) -> tuple[int | None, str, str | None]:
    """(amount, currency, rate as text) in the project's currency; nothing without a project. Raises ``MissingRate``."""
    if project is None:
        return None, "", None
    into = currencies[project]
    if into == currency:
        return amount, into, "1"
    rate = rates.rate(currency, into, day)
    shown = (Decimal(rate.numerator) / Decimal(rate.denominator)).quantize(Decimal("0.00000001"))
    return rates.convert(amount, currency, into, day), into, f"{shown:f}"


@transaction.atomic
def undo_import(*, batch: ActualsImport, by: User | None) -> int:
    """Take a whole file back; refused when one of its months is closed. Returns how many lines went."""
    require(by, "import", batch)
    lock_books(batch.organisation)
    held = ActualsImport.objects.select_for_update().get(pk=batch.pk)
    if held.state != "booked":
        raise Refused(_("There is nothing to take back."))
    rows = Booking.objects.filter(batch=held)
    months = set(rows.values_list("month", flat=True).distinct())
    shut = sorted(months & closed_months(held.organisation))
    if shut:
        raise Refused(
            _("The month %(month)s is closed.") % {"month": code(shut[0])},
            _("Reopen it, or have the ERP reverse the lines."),
        )
    projects = set(rows.exclude(project=None).values_list("project_id", flat=True).distinct())
    count, _details = rows.delete()
    write_cost_figures(projects, months)
    if held.kind == BookingKind.COMMITMENT:
        _latest_stand_counts_again(held.organisation)
    held.state = "undone"
    held.save(update_fields=["state", "updated_at"])
    record(held, verb="undo", by=by, reason=held.file_name)
    return count


def _latest_stand_counts_again(organisation: Organisation) -> None:
    commitments = Booking.objects.filter(organisation=organisation, kind=BookingKind.COMMITMENT)
    latest = commitments.order_by("-month", "-batch_id").values_list("batch_id", flat=True).first()
    if latest is not None:
        commitments.filter(batch_id=latest).update(obsolete=False)
