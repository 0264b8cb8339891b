"""Background work of the room."""

from stellwerk.resources import jobs_bookings, jobs_levelling  # noqa: F401 - registers its jobs
