"""One company for all tests of this folder: loading it takes longer than most of them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from stellwerk.demo.company import Company, Size
from stellwerk.demo.generate import generate


@pytest.fixture(scope="package")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """As it is on Monday, 23 November 2026. Whoever changes rows does it in a transaction of their own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield generate(Size(projects=60, people=120, seed=7), today=dt.date(2026, 11, 23))
        transaction.set_rollback(True)
