"""The golden set for matching (``README.md``), read from its tables; the second, held-out one lies in ``benchmarks/golden_second``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
SECOND: Final = FOLDER.parent / "golden_second"
"""Another set of the same form: never looked at while anything was tuned."""
THIRD: Final = FOLDER.parent / "golden_third"
"""A larger set with longer texts, labelled before any matcher ran on it."""


@dataclass(frozen=True)
class Golden:
    """Vacancies and profiles as rows of text; ``grades``: (vacancy, profile) → 0 to 3, absent: 0."""

    vacancies: list[dict[str, str]]
    profiles: list[dict[str, str]]
    grades: dict[tuple[str, str], int]

    def half(self, held_out: bool) -> list[dict[str, str]]:
        """Odd vacancies are open for tuning, even ones are held out."""
        return [one for one in self.vacancies if (int(one["id"][1:]) % 2 == 0) == held_out]


def read_golden(folder: Path = FOLDER) -> Golden:
    grades = {(row["vacancy"], row["profile"]): int(row["grade"]) for row in _rows(folder / "labels.tsv")}
    return Golden(_rows(folder / "vacancies.tsv"), _rows(folder / "profiles.tsv"), grades)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
