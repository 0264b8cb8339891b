"""What the user decides beside the columns: units, signs, sheet, date, answers. Kept as JSON in mappings and previews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, Literal, cast

from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid
from stellwerk.core.tabular.words import normal
from stellwerk.portfolio.importing.fields import BY_CODE, KEEP
from stellwerk.portfolio.importing.words import PHASE_CODES

FACTORS = (1, 1_000, 1_000_000, 1_000_000_000)
LIGHT_CODES = ("green", "amber_green", "amber", "amber_red", "red")
UNSURE_POLICIES = ("ask", "new", "skip")


@dataclass(frozen=True)
class Options:
    """``factor``: what a bare amount is multiplied with (None: what headings and cells say). ``strict``: nothing goes in
    if anything is rejected. ``answers``: row number → ``new``, ``skip`` or the key of a project of ours."""

    decimal_sign: Literal[",", "."] | None = None
    day_first: bool | None = None
    factor: int | None = None
    currency: str | None = None
    orientation: Literal["rows", "columns"] | None = None
    sheet: str | None = None
    as_of: dt.date | None = None
    strict: bool = False
    create_programmes: bool = False
    unsure: Literal["ask", "new", "skip"] = "ask"
    light_numbers: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        found: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value not in (None, False, {}, "ask"):
                found[item.name] = (
                    value.isoformat()
                    if isinstance(value, dt.date)
                    else dict(value)
                    if isinstance(value, Mapping)
                    else value
                )
        if self.day_first is False:
            found["day_first"] = False
        return found

    def saved(self) -> dict[str, Any]:
        """What belongs to a header for good: no date, no answers, no sheet of one file."""
        return replace(self, as_of=None, answers={}, sheet=None, strict=False, unsure="ask").as_json()

    def over(self, saved: Options) -> Options:
        """What is chosen now, and under it what was chosen for these headings before."""
        names = [item.name for item in fields(self) if getattr(self, item.name) == getattr(DEFAULTS, item.name)]
        return replace(self, **{name: getattr(saved, name) for name in names})


DEFAULTS = Options()


@dataclass(frozen=True)
class Wishes:
    """A mapping as a user gave it: heading → field code or None (keep as attribute), and options."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    options: Options = DEFAULTS

    def as_json(self) -> dict[str, Any]:
        return {"columns": dict(self.columns), "options": self.options.as_json()}


def read_wishes(data: object) -> Wishes:
    """A mapping file or a saved mapping: ``{"columns": {heading: field}, "options": {…}}`` or only ``{heading: field}``.

    Errors: ``Invalid`` at ``mapping``, naming every mistake.
    """
    if not isinstance(data, Mapping):
        raise _wrong(_("A mapping is a JSON object: heading of the column → field."))
    columns = data.get("columns", {} if "options" in data else data)
    if not isinstance(columns, Mapping):
        raise _wrong(_("“columns” must be an object: heading of the column → field."))
    mistakes: list[str] = []
    chosen: dict[str, str | None] = {}
    for heading, code in columns.items():
        if code in (None, "", KEEP):
            chosen[str(heading)] = None
        elif code in BY_CODE:
            chosen[str(heading)] = str(code)
        else:
            mistakes.append(_no_field(str(heading), str(code)))
    options = _options(data.get("options", {}) if "columns" in data or "options" in data else {}, mistakes)
    if mistakes:
        raise Invalid({"mapping": mistakes}, _("The mapping cannot be used."))
    return Wishes(chosen, options)


def _no_field(heading: str, code: str) -> str:
    close = get_close_matches(code, BY_CODE, n=1)
    hint = (
        " " + _("Did you mean “%(name)s”?") % {"name": close[0]}
        if close
        else " " + _("Fields: %(names)s.") % {"names": ", ".join(BY_CODE)}
    )
    return _("“%(heading)s”: there is no field “%(code)s”.") % {"heading": heading, "code": code} + hint


def _wrong(text: str) -> Invalid:
    return Invalid({"mapping": [text]}, _("The mapping cannot be used."))


def read_options(data: object) -> Options:
    """Options from JSON (a saved preview, a mapping file). Errors: ``Invalid`` at ``mapping``."""
    mistakes: list[str] = []
    options = _options(data, mistakes)
    if mistakes:
        raise Invalid({"mapping": mistakes}, _("The mapping cannot be used."))
    return options


def _options(data: object, mistakes: list[str]) -> Options:
    if not isinstance(data, Mapping):
        mistakes.append(_("“options” must be an object."))
        return DEFAULTS
    known = {item.name for item in fields(Options)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in known:
            mistakes.append(
                _("There is no option “%(name)s”. Options: %(names)s.")
                % {"name": name, "names": ", ".join(sorted(known))}
            )
            continue
        try:
            values[name] = _READERS[name](value)
        except (ValueError, TypeError, AttributeError):
            mistakes.append(_("The option “%(name)s” cannot be “%(value)s”.") % {"name": name, "value": value})
    return Options(**values)


def _one_of(*allowed: Any) -> Any:
    def read(value: Any) -> Any:
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise ValueError(value)
        return value

    return read


def _currency(value: Any) -> str | None:
    if value in (None, ""):
        return None
    code = str(value).strip().upper()
    if len(code) != 3 or not code.isalpha() or not code.isascii():
        raise ValueError(value)
    return code


def _date(value: Any) -> dt.date | None:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value) if value else None


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _words(allowed: frozenset[str]) -> Any:
    def read(value: Any) -> dict[str, str]:
        found = {str(word): str(code) for word, code in value.items()}
        if any(code not in allowed for code in found.values()):
            raise ValueError(value)
        return found

    return read


_READERS: dict[str, Any] = {
    "decimal_sign": _one_of(",", ".", None),
    "day_first": _one_of(True, False, None),
    "factor": _one_of(*FACTORS, None),
    "currency": _currency,
    "orientation": _one_of("rows", "columns", None),
    "sheet": lambda value: str(value) if value else None,
    "as_of": _date,
    "strict": _truth,
    "create_programmes": _truth,
    "unsure": _one_of(*UNSURE_POLICIES),
    "light_numbers": _words(frozenset(LIGHT_CODES)),
    "phases": lambda value: {
        normal(word): code for word, code in cast("dict[str, str]", _words(PHASE_CODES)(value)).items()
    },
    "answers": lambda value: {str(row): str(answer) for row, answer in value.items()},
}
