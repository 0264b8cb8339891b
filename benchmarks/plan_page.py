"""The plan page in Chromium: frames while 5,000 rows scroll and a bar is dragged, Enter to painted in a plan of 10,000, first load of both.

``python -m benchmarks.plan_page [--rows 5000] [--edited 10000] [--keep]`` makes each plan in an empty data folder, serves it and drives a
headless Chromium by wheel, pointer and keys. Frames are counted by ``requestAnimationFrame`` in the page and by ``DrawFrame`` of a trace. As
bounds the same gesture runs over a bare page of the same height, and a trivial page is fetched between the edits. The CPU time of the main thread
for a frame says what the page costs whatever else the machine does. ``--keep`` writes ``benchmarks/results/plan_page.json`` with every gap.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("STELLWERK_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-sync",
)
CATEGORIES = (
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
    "toplevel",
)
KEPT = Path(__file__).parent / "results" / "plan_page.json"
SCROLL_SECONDS, DRAG_SECONDS, EDITS = 3, 2, 15
SPEED = 3_000
"""Pixels a second of the wheel: about 110 rows a second."""
MAKE = "import sys; from benchmarks.plan_page import make_company; make_company(int(sys.argv[1]))"

COUNT_FRAMES = """() => {
  const stamps = window.stamps = [];
  const next = time => { stamps.push(time); if (window.stamps === stamps) requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
TAKE_FRAMES = "() => { const taken = window.stamps; window.stamps = null; return taken; }"
BARE = """<body style="margin:0"><div data-pl="scroll" style="height:740px;overflow:auto"><div style="height:%dpx;background:
repeating-linear-gradient(white 0 27px, silver 27px 28px)"></div></div></body>"""
# From the key event to the second frame after the cell says the new duration, and to its text alone.
WATCH = """([id, column, wanted]) => {
  const body = document.querySelector('[data-pl=body]');
  window.edited = new Promise(done => {
    let begin = 0, fetched = null, bytes = 0;
    document.addEventListener('keydown', event => { begin = event.timeStamp; }, {capture: true, once: true});
    performance.clearResourceTimings();
    const watch = new MutationObserver(() => {
      if (!begin || document.getElementById(`pc-${id}-${column}`)?.textContent !== wanted) return;
      watch.disconnect();
      const written = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const painted = performance.now();
        const asked = performance.getEntriesByType('resource').find(one => one.name.includes('/edit/'));
        if (asked) { fetched = asked.responseEnd - asked.requestStart; bytes = asked.decodedBodySize; }
        done({painted: painted - begin, written: written - begin, request: fetched, bytes});
      }));
    });
    watch.observe(body, {childList: true, subtree: true, characterData: true});
  });
}"""
TRIVIAL = """async () => {
  const begin = performance.now();
  await (await fetch('/accounts/login/', {headers: {Accept: 'text/html'}})).text();
  return performance.now() - begin;
}"""
PAINTED = """() => new Promise(done => {
  const look = () => document.querySelector('[data-plan][data-ready]')
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))) : requestAnimationFrame(look);
  look();
})"""


def make_company(rows: int) -> None:
    """In a process of its own: the plan of ``plan_edit``, and the session cookie of its planner on standard output."""
    import django

    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from benchmarks.plan_edit import prepare

    user = prepare(rows)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(json.dumps({"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}))


@contextmanager
def served(rows: int) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server on a new plan of so many rows, and the cookie of its planner."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ, "STELLWERK_HOME": home, "STELLWERK_LANGUAGE": "de",
            "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings",
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", MAKE, str(rows)], env=environment, capture_output=True, text=True, check=True
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with (Path(home) / "server.log").open("w") as log:
            command = [sys.executable, "-m", "stellwerk", "serve", "--port", str(port), "--no-worker"]
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/accounts/login/")
            yield url, json.loads(made.stdout.splitlines()[-1])
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _turn in range(180):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("The server did not start.")


class Window:
    """A page in a Chromium of its own context, with frames and traces."""

    def __init__(self, browser: Any, url: str = "", cookie: dict[str, str] | None = None) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE")
        if cookie is not None:
            context.add_cookies([{**cookie, "url": url}])
        self.browser, self.url = browser, url
        self.moves = 0
        self.page = context.new_page()
        self.cdp = context.new_cdp_session(self.page)

    def open(self) -> float:
        """Milliseconds from the request to the painted plan."""
        self.page.goto(f"{self.url}/plans/PRJ-1/")
        return float(self.page.evaluate(PAINTED))

    def recorded(self, work: Callable[[], None]) -> dict[str, Any]:
        self.browser.start_tracing(page=self.page, categories=list(CATEGORIES))
        self.page.evaluate(COUNT_FRAMES)
        work()
        stamps = self.page.evaluate(TAKE_FRAMES)
        events = json.loads(self.browser.stop_tracing())["traceEvents"]
        return frames(stamps, events)

    def scroll(self) -> None:
        """The wheel, without a pause, down the list."""
        gesture = {
            "x": 250, "y": 500, "yDistance": -SPEED * SCROLL_SECONDS, "speed": SPEED, "gestureSourceType": "mouse", "preventFling": True,
        }  # fmt: skip
        self.cdp.send("Input.synthesizeScrollGesture", gesture)

    def drag(self) -> None:
        """One bar to and fro; Escape before it is let go, so that nothing is sent."""
        found = self.page.locator(".pc-svg rect.br").all()
        boxes = [box for box in (one.bounding_box() for one in found[:30]) if box and box["y"] > 250 and box["x"] > 700]
        x, y = boxes[0]["x"] + min(4, boxes[0]["width"] / 3), boxes[0]["y"] + 5
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        end, turn = time.perf_counter() + DRAG_SECONDS, 0
        while time.perf_counter() < end:
            turn += 1
            self.page.mouse.move(x + abs(turn % 200 - 100) * 3, y)
        self.moves = turn
        assert self.page.locator("g.drag").count() == 1, "the bar did not follow the pointer"
        self.page.keyboard.press("Escape")
        self.page.mouse.up()


def frames(stamps: Sequence[float], events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Frames a second and gaps (milliseconds) in the page, frames that the trace says were drawn, work of the main thread."""
    gaps = [after - before for before, after in pairwise(stamps)]
    seconds = (stamps[-1] - stamps[0]) / 1000
    drawn = [event for event in events if event["name"] == "DrawFrame"]
    main = {(event["pid"], event["tid"]) for event in events if event["name"] == "FireAnimationFrame"}
    tasks = [
        event for event in events
        if event["name"] in ("RunTask", "ThreadControllerImpl::RunTask") and (event["pid"], event["tid"]) in main
    ]  # fmt: skip
    cpu = sum(event.get("tdur", event.get("dur", 0)) for event in tasks) / 1000
    return {
        "frames_a_second": round(len(gaps) / seconds, 1),
        "drawn_a_second": round(len(drawn) / seconds, 1),
        "median_gap": round(statistics.median(gaps), 1),
        "p95_gap": round(sorted(gaps)[int(len(gaps) * 0.95)], 1),
        "longest_gap": round(max(gaps), 1),
        "main_thread_cpu_a_frame": round(cpu / max(1, len(gaps)), 2),
        "longest_task_cpu": round(max((event.get("tdur", 0) for event in tasks), default=0) / 1000, 1),
        "gaps": [round(gap) for gap in gaps],
    }


def check_tree(window: Window, rows: int) -> dict[str, int]:
    """The accessibility tree: a treegrid that tells how many rows there are, its rows with place, level and what is open."""
    window.page.evaluate("() => { document.querySelector('[data-pl=scroll]').scrollTop = 0; }")
    window.page.wait_for_timeout(300)
    nodes = window.cdp.send("Accessibility.getFullAXTree")["nodes"]
    by_role: dict[str, list[dict[str, Any]]] = {}
    for node in nodes:
        if not node.get("ignored"):
            by_role.setdefault(node.get("role", {}).get("value", ""), []).append(node)
    grids, lines = by_role.get("treegrid", []), by_role.get("row", [])
    assert len(grids) == 1, f"{len(grids)} treegrids"
    assert grids[0]["name"]["value"], "the treegrid has no name"
    counted = int(window.page.locator("[role=treegrid]").get_attribute("aria-rowcount"))
    assert counted == rows + 1, f"{counted} rows are told, {rows} and the head are there"
    properties = [{one["name"]: one["value"].get("value") for one in line.get("properties", [])} for line in lines]
    expanded = [one for one in properties if one.get("expanded") is True]
    levels = {one["level"] for one in properties if one.get("level")}
    assert len(lines) > 20, f"{len(lines)} rows in the tree"
    assert expanded, "no summary row tells that it is open"
    assert levels >= {1, 2}, f"levels {levels}"
    assert len(by_role.get("columnheader", [])) >= 5
    assert len(by_role.get("gridcell", [])) >= 5 * (len(lines) - 1)
    window.page.locator("[role=treegrid]").focus()
    window.page.keyboard.press("Control+End")
    last = window.page.locator(f"[role=row][aria-rowindex='{rows + 1}']")
    assert last.count() == 1, "the last row is not in the tree after Ctrl+End"
    return {"rows": len(lines), "told": counted, "expanded": len(expanded), "nodes": len(nodes)}


def edits(window: Window, place: int) -> dict[str, Any]:
    """Another duration typed into one row, :data:`EDITS` times: milliseconds from the Enter key, and what a trivial page takes."""
    page = window.page
    found: list[dict[str, float]] = []
    trivial: list[float] = []
    page.evaluate("([at]) => { document.querySelector('[data-pl=scroll]').scrollTop = at * 28 - 200; }", [place])
    line = page.locator(f"[role=row][aria-rowindex='{place + 1}']")
    line.wait_for()
    row = int(line.get_attribute("data-id"))
    for number in range(EDITS + 2):
        wanted = str(number % 7 + 11)
        page.locator(f"#pc-{row}-2").dblclick()
        page.locator(".pg-edit").fill(wanted)
        page.evaluate(WATCH, [row, 2, wanted])
        page.keyboard.press("Enter")
        found.append(page.evaluate("() => window.edited"))
        trivial.append(page.evaluate(TRIVIAL))
    told = page.locator("[data-pl=cards] .mut").first.inner_text()
    summary: dict[str, Any] = {
        name: _spread([one[name] for one in found[2:]]) for name in ("painted", "written", "request")
    }
    return {
        **summary,
        "trivial_page": _spread(trivial[2:]),
        "kilobytes": round(found[-1]["bytes"] / 1000),
        "told": told,
    }


def _spread(values: list[float]) -> dict[str, float]:
    rows = sorted(values)
    return {
        "median": round(statistics.median(rows), 1), "p95": round(rows[int(len(rows) * 0.95)], 1), "least": round(rows[0], 1),
    }  # fmt: skip


def measure(rows: int, edited: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {"rows": rows, "edited": edited, "load_before": round(os.getloadavg()[0], 1)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        found["chromium"] = browser.version
        bare = Window(browser)
        bare.page.set_content(BARE % (rows * 28))
        found["scroll, bare page"] = bare.recorded(bare.scroll)
        bare.page.close()
        with served(rows) as (url, cookie):
            window = Window(browser, url, cookie)
            found[f"first load, {rows} rows"] = _spread([window.open() for _turn in range(5)])
            found["accessibility"] = check_tree(window, rows)
            window.open()
            found["drag"] = window.recorded(window.drag)
            # A frame is only drawn where the pointer has moved since the last one: how often this program could move it.
            found["drag"]["moves_a_second"] = round(window.moves / DRAG_SECONDS, 1)
            found["scroll"] = window.recorded(window.scroll)
            window.page.locator('[data-zoom="day"]').click()
            window.page.evaluate("() => { document.querySelector('[data-pl=scroll]').scrollTop = 0; }")
            window.page.wait_for_timeout(300)
            found["scroll, zoom day"] = window.recorded(window.scroll)
            window.page.close()
        with served(edited) as (url, cookie):
            window = Window(browser, url, cookie)
            found[f"first load, {edited} rows"] = _spread([window.open() for _turn in range(5)])
            found["edit, near the end"] = edits(window, edited - 100)
            found["edit, second row"] = edits(window, 2)
        browser.close()
    found["load_after"] = round(os.getloadavg()[0], 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--edited", type=int, default=10_000)
    parser.add_argument("--keep", action="store_true", help="write the result with every gap beside the benchmark")
    options = parser.parse_args()
    found = measure(options.rows, options.edited)
    if options.keep:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(found) + "\n", encoding="utf-8")
    for name, value in found.items():
        shown = {key: one for key, one in value.items() if key != "gaps"} if isinstance(value, dict) else value
        print(f"{name:24} {shown}")


if __name__ == "__main__":
    main()
