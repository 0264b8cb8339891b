"""Planning and applying an import as a user or as Stellwerk itself: permission, portfolio, memory, change set, mapping."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import changesets
from stellwerk.core.changesets import Recorder
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.memory import uncollected
from stellwerk.core.models import ChangeItem, ChangeSet, User
from stellwerk.core.permissions import require
from stellwerk.core.services import validate
from stellwerk.core.tabular.notes import Note
from stellwerk.portfolio.importing.noticed import TOLD
from stellwerk.portfolio.importing.options import DEFAULTS, Options, Wishes
from stellwerk.portfolio.importing.plan import Plan, Tell, make_plan
from stellwerk.portfolio.importing.source import open_source
from stellwerk.portfolio.importing.undo import KIND
from stellwerk.portfolio.importing.writing import Writer, check_dates
from stellwerk.portfolio.models import ImportMapping, Portfolio

KEPT = 2000
"""So many rejections and questions a change set keeps; the command prints all of them."""


class NothingTaken(Refused):
    """The user wanted all rows or none, and some were rejected."""

    code = "nothing_taken"
    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(
            _("Nothing has been imported: %(count)s values or rows cannot go in, and you chose all or nothing.")
            % {"count": count},
            _("Correct them in the file, or choose to take the good rows."),
        )


def portfolio_for(key: str, by: User | None) -> Portfolio | None:
    """The portfolio with this key, or None where it has to be created; both only with the permission to import.

    Errors: ``NotAllowed``, ``Invalid`` (no key, or one that cannot be), ``Refused`` (archived).
    """
    if not key.strip():
        raise Invalid({"portfolio": [_("Say which portfolio the projects belong to.")]})
    found = Portfolio.objects.filter(key=key.strip()).first()
    if found is None:
        require(by, "create", Portfolio(key=key.strip()))
        require(by, "import", Portfolio(key=key.strip()))
        validate(Portfolio(key=key.strip()), ["key"])
        return None
    require(by, "import", found)
    if found.archived:
        raise Refused(
            _("The portfolio %(key)s is archived.") % {"key": found.key}, _("Restore it first."), code="archived"
        )
    return found


def plan_import(
    *, file: str | Path | IO[bytes], name: str = "", portfolio_key: str, by: User | None, wishes: Wishes | None = None,
    options: Options = DEFAULTS, today: dt.date | None = None, tell: Tell | None = None,
) -> Plan:  # fmt: skip
    """What the file would change in the portfolio; writes nothing.

    Errors: ``UnusableFile``, ``OSError``, ``NotAllowed``, ``Invalid`` (no column names the projects), ``Refused``.
    """
    portfolio = portfolio_for(portfolio_key, by)
    with uncollected():
        source = open_source(file, name=name, options=options)
        plan = make_plan(
            source, portfolio=portfolio, portfolio_key=portfolio_key.strip(), wishes=wishes, options=options,
            today=today or timezone.localdate(), tell=tell, by=by,
        )  # fmt: skip
    if not plan.mapped.named:
        raise Invalid({"name": [_("No column holds the names or keys of the projects. Choose one.")]})
    if portfolio is not None:
        try:
            check_dates(portfolio, plan.dates, by)
        except WrongState as refusal:
            plan.warnings.append(Note("closed", str(refusal)))
    return plan


def apply_import(
    *, plan: Plan, by: User | None, change_set: ChangeSet | None = None, tell: Tell | None = None, remember: bool = True
) -> ChangeSet | None:
    """Write a plan in one transaction: everything or nothing. Returns its change set, None where there is nothing to do.

    ``remember`` keeps the mapping for files with the same headings. Errors: ``StalePlan`` (the portfolio changed since),
    ``NothingTaken``, ``WrongState`` (a closed reporting date), ``NotAllowed``, ``Invalid``.
    """
    portfolio = portfolio_for(plan.portfolio_key, by)
    if plan.options.strict and plan.rejected:
        raise NothingTaken(len(plan.rejected))
    if plan.nothing_to_do and change_set is None:
        return None

    def work(recorder: Recorder) -> None:
        written = Writer(plan, recorder, by, tell).write(portfolio)
        _forget_kept_dates(recorder.change_set)
        if remember:
            keep_mapping(plan)
        final.update(summary(plan), portfolio=written.key)

    final: dict[str, Any] = dict(change_set.plan) if change_set is not None else {}
    with uncollected():
        if change_set is None:
            change_set = changesets.preview(kind=KIND, title=title_of(plan), plan={}, by=by)
            try:
                return changesets.apply(change_set, by=by, work=work, verb="import", plan=final)
            except BaseException:
                ChangeSet.objects.filter(pk=change_set.pk, state="previewed").delete()
                raise
        return changesets.apply(change_set, by=by, work=work, verb="import", plan=final)


def title_of(plan: Plan) -> str:
    return _("Import of %(file)s into %(portfolio)s") % {"file": plan.source.title, "portfolio": plan.portfolio_key}


def summary(plan: Plan) -> dict[str, Any]:
    """Counts, questions, rejections and warnings, cut to what a page can show."""
    result = plan.result()
    return {
        "result": {name: value for name, value in result.items() if isinstance(value, int)},
        "file": plan.source.title, "as_of": plan.as_of.isoformat(), "as_of_from": plan.as_of_from,
        "dates": [day.isoformat() for day in plan.dates],
        "unsure": result["unsure"][:KEPT], "unsure_count": len(result["unsure"]),
        "rejected": result["rejected"][:KEPT], "rejected_count": len(result["rejected"]),
        "warnings": [str(one) for one in plan.warnings if one.code not in TOLD],
        "told": [str(one) for one in plan.warnings if one.code in TOLD], "skipped": plan.skipped,
    }  # fmt: skip


def keep_mapping(plan: Plan) -> None:
    """Save the mapping under the headings of this file, to be used for the next edition."""
    wishes = {"columns": plan.mapped.chosen(), "options": plan.options.saved()}
    now = timezone.now()
    saved, new = ImportMapping.objects.get_or_create(
        signature=plan.source.table.signature,
        defaults={"name": plan.source.title[:120], "mapping": wishes, "used_at": now},
    )
    if not new:
        version = saved.version + (saved.mapping != wishes)
        ImportMapping.objects.filter(pk=saved.pk).update(mapping=wishes, used_at=now, version=version)


def _forget_kept_dates(change_set: ChangeSet) -> None:
    """The data date of a portfolio created here is kept by its figures: no later change in the sense of an undo."""
    for item in ChangeItem.objects.filter(change_set=change_set, entity_type="portfolio.portfolio", operation="create"):
        item.after = {name: value for name, value in item.after.items() if name not in ("data_date", "fresh_from")}
        item.save(update_fields=["after"])
