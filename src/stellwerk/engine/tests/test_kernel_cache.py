"""What was compiled before a source changed is not run any more."""

from __future__ import annotations

import os
from pathlib import Path

from stellwerk.engine.kernel_cache import forget_stale


def made(path: Path, at: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    os.utime(path, (at, at))
    return path


def test_compiled_loops_older_than_any_source_go_and_newer_ones_and_other_files_stay(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "inner"
    made(outer / "outer.py", 100)
    made(inner / "inner.py", 200)
    old = made(outer / "__pycache__" / "outer.run-1.py311.nbi", 150)
    fresh = made(outer / "__pycache__" / "outer.run-1.py311.1.nbc", 250)
    other = made(outer / "__pycache__" / "outer.cpython-311.pyc", 150)
    forget_stale(outer, inner)
    assert (old.exists(), fresh.exists(), other.exists()) == (False, True, True)


def test_where_nothing_was_compiled_nothing_happens(tmp_path: Path) -> None:
    forget_stale(tmp_path)
