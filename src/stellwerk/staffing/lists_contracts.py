"""The list of contracts. Pay, rate and margin stand on the page of each contract, for whom the permission table allows."""

from __future__ import annotations

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.staffing.choices import CONTRACT_STATES, ContractForm
from stellwerk.staffing.models import Contract


def _person() -> Combinable:
    return Concat(F("profile__first_name"), Value(" "), F("profile__last_name"))


def _answer(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s contract", "%(count)s contracts", result.count)
    return text % {"count": formats.number(result.count)}


CONTRACTS = register_list(
    ListSpec(
        "staffing.contract",
        Contract,
        (
            Column("key", _("Key"), "link"),
            Column("person", _("Person"), expression=_person, sort=("profile__last_name", "profile__first_name")),
            Column("client", pgettext_lazy("contract", "Client"), path="client__name", groupable=True),
            Column("form", _("Contract type"), "choice", choices=ContractForm.choices, groupable=True, quick=True),
            Column("state", _("State"), "choice", choices=CONTRACT_STATES, groupable=True, quick=True),
            Column("vacancy", _("Vacancy"), path="vacancy__title"),
            Column("first", _("From"), "date"),
            Column("last", _("To"), "date"),
            Column("hours", _("Weekly hours"), "number", path="weekly_hours", decimals=1),
            Column("partner", _("Partner"), path="partner__name", groupable=True, default=False),
        ),
        default_sort=("-first",),
        search=("key", "profile__last_name", "profile__first_name", "client__name", "vacancy__title"),
        answer=_answer,
        create_url="staffing:contract-create",
        create_label=_("New contract"),
        icon="signature",
        empty_title=_("No contract yet"),
        empty_text=_("A contract is made from a match in which both sides said yes, or by form. Signed, it books the person in the plan."),
    )
)  # fmt: skip
