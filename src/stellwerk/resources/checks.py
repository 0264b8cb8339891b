"""Checks of demands and bookings: what nobody can do, who is booked twice, who is not there."""

from stellwerk.resources import checks_demand  # noqa: F401
