"""How fast a portfolio comes in, and goes again: CPU, wall time, memory and rows per second, from the file to the last commit.

``python -m benchmarks.importing [ROWS …]`` (10000 100000) takes the database that ``DATABASE_URL`` names, which must be
empty, else SQLite in a new folder. Each step runs in a process of its own, as a job does, and prints a line of JSON.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STEPS = ("first", "again", "undo")
WORDS = [
    "Anlage",
    "Werk",
    "Linie",
    "Umbau",
    "Neubau",
    "Migration",
    "Einführung",
    "System",
    "Halle",
    "Leitung",
    "Netz",
    "Plattform",
    "Service",
    "Standort",
    "Nord",
    "Süd",
]
HEAD = (
    "Projektnummer", "Projektname", "Bereich", "Ampel", "Phase", "Projektleiter", "Startdatum", "Endtermin",
    "Gesamtbudget (T€)", "Prognose (T€)", "Istkosten (T€)", "Kommentar",
)  # fmt: skip


def write_file(path: Path, rows: int, seed: int = 7) -> None:
    """A list as a large company has it: 12 columns, German forms, a long text each."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEAD)
        for number in range(rows):
            start = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(700))
            finish = start + dt.timedelta(days=rng.randrange(90, 900))
            budget = rng.randrange(50, 20000) + rng.randrange(10) / 10
            writer.writerow(
                [f"P-{number:06d}", f"{rng.choice(WORDS)} {rng.choice(WORDS)} {number}", f"Bereich {rng.randrange(40)}",
                 rng.choice(["grün", "gelb", "rot"]), rng.choice(["Planung", "Umsetzung", "Abschluss"]),
                 f"Person {rng.randrange(900)}", f"{start:%d.%m.%Y}", f"{finish:%d.%m.%Y}", german(budget),
                 german(budget * rng.uniform(0.8, 1.3)), german(budget * rng.random()),
                 " ".join(rng.choice(WORDS) for _ in range(14))]
            )  # fmt: skip


def german(value: float) -> str:
    return f"{value:,.1f}".translate(str.maketrans(",.", ".,"))


def step(name: str, path: Path, rows: int) -> dict[str, object]:
    """Import the file, import it again (nothing may change), or take the import back."""
    import django

    django.setup()
    from stellwerk.core.changesets import undo
    from stellwerk.core.models import ChangeSet
    from stellwerk.portfolio.importing import apply_import, plan_import

    begin, cpu = time.perf_counter(), time.process_time()
    if name == "undo":
        undo(ChangeSet.objects.get(kind="import", title__contains=f"BENCH{rows}"), by=None)
    else:
        plan = plan_import(file=path, portfolio_key=f"BENCH{rows}", by=None)
        apply_import(plan=plan, by=None)
        told = plan.result()
        assert (told["created"], told["unchanged"]) == ((rows, 0) if name == "first" else (0, rows)), told
    seconds = time.perf_counter() - begin
    return {
        "step": name, "rows": rows, "seconds": round(seconds, 2), "cpu_seconds": round(time.process_time() - cpu, 2),
        "rows_per_second": round(rows / seconds), "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def measure(rows: int) -> list[dict[str, object]]:
    """All steps, each in a process of its own."""
    path = Path(tempfile.mkdtemp(prefix="stellwerk-bench-")) / "portfolio_2026-10-31.csv"
    write_file(path, rows)
    found = []
    for name in STEPS:
        command = [sys.executable, "-m", "benchmarks.importing", "--step", name, str(path), str(rows)]
        found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
        print(json.dumps(found[-1]), flush=True)
    path.unlink()
    return found


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    if arguments[:1] == ["--step"]:
        print(json.dumps(step(arguments[1], Path(arguments[2]), int(arguments[3]))))
        return
    os.environ.setdefault("STELLWERK_HOME", tempfile.mkdtemp(prefix="stellwerk-bench-"))
    subprocess.run([sys.executable, "-m", "stellwerk", "migrate", "--verbosity", "0"], check=True)
    for rows in map(int, arguments or ("10000", "100000")):
        measure(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
