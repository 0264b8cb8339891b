"""Business cases: drafted from the proposal or the version before, filled driver by driver, signed by a controller, then frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import FlowKind, Spending
from stellwerk.controlling.models import BusinessCase, CaseFlow, CaseFlowYear
from stellwerk.controlling.selectors.cases import SNAPSHOT, live_model, payload_of, signed_case
from stellwerk.core import services
from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit
from stellwerk.core.models import Snapshot, User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.snapshots import freeze
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Proposal, ProposalOption, ProposalYear

MAKING: Final = ("draft", "returned", "submitted")
MOST_DRIVERS: Final = 300
MOST_YEARS: Final = 50
BIGGEST: Final = 10**15
FIRST_YEAR, LAST_YEAR = 1990, 2100


# ── a new version ────────────────────────────────────────────────────────────────────────────────


def create_case(
    *, proposal: Proposal, values: dict[str, Any] | None = None, by: User | None, empty: bool = False
) -> BusinessCase:
    """Draft the next version: drivers of the version before, else the proposal's sums by year; ``empty``: none.

    Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (archived proposal, another version is in the making, no options).
    """
    if proposal.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    with transaction.atomic():
        # The proposal is locked: two drafts at once would take the same number.
        proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
        waiting = BusinessCase.objects.filter(proposal=proposal, state__in=MAKING, archived_at=None).first()
        if waiting is not None:
            raise Refused(
                _("%(key)s is in the making already.") % {"key": waiting.key},
                _("Go on with it, or archive it first."),
                code="case_waiting",
            )
        if not proposal.options.exists():
            raise Refused(
                _("The proposal has no options yet."),
                _("Describe the options in the proposal, “do nothing” among them."),
                code="no_options",
            )
        before = BusinessCase.objects.filter(proposal=proposal).order_by("-number").first()
        top = BusinessCase.objects.filter(proposal=proposal).aggregate(top=Max("number"))["top"] or 0
        taken = {name: getattr(before, name) for name in _INHERITED} if before is not None else {}
        case = services.create(
            BusinessCase, {**taken, **(values or {}), "proposal": proposal, "number": top + 1}, by=by
        )
        if not empty:
            _store(case, _copied(before) if before is not None else _from_proposal(proposal))
        return case


_INHERITED = ("discount_rate", "public_sector", "quality_value", "external_effects", "swing", "assumptions", "confidentiality")  # fmt: skip


@dataclass
class FlowLine:
    """A driver as it was typed; ``row`` as the user counts them, amounts in minor units by calendar year."""

    row: int
    option: int | None = None
    name: str = ""
    kind: str = FlowKind.COST
    spending: str = Spending.OPEX
    budget_effective: bool = True
    years: dict[int, int] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"row-{self.row}"


def _copied(before: BusinessCase) -> list[FlowLine]:
    return [
        FlowLine(at, int(option.key), one.name, one.kind, one.spending, one.budget_effective, dict(one.amounts))
        for at, (option, one) in enumerate(
            ((option, one) for option in live_model(before).options for one in option.drivers), start=1
        )
    ]


def _from_proposal(proposal: Proposal) -> list[FlowLine]:
    """One driver of cost and one of benefit for each option that has sums."""
    lines: list[FlowLine] = []
    for option in proposal.options.all():
        rows = list(option.years.all())
        for kind, name in ((FlowKind.COST, _("Cost")), (FlowKind.BENEFIT, _("Benefit"))):
            years = {row.year: getattr(row, kind) for row in rows if getattr(row, kind)}
            if years:
                lines.append(FlowLine(len(lines) + 1, option.pk, name, kind, Spending.OPEX, True, years))
    return lines


# ── drivers ──────────────────────────────────────────────────────────────────────────────────────


def save_flows(
    *, case: BusinessCase, lines: Sequence[FlowLine], by: User | None, version: int | None, reason: str = ""
) -> BusinessCase:
    """Replace the drivers of a draft by what the sheet says, in one transaction.

    Errors: ``NotAllowed`` (also: not a draft any more), ``StaleEdit``, ``Refused`` (archived), ``Invalid``: ``row-3`` names what is
    wrong in row 3 (no name, negative cost, a year out of range, an option of another proposal).
    """
    require(by, "edit", case)
    if case.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    with transaction.atomic():
        case = BusinessCase.objects.select_for_update().select_related("proposal").get(pk=case.pk)
        require(by, "edit", case)  # somebody may have submitted it in the meantime
        if version is not None and case.version != version:
            raise StaleEdit(
                [FieldConflict("flows", str(_("Drivers")), yours=len(lines), theirs=case.flows.count())], case.version
            )
        _check(case, lines)
        before = told_of(case)
        case.flows.all().delete()
        _store(case, lines)
        after = told_of(case)
        if before == after:
            return case
        BusinessCase.objects.filter(pk=case.pk).update(version=F("version") + 1, updated_at=timezone.now())
        case.refresh_from_db(fields=["version", "updated_at"])
        changed = {name: [before.get(name), after.get(name)] for name in {**before, **after} if before.get(name) != after.get(name)}  # fmt: skip
        record(case, by=by, verb="edit", changes=changed, reason=reason)
        return case


def told_of(case: BusinessCase) -> dict[str, str]:
    """Each driver in one line, for the history."""
    told: dict[str, str] = {}
    for option in live_model(case).options:
        for one in option.drivers:
            name = f"{option.name} · {one.name}"
            while name in told:
                name += " ′"
            amounts = ", ".join(f"{year}: {amount}" for year, amount in sorted(one.amounts.items()))
            told[name] = f"{one.kind} {one.spending} {'' if one.budget_effective else '–'} {amounts}".strip()
    return told


def _check(case: BusinessCase, lines: Sequence[FlowLine]) -> None:
    if len(lines) > MOST_DRIVERS:
        raise Invalid({"__all__": [_("A business case has at most %(count)s drivers.") % {"count": MOST_DRIVERS}]})
    options = set(ProposalOption.objects.filter(proposal=case.proposal_id).values_list("pk", flat=True))
    errors: dict[str, list[str]] = {}
    years = [year for line in lines for year in line.years if FIRST_YEAR <= year <= LAST_YEAR]
    if years and max(years) - min(years) >= MOST_YEARS:
        errors["__all__"] = [_("A business case covers at most %(count)s years.") % {"count": MOST_YEARS}]
    for line in lines:
        texts = [*_wrong_words(line, options), *_wrong_amounts(line)]
        if texts:
            errors[line.place] = [_("Row %(row)s: %(text)s") % {"row": line.row, "text": text} for text in texts]
    if errors:
        raise Invalid(errors)


def _wrong_words(line: FlowLine, options: set[int]) -> Iterator[str]:
    if not line.name.strip():
        yield _("the driver has no name.")
    if line.option not in options:
        yield _("choose an option of the proposal.")
    if line.kind not in FlowKind.values or line.spending not in Spending.values:
        yield _("cost or benefit, and CapEx or OpEx, please.")


def _wrong_amounts(line: FlowLine) -> Iterator[str]:
    for year, amount in sorted(line.years.items()):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            yield _("%(year)s is no year of a business case.") % {"year": year}
        if amount < 0 and line.kind == FlowKind.COST:
            yield _("%(year)s is negative. A refund is a benefit: check the sign.") % {"year": year}
        if abs(amount) > BIGGEST:
            yield _("%(year)s is too large.") % {"year": year}


def _store(case: BusinessCase, lines: Sequence[FlowLine]) -> None:
    flows = CaseFlow.objects.bulk_create(
        CaseFlow(
            case=case, option_id=line.option or 0, order=min(line.row, 30_000), name=line.name.strip()[:160], kind=line.kind,
            spending=line.spending, budget_effective=line.budget_effective,
        )
        for line in lines
    )  # fmt: skip
    CaseFlowYear.objects.bulk_create(
        CaseFlowYear(flow=flow, year=year, amount=amount)
        for flow, line in zip(flows, lines, strict=True)
        for year, amount in sorted(line.years.items())
        if amount
    )


# ── signing ──────────────────────────────────────────────────────────────────────────────────────


def freeze_case(case: BusinessCase, by: User | None) -> Snapshot:
    """Seal what was signed."""
    return freeze(case, kind=SNAPSHOT, data_date=timezone.localdate(), payload=payload_of(case), by=by)


def supersede_former(case: BusinessCase, by: User | None) -> None:
    """One signed version counts; the others stay as they were."""
    for one in BusinessCase.objects.filter(proposal=case.proposal_id, state="signed").exclude(pk=case.pk):
        advance(one, "supersede", by=by, reason=case.key)


def write_years(case: BusinessCase, by: User | None) -> None:
    """The proposal's cost and benefit by year become the sums of the signed drivers: the round counts with these."""
    sums: dict[tuple[int, int], dict[str, int]] = {}
    for option in live_model(case).options:
        for one in option.drivers:
            for year, amount in one.amounts.items():
                sums.setdefault((int(option.key), year), {"cost": 0, "benefit": 0})[one.kind] += amount
    stored = {(row.option_id, row.year): row for row in ProposalYear.objects.filter(option__proposal=case.proposal_id)}
    changes: dict[str, list[Any]] = {}
    for key in sorted({*stored, *sums}):
        row = stored.get(key)
        old = {"cost": row.cost, "benefit": row.benefit} if row is not None else None
        new = sums.get(key)
        if old == new:
            continue
        changes[f"{key[1]} #{key[0]}"] = [old, new]
        if new is None:
            ProposalYear.objects.filter(option_id=key[0], year=key[1]).delete()
        else:
            ProposalYear.objects.update_or_create(option_id=key[0], year=key[1], defaults=new)
    if changes:
        Proposal.objects.filter(pk=case.proposal_id).update(version=F("version") + 1, updated_at=timezone.now())
        record(Proposal.objects.get(pk=case.proposal_id), by=by, verb="sign_case", changes=changes, reason=case.key)


__all__ = [
    "FlowLine", "create_case", "freeze_case", "save_flows", "signed_case", "supersede_former", "told_of", "write_years",
]  # fmt: skip
