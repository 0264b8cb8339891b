"""The inner loops compiled by numba (extra ``solver``). Import these modules only where the extra is installed."""
