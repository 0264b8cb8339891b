"""Who is told about contracts: steps to those concerned, ends, tenure, equal pay and open duties to whoever runs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import AuditEntry, Notification, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import users_who_can
from stellwerk.staffing.models import ClientContact, Contract, PartnerContact

LABEL = "staffing.contract"


def running(contract: Contract) -> list[User]:
    """Whoever made the contract, where they may still edit it; else everybody who may."""
    may = users_who_can("edit", contract)
    entries = AuditEntry.objects.filter(
        entity_type=LABEL, entity_id=contract.pk, verb__in=("create", "edit"), actor__isnull=False
    )
    near = set(entries.values_list("actor_id", flat=True))
    chosen = [user for user in may if user.pk in near]
    return chosen or may


def outside(contract: Contract) -> list[User]:
    """Accounts of the client, the partner and the person; ``notify`` leaves out who may not see the contract."""
    found = [row.user for row in ClientContact.objects.filter(client=contract.client_id).select_related("user")]
    if contract.partner_id is not None:
        found += [row.user for row in PartnerContact.objects.filter(partner=contract.partner_id).select_related("user")]
    if contract.profile is not None:
        found.append(contract.profile.user)
    return [user for user in found if user is not None]


def _words(contract: Contract) -> dict[str, str]:
    name = contract.profile.full_name if contract.profile is not None else contract.key
    return {"person": name, "client": str(contract.client), "key": contract.key}


def _title(step: str) -> Callable[[], str] | None:
    return {
        "approve": lambda: _("The contract of %(person)s with %(client)s is approved"),
        "rework": lambda: _("The contract of %(person)s with %(client)s is a draft again"),
        "send": lambda: _("The contract of %(person)s with %(client)s is ready to be signed"),
        "sign": lambda: _("The contract of %(person)s with %(client)s is signed"),
        "begin": lambda: _("The contract of %(person)s with %(client)s has begun"),
        "extend": lambda: _("The contract of %(person)s with %(client)s is to be extended: please confirm"),
        "resume": lambda: _("The contract of %(person)s with %(client)s is extended"),
        "keep_end": lambda: _("The contract of %(person)s with %(client)s is not extended"),
        "end": lambda: _("The contract of %(person)s with %(client)s has ended"),
        "terminate": lambda: _("The contract of %(person)s with %(client)s is terminated"),
    }.get(step)


TO_BOTH_SIDES = ("send", "sign", "begin", "resume", "end", "terminate")


def tell_step(contract: Contract, by: User | None, before: str) -> None:
    last = AuditEntry.objects.filter(entity_type=LABEL, entity_id=contract.pk).order_by("-pk")
    step = next((row.verb for row in last[:5] if _title(row.verb) is not None), "")
    title = _title(step)
    if title is None:
        return
    users = running(contract) + (users_who_can("approve", contract) if step == "extend" else [])
    if step in TO_BOTH_SIDES and before != "draft":
        users += outside(contract)
    notify(
        [user for user in users if by is None or user.pk != by.pk],
        kind=f"staffing.contract_{step}",
        title=lambda: title() % _words(contract),
        text=lambda: _period(contract),
        obj=contract,
        dedupe=f"staffing.contract_{step}:{contract.pk}:{contract.version}",
    )


def _period(contract: Contract) -> str:
    last = formats.day(contract.last) if contract.last else _("unlimited")
    return f"{contract.vacancy} · {formats.day(contract.first)} – {last}"


def tell_once(contract: Contract, matter: str, title: Callable[[], str], text: Callable[[], str]) -> int:
    """A warning of the daily job, once for each matter, also after it was read; how many were told."""
    key = f"staffing.contract:{contract.pk}:{matter}"[:120]
    if Notification.objects.filter(kind="staffing.contract_due", dedupe=key).exists():
        return 0
    told = notify(running(contract), kind="staffing.contract_due", title=title, text=text, obj=contract, dedupe=key)
    return len(told)


def warn_end(contract: Contract, days: int) -> int:
    return tell_once(
        contract, f"end-{days}-{contract.last}",
        lambda: _("The contract of %(person)s with %(client)s ends on %(day)s") % (_words(contract) | {"day": formats.day(contract.last)}),
        lambda: _("Extend it, or plan without it: %(what)s.") % {"what": _period(contract)},
    )  # fmt: skip


def warn_tenure(contract: Contract, months: int, limit: dt.date) -> int:
    return tell_once(
        contract, f"tenure-{months}",
        lambda: _("%(person)s: %(months)s months at %(client)s are over") % (_words(contract) | {"months": str(months)}),
        lambda: _("Temporary work there must end on %(day)s at the latest.") % {"day": formats.day(limit)},
    )  # fmt: skip


def warn_equal_pay(contract: Contract, day: dt.date) -> int:
    return tell_once(
        contract, f"equal-pay-{day}",
        lambda: _("%(person)s: equal pay from %(day)s") % (_words(contract) | {"day": formats.day(day)}),
        lambda: _("Ask %(client)s for the pay of comparable staff and reprice the contract.") % _words(contract),
    )  # fmt: skip


def warn_status(contract: Contract, day: dt.date) -> int:
    return tell_once(
        contract, "status",
        lambda: _("%(person)s: have the status clarified until %(day)s") % (_words(contract) | {"day": formats.day(day)}),
        lambda: _("Within a month of the start the pension insurance can be asked whether this is self-employment."),
    )  # fmt: skip


def warn_cannot_begin(contract: Contract, reasons: str) -> int:
    return tell_once(
        contract, f"begin-{contract.first}",
        lambda: _("The contract of %(person)s with %(client)s cannot begin") % _words(contract),
        lambda: reasons,
    )  # fmt: skip
