"""Budgets and forecasts: a version is drafted, filled like a spreadsheet, submitted and approved by somebody else.

Approved versions never change: a newer one supersedes them. All amounts are minor units; the months of a line add up to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind, Reserve, Spending
from stellwerk.controlling.models import Budget, BudgetLine, BudgetMonth, CostCentre, CostType
from stellwerk.controlling.selectors.budgets import (
    Sheet,
    approved_budget,
    approved_forecast,
    closed_months,
    newest,
    organisation_of,
    sheet_of,
)
from stellwerk.controlling.services import budget_sources
from stellwerk.controlling.services.budget_sources import Draft
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core import formats, services
from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.planning.models import Activity, Baseline
from stellwerk.portfolio.models import Project

SOURCES: Final = ("baseline", "previous", "budget", "proposal", "empty")
MOST_LINES: Final = 2000
MOST_MONTHS: Final = 240
BIGGEST: Final = 10**15
"""Ten trillion euros in cents: more is a typing error."""


# ── a new version ────────────────────────────────────────────────────────────────────────────────


def create_budget(
    *,
    project: Project,
    kind: str = BudgetKind.PLAN,
    source: str = "empty",
    first_open: dt.date | None = None,
    name: str = "",
    reason: str = "",
    by: User | None,
) -> Budget:
    """Draft the next version. ``source``: the approved baseline's costs, the version before, the approved budget (for a
    forecast), the proposal, or nothing. ``first_open``: first month of a forecast (default: the month after the last closed one).

    Errors: ``NotAllowed``, ``Invalid`` (unknown or missing source, missing rate), ``Refused`` (archived project, a draft waits already).
    """
    if project.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    if kind not in BudgetKind.values or source not in SOURCES:
        raise Invalid({"source": [_("Please choose where the lines come from.")]})
    with transaction.atomic():
        # The project is locked: two drafts at once would take the same number.
        project = Project.objects.select_for_update().get(pk=project.pk)
        waiting = newest(project, kind, "draft", "submitted", "endorsed", "rejected")
        if waiting is not None:
            raise Refused(
                _("%(key)s is in the making already.") % {"key": waiting.key},
                _("Go on with it, or archive it first."),
                code="budget_waiting",
            )
        baseline = _baseline(project)
        if kind == BudgetKind.FORECAST:
            first_open = m.month_of(first_open) if first_open else _next_open(project)
        budget = services.create(
            Budget,
            {
                "project": project, "kind": kind, "number": _number(project, kind, baseline), "name": name.strip(),
                "baseline": baseline if kind == BudgetKind.PLAN else None, "currency": project.currency,
                "first_open": first_open if kind == BudgetKind.FORECAST else None, "reason": reason.strip(),
            },
            by=by,
        )  # fmt: skip
        budget_sources.insert(budget, _drafts(budget, source))
        return budget


def _baseline(project: Project) -> Baseline | None:
    return Baseline.objects.filter(plan__project=project, state="approved").order_by("-number").first()


def _number(project: Project, kind: str, baseline: Baseline | None) -> int:
    """A budget carries the number of its baseline; forecasts, and budgets without a plan, are counted."""
    if kind == BudgetKind.PLAN and baseline is not None:
        return baseline.number
    top = Budget.objects.filter(project=project, kind=kind).aggregate(top=Max("number"))["top"]
    if top is None:
        return 0 if kind == BudgetKind.PLAN else 1
    return int(top) + 1


def _next_open(project: Project) -> dt.date:
    closed = closed_months(organisation_of(project))
    return m.step(max(closed)) if closed else m.month_of(timezone.localdate())


def _drafts(budget: Budget, source: str) -> list[Draft]:
    """The lines of the source. Errors: ``Invalid`` where there is no such source."""
    project, since = budget.project, budget.first_open
    if source == "empty":
        return []
    if source == "proposal":
        found = budget_sources.from_proposal(project)
        return _only(_open_only(found, since), _("The project comes from no proposal with costs."))
    if source == "baseline":
        baseline = _baseline(project)
        if baseline is None:
            raise Invalid({"source": [_("The plan has no approved baseline.")]})
        drafts = budget_sources.from_baseline(baseline, project)
        return _only(_open_only(drafts, since), _("The baseline has neither costs nor effort with a rate."))
    earlier = _earlier(project, budget, source)
    if earlier is None:
        raise Invalid({"source": [_("There is no earlier version to copy.")]})
    return budget_sources.from_version(earlier, since=since)


def _only(drafts: list[Draft], text: str) -> list[Draft]:
    if not drafts:
        raise Invalid({"source": [text]})
    return drafts


def _open_only(drafts: list[Draft], since: dt.date | None) -> list[Draft]:
    if since is None:
        return drafts
    for draft in drafts:
        draft.months = {month: amount for month, amount in draft.months.items() if month >= since}
    return [draft for draft in drafts if draft.months]


def _earlier(project: Project, budget: Budget, source: str) -> Budget | None:
    if source == "budget":
        return approved_budget(project)
    if budget.kind == BudgetKind.PLAN:
        return approved_budget(project) or _last_other(project, budget)
    return approved_forecast(project) or _last_other(project, budget) or approved_budget(project)


def _last_other(project: Project, budget: Budget) -> Budget | None:
    rows = Budget.objects.filter(project=project, kind=budget.kind, archived_at=None).exclude(pk=budget.pk)
    return rows.order_by("-number", "-pk").first()


# ── the grid ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Line:
    """A row of the grid as it was typed. ``number``: the stored line, or None for a new one; ``row`` as the user counts them."""

    row: int
    number: int | None = None
    wbs: str = ""
    text: str = ""
    cost_type: int | None = None
    cost_centre: str = ""
    spending: str = Spending.OPEX
    reserve: str = Reserve.NONE
    currency: str = "EUR"
    months: dict[dt.date, int] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"row-{self.row}"


def save_lines(
    *, budget: Budget, lines: Sequence[Line], by: User | None, version: int | None, reason: str = ""
) -> Budget:
    """Replace the lines of a draft by what the grid says, in one transaction; lines that are not named any more are removed.

    Errors: ``NotAllowed`` (also: not a draft any more), ``StaleEdit`` (both values of each cell on which they differ), ``Refused``
    (archived), ``Invalid``: ``row-3`` names what is wrong in row 3 (negative, closed month, unknown code, cost centre or currency).
    """
    require(by, "edit", budget)
    if budget.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    with transaction.atomic():
        budget = (
            Budget.objects.select_for_update(of=("self",)).select_related("project__portfolio__unit").get(pk=budget.pk)
        )
        require(by, "edit", budget)  # somebody may have submitted it in the meantime
        sheet = sheet_of(budget)
        if version is not None and budget.version != version:
            raise _stale(budget, sheet, lines)
        writer = _Writer(budget, sheet, lines)
        writer.check()
        changes = writer.save()
        if not changes:
            return budget
        Budget.objects.filter(pk=budget.pk).update(version=F("version") + 1, updated_at=timezone.now())
        budget.refresh_from_db(fields=["version", "updated_at"])
        record(budget, by=by, verb="edit", changes=changes, reason=reason)
        return budget


class _Writer:
    """One saving of a grid: what is stored, what was typed, what is wrong, what changes."""

    def __init__(self, budget: Budget, sheet: Sheet, lines: Sequence[Line]) -> None:
        self.budget, self.lines = budget, lines
        self.project = budget.project
        self.stored = {row.line.pk: row for row in sheet.lines}
        self.errors: dict[str, list[str]] = {}
        self.organisation = organisation_of(self.project)
        self.centres = {centre.number: centre for centre in self._centres()}
        self.types = set(CostType.objects.values_list("pk", flat=True))
        self.closed = closed_months(self.organisation)
        self.codes = self._codes()

    def _centres(self) -> Iterable[CostCentre]:
        rows = CostCentre.objects.filter(archived_at=None)
        return rows.filter(organisation=self.organisation) if self.organisation is not None else rows

    def _codes(self) -> dict[str, int] | None:
        """WBS codes of the project's plan; None where there is no plan yet."""
        if not Activity.objects.filter(plan__project=self.project).exists():
            return None
        rows = Activity.objects.filter(plan__project=self.project).exclude(wbs="")
        return dict(rows.order_by("-position").values_list("wbs", "pk"))

    # ── what is wrong ────────────────────────────────────────────────────────────────────────────

    def check(self) -> None:
        if len(self.lines) > MOST_LINES:
            raise Invalid({"__all__": [_("A budget has at most %(count)s lines.") % {"count": MOST_LINES}]})
        seen: set[int] = set()
        for line in self.lines:
            if line.number is not None:
                if line.number not in self.stored or line.number in seen:
                    self._blame(line, _("this line is not part of the budget any more."))
                seen.add(line.number)
            self._check_words(line)
            self._check_amounts(line)
        self._check_removed(seen)
        self._check_currencies()
        if self.errors:
            raise Invalid(self.errors)

    def _blame(self, line: Line, text: str) -> None:
        said = _("Row %(row)s: %(text)s") % {"row": line.row, "text": text}
        if said not in self.errors.setdefault(line.place, []):
            self.errors[line.place].append(said)

    def _before(self, line: Line) -> BudgetLine | None:
        row = self.stored.get(line.number) if line.number is not None else None
        return row.line if row is not None else None

    def _check_words(self, line: Line) -> None:
        before = self._before(line)
        kept = before is not None and before.wbs == line.wbs
        if line.wbs and self.codes is not None and line.wbs not in self.codes and not kept:
            self._blame(line, _("the plan has no WBS code “%(code)s”.") % {"code": line.wbs})
        if line.cost_type is not None and line.cost_type not in self.types:
            self._blame(line, _("there is no such cost type."))
        same = before is not None and before.cost_centre is not None and before.cost_centre.number == line.cost_centre
        if line.cost_centre and line.cost_centre not in self.centres and not same:
            self._blame(line, _("nobody knows the cost centre “%(code)s”.") % {"code": line.cost_centre})
        if line.spending not in Spending.values or line.reserve not in Reserve.values:
            self._blame(line, _("CapEx or OpEx, and work or reserve, please."))

    def _check_amounts(self, line: Line) -> None:
        stored = self.stored.get(line.number) if line.number is not None else None
        own = stored.own if stored is not None else {}
        if len(line.months) > MOST_MONTHS:
            self._blame(line, _("at most %(count)s months, please.") % {"count": MOST_MONTHS})
        for month in sorted(line.months.keys() | own.keys()):
            amount = line.months.get(month, 0)
            if amount == own.get(month, 0):
                continue
            if amount < 0:
                self._blame(line, _("%(month)s is negative. A budget has no negative amounts: check the sign.") % {"month": m.code(month)})  # fmt: skip
            elif amount > BIGGEST:
                self._blame(line, _("%(month)s is too large.") % {"month": m.code(month)})
            if month in self.closed:
                self._blame(line, _("%(month)s is closed. Closed months do not change.") % {"month": m.code(month)})
            elif self.budget.first_open is not None and month < self.budget.first_open:
                self._blame(line, _("%(month)s comes from the actuals: the forecast begins in %(first)s.") % {"month": m.code(month), "first": m.code(self.budget.first_open)})  # fmt: skip

    def _check_removed(self, kept: set[int]) -> None:
        """A line with amounts in closed months stays."""
        for number, row in self.stored.items():
            shut = [month for month, amount in sorted(row.own.items()) if amount and month in self.closed]
            if number not in kept and shut:
                text = _("“%(line)s” has an amount in %(month)s, which is closed: the line stays.")
                name = row.line.text or row.line.wbs or str(row.line.position)
                self.errors.setdefault("__all__", []).append(text % {"line": name, "month": m.code(shut[0])})

    def _check_currencies(self) -> None:
        rates = Rates()
        day = self.budget.rate_date or timezone.localdate()
        for line in self.lines:
            if len(line.currency) != 3 or not line.currency.isascii() or not line.currency.isalpha():
                self._blame(line, _("“%(code)s” is no currency (three letters, such as EUR).") % {"code": line.currency[:10]})  # fmt: skip
                continue
            try:
                rates.rate(line.currency, self.budget.currency, day)
            except MissingRate as missing:
                self._blame(line, str(missing.message))

    # ── what changes ─────────────────────────────────────────────────────────────────────────────

    def save(self) -> dict[str, list[Any]]:
        changes: dict[str, list[Any]] = {}
        kept = {line.number for line in self.lines}
        gone = [row for number, row in self.stored.items() if number not in kept]
        for row in gone:
            changes[_name(row.line)] = [_told(row.own, row.line.currency), None]
        BudgetLine.objects.filter(pk__in=[row.line.pk for row in gone]).delete()
        fresh: list[tuple[int, Draft]] = []
        for position, line in enumerate(self.lines, start=1):
            draft = self._draft(line)
            if line.number is None:
                fresh.append((position, draft))
                changes[f"{position}. {draft.wbs} {draft.text}".strip()] = [None, _told(draft.months, draft.currency)]
            else:
                self._change(line.number, position, draft, changes)
        for position, draft in fresh:
            budget_sources.insert(self.budget, [draft], first=position)
        return changes

    def _draft(self, line: Line) -> Draft:
        before = self._before(line)
        activity = (self.codes or {}).get(line.wbs) if line.wbs else None
        if activity is None and before is not None and before.wbs == line.wbs:
            activity = before.activity_id
        centre = self.centres.get(line.cost_centre)
        number = centre.pk if centre is not None else None
        if number is None and line.cost_centre and before is not None:
            number = before.cost_centre_id
        months = {month: amount for month, amount in line.months.items() if amount}
        return Draft(
            months, activity, line.wbs[:120], line.text[:300], line.cost_type, number, line.spending, line.reserve,
            line.currency,
        )  # fmt: skip

    def _change(self, number: int, position: int, draft: Draft, changes: dict[str, list[Any]]) -> None:
        row = self.stored[number]
        line = row.line
        values = {
            "position": position, "activity_id": draft.activity, "wbs": draft.wbs, "text": draft.text,
            "cost_type_id": draft.cost_type, "cost_centre_id": draft.cost_centre, "spending": draft.spending,
            "reserve": draft.reserve, "currency": draft.currency,
        }  # fmt: skip
        diff = {name: value for name, value in values.items() if getattr(line, name) != value}
        moved = {
            month: draft.months.get(month, 0)
            for month in {*row.own, *draft.months}
            if draft.months.get(month, 0) != row.own.get(month, 0)
        }
        if not diff and not moved:
            return
        if set(diff) - {"position"} or moved:
            changes[_name(line)] = [
                _told(row.own, line.currency) | {name: getattr(line, name) for name in diff if name != "position"},
                _told(draft.months, draft.currency) | {name: value for name, value in diff.items() if name != "position"},
            ]  # fmt: skip
        else:
            changes.setdefault("order", [None, None])
        BudgetLine.objects.filter(pk=number).update(**diff, version=F("version") + 1, updated_at=timezone.now())
        BudgetMonth.objects.filter(line=number, month__in=list(moved)).delete()
        BudgetMonth.objects.bulk_create(
            [BudgetMonth(line_id=number, month=month, amount=amount) for month, amount in moved.items() if amount]
        )


def _name(line: BudgetLine) -> str:
    return f"{line.position}. {line}".strip()


def _told(months: Mapping[dt.date, int], currency: str) -> dict[str, Any]:
    """A line in the audit trail: its sum, and its months where they are few."""
    said: dict[str, Any] = {"sum": formats.money(sum(months.values()), currency, language="en")}
    if len(months) <= 24:
        said["months"] = {m.code(month): amount for month, amount in sorted(months.items())}
    return said


def _stale(budget: Budget, sheet: Sheet, lines: Sequence[Line]) -> StaleEdit:
    """Both values of each cell on which the grid and the stored lines differ."""
    conflicts: list[FieldConflict] = []
    stored = {row.line.pk: row for row in sheet.lines}
    named = set()
    for line in lines:
        row = stored.get(line.number) if line.number is not None else None
        if row is None:
            continue
        named.add(row.line.pk)
        for month in sorted({*row.own, *line.months}):
            yours, theirs = line.months.get(month, 0), row.own.get(month, 0)
            if yours != theirs:
                label = f"{row.line} · {m.code(month)}"
                conflicts.append(
                    FieldConflict(
                        f"{line.place}-{m.code(month)}",
                        label,
                        formats.money(yours, line.currency),
                        formats.money(theirs, row.line.currency),
                    )
                )
        if line.text != row.line.text:
            conflicts.append(FieldConflict(f"{line.place}-text", str(row.line), line.text, row.line.text))
    for number, row in stored.items():
        if number not in named:
            conflicts.append(
                FieldConflict(
                    f"line-{number}", str(row.line), _("not in your input"), formats.money(row.total, budget.currency)
                )
            )
    last = AuditEntry.objects.filter(entity_type="controlling.budget", entity_id=budget.pk).order_by("-pk").first()
    return StaleEdit(conflicts[:50], budget.version, str(last.actor) if last is not None and last.actor else "")


# ── head data ────────────────────────────────────────────────────────────────────────────────────


def edit_budget(
    *, budget: Budget, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> Budget:
    """Name, reason, baseline, rate day, first open month of a draft. Errors: as ``core.services.edit``."""
    changed = dict(values)
    baseline = changed.get("baseline")
    if isinstance(baseline, Baseline):
        if baseline.plan.project_id != budget.project_id:
            raise Invalid({"baseline": [_("This is the baseline of another project.")]})
        changed["number"] = baseline.number
    if changed.get("first_open"):
        changed["first_open"] = m.month_of(changed["first_open"])
    return services.edit(budget, changed, by=by, version=version, reason=reason)
