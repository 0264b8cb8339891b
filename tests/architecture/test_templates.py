"""Every template compiles: a wrong tag is found here, not by a reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import get_template

import stellwerk

SOURCE = Path(stellwerk.__file__).parent
TEMPLATES = sorted(
    {path.relative_to(path.parents[len(path.relative_to(folder).parts) - 1]).as_posix()
     for folder in SOURCE.glob("*/templates") for path in folder.rglob("*.html")}
)  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_compiles(name):
    assert get_template(name)
