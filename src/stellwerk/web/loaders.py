"""Templates are indented for whoever reads them; the browser gets their lines without the indentation."""

from __future__ import annotations

import re
from pathlib import Path

from django.template import Origin
from django_cotton import cotton_loader

OURS = Path(__file__).parents[1].as_posix()
INDENTATION = re.compile(r"\n[ \t]+")


class Loader(cotton_loader.Loader):  # type: ignore[misc]
    """Cotton's loader; runs once for a template, the cached loader keeps what came out."""

    def get_contents(self, origin: Origin) -> str:
        text: str = super().get_contents(origin)
        ours = origin.name.startswith(OURS) and origin.name.endswith(".html")
        return INDENTATION.sub("\n", text) if ours else text
