"""The one exception of this package: a file that cannot be used as a whole."""

from __future__ import annotations

from stellwerk.core.tabular.notes import Note


class UnusableFile(Exception):
    """A file that cannot be read as a table.

    ``code`` is stable (``empty``, ``wrong_type``, ``broken``, ``bomb``, ``too_large``, ``password``, ``no_table``);
    ``message`` says what and why, ``what_to_do`` how to get on. Both are translated when shown.
    """

    def __init__(self, code: str, message: Note, what_to_do: Note) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.message} {self.what_to_do}"
