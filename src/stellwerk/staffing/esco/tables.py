"""CSV tables read with care: what is missing or odd is said with file, column and row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.text import without_control

LONGEST_FIELD: Final = 1_000_000
LONGEST_FILE: Final = 200 * 2**20


def rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a table that has at least these columns; text without control characters and spaces at its ends."""
    if path.stat().st_size > LONGEST_FILE:
        raise unusable(_("%(file)s has more than %(size)s MB.") % {"file": path.name, "size": LONGEST_FILE // 2**20})
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise unusable(
                    _("%(file)s has no column %(names)s.") % {"file": path.name, "names": ", ".join(missing)}
                )
            for row in reader:
                yield {column: without_control(row[column] or "").strip() for column in columns}
    except UnicodeDecodeError:
        raise unusable(_("%(file)s is no text in UTF-8.") % {"file": path.name}) from None
    except csv.Error as error:
        raise unusable(_("%(file)s is no CSV table: %(reason)s") % {"file": path.name, "reason": error}) from None


def unusable(text: str) -> Refused:
    return Refused(text, _("Take the CSV files of ESCO as they are published, German and English."), code="unusable")


def one_of(folder: Path, names: Sequence[str]) -> Path | None:
    """The first of these files that is there, whatever the case of its letters."""
    there: Mapping[str, Path] = {path.name.casefold(): path for path in folder.iterdir() if path.is_file()}
    return next((there[name.casefold()] for name in names if name.casefold() in there), None)
