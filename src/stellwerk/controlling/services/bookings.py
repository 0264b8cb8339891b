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

from stellwerk.controlling.choices import BookingKind, BookingSource, LeftOut
from stellwerk.controlling.ledger import Line, Meaning, Refusal, Resolver
from stellwerk.controlling.models import ActualsImport, Booking, MappingRule
from stellwerk.controlling.months import code
from stellwerk.controlling.services.periods import closed_months
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core import bulk, formats
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

AT_ONCE: Final = 2000
TOLD_REFUSALS: Final = 1000
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
    """Book the lines of a file. ``step(done, total)`` reports; the whole is one transaction.

    A commitment file is a stand: what an earlier stand of the same or an earlier month told is obsolete then.
    Errors: ``NotAllowed``; ``Refused`` (the batch was booked already).
    """
    require(by, "import", batch)
    held = ActualsImport.objects.select_for_update().get(pk=batch.pk)
    if held.state not in ("preview", "running"):
        raise Refused(_("This file was booked already."))
    writer = _Writer(held, default_currency)
    source = iter(lines)
    while chunk := list(islice(source, AT_ONCE)):
        writer.take(chunk)
        if step is not None:
            step(writer.outcome.lines, None)
    outcome = writer.outcome
    if batch.kind == BookingKind.COMMITMENT and outcome.booked:
        older = Booking.objects.filter(organisation=batch.organisation, kind=BookingKind.COMMITMENT, obsolete=False)
        older.exclude(batch=batch).filter(month__lte=max(writer.months)).update(obsolete=True)
    held.told = outcome.told()
    held.state = "booked"
    held.save(update_fields=["told", "state", "updated_at"])
    batch.told, batch.state = held.told, held.state
    record(held, verb="import_actuals", by=by, reason=held.file_name)
    return outcome


class _Writer:
    """Turns lines into rows: refused, known already, or booked."""

    def __init__(self, batch: ActualsImport, default_currency: str) -> None:
        self.batch, self.default = batch, default_currency
        self.resolver = Resolver(batch.organisation)
        self.rates = Rates()
        self.closed = closed_months(batch.organisation)
        self.outcome = Outcome()
        self.seen: Counter[str] = Counter()
        self.months: set[dt.date] = set()

    def take(self, chunk: Sequence[Line | Refusal]) -> None:
        self.outcome.lines += len(chunk)
        lines = []
        for one in chunk:
            if isinstance(one, Refusal):
                self._refuse(one)
            else:
                lines.append((self._fingerprint(one), one))
        known = known_bookings(self.batch.organisation_id, [print_ for print_, _line in lines if print_])
        originals = self._originals(line for _print, line in lines)
        bulk.insert(Booking, COLUMNS, list(self._rows(lines, known, originals)))

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
            for document, amount in rows.values_list("document", "amount"):
                found[document].add(amount)
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
                continue
            if print_ in known:
                self._again(line, known[print_], amount, currency)
                continue
            if self.batch.month is not None and line.month > self.batch.month:
                text = _("This line belongs to %(month)s, later than the month of the import.")
                self._refuse(Refusal(line.number, "", text % {"month": code(line.month)}))
                continue
            if line.month in self.closed:
                text = _("The month %(month)s is closed: reopen it, or post the line in an open month.")
                self._refuse(Refusal(line.number, "", text % {"month": code(line.month)}))
                continue
            meaning = self.resolver.meaning(line.object, line.account, line.cost_centre)
            try:
                told = in_project_currency(self.rates, self.resolver.currencies, meaning.place.project, amount, currency, line.posted)  # fmt: skip
            except MissingRate as error:
                self._refuse(Refusal(line.number, "", str(error.message)))
                continue
            originals[line.document].add(amount)
            self._count(line, amount, currency, meaning)
            yield self._row(print_, line, amount, currency, meaning, told)

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
        outcome.months[code(line.month)] += 1
        outcome.reversals += bool(line.reverses)
        outcome.left_out += bool(meaning.left_out)
        outcome.unmapped += "project" in meaning.problems
        outcome.problems.update(meaning.problems)
        self.months.add(line.month)
        if meaning.place.project is not None:
            outcome.projects.add(meaning.place.project)

    def _again(self, line: Line, booked: Known, amount: int, currency: str) -> None:
        if (booked.amount, booked.currency) == (amount, currency):
            self.outcome.duplicates += 1
            return
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
    return {print_: Known(amount, currency) for print_, amount, currency in rows.values_list("fingerprint", "amount", "currency")}  # fmt: skip


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
def assign_object(
    *,
    organisation: Organisation,
    erp_object: str,
    project: Project | None,
    by: User | None,
    activity: Activity | None = None,
    ignore: bool = False,
    month: dt.date | None = None,
) -> int:
    """Say where an object of the ERP belongs: kept as a rule for coming files, and its waiting lines in open months follow.

    Returns how many lines were assigned. Errors: ``Invalid`` (neither project nor “not a project”, foreign activity, a rate is missing), ``NotAllowed``.
    """
    require(by, "import", ActualsImport(organisation=organisation))
    if (project is None) == (not ignore):
        raise Invalid({"project": [_("Choose a project, or say that this is not a project.")]})
    if activity is not None and (project is None or activity.plan.project_id != project.pk):
        raise Invalid({"activity": [_("This work package belongs to another project.")]})
    rule, _made = MappingRule.objects.update_or_create(
        organisation=organisation,
        object=erp_object,
        defaults={"project": project, "activity": activity, "ignore": ignore},
    )
    closed = closed_months(organisation)
    waiting = Booking.objects.filter(
        organisation=organisation, erp_object=erp_object, project=None, left_out=LeftOut.NO
    )
    if not erp_object:
        waiting = waiting.none()
    if month is not None:
        waiting = waiting.filter(month=month)
    rows = list(waiting.exclude(month__in=closed).select_for_update())
    rates = Rates()
    for row in rows:
        if project is None:
            row.left_out = LeftOut.NO_PROJECT
            continue
        row.project, row.activity = project, activity
        amount, into, rate = in_project_currency(rates, {project.pk: project.currency}, project.pk, row.amount, row.currency, row.posted)  # fmt: skip
        row.project_amount, row.project_currency = amount, into
        row.rate = Decimal(rate) if rate else None
    Booking.objects.bulk_update(rows, ["project", "activity", "left_out", "project_amount", "project_currency", "rate"], batch_size=500)  # fmt: skip
    about = project if project is not None else organisation
    record(
        about, verb="map_bookings", by=by, reason=f"{erp_object}: {len(rows)}", changes={"rule": [None, rule.object]}
    )
    return len(rows)


@transaction.atomic
def undo_import(*, batch: ActualsImport, by: User | None) -> int:
    """Take a whole file back; refused when one of its months is closed. Returns how many lines went."""
    require(by, "import", batch)
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
    count, _details = rows.delete()
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
