"""How much a test with random examples tries: a little in every run, all of it with ``STELLWERK_THOROUGH=1`` (decision 10).

Knows nothing of Django: the engine's tests use it too.
"""

from __future__ import annotations

import os

THOROUGH = os.environ.get("STELLWERK_THOROUGH") == "1"
BOUNDARIES = os.environ.get("STELLWERK_BOUNDARIES") == "1"
"""Every boundary of every parameter of the API, too: as much computing as all the rest."""


def tries(thorough: int, usual: int) -> int:
    """How many examples this run draws. Examples are drawn anew each time: what one run leaves out, another one tries."""
    return thorough if THOROUGH else usual
