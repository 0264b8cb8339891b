"""The command ``stellwerk``."""

from __future__ import annotations

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["stellwerk", *sys.argv[1:]])
    return 0
