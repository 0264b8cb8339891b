"""The pictures of README and user guide, taken from the running demo: ``python -m tests.screenshots``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import browsers

IMAGES = Path(__file__).parent.parent / "docs" / "images"
PAGES = {
    "board": ("petra", "/portfolio/board/NORDLICHT", 1440),
    "cockpit": ("petra", "/portfolio/projects/PRJ-0001", 1440),
    "report": ("petra", "/reports/REP-0014", 1440),
    "import": ("petra", "/portfolio/import", 1440),
    "myday": ("petra", "/", 1440),
    "board-phone": ("petra", "/portfolio/board/NORDLICHT", 390),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: int = 180) -> None:
    for _ in range(seconds * 2):
        try:
            urllib.request.urlopen(url, timeout=2)  # noqa: S310 - our own server on this machine
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(url)


def take(browser: Browser, base: str, language: str) -> None:
    for name, (who, path, width) in PAGES.items():
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light", locale=language)
        page = context.new_page()
        page.goto(f"{base}/accounts/login/")
        page.locator(f'form[action$="/{who}"] button').click()
        page.wait_for_load_state("networkidle")
        choose(page, language)
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"{name}-{language}.png"
        page.screenshot(path=str(file), full_page=width > 390)
        Image.open(file).convert("RGB").quantize(128).save(file, optimize=True)
        context.close()


def choose(page: Page, language: str) -> None:
    """The language of the account, by the form of the shell."""
    page.evaluate(
        """async (language) => {
            const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
            const body = new URLSearchParams({language, csrfmiddlewaretoken: token});
            await fetch('/preferences/shell', {method: 'POST', body});
        }""",
        language,
    )


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = browsers.chromium()
    if path is None:
        print(browsers.MISSING, file=sys.stderr)
        return 1
    port = free_port()
    home = os.environ.get("STELLWERK_SCREENSHOT_HOME") or tempfile.mkdtemp(prefix="stellwerk-pictures-")
    environment = os.environ | {"STELLWERK_HOME": home, "STELLWERK_DEMO": "1"}
    command = [sys.executable, "-m", "stellwerk", "demo", "--port", str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/accounts/login/")
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=str(path), args=browsers.FLAGS)
            for language in ("de", "en"):
                take(browser, f"http://127.0.0.1:{port}", language)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
