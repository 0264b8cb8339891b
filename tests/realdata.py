"""Where the real data for tests is. It is never part of the project; without it tests skip and say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def real_data(*parts: str) -> Path:
    """The path under the data folder (``STELLWERK_TEST_DATA``, else ``../shared/data`` beside the checkout), or skip."""
    folder = Path(os.environ.get("STELLWERK_TEST_DATA") or DEFAULT).joinpath(*parts)
    if not folder.exists():
        pytest.skip(f"REAL DATA MISSING: {folder} (set STELLWERK_TEST_DATA to the folder that holds it)")
    return folder
