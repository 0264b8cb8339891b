"""What a file told and no column holds, as JSON and back without loss: general over the values of ``exchange.document``.

Only fields that differ from their default are written. Decimals and dates become texts; types come from the annotations.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def told_of(value: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass that differ from their default, but those in ``without``, as JSON."""
    left_out = without if isinstance(without, frozenset) else frozenset(without)
    found = {}
    kind: Any = type(value)
    for one in _fields(kind):
        given = getattr(value, one.name)
        if given is not one.default and one.name not in left_out and not _is_default(one, given):
            found[one.name] = encoded(given)
    return found


def told_into(value: T, told: dict[str, Any]) -> T:
    """The dataclass with what was told put back; unknown names are left alone."""
    if not told:
        return value
    hints = hints_of(type(value))  # type: ignore[arg-type]
    return replace(value, **{name: decoded(hints[name], one) for name, one in told.items() if name in hints})  # type: ignore[type-var]


def encoded(value: Any) -> Any:
    """A value of the exchange as JSON."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (tuple, list)):
        if _PLAIN.issuperset(map(type, value)):
            return list(value)
        return [one if type(one) in _PLAIN else encoded(one) for one in value]
    if isinstance(value, (str, int)):
        return value
    if is_dataclass(value):
        return told_of(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):  # also date and time
        return value.isoformat()
    return value


_PLAIN = frozenset((str, int, bool, type(None)))
"""Types that JSON has."""


def decoded(hint: Any, value: Any) -> Any:
    """The reverse of :func:`encoded`; ``hint`` is the annotated type."""
    return None if value is None else _decoder(hint)(value)


@lru_cache(maxsize=512)
def _decoder(hint: Any) -> Callable[[Any], Any]:
    """How values of a type are read: found out once per type, a large file has millions of values."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _decoder(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            part = _decoder(arguments[0])
            return lambda value: tuple([None if one is None else part(one) for one in value])
        return lambda value: tuple(decoded(arguments[number], one) for number, one in enumerate(value))
    if not isinstance(hint, type):
        return _same
    if is_dataclass(hint):
        return _dataclass_decoder(hint)
    if issubclass(hint, tuple):
        kinds = list(hints_of(hint).values())
        if all(_decoder(one) is _same for one in kinds):
            return lambda value: hint(*value)
        return lambda value: hint(*(decoded(kinds[number], one) for number, one in enumerate(value)))
    if issubclass(hint, dt.datetime):
        return dt.datetime.fromisoformat
    if issubclass(hint, dt.date):
        return dt.date.fromisoformat
    return Decimal if issubclass(hint, Decimal) else _same


def _dataclass_decoder(kind: Any) -> Callable[[Any], Any]:
    hints = hints_of(kind)
    return lambda value: kind(**{name: decoded(hints[name], one) for name, one in value.items()})


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=64)
def _fields(kind: Any) -> tuple[Field[Any], ...]:
    return fields(kind)


@lru_cache(maxsize=64)
def hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _is_default(one: Field[Any], value: Any) -> bool:
    if one.default is not MISSING:
        return bool(value == one.default) and type(value) is type(one.default)
    if one.default_factory is not MISSING:
        return bool(value == one.default_factory())
    return False
