"""A converter that is kept (a pytest plug-in): one Java machine for all files of a test process, and each content read once.

Starting Java takes a second and reading a file a tenth of one. What reads and answers is ``mpxj_worker.py`` as it stands;
its own way, a program for each file, is tried in ``test_converter.py`` and compared with this one in ``test_real_files.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stellwerk.planning.exchange import mpxj
from stellwerk.planning.exchange.limits import DEFAULT_LIMITS, Limits

PROGRAM = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("mpxj_worker", sys.argv[1])
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
output = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
jpype = worker.start_java(int(sys.argv[2]))
for line in sys.stdin:
    output.write(json.dumps(worker.answer_of(jpype, json.loads(line))) + "\\n")
    output.flush()
os._exit(0)
"""


class KeptConverter:
    """Answers as ``mpxj._run`` does; started when the first file comes."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.answers: dict[str, str] = {}

    def run(self, path: Path, limits: Limits) -> dict[str, Any]:
        key = path.suffix + hashlib.sha256(path.read_bytes()).hexdigest()
        if key not in self.answers:
            self.answers[key] = self._ask(path.resolve())
        answer: dict[str, Any] = json.loads(self.answers[key])
        return answer

    def _ask(self, path: Path) -> str:
        if self.process is None:
            self.process = subprocess.Popen(
                [os.environ.get(mpxj.PYTHON_VARIABLE) or sys.executable, "-I", "-c", PROGRAM, str(mpxj._WORKER), str(DEFAULT_LIMITS.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=mpxj.environment(),
            )  # fmt: skip
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(str(path)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the converter ended"
        return answer

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()


@pytest.fixture(scope="session")
def _converter() -> Iterator[KeptConverter]:
    kept = KeptConverter()
    yield kept
    kept.close()


@pytest.fixture
def kept_converter(_converter: KeptConverter, monkeypatch: pytest.MonkeyPatch) -> KeptConverter:
    """Files of other tools are read by one Java machine that all tests share."""
    monkeypatch.setattr(mpxj, "_run", _converter.run)
    return _converter
