"""Checks of the money room."""

from stellwerk.controlling import checks_cases  # noqa: F401 - registers its checks
