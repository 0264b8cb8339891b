"""The inner loops compiled by numba (extra ``solver``). Import these modules only where the extra is installed."""

from pathlib import Path

from stellwerk.engine.kernel_cache import forget_stale

forget_stale(Path(__file__).parent, Path(__file__).parent.parent)
