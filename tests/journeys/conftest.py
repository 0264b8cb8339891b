"""Chromium against a real server with the demo company.

Without Chromium these tests are skipped and say so; with ``STELLWERK_REQUIRE_BROWSER=1`` they fail instead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import browsers
from tests.journeys import serving
from tests.journeys.watching import Visit

REQUIRED = os.environ.get("STELLWERK_REQUIRE_BROWSER") == "1"
CAST = ("petra", "anton", "gerda", "paul", "rita", "conny", "stefan", "elke", "tom", "ada", "walter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skipped before anything is set up: the company and the server of these tests take longer than a hundred others."""
    if REQUIRED or browsers.chromium() is not None:
        return
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.skip(reason=f"NO BROWSER: {browsers.MISSING}"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str, migrated_file: Path) -> Path:
    """A data folder with the demo company, shared by all processes of this run: never write to it."""
    base = tmp_path_factory.getbasetemp()
    return serving.load_demo((base if worker_id == "master" else base.parent) / "demo-company", migrated_file)


@pytest.fixture(scope="session")
def pages(demo: Path) -> list[dict[str, Any]]:
    return list(json.loads((demo / "pages.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def home(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This process's own copy of the demo company."""
    return serving.copy_of(demo, tmp_path_factory.mktemp("journeys") / "home")


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[str]:
    """The address of a server on this process's own copy of the demo company."""
    with serving.serving(home) as url:
        yield url


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser; ended with this package, because its event loop would forbid other tests the database."""
    path = browsers.chromium()
    if path is None:
        pytest.fail(f"NO BROWSER: {browsers.MISSING}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=browsers.FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="package")
def states(chromium: Any, server: str) -> dict[str, Any]:
    """Signed-in sessions by name, filled when first needed."""
    return {}


@pytest.fixture
def visit(chromium: Any, server: str, states: dict[str, Any]) -> Iterator[Callable[..., Visit]]:
    """``visit("petra", width=390)``: a page in a browser of her own, signed in; its faults are collected."""
    opened: list[Visit] = []

    def open_page(role: str = "visitor", *, width: int = 1440, height: int = 900, **options: Any) -> Visit:
        if role != "visitor" and role not in states:
            fresh = Visit(chromium, server, width=1440, height=900)
            fresh.sign_in(role)
            states[role] = fresh.context.storage_state()
            fresh.close()
        state = states.get(role)
        one = Visit(chromium, server, width=width, height=height, storage_state=state, **options)
        opened.append(one)
        return one

    yield open_page
    for one in opened:
        one.close()
