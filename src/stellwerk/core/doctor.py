"""Is this installation healthy? Each check says what, why it matters and what to do."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

OK, HINT, PROBLEM = "ok", "hint", "problem"
LOW_DISK = 1_000_000_000
WORKER_SILENT = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``why`` and ``todo`` are empty where all is well."""

    level: str
    what: str
    why: str = ""
    todo: str = ""


Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """All findings; what cannot be looked at is a finding, too."""
    findings: list[Finding] = []
    reachable = False
    for check in (
        check_python,
        check_data_folder,
        check_secret_key,
        check_time_zone,
        check_front_end,
        check_translations,
    ):
        findings += _safely(check)
    database = _safely(check_database)
    findings += database
    reachable = all(finding.level != PROBLEM for finding in database)
    if reachable:
        for check in (check_worker, check_jobs, check_mail_queue, check_accounts):
            findings += _safely(check)
    for check in (check_mail_server, check_oidc, check_solver, check_address):
        findings += _safely(check)
    return findings


def _safely(check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        text = _("The check “%(name)s” could not be made") % {"name": name}
        return [Finding(PROBLEM, text, f"{type(error).__name__}: {error}", _("Tell us about it with this text."))]


def check_python() -> Iterator[Finding]:
    yield Finding(OK, f"Python {'.'.join(str(part) for part in sys.version_info[:3])}")


def check_data_folder() -> Iterator[Finding]:
    home: Path = settings.HOME
    name = _("Data folder %(name)s") % {"name": home}
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        yield Finding(
            PROBLEM, name, _("It cannot be written: %(reason)s") % {"reason": error.strerror},
            _("Create it and make it belong to the user that runs Stellwerk, or set STELLWERK_HOME."),
        )  # fmt: skip
        return
    free = shutil.disk_usage(home).free
    if free < LOW_DISK:
        yield Finding(
            PROBLEM, name, _("Only %(free)s MB are free.") % {"free": free // 1_000_000},
            _("Make room: without it, saving and backups fail."),
        )  # fmt: skip
    else:
        yield Finding(OK, name + ", " + _("%(free)s GB free") % {"free": free // 1_000_000_000})


def check_secret_key() -> Iterator[Finding]:
    file = settings.HOME / "secret-key"
    what = _("Secret key")
    if len(settings.SECRET_KEY) < 32:
        yield Finding(
            PROBLEM, what, _("It is shorter than 32 characters: sessions could be forged."),
            _("Set a longer STELLWERK_SECRET_KEY, or remove it and let Stellwerk create one."),
        )  # fmt: skip
    elif file.exists() and os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding(
            PROBLEM, what, _("Other users of this machine can read %(name)s.") % {"name": file}, f"chmod 600 {file}"
        )
    else:
        yield Finding(OK, what)


def check_time_zone() -> Iterator[Finding]:
    try:
        ZoneInfo(settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        yield Finding(
            PROBLEM, _("Time zone %(name)s") % {"name": settings.TIME_ZONE}, _("This machine does not know it."),
            _("Correct STELLWERK_TIME_ZONE, or install the system package tzdata."),
        )  # fmt: skip
        return
    yield Finding(OK, _("Time zone %(name)s") % {"name": settings.TIME_ZONE})


def check_front_end() -> Iterator[Finding]:
    what = _("Front end")
    if Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).exists():
        yield Finding(OK, what)
    else:
        yield Finding(
            PROBLEM, what, _("It is not built: pages show without style and scripts."),
            _("In a checkout: make install. From a package: install it again."),
        )  # fmt: skip


def check_translations() -> Iterator[Finding]:
    folder = Path(__file__).parent.parent
    sources = list(folder.glob("*/locale/*/LC_MESSAGES/django.po"))
    stale = [
        po
        for po in sources
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime - 1
    ]
    what = _("Translations")
    if stale:
        names = ", ".join(sorted(po.parts[-5] for po in stale)[:8])
        yield Finding(
            HINT, what, _("Not compiled, or older than their texts: %(names)s") % {"names": names}, "stellwerk messages"
        )
    else:
        yield Finding(OK, what)


def check_database() -> Iterator[Finding]:
    shown = connection.settings_dict["NAME"] if connection.vendor == "sqlite" else _server_name()
    what = _("Database %(name)s") % {"name": shown}
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding(
            PROBLEM, what, _("It cannot be reached: %(reason)s") % {"reason": " ".join(str(error).split())[:200]},
            _("Check DATABASE_URL and that the server runs and lets this machine in."),
        )  # fmt: skip
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(PROBLEM, what, _("It is not up to date with this version of Stellwerk."), "stellwerk migrate")
        return
    if connection.vendor == "sqlite":
        yield from _check_sqlite(what)
    else:
        yield Finding(OK, f"{what}, PostgreSQL {connection.pg_version // 10000}")  # type: ignore[attr-defined]


def _server_name() -> str:
    values = connection.settings_dict
    return f"{values['NAME']} @ {values['HOST'] or 'localhost'}"


def _check_sqlite(what: str) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        sound = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    if sound != "ok":
        yield Finding(
            PROBLEM, what, _("The file is damaged: %(reason)s") % {"reason": sound},
            _("Stop Stellwerk, keep a copy of the file, and restore the last backup."),
        )  # fmt: skip
    elif mode != "wal":
        yield Finding(
            PROBLEM, what, _("It is not in WAL mode: readers and writers block each other."),
            _("Put the data folder on a local disk; network folders do not carry WAL."),
        )  # fmt: skip
    else:
        yield Finding(OK, f"{what}, SQLite, WAL")


def check_worker() -> Iterator[Finding]:
    from stellwerk.core.models import WorkerBeat

    what = _("Background worker")
    alive = WorkerBeat.objects.filter(seen_at__gt=timezone.now() - WORKER_SILENT).count()
    if alive:
        yield Finding(OK, f"{what}: {alive}")
    else:
        yield Finding(
            HINT, what, _("None has given a sign of life in the last two minutes: imports, mails and schedules wait."),
            _("Start “stellwerk serve” (embedded database) or “stellwerk worker”."),
        )  # fmt: skip


def check_jobs() -> Iterator[Finding]:
    from stellwerk.core.models import Job, JobState

    what = _("Background jobs")
    now = timezone.now()
    late = Job.objects.filter(state=JobState.QUEUED, run_after__lt=now - dt.timedelta(minutes=15)).count()
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gt=now - dt.timedelta(days=1)).count()
    if late:
        yield Finding(
            PROBLEM, what, _("%(count)s have waited for more than 15 minutes.") % {"count": late},
            _("Start more workers, or look why the running ones are busy (page Background jobs)."),
        )  # fmt: skip
    if failed:
        yield Finding(
            HINT,
            what,
            _("%(count)s failed in the last 24 hours.") % {"count": failed},
            _("The page Background jobs shows why."),
        )
    if not late and not failed:
        yield Finding(OK, what)


def check_mail_queue() -> Iterator[Finding]:
    from stellwerk.core.models import Mail, MailState

    what = _("Mail queue")
    old = Mail.objects.filter(state=MailState.QUEUED, created_at__lt=timezone.now() - dt.timedelta(hours=1)).count()
    failed = Mail.objects.filter(state=MailState.FAILED, created_at__gt=timezone.now() - dt.timedelta(days=7)).count()
    if old and settings.EMAIL_HOST:
        last = (
            Mail.objects.filter(state=MailState.QUEUED)
            .exclude(last_error="")
            .values_list("last_error", flat=True)
            .first()
        )
        yield Finding(
            PROBLEM, what, _("%(count)s mails have waited for more than an hour. %(reason)s") % {"count": old, "reason": last or ""},
            _("Check the mail server and STELLWERK_MAIL_HOST, _PORT, _USER, _PASSWORD, _TLS."),
        )  # fmt: skip
    elif failed:
        yield Finding(
            HINT,
            what,
            _("%(count)s mails failed in the last seven days.") % {"count": failed},
            _("Mostly a wrong address: correct it."),
        )
    else:
        yield Finding(OK, what)


def check_mail_server() -> Iterator[Finding]:
    if not settings.EMAIL_HOST:
        yield Finding(
            HINT,
            _("Mail server"),
            _("None is configured: mails stay in the queue."),
            _("Set STELLWERK_MAIL_HOST if you want mails."),
        )
        return
    name = _("Mail server")
    what = f"{name} {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=5).close()
    except OSError as error:
        yield Finding(
            PROBLEM,
            what,
            _("It cannot be reached: %(reason)s") % {"reason": error},
            _("Check STELLWERK_MAIL_HOST and _PORT, and the firewall."),
        )
        return
    yield Finding(OK, what)


def check_oidc() -> Iterator[Finding]:
    configured: dict[str, Any] = dict(settings.SOCIALACCOUNT_PROVIDERS)
    for provider in configured.get("openid_connect", {}).get("APPS", []):
        from urllib.request import urlopen

        url = provider["settings"]["server_url"].rstrip("/")
        if not url.endswith("/.well-known/openid-configuration"):
            url += "/.well-known/openid-configuration"
        what = _("Sign-in service %(name)s") % {"name": provider["name"]}
        if not url.startswith(("http://", "https://")):
            yield Finding(
                PROBLEM, what, _("Its address is not usable: %(reason)s") % {"reason": url}, "STELLWERK_OIDC_URL"
            )
            continue
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - checked one line above
                yield Finding(OK, what)
        except OSError as error:
            yield Finding(
                PROBLEM, what, _("It cannot be reached: %(reason)s") % {"reason": error}, _("Check STELLWERK_OIDC_URL.")
            )


def check_solver() -> Iterator[Finding]:
    if importlib.util.find_spec("ortools"):
        yield Finding(OK, _("Solver"))
    else:
        yield Finding(
            HINT, _("Solver"), _("The extra “solver” is not installed: levelling and selection use the slower built-in methods."),
            "pip install 'stellwerk[solver]'",
        )  # fmt: skip


def check_accounts() -> Iterator[Finding]:
    from stellwerk.core.models import Grant, Scope, User

    what = _("Administrator")
    if not User.objects.exists():
        yield Finding(HINT, what, _("Nobody can sign in yet."), "stellwerk setup")
    elif not Grant.objects.filter(role="administrator", scope=Scope.ORGANISATION, user__is_active=True).exists():
        yield Finding(
            PROBLEM, what, _("Nobody has this role: nobody can create accounts."), "stellwerk create-admin E-MAIL"
        )
    else:
        yield Finding(OK, what)


def check_address() -> Iterator[Finding]:
    from urllib.parse import urlsplit

    parts = urlsplit(settings.BASE_URL)
    what = _("Address %(url)s") % {"url": settings.BASE_URL}
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if (
        parts.hostname not in {host.strip("[]") for host in settings.ALLOWED_HOSTS}
        and "*" not in settings.ALLOWED_HOSTS
    ):
        yield Finding(
            PROBLEM, what, _("STELLWERK_HOSTS does not name this host: its pages are refused."),
            f"STELLWERK_HOSTS={parts.hostname}",
        )  # fmt: skip
    elif parts.scheme != "https" and not local:
        yield Finding(
            HINT, what, _("Without https, passwords cross the network in the clear."),
            _("Put a proxy with a certificate before Stellwerk and set STELLWERK_URL to https://…"),
        )  # fmt: skip
    elif settings.DEMO and not local:
        yield Finding(PROBLEM, what, _("Demo mode lets everybody sign in as anybody."), _("Remove STELLWERK_DEMO."))
    else:
        yield Finding(OK, what)
