"""What open demand asks of skills. Rooms above register it; here the skill matrix compares it with the people of a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from stellwerk.core.models import User


@dataclass(frozen=True)
class Need:
    """So many open demands ask for a skill at least on this level, with so many minutes in all; ``url`` leads to them."""

    skill: int
    level: int
    demands: int
    minutes: int
    url: str = ""


Source = Callable[[User, Sequence[int]], Iterable[Need]]
_SOURCES: list[Source] = []


def register_needs(source: Source) -> Source:
    """``source(user, units)``: needs of demands that ask these units, as far as the user may see them."""
    if source not in _SOURCES:
        _SOURCES.append(source)
    return source


def needs_of(user: User, units: Sequence[int]) -> list[Need]:
    return [need for source in _SOURCES for need in source(user, units)]
