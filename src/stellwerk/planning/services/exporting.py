"""The plan of a project as a file: for other tools, or as a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.planning.exchange import Document, lost_in, write_schedule
from stellwerk.planning.exchange.costs import without_costs
from stellwerk.planning.models import Plan
from stellwerk.planning.printing.chart import render
from stellwerk.planning.selectors.chart import sees_costs
from stellwerk.planning.selectors.documents import document_of

TARGETS: Final = {".xml": "mspdi", ".xer": "xer", ".xlsx": "xlsx", ".csv": "csv", ".pdf": "pdf", ".svg": "svg"}
"""Ending of a file name → what is written."""
TYPES: Final = {
    "mspdi": "application/xml", "xer": "application/octet-stream", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf",
    "svg": "image/svg+xml", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
CHARTS: Final = ("pdf", "svg")


@dataclass(frozen=True)
class Exported:
    """The bytes of the file, and what of the plan its format cannot hold."""

    content: bytes
    lost: tuple[str, ...]


def export_schedule(*, plan: Plan, target: Any, by: User | None, language: str) -> Exported:
    """Errors: ``NotAllowed``, ``Refused`` (an unknown format, an empty plan)."""
    require(by, "export", plan)
    if target not in TARGETS.values():
        raise Refused(_("There is no such format."), code="invalid")
    if not plan.activities.exists():
        raise Refused(_("The plan is empty."), _("Add activities first."), code="empty")
    lang: Any = "de" if language.startswith("de") else "en"
    if target in CHARTS:
        return Exported(render(plan, target, language=lang), ())
    document, hidden = _document_for(plan, by)
    with override(lang):
        return Exported(write_schedule(document, target), (*lost_in(document, target), *hidden))


def losses(plan: Plan, by: User | None) -> dict[str, tuple[str, ...]]:
    """What each format cannot hold of this plan, and what is kept from this reader, told before somebody chooses."""
    document, hidden = _document_for(plan, by)
    return {target: (*lost_in(document, target), *hidden) for target in ("mspdi", "xer", "xlsx", "csv")}


def _document_for(plan: Plan, by: User | None) -> tuple[Document, tuple[str, ...]]:
    """The plan as this reader may have it, and what is left out."""
    document = document_of(plan)
    if sees_costs(by, plan):
        return document, ()
    bare = without_costs(document)
    return bare, () if bare == document else ("costs that you may not see",)
