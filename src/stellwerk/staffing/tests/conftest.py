"""The staffing cast as a fixture."""

from __future__ import annotations

import pytest

from stellwerk.staffing.tests.company import Staffing, build_staffing
from stellwerk.testing import Cast


@pytest.fixture
def staffed(cast: Cast) -> Staffing:
    return build_staffing(cast)
