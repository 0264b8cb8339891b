"""What a tool knows of a schedule and the model only carries along: codes, fields and tables of its own, as told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Kept(NamedTuple):
    """Something a format says and the model does not know: its name there, its value as told; ``markup``: it is XML."""

    name: str
    value: str
    markup: bool = False


class Value(NamedTuple):
    """The value of a custom field (MS Project extended attribute, P6 UDF), as told."""

    field: str
    value: str
    kept: tuple[Kept, ...] = ()


class Code(NamedTuple):
    """An activity code: the uid of its type and of its value."""

    type: int
    value: int


@dataclass(frozen=True, slots=True)
class CodeValue:
    """One value of an activity code."""

    uid: int
    name: str
    description: str = ""
    parent: int | None = None
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeType:
    """A dictionary of activity codes."""

    uid: int
    name: str
    values: tuple[CodeValue, ...] = ()
    scope: str = ""
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A custom field: ``id`` as values name it, ``name`` in the tool, ``alias`` as people see it."""

    id: str
    name: str = ""
    alias: str = ""
    entity: str = ""
    kind: str = ""
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table of an XER file that the model does not know, or its columns where rows are modelled."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
