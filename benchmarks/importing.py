"""How fast a portfolio comes in: rows per second, seconds and memory for many rows, from the file to the last commit.

``python -m benchmarks.importing [ROWS]`` uses a database of its own in a new folder and prints one JSON object.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path


def write_file(path: Path, rows: int, seed: int = 7) -> None:
    """A list as a large company has it: 14 columns, German forms, a long text each."""
    rng = random.Random(seed)
    words = [
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
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(
            ["Projektnummer", "Projektname", "Bereich", "Ampel", "Phase", "Projektleiter", "Startdatum", "Endtermin", "Gesamtbudget (T€)",
             "Prognose (T€)", "Istkosten (T€)", "Kommentar", "Standort", "Priorität"]
        )  # fmt: skip
        for number in range(rows):
            start = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(700))
            budget = rng.randrange(50, 20000) + rng.randrange(10) / 10
            writer.writerow(
                [f"P-{number:06d}", f"{rng.choice(words)} {rng.choice(words)} {number}", f"Bereich {rng.randrange(40)}",
                 rng.choice(["grün", "gelb", "rot"]), rng.choice(["Planung", "Umsetzung", "Abschluss"]),
                 f"Person {rng.randrange(900)}", f"{start:%d.%m.%Y}", f"{start + dt.timedelta(days=rng.randrange(90, 900)):%d.%m.%Y}",
                 german(budget), german(budget * rng.uniform(0.8, 1.3)), german(budget * rng.random()),
                 " ".join(rng.choice(words) for _ in range(14)), f"Standort {rng.randrange(12)}", rng.randrange(1, 6)]
            )  # fmt: skip


def german(value: float) -> str:
    return f"{value:,.1f}".translate(str.maketrans(",.", ".,"))


def measure(rows: int) -> dict[str, object]:
    """Import a fresh file, then the same again."""
    os.environ.setdefault("STELLWERK_HOME", tempfile.mkdtemp(prefix="stellwerk-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from stellwerk.portfolio.importing import apply_import, plan_import

    call_command("migrate", verbosity=0, interactive=False)
    path = Path(tempfile.mkdtemp(prefix="stellwerk-bench-")) / "portfolio_2026-10-31.csv"
    write_file(path, rows)
    result: dict[str, object] = {"rows": rows, "megabytes": round(path.stat().st_size / 1e6, 1)}
    for name in ("first", "again"):
        start, cpu = time.perf_counter(), time.process_time()
        plan = plan_import(file=path, portfolio_key="BENCH", by=None)
        planned = time.perf_counter()
        apply_import(plan=plan, by=None)
        end = time.perf_counter()
        counts = plan.result()
        result[name] = {
            "seconds": round(end - start, 2), "cpu_seconds": round(time.process_time() - cpu, 2), "plan_seconds": round(planned - start, 2),
            "rows_per_second": round(rows / (end - start)), "created": counts["created"], "unchanged": counts["unchanged"],
        }  # fmt: skip
        del plan, counts
    result["memory_megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return result


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), indent=1))
