"""Background work of the room."""

from stellwerk.controlling import jobs_actuals, jobs_evm, jobs_selection, jobs_simulation  # noqa: F401 - they register their jobs
