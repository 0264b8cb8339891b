"""Real installations (a pytest plug-in): one database is migrated for all of them, whatever process of the run asks first."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from stellwerk.core.tests.installation import Installation, database, server_url


def _migrate(home: Path, url: str) -> None:
    done = Installation(home, url).command("migrate", "--verbosity", "0", "--skip-checks")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty embedded database: copy it, never write to it."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "migrated"
    home.mkdir(exist_ok=True)
    file = home / "stellwerk.sqlite3"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "ready").exists():
            _migrate(home, f"sqlite:///{file}")
            connection = sqlite3.connect(file)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            (home / "ready").touch()
    return file


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated, empty database that others copy: a file, or on the server of this test run."""
    if not (server := server_url()):
        yield f"sqlite:///{request.getfixturevalue('migrated_file')}"
        return
    home = tmp_path_factory.mktemp("template")
    with database(home, server) as url:
        _migrate(home, url)
        yield url


@pytest.fixture
def installation(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A migrated, empty installation of its own; its processes are stopped at the end."""
    home = tmp_path_factory.mktemp("home")
    with database(home, server_url(), migrated) as url:
        place = Installation(home, url)
        yield place
        place.stop_all()
