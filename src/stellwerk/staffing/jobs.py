"""Jobs of the staffing room: each subject has its own file, named here so that the registry loads it."""

from stellwerk.staffing import (
    jobs_board,  # noqa: F401 - registers
    jobs_contracts,  # noqa: F401 - registers
    jobs_matching,  # noqa: F401 - registers
    jobs_profiles,  # noqa: F401 - registers
)
