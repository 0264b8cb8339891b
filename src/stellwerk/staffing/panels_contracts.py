"""Contracts on the pages of vacancies, profiles, people and matches, in the side bar, and what waits on My day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.access import actor
from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.core.registry import (
    Action,
    Duty,
    Panel,
    register_action,
    register_duties,
    register_panel,
    url_of,
)
from stellwerk.staffing.law_words import TEXTS
from stellwerk.staffing.models import Contract, Match

SHOWN = 20
DUTIES = 10


def _sees(user: User) -> bool:
    return can(user, "view", "staffing.contract")


def _makes(user: User) -> bool:
    return can(user, "create", "staffing.contract")


register_nav("staffing", gettext_lazy("Contracts"), "signature", "staffing:contract-list", order=50, permission=_sees)
register_create(gettext_lazy("Contract"), "signature", "staffing:contract-create", order=84, permission=_makes)


def _panel(field: str) -> Callable[[HttpRequest, models.Model], Mapping[str, Any] | None]:
    def context(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
        user = actor(request)
        if not _sees(user):
            return None
        rows = visible_rows(user, Contract.objects.filter(**{field: obj}, archived_at=None))
        found = list(rows.select_related("profile", "client").order_by("-first", "-pk")[:SHOWN])
        return {"rows": found, "names": field.startswith("vacancy")} if found else None

    return context


for _label, _field in (
    ("staffing.vacancy", "vacancy"), ("staffing.profile", "profile"), ("people.person", "person"),
    ("resources.demand", "vacancy__demand"),
):  # fmt: skip
    register_panel(
        Panel(_label, "contracts", gettext_lazy("Contracts"), "staffing/panel_contracts.html", _panel(_field), order=60)
    )


def _make_url(request: HttpRequest, obj: models.Model) -> str | None:
    """From a match in which both sides said yes to its contract, with nothing typed again."""
    assert isinstance(obj, Match)
    if obj.state not in {"both_yes", "conversation"} or not can(request.user, "create", "staffing.contract"):
        return None
    return reverse("staffing:contract-create") + "?" + urlencode({"match": obj.key})


register_action(
    Action(
        "staffing.match",
        "contract",
        gettext_lazy("Make the contract"),
        _make_url,
        icon="signature",
        order=20,
        primary=True,
    )
)


def _waiting(maker: Q, seen: Q) -> QuerySet[Contract]:
    made = AuditEntry.objects.filter(
        maker, entity_type="staffing.contract", entity_id=OuterRef("pk"), verb__in=("create", "edit", "extend")
    )
    rows = Contract.objects.filter(~Exists(made), state__in=("draft", "extended"), archived_at=None).filter(seen)
    return rows.select_related("profile", "client").order_by("first", "pk")[:DUTIES]


_WAITING = KeptQuery(_waiting)


@register_duties("approval", boards=False)
def _to_approve(user: User) -> Iterable[Duty]:
    """Drafts and extensions that wait for this user, who has not made them."""
    if not can(user, "approve", "staffing.contract"):
        return
    for row in _WAITING.rows(Q(actor=user.pk), visible(user, Contract, "approve")):
        text = _("Approve the contract %(key)s") if row.state == "draft" else _("Confirm the extension of %(key)s")
        yield Duty(
            title=text % {"key": row.key}, about=str(row.client), text=str(row.profile or ""), url=url_of(row), icon="signature",
            kind="approval", button=_("Open"), due=row.first if row.state == "draft" else row.last,
        )  # fmt: skip


@register_duties("task")
def _to_begin(user: User) -> Iterable[Duty]:
    """Temporary work that is sent or signed, begins soon, and of which person or works council are not told yet."""
    if not can(user, "edit", "staffing.contract"):
        return
    soon = timezone.localdate() + dt.timedelta(days=21)
    silent = Q(told_at=None) | Q(council_at=None, client__works_council=True)
    near = Contract.objects.filter(
        silent, state__in=("sent", "signed"), form="lending", first__lte=soon, archived_at=None
    )
    for row in visible_rows(user, near, "edit").select_related("profile", "client").order_by("first", "pk")[:DUTIES]:
        missing = "told_missing" if row.told_at is None else "council_missing"
        yield Duty(
            title=_("Before the start of %(key)s") % {"key": row.key}, about=str(row.client), text=str(TEXTS[missing]), url=url_of(row),
            icon="signature", kind="task", button=_("Open"), due=row.first,
        )  # fmt: skip
