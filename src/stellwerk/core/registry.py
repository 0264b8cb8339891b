"""What higher rooms tell lower ones: entities, figures, guards and effects, panels and actions.

Nobody imports upwards: an app registers here when Django starts (``load`` from its ``AppConfig.ready``), and the
lower rooms read what is registered. Nothing here touches the database.
"""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models

from stellwerk.core.errors import Text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from stellwerk.core.models import User
    from stellwerk.core.states import Machine

MODULES = (
    "entities",
    "naming",
    "erasing",
    "states",
    "permissions",
    "guards",
    "figures",
    "checks",
    "panels",
    "jobs",
    "notices",
    "lists",
    "navigation",
)


def load(app: str) -> None:
    """Import the registering modules of ``app`` (``stellwerk.people``) that exist."""
    for module in MODULES:
        name = f"{app}.{module}"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


# ── entities ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class EntityType:
    """How the core treats one kind of entity in audit, permissions, search, comments and the API.

    ``scopes`` maps a scope (``organisation``, ``portfolio`` …) to the lookup path that leads to its number, for
    example ``{"portfolio": "portfolio_id"}``; ``own`` maps a role to lookup paths that lead to the user's number.
    A path that crosses a to-many relation is marked with a leading ``*``. A ``catalogue`` (project roles) belongs to no
    scope: whoever has a row for it in any scope reaches all of it. A part (a gate) names the field that leads to what it
    is a part of (``part_of="project"``): the rows of the project count for its gates. What has rows of its own and stands
    in something confidential (an activity) names the path to that ``confidentiality``. ``seen_with`` names fields that may
    lead to something else (the calendar of a person): such a row is reached only by who also sees what they lead to.
    ``private`` names fields whose values the audit trail does not keep: who reads it may not read them (why somebody is away).
    ``guarded`` names fields that not everybody sees who sees the entity, with the verb that it takes (``{"cost": "costs"}``): whoever
    reads the history, a change set or what is stored about a person without it sees that they changed, not from what to what.
    ``talk``: the verb that it takes to read comments and files (a client sees its vacancy, not what we say about it).
    ``minutes`` names whole numbers that are working minutes (durations, lags): told as hours.
    """

    model: type[models.Model]
    icon: str = "file"
    url_name: str = ""
    url_by: str = "key"
    scopes: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Sequence[str]] = field(default_factory=dict)
    search: Sequence[str] = ()
    related: Sequence[str] = ()
    comments: bool = True
    attachments: bool = True
    talk: str = "view"
    catalogue: bool = False
    part_of: str = ""
    confidentiality: str = ""
    seen_with: Sequence[str] = ()
    private: Sequence[str] = ()
    guarded: Mapping[str, str] = field(default_factory=dict)
    minutes: Sequence[str] = ()

    @property
    def label(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def whole(self) -> type[models.Model] | None:
        """What this is a part of, if it is one."""
        if not self.part_of:
            return None
        related = self.model._meta.get_field(self.part_of).related_model
        return related if isinstance(related, type) else None

    @property
    def name(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)


ENTITIES: dict[str, EntityType] = {}


def register_entity(entity: EntityType) -> EntityType:
    ENTITIES[entity.label] = entity
    return entity


def entity_type(subject: models.Model | type[models.Model] | str) -> EntityType:
    """The registered type of an object, a model or a label; ``KeyError`` names what is missing."""
    label = subject if isinstance(subject, str) else str(subject._meta.label_lower)
    try:
        return ENTITIES[label]
    except KeyError:
        raise KeyError(f"{label} is not registered: call register_entity in the app's entities.py") from None


def url_of(obj: models.Model) -> str:
    """The address of an entity's page, or an empty text where it has none."""
    from django.urls import reverse

    kind = ENTITIES.get(str(obj._meta.label_lower))
    if kind is None:
        return ""
    if not kind.url_name:
        return url_of(getattr(obj, kind.part_of)) if kind.part_of else ""
    return reverse(kind.url_name, args=[getattr(obj, kind.url_by)])


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FigureKind:
    """One code in the table of figures: what it measures, in which unit, whether more is better."""

    code: str
    label: Text
    kind: str  # light · money · number · percent (a ratio) · date · days · count · text
    short: Text = ""
    better: int = 0  # +1 higher is better, −1 lower is better, 0 neither
    decimals: int = 2
    order: int = 100


FIGURES: dict[str, FigureKind] = {}


def register_figure(figure: FigureKind) -> FigureKind:
    FIGURES[figure.code] = figure
    return figure


# ── guards and effects on transitions ────────────────────────────────────────────────────────────

# A guard returns reasons that forbid the transition (empty: allowed); an effect runs in the same transaction.
Guard = Callable[[models.Model, "User | None"], Iterable[Text]]
Effect = Callable[[models.Model, "User | None", str], None]
GUARDS: dict[tuple[str, str], list[Guard]] = {}
EFFECTS: dict[tuple[str, str], list[Effect]] = {}
# Acts that are no transition of a machine and yet ask their guards; the room that does them names them.
ACTS: set[tuple[str, str]] = set()


def guard(label: str, transition: str) -> Callable[[Guard], Guard]:
    """Register a guard on ``("portfolio.project", "start_execution")``."""

    def add(function: Guard) -> Guard:
        GUARDS.setdefault((label, transition), []).append(function)
        return function

    return add


def effect(label: str, transition: str) -> Callable[[Effect], Effect]:
    """Register an effect that runs after the state changed, inside the transaction."""

    def add(function: Effect) -> Effect:
        EFFECTS.setdefault((label, transition), []).append(function)
        return function

    return add


# What forbids archiving an entity (active children, for example): label → functions that return reasons.
ARCHIVE_GUARDS: dict[str, list[Callable[[Any], Iterable[Text]]]] = {}


def archive_guard(label: str) -> Callable[[Callable[[Any], Iterable[Text]]], Callable[[Any], Iterable[Text]]]:
    """Register a reason not to archive entities of ``label``; asked by ``core.services.archive``."""

    def add(function: Callable[[Any], Iterable[Text]]) -> Callable[[Any], Iterable[Text]]:
        ARCHIVE_GUARDS.setdefault(label, []).append(function)
        return function

    return add


MACHINES: dict[str, Machine] = {}


def machine_of(subject: models.Model | type[models.Model] | str) -> Machine | None:
    label = subject if isinstance(subject, str) else str(subject._meta.label_lower)
    return MACHINES.get(label)


# ── panels and actions on other apps' pages ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Panel:
    """A block that a higher app shows on an entity's page: template and a function that makes its context."""

    entity: str
    code: str
    title: Text
    template: str
    context: Callable[[HttpRequest, models.Model], Mapping[str, Any] | None]
    order: int = 100
    width: int = 1


@dataclass(frozen=True)
class Action:
    """A button that a higher app offers on an entity's page; ``url`` returns None where it does not apply."""

    entity: str
    code: str
    label: Text
    url: Callable[[HttpRequest, models.Model], str | None]
    icon: str = ""
    order: int = 100
    primary: bool = False


PANELS: dict[str, list[Panel]] = {}
ACTIONS: dict[str, list[Action]] = {}


def register_panel(panel: Panel) -> Panel:
    rows = PANELS.setdefault(panel.entity, [])
    rows[:] = sorted([row for row in rows if row.code != panel.code] + [panel], key=lambda row: row.order)
    return panel


def register_action(action: Action) -> Action:
    rows = ACTIONS.setdefault(action.entity, [])
    rows[:] = sorted([row for row in rows if row.code != action.code] + [action], key=lambda row: row.order)
    return action


def panels_for(request: HttpRequest, obj: models.Model) -> list[dict[str, Any]]:
    """The panels that have something to show on this page, in order."""
    shown = []
    for panel in PANELS.get(str(obj._meta.label_lower), []):
        context = panel.context(request, obj)
        if context is not None:
            shown.append({"panel": panel, "context": context})
    return shown


def actions_for(request: HttpRequest, obj: models.Model) -> list[dict[str, Any]]:
    shown = []
    for action in ACTIONS.get(str(obj._meta.label_lower), []):
        url = action.url(request, obj)
        if url:
            shown.append({"action": action, "url": url})
    return shown


# ── what waits for a user (My day) ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Duty:
    """One thing that waits for a user: what, why, until when, and the one click that settles it."""

    title: str
    text: str
    url: str
    icon: str = "clipboard"
    due: dt.date | None = None
    kind: str = "task"  # one of DUTY_KINDS
    button: str = ""
    about: str = ""  # the project or proposal that it concerns, where the title does not name it
    portfolio: int | None = None  # number of the portfolio that it belongs to: its board shows it too

    @property
    def line(self) -> str:
        """Subject and task in one line."""
        return f"{self.about}: {self.title}" if self.about else self.title


DUTY_KINDS = ("approval", "report", "task", "mention")
DutySource = Callable[["User"], Iterable[Duty]]
DUTIES: list[tuple[str, DutySource]] = []
OFF_BOARDS: set[DutySource] = set()  # sources whose duties belong to no portfolio


def register_duties(kind: str, *, boards: bool = True) -> Callable[[DutySource], DutySource]:
    """Register a source of duties of one kind, so that a page that needs one kind reads no more.

    ``boards`` off: its duties belong to no portfolio, so that no board need ask for them.
    """
    if kind not in DUTY_KINDS:
        raise ValueError(f"{kind} is none of {DUTY_KINDS}")

    def add(function: DutySource) -> DutySource:
        DUTIES.append((kind, function))
        if not boards:
            OFF_BOARDS.add(function)
        return function

    return add


def duties_of(user: User, kind: str = "", *, boards: bool = False) -> list[Duty]:
    """What waits for the user, first what is due first; of one ``kind`` or of all; only what ``boards`` show, or all."""
    sources = [source for of, source in DUTIES if kind in {"", of} and not (boards and source in OFF_BOARDS)]
    found = [duty for source in sources for duty in source(user)]
    return sorted(found, key=lambda duty: (duty.due is None, duty.due or dt.date.max, duty.line))
