"""Of two people who do the same at the same moment, one succeeds and the other is told; on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from stellwerk.core.tests.installation import Installation, database, server_url
from tests.concurrency.racing import RACES
from tests.journeys.serving import ENVIRONMENT, ROOT


@pytest.fixture(scope="module")
def raced(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    home = tmp_path_factory.mktemp("races")
    with database(home, server_url(), migrated) as url:
        done = subprocess.run(
            [sys.executable, "-m", "tests.concurrency.racing"],
            cwd=ROOT, env=Installation(home, url, dict(ENVIRONMENT)).environment, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("name", RACES)
def test_two_at_once_leave_one_result(name, raced):
    assert not raced[name]["faults"], raced[name]
