"""Lists of the staffing room: each subject has its own file, named here so that the registry loads it."""

from stellwerk.staffing import (
    lists_contracts,  # noqa: F401 - registers
    lists_matching,  # noqa: F401 - registers
    lists_pay,  # noqa: F401 - registers
    lists_profiles,  # noqa: F401 - registers
    lists_vacancies,  # noqa: F401 - registers
)
