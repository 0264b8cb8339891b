"""Every page of Stellwerk by its route: which object of a database its address needs.

Used by the permission table, the page check in the browser and the query counts. A route with a parameter that no rule
here knows fails a test, so that no page is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Rule:
    """Routes like ``pattern`` are addressed by these attributes of a sample of ``kind``; ``=text`` is a constant."""

    pattern: str
    kind: str
    arguments: tuple[str, ...]


RULES = (
    Rule("people:organisation-*", "organisation", ("key",)),
    Rule("people:location-create", "organisation", ("key",)),
    Rule("people:location-edit", "location", ("pk",)),
    Rule("people:unit-*", "unit", ("key",)),
    Rule("people:role-*", "role", ("key",)),
    Rule("people:rolerate-create", "role", ("key",)),
    Rule("people:rolerate-*", "rate of a role", ("pk",)),
    Rule("people:skill-*", "skill", ("key",)),
    Rule("people:personskill-create", "person", ("key",)),
    Rule("people:personskill-*", "skill of a person", ("pk",)),
    Rule("people:absence-create", "person", ("key",)),
    Rule("people:absence-*", "absence", ("pk",)),
    Rule("people:pattern-create", "person", ("key",)),
    Rule("people:pattern-*", "working pattern", ("pk",)),
    Rule("people:personrate-create", "person", ("key",)),
    Rule("people:personrate-*", "rate of a person", ("pk",)),
    Rule("people:person-*", "person", ("key",)),
    Rule("people:user-*", "user", ("pk",)),
    Rule("people:grant-create", "user", ("pk",)),
    Rule("people:grant-*", "grant", ("pk",)),
    Rule("portfolio:import-*", "import", ("uid",)),
    Rule("portfolio:board", "portfolio", ("key",)),
    Rule("portfolio:portfolio-*", "portfolio", ("key",)),
    Rule("portfolio:programme-*", "programme", ("key",)),
    Rule("portfolio:figure", "project", ("key", "=eac")),
    Rule("portfolio:project-*", "project", ("key",)),
    Rule("portfolio:proposal-*", "proposal", ("key",)),
    Rule("portfolio:scoringmodel-*", "scoring model", ("key",)),
    Rule("planning:activity-*", "activity", ("pk",)),
    Rule("resources:levelling-*", "levelling run", ("pk",)),
    Rule("resources:timesheet-week", "nothing", ("=2026-11-16",)),
    Rule("resources:timesheet-*", "time sheet", ("pk",)),
    Rule("resources:assignment-create", "person", ("key",)),
    Rule("resources:assignment-*", "earlier assignment", ("pk",)),
    Rule("resources:utilisation-person", "person", ("key",)),
    Rule("resources:agreement*", "hours agreement", ("pk",)),
    Rule("planning:baseline-detail", "baseline", ("pk",)),
    Rule("planning:baseline-propose", "project", ("key",)),
    Rule("planning:baselines", "project", ("key",)),
    Rule("planning:calendar-*", "calendar", ("key",)),
    Rule("planning:milestone-trend", "project", ("key",)),
    Rule("planning:portfolio-trend", "portfolio", ("key",)),
    Rule("planning:feed-revoke", "feed", ("pk",)),
    Rule("planning:feed", "nothing", ("=sw_unknown",)),
    Rule("planning:import", "project", ("key",)),
    Rule("planning:import-*", "schedule import", ("uid",)),
    Rule("planning:plan", "project", ("key",)),
    Rule("planning:programme", "programme", ("key",)),
    Rule("planning:plan-*", "project", ("key",)),
    Rule("reporting:report-start", "project", ("key",)),
    Rule("reporting:report-figure", "report", ("key", "=eac")),
    Rule("reporting:report-*", "report", ("key",)),
    Rule("reporting:cycle-*", "cycle", ("key",)),
    Rule("reporting:deck-portfolio", "portfolio", ("key",)),
    Rule("reporting:deck-file", "job", ("uid",)),
    Rule("reporting:template-switch", "template", ("pk",)),
    Rule("resources:capacity-vacancy", "demand", ("key",)),
    Rule("resources:demand-*", "demand", ("key",)),
    Rule("resources:project-demands", "project", ("key",)),
    Rule("resources:plan-demands", "project", ("key",)),
    Rule("resources:allocation-*", "booking", ("key",)),
    Rule("board:ad-edition", "ad", ("number", "edition")),
    Rule("board:ad", "ad", ("number",)),
    Rule("board:search", "nothing", ("=unknown",)),
    Rule("staffing:join-confirm", "nothing", ("=unknown",)),
    Rule("staffing:consent", "nothing", ("=unknown",)),
    Rule("staffing:profile-review", "profile", ("key", "=00000000-0000-4000-8000-000000000000")),
    Rule("staffing:profile-*", "profile", ("key",)),
    Rule("staffing:company-confirm", "nothing", ("=unknown",)),
    Rule("staffing:answer", "nothing", ("=unknown",)),
    Rule("staffing:match-propose", "vacancy", ("key",)),
    Rule("staffing:vacancy-*", "vacancy", ("key",)),
    Rule("staffing:match-*", "match", ("key",)),
    Rule("staffing:weights", "weights", ("pk",)),
    Rule("staffing:band-*", "pay band", ("pk",)),
    Rule("staffing:client-*", "client", ("key",)),
    Rule("staffing:partner-*", "partner", ("key",)),
    Rule("staffing:contract-paper", "contract", ("=person", "=de", "=pdf", "key")),
    Rule("staffing:contract-*", "contract", ("key",)),
    Rule("controlling:budget-create", "project", ("key",)),
    Rule("controlling:forecast-create", "project", ("key",)),
    Rule("controlling:project-budgets", "project", ("key",)),
    Rule("controlling:money-rules", "project", ("key",)),
    Rule("controlling:ev-package", "project", ("=0", "key")),
    Rule("controlling:ev-project-figure", "project", ("=cpi", "key")),
    Rule("controlling:ev-programme-figure", "programme", ("=cpi", "key")),
    Rule("controlling:ev-portfolio-figure", "portfolio", ("=cpi", "key")),
    Rule("controlling:ev-project", "project", ("key",)),
    Rule("controlling:ev-programme", "programme", ("key",)),
    Rule("controlling:ev-portfolio", "portfolio", ("key",)),
    Rule("controlling:budget-*", "budget", ("key",)),
    Rule("controlling:exception-*", "exception", ("key",)),
    Rule("controlling:benefit-*", "benefit", ("key",)),
    Rule("controlling:case-create", "proposal", ("key",)),
    Rule("controlling:case-*", "business case", ("key",)),
    Rule("controlling:objective-*", "objective", ("key",)),
    Rule("controlling:project-contributions", "project", ("key",)),
    Rule("controlling:proposal-contributions", "proposal", ("key",)),
    Rule("controlling:round-proposal", "proposal", ("key",)),
    Rule("controlling:round-*", "investment round", ("key",)),
    Rule("controlling:selection", "selection", ("pk",)),
    Rule("controlling:selection-*", "selection", ("pk",)),
    Rule("controlling:cost-type-*", "cost type", ("key",)),
    Rule("controlling:cost-centre-*", "cost centre", ("key",)),
    Rule("controlling:rate-*", "exchange rate", ("pk",)),
    Rule("controlling:limit-*", "authority limit", ("pk",)),
    Rule("controlling:month-*", "month", ("pk",)),
    Rule("controlling:actuals-*", "actuals import", ("pk",)),
    Rule("controlling:booking-*", "line of cost", ("pk",)),
    Rule("controlling:simulation-*", "simulation", ("pk",)),
    Rule("controlling:estimates", "project", ("key",)),
    Rule("core:lookup", "any", ("label",)),
    Rule("core:duplicates", "any", ("label",)),
    Rule("core:transition", "any", ("label", "pk", "step")),
    Rule("core:merge", "any", ("label", "pk", "second")),
    Rule("core:comment-*", "comment", ("pk",)),
    Rule("core:download", "attachment", ("uid",)),
    Rule("core:attachment-remove", "attachment", ("uid",)),
    Rule("core:changeset", "change set", ("uid",)),
    Rule("core:changeset-*", "change set", ("uid",)),
    Rule("core:audit-export", "nothing", ("=csv",)),
    Rule("core:*", "any", ("label", "pk")),
    Rule("jobs:*", "job", ("uid",)),
    Rule("notifications:open", "notification", ("pk",)),
    Rule("tokens:revoke", "token", ("pk",)),
    Rule("lists:view-*", "saved view", ("pk",)),
    Rule("lists:show", "nothing", ("=portfolio.project",)),
    Rule("lists:cell", "project", ("=portfolio.project", "pk", "=name")),
    Rule("auth:demo-sign-in", "nothing", ("=petra",)),
)
KINDS = {rule.kind for rule in RULES} - {"any", "nothing"}
# On these the generic pages (history, comments, files, steps …) are tried.
ENTITIES = (
    "project",
    "report",
    "portfolio",
    "programme",
    "proposal",
    "scoring model",
    "cycle",
    "person",
    "unit",
    "baseline",
    "budget",
)


@dataclass(frozen=True)
class Sample:
    """An object with the name under which tables speak of it; ``step`` is a transition where one is asked for."""

    name: str
    obj: Any
    step: str = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in self.__dataclass_fields__:
            raise AttributeError(name)  # a copy in the making has no fields yet
        if name == "label":
            return self.obj._meta.label_lower
        if name == "second":  # of its kind, whatever its number; 0 where there is none
            numbers = type(self.obj)._default_manager.order_by("pk").values_list("pk", flat=True)
            return next(iter(numbers[1:2]), 0)
        return getattr(self.obj, name)


Samples = Mapping[str, list[Sample]]


@dataclass(frozen=True)
class Target:
    """One address: its route, the sample in it (empty for pages without) and the path."""

    route: str
    sample: str
    path: str


def walk(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """(name with namespace, path pattern, route) of each route of Stellwerk's own pages (not the API's)."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif getattr(entry.callback, "__module__", "").startswith("stellwerk.") and not path.startswith("api/"):
            yield f"{space}{entry.name}", path, entry


@cache
def _paths() -> dict[str, list[str]]:
    """The path patterns of each route of Stellwerk itself: the same in every test, and asked for thousands of times."""
    paths: dict[str, list[str]] = {}
    for name, path, _ in walk(get_resolver(settings.ROOT_URLCONF)):
        paths.setdefault(name, []).append(path)
    return paths


def names() -> list[str]:
    """The names of all routes of our pages, sorted, each once."""
    return sorted(_paths())


def parameters(name: str) -> int:
    """How many values the address of a route needs (the fewest, when several addresses share a name)."""
    return min(path.count("<") for path in _paths()[name])


def rule_of(name: str) -> Rule | None:
    return next((rule for rule in RULES if fnmatch(name, rule.pattern)), None)


def targets_of(name: str, samples: Samples) -> list[Target]:
    """All addresses of a route with these samples; without parameters: one."""
    count = parameters(name)
    if count == 0:
        return [Target(name, "", reverse(name))]
    rule = rule_of(name)
    assert rule is not None, f"tests/targets.py has no rule for the route {name}"
    if rule.kind == "nothing":
        return [Target(name, "", reverse(name, args=[part[1:] for part in rule.arguments]))]
    kinds = ENTITIES if rule.kind == "any" else (rule.kind,)
    found: dict[str, Target] = {}
    for kind in kinds:
        for sample in samples.get(kind, []):
            if bool(sample.step) != ("step" in rule.arguments):
                continue
            values = [part[1:] if part.startswith("=") else getattr(sample, part) for part in rule.arguments]
            named = f"{kind} {sample.name}".strip() + (f": {sample.step}" if sample.step else "")
            path = reverse(name, args=values[:count])
            found.setdefault(path, Target(name, named, path))
    return list(found.values())


def some(model: type[models.Model], **lookup: Any) -> Any:
    """The first object that fits, else the first at all, else ``None``."""
    manager = model._default_manager
    return manager.filter(**lookup).order_by("pk").first() or manager.order_by("pk").first()
