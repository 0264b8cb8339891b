"""The OpenAPI document of some hundred operations, made in a moment and once in the life of a process.

Every operation names the same answers (one of its kind, and the problems). ninja makes a model of each answer of each
operation, and its schema again for each: seconds at every start and for every reader of the document. Here what is
alike is one model, and its schema is made once.
"""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

_MODELS: dict[Any, type[Schema] | None] = {}
_model_of = Operation._create_response_model


def _shared(operation: Operation, answer: Any) -> type[Schema] | None:
    """The model of an answer, the same for all operations that give it (never changed once it is made)."""
    key = (answer, repr(answer))  # a union equals the same union in another order
    if key not in _MODELS:
        _MODELS[key] = _model_of(operation, answer)
    return _MODELS[key]


def share_answers() -> None:
    """To be called before the first operation is declared."""
    Operation._create_response_model = _shared  # type: ignore[method-assign, assignment]


class Document(OpenAPISchema):
    """ninja's document, with the schema of each model made once."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._made: dict[Any, tuple[dict[str, Any], bool]] = {}
        super().__init__(api, path_prefix)

    def _create_schema_from_model(self, model: Any, *args: Any, **options: Any) -> tuple[dict[str, Any], bool]:
        key = (model, args, *sorted(options.items()))
        if key not in self._made:
            self._made[key] = super()._create_schema_from_model(model, *args, **options)
        return self._made[key]
