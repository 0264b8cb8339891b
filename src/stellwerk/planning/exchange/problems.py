"""What can be wrong with a schedule file, in words: a code, what was found, where, and what to do about it.

The texts are English templates marked for translation with :func:`N_`; whoever shows a problem translates
``problem.template`` and ``problem.advice_template`` and fills in ``problem.params``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

SHOWN, SHOWN_LISTS = 80, 600
_LISTS = {"cycle", "names", "others", "detail"}
MOST_PROBLEMS = 200


def N_(text: str) -> str:
    """Marks a text for translation; it is translated when shown."""
    return text


class _Text(NamedTuple):
    message: str
    advice: str


_EXPORT_AGAIN = N_("Export the schedule again and choose the new file.")
_CORRECT = N_("Correct it in the tool the file comes from, and export again.")
_TOLD = N_("Nothing to do; check it if the value matters to you.")

TEXTS: dict[str, _Text] = {
    # --- the file as a whole
    "empty": _Text(N_("The file is empty."), _EXPORT_AGAIN),
    "too_large": _Text(
        N_("The file has %(size)s MB; at most %(limit)s MB are read."),
        N_("Export only this project, without time-phased data, and choose the new file."),
    ),
    "too_many": _Text(
        N_("The file has more than %(limit)s %(what)s."), N_("Export only this project, or split it into several.")
    ),
    "unknown_format": _Text(
        N_("This is not a schedule file that can be read here."),
        N_("Save the schedule as Microsoft Project XML (MSPDI), Primavera XER, XLSX or CSV."),
    ),
    "needs_extra": _Text(
        N_("Files of this kind (%(kind)s) are read by the optional part “mpp”, which is not installed."),
        N_("Save the schedule as Microsoft Project XML or Primavera XER, or have stellwerk[mpp] installed."),
    ),
    "converter_failed": _Text(N_("The file could not be read: %(detail)s"), _EXPORT_AGAIN),
    "converter_limit": _Text(
        N_("Reading the file took more than %(seconds)s seconds or more memory than is allowed."),
        N_("Save the schedule as Microsoft Project XML or Primavera XER and choose that file."),
    ),
    "truncated": _Text(N_("The file ends in the middle."), N_("Copy or export it again; it is not complete.")),
    "xml": _Text(N_("This is not well-formed XML: %(detail)s"), _EXPORT_AGAIN),
    "xml_dtd": _Text(
        N_("The file declares a document type or entities, which schedules never need. It was not read."),
        N_("Export it with Microsoft Project itself, and do not trust this copy."),
    ),
    "xml_depth": _Text(N_("The elements are nested too deep."), _EXPORT_AGAIN),
    "not_mspdi": _Text(
        N_("The XML is not a Microsoft Project schedule (root element “%(root)s”)."),
        N_("In Microsoft Project choose “Save as” and the type “XML format”."),
    ),
    "columns": _Text(
        N_("The row of table %(table)s has %(found)s values, the table has %(expected)s columns."), _EXPORT_AGAIN
    ),
    "xer_line": _Text(N_("The line does not belong to any table: “%(text)s”."), _EXPORT_AGAIN),
    "xer_encoding": _Text(
        N_("The text is in an encoding that XER files do not use (%(detail)s)."),
        N_("Export it from Primavera P6 without changing its encoding."),
    ),
    "no_project": _Text(N_("The file has no project."), N_("Select a project in Primavera P6 before you export.")),
    "unknown_project": _Text(
        N_("The file has no project “%(wanted)s”; it has %(names)s."), N_("Choose one of the projects in the file.")
    ),
    "no_column": _Text(N_("The table has no column for %(what)s."), N_("Add a column with the heading “%(heading)s”.")),
    "table": _Text(N_("The table cannot be read: %(detail)s"), _EXPORT_AGAIN),
    # --- single values
    "missing": _Text(N_("%(what)s has no %(field)s."), _CORRECT),
    "value": _Text(N_("%(field)s of %(what)s cannot be read: “%(value)s”."), _CORRECT),
    "date_range": _Text(
        N_("%(field)s of %(what)s is %(value)s; dates from 1950 to 2150 are accepted."),
        N_("Correct the date in the tool the file comes from, and export again."),
    ),
    "negative": _Text(N_("%(field)s of %(what)s is negative: %(value)s."), _CORRECT),
    "finish_before_start": _Text(N_("%(what)s finishes (%(finish)s) before it starts (%(start)s)."), _CORRECT),
    "baseline_order": _Text(
        N_("Baseline %(number)s of %(what)s finishes (%(finish)s) before it starts (%(start)s)."), _TOLD
    ),
    "duplicate": _Text(N_("%(what)s occurs twice with the same number %(uid)s."), _CORRECT),
    "number_range": _Text(
        N_("%(what)s has the number %(uid)s; numbers up to 2,000,000,000 are accepted."), _EXPORT_AGAIN
    ),
    "link_missing": _Text(
        N_("A link of %(what)s leads to number %(uid)s, which is not in the file."),
        N_("Delete the link, or export the schedule together with the other activity."),
    ),
    "link_summary": _Text(
        N_("A link joins %(what)s and %(other)s, but %(summary)s is a summary row."),
        N_("Link the activities below the summary row instead."),
    ),
    "link_self": _Text(N_("%(what)s is linked to itself."), N_("Delete the link.")),
    "cycle": _Text(
        N_("The links form a circle: %(cycle)s."),
        N_("Delete one of these links; nothing can be scheduled in a circle."),
    ),
    "reference": _Text(N_("%(field)s of %(what)s names number %(uid)s, which is not in the file."), _CORRECT),
    "calendar_circle": _Text(N_("Calendar %(what)s derives from itself: %(cycle)s."), _CORRECT),
    "node_circle": _Text(N_("The node %(what)s of the work breakdown lies below itself."), _CORRECT),
    # --- told and carried on
    "rounded": _Text(N_("%(field)s of %(what)s is %(value)s and was rounded to whole minutes."), _TOLD),
    "calendar_damaged": _Text(
        N_("The working times of calendar %(what)s cannot be read; a week from Monday to Friday is used."),
        N_("Check the calendar before you trust the dates."),
    ),
    "calendar_times": _Text(N_("Calendar %(what)s has a working time that ends before it starts: %(value)s."), _TOLD),
    "external_link": _Text(
        N_("A link of %(what)s leads to another project (%(project)s); it is kept but cannot be checked."), _TOLD
    ),
    "external_task": _Text(N_("%(what)s belongs to another project; it is kept as a row."), _TOLD),
    "subproject": _Text(
        N_("%(what)s contains an inserted project, which is not read."),
        N_("Export the inserted project as its own file."),
    ),
    "other_projects": _Text(
        N_("The file has several projects; “%(used)s” was read, not %(others)s."), N_("Read the others one by one.")
    ),
    "orphan": _Text(
        N_("%(what)s belongs to %(parent)s, which is not in the file; it stands on the top level."), _CORRECT
    ),
    "resource_missing": _Text(
        N_("An assignment of %(what)s names a resource that is not in the file (%(uid)s)."), _TOLD
    ),
    "null_characters": _Text(N_("The line holds null characters, which were left out."), _TOLD),
    "lost_characters": _Text(
        N_("%(count)s characters are not valid in the encoding %(encoding)s and show as “�”."), _TOLD
    ),
    "unknown_value": _Text(N_("%(field)s of %(what)s has the unknown value “%(value)s”; “%(used)s” is used."), _TOLD),
    "no_zone": _Text(N_("%(field)s of %(what)s has a time zone, which is not used."), _TOLD),
    "skipped_row": _Text(N_("The row was skipped: %(detail)s"), _TOLD),
    # --- told when dates are computed from the file
    "network_inactive": _Text(N_("%(what)s is inactive and takes no part in the computing."), _TOLD),
    "network_spanning": _Text(
        N_("%(what)s only stretches between other activities and takes no part in the computing."), _TOLD
    ),
    "network_calendar": _Text(N_("Calendar number %(what)s is not in the file; the standard week is used."), _CORRECT),
    "import_baseline": _Text(
        N_("Baseline %(number)s of the file is left out: the plan has an approved one of that number."), _TOLD
    ),
    "import_baseline_waits": _Text(
        N_("Baseline %(number)s of the file waits for approval: it counts once the sponsor has approved it."), _TOLD
    ),
    "import_baseline_differs": _Text(
        N_("Baseline %(number)s of the file differs from the one that was imported before, which stays."), _TOLD
    ),
    "network_no_time": _Text(N_("Calendar %(what)s has no working time; the standard week is used."), _CORRECT),
    "network_actual": _Text(N_("The actual start of %(what)s is missing or lies after its actual finish."), _CORRECT),
    "network_summary_link": _Text(
        N_("A link with a summary row is not computed: %(names)s."),
        N_("Link the activities below the summary row instead."),
    ),
    "network_link": _Text(N_("A link leads nowhere and is not computed: %(names)s."), N_("Delete the link.")),
    "network_from_finish": _Text(
        N_("The schedule is planned backwards from its finish; it is computed forwards from its start."), _TOLD
    ),
    "network_must_finish": _Text(
        N_("The project must finish before it starts; this limit is not computed with."), _CORRECT
    ),
    "network_manual": _Text(N_("%(what)s is scheduled by hand; it is computed with the start that it has."), _TOLD),
    "network_no_date": _Text(N_("A constraint of %(what)s has no date and is not computed with."), _CORRECT),
    "more": _Text(N_("… and %(count)s more of this kind."), _TOLD),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``line`` is the line of the file (the row of a table), 0 if it concerns the whole file."""

    code: str
    severity: Literal["error", "warning"]
    params: tuple[tuple[str, str | int], ...] = ()
    line: int = 0

    @property
    def template(self) -> str:
        return TEXTS[self.code].message

    @property
    def advice_template(self) -> str:
        return TEXTS[self.code].advice

    @property
    def message(self) -> str:
        """What was found, in English, with the line."""
        text = self.template % dict(self.params)
        return f"Line {self.line}: {text}" if self.line else text

    @property
    def advice(self) -> str:
        """What to do about it, in English."""
        return self.advice_template % dict(self.params)

    def __str__(self) -> str:
        return f"{self.message} {self.advice}"


def error(code: str, line: int = 0, **params: object) -> Problem:
    return Problem(code, "error", _shown(params), line)


def warning(code: str, line: int = 0, **params: object) -> Problem:
    return Problem(code, "warning", _shown(params), line)


def _shown(params: dict[str, object]) -> tuple[tuple[str, str | int], ...]:
    return tuple(
        (name, value if isinstance(value, int) else shorten(value, SHOWN_LISTS if name in _LISTS else SHOWN))
        for name, value in params.items()
    )


def shorten(value: object, limit: int = SHOWN) -> str:
    """The value as one printable line."""
    text = " ".join("".join(char if char.isprintable() else " " for char in str(value)[: 4 * limit]).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


class ScheduleFileError(Exception):
    """A file that cannot be used. ``problems`` has at least one error and may have warnings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems[:20]))


def refuse(code: str, line: int = 0, **params: object) -> ScheduleFileError:
    """The exception for one error."""
    return ScheduleFileError([error(code, line, **params)])


def limited(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors first, and at most so many of each code that a reader gets through; the rest is counted."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity, problem.code), []).append(problem)
    shown: list[Problem] = []
    for (severity, _code), group in sorted(groups.items(), key=lambda item: item[0][0] != "error"):
        shown += group[:MOST_PROBLEMS]
        if len(group) > MOST_PROBLEMS:
            rest = (("count", len(group) - MOST_PROBLEMS),)
            shown.append(Problem("more", "error" if severity == "error" else "warning", rest))
    return tuple(shown)
