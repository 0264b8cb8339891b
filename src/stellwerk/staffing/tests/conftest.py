"""The staffing cast as a fixture."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from stellwerk.staffing.tests.company import Staffing, build_staffing
from stellwerk.testing import Cast


@pytest.fixture(autouse=True)
def _no_rate_is_used_up() -> None:
    """What earlier tests sent counts for nobody: rate limits stand in the cache of the process."""
    cache.clear()


@pytest.fixture
def staffed(cast: Cast) -> Staffing:
    return build_staffing(cast)
