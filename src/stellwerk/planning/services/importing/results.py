"""What an import did, or would do."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet
from stellwerk.planning.exchange import Problem
from stellwerk.planning.exchange.document import Counts
from stellwerk.planning.models import (
    Plan,
)


@dataclass(frozen=True)
class Rows:
    """How many rows an import adds, changes and removes."""

    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do (``change_set`` None with ``changes``: a dry run; without: nothing differs)."""

    counts: Counts
    start: dt.datetime | None
    finish: dt.datetime | None
    warnings: tuple[Problem, ...]
    rows: Rows
    changes: bool
    plan: Plan | None = None
    change_set: ChangeSet | None = None
    removed_names: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """What ``stellwerk import schedule --json`` prints."""
        return asdict(self.counts) | {
            "start": None if self.start is None else self.start.isoformat(timespec="minutes"),
            "finish": None if self.finish is None else self.finish.isoformat(timespec="minutes"),
            "warnings": [{"code": one.code, "line": one.line, "message": one.message} for one in self.warnings],
            "changes": {"added": self.rows.added, "changed": self.rows.changed, "removed": self.rows.removed},
        }


class StaleImport(Refused):
    """The plan changed between the preview and its application."""

    code = "stale_edit"

    def __init__(self) -> None:
        super().__init__(
            _("The plan has been changed by somebody else since this preview was made."),
            _("Nothing has been written. Look at the new preview and apply that."),
        )
