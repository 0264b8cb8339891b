"""State machines as data: states, transitions, who may, what it needs, what it triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Invalid, NotAllowed, Refused, Text, WrongState
from stellwerk.core.models import AuditEntry, User, Versioned
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import EFFECTS, ENTITIES, GUARDS, MACHINES
from stellwerk.core.services import stale, write

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class State:
    code: str
    label: Text
    final: bool = False


@dataclass(frozen=True)
class Transition:
    """``sources`` may be ``("*",)``: any state that is not final and not the target.

    ``requires`` names fields that must be filled; ``not_by`` names transitions (or ``create``) whose actor may not do
    this one (requester ≠ approver); ``values`` computes further fields that change with the state. Not ``by_hand``: it follows from
    something else (a guard refuses everybody but Stellwerk), so nobody is offered it.
    """

    code: str
    label: Text
    sources: tuple[str, ...]
    target: str
    verb: str = "edit"
    needs_reason: bool = False
    requires: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    values: Callable[[Any, User | None], Mapping[str, Any]] | None = None
    primary: bool = False
    confirm: Text = ""
    by_hand: bool = True


@dataclass(frozen=True)
class Machine:
    """One table per entity; drawn in the docs, enforced here, shown as buttons."""

    entity: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    field: str = "state"

    @property
    def initial(self) -> str:
        return self.states[0].code

    def state(self, code: str) -> State:
        return next(state for state in self.states if state.code == code)

    def transition(self, code: str) -> Transition:
        for transition_ in self.transitions:
            if transition_.code == code:
                return transition_
        raise WrongState(_("There is no step “%(step)s” here.") % {"step": code})

    def from_state(self, code: str) -> list[Transition]:
        final = self.state(code).final
        return [
            t for t in self.transitions if code in t.sources or ("*" in t.sources and not final and t.target != code)
        ]

    def choices(self) -> list[tuple[str, Text]]:
        return [(state.code, state.label) for state in self.states]


def register_machine(machine: Machine) -> Machine:
    codes = {state.code for state in machine.states}
    for transition_ in machine.transitions:
        unknown = ({transition_.target} | set(transition_.sources)) - codes - {"*"}
        if unknown:
            raise ValueError(f"{machine.entity}.{transition_.code} names unknown states {sorted(unknown)}")
    MACHINES[machine.entity] = machine
    return machine


def label_of(obj: models.Model) -> str:
    """The state of an object in the reader's language."""
    machine = MACHINES[str(obj._meta.label_lower)]
    return str(machine.state(getattr(obj, machine.field)).label)


@dataclass(frozen=True)
class Offer:
    """A transition as it is offered to a user: possible now, or forbidden with reasons."""

    transition: Transition
    reasons: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return not self.reasons


def _is_archived(obj: models.Model) -> bool:
    """Archived itself, or a part of something archived."""
    kind = ENTITIES.get(str(obj._meta.label_lower))
    if kind is not None and kind.part_of:
        return _is_archived(getattr(obj, kind.part_of))
    return getattr(obj, "archived_at", None) is not None


def _actors(obj: models.Model, verbs: tuple[str, ...]) -> set[int]:
    """Who did these transitions since the last time this object was in its first state (or was created)."""
    entries = AuditEntry.objects.filter(
        entity_type=obj._meta.label_lower, entity_id=obj.pk, verb__in=verbs, actor__isnull=False
    ).order_by("-pk")
    latest: dict[str, int] = {}
    for entry in entries[:50]:
        if entry.actor_id is not None:
            latest.setdefault(entry.verb, entry.actor_id)
    return set(latest.values())


def _not_by_text() -> str:
    return _("Whoever asked for it may not decide it: another person must do this.")


def obstacles(obj: models.Model, transition_: Transition, by: User | None) -> list[str]:
    """Everything that forbids this transition now, in the reader's language."""
    reasons: list[str] = []
    missing = [
        str(obj._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name in transition_.requires
        if getattr(obj, name) in (None, "", [])
    ]
    if missing:
        reasons.append(_("Still missing: %(fields)s.") % {"fields": ", ".join(missing)})
    if transition_.not_by and by is not None:
        actors = _actors(obj, transition_.not_by)
        # Nor does their deputy, who would decide in their place.
        if by.pk in actors or not can(by, transition_.verb, obj, without=actors):
            reasons.append(_not_by_text())
    label = str(obj._meta.label_lower)
    for guard in (*GUARDS.get((label, transition_.code), ()), *GUARDS.get((label, "*"), ())):
        reasons.extend(str(reason) for reason in guard(obj, by))
    return reasons


def offers(obj: models.Model, by: User) -> list[Offer]:
    """The transitions from here that this user's roles allow; impossible ones carry their reasons."""
    machine = MACHINES[str(obj._meta.label_lower)]
    return [
        Offer(t, tuple(obstacles(obj, t, by)))
        for t in machine.from_state(getattr(obj, machine.field))
        if t.by_hand and can(by, t.verb, obj)
    ]


def advance(obj: M, step: str, *, by: User | None, version: int | None = None, reason: str = "", **values: Any) -> M:
    """Do a transition: permission, state, required fields, separation of duties, guards; then effects and audit.

    Errors: ``NotAllowed``, ``WrongState``, ``Invalid`` (a missing reason), ``StaleEdit``. All or nothing.
    """
    label = str(obj._meta.label_lower)
    machine = MACHINES[label]
    with transaction.atomic():
        # The row is locked first: of two who do the same step at once, the second sees the new state and is refused.
        obj = type(obj)._default_manager.select_for_update().get(pk=obj.pk)
        if version is not None and isinstance(obj, Versioned) and obj.version != version:
            raise stale(obj, {machine.field: machine.transition(step).target})
        transition_ = machine.transition(step)
        current = getattr(obj, machine.field)
        if transition_ not in machine.from_state(current):
            raise WrongState(
                gettext_lazy("“%(step)s” is not possible in the state “%(state)s”.")
                % {"step": transition_.label, "state": machine.state(current).label}
            )
        require(by, transition_.verb, obj)
        if _is_archived(obj):
            raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
        if transition_.needs_reason and not reason.strip():
            raise Invalid({"reason": [_("Please give a reason.")]})
        reasons = obstacles(obj, transition_, by)
        if reasons:
            kind = NotAllowed if reasons == [_not_by_text()] else WrongState
            raise kind(" ".join(reasons))
        changes = dict(transition_.values(obj, by)) if transition_.values else {}
        changes |= values | {machine.field: transition_.target}
        saved = write(obj, changes, by=by, version=version, verb=step, reason=reason)
        for effect in (*EFFECTS.get((label, step), ()), *EFFECTS.get((label, "*"), ())):
            effect(saved, by, current)
    return saved
