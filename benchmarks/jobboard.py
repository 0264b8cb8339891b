"""``python -m benchmarks.jobboard [--ads 10000] [--json]``: the job board under load, on the loopback interface.

Makes an empty data folder with so many published ads, serves it as installed (granian) and asks with ``wrk`` (else with
threads of Python, which are slower themselves): the same page again and again, and searches of which none was asked
before, and pages that the asker has already (answered 304). The bound in the same run is the legal notice: a page of the same frame with nothing behind it. What asks and
what answers share the machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

TOWNS = (
    ("Bremen", 53.08, 8.80), ("Hamburg", 53.55, 10.00), ("Berlin", 52.52, 13.41), ("München", 48.14, 11.58), ("Köln", 50.94, 6.96),
    ("Frankfurt", 50.11, 8.68), ("Stuttgart", 48.78, 9.18), ("Düsseldorf", 51.23, 6.78), ("Leipzig", 51.34, 12.37), ("Dresden", 51.05, 13.74),
    ("Hannover", 52.37, 9.73), ("Nürnberg", 49.45, 11.08), ("Kiel", 54.32, 10.12), ("Rostock", 54.09, 12.14), ("Oldenburg", 53.14, 8.21),
)  # fmt: skip
WHAT = (
    "Projektleitung",
    "Projektcontrolling",
    "Terminplanung",
    "Bauüberwachung",
    "Risikomanagement",
    "PMO",
    "Vertragsmanagement",
)
WHERE = ("Windpark", "Umspannwerk", "Rechenzentrum", "Krankenhaus", "Brücke", "Netzausbau", "Werkhalle")
TASK = "Sie planen Termine und Kosten im Projekt {where}, berichten dem Lenkungsausschuss und begleiten Nachträge. "
CONNECTIONS, THREADS = 16, 2


def make_ads(count: int) -> None:
    """In a migrated data folder: one client, ads all over the country. Runs in a process of its own."""
    import django

    django.setup()
    import datetime as dt

    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from stellwerk.core.db import refresh_statistics
    from stellwerk.people.models import Organisation
    from stellwerk.staffing.models import Client, Vacancy

    chance, now = random.Random(7), timezone.now()
    home = Organisation.objects.create(key="ORG-0001", name="Nordlicht")
    client = Client.objects.create(key="CLI-0001", organisation=home, name="Weserstahl", accepted_at=now)
    rows = []
    for number in range(count):
        town, north, east = chance.choice(TOWNS)
        what, where = chance.choice(WHAT), chance.choice(WHERE)
        hourly = chance.random() < 0.4
        least = chance.randrange(60, 110) * 100 if hourly else chance.randrange(50, 95) * 100_000
        rows.append(
            Vacancy(
                key=f"VAC-{number:06d}", organisation=home, client=client, number=800_000 + number, city=town,
                title=f"{what} {where} (m/w/d)", tasks=TASK.format(where=where) * 4, wanted="Erfahrung, Deutsch C1, Reisen. " * 6,
                latitude=north + chance.uniform(-0.2, 0.2), longitude=east + chance.uniform(-0.2, 0.2),
                remote=chance.choice((0, 0, 20, 50, 100)), contract_forms=[chance.choice(("permanent", "lending", "freelance"))],
                pay_unit="hour" if hourly else "year", pay_least=least, pay_most=least + least // 5, state="published",
                published_at=now - dt.timedelta(minutes=number * 5),
            )
        )  # fmt: skip
    Vacancy.objects.bulk_create(rows, batch_size=500)
    refresh_statistics(Vacancy)


@contextmanager
def served(ads: int) -> Iterator[tuple[str, int]]:
    """The address, and the process group that answers."""
    with tempfile.TemporaryDirectory(prefix="stellwerk-board-") as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        env = {**os.environ, "STELLWERK_HOME": home, "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings"}
        made = "import sys; from benchmarks.jobboard import make_ads; make_ads(int(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", made, str(ads)], env=env, check=True)
        command = [sys.executable, "-m", "stellwerk", "serve", "--port", str(port), "--no-worker"]
        server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


def cpu_seconds(group: int) -> float:
    """What the processes of a group have computed so far (Linux; elsewhere 0): it hardly depends on what else runs."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += (int(fields[11]) + int(fields[12])) * (int(fields[2]) == group)
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait(port: int) -> None:
    for _ in range(240):
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/staffing/legal/")
            if link.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.25)
    raise SystemExit("The server does not answer.")


def fresh_paths(count: int) -> list[str]:
    """Searches of which no two are the same."""
    chance = random.Random(11)
    found = []
    for number in range(count):
        town = chance.choice(TOWNS)[0]
        word = chance.choice((*WHAT, *WHERE))
        found.append(f"/jobs/?q={word}&place={town}&radius={chance.choice((25, 50, 100))}&pay={50_000 + number}&page=1")
    return found


def etag_of(base: str, path: str) -> str:
    link = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    link.request("GET", path)
    return str(link.getresponse().getheader("ETag", ""))


def ask_with_wrk(base: str, paths: list[str], seconds: int, etag: str = "") -> dict[str, float]:
    """``wrk`` with a script that takes the paths in turn and prints rate, p50 and p95; ``etag``: what is already there."""
    from urllib.parse import quote

    listed = ",".join(json.dumps(quote(path, safe="/?&=")) for path in paths)
    headers = f'{{["If-None-Match"] = {json.dumps(etag)}}}' if etag else "{}"
    script = f"""local paths = {{{listed}}}
local at, step = 0, 1
local nth = 0
function setup(thread) thread:set("first", nth); nth = nth + 1 end
function init(args) at = first end
function request() at = at + {THREADS}; return wrk.format("GET", paths[at % #paths + 1], {headers}) end
function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000, bad))
end"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        command = [
            "wrk",
            f"-t{THREADS}",
            f"-c{CONNECTIONS}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            file.name,
            base,
        ]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+)", out)
    if found is None:
        raise SystemExit(out)
    return {
        "per_second": float(found[1]),
        "p50_ms": float(found[2]),
        "p95_ms": float(found[3]),
        "errors": int(found[4]),
    }


def ask_with_threads(base: str, paths: list[str], seconds: int, etag: str = "") -> dict[str, float]:
    from urllib.parse import quote

    took: list[float] = []
    errors: list[int] = []
    until = time.monotonic() + seconds

    def run(first: int) -> None:
        link = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
        at = first
        while time.monotonic() < until:
            begin = time.perf_counter()
            link.request(
                "GET", quote(paths[at % len(paths)], safe="/?&="), headers={"If-None-Match": etag} if etag else {}
            )
            answer = link.getresponse()
            answer.read()
            took.append((time.perf_counter() - begin) * 1000)
            if answer.status != (304 if etag else 200):
                errors.append(answer.status)
            at += CONNECTIONS

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return {"per_second": len(took) / seconds, "p50_ms": took[len(took) // 2], "p95_ms": took[int(len(took) * 0.95)], "errors": len(errors)}  # fmt: skip


def measure(ads: int, seconds: int) -> dict[str, Any]:
    wrk = shutil.which("wrk") is not None
    ask = ask_with_wrk if wrk else ask_with_threads
    cases = {
        "constant page (bound)": ["/staffing/legal/"],
        "first page of the list": ["/jobs/"],
        "the list again, unchanged": ["/jobs/"],
        "one ad": [f"/jobs/{800_000 + number}" for number in range(0, ads, max(1, ads // 500))],
        "the same search again": ["/jobs/?q=Bau%C3%BCberwachung&place=Bremen&radius=50"],
        "fresh searches": fresh_paths(5000),
    }
    with served(ads) as (base, group):
        found = {}
        for name, paths in cases.items():
            etag = etag_of(base, paths[0]) if name.endswith("unchanged") else ""
            ask(base, paths, 2, etag)  # warmed up
            _wait(int(base.rsplit(":", 1)[1]))
            before = cpu_seconds(group)
            found[name] = ask(base, paths, seconds, etag)
            _wait(int(base.rsplit(":", 1)[1]))  # what was still on its way is done
            spent = (cpu_seconds(group) - before) * 1000
            found[name]["cpu_ms"] = spent / max(1.0, found[name]["per_second"] * seconds)
    return {"ads": ads, "asked_with": "wrk" if wrk else "threads", "connections": CONNECTIONS, "seconds": seconds, "load": os.getloadavg()[0], "cases": found}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.ads, given.seconds)
    if given.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{result['ads']} ads, {result['asked_with']}, {CONNECTIONS} connections, load {result['load']:.1f}")
    for name, row in result["cases"].items():
        print(f"{name:26} {row['per_second']:8.1f}/s  p50 {row['p50_ms']:8.1f} ms  p95 {row['p95_ms']:8.1f} ms  CPU {row['cpu_ms']:6.1f} ms  errors {row['errors']}")  # fmt: skip


if __name__ == "__main__":
    main()
