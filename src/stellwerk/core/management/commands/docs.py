"""``stellwerk docs``: write the pages of ``docs/`` that are made from code, or check that they are up to date.

State machines come from ``core.registry.MACHINES``, permissions from ``core.permissions.TABLE``; both in English,
whatever the language of the terminal, and always in the same order.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import translation

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.permissions import OWN, ROLES, TABLE, Row
from stellwerk.core.registry import ENTITIES, MACHINES
from stellwerk.core.states import Machine, Transition

_NOTE = "<!-- Written by `stellwerk docs` from the code. Do not edit: change the code and run it again. -->"
_SCOPES = {
    "organisation": "organisation",
    "portfolio": "portfolio",
    "programme": "programme",
    "project": "project",
    "unit": "unit",
    "self": "own",
}


def checkout() -> Path:
    """The ``docs`` folder of the checkout that this code runs from."""
    return Path(__file__).resolve().parents[5] / "docs"


def pages() -> dict[str, str]:
    """File name → text of every page that is made from code."""
    with translation.override("en"):
        return {"state-machines.md": state_machines(), "permissions.md": permissions()}


def _name(label: str) -> str:
    kind = ENTITIES.get(label)
    name = kind.name if kind else label.split(".")[1]
    return name[:1].upper() + name[1:]


# ── state machines ───────────────────────────────────────────────────────────────────────────────


def state_machines() -> str:
    """Every machine as a Mermaid diagram and a table of its steps."""
    parts = [
        "# State machines",
        _NOTE,
        "Each entity with states has one machine; pages, API, imports and jobs take the same steps. “Who may” names the roles that have "
        "the step's permission somewhere; where exactly stands in [permissions.md](permissions.md). Guards in the rooms' `guards.py` may "
        "ask for more; the button then says what is missing.",
    ]
    parts += [_machine(MACHINES[label]) for label in sorted(MACHINES)]
    return "\n\n".join(parts) + "\n"


def _machine(machine: Machine) -> str:
    steps = [(state.code, step) for state in machine.states for step in machine.from_state(state.code)]
    drawn = ["```mermaid", "stateDiagram-v2"]
    drawn += [f'    state "{state.label}" as {state.code}' for state in machine.states]
    drawn.append(f"    [*] --> {machine.initial}")
    drawn += [f"    {source} --> {step.target}: {step.label}" for source, step in steps]
    drawn += [f"    {state.code} --> [*]" for state in machine.states if state.final]
    drawn.append("```")
    table = ["| step | from | to | who may | needs |", "|---|---|---|---|---|"]
    for step in machine.transitions:
        sources = [str(machine.state(code).label) for code, one in steps if one is step]
        cells = (
            str(step.label),
            ", ".join(sources),
            str(machine.state(step.target).label),
            _roles(machine.entity, step.verb),
            _needs(step),
        )
        table.append(f"| {' | '.join(cells)} |")
    return "\n\n".join([f"## {_name(machine.entity)}", "\n".join(drawn), "\n".join(table)])


def _roles(entity: str, verb: str) -> str:
    having = {row.role for row in TABLE if row.entity == entity and verb in row.verbs}
    return ", ".join(str(role.label) for code, role in ROLES.items() if code in having) or "nobody"


def _needs(step: Transition) -> str:
    needs = [name.replace("_", " ") for name in step.requires]
    if step.needs_reason:
        needs.append("a reason")
    if step.not_by:
        needs.append(
            f"another person than the one who did: {', '.join(code.replace('_', ' ') for code in step.not_by)}"
        )
    return ", ".join(needs) or "–"


# ── permissions ──────────────────────────────────────────────────────────────────────────────────


def permissions() -> str:
    """Every role with what it may do, where."""
    parts = [
        "# Permissions",
        _NOTE,
        "One table decides for pages, API, exports, search and background jobs. A role is given to an account for a scope: the whole "
        "organisation, one portfolio, programme, project or unit (and the units below), or one's own things (as manager, sponsor, "
        "requester, member or author). What is strictly confidential is seen only in a narrow scope and by the PMO lead. "
        "A deputy has the role of somebody else until a named day.",
        "Roles without rows are for rooms that come later. “Import” also covers the PMO's steps of a proposal.",
    ]
    parts.append("## Every account that belongs to a person")
    parts.append(
        _table([Row(role="", scope="self", entity=label, verbs=row.verbs) for label, row in sorted(OWN.items())])
    )
    for code, role in ROLES.items():
        rows = [row for row in TABLE if row.role == code]
        parts.append(f"## {role.label}")
        parts.append(_table(rows) if rows else "Nothing yet.")
    return "\n\n".join(parts) + "\n"


def _table(rows: list[Row]) -> str:
    verbs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        verbs[row.entity, _condition(row), row.scope] |= row.verbs
    scopes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (entity, when, scope), allowed in verbs.items():
        scopes[entity, when, ", ".join(sorted(allowed, key=_order))].append(scope)
    lines = ["| what | where | may | only while |", "|---|---|---|---|"]
    for (entity, when, allowed_text), where in sorted(scopes.items()):
        reach = ", ".join(text for scope, text in _SCOPES.items() if scope in where)
        lines.append(f"| {_name(entity)} | {reach} | {allowed_text} | {when or '–'} |")
    return "\n".join(lines)


def _condition(row: Row) -> str:
    return "; ".join(
        f"{name} is {' or '.join(str(value).replace('_', ' ') for value in values)}" for name, values in row.when
    )


def _order(verb: str) -> tuple[int, str]:
    known = (
        "view",
        "create",
        "edit",
        "submit",
        "accept",
        "approve",
        "confirm",
        "publish",
        "comment",
        "archive",
        "merge",
        "import",
        "export",
        "erase",
    )
    return (known.index(verb) if verb in known else len(known), verb)


# ── the command ──────────────────────────────────────────────────────────────────────────────────


class Command(StellwerkCommand):
    help = "Write docs/state-machines.md and docs/permissions.md from the code; --check only says whether they are up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit status 1 if a page is out of date"
        )
        parser.add_argument(
            "--folder", type=Path, default=None, help="where the pages stand (default: docs of the checkout)"
        )

    def handle(self, *args: Any, **options: Any) -> Any:
        folder: Path = options["folder"] or checkout()
        if not folder.is_dir():
            raise CommandError(
                f"There is no folder {folder}: run this in a checkout, or name one with --folder.", returncode=2
            )
        old = [name for name, text in pages().items() if _read(folder / name) != text]
        if options["check"]:
            if old:
                raise CommandError(f"Out of date: {', '.join(old)}. Run: stellwerk docs", returncode=1)
            return 0
        for name, text in pages().items():
            (folder / name).write_text(text, encoding="utf-8")
        self.say(", ".join(old) or "All pages were up to date.")
        return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
