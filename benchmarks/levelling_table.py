"""The whole table of levelling under scarce capacities, line by line, kept after each line so that it can be broken off and gone on with.

``python -m benchmarks.levelling_table --psplib DIR [--mplib1 DIR] [--mpsplib DIR] [--limit N] [--seconds 1,5,20] [--schedules 1000,5000,50000]
[--sets J30,J60,J120] [--minutes M] [--out FILE] [--list]``

Lines with seconds run plain CP-SAT with two workers on the same instances in the same run. ``--list`` says what is still to do and how much CPU it takes
at most; ``--minutes`` begins no further line after so many minutes. Lines that stand in the file already are not run again. The machine should be quiet.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import levelling
from benchmarks.instances import InstanceError
from stellwerk.engine.levelling import Budget

OUT = Path(__file__).parent / "results" / "levelling_table.json"
SETS = ("J30", "J60", "J120")
PROJECT_SECONDS = 10.0
"""Of MPLIB1, whose aim is stated for ten seconds an instance."""
PROJECT_SCHEDULES = 300
PEER_CORES = 2


@dataclass(frozen=True)
class Line:
    """One line of the table. ``name`` is its key in the file."""

    kind: str
    folder: Path
    chosen: str
    schedules: int | None
    seconds: float | None
    limit: int | None

    @property
    def name(self) -> str:
        budget = f"{self.seconds:g} s" if self.seconds is not None else f"{self.schedules} schedules"
        return f"{self.chosen or self.kind}, {budget}, {self.limit or 'all'}"

    def asked(self) -> argparse.Namespace:
        return argparse.Namespace(
            kind=self.kind, folder=self.folder, chosen=self.chosen, limit=self.limit, schedules=self.schedules, seconds=self.seconds, seed=1
        )  # fmt: skip

    def run(self) -> dict[str, Any]:
        asked = self.asked()
        instances = levelling.chosen(asked)
        levelling.warm(instances[0].problem)
        budget = Budget(self.schedules, self.seconds, time.process_time)
        rows = [levelling.measured(instance, budget, asked.seed) for instance in instances]
        report = levelling.summary(asked, rows)
        if self.seconds is not None and self.kind == "psplib":
            report["peer"] = levelling.peer(instances, rows, self.seconds)
        return report | {"load": _load(), "on": time.strftime("%Y-%m-%d")}

    def most_seconds(self) -> float | None:
        """CPU of one run at most; None where the budget is schedules."""
        if self.seconds is None:
            return None
        count = len(levelling.chosen(self.asked()))
        return count * self.seconds * (1 + (PEER_CORES if self.kind == "psplib" else 0))


def lines(asked: argparse.Namespace) -> Iterator[Line]:
    if asked.psplib:
        for chosen in asked.sets:
            for schedules in asked.schedules:
                yield Line("psplib", asked.psplib, chosen, schedules, None, asked.limit)
            for seconds in asked.seconds:
                yield Line("psplib", asked.psplib, chosen, None, seconds, asked.limit)
    if asked.mplib1:
        yield Line("mplib1", asked.mplib1, "", None, PROJECT_SECONDS, asked.limit)
    if asked.mpsplib:
        yield Line("mpsplib", asked.mpsplib, "", PROJECT_SCHEDULES, None, asked.limit)


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    done: dict[str, Any] = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    begin = time.monotonic()
    try:
        for line in lines(asked):
            if line.name in done:
                continue
            if asked.list:
                most = line.most_seconds()
                print(f"{line.name}: {'by schedules' if most is None else f'{most / 60:.0f} minutes of CPU at most'}")
                continue
            if asked.minutes is not None and time.monotonic() - begin > asked.minutes * 60:
                break
            done[line.name] = line.run()
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(json.dumps(done, indent=1) + "\n")
            print(row_of(line.name, done[line.name]), flush=True)
    except InstanceError as error:
        print(f"benchmarks.levelling_table: {error}", file=sys.stderr)
        return 2
    return 0 if all(found["feasible"] == found["instances"] for found in done.values()) else 1


def row_of(name: str, found: dict[str, Any]) -> str:
    """A line of the page ``docs/performance.md``."""
    peer = found.get("peer", {})
    cells = (
        name, found["instances"], found["mean_dev_critical_path"], found["mean_gap_best_known"], found["mean_gap_bound"],
        f"{found['cpu_seconds'] / found['instances']:.2f}", peer.get("mean_dev_critical_path", "–"),
        peer.get("mean_gap_best_known", "–"), found["feasible"],
    )  # fmt: skip
    return "| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |"


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m benchmarks.levelling_table", description=__doc__.partition("\n")[0]
    )
    for name in ("psplib", "mplib1", "mpsplib"):
        result.add_argument(f"--{name}", type=Path, metavar="DIR")
    result.add_argument("--sets", type=_sets, default=list(SETS), help="of PSPLIB, separated by commas")
    result.add_argument("--schedules", type=_list(levelling.positive), default=[1000, 5000, 50_000])
    result.add_argument("--seconds", type=_list(levelling.seconds_of), default=[1.0, 5.0, 20.0])
    result.add_argument("--limit", type=levelling.positive, help="only N instances of each set, spread evenly")
    result.add_argument("--minutes", type=levelling.seconds_of, help="begin no further line after so many minutes")
    result.add_argument("--out", type=Path, default=OUT)
    result.add_argument("--list", action="store_true", help="only say what is to do")
    return result


def _list(one: Any) -> Any:
    def parsed(text: str) -> list[Any]:
        return [one(part.strip()) for part in text.split(",") if part.strip()]

    return parsed


def _sets(text: str) -> list[str]:
    found = [part.strip().upper() for part in text.split(",") if part.strip()]
    if not found or set(found) - set(levelling.SETS):
        raise argparse.ArgumentTypeError(f"{text!r}: sets are {', '.join(levelling.SETS)}")
    return found


def _load() -> float | None:
    """Of the machine in the last minute: figures of a busy one are marked by it."""
    try:
        return round(os.getloadavg()[0], 1)
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
