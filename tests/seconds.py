"""Where the suite's computing time goes: ``STELLWERK_SECONDS=FOLDER python -m pytest -p tests.seconds …``, then ``python -m tests.seconds FOLDER``.

Counts user and system seconds of the test process and of the processes that it waited for: wall time says nothing on a busy machine.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("STELLWERK_SECONDS", "seconds"))


def spent() -> float:
    return sum(os.times()[:4])


def _note(*row: Any) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _measured(phase: str, name: str) -> Generator[None, Any, Any]:
    before = spent()
    try:
        return (yield)
    finally:
        _note(phase, name, round(spent() - before, 3))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    return (yield from _measured("collection", "collection"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _measured("setup", item.nodeid))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _measured("call", item.nodeid))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _measured("teardown", item.nodeid))


def main(folder: Path, most: int = 40) -> None:
    """The phases, the files and the tests that take the most seconds."""
    phases, files, tests = Counter[str](), Counter[str](), Counter[str]()
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            phase, name, seconds = json.loads(line)
            phases[phase] += seconds
            files[name.split("::")[0]] += seconds
            tests[name] += seconds
    for title, found in (("phases", phases), ("files", files), ("tests", tests)):
        print(f"\n{title}: {sum(found.values()):.0f} s")
        for name, seconds in found.most_common(most):
            print(f"{seconds:8.1f}  {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
