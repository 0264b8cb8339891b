"""Guards and effects of the staffing room: each subject has its own file, named here so that the registry loads it."""

from stellwerk.staffing import (
    guards_contracts,  # noqa: F401 - registers
    guards_matching,  # noqa: F401 - registers
    guards_profiles,  # noqa: F401 - registers
    guards_vacancies,  # noqa: F401 - registers
)
