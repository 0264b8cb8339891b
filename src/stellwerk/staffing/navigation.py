"""Pages of the staffing room in the side bar: each subject has its own file, named here so that the registry loads it."""

from stellwerk.staffing import (
    navigation_matching,  # noqa: F401 - registers
    navigation_pay,  # noqa: F401 - registers
    navigation_profiles,  # noqa: F401 - registers
)
