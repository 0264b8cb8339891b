"""The two ways to run the inner loops: as plain Python, and compiled by numba (extra ``solver``). Same source, same result."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from stellwerk.engine.kernel_cache import forget_stale
from stellwerk.engine.levelling import kernels

COMPILED_NAME = "stellwerk.engine.levelling.kernels_compiled"


def compiler_installed() -> bool:
    return importlib.util.find_spec("numba") is not None


@functools.cache
def way(*, compiled: bool) -> tuple[ModuleType, ModuleType]:
    """The modules ``generate`` and ``evolve`` of one way. Loading the compiled one imports numba, which takes seconds."""
    name = COMPILED_NAME if compiled else kernels.__name__
    if compiled and name not in sys.modules:
        # The same folder under a second name: its relative imports stay inside the copy, and its decorator compiles.
        spec = importlib.util.spec_from_file_location(
            name, kernels.__file__, submodule_search_locations=list(kernels.__path__)
        )
        if spec is None or spec.loader is None:
            raise ImportError(name)
        forget_stale(Path(kernels.__path__[0]))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return importlib.import_module(f"{name}.generate"), importlib.import_module(f"{name}.evolve")
