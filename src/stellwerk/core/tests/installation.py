"""A real installation beside the test run: its own data folder and database, used through real processes only."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

PREAMBLE = """
import json, os, sys, time, datetime as dt
from stellwerk.core.memory import load
load()
import stellwerk.core.tests.jobs.samples
def tell(value): print('\\x01' + json.dumps(value, default=str))
"""
COMMANDS = """
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from stellwerk.cli import main
ended = []
for line in lines:
    sys.argv = ["stellwerk", *line]
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = main()
    ended.append((status, out.getvalue(), err.getvalue()))
tell(ended)
"""


@dataclass
class Installation:
    home: Path
    url: str
    extra: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STELLWERK_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # a process that compiles all it imports takes twice as long to start
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings",
            "STELLWERK_HOME": str(self.home),
            "STELLWERK_SECRET_KEY": "only-for-tests",
            "STELLWERK_JOB_LEASE_SECONDS": "2",
            "STELLWERK_LANGUAGE": "en",
            "LC_ALL": "C.UTF-8",
            "DATABASE_URL": self.url,
            **self.extra,
        }

    def script(self, code: str, **values: Any) -> Any:
        """Run code in a fresh process of this installation; returns what it passes to ``tell``."""
        done = subprocess.run(
            [sys.executable, "-c", PREAMBLE + _assigned(values) + code],
            env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = [line[1:] for line in done.stdout.splitlines() if line.startswith("\x01")]
        return json.loads(told[-1]) if told else None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the installation's database directly: cheaper than a process of its own."""
        if self.url.startswith("sqlite"):
            import sqlite3

            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()
        import psycopg

        with psycopg.connect(self.url) as server:
            return server.execute(sql).fetchall()  # type: ignore[call-overload]

    def command(self, *arguments: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
        """``stellwerk <arguments>`` of this installation."""
        extra = kwargs.pop("env", {})
        return subprocess.run(
            [sys.executable, "-m", "stellwerk", *arguments],
            env={**self.environment, **extra}, capture_output=True, text=True, timeout=180, check=False, **kwargs,
        )  # fmt: skip

    def commands(self, *lines: Sequence[str], before: str = "") -> list[subprocess.CompletedProcess[str]]:
        """Several ``stellwerk <arguments>``, one after the other in one process, after the code ``before``."""
        ended = self.script(before + COMMANDS, lines=lines)
        return [subprocess.CompletedProcess(line, *end) for line, end in zip(lines, ended, strict=True)]

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            arguments, env={**self.environment, **extra}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.running.append(process)
        return process

    def worker(self, before: str = "", **values: Any) -> subprocess.Popen[str]:
        """A worker process that knows the jobs of the tests; none of them needs what a worker makes ready in the background.

        It runs the code ``before`` first: a worker that queues a job itself saves a process that would do only that.
        """
        program = "from stellwerk.core.jobs.worker import WARM_UPS, Worker\nWARM_UPS.clear()\nWorker().run()\n"
        return self.start(sys.executable, "-c", PREAMBLE + _assigned(values) + before + program)

    def stop_all(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


def _assigned(values: dict[str, Any]) -> str:
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


def until(condition: Callable[[], Any], seconds: float = 40, every: float = 0.2) -> Any:
    """Wait for a condition; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise AssertionError("this did not happen in time")


def server_url() -> str:
    """The PostgreSQL server of this test run, or an empty text when the suite runs on SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else ""


def _named(parts: SplitResult, name: str) -> str:
    """``urlunsplit`` drops the empty host of a server that listens on a socket only."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


@contextmanager
def database(home: Path, server: str, template: str = "") -> Iterator[str]:
    """A database of its own: a file in ``home``, or a new database on ``server``."""
    if not server:
        if template:
            shutil.copy(template.removeprefix("sqlite:///"), home / "stellwerk.sqlite3")
        yield f"sqlite:///{home / 'stellwerk.sqlite3'}"
        return
    import psycopg

    parts = urlsplit(server)
    name = f"stellwerk_{secrets.token_hex(6)}"
    source = urlsplit(template).path.lstrip("/")
    with psycopg.connect(_named(parts, "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{source}"' if source else ""))
        try:
            yield _named(parts, name)
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
