"""Each URL × the roles of the staffing room against ``staffing_table.tsv``, written by judgement and reviewed row by row.

Outcomes as in ``test_table.py``. A row may hold ``*`` in its method, route and object; the first row that fits an
address counts, so exceptions stand above the rule. A client contact, a partner and a candidate are outsiders: the rule
at the end refuses them everything that no row allows, also pages that are made after today.
"""

from __future__ import annotations

import csv
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.permissions.test_table import observed, without_drawing

__all__ = ["without_drawing"]

TABLE = Path(__file__).parent / "staffing_table.tsv"
PEOPLE = ("rosa", "klaus", "pia", "frida")
REFUSED = ("forbidden", "hidden")


class Row(NamedTuple):
    """One line: what it is about and what each of the four is answered."""

    method: str
    route: str
    object: str
    outcomes: dict[str, str]

    def fits(self, key: tuple[str, str, str]) -> bool:
        patterns = (self.method, self.route, self.object)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(key, patterns, strict=True))


def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(line["method"], line["route"], line["object"], {who: line[who] for who in PEOPLE})
            for line in csv.DictReader(file, delimiter="\t")
        ]


def agrees(expected: str, result: str) -> bool:
    """``refused``: 403 or 404, whichever comes first on the way to the object."""
    return result == expected or (expected == "refused" and result in REFUSED)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("user", PEOPLE)
def test_every_address_answers_each_role_of_staffing_as_the_table_says(shared, user):
    table = rows()
    wrong: list[str] = []
    used: set[int] = set()
    for key, result in observed(shared, user):
        number = next((n for n, row in enumerate(table) if row.fits(key)), None)
        if number is None:
            wrong.append(f"{' '.join(key)}: {user} is {result}, no row in staffing_table.tsv")
            continue
        used.add(number)
        expected = table[number].outcomes[user]
        if not agrees(expected, result):
            wrong.append(f"{' '.join(key)}: {user} expects {expected}, is {result}")
    unused = [row for number, row in enumerate(table) if number not in used]
    wrong += [f"{row.method} {row.route} {row.object}: fits no address" for row in unused]
    assert not wrong, "\n".join(wrong)
