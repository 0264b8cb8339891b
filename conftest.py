"""The known cast is at hand in every test."""

from __future__ import annotations

import gc
import os

import pytest

gc.disable()  # until all is loaded

pytest_plugins = ["stellwerk.testing", "stellwerk.core.tests.installed", "stellwerk.planning.exchange.tests.converting"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``STELLWERK_ONLY_DATABASE=1``: only what touches a database; the rest says the same on each of them (``tests/postgres.py``)."""
    if os.environ.get("STELLWERK_ONLY_DATABASE") != "1":
        return
    kept, left = [], []
    for item in items:
        # Below tests/ whole installations are started: what they need stands in no fixture. Those of tests/kill are embedded.
        parts = item.path.relative_to(config.rootpath).parts
        whole = parts[0] == "tests" and parts[1] not in {"architecture", "kill"}
        touches = item.get_closest_marker("django_db") is not None or "db" in getattr(item, "fixturenames", ())
        (kept if whole or touches else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def pytest_collection_finish() -> None:
    """All modules and tests stay until the end: the garbage collector need not look at them again and again."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)
