"""Panels of the staffing room on pages of other rooms: each subject has its own file, named here so that the registry loads it."""

from stellwerk.staffing import (
    panels_contracts,  # noqa: F401 - registers
    panels_myday,  # noqa: F401 - registers
    panels_profiles,  # noqa: F401 - registers
    panels_vacancies,  # noqa: F401 - registers
)
