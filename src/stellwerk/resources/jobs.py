"""Background work of the room."""

from stellwerk.resources import jobs_bookings  # noqa: F401 - registers its jobs
