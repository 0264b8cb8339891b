"""What an edit of a plan refuses, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core.errors import FieldConflict, Invalid, StaleEdit


@dataclass(frozen=True)
class EditFault:
    """One thing that is wrong: in which operation (its place), at which row and field."""

    op: int
    row: int | None
    field: str
    message: str


class EditRefused(Invalid):
    """Operations that cannot be done; nothing is written. ``cycle`` names the activities of the shortest circle."""

    def __init__(self, faults: Sequence[EditFault], *, cycle: Sequence[int] = ()) -> None:
        errors: dict[str, list[Any]] = {}
        for fault in faults:
            errors.setdefault(fault.field or "__all__", []).append(fault.message)
        super().__init__(errors, faults[0].message if faults else "")
        self.faults = tuple(faults)
        self.cycle = tuple(cycle)


@dataclass(frozen=True)
class RowConflict:
    row: int
    conflict: FieldConflict


class PlanStale(StaleEdit):
    """Somebody else changed the same rows first; both values of each field."""

    def __init__(self, conflicts: Sequence[RowConflict], revision: int, changed_by: str = "") -> None:
        super().__init__([one.conflict for one in conflicts], revision, changed_by)
        self.rows = tuple(conflicts)


def unknown_row(op: int, row: object) -> EditRefused:
    number = row if isinstance(row, int) else None
    return EditRefused([EditFault(op, number, "", _("This row is not in the plan any more. Load the page anew."))])
