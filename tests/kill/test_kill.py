"""A process that dies in the middle of an import or of publishing loses nothing and doubles nothing."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stellwerk.trials import tries
from tests.journeys.serving import ROOT, at

POINTS = tries(50, 16)  # each; random moments: another run kills at others
SEED = random.randrange(10**9)


@pytest.fixture(scope="module")
def killed(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("killed")
    shutil.copy(migrated_file, home / "stellwerk.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.killing", str(POINTS), str(SEED)],
        cwd=ROOT, env=at(home).environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
@pytest.mark.parametrize("work", ["import", "publish"])
def test_nothing_is_lost_or_doubled_when_the_process_is_killed(work, killed):
    result = killed[work]
    assert not result["faults"], "\n".join([f"seed {SEED}", *result["faults"]])
    assert result["ends"]["killed"] >= POINTS // 2
    assert result["ends"].get("nothing written", 0) > 0
