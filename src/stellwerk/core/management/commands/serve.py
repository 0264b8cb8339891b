"""``stellwerk serve``: bring the database up to date, serve the pages, and run background jobs beside them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.management.commands.setup import announce

LOCK = 0x57E11  # the advisory lock under which one of several servers migrates


class Command(StellwerkCommand):
    help = "Serve the pages (and run background jobs, on the embedded database)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: all)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=1, help="number of web processes")
        parser.add_argument("--threads", type=int, default=4, help="threads per web process")
        parser.add_argument("--worker", action="store_true", default=None, help="run background jobs here, too")
        parser.add_argument("--no-worker", action="store_false", dest="worker", help="run no background jobs here")
        parser.add_argument("--no-migrate", action="store_false", dest="migrate", help="leave the database as it is")

    def handle(self, *args: Any, **options: Any) -> Any:
        host, port = options["host"], options["port"]
        _check_port(host, port)
        os.environ.setdefault("STELLWERK_URL", f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")  # noqa: S104
        if options["migrate"]:
            bring_up_to_date(self)
        announce(self, os.environ["STELLWERK_URL"])
        embedded = connection.vendor == "sqlite"
        connections.close_all()
        worker = Supervisor() if (embedded if options["worker"] is None else options["worker"]) else None
        if worker:
            worker.start()
        try:
            self._serve(host, port, options["processes"], options["threads"])
        finally:
            if worker:
                worker.stop()
        return 0

    def _serve(self, host: str, port: int, processes: int, threads: int) -> None:
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        server = Granian(
            "stellwerk.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes,
            blocking_threads=threads,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            process_name=None,
        )
        server.on_startup(
            lambda: self.say(
                _("Stellwerk is open at %(url)s (stop with Ctrl+C)") % {"url": os.environ["STELLWERK_URL"]}
            )
        )
        server.serve()


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                _("Port %(port)s on %(host)s cannot be used: %(reason)s. Choose another one with --port.")
                % {"port": port, "host": host, "reason": error.strerror}
            ) from error


def bring_up_to_date(command: StellwerkCommand) -> None:
    """Migrate if needed; of several servers that start together, one does."""
    postgres = connection.vendor == "postgresql"
    if postgres:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            command.say(_("Preparing the database …"))
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        if postgres:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


class Supervisor(threading.Thread):
    """Keeps one worker process running beside the server; a worker that dies is started again, slower each time."""

    def __init__(self) -> None:
        super().__init__(name="worker-supervisor", daemon=True)
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        wait = 1.0
        while not self._over.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stellwerk", "worker"],
                env=os.environ | {"STELLWERK_SUPERVISED": "1"},
                start_new_session=True,
            )
            try:
                self._process.wait(timeout=60)
                wait = min(wait * 2, 30.0)
            except subprocess.TimeoutExpired:
                wait = 1.0
                self._process.wait()
            self._over.wait(wait)

    def stop(self) -> None:
        """Let the running job reach its next checkpoint, at most ten seconds; a lease brings back what is cut off."""
        self._over.set()
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
