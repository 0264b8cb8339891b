"""Every message has its words, and every place that raises one fills them in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from stellwerk.planning.exchange.problems import MOST_PROBLEMS, TEXTS, error, limited, shorten, warning

FOLDER = Path(__file__).resolve().parents[1]


def calls() -> list[tuple[str, str, set[str], bool]]:
    """Where, code, names of parameters, and whether more may come from a dictionary."""
    found = []
    room = FOLDER.parent
    for path in sorted([*FOLDER.glob("*.py"), room / "network.py", *(room / "services/importing").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
            if (
                isinstance(node, ast.Call)
                and name in {"error", "warn", "_warn", "warning", "refuse", "make"}
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    names = {one.arg for one in node.keywords if one.arg}
                    more = any(one.arg is None for one in node.keywords)
                    found.append((f"{path.name}:{node.lineno}", first.value, names, more))
    return found


@pytest.mark.parametrize(
    ("where", "code", "names", "more"), calls(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_problem_gives_all_that_its_text_asks_for(where: str, code: str, names: set[str], more: bool) -> None:
    asked = set(re.findall(r"%\((\w+)\)s", TEXTS[code].message + TEXTS[code].advice))
    assert asked <= names or more, where


def test_no_text_is_left_over() -> None:
    used = {code for _, code, _, _ in calls()} | {"more"}
    assert used == set(TEXTS)


def test_errors_come_first_and_the_rest_is_counted() -> None:
    many = [warning("external_task", n, what=str(n)) for n in range(MOST_PROBLEMS + 5)] + [error("empty")]
    shown = limited(many)
    assert (shown[0].code, shown[-1].code, dict(shown[-1].params)) == ("empty", "more", {"count": 5})


def test_what_a_file_says_is_shown_on_one_short_line() -> None:
    assert shorten("a\n\t b\x00\u202ec" + "x" * 500) == "a b c" + "x" * 74 + "…"
    assert "Line 7: " in error("empty", 7).message
