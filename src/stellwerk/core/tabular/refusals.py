"""The refusals of a file, each with what the user can do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.errors import UnusableFile
from stellwerk.core.tabular.notes import note


def empty() -> UnusableFile:
    """Nothing but white space."""
    return UnusableFile(
        "empty",
        note("empty", _("The file is empty.")),
        note("empty_do", _("Export it again and check that it has rows before you choose it here.")),
    )


def wrong_type(what: object) -> UnusableFile:
    """Not a table; ``what`` names what it is."""
    return UnusableFile(
        "wrong_type",
        note("wrong_type", _("This is not a table but %(what)s."), {"what": what}),
        note("wrong_type_do", _("Save the table as XLSX, ODS or CSV and choose that file.")),
    )


def broken(detail: str) -> UnusableFile:
    """A workbook that is cut off or damaged."""
    return UnusableFile(
        "broken",
        note("broken", _("The file is damaged or incomplete (%(detail)s)."), {"detail": detail}),
        note("broken_do", _("Open it in your spreadsheet program, save it again as XLSX, and choose the new file.")),
    )


def bomb() -> UnusableFile:
    """A small file that unpacks to something absurd."""
    return UnusableFile(
        "bomb",
        note("bomb", _("The file unpacks to far more than its size explains. It was not opened.")),
        note("bomb_do", _("Copy only the cells you need into a new workbook, save it, and choose that file.")),
    )


def too_large(limit: str) -> UnusableFile:
    """More than we accept; ``limit`` says how much that is."""
    return UnusableFile(
        "too_large",
        note("too_large", _("The file is too large (limit: %(limit)s)."), {"limit": limit}),
        note("too_large_do", _("Delete sheets, rows and columns that are not needed, or split the file.")),
    )


def too_many_cells(limit: int) -> UnusableFile:
    """More cells than we hold in memory."""
    return UnusableFile(
        "too_large",
        note("too_many_cells", _("The file has more than %(limit)s cells."), {"limit": limit}),
        note("too_large_do", _("Delete sheets, rows and columns that are not needed, or split the file.")),
    )


def too_many_columns(count: int, limit: int) -> UnusableFile:
    """More columns than a person can give a meaning to."""
    return UnusableFile(
        "too_large",
        note(
            "too_many_columns",
            _("The table has %(count)s columns; at most %(limit)s can be read."),
            {"count": count, "limit": limit},
        ),
        note("too_large_do", _("Delete sheets, rows and columns that are not needed, or split the file.")),
    )


def far_cell(cell: str) -> UnusableFile:
    """A stray cell far outside makes the sheet's rectangle too large to hold."""
    return UnusableFile(
        "too_large",
        note("far_cell", _("A sheet reaches to cell %(cell)s, which makes it too large to read."), {"cell": cell}),
        note("far_cell_do", _("Delete the empty rows and columns after your table, save, and choose the file again.")),
    )


def password() -> UnusableFile:
    """Encrypted."""
    return UnusableFile(
        "password",
        note("password", _("The file is protected by a password.")),
        note("password_do", _("Save a copy without the password and choose that file.")),
    )


def no_table() -> UnusableFile:
    """Cells, but nothing with a heading and rows."""
    return UnusableFile(
        "no_table",
        note("no_table", _("No table was found: no row of headings with at least one row of values.")),
        note("no_table_do", _("Give every column a heading and put one project in each row (or each column).")),
    )
