"""The cyclic garbage collector where it would walk the same objects again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

RARELY = (50_000, 20, 20)
"""When it looks again, for processes that make much and leave little garbage: by Python's own numbers it took a fifth of the time of
loading the demo company and a tenth of the board's."""


@contextmanager
def uncollected() -> Iterator[None]:
    """While modules are loaded or long lists of small values are made: nothing of it is garbage yet. What is frozen stays frozen."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def load(*modules: str) -> None:
    """Set up Django, then import these modules; what is loaded stays until the process ends and is never walked again."""
    import django

    with uncollected():  # a quarter of the loading time
        django.setup()
        for name in modules:
            import_module(name)
        gc.freeze()
        gc.set_threshold(*RARELY)
