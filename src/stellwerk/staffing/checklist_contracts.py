"""The checklist of a contract: each rule of the law that concerns its form, settled or with what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Text
from stellwerk.staffing.law import Finding, Weight
from stellwerk.staffing.law_words import said
from stellwerk.staffing.models import Contract
from stellwerk.staffing.selectors.contracts import Gates

_CLOCK = ("earlier_unknown", "no_end", "too_long", "long")
_PAY = ("comparable_unknown", "pay_below")
_START = ("label_missing", "label_late", "name_missing", "name_late", "told_missing", "told_late")
_SIGNS = ("signs_unanswered", "signs_strong", "signs_some", "signs_few")

ROWS: Final[dict[str, tuple[tuple[Text, tuple[str, ...]], ...]]] = {
    "lending": (
        (gettext_lazy("Longest assignment"), _CLOCK),
        (gettext_lazy("Licence of the lending company"), ("licence_missing", "licence_over", "licence_ends")),
        (gettext_lazy("No construction trade"), ("construction",)),
        (gettext_lazy("Equal pay"), _PAY),
        (gettext_lazy("Signatures"), ("unsigned", "form_too_weak")),
        (gettext_lazy("Labelled, named, told before the start"), _START),
        (gettext_lazy("Works council of the client"), ("council_missing",)),
    ),
    "freelance": (
        (gettext_lazy("Self-employment, the whole picture"), _SIGNS),
        (gettext_lazy("Status clarified in the first month"), ("status_due",)),
        (gettext_lazy("Signatures"), ("unsigned", "form_too_weak")),
    ),
    "permanent": ((gettext_lazy("Signatures"), ("unsigned", "form_too_weak")),),
}


@dataclass(frozen=True)
class Line:
    """``state``: ok, note, warn, block, or later (its step has not come yet)."""

    label: str
    state: str
    word: str
    texts: tuple[str, ...]


def checklist_of(contract: Contract, gates: Gates) -> list[Line]:
    by_code: dict[str, list[Finding]] = {}
    for one in (*gates.approve, *gates.sign, *gates.begin):
        by_code.setdefault(one.code, []).append(one)
    early = contract.state in {"draft", "approved"}
    lines = []
    for label, codes in ROWS[contract.form]:
        found = [one for code in codes for one in by_code.get(code, ())]
        state = _state(found)
        if early and state == "block" and codes[0] in {"unsigned", "label_missing", "council_missing"}:
            state = "later"
        lines.append(Line(str(label), state, str(_WORDS[state]), tuple(dict.fromkeys(said(one) for one in found))))
    return lines


_WORDS: Final[dict[str, Any]] = {
    "ok": gettext_lazy("settled"), "note": gettext_lazy("to know"), "warn": gettext_lazy("look at this"),
    "block": gettext_lazy("stops it"), "later": gettext_lazy("comes later"),
}  # fmt: skip


def _state(found: list[Finding]) -> str:
    weights = {one.weight for one in found}
    for weight in (Weight.BLOCK, Weight.WARN, Weight.NOTE):
        if weight in weights:
            return str(weight)
    return "ok"


def used_text(months: int, days: int, most: int) -> str:
    """Months and days of the clock against the limit."""
    return _("%(months)s months and %(days)s days of %(most)s months") % {"months": months, "days": days, "most": most}
