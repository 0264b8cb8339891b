"""Checks: rules with a code, a severity, an explanation in the reader's language and the standard they come from.

An app registers its checks in ``checks.py``::

    @check("PRJ001", "major", "portfolio.project", title=_("Project without manager"), explanation=_("…"), standard="DIN 69901")
    def without_manager(projects: QuerySet[Project]) -> Iterable[Hit]:
        for project in projects.filter(manager__isnull=True):
            yield Hit(project)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import ENTITIES, url_of

SEVERITIES: dict[str, Text] = {
    "critical": _("critical"),
    "major": _("major"),
    "minor": _("minor"),
    "hint": _("hint"),
}
_ORDER = {code: number for number, code in enumerate(SEVERITIES)}


@dataclass(frozen=True)
class Hit:
    """One entity that breaks a rule; ``text`` says what exactly, ``url`` leads to where it is settled."""

    obj: models.Model
    text: Text = ""
    url: str = ""


@dataclass(frozen=True)
class Check:
    """A rule. ``run`` gets a queryset of visible, live entities and yields hits; it should ask the database once."""

    code: str
    severity: str
    entity: str
    title: Text
    explanation: Text
    run: Callable[[Any], Iterable[Hit]]
    standard: Text = ""

    @property
    def severity_label(self) -> Text:
        return SEVERITIES[self.severity]


@dataclass(frozen=True)
class Finding:
    """A check that failed for one entity."""

    check: Check
    obj: Any
    text: str
    url: str

    @property
    def severity(self) -> str:
        return self.check.severity


CHECKS: dict[str, Check] = {}


def register_check(check: Check) -> Check:
    if check.severity not in SEVERITIES:
        raise ValueError(f"{check.code}: unknown severity {check.severity!r}")
    known = CHECKS.get(check.code)
    if known is not None and (known.entity, str(known.title)) != (check.entity, str(check.title)):
        raise ValueError(f"two checks are called {check.code}")
    CHECKS[check.code] = check
    return check


def check(
    code: str, severity: str, entity: str, *, title: Text, explanation: Text, standard: Text = ""
) -> Callable[[Callable[[Any], Iterable[Hit]]], Callable[[Any], Iterable[Hit]]]:
    """Register a function as a check."""

    def add(function: Callable[[Any], Iterable[Hit]]) -> Callable[[Any], Iterable[Hit]]:
        register_check(Check(code, severity, entity, title, explanation, function, standard))
        return function

    return add


def checks_for(user: User) -> list[Check]:
    """The checks on kinds of entities that this user may see, in the order of their codes."""
    return [row for code, row in sorted(CHECKS.items()) if row.entity in ENTITIES and can(user, "view", row.entity)]


def findings(
    user: User, *, checks: Sequence[Check] | None = None, numbers: Sequence[int] | None = None, entity: str = ""
) -> list[Finding]:
    """What fails among the entities that the user may see; worst first. ``numbers`` narrows to some entities of a kind."""
    found = []
    rows: dict[str, models.QuerySet[Any]] = {}  # checks of one kind share their rows, and what they read about them
    for row in checks if checks is not None else checks_for(user):
        if (entity and row.entity != entity) or not can(user, "view", row.entity):
            continue
        if row.entity not in rows:
            rows[row.entity] = _rows(user, row.entity, numbers)
        found += [_finding(row, hit) for hit in row.run(rows[row.entity])]
    return sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.check.code, str(finding.obj)))


def _rows(user: User, label: str, numbers: Sequence[int] | None) -> models.QuerySet[Any]:
    kind = ENTITIES[label]
    rows = visible_rows(user, kind.model._default_manager.all())
    if any(column.name == "archived_at" for column in kind.model._meta.get_fields()):
        rows = rows.filter(archived_at__isnull=True)
    if numbers is not None:
        rows = rows.filter(pk__in=list(numbers))
    return rows.select_related(*kind.related) if kind.related else rows


def _finding(row: Check, hit: Hit) -> Finding:
    from django.urls import NoReverseMatch

    try:
        url = hit.url or url_of(hit.obj)
    except NoReverseMatch:
        url = ""
    return Finding(row, hit.obj, str(hit.text), url)


def findings_for(obj: models.Model, user: User) -> list[Finding]:
    """What fails for one entity (the panel on its page)."""
    return findings(user, numbers=[obj.pk], entity=str(obj._meta.label_lower))


def counts(found: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity."""
    number = Counter(finding.severity for finding in found)
    return {code: number[code] for code in SEVERITIES}
