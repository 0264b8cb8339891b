"""Fixtures of the core's tests: real installations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stellwerk.core.tests.installation import Installation, database, server_url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database that others copy; its address."""
    home = tmp_path_factory.mktemp("template")
    with database(home, server_url()) as url:
        done = Installation(home, url).command("migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        if url.startswith("sqlite"):
            import sqlite3

            with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield url


@pytest.fixture
def installation(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A migrated, empty installation of its own; its processes are stopped at the end."""
    home = tmp_path_factory.mktemp("home")
    with database(home, server_url(), migrated) as url:
        place = Installation(home, url)
        yield place
        place.stop_all()
