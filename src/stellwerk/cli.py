"""The command ``stellwerk``."""

from __future__ import annotations

import sys


def main() -> int:
    from stellwerk.core.commandline import run

    return run(sys.argv[1:])
