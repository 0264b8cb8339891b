"""Addresses of the built front end. Without a build pages stay usable as plain HTML; a warning says so once."""

from __future__ import annotations

import logging
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError, DjangoViteManifestError

logger = logging.getLogger(__name__)
ENTRY = "frontend/main.ts"
ICONS = "frontend/icons.svg"
FONT = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
_MISSING = (DjangoViteAssetNotFoundError, DjangoViteManifestError)


@lru_cache(maxsize=8)
def asset_url(name: str) -> str:
    """The address of a built file by its source name, or an empty text without a build."""
    try:
        return str(DjangoViteAssetLoader.instance().generate_vite_asset_url(name, "default"))
    except _MISSING:
        logger.warning("The front end is not built (%s is missing): run `make build`.", name)
        return ""


@lru_cache(maxsize=1)
def head_tags() -> SafeString:
    """Style sheet, module script and font preload for the page head."""
    try:
        tags = str(DjangoViteAssetLoader.instance().generate_vite_asset(ENTRY, "default"))
    except _MISSING:
        logger.warning("The front end is not built: run `make build`.")
        return SafeString("")
    font = asset_url(FONT)
    preload = f'<link rel="preload" href="{font}" as="font" type="font/woff2" crossorigin>' if font else ""
    return mark_safe(preload + tags)  # noqa: S308 - built from our own manifest
