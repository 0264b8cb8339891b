"""Which Chromium looks at the pages, and how it is started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MISSING = "Chromium is missing: apt-get install chromium-headless-shell (or chromium), or set STELLWERK_CHROMIUM"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> Path | None:
    """The one that ``STELLWERK_CHROMIUM`` names, else the shell without windows (a tenth less computing), else the whole browser."""
    named = os.environ.get("STELLWERK_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return Path(found) if found else None
