"""The kernel compiled by numba (extra ``solver``): the same sources, their functions replaced by compiled ones in second copies of the modules.

Import this module only where the extra is installed; compiling takes seconds the first time and is kept on disk.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import zlib
from pathlib import Path
from types import ModuleType

import numba

from stellwerk.engine.levelling.people import kernel, kernel_days


def _digest() -> str:
    """Of both sources: numba keeps what it compiled by the file of a function alone, and does not see that a function it calls has changed."""
    sum_ = 0
    for module in (kernel_days, kernel):
        assert module.__file__ is not None
        sum_ = zlib.crc32(Path(module.__file__).read_bytes(), sum_)
    return f"{sum_:08x}"


def _compiled(source: ModuleType, digest: str, others: ModuleType | None = None) -> ModuleType:
    """A copy with its functions compiled; those that it has from the other module are that copy's."""
    name = f"{source.__name__}_{digest}"
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


_DIGEST = _digest()
steps = _compiled(kernel, _DIGEST, _compiled(kernel_days, _DIGEST))
