"""How fast line items of an ERP are booked: ``python -m benchmarks.actuals [--lines 10000] [--without-preview] [--json]``.

A CSV file of so many lines in SAP's German layout is made (deterministic; two hundred projects, one line in a hundred without a
project, one in five hundred a reversal) and imported through the service behind page and command into an empty database (SQLite in a data folder
of its own, or ``DATABASE_URL``): read, preview, book, book again. Seconds are wall time and CPU of this process; ``megabytes`` is its peak.
``parse_only`` reads the same lines and writes nothing: what the file alone costs in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECTS = 200
HEAD = "Belegnummer;BuZei;Geschäftsjahr;Periode;Buchungsdatum;Kostenart;PSP-Element;Kostenstelle;Wert/BWähr;BWähr;Stornobeleg;Buchungstext\n"


def make_file(path: Path, lines: int) -> None:
    rng = random.Random(11)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        before = ""
        for number in range(lines):
            document = str(100_000_000 + number)
            reverses = before if number % 500 == 499 else ""
            name = f"FREMD-{number % 40}" if number % 100 == 0 else f"{2401 + rng.randrange(PROJECTS)}.{1 + number % 9}"
            amount = f"{rng.randrange(1_000, 2_000_000) / 100:.2f}".replace(".", ",")
            day = 1 + number % 28
            file.write(
                f"{document};1;2026;10;{day:02}.10.2026;{417000 + number % 3};{name};4100;{amount};EUR;{reverses};Leistung {number % 1000}\n"
            )
            before = document


def prepare() -> tuple[Any, Any]:
    from stellwerk.controlling.models import CostCentre, CostType
    from stellwerk.people.models import Organisation, Unit
    from stellwerk.portfolio.models import Portfolio, Project

    organisation = Organisation.objects.create(key="BENCH", name="Bench AG")
    unit = Unit.objects.create(key="UNT-0001", name="Unit", organisation=organisation)
    portfolio = Portfolio.objects.create(key="POR", name="Portfolio", unit=unit)
    Project.objects.bulk_create(
        [
            Project(key=f"PRJ-{n:04d}", external_key=str(2401 + n), name=f"Project {n}", portfolio=portfolio, unit=unit, currency="EUR")
            for n in range(PROJECTS)
        ]
    )  # fmt: skip
    CostType.objects.create(key="CTY-1", name="Fremdleistung", accounts="417000-417999")
    CostCentre.objects.create(key="CCT-1", organisation=organisation, number="4100", name="Centre")
    return organisation, portfolio


def timed(function: Any) -> tuple[dict[str, float], Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = function()
    return {"seconds": round(time.perf_counter() - wall, 2), "cpu": round(time.process_time() - cpu, 2)}, found


def measure(lines: int, folder: Path, *, preview: bool = True) -> dict[str, Any]:
    from stellwerk.controlling.ledger import lines_of
    from stellwerk.controlling.models import ActualsImport, Booking
    from stellwerk.controlling.months import parse
    from stellwerk.controlling.services.actuals_import import import_actuals, read_layout
    from stellwerk.controlling.services.bookings import try_lines

    organisation, _portfolio = prepare()
    path = folder / "cji3.csv"
    make_file(path, lines)
    month = parse("2026-10")
    told: dict[str, Any] = {"lines": lines, "megabytes_of_file": round(path.stat().st_size / 1e6, 1)}
    with path.open("rb") as stream:
        layout = read_layout(stream, path.name, organisation=organisation, month=month)
        told["parse_only"], count = timed(lambda: sum(1 for _line in lines_of(stream, layout)))
        assert count == lines
        if preview:
            batch = ActualsImport(organisation=organisation, month=month, file_name=path.name)
            told["preview"], _outcome = timed(lambda: try_lines(batch=batch, lines=lines_of(stream, layout), by=None))

    def book() -> Any:
        with path.open("rb") as stream:
            return import_actuals(stream, path.name, organisation=organisation, by=None, month=month)[1]

    told["import"], outcome = timed(book)
    assert outcome.booked == lines == Booking.objects.count(), outcome.told()
    told["again"], outcome = timed(book)
    assert (outcome.booked, outcome.duplicates) == (0, lines)
    told["lines_per_second"] = round(lines / told["import"]["seconds"])
    told["megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    told["load"] = round(os.getloadavg()[0], 1)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--without-preview", action="store_true", help="book at once, as the command does")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["STELLWERK_HOME"] = str(Path(name) / "home")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        told = measure(options.lines, Path(name), preview=not options.without_preview)
    if options.json:
        print(json.dumps(told))
        return 0
    for step in ("parse_only", "preview", "import", "again"):
        if step not in told:
            continue
        print(f"{step:<12} {told[step]['seconds']:8.2f} s  {told[step]['cpu']:8.2f} s CPU")
    print(f"{told['lines_per_second']:,} lines per second, peak {told['megabytes']} MB, load {told['load']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
