"""``stellwerk messages``: collect translatable texts into each app's ``django.po`` and compile them, without gettext.

``--check`` changes nothing and fails when a text is missing, untranslated or fuzzy.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LANGUAGE = "de"
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def app_folders() -> list[Path]:
    return [Path(config.path) for config in apps.get_app_configs() if config.name.startswith("stellwerk.")] + [
        Path(apps.get_app_config("core").path).parent / extra for extra in ("config", "engine")
    ]


def empty_catalog() -> Catalog:
    """A catalogue whose header never changes, so that a run without new texts changes no file."""
    day = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    return Catalog(
        locale=LANGUAGE, project="Stellwerk", version="1", charset="utf-8", creation_date=day, revision_date=day,
        last_translator="Stellwerk", language_team="Deutsch", fuzzy=False,
    )  # fmt: skip


def extract_folder(folder: Path) -> Catalog:
    """All messages in the Python files and templates below ``folder``."""
    catalog = empty_catalog()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if "/tests/" in f"/{relative}" or "/migrations/" in f"/{relative}" or "/static/" in f"/{relative}":
            continue
        if path.suffix == ".py":
            source = path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "/templates/" in f"/{relative}":
            # Babel reads it as Python, to which the indentation of a template would mean something.
            source = INDENTATION.sub("", templatize(path.read_text(encoding="utf-8"))).encode()
        else:
            continue
        for _line, message, comments, context in extract(
            "python",
            io.BytesIO(source),
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            options={"encoding": "utf-8"},
        ):
            catalog.add(message, locations=[(relative, 0)], auto_comments=comments, context=context)
    return catalog


def po_path(folder: Path) -> Path:
    return folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(folder: Path) -> Catalog:
    path = po_path(folder)
    if not path.exists():
        return empty_catalog()
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def _filled(message: Any) -> bool:
    parts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(parts)


def merge(folder: Path) -> tuple[Catalog, list[str]]:
    """The catalogue with today's messages and the known German, and what is still missing."""
    fresh, known = extract_folder(folder), read(folder)
    problems = []
    for message in fresh:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        if old is not None and _filled(old) and "fuzzy" not in old.flags:
            message.string = old.string
        else:
            problems.append(f"{folder.name}: {message.id!r}")
    return fresh, problems


def compile_folder(folder: Path) -> None:
    path = po_path(folder)
    if path.exists():
        with path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read(folder))


class Command(BaseCommand):
    help = "Collect, check and compile the German texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("apps", nargs="*", help="only these apps (core, portfolio …)")
        parser.add_argument("--check", action="store_true", help="change nothing; fail on missing German")
        parser.add_argument("--fill", help="take German from a file with lines of msgid<TAB>msgstr")

    def handle(self, *args: Any, **options: Any) -> None:
        fills = dict(_pairs(Path(options["fill"]))) if options["fill"] else {}
        problems: list[str] = []
        for folder in app_folders():
            if options["apps"] and folder.name not in options["apps"]:
                continue
            catalog, missing = merge(folder)
            if not len(catalog):
                continue
            if options["check"]:
                problems += missing
                continue
            for message in catalog:
                if message.id and not _filled(message):
                    _fill(message, fills)
            po_path(folder).parent.mkdir(parents=True, exist_ok=True)
            with po_path(folder).open("wb") as target:
                write_po(target, catalog, width=120, sort_output=True, no_location=True, omit_header=False)
            compile_folder(folder)
            still = [m for m in catalog if m.id and not _filled(m)]
            self.stdout.write(f"{folder.name}: {len(catalog)} texts, {len(still)} without German")
        if problems:
            raise CommandError("texts without German:\n  " + "\n  ".join(problems))


def _fill(message: Any, fills: dict[str, str]) -> None:
    """``msgid<TAB>German``; with a context ``context|msgid``; plurals: ``singular<TAB>German singular<TAB>plural``."""
    plural = isinstance(message.id, (tuple, list))
    name = message.id[0] if plural else message.id
    german = fills.get(f"{message.context}|{name}" if message.context else name)
    if german:
        message.string = tuple(german.split("\t")[:2]) if plural else german


def _pairs(path: Path) -> list[tuple[str, str]]:
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if "\t" in line:
            source, german = line.split("\t", 1)
            pairs.append((source.replace("\\n", "\n"), german.replace("\\n", "\n")))
    return pairs
