"""The kernel compiled by numba (extra ``solver``): the same source, its functions replaced by compiled ones in a second copy of the module.

Import this module only where the extra is installed; compiling takes seconds the first time and is kept on disk.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from types import ModuleType

import numba

from stellwerk.engine.levelling.people import kernel


def _compiled() -> ModuleType:
    name = f"{kernel.__name__}_compiled"
    spec = importlib.util.spec_from_file_location(name, kernel.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    for called, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == name:
            setattr(module, called, numba.njit(cache=True, nogil=True)(function))
    return module


steps = _compiled()
