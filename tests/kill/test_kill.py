"""A process that dies in the middle of an import or of publishing loses nothing and doubles nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.journeys.serving import ROOT, at

POINTS = 50  # each
SEED = 20261123


@pytest.mark.slow
@pytest.mark.parametrize("work", ["import", "publish"])
def test_nothing_is_lost_or_doubled_when_the_process_is_killed(work, tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "stellwerk.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.killing", work, str(POINTS), str(SEED)],
        cwd=ROOT, env=at(tmp_path).environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert not result["faults"], "\n".join(result["faults"])
    assert result["ends"]["killed"] >= POINTS // 2
    assert result["ends"].get("nothing written", 0) > 0
