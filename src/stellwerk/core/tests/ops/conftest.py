"""The texts that these tests compare are English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def english(settings: SettingsWrapper) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield
