"""Fonts that documents are set in: Arimo from its Python package, so that a PDF looks the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

FAMILY: Final = "Arimo"  # the metrics of Arial and Liberation Sans, so that PPTX and PDF break lines alike


@lru_cache(maxsize=2)
def typst_fonts(with_system: bool = False) -> Any:
    """Fonts for typst. System fonts join only for characters that Arimo lacks (such as Korean); Arimo stays first."""
    import typst

    return typst.Fonts(
        include_system_fonts=with_system,
        include_embedded_fonts=True,
        font_paths=[str(files("fontpkg_arimo") / "files")],
    )
