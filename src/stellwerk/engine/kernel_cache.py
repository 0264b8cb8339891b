"""What numba has compiled and kept on disk, thrown away once the sources are newer.

Numba looks at the file of the outermost function alone and does not see that a function which it calls, in another file, has changed: after an
update the old loops would go on running.
"""

from __future__ import annotations

from pathlib import Path


def forget_stale(*folders: Path) -> None:
    """Before the sources in ``folders`` are compiled: deletes what was compiled there before the newest of them was written."""
    newest = max((source.stat().st_mtime_ns for folder in folders for source in folder.glob("*.py")), default=0)
    for folder in folders:
        for kept in folder.glob("__pycache__/*.nb[ic]"):
            try:
                if kept.stat().st_mtime_ns < newest:
                    kept.unlink()
            except OSError:  # another process was first, or the folder is read-only, where numba keeps nothing either
                continue
