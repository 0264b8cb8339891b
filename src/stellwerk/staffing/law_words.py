"""What the rules say, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.history import register_history_field
from stellwerk.staffing.law import Finding
from stellwerk.staffing.law.freelance import Light

TEXTS: Final[Mapping[str, Text]] = {
    "earlier_unknown": gettext_lazy("Ask the person for earlier assignments to this client, through any agency, and enter the answer."),
    "no_end": gettext_lazy("Temporary work needs a last day: at most %(months)s months, here %(day)s."),
    "too_long": gettext_lazy("Longer than %(months)s months at this client: it must end on %(day)s at the latest."),
    "long": gettext_lazy("%(months)s months at this client are over: it must end on %(day)s."),
    "comparable_unknown": gettext_lazy("Equal pay from %(day)s: the pay of comparable staff is not known yet."),
    "pay_below": gettext_lazy("Equal pay from %(day)s: the pay lies below that of comparable staff."),
    "label_missing": gettext_lazy("Not labelled as temporary work yet."),
    "name_missing": gettext_lazy("The person is not named to the client yet."),
    "told_missing": gettext_lazy("The person has not been told yet that they work as a temporary worker."),
    "label_late": gettext_lazy("Labelled on %(day)s only: it must happen before the first day (%(first)s). Move the start."),
    "name_late": gettext_lazy("Named on %(day)s only: it must happen before the first day (%(first)s). Move the start."),
    "told_late": gettext_lazy("The person was told on %(day)s only: it must happen before the first day (%(first)s). Move the start."),
    "licence_missing": gettext_lazy("The lending company has no licence for temporary work on record."),
    "licence_over": gettext_lazy("The licence for temporary work ended on %(day)s."),
    "licence_ends": gettext_lazy("The licence for temporary work ends on %(day)s, before the contract."),
    "construction": gettext_lazy("Nobody may be lent into construction trades."),
    "council_missing": gettext_lazy("The client's works council has not agreed yet."),
    "unsigned": gettext_lazy("Not signed yet: %(side)s."),
    "form_too_weak": gettext_lazy("%(side)s: text form is not enough here; sign by hand or with a qualified electronic signature."),
    "signs_unanswered": gettext_lazy("The checklist on self-employment is not answered yet."),
    "signs_strong": gettext_lazy("Strong signs of employment (%(share)s): offer employment and assignment instead."),
    "signs_some": gettext_lazy("Some signs of employment (%(share)s): look at the whole picture, or offer employment and assignment instead."),
    "signs_few": gettext_lazy("Few signs of employment (%(share)s). That is no legal certainty."),
    "status_due": gettext_lazy("Have the status clarified at the pension insurance until %(day)s."),
}  # fmt: skip

BASES: Final[Mapping[str, Text]] = {
    "AÜG § 1(1b)": gettext_lazy("AÜG § 1(1b)"), "AÜG § 8(4)": gettext_lazy("AÜG § 8(4)"), "AÜG § 8(1)": gettext_lazy("AÜG § 8(1)"),
    "AÜG § 8(3)": gettext_lazy("AÜG § 8(3)"), "AÜG § 1(1)": gettext_lazy("AÜG § 1(1)"), "AÜG § 12(1)": gettext_lazy("AÜG § 12(1)"),
    "AÜG § 1(1) s. 5–6, § 11(2) s. 4": gettext_lazy("AÜG § 1(1) s. 5–6, § 11(2) s. 4"),
    "AÜG § 14(3), BetrVG § 99": gettext_lazy("AÜG § 14(3), BetrVG § 99"),
    "TzBfG § 14(4), BGB § 126a": gettext_lazy("TzBfG § 14(4), BGB § 126a"),
}  # fmt: skip
"""Where a rule is written, as each language cites it; what is not here reads the same in both."""

LIGHTS: Final[Mapping[Light, Text]] = {
    Light.FEW: gettext_lazy("few signs of employment, no legal certainty"),
    Light.SOME: gettext_lazy("some signs of employment"),
    Light.STRONG: gettext_lazy("strong signs of employment"),
}

SIDES: Final[Mapping[str, Text]] = {
    "us": pgettext_lazy("side", "We"), "client": pgettext_lazy("side", "Client"), "person": pgettext_lazy("side", "Person"),
    "partner": pgettext_lazy("side", "Lending company or partner"),
}  # fmt: skip

SIGNS: Final[Mapping[str, Text]] = {
    "told_when": gettext_lazy("The client decides when the work is done."),
    "told_where": gettext_lazy("The client decides where the work is done."),
    "told_how": gettext_lazy("The client gives instructions on how the work is done."),
    "in_team": gettext_lazy("The person works in a team of the client like its own staff."),
    "client_tools": gettext_lazy("Tools, devices and software come from the client."),
    "client_address": gettext_lazy("The person appears with an address, a card or a function of the client."),
    "hours_reported": gettext_lazy("The hours are recorded in the client's time recording."),
    "absence_asked": gettext_lazy("Holidays must be asked for at the client."),
    "same_as_staff": gettext_lazy("Employees of the client do the same work."),
    "was_employee": gettext_lazy("The person was an employee of the client before, with the same work."),
    "paid_when_ill": gettext_lazy("Holidays or illness are paid."),
    "other_clients": gettext_lazy("The person works for other clients in the same time."),
    "may_send_other": gettext_lazy("The person may send somebody else."),
    "may_refuse": gettext_lazy("The person may refuse single orders."),
    "own_risk": gettext_lazy(
        "The person carries an entrepreneur's risk (warranty, own investments, no guaranteed turnover)."
    ),
    "paid_by_result": gettext_lazy("Results are paid, not hours."),
    "own_market": gettext_lazy("The person appears on the market with a name of their own."),
    "own_staff": gettext_lazy("The person employs others."),
}

for _code, _text in SIGNS.items():
    register_history_field(f"sign_{_code}", _text)

_SHOWN: Final[Mapping[str, Callable[[Any], str]]] = {
    "day": formats.day, "first": formats.day, "share": lambda value: formats.percent(float(value), 0) if value is not None else "–",
    "side": lambda value: str(SIDES.get(value, value)),
}  # fmt: skip


def said(finding: Finding) -> str:
    """The sentence of a finding with where it is written."""
    values = {name: _SHOWN.get(name, str)(value) for name, value in finding.values.items()}
    return _("%(text)s (%(basis)s)") % {
        "text": str(TEXTS[finding.code]) % values,
        "basis": BASES.get(finding.basis, finding.basis),
    }
