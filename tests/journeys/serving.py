"""A real server with the demo company, for browsers: loaded once, copied for each process of the test run."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stellwerk.core.tests.installation import Installation, until

ROOT = Path(__file__).resolve().parents[2]
DEMO = ("--projects", "60", "--people", "200", "--seed", "7")
ENVIRONMENT = {"STELLWERK_DEMO": "1", "STELLWERK_LANGUAGE": "de", "STELLWERK_JOB_LEASE_SECONDS": "30"}


def at(home: Path) -> Installation:
    return Installation(home, f"sqlite:///{home / 'stellwerk.sqlite3'}", dict(ENVIRONMENT))


def load_demo(home: Path, migrated: Path) -> Path:
    """The demo company in ``home`` with ``pages.json``: which pages there are; once, however many processes ask.

    ``migrated``: an empty database to begin with; migrating takes as long as a third of the demo.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "pages.json").exists():
            shutil.copy(migrated, home / "stellwerk.sqlite3")
            done = at(home).command("demo", *DEMO, "--no-serve")
            assert done.returncode == 0, done.stderr + done.stdout
            (home / "pages.json").write_text(json.dumps(list_pages(home)), encoding="utf-8")
    return home


def list_pages(home: Path) -> list[dict[str, Any]]:
    """What :mod:`tests.journeys.pages` finds in this data folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.pages"],
        cwd=ROOT, env=at(home).environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def copy_of(source: Path, home: Path) -> Path:
    home.mkdir(parents=True)
    for part in ("stellwerk.sqlite3", "attachments"):
        if (source / part).is_dir():
            shutil.copytree(source / part, home / part)
        elif (source / part).exists():
            shutil.copy(source / part, home / part)
    return home


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own server
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of ``stellwerk serve`` on this data folder, stopped at the end."""
    installation = at(home)
    url = f"http://127.0.0.1:{(port := free_port())}"
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stellwerk", "serve", "--port", str(port)],
            env=installation.environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: process.poll() is not None or _answers(f"{url}/accounts/login/"), seconds=90)
            assert process.poll() is None, (home / "server.log").read_text()
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
