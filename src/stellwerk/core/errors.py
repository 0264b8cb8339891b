"""What a service says when it refuses. Pages show it in place, the API as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Refused(Exception):
    """A service refuses: what happened, and what to do about it. Nothing has been written."""

    code = "refused"
    status = 409

    def __init__(self, message: Text, what_to_do: Text = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.what_to_do = what_to_do
        if code:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.what_to_do}".strip()


class NotAllowed(Refused):
    """The permission table or a separation of duties says no."""

    code = "not_allowed"
    status = 403

    def __init__(self, message: Text = "", what_to_do: Text = "", *, code: str = "") -> None:
        super().__init__(
            message or _("You may not do this."),
            what_to_do or _("Ask the owner, or the PMO for the role that you need."),
            code=code,
        )


class WrongState(Refused):
    """The state machine has no such transition from here, or a guard forbids it."""

    code = "wrong_state"


class Invalid(Refused):
    """Field errors: ``{field: [messages]}``; ``__all__`` for the whole."""

    code = "invalid"
    status = 422

    def __init__(self, errors: Mapping[str, list[Any]], message: Text = "") -> None:
        super().__init__(message or _("Please check the marked fields."))
        self.errors = {name: [str(text) for text in texts] for name, texts in errors.items()}

    def __str__(self) -> str:
        parts = [f"{name}: {' '.join(texts)}" for name, texts in self.errors.items()]
        return f"{self.message} {'; '.join(parts)}"


@dataclass(frozen=True)
class FieldConflict:
    """One field on which two people disagree."""

    field: str
    label: str
    yours: Any
    theirs: Any


class StaleEdit(Refused):
    """Somebody else saved first: nothing is lost, both values are shown."""

    code = "stale_edit"

    def __init__(self, conflicts: list[FieldConflict], current_version: int, changed_by: str = "") -> None:
        super().__init__(
            _("Somebody else has changed this in the meantime."),
            _("Compare both values, choose, and save again."),
        )
        self.conflicts = conflicts
        self.current_version = current_version
        self.changed_by = changed_by
