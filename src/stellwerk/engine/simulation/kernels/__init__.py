"""The inner loops compiled by numba (extra ``solver``). Import these modules only where the extra is installed.

Numba keeps what it compiled beside the file of the outermost function and looks at that file only: after a change in here remove ``*.nbi`` and ``*.nbc``
from ``__pycache__`` of this folder and the one above. An installation writes all files anew and needs nothing.
"""
