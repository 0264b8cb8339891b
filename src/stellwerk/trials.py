"""How much a test with random examples tries: a little in every run, all of it with ``STELLWERK_THOROUGH=1`` (decision 10).

Knows nothing of Django: the engine's tests use it too.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("STELLWERK_THOROUGH") == "1"


def tries(thorough: int, usual: int) -> int:
    """How many examples this run draws. Examples are drawn anew each time: what one run leaves out, another one tries."""
    return thorough if THOROUGH else usual


def drawn(rows: Iterable[T], usual: float = 0.3) -> list[T]:
    """Of a sweep over very many rows (addresses, lists), which ones this run looks at, in their order: all, or another share each time."""
    every = list(rows)
    if THOROUGH or not every:
        return every
    chosen = random.SystemRandom().sample(range(len(every)), max(1, round(len(every) * usual)))
    return [every[number] for number in sorted(chosen)]
