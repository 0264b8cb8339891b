"""Payloads as JSON and back, exactly, by the type hints of their dataclasses."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Self, TypeVar, Union, get_args, get_origin, get_type_hints

SCHEMA_VERSION: Final = 1


class PayloadError(ValueError):
    """A stored payload that cannot be read: wrong kind, unknown schema version, missing or malformed value."""


T = TypeVar("T", bound="Document")


class Document:
    """JSON in and out, exact: ``X.from_json(x.to_json()) == x``."""

    def to_json(self) -> str:
        body = {"schema": SCHEMA_VERSION, "kind": type(self).__name__, "data": _encode(self)}
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what :meth:`to_json` wrote; raises :class:`PayloadError` with what is wrong."""
        try:
            body = json.loads(text)
        except ValueError as error:
            raise PayloadError(f"not JSON: {error}") from error
        if not isinstance(body, dict) or body.get("kind") != cls.__name__:
            raise PayloadError(f"expected a {cls.__name__}")
        if body.get("schema") != SCHEMA_VERSION:
            raise PayloadError(
                f"schema version {body.get('schema')!r} is not known (this version reads {SCHEMA_VERSION})"
            )
        result = _decode(cls, body.get("data"), cls.__name__)
        assert isinstance(result, cls)
        return result


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: _encode(content)
            for item in fields(value)
            if not _is_default(item, content := getattr(value, item.name))
        }
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [_encode(part) for part in value]
    if isinstance(value, dict):
        return {key: _encode(part) for key, part in value.items()}
    return value


def _is_default(item: Any, content: Any) -> bool:
    if item.default is not MISSING:
        return bool(content == item.default)
    return item.default_factory is not MISSING and content == item.default_factory()


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _decode(hint: Any, value: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = [part for part in get_args(hint) if part is not NoneType]
        return None if value is None else _decode(inner[0], value, path)
    if origin is Literal:
        if value not in get_args(hint):
            raise PayloadError(f"{path}: {value!r} is not one of {', '.join(map(str, get_args(hint)))}")
        return value
    if origin is tuple:
        return _decode_tuple(get_args(hint), value, path)
    if origin is dict:
        if not isinstance(value, dict):
            raise PayloadError(f"{path}: expected an object")
        return {str(key): _decode(get_args(hint)[1], part, f"{path}.{key}") for key, part in value.items()}
    if is_dataclass(hint):
        return _decode_object(hint, value, path)
    return _decode_scalar(hint, value, path)


def _decode_tuple(arguments: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise PayloadError(f"{path}: expected a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], part, f"{path}[{index}]") for index, part in enumerate(value))
    if len(arguments) != len(value):
        raise PayloadError(f"{path}: expected {len(arguments)} values")
    return tuple(_decode(hint, part, path) for hint, part in zip(arguments, value, strict=True))


def _decode_object(cls: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise PayloadError(f"{path}: expected an object")
    hints = _hints(cls)
    if unknown := value.keys() - {item.name for item in fields(cls)}:
        raise PayloadError(f"{path}: unknown field {min(unknown)!r}")
    try:
        return cls(**{name: _decode(hints[name], part, f"{path}.{name}") for name, part in value.items()})
    except TypeError as error:
        raise PayloadError(f"{path}: {error}") from error


def _decode_scalar(hint: Any, value: Any, path: str) -> Any:
    try:
        if hint is date and isinstance(value, str):
            return date.fromisoformat(value)
        if hint is Decimal and isinstance(value, str):
            return Decimal(value)
    except (ValueError, InvalidOperation) as error:
        raise PayloadError(f"{path}: {value!r} cannot be read ({error})") from error
    if hint in (str, int, bool) and type(value) is hint:
        return value
    raise PayloadError(f"{path}: expected {hint.__name__}, found {value!r}")
