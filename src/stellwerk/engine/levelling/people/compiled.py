"""The kernel compiled by numba (extra ``solver``): the same sources, their functions replaced by compiled ones in second copies of the modules.

Import this module only where the extra is installed; compiling takes seconds the first time and is kept on disk.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import numba

from stellwerk.engine.kernel_cache import forget_stale
from stellwerk.engine.levelling.people import kernel, kernel_days


def _compiled(source: ModuleType, others: ModuleType | None = None) -> ModuleType:
    """A copy with its functions compiled; those that it has from the other module are that copy's."""
    name = f"{source.__name__}_compiled"
    spec = importlib.util.spec_from_file_location(name, source.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    for called, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == name:
            setattr(module, called, numba.njit(cache=True, nogil=True)(function))
        elif others is not None and hasattr(others, called):
            setattr(module, called, getattr(others, called))
    return module


forget_stale(Path(__file__).parent)
steps = _compiled(kernel, _compiled(kernel_days))
