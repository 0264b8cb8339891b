"""Compiles the functions of the copy that is meant to be compiled, leaves the others as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])
COMPILED = "compiled" in __name__


def jit(function: Function) -> Function:
    if not COMPILED:
        return function
    import numba

    return cast(Function, numba.njit(cache=True, nogil=True, boundscheck=False)(function))
