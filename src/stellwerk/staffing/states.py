"""State machines of domain.md section 2 for profiles, consents, vacancies, matches and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.models import User
from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.staffing.choices import CONSENT_STATES, CONTRACT_STATES, MATCH_STATES, PROFILE_STATES, VACANCY_STATES


def _states(rows: list[tuple[str, Any]], *final: str) -> tuple[State, ...]:
    return tuple(State(code, label, code in final) for code, label in rows)


def _published(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"published_at": obj.published_at or timezone.now()}


def _ended_now(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"ended_at": timezone.now()}


def _filled_now(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"filled_at": timezone.now()}


def _sent_now(obj: Any, by: User | None) -> Mapping[str, Any]:
    """What is sent carries the label and the name of the person (``documents/contract.py``)."""
    now = timezone.now()
    lent = {"labelled_at": now, "named_at": now} if obj.form == "lending" else {}
    return {"sent_at": now, **lent}


def _unsent(obj: Any, by: User | None) -> Mapping[str, Any]:
    return dict.fromkeys(("sent_at", "labelled_at", "named_at", "told_at", "council_at"))


def _extended(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"last": obj.extension_last or obj.last, **_not_extended(obj, by)}


def _not_extended(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"extension_last": None, "extension_way": ""}


def _ends_today(obj: Any, by: User | None) -> Mapping[str, Any]:
    """By hand before its last day it ends today; what had not begun ends on its first day."""
    today = timezone.localdate()
    last = max(obj.first, today if obj.last is None else min(obj.last, today))
    return {"last": last, **_not_extended(obj, by)}


def _terminated(obj: Any, by: User | None) -> Mapping[str, Any]:
    return _ends_today(obj, by) if obj.state in {"active", "extended"} else _not_extended(obj, by)


register_machine(
    Machine(
        "staffing.profile",
        _states(PROFILE_STATES, "erased"),
        (
            Transition("activate", pgettext_lazy("profile", "Activate"), ("draft", "paused"), "active", primary=True),
            Transition("pause", pgettext_lazy("profile", "Pause"), ("active",), "paused"),
            Transition("lock", pgettext_lazy("profile", "Lock"), ("draft", "active", "paused"), "locked", verb="archive", needs_reason=True),
            Transition("unlock", pgettext_lazy("profile", "Unlock"), ("locked",), "active", verb="archive", needs_reason=True),
            Transition("erase", pgettext_lazy("profile", "Erase"), ("*",), "erased", verb="erase", by_hand=False),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "staffing.consent",
        _states(CONSENT_STATES, "withdrawn", "expired"),
        (
            Transition("renew", pgettext_lazy("consent", "Renew"), ("given", "renewed"), "renewed", primary=True),
            Transition(
                "withdraw", pgettext_lazy("consent", "Withdraw"), ("given", "renewed"), "withdrawn", values=_ended_now
            ),
            Transition(
                "expire", pgettext_lazy("consent", "Expire"), ("given", "renewed"), "expired", values=_ended_now,
                by_hand=False,
            ),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "staffing.vacancy",
        _states(VACANCY_STATES, "cancelled"),
        (
            Transition(
                "approve", pgettext_lazy("vacancy", "Approve"), ("draft",), "approved", verb="approve",
                not_by=("create", "raise"), primary=True,
            ),
            Transition(
                "publish", pgettext_lazy("vacancy", "Publish"), ("approved",), "published", verb="publish",
                values=_published, primary=True,
            ),
            Transition("hold", pgettext_lazy("vacancy", "Put on hold"), ("published",), "on_hold", verb="publish"),
            Transition("resume", pgettext_lazy("vacancy", "Publish again"), ("on_hold",), "published", verb="publish"),
            Transition(
                "fill", pgettext_lazy("vacancy", "Filled"), ("approved", "published", "on_hold"), "filled", verb="publish",
                values=_filled_now,
            ),
            Transition("reopen", pgettext_lazy("vacancy", "Open again"), ("filled",), "published", verb="publish",
                needs_reason=True),
            Transition("cancel", pgettext_lazy("vacancy", "Cancel"), ("*",), "cancelled", needs_reason=True),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "staffing.match",
        _states(MATCH_STATES, "ended", "declined", "expired"),
        (
            Transition("confirm", pgettext_lazy("match", "Confirm"), ("proposed",), "confirmed", verb="confirm", primary=True),
            # Asking writes to both sides, and each no carries a reason of the work: services do these, see guards_matching.
            Transition("contact", pgettext_lazy("match", "Ask both sides"), ("confirmed",), "contacted", verb="confirm", by_hand=False),
            # Answers do these (services.answers); nobody does them by hand.
            Transition("first_yes", _("One side said yes"), ("contacted",), "one_yes", by_hand=False),
            Transition("second_yes", _("Both said yes"), ("one_yes",), "both_yes", by_hand=False),
            Transition("refuse", _("One side said no"), ("contacted", "one_yes"), "declined", by_hand=False),
            Transition("expire", pgettext_lazy("match", "Expire"), ("contacted", "one_yes"), "expired", by_hand=False),
            Transition("talk", pgettext_lazy("match", "Begin the conversation"), ("both_yes",), "conversation", primary=True),
            Transition("sign", pgettext_lazy("match", "Contract"), ("conversation", "both_yes"), "contract", by_hand=False),
            Transition(
                "end", pgettext_lazy("match", "End"), ("both_yes", "conversation", "contract"), "ended", needs_reason=True, by_hand=False
            ),
            Transition(
                "decline", pgettext_lazy("match", "Decline"), ("proposed", "confirmed"), "declined", verb="confirm", needs_reason=True,
                by_hand=False,
            ),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "staffing.contract",
        _states(CONTRACT_STATES, "ended", "terminated"),
        (
            Transition(
                "approve", pgettext_lazy("contract", "Approve"), ("draft",), "approved", verb="approve",
                not_by=("create", "edit"), primary=True,
            ),
            Transition(
                "rework", pgettext_lazy("contract", "Back to draft"), ("approved", "sent"), "draft", needs_reason=True,
                values=_unsent,
            ),
            Transition("send", pgettext_lazy("contract", "Send"), ("approved",), "sent", values=_sent_now, primary=True),
            Transition("sign", pgettext_lazy("contract", "Signed by all"), ("sent",), "signed", primary=True),
            Transition("begin", pgettext_lazy("contract", "Begin"), ("signed",), "active", primary=True),
            # The service writes the new last day first (services/contracts_term.py); another person confirms it.
            Transition("extend", pgettext_lazy("contract", "Extend"), ("active",), "extended", by_hand=False),
            Transition(
                "resume", pgettext_lazy("contract", "Confirm the extension"), ("extended",), "active", verb="approve",
                not_by=("extend",), values=_extended, primary=True,
            ),
            Transition(
                "keep_end", pgettext_lazy("contract", "Do not extend"), ("extended",), "active", needs_reason=True,
                values=_not_extended,
            ),
            Transition("end", pgettext_lazy("contract", "End"), ("active", "extended"), "ended", values=_ends_today),
            Transition(
                "terminate", pgettext_lazy("contract", "Terminate"), ("sent", "signed", "active", "extended"), "terminated",
                needs_reason=True, values=_terminated,
            ),
        ),
    )
)  # fmt: skip
