"""The inner loops. This folder is loaded twice: as it stands (plain Python) and once more compiled, see ``ways.py``.

Imports inside are relative, so that each copy calls itself; only arrays, numbers and tuples of them go in and out.
"""
