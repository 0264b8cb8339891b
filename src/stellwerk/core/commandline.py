"""The command ``stellwerk``: a list of what it can do, and every Django command behind it.

Help and version are answered without loading Django. Errors are one clear sentence in the user's language on standard
error; ``--traceback`` shows the rest. The exit status is 0 only when the work is done.
"""

from __future__ import annotations

import gettext as plain_gettext
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

LANGUAGES = ("de", "en")
TWO_WORDS = ("import", "export", "report")  # `stellwerk import portfolio X` is the command import_portfolio
OWN_PARSING = {"runserver", "shell", "dbshell"}  # Django's own start of these stays as it is


def language_of(environment: Mapping[str, str]) -> str:
    """The terminal's language if it is one of ours, else that of the installation."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        code = environment.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
    if any(environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")):
        return environment.get("STELLWERK_LANGUAGE", "en")
    return environment.get("STELLWERK_LANGUAGE", "de")


def translator(language: str) -> Callable[[str], str]:
    """The core's own texts without Django."""
    folder = Path(__file__).parent / "locale"
    return plain_gettext.translation("django", str(folder), [language], fallback=True).gettext


def groups(_: Callable[[str], str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the help shows."""
    return [
        (
            _("Run"),
            [
                ("serve", _("serve the pages and run background jobs")),
                ("worker", _("run background jobs only (any number, on any machine)")),
                ("demo", _("load the demo company and serve it")),
            ],
        ),
        (
            _("Work"),
            [
                ("import portfolio FILE", _("take in a portfolio from CSV, XLSX or ODS")),
                ("import schedule FILE", _("take over a project's schedule from Project, P6, XLSX or CSV")),
                ("export schedule", _("write a project's schedule as XML, XER, XLSX, CSV, PDF or SVG")),
                ("check FILE", _("check the quality of a schedule (MSPDI, XER, table)")),
                ("import actuals FILE", _("book actuals or commitments from an ERP export")),
                ("simulate", _("compute the risk of dates and cost of a project, programme or portfolio")),
                ("import profile FILE", _("show what is understood of a CV (PDF, DOCX, JSON Resume, Europass)")),
                ("import esco FOLDER", _("take in the skills and occupations of ESCO from its CSV tables")),
                ("report deck", _("render the steering committee's deck as PPTX, PDF or XLSX")),
            ],
        ),
        (
            _("Look after it"),
            [
                ("doctor", _("check this installation and say what to do")),
                ("backup FILE", _("write all data and attachments into one file")),
                ("restore FILE", _("read such a file into an empty database")),
                ("migrate", _("bring the database up to date")),
                ("create-admin", _("create an administrator, or make somebody one")),
                ("setup", _("print the link with which the first administrator is set up")),
            ],
        ),
        (
            _("Develop"),
            [
                ("messages", _("collect, check and compile the German texts")),
                ("test", _("run the tests (from a checkout)")),
            ],
        ),
    ]


def help_text(language: str) -> str:
    _ = translator(language)
    width = min(shutil.get_terminal_size().columns, 100)
    word = _("COMMAND")
    lines = [_("Stellwerk, the control centre for projects"), "", f"  stellwerk {word} [--help]", ""]
    for title, rows in groups(_):
        lines.append(title)
        for command, text in rows:
            lines += textwrap.wrap(
                text, width, initial_indent=f"  {command:<23}", subsequent_indent=" " * 25, break_long_words=False
            )
        lines.append("")
    lines.append(
        _("STELLWERK_HOME is the data folder, DATABASE_URL the database; docs/how-to/configure.md lists the rest.")
    )
    lines.append(_("Every Django command works too: stellwerk help --commands"))
    return "\n".join(lines)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has gone; nothing more may be written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help"} or list(arguments) == ["help"]:
        _say(help_text(language_of(os.environ)))
        return 0
    if arguments[0] in {"--version", "version"}:
        from importlib.metadata import version

        _say(f"Stellwerk {version('stellwerk')}")
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    if arguments[0] == "test":
        return _run_tests(arguments[1:])
    wants_traceback = "--traceback" in arguments
    try:
        return _run_django(list(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except SystemExit as request:
        return request.code if isinstance(request.code, int) else int(bool(request.code))
    except Exception as error:
        if wants_traceback:
            raise
        message, status = explain(error)
        _complain(message)
        return status


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _run_tests(arguments: Sequence[str]) -> int:
    try:
        import pytest
    except ImportError:
        _ = translator(language_of(os.environ))
        _complain(_("The tests need the development packages: use make test."))
        return 1
    return int(pytest.main(list(arguments)))


def _run_django(arguments: list[str]) -> int:
    from stellwerk.core.memory import load

    load()
    from django.core.management import ManagementUtility, get_commands
    from django.utils import translation

    language = language_of(os.environ)
    translation.activate(language)
    name, shown, rest = command_of(arguments, get_commands())
    if name in OWN_PARSING or name == "help":
        utility = ManagementUtility(["stellwerk", *(arguments if name != "help" else ["help", *rest])])
        utility.prog_name = "stellwerk"
        utility.execute()
        return 0
    if name not in get_commands():
        _complain(_unknown(shown, list(get_commands())))
        return 2
    return _execute(name, shown, rest, language)


def command_of(arguments: Sequence[str], known: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """(Django's name, the name as typed, the rest) of ``import portfolio x``, ``create-admin`` or ``migrate``."""
    first, rest = arguments[0], list(arguments[1:])
    if first in TWO_WORDS and rest:
        name = f"{first}_{rest[0].replace('-', '_')}"
        if name in known or not rest[0].startswith("-"):
            return name, f"{first} {rest[0]}", rest[1:]
    name = first if first in known else first.replace("-", "_")
    return name, first, rest


def _unknown(shown: str, known: list[str]) -> str:
    from difflib import get_close_matches

    from django.utils.translation import gettext as _

    close = get_close_matches(shown.replace(" ", "_").replace("-", "_"), known, n=1)
    text = _("There is no command “%(name)s”.") % {"name": shown}
    if close:
        text += " " + _("Did you mean “%(name)s”?") % {
            "name": close[0].replace("_", " " if close[0].split("_")[0] in TWO_WORDS else "-")
        }
    return text + " " + _("“stellwerk help” lists all.")


def _execute(name: str, shown: str, rest: list[str], language: str) -> int:
    from argparse import Namespace

    from django.core.management import get_commands, load_command_class
    from django.core.management.base import handle_default_options
    from django.core.management.color import no_style
    from django.db import connections
    from django.utils import translation

    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("stellwerk", shown)
    options = vars(parser.parse_args(rest))
    args = options.pop("args", ())
    handle_default_options(Namespace(**options))
    if not sys.stdout.isatty():
        command.style = no_style()
    try:
        with translation.override(language):
            result = command.execute(*args, **options)
    finally:
        connections.close_all()
    return result if isinstance(result, int) else 0


# ── errors in words ──────────────────────────────────────────────────────────────────────────────


def explain(error: Exception) -> tuple[str, int]:
    """One clear text and the exit status for an error that a command let through."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError, SystemCheckError

    if isinstance(error, SystemCheckError):
        return str(error), 1
    if isinstance(error, CommandError):
        return str(error), error.returncode
    if type(error).__module__.startswith("pydantic"):
        return _explain_environment(error), 2
    if isinstance(error, ImproperlyConfigured):
        return str(error), 2
    return _explain_known(error) or _explain_unknown(error), 1


def _explain_environment(error: Exception) -> str:
    _ = translator(language_of(os.environ))
    lines = []
    for row in error.errors():  # type: ignore[attr-defined]
        name = str(row["loc"][0]) if row["loc"] else ""
        variable = name.upper() if name.isupper() else f"STELLWERK_{name.upper()}"
        lines.append(_("The setting %(name)s is not usable: %(reason)s") % {"name": variable, "reason": row["msg"]})
    return "\n".join(lines) or str(error)


def _explain_known(error: Exception) -> str:
    from django.db import OperationalError, ProgrammingError
    from django.utils.translation import gettext as _

    from stellwerk.core.errors import Refused

    if isinstance(error, Refused):
        return str(error)
    text = " ".join(str(error).split())[:400]
    if isinstance(error, (OperationalError, ProgrammingError)):
        if "no such table" in text or "does not exist" in text or "no such column" in text:
            return _("The database is not up to date. Run: stellwerk migrate") + f" ({text})"
        if "locked" in text:
            return _("The database is busy with another long write. Try again in a minute.")
        return _("The database cannot be reached: %(reason)s. Check DATABASE_URL, or run: stellwerk doctor") % {
            "reason": text
        }
    if isinstance(error, FileNotFoundError):
        return _("This file does not exist: %(name)s") % {"name": error.filename}
    if isinstance(error, PermissionError):
        return _("No permission for this file: %(name)s") % {"name": error.filename}
    if isinstance(error, OSError):
        return _("The system refused: %(reason)s") % {"reason": text}
    return ""


def _explain_unknown(error: Exception) -> str:
    _ = translator(language_of(os.environ))
    name = type(error).__name__
    if isinstance(error, ValueError) and str(error).startswith("DATABASE_URL"):
        return str(error)
    return _(
        "Something went wrong inside Stellwerk (%(name)s: %(reason)s). Repeat the command with --traceback to see where."
    ) % {
        "name": name,
        "reason": " ".join(str(error).split())[:400],
    }
